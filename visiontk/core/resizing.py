"""Images in memory that are read at any size: bilinear and antialiased, without another package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from visiontk.core.arrays import Inputs, Ints
from visiontk.errors import DataError

_AT_ONCE = 32


class Read(Protocol):
    """Reader of inputs: takes positions in the source, returns an ndarray of shape (m, ...)."""

    def __call__(self, index: Ints, /) -> Inputs:
        """Inputs at these positions."""


@runtime_checkable
class ResizableRead(Protocol):
    """Reader of images whose source can be read at another size."""

    def __call__(self, index: Ints, /) -> Inputs:
        """Inputs at these positions."""

    def at_size(self, side: int) -> Read:
        """Reader of the same images as squares of `side` pixels."""


@dataclass(frozen=True, eq=False)
class ArrayRead:
    """Reader of an array; images of shape (n, height, width, channels) are also read at another size.

    Examples
    --------
    >>> ArrayRead(np.zeros((3, 8, 6, 1), np.uint8)).at_size(4)(np.array([0, 2])).shape
    (2, 4, 4, 1)
    """

    values: Inputs
    side: int = 0  # of the images read; 0 for that of the array

    def __call__(self, index: Ints, /) -> Inputs:
        """Inputs at these positions."""
        values = np.asarray(self.values[index])
        return resized(values, self.side) if self.side else values

    def at_size(self, side: int) -> Read:
        """Reader that resizes what it reads, see `resized`."""
        return ArrayRead(self.values, side)


@dataclass(frozen=True, eq=False)
class MappedRead:
    """Reader whose inputs pass through a function; at another size they are resized before.

    Examples
    --------
    >>> MappedRead(ArrayRead(np.zeros((3, 8, 8, 1))), lambda x: x + 1).at_size(2)(np.array([0])).ravel().tolist()
    [1.0, 1.0, 1.0, 1.0]
    """

    read: Read
    step: Callable[[Inputs], Inputs]

    def __call__(self, index: Ints, /) -> Inputs:
        """Inputs at these positions."""
        return self.step(self.read(index))

    def at_size(self, side: int) -> Read:
        """Reader of the source at another size, whose inputs pass through the function as well."""
        return MappedRead(read_at_size(self.read, side), self.step)


def read_at_size(read: Read, side: int) -> Read:
    """Reader of the same images at another size.

    Raises
    ------
    DataError
        ``E-DATA-SHAPE`` if the reader has no other size.
    """
    if not isinstance(read, ResizableRead):
        raise DataError(f"Inputs that are no images cannot be read at {side} pixels.", error_id="E-DATA-SHAPE")
    return read.at_size(side)


def resized(images: Inputs, side: int) -> Inputs:
    """Images as squares; the longer side fills the square, and the mean of the border the rest.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels)
        Of integers or floats.
    side : int
        Of the result in pixels, at least 1; smaller images are enlarged.

    Returns
    -------
    ndarray of shape (n, side, side, channels)
        Of the same dtype.

    Examples
    --------
    >>> resized(np.array([0, 0, 9, 9], np.uint8).reshape(1, 2, 2, 1), 1).item()
    4
    """
    n, height, width, channels = images.shape
    if height == width == side:
        return images
    longest = max(height, width)
    h, w = (max(round(length * side / longest), 1) for length in (height, width))
    rows, columns = _weights(height, h), _weights(width, w)
    top, left = (side - h) // 2, (side - w) // 2
    squares = np.empty((n, side, side, channels), images.dtype)
    for start in range(0, n, _AT_ONCE):
        x = images[start : start + _AT_ONCE].astype(np.float32)
        border = np.concatenate([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], axis=1).mean(axis=1)
        x = (rows @ x.reshape(len(x), height, -1)).reshape(-1, width, channels)
        x = (columns @ x).reshape(-1, h, w, channels)
        whole = np.issubdtype(images.dtype, np.integer)
        place = squares[start : start + _AT_ONCE]
        place[:] = (np.rint(border) if whole else border)[:, None, None]
        place[:, top : top + h, left : left + w] = np.rint(x) if whole else x
    return squares


def _weights(length: int, new: int) -> NDArray[np.float32]:
    """Weights of the old pixels in the new ones, shape (new, length): a triangle as wide as two pixels of the coarser.

    The support grows with the reduction, which makes it antialiased.
    """
    scale = length / new
    reach = max(scale, 1.0)
    centres = (np.arange(new) + 0.5) * scale
    distance = np.abs(np.arange(length) + 0.5 - centres[:, None]) / reach
    weights = np.clip(1 - distance, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)
