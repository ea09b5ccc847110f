"""Tiny data and a tiny task: small real objects for tests instead of mocks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
from annotated_types import Ge

from visiontk.core import About, Card, FitReport, Floats, Fold, Ints, Learner, Metric, Samples, Task, learner
from visiontk.learners.state import read_state, write_state
from visiontk.spaces import Range

TINY_LABELS = ("square", "cross", "disc")


def tiny_images(n: int = 64, seed: int = 0, *, groups: int = 0) -> Samples:
    """Synthetic images of squares, crosses and discs, easy to tell apart.

    Parameters
    ----------
    n : int
        Number of images, 3 or more; classes alternate.
    seed : int
        Of positions, sizes and noise.
    groups : int
        If more than 0, the number of groups.

    Returns
    -------
    Samples
        Images of shape (12, 12, 1), uint8.

    Examples
    --------
    >>> data = tiny_images(9)
    >>> data.take([0, 1]).shape, data.counts().tolist()
    ((2, 12, 12, 1), [3, 3, 3])
    """
    rng = np.random.default_rng(seed)
    side = 12
    x = rng.integers(0, 40, (n, side, side, 1))
    y = np.arange(n) % 3
    rows, columns = np.mgrid[:side, :side]
    for i, c in enumerate(y):
        up, left, reach = (*rng.integers(4, 8, 2), rng.integers(2, 4))
        down, right = np.abs(rows - up), np.abs(columns - left)
        shapes = (
            (np.maximum(down, right) <= reach),
            (np.minimum(down, right) == 0) & (np.maximum(down, right) <= reach),
            (down**2 + right**2 <= reach**2),
        )
        x[i, shapes[c], 0] += rng.integers(120, 200)
    card = Card("tiny_images", f"tiny-{n}-{seed}-{groups}", origin="synthetic", mirror=True)
    members = [f"g{i % groups}" for i in rng.permutation(n)] if groups else None
    return Samples.from_arrays(np.clip(x, 0, 255).astype(np.uint8), y, TINY_LABELS, card, groups=members)


def tiny_folds(samples: Samples, n_folds: int, seed: int) -> list[Fold]:
    """Return folds: one that tests a fifth of the samples (or groups), or several that test each once."""
    units = samples.ids if samples.groups is None else samples.groups
    _, members = np.unique(units, return_inverse=True)
    # The position of each unit in a random order determines its part.
    position = np.random.default_rng(seed).permutation(members.max() + 1)[members]
    n_parts = n_folds if n_folds > 1 else 5
    index: Ints = np.arange(len(samples), dtype=np.int64)
    folds = []
    for i in range(n_folds):
        rest = position % n_parts != i
        chosen = rest & (position // n_parts % 5 == 0)
        folds.append(Fold(index[rest & ~chosen], index[chosen], index[~rest]))
    return folds


class _Centroid:
    """Nearest-centroid classifier, fitted on noisy inputs."""

    def __init__(self, noise: float) -> None:
        self.noise = noise
        self.means: Floats = np.empty(0)

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        x = _flat(train)
        x = x + self.noise * np.random.default_rng(seed).normal(size=x.shape)
        self.means = np.stack([x[train.y == c].mean(axis=0) for c in range(train.n_classes)])
        return FitReport(n_parameters=self.means.size, size_bytes=self.means.nbytes)

    def predict(self, samples: Samples) -> Floats:
        distance = ((_flat(samples)[:, None] - self.means) ** 2).mean(axis=2) / 500
        scores = np.exp(distance.min(axis=1, keepdims=True) - distance)
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))

    def save(self, folder: Path) -> None:
        write_state(folder, arrays={"means": self.means})

    def load(self, folder: Path) -> None:
        self.means = read_state(folder).array("means", shape=(None, None))


class _Prior:
    def __init__(self) -> None:
        self.frequencies: Floats = np.empty(0)

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        self.frequencies = train.counts() / len(train)
        return FitReport()

    def predict(self, samples: Samples) -> Floats:
        return np.tile(self.frequencies, (len(samples), 1))


def _flat(samples: Samples) -> Floats:
    return samples.take(np.arange(len(samples))).reshape(len(samples), -1).astype(np.float64)


@learner(About("floor", seeded=False))
def prior() -> Learner:
    """Class frequencies of the training set [1]_.

    References
    ----------
    .. [1] Guttman (1941), An outline of the statistical theory of prediction, Social Science Research
       Council Bulletin 48, 253.
    """
    return _Prior()


@learner(About("classical", seeded=False))
def centroid() -> Learner:
    """Nearest class mean [1]_.

    References
    ----------
    .. [1] Rocchio (1971), Relevance feedback in information retrieval.
    """
    return _Centroid(0.0)


@learner(About("network"))
def noisy_centroid(noise: Annotated[float, Ge(0), Range(0.1, 1000.0, log=True)] = 5.0) -> Learner:
    """Nearest class mean of noisy images [1]_; serves as the network, since it depends on the seed.

    Parameters
    ----------
    noise : float
        Standard deviation of the noise added to grey levels in training.

    References
    ----------
    .. [1] Rocchio (1971), Relevance feedback in information retrieval.
    """
    return _Centroid(noise)


def _right(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    hits = (scores.argmax(axis=1) == y_true).astype(np.float64)
    return np.asarray((weights @ hits) / weights.sum(axis=1))


def tiny_task() -> Task:
    """Return a complete task whose learners fit in a millisecond.

    Examples
    --------
    >>> tiny_task().metric
    'accuracy'
    """
    return Task(
        name="tiny",
        version=1,
        summary="Squares, crosses and discs of 12 x 12 pixels (synthetic).",
        datasets={"synthetic": tiny_images},
        folds=tiny_folds,
        learners={"prior": prior, "centroid": centroid, "noisy_centroid": noisy_centroid},
        metrics={"accuracy": Metric("accuracy", _right, "proportion")},
    )
