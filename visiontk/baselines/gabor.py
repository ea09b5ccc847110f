"""Pooled magnitudes of Gabor filters, in batches of images (docs/decisions/013)."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from visiontk.baselines.grey import grey_integers
from visiontk.baselines.image_inputs import StatelessTransformer
from visiontk.baselines.pooling import pooling_weights
from visiontk.core import Inputs

BATCH = 16
BANDWIDTH = np.pi
"""Standard deviation of the Gaussian times the wave number: a bandwidth of about one octave and a half."""

STEP = np.sqrt(2.0)
"""Ratio of successive wavelengths: half an octave."""


class Gabor(StatelessTransformer):
    """Mean magnitudes of Gabor filters of several wavelengths and directions [1]_ in a grid of cells.

    The filters are those of [2]_: zero mean, half an octave apart. They are applied in the frequency domain,
    with the image mirrored at its border. Each image is first standardized to mean 0 and standard deviation 1.

    Parameters
    ----------
    scales : int
        Wavelengths: 4 pixels, 5.7, 8, and so on.
    orientations : int
        Directions over 180 degrees.
    grid : int
        Cells along each side.

    References
    ----------
    .. [1] Lyons, Akamatsu, Kamachi and Gyoba (1998), Coding facial expressions with Gabor wavelets, FG.
    .. [2] Wiskott, Fellous, Krüger and von der Malsburg (1997), Face recognition by elastic bunch graph
       matching, IEEE PAMI 19, 775, equations 2 and 3.

    Examples
    --------
    >>> Gabor(scales=2, orientations=4, grid=3).transform(np.zeros((5, 20, 20, 1), np.uint8)).shape
    (5, 72)
    """

    def __init__(self, scales: int = 5, orientations: int = 8, grid: int = 7) -> None:
        self.scales = scales
        self.orientations = orientations
        self.grid = grid

    def transform(self, x: Inputs) -> NDArray[np.float32]:
        """Return mean magnitudes, shape (n, scales * orientations * grid * grid)."""
        height, width = x.shape[1:3]
        rows, columns = (pooling_weights(side, min(self.grid, side)) for side in (height, width))
        margin = min(height, width, round(2 * 4 * STEP ** (self.scales - 1))) - 1
        bank = _bank(self.scales, self.orientations, height + 2 * margin, width + 2 * margin)
        batches = (x[i : i + BATCH] for i in range(0, len(x), BATCH))
        return np.concatenate([self._pooled(batch, bank, margin, rows, columns) for batch in batches])

    def _pooled(
        self, x: Inputs, bank: NDArray[np.float32], margin: int, rows: NDArray[np.float32], columns: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        from scipy.fft import fft2, ifft2

        images = grey_integers(x).astype(np.float32)
        n, height, width = images.shape
        images -= images.mean(axis=(1, 2), keepdims=True)
        # A constant image stays 0.
        images /= np.maximum(images.std(axis=(1, 2), keepdims=True), 1)
        padded = np.pad(images, ((0, 0), (margin, margin), (margin, margin)), mode="reflect")
        spectrum = fft2(padded)
        pooled = np.empty((n, len(bank), len(rows) * len(columns)), np.float32)
        inner = slice(margin, margin + height), slice(margin, margin + width)
        for i, response in enumerate(bank):
            magnitude = np.abs(ifft2(spectrum * response)[:, *inner])
            pooled[:, i] = (rows @ magnitude @ columns.T).reshape(n, -1)
        return pooled.reshape(n, -1)


@functools.lru_cache(maxsize=4)
def _bank(scales: int, orientations: int, height: int, width: int) -> NDArray[np.float32]:
    """Return real frequency responses, shape (scales * orientations, height, width)."""
    down = 2 * np.pi * np.fft.fftfreq(height)[:, None]
    right = 2 * np.pi * np.fft.fftfreq(width)[None, :]
    filters = []
    for scale in range(scales):
        k = np.pi / 2 / STEP**scale
        for i in range(orientations):
            angle = np.pi * i / orientations
            along = right * np.cos(angle) + down * np.sin(angle)
            across = down * np.cos(angle) - right * np.sin(angle)
            spread = BANDWIDTH**2 / (2 * k * k)
            gauss = np.exp(-spread * ((along - k) ** 2 + across**2))
            # The second term removes the response to the mean.
            filters.append(gauss - np.exp(-spread * (along**2 + across**2 + k * k)))
    return np.array(filters, dtype=np.float32)
