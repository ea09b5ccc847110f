"""Grey images of any depth and unit: a window of values becomes 0 to 65535, and the result a square."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import resized
from visiontk.errors import ConfigError

Values = NDArray[np.float64]
FULL = 65535
LOW, HIGH = 0.5, 99.5
"""Percentiles for black and white without a window."""


class Window(NamedTuple):
    """Values mapped to black and white."""

    low: float
    high: float


def percentile_window(values: Values, *, known: NDArray[np.bool_] | None = None) -> Window:
    """From the 0.5th to the 99.5th percentile of the `known` pixels; an image of one value gets a window of width 1.

    Examples
    --------
    >>> percentile_window(np.arange(201.0))
    Window(low=1.0, high=199.0)
    """
    counted = values if known is None or not known.any() else values[known]
    low, high = (float(v) for v in np.percentile(counted, [LOW, HIGH]))
    if high <= low:
        low, high = float(counted.min()), float(counted.max())
    return Window(low, high if high > low else low + 1)


def windowed(values: Values, window: Window) -> Values:
    """Values as shares of the window, clipped to [0, 1].

    Examples
    --------
    >>> windowed(np.array([-5.0, 0.0, 5.0, 20.0]), Window(0.0, 10.0)).tolist()
    [0.0, 0.0, 0.5, 1.0]
    """
    return np.clip((values - window.low) / (window.high - window.low), 0, 1)


def square(shares: Values, size: int, aspect: Literal["pad", "stretch"] = "pad") -> NDArray[np.uint16]:
    """Shares 0 to 1 of any shape as a square of 0 to 65535, bilinear and antialiased.

    "pad" keeps the aspect ratio and fills the rest with the mean of the border; "stretch" does not.

    Examples
    --------
    >>> square(np.ones((3, 5)), 2).tolist()
    [[65535, 65535], [65535, 65535]]
    """
    from PIL import Image

    if shares.shape != (size, size) and aspect == "stretch":
        image = Image.fromarray(shares.astype(np.float32))
        shares = np.asarray(image.resize((size, size), Image.Resampling.BILINEAR), dtype=np.float64)
    elif shares.shape != (size, size):
        shares = resized(shares[None, ..., None], size)[0, ..., 0]
    return np.rint(np.clip(shares, 0, 1) * FULL).astype(np.uint16)


def chosen_window(center: float | None, width: float | None) -> Window | None:
    """Window from its centre and width, both finite and the width above 0, or None without them."""
    if center is None and width is None:
        return None
    if center is None or width is None or not np.isfinite([center, width]).all() or width <= 0:
        raise ConfigError(
            f"center: {center}, width: {width}; give both, with a width above 0, or neither.",
            error_id="E-CONFIG-RANGE",
        )
    return Window(center - width / 2, center + width / 2)


def luma(pixels: NDArray[Any]) -> Values:
    """Colours (height, width, 3) as grey, by ITU-R BT.601."""
    return np.asarray(pixels.astype(np.float64) @ np.array([0.299, 0.587, 0.114]))
