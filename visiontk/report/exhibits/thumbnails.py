"""Small images as data URIs, for galleries."""

from __future__ import annotations

import base64
import io
import re
import struct

import numpy as np
from numpy.typing import NDArray

LARGEST_URI = 300_000
_URI = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")


def is_image_uri(uri: object) -> bool:
    """True for a base64 data URI of an image of at most 300 kB, the only images that a page shows."""
    return isinstance(uri, str) and len(uri) <= LARGEST_URI and _URI.fullmatch(uri) is not None


def image_uri(pixels: NDArray[np.uint8], *, largest: int = 160) -> str:
    """An image as ``data:image/png;base64,...``, subsampled so that no side has more than `largest` pixels.

    Examples
    --------
    >>> image_uri(np.zeros((8, 8), np.uint8))[:30]
    'data:image/png;base64,iVBORw0K'
    """
    from PIL import Image

    if pixels.dtype != "uint8" or pixels.ndim not in (2, 3) or 0 in pixels.shape:
        raise ValueError(f"Expected uint8 pixels (height, width[, 1 or 3]), not {pixels.dtype} {pixels.shape}.")
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels not in (1, 3):
        raise ValueError(f"Expected 1 or 3 channels, not {channels}.")
    step = -(-max(pixels.shape[:2]) // largest)
    small = pixels[::step, ::step]
    file = io.BytesIO()
    Image.fromarray(small[..., 0] if small.ndim == 3 and channels == 1 else small).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def is_low_resolution(uri: str) -> bool:
    """True for a PNG with no side over 72 pixels, which is enlarged without smoothing.

    Examples
    --------
    >>> is_low_resolution(image_uri(np.zeros((28, 28), np.uint8)))
    True
    """
    prefix = "data:image/png;base64,"
    start = base64.b64decode(uri[len(prefix) : len(prefix) + 32]) if uri.startswith(prefix) else b""
    return len(start) == 24 and max(struct.unpack(">II", start[16:24])) <= 72
