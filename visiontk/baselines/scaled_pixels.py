"""Pixels as features."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visiontk.baselines.image_inputs import StatelessTransformer
from visiontk.core import Inputs


class ScaledPixels(StatelessTransformer):
    """The pixels of each image in one row, scaled to 0 to 1.

    Examples
    --------
    >>> ScaledPixels().transform(np.full((2, 4, 4, 1), 255, np.uint8)).max()
    np.float32(1.0)
    """

    def transform(self, x: Inputs) -> NDArray[np.float32]:
        """Return pixels, shape (n, height * width * channels)."""
        return x.reshape(len(x), -1).astype(np.float32) / np.float32(255)
