"""Texture features: properties of grey-level co-occurrence matrices, and intensity statistics in a grid of cells.

The properties equal those of scikit-image's ``graycomatrix`` and ``graycoprops``; one count per batch makes them faster
(docs/decisions/013).
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from visiontk.baselines.grey import grey_floats
from visiontk.baselines.image_inputs import StatelessTransformer
from visiontk.core import Floats, Inputs, Ints

BATCH = 256
OFFSETS = ((0, 1), (1, 1), (1, 0), (1, -1))
"""Offsets in rows and columns: 0, 45, 90 and 135 degrees."""

PROPERTIES = ("contrast", "dissimilarity", "homogeneity", "energy", "correlation", "entropy")
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def quantize(images: NDArray[np.float32], n_levels: int) -> Ints:
    """Return levels 0 to ``n_levels - 1`` over the range of each image, which removes exposure and bit depth.

    Parameters
    ----------
    images : ndarray of shape (n, height, width)
        Any finite values.
    n_levels : int
        At least 2.

    Examples
    --------
    >>> quantize(np.array([[[0.0, 10.0, 20.0, 30.0]]], np.float32), 2).tolist()
    [[[0, 0, 1, 1]]]
    """
    low = images.min(axis=(1, 2), keepdims=True)
    span = images.max(axis=(1, 2), keepdims=True) - low
    scaled = (images - low) / np.where(span > 0, span, 1)
    return np.asarray(np.minimum((scaled * n_levels).astype(np.int64), n_levels - 1))


def glcm(levels: Ints, n_levels: int, offset: tuple[int, int]) -> Floats:
    """Return symmetric grey-level co-occurrence matrices [1]_, each with sum 1.

    Parameters
    ----------
    levels : ndarray of int64, shape (n, height, width)
        0 to ``n_levels - 1``.
    n_levels : int
        Side of the matrices.
    offset : tuple of int
        From one pixel of a pair to the other, in rows (0 or more) and columns; smaller than the image.

    Returns
    -------
    ndarray of float64, shape (n, n_levels, n_levels)

    References
    ----------
    .. [1] Haralick, Shanmugam and Dinstein (1973), Textural features for image classification, IEEE
       Transactions on Systems, Man, and Cybernetics 3, 610.

    Examples
    --------
    >>> glcm(np.array([[[0, 0, 1]]]), 2, (0, 1)).tolist()
    [[[0.5, 0.25], [0.25, 0.0]]]
    """
    n, height, width = levels.shape
    down, right = offset
    first = levels[:, : height - down, max(0, -right) : width - max(0, right)]
    second = levels[:, down:, max(0, right) : width + min(0, right)]
    index = (np.arange(n)[:, None, None] * n_levels + first) * n_levels + second
    counts = np.bincount(index.ravel(), minlength=n * n_levels * n_levels).reshape(n, n_levels, n_levels)
    symmetric = (counts + counts.transpose(0, 2, 1)).astype(np.float64)
    return np.asarray(symmetric / np.maximum(symmetric.sum(axis=(1, 2), keepdims=True), 1))


def glcm_properties(matrices: Floats) -> Floats:
    """Return `PROPERTIES` of co-occurrence matrices, shape (n, 6).

    Contrast, dissimilarity, homogeneity, energy and correlation as in scikit-image; entropy in nats.

    Parameters
    ----------
    matrices : ndarray of shape (n, n_levels, n_levels)
        Each with sum 1.

    Examples
    --------
    >>> glcm_properties(np.eye(2)[None] / 2).round(3).tolist()
    [[0.0, 0.0, 1.0, 0.707, 1.0, 0.693]]
    """
    n, k, _ = matrices.shape
    i, j = np.mgrid[:k, :k].astype(np.float64)
    difference = np.abs(i - j)
    weights = [difference**2, difference, 1 / (1 + difference**2), i, j, i * i, j * j, i * j]
    sums = matrices.reshape(n, -1) @ np.stack([w.ravel() for w in weights], axis=1)
    energy = np.sqrt((matrices**2).sum(axis=(1, 2)))
    spread = np.sqrt(np.maximum(sums[:, 5] - sums[:, 3] ** 2, 0) * np.maximum(sums[:, 6] - sums[:, 4] ** 2, 0))
    joint = sums[:, 7] - sums[:, 3] * sums[:, 4]
    # An image of one level has correlation 1, as in scikit-image.
    correlation = np.divide(joint, spread, out=np.ones(n), where=spread > 1e-12)
    entropy = -(matrices * np.log(np.where(matrices > 0, matrices, 1))).sum(axis=(1, 2))
    return np.stack([*sums.T[:3], energy, correlation, entropy], axis=1)


class TextureFeatures(StatelessTransformer):
    """Haralick's texture properties at several distances [1]_, and intensity statistics in a grid of cells.

    Each image is standardized for the statistics and quantized for the matrices, so neither exposure nor bit
    depth matters. The statistics are mean, standard deviation, mean gradient and quantiles.

    Parameters
    ----------
    grid : int
        Cells along each side.
    n_levels : int
        Side of the matrices.
    distances : tuple of int
        Between the pixels of a pair; larger ones than the image are omitted.

    References
    ----------
    .. [1] Haralick, Shanmugam and Dinstein (1973), Textural features for image classification, IEEE
       Transactions on Systems, Man, and Cybernetics 3, 610.

    Examples
    --------
    >>> images = np.random.default_rng(0).integers(0, 255, (3, 16, 16, 1), np.uint8)
    >>> TextureFeatures(grid=2).transform(images).shape
    (3, 112)
    """

    def __init__(self, grid: int = 4, n_levels: int = 16, distances: tuple[int, ...] = (1, 2, 4)) -> None:
        self.grid = grid
        self.n_levels = n_levels
        self.distances = distances

    def transform(self, x: Inputs) -> NDArray[np.float32]:
        """Return the features, one row per image."""
        return np.concatenate([self._features(grey_floats(x[i : i + BATCH])) for i in range(0, len(x), BATCH)])

    def _features(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        _, height, width = images.shape
        levels = quantize(images, self.n_levels)
        features = [
            glcm_properties(glcm(levels, self.n_levels, (down * d, right * d)))
            for d in self.distances
            if d < min(height, width)
            for down, right in OFFSETS
        ]
        mean = images.mean(axis=(1, 2), keepdims=True)
        deviation = images.std(axis=(1, 2), keepdims=True)
        standardized = (images - mean) / np.where(deviation > 0, deviation, 1)
        rows, columns = (np.arange(min(self.grid, side) + 1) * side // min(self.grid, side) for side in (height, width))
        for top, bottom in itertools.pairwise(rows):
            for left, right in itertools.pairwise(columns):
                features.append(_statistics(standardized[:, top:bottom, left:right]))
        features.append(_statistics(standardized))
        return np.concatenate(features, axis=1).astype(np.float32)


def _statistics(values: NDArray[np.float32]) -> Floats:
    """Return mean, standard deviation, mean gradient magnitude and quantiles, shape (n, 8)."""
    flat = values.reshape(len(values), -1)
    down = np.abs(np.diff(values, axis=1)).mean(axis=(1, 2)) if values.shape[1] > 1 else np.zeros(len(values))
    right = np.abs(np.diff(values, axis=2)).mean(axis=(1, 2)) if values.shape[2] > 1 else np.zeros(len(values))
    return np.stack([flat.mean(axis=1), flat.std(axis=1), down + right, *np.quantile(flat, QUANTILES, axis=1)], axis=1)
