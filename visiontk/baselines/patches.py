"""Features learnt by k-means on image patches."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import TransformerMixin

from visiontk.baselines.image_inputs import ImageInputs
from visiontk.baselines.pooling import pooling_weights
from visiontk.core import Inputs

BATCH = 64
CONTRAST = 10.0
"""Added to the variance of a patch before it is normalised, for grey levels 0 to 255, as in the paper."""


class KMeansPatches(TransformerMixin, ImageInputs):  # type: ignore[misc]
    """Single-layer features by k-means [1]_: patches, ZCA whitening, triangle encoding, pooling.

    Patches are normalized for brightness and contrast and whitened. The code of a position is how much nearer
    than average each centroid is; codes are averaged in a grid.

    Parameters
    ----------
    n_centroids : int
        Clusters of k-means.
    patch : int or None
        Side in pixels; None is 6 as in the paper, and 3 to 6 for images below 20 pixels.
    grid : int
        Pooling regions along each side. 2 gives the quadrants of the paper.
    n_patches : int
        Patches for the estimates of whitening and centroids. Constant patches are omitted.
    epsilon : float
        Added to the variances before whitening.
    random_state : int
        Seed of patches and centroids.

    References
    ----------
    .. [1] Coates, Ng and Lee (2011), An analysis of single-layer networks in unsupervised feature
       learning, AISTATS. Section 3; the triangle encoding is equation 2.

    Examples
    --------
    >>> images = np.random.default_rng(0).integers(0, 255, (20, 12, 12, 1), np.uint8)
    >>> KMeansPatches(n_centroids=8, n_patches=500).fit(images).transform(images).shape
    (20, 72)
    """

    def __init__(
        self,
        n_centroids: int = 300,
        patch: int | None = None,
        grid: int = 3,
        n_patches: int = 100_000,
        epsilon: float = 0.1,
        random_state: int = 0,
    ) -> None:
        self.n_centroids = n_centroids
        self.patch = patch
        self.grid = grid
        self.n_patches = n_patches
        self.epsilon = epsilon
        self.random_state = random_state

    def fit(self, x: Inputs, y: Any = None) -> Self:
        """Estimate whitening and centroids from images of shape (n, height, width, channels).

        Raises
        ------
        ValueError
            If a patch is larger than the images, or no image has any contrast.
        """
        from sklearn.cluster import KMeans
        from sklearn.exceptions import ConvergenceWarning

        self.side_ = self.patch or patch_side(min(x.shape[1:3]))
        if self.side_ > min(x.shape[1:3]):
            raise ValueError(f"A patch of {self.side_} pixels does not fit into images of shape {x.shape[1:3]}.")
        patches = self._sample_patches(x)
        self.mean_ = patches.mean(axis=0)
        variances, axes = np.linalg.eigh(np.cov(patches.T.astype(np.float64), bias=True))
        whiten = (axes / np.sqrt(np.maximum(variances, 0) + self.epsilon)) @ axes.T
        self.whiten_ = whiten.astype(np.float32)
        white = (patches - self.mean_) @ self.whiten_
        k = min(self.n_centroids, len(white))
        # Ten iterations as in the paper; more did not change accuracy.
        means = KMeans(k, init="random", n_init=1, max_iter=10, tol=0, random_state=self.random_state)
        with warnings.catch_warnings():
            # Synthetic images have many equal patches, and so equal centroids, which do no harm.
            warnings.simplefilter("ignore", ConvergenceWarning)
            means.fit(white)
        self.centroids_ = means.cluster_centers_.astype(np.float32)
        return self

    def transform(self, x: Inputs) -> NDArray[np.float32]:
        """Return averaged codes, shape (n, grid * grid * n_centroids)."""
        # Filled in place: concatenating batches would hold all of them twice.
        features = np.empty((len(x), self.grid * self.grid * len(self.centroids_)), np.float32)
        for start in range(0, len(x), BATCH):
            features[start : start + BATCH] = self._encode(x[start : start + BATCH])
        return features

    def _sample_patches(self, x: Inputs) -> NDArray[np.float32]:
        rng = np.random.default_rng(self.random_state)
        n, height, width, _ = x.shape
        side, n_patches = self.side_, self.n_patches
        steps = np.arange(side)
        batches: list[NDArray[np.float32]] = []
        for _ in range(20):
            image = rng.integers(0, n, n_patches)[:, None, None]
            top, left = rng.integers(0, height - side + 1, n_patches), rng.integers(0, width - side + 1, n_patches)
            patches = x[image, top[:, None, None] + steps[:, None], left[:, None, None] + steps]
            rows = patches.reshape(n_patches, -1).astype(np.float32)
            batches.append(_normalize(rows[rows.var(axis=1) > CONTRAST]))
            if sum(map(len, batches)) >= n_patches:
                break
        sample = np.concatenate(batches)[:n_patches]
        if len(sample) < 2:
            raise ValueError("The images are flat: no patch has any contrast.")
        return sample

    def _encode(self, x: Inputs) -> NDArray[np.float32]:
        side, grid, k = self.side_, self.grid, len(self.centroids_)
        stride = max(1, min(x.shape[1:3]) // 32)
        view = np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(1, 2))[:, ::stride, ::stride]
        n, down, right = view.shape[:3]
        patches = view.transpose(0, 1, 2, 4, 5, 3).reshape(n, down * right, -1).astype(np.float32)
        squares = (self.centroids_**2).sum(axis=1)
        rows, columns = pooling_weights(down, grid), pooling_weights(right, grid)
        codes = np.empty((n, grid, grid, k), np.float32)
        # One image at a time: it fits into the cache, and its result does not depend on the others.
        for i in range(n):
            white = (_normalize(patches[i]) - self.mean_) @ self.whiten_
            distance = (white**2).sum(axis=1)[:, None] - 2 * (white @ self.centroids_.T) + squares
            distance = np.sqrt(np.maximum(distance, 0))
            activation = np.maximum(distance.mean(axis=1, keepdims=True) - distance, 0).reshape(down, right, k)
            codes[i] = np.einsum("ad,drk,br->abk", rows, activation, columns, optimize=True)
        return codes.reshape(n, -1)


def patch_side(side: int) -> int:
    """Return the side of patches for images of this side.

    Examples
    --------
    >>> [patch_side(side) for side in (8, 16, 28, 64)]
    [3, 5, 6, 6]
    """
    return 6 if side >= 20 else max(min(3, side), min(6, side // 4 + 1))


def _normalize(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    centred = patches - patches.mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(CONTRAST)))
