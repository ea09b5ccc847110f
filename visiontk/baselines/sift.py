"""Dense SIFT descriptors (docs/decisions/013) and bags of visual words in a spatial pyramid."""

from __future__ import annotations

import functools
import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import TransformerMixin

from visiontk.baselines.grey import grey_integers
from visiontk.baselines.hog import CLIP
from visiontk.baselines.image_inputs import ImageInputs
from visiontk.core import Inputs

CELLS, ORIENTATIONS = 4, 8
"""A descriptor is a square of 4 x 4 cells with 8 directions each, as in the paper."""

BATCH = 32
SLACK = 1.0
"""Added to the norm of a descriptor, in grey levels per pixel, so that nearly constant regions stay near 0."""


def dense_sift(images: Inputs, *, bin_sizes: tuple[int, ...] = (3, 5), step: int = 3) -> NDArray[np.float32]:
    """Return upright SIFT descriptors [1]_ on a regular grid at several sizes.

    A pixel votes for the two nearest directions and, with triangular weights, for the nearest cells. The
    Gaussian window of [1]_ is omitted, as in fast dense implementations [2]_.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width, channels)
        Colours are converted to grey.
    bin_sizes : tuple of int
        Sides of the cells in pixels.
    step : int
        Between neighbouring centres in pixels.

    Returns
    -------
    ndarray of float32, shape (n, n_places, 128)
        Descriptors ordered by size, row and column of their `centres`. Elements are clipped at 0.2, then the norm is
        1; descriptors of nearly constant regions are shorter.

    References
    ----------
    .. [1] Lowe (2004), Distinctive image features from scale-invariant keypoints, IJCV 60, 91, section 6.
    .. [2] Vedaldi and Fulkerson (2010), VLFeat: an open and portable library of computer vision algorithms,
       ACM Multimedia.

    Examples
    --------
    >>> dense_sift(np.zeros((2, 24, 24, 1), np.uint8), bin_sizes=(3,), step=4).shape
    (2, 25, 128)
    """
    pixels = grey_integers(images).astype(np.float32)
    n, height, width = pixels.shape
    votes = _votes(pixels)
    by_size = []
    for size in bin_sizes:
        down, right = centres(height, size, step), centres(width, size, step)
        rows, columns = _windows(height, size, step), _windows(width, size, step)
        by_row = (rows @ votes.reshape(n, height, -1)).reshape(n, len(rows), width, ORIENTATIONS)
        cells = np.matmul(columns, by_row)
        cells = cells.reshape(n, len(down), CELLS, len(right), CELLS, ORIENTATIONS).transpose(0, 1, 3, 2, 4, 5)
        by_size.append(cells.reshape(n, len(down) * len(right), -1))
    descriptors = np.concatenate(by_size, axis=1)
    descriptors /= np.sqrt((descriptors**2).sum(axis=-1, keepdims=True)) + np.float32(SLACK)
    np.minimum(descriptors, CLIP, out=descriptors)
    descriptors /= np.maximum(np.sqrt((descriptors**2).sum(axis=-1, keepdims=True)), np.float32(0.5))
    return np.asarray(descriptors)


def centres(side: int, bin_size: int, step: int) -> NDArray[np.float64]:
    """Return the centres of the descriptors of one size along one axis; half of an outermost one lies inside.

    Examples
    --------
    >>> centres(24, 3, 4).tolist()
    [3.5, 7.5, 11.5, 15.5, 19.5]
    """
    margin = min(bin_size, (side - 1) / 2)
    count = int((side - 1 - 2 * margin) // step) + 1
    return np.asarray((side - 1 - (count - 1) * step) / 2 + step * np.arange(count))


def _votes(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the gradient magnitude of each pixel in its two nearest directions, shape (n, height, width, 8)."""
    row, column = np.zeros_like(pixels), np.zeros_like(pixels)
    row[:, 1:-1] = (pixels[:, 2:] - pixels[:, :-2]) / 2
    column[:, :, 1:-1] = (pixels[:, :, 2:] - pixels[:, :, :-2]) / 2
    angle = np.arctan2(row, column) * np.float32(ORIENTATIONS / (2 * np.pi))
    magnitude = np.sqrt(row * row + column * column)
    apart = np.abs((angle[..., None] - np.arange(ORIENTATIONS, dtype=np.float32) + ORIENTATIONS / 2) % ORIENTATIONS)
    return np.asarray(np.maximum(1 - np.abs(apart - ORIENTATIONS / 2), 0) * magnitude[..., None])


@functools.lru_cache(maxsize=16)
def _windows(side: int, bin_size: int, step: int) -> NDArray[np.float32]:
    """Return triangular weights of the pixels in the four cells around each centre, shape (4 * centres, side)."""
    offsets = (np.arange(CELLS) - (CELLS - 1) / 2) * bin_size
    middles = (centres(side, bin_size, step)[:, None] + offsets).ravel()
    apart = np.abs(middles[:, None] - np.arange(side)) / bin_size
    return np.asarray(np.maximum(1 - apart, 0) / bin_size, dtype=np.float32)


class VisualWords(TransformerMixin, ImageInputs):  # type: ignore[misc]
    """Bag of visual words [1]_ of dense SIFT descriptors in a spatial pyramid [2]_.

    Words are k-means centres of training descriptors. Each descriptor is assigned softly to its nearest words
    [3]_; the assignments are averaged in regions.

    Parameters
    ----------
    n_words : int
        Clusters of k-means.
    bin_sizes, step
        As for `dense_sift`.
    pyramid : tuple of int
        Regions along each side, level by level.
    nearest : int
        Words that a descriptor is assigned to.
    softness : float
        Increase of the squared distance at which the weight of a word falls to 1 / e; descriptors have norm 1.
    n_descriptors : int
        Descriptors used to estimate the words.
    random_state : int
        Seed of the descriptors and the words.

    References
    ----------
    .. [1] Csurka, Dance, Fan, Willamowski and Bray (2004), Visual categorization with bags of keypoints,
       ECCV workshop on statistical learning in computer vision.
    .. [2] Lazebnik, Schmid and Ponce (2006), Beyond bags of features: spatial pyramid matching for recognizing
       natural scene categories, CVPR.
    .. [3] Liu, Wang and Liu (2011), In defense of soft-assignment coding, ICCV, equation 5.

    Examples
    --------
    >>> images = np.random.default_rng(0).integers(0, 255, (20, 24, 24, 1), np.uint8)
    >>> VisualWords(n_words=10, pyramid=(1, 2), n_descriptors=300).fit(images).transform(images).shape
    (20, 50)
    """

    def __init__(
        self,
        n_words: int = 256,
        bin_sizes: tuple[int, ...] = (3, 5),
        step: int = 3,
        pyramid: tuple[int, ...] = (1, 2, 4),
        nearest: int = 5,
        softness: float = 0.1,
        n_descriptors: int = 40_000,
        random_state: int = 0,
    ) -> None:
        self.n_words = n_words
        self.bin_sizes = bin_sizes
        self.step = step
        self.pyramid = pyramid
        self.nearest = nearest
        self.softness = softness
        self.n_descriptors = n_descriptors
        self.random_state = random_state

    def fit(self, x: Inputs, y: Any = None) -> Self:
        """Estimate the words from images of shape (n, height, width, channels)."""
        from sklearn.cluster import KMeans
        from sklearn.exceptions import ConvergenceWarning

        descriptors = self._sample_descriptors(x)
        means = KMeans(
            min(self.n_words, len(descriptors)),
            init="random",
            n_init=1,
            max_iter=15,
            tol=0,
            random_state=self.random_state,
        )
        with warnings.catch_warnings():
            # Synthetic images have many equal descriptors, and so equal words, which do no harm.
            warnings.simplefilter("ignore", ConvergenceWarning)
            means.fit(descriptors)
        self.words_ = means.cluster_centers_.astype(np.float32)
        return self

    def transform(self, x: Inputs) -> NDArray[np.float32]:
        """Return frequencies of the words, shape (n, regions * n_words); those of a region sum to 1."""
        regions = self._regions(*x.shape[1:3])
        histograms = np.empty((len(x), len(regions), len(self.words_)), np.float32)
        lengths = (self.words_**2).sum(axis=1)
        for start in range(0, len(x), BATCH):
            # One image at a time: its words do not depend on the others.
            for i, descriptors in enumerate(self._descriptors(x[start : start + BATCH]), start):
                histograms[i] = regions @ self._assignments(lengths - 2 * (descriptors @ self.words_.T))
        return histograms.reshape(len(x), -1)

    def _descriptors(self, x: Inputs) -> NDArray[np.float32]:
        return dense_sift(x, bin_sizes=self.bin_sizes, step=self.step)

    def _sample_descriptors(self, x: Inputs) -> NDArray[np.float32]:
        rng = np.random.default_rng(self.random_state)
        n_places = self._descriptors(x[:1]).shape[1]
        n_images = min(len(x), max(self.n_descriptors // 50, 1))
        each = min(-(-self.n_descriptors // n_images), n_places)
        images = np.sort(rng.permutation(len(x))[:n_images])
        sample = []
        for i in range(0, n_images, BATCH):
            chosen = images[i : i + BATCH]
            place = rng.random((len(chosen), n_places)).argsort(axis=1)[:, :each]
            sample.append(np.take_along_axis(self._descriptors(x[chosen]), place[..., None], axis=1).reshape(-1, 128))
        return np.concatenate(sample)[: self.n_descriptors]

    def _assignments(self, distance: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return weights of the nearest words of each descriptor, which sum to 1, shape (n_places, n_words)."""
        k = min(self.nearest, distance.shape[1])
        near = np.argpartition(distance, k - 1, axis=1)[:, :k]
        to_near = np.take_along_axis(distance, near, axis=1)
        weight = np.exp((to_near.min(axis=1, keepdims=True) - to_near) / np.float32(self.softness))
        weights = np.zeros_like(distance)
        np.put_along_axis(weights, near, weight / weight.sum(axis=1, keepdims=True), axis=1)
        return weights

    def _regions(self, height: int, width: int) -> NDArray[np.float32]:
        """Return weights that average descriptors in the regions of every level, shape (regions, n_places)."""
        rows, columns = [], []
        for size in self.bin_sizes:
            down, right = centres(height, size, self.step), centres(width, size, self.step)
            rows.append(np.repeat(down, len(right)) / height)
            columns.append(np.tile(right, len(down)) / width)
        row, column = np.concatenate(rows), np.concatenate(columns)
        levels = []
        for grid in self.pyramid:
            region = (row * grid).astype(np.int64) * grid + (column * grid).astype(np.int64)
            inside = (region == np.arange(grid * grid)[:, None]).astype(np.float32)
            levels.append(inside / np.maximum(inside.sum(axis=1, keepdims=True), 1))
        return np.concatenate(levels)
