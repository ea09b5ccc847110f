"""Histograms of oriented gradients (HOG), in batches of images.

``interpolate=False`` gives the numbers of scikit-image's ``hog``, which does not offer the interpolated votes of Dalal
and Triggs; these gain about one point of accuracy on Fashion-MNIST (docs/decisions/004).
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import TransformerMixin

from visiontk.baselines.image_inputs import ImageInputs
from visiontk.baselines.principal_components import fix_signs, largest_eigenpairs
from visiontk.core import Inputs, Ints

BATCH = 256
BATCH_PIXELS = 1_000_000
FIT_BYTES = 500_000_000
"""Maximum size of the images of one batch of `HogComponents`, in `fit` and `transform`."""

CLIP = 0.2
"""Largest element of a normalized block: Lowe's clipping, "L2-Hys" in the paper."""


def hog(
    images: Inputs,
    *,
    cells: tuple[int, ...] = (4,),
    orientations: int = 8,
    signed: bool = True,
    interpolate: bool = True,
) -> NDArray[np.float32]:
    """Return histograms of oriented gradients [1]_ in overlapping blocks of 2 x 2 cells.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width, channels)
        Each pixel uses the channel with the largest gradient.
    cells : tuple of int
        Sides of the cells in pixels; the features of all sides are concatenated.
    orientations : int
        Bins of direction.
    signed : bool
        If True, directions span 360 degrees, so that dark on light differs from light on dark.
    interpolate : bool
        If True, a pixel votes for the two nearest directions and the nearest cells, as in [1]_; otherwise for
        its own only, as in scikit-image.

    Returns
    -------
    ndarray of float32, shape (n, n_features)

    Raises
    ------
    ValueError
        If a cell is larger than the images.

    References
    ----------
    .. [1] Dalal and Triggs (2005), Histograms of oriented gradients for human detection, CVPR.

    Examples
    --------
    >>> hog(np.zeros((2, 28, 28, 1), np.uint8), cells=(4, 7)).shape
    (2, 1440)
    """
    n, height, width, _ = images.shape
    if max(cells) > min(height, width):
        raise ValueError(f"A cell of {max(cells)} pixels does not fit into images of shape {(height, width)}.")
    # float64 to reproduce scikit-image; votes in float32 are twice as fast.
    dtype = np.float32 if interpolate else np.float64
    pools = [(_pool(height, cell, interpolate, dtype), _pool(width, cell, interpolate, dtype)) for cell in cells]
    rows = []
    size = max(min(BATCH, BATCH_PIXELS // (height * width)), 1)
    for start in range(0, n, size):
        votes = _votes(images[start : start + size], orientations, 360 if signed else 180, interpolate, dtype)
        rows.append(np.concatenate([_blocks(votes, *pool) for pool in pools], axis=1).astype(np.float32))
    return np.concatenate(rows)


class _Directions(NamedTuple):
    """Magnitude, nearest bin, lower bin and weight of the upper bin, by row and column gradient from -255 to 255."""

    magnitude: NDArray[np.float64]
    nearest: Ints
    lower: Ints
    upper_weight: NDArray[np.float64]


@functools.lru_cache(maxsize=8)
def _directions(orientations: int, span: int) -> _Directions:
    # Gradients of 8-bit images are integers: 511 x 511 cases, computed once.
    steps = np.arange(-255, 256, dtype=np.float64)
    row, column = steps[:, None], steps[None, :]
    angle = np.rad2deg(np.arctan2(row, column)) % span
    place = angle * (orientations / span) - 0.5
    lower = np.floor(place)
    nearest = np.minimum((angle * (orientations / span)).astype(np.int64), orientations - 1)
    return _Directions(
        np.hypot(column, row).ravel(),
        nearest.ravel(),
        (lower.astype(np.int64) % orientations).ravel(),
        (place - lower).ravel(),
    )


def _votes(images: Inputs, orientations: int, span: int, interpolate: bool, dtype: Any) -> NDArray[Any]:
    """Return the gradient magnitude of each pixel in its bins, shape (n, height, width, orientations)."""
    n, height, width, channels = images.shape
    row, column = np.zeros(images.shape, np.int32), np.zeros(images.shape, np.int32)
    signed = images.astype(np.int32)
    row[:, 1:-1] = signed[:, 2:] - signed[:, :-2]
    column[:, :, 1:-1] = signed[:, :, 2:] - signed[:, :, :-2]
    case = (row + 255) * 511 + (column + 255)
    table = _directions(orientations, span)
    if channels > 1:
        strongest = table.magnitude[case].argmax(axis=-1)
        case = np.take_along_axis(case, strongest[..., None], axis=-1)
    case = case.ravel()
    magnitude = table.magnitude[case].astype(dtype)
    votes = np.zeros((n * height * width, orientations), dtype)
    pixel = np.arange(len(case))
    if interpolate:
        upper = magnitude * table.upper_weight[case].astype(dtype)
        lower_bin = table.lower[case]
        votes[pixel, lower_bin] = magnitude - upper
        votes[pixel, (lower_bin + 1) % orientations] += upper
    else:
        votes[pixel, table.nearest[case]] = magnitude
    return votes.reshape(n, height, width, orientations)


def _pool(size: int, cell: int, interpolate: bool, dtype: Any) -> NDArray[Any]:
    """Return weights of pixels in cells along one axis, shape (n_cells, size)."""
    n = size // cell
    weights = np.zeros((n, size))
    for pixel in range(n * cell):
        if not interpolate:
            weights[pixel // cell, pixel] = 1
            continue
        place = (pixel + 0.5) / cell - 0.5
        lower = math.floor(place)
        for c, weight in ((lower, 1 - (place - lower)), (lower + 1, place - lower)):
            if 0 <= c < n:
                weights[c, pixel] += weight
    return (weights / cell).astype(dtype)


def _blocks(votes: NDArray[Any], rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
    """Return normalized blocks of 2 x 2 cells, or of fewer in tiny images, one row per image."""
    n, height, width, orientations = votes.shape
    by_row = (rows @ votes.reshape(n, height, -1)).reshape(n, len(rows), width, orientations)
    histograms = np.matmul(columns, by_row)
    side = min(2, len(rows), len(columns))
    view = np.lib.stride_tricks.sliding_window_view(histograms, (side, side), axis=(1, 2))
    blocks = view.transpose(0, 1, 2, 4, 5, 3).reshape(n, len(rows) - side + 1, len(columns) - side + 1, -1).copy()
    for clip in (CLIP, None):
        blocks /= np.sqrt((blocks * blocks).sum(axis=-1, keepdims=True) + 1e-10)
        if clip is not None:
            np.minimum(blocks, clip, out=blocks)
    return blocks.reshape(n, -1)


def hog_cells(height: int, width: int, parts: tuple[int, ...] = (9, 7, 4)) -> tuple[int, ...]:
    """Return sides of cells for an image size: a ninth, a seventh and a quarter of the shorter side.

    Parameters
    ----------
    height, width : int
        Size of the images.
    parts : tuple of int
        Cells along the shorter side, one number for each scale.

    Examples
    --------
    >>> hog_cells(28, 28), hog_cells(8, 8), hog_cells(64, 64)
    ((3, 4, 7), (2,), (7, 9, 16))
    """
    side = min(height, width)
    return tuple(sorted({max(2, side // part) for part in parts}))


class HogComponents(TransformerMixin, ImageInputs):  # type: ignore[misc]
    """Leading principal components of HOG features at several scales, partly whitened.

    Works in batches: the wide matrix of HOG features of all images is never in memory.

    Parameters
    ----------
    cells : tuple of int or None
        Sides of the cells; None is `hog_cells` with `parts`.
    orientations : int
        Bins of direction over 360 degrees.
    n_components : int
        Maximum number of components.
    whitening : float
        0 keeps the variances of the components, 1 makes them equal.
    n_fit : int
        Maximum number of evenly spaced training images used by `fit`; fewer where images are large.
    parts : tuple of int
        See `hog_cells`.

    Examples
    --------
    >>> images = np.random.default_rng(0).integers(0, 255, (40, 12, 12, 1), np.uint8)
    >>> HogComponents(n_components=5).fit(images).transform(images).shape
    (40, 5)
    """

    def __init__(
        self,
        cells: tuple[int, ...] | None = None,
        orientations: int = 8,
        n_components: int = 200,
        whitening: float = 0.3,
        n_fit: int = 12_000,
        parts: tuple[int, ...] = (9, 7, 4),
    ) -> None:
        self.cells = cells
        self.orientations = orientations
        self.n_components = n_components
        self.whitening = whitening
        self.n_fit = n_fit
        self.parts = parts

    def fit(self, x: Inputs, y: Any = None) -> Self:
        """Estimate mean and components from images of shape (n, height, width, channels)."""
        n_fit = min(len(x), self.n_fit, max(FIT_BYTES // math.prod(x.shape[1:]), 2))
        features = self._hog(x[np.linspace(0, len(x) - 1, n_fit).astype(np.int64)])
        self.mean_ = features.mean(axis=0, dtype=np.float64)
        features -= self.mean_.astype(np.float32)
        covariance = (features.T @ features).astype(np.float64) / len(features)
        k = min(self.n_components, len(features) - 1, features.shape[1])
        variances, axes = largest_eigenpairs(covariance, k)
        self.components_ = fix_signs(axes) * (variances / variances[0]) ** (-self.whitening / 2)
        return self

    def transform(self, x: Inputs) -> NDArray[np.float64]:
        """Return components, shape (n, n_components)."""
        size = max(min(1000, FIT_BYTES // math.prod(x.shape[1:])), 1)
        steps = range(0, len(x), size)
        return np.concatenate([(self._hog(x[i : i + size]) - self.mean_) @ self.components_ for i in steps])

    def _hog(self, x: Inputs) -> NDArray[np.float32]:
        return hog(x, cells=self.cells or hog_cells(x.shape[1], x.shape[2], self.parts), orientations=self.orientations)
