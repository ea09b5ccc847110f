"""Histograms of local binary patterns in a grid of cells, in batches of images (docs/decisions/013)."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from visiontk.baselines.grey import grey_integers
from visiontk.baselines.image_inputs import StatelessTransformer
from visiontk.core import Inputs, Ints

BATCH = 512
BATCH_PIXELS = 1_000_000
NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
N_CODES = 59
"""58 uniform patterns, with at most two changes between dark and light around the circle, and one for the rest."""


class LocalBinaryPatterns(StatelessTransformer):
    """Histograms of uniform local binary patterns [1]_ in a grid of cells [2]_.

    A bit of the code of a pixel is set where a neighbour is brighter by at least `tolerance`, which ignores
    noise in flat regions; 0 gives the comparison of [1]_. Neighbours lie on a square, so nothing is
    interpolated; at the border the edge is repeated.

    Parameters
    ----------
    grid : int
        Cells along each side.
    radii : tuple of int
        Distances of the neighbours in pixels; the histograms of all radii are concatenated.
    tolerance : int
        Grey levels, 0 to 255.

    References
    ----------
    .. [1] Ojala, Pietikäinen and Mäenpää (2002), Multiresolution gray-scale and rotation invariant
       texture classification with local binary patterns, IEEE PAMI 24, 971.
    .. [2] Ahonen, Hadid and Pietikäinen (2006), Face description with local binary patterns, IEEE
       PAMI 28, 2037.

    Examples
    --------
    >>> LocalBinaryPatterns(grid=2, radii=(1,)).transform(np.zeros((3, 8, 8, 1), np.uint8)).shape
    (3, 236)
    """

    def __init__(self, grid: int = 4, radii: tuple[int, ...] = (1, 2, 3), tolerance: int = 3) -> None:
        self.grid = grid
        self.radii = radii
        self.tolerance = tolerance

    def transform(self, x: Inputs) -> NDArray[np.float32]:
        """Return the relative frequency of each pattern in each cell, shape (n, len(radii) * grid * grid * 59)."""
        size = max(min(BATCH, BATCH_PIXELS // (x.shape[1] * x.shape[2])), 1)
        return np.concatenate([self._histograms(grey_integers(x[i : i + size])) for i in range(0, len(x), size)])

    def _histograms(self, images: NDArray[np.int16]) -> NDArray[np.float32]:
        n, height, width = images.shape
        grid = min(self.grid, height, width)
        cell = (np.arange(height) * grid // height)[:, None] * grid + np.arange(width) * grid // width
        start = (np.arange(n)[:, None, None] * grid * grid + cell) * N_CODES
        histograms = []
        for radius in self.radii:
            index = start + uniform_codes()[self._codes(images, radius)]
            counts = np.bincount(index.ravel(), minlength=n * grid * grid * N_CODES)
            frequencies = counts.reshape(n, grid * grid, N_CODES) / np.bincount(cell.ravel())[:, None]
            histograms.append(frequencies.reshape(n, -1).astype(np.float32))
        return np.concatenate(histograms, axis=1)

    def _codes(self, images: NDArray[np.int16], radius: int) -> Ints:
        _, height, width = images.shape
        padded = np.pad(images, ((0, 0), (radius, radius), (radius, radius)), mode="edge")
        code = np.zeros(images.shape, np.int64)
        for bit, (down, right) in enumerate(NEIGHBOURS):
            top, left = radius * (1 + down), radius * (1 + right)
            neighbour = padded[:, top : top + height, left : left + width]
            code |= (neighbour >= images + self.tolerance).astype(np.int64) << bit
        return code


@functools.lru_cache(maxsize=1)
def uniform_codes() -> Ints:
    """Return the number of the pattern of each of the 256 codes, ndarray of int64.

    Examples
    --------
    >>> len(set(uniform_codes().tolist()))
    59
    """
    table = np.full(256, N_CODES - 1, dtype=np.int64)
    n_uniform = 0
    for code in range(256):
        bits = [(code >> i) & 1 for i in range(8)]
        if sum(bits[i] != bits[i - 1] for i in range(8)) <= 2:
            table[code] = n_uniform
            n_uniform += 1
    return table
