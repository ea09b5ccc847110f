"""Side of the squares that learners see, chosen from the images, and what happens to the aspect."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from visiontk.data.formats.image import image_size

LIMITS = (8, 64)
"""Smallest and largest side that are chosen.

Learners need 8 pixels; more than 64 cost more than they gain at the default budget (decision 019).
"""

LOOKED_AT = 200
"""Images whose size decides, spread evenly over the list of files."""

Side = Literal["auto"] | int


class Sizes(NamedTuple):
    """Widths and heights of some of the images, and the number of all."""

    pairs: tuple[tuple[int, int], ...]
    n: int

    @property
    def shorter_side(self) -> int:
        """Median of the shorter sides; 0 without images."""
        return int(np.median([min(pair) for pair in self.pairs])) if self.pairs else 0


def sizes_in(root: Path, names: Sequence[str]) -> Sizes:
    """Sizes of images in files, by their headers, of at most `LOOKED_AT`; unreadable ones are left out.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Image.new("L", (40, 30)).save(Path(folder, "sky.png"))
    ...     sizes_in(Path(folder), ["sky.png", "none.png"])
    Sizes(pairs=((40, 30),), n=2)
    """
    n = len(names)
    spread = np.unique(np.linspace(0, n - 1, min(n, LOOKED_AT)).astype(np.int64))
    pairs = (image_size(root / names[i]) for i in spread.tolist())
    return Sizes(tuple(pair for pair in pairs if pair), n)


def chosen_side(size: Side, shorter_side: int) -> int:
    """Side of the squares: as given, or the median of the shorter sides within `LIMITS`: nothing is enlarged.

    Examples
    --------
    >>> chosen_side("auto", 28), chosen_side("auto", 480), chosen_side(96, 28)
    (28, 64, 96)
    """
    if size != "auto":
        return size
    least, most = LIMITS
    return max(min(shorter_side or most, most), least)


_HOW = {
    "pad": "aspect kept by a border",
    "crop": "aspect kept by cropping to the middle",
    "stretch": "stretched to a square",
}


def size_note(smallest: tuple[int, int], largest: tuple[int, int], square: bool, side: int, aspect: str) -> str:
    """Sizes of images and of the squares made of them, for a card or a plan; empty if all have that size already.

    Examples
    --------
    >>> size_note((30, 40), (400, 300), False, 64, "pad")
    'images of 30x40 to 400x300 pixels read at 64x64, aspect kept by a border'
    """
    if square and smallest == largest == (side, side):
        return ""
    low, high = ("x".join(map(str, pair)) for pair in (smallest, largest))
    sizes = low if low == high else f"{low} to {high}"
    return f"images of {sizes} pixels read at {side}x{side}" + ("" if square else f", {_HOW[aspect]}")


def planned(sizes: Sizes, side: int, aspect: str) -> str:
    """`size_note` before the images are read."""
    if not sizes.pairs:
        return ""
    seen = f" ({len(sizes.pairs)} of {sizes.n:,} looked at)" if len(sizes.pairs) < sizes.n else ""
    square = all(width == height for width, height in sizes.pairs)
    note = size_note(min(sizes.pairs), max(sizes.pairs), square, side, aspect)
    return (note or f"images of {side}x{side} pixels read as they are") + seen
