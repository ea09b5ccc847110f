"""Grey levels of colour images by ITU-R BT.601."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Inputs

LUMA = np.array([0.299, 0.587, 0.114])


def grey_integers(images: Inputs) -> NDArray[np.int16]:
    """Return grey levels 0 to 255, rounded, of 8-bit images of shape (n, height, width, 1 or 3).

    Examples
    --------
    >>> grey_integers(np.full((1, 2, 2, 3), 9, np.uint8)).tolist()
    [[[9, 9], [9, 9]]]
    """
    if images.shape[-1] == 1:
        return images[..., 0].astype(np.int16)
    return np.asarray(np.round(images @ LUMA), dtype=np.int16)


def grey_floats(images: Inputs) -> NDArray[np.float32]:
    """Return grey levels of images of shape (n, height, width, 1 or 3) and any depth, not rounded.

    Examples
    --------
    >>> grey_floats(np.full((1, 1, 2, 3), 9, np.uint16)).tolist()
    [[[9.0, 9.0]]]
    """
    if images.shape[-1] == 1:
        return images[..., 0].astype(np.float32)
    return np.asarray(images.astype(np.float32) @ LUMA.astype(np.float32))
