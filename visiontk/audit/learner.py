"""A quick classical learner with out-of-fold scores: every sample is judged by a model that has not seen it.

Ridge regression onto the classes, on random features of a Gaussian kernel [1]_ (on hashed words, for texts). All
folds share one pass: the sums of a fold are taken from those of all samples, and only small systems are solved.

References
----------
.. [1] Rahimi and Recht (2007), Random features for large-scale kernel machines, NeurIPS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Strings

FEWEST, MOST = 128, 1024
"""Random features: as many as there are samples, within these."""

N_FOLDS = 5
_CHUNK = 8192
RIDGES = (1e-4, 1e-3, 1e-2)
_TEMPERATURES = np.geomspace(1, 64, 25)

Features = Callable[[slice], NDArray[np.float32]]


def folds_for(y: Ints, groups: Strings | None, *, n_folds: int = N_FOLDS, seed: int = 0) -> Ints:
    """The fold of each sample: classes in equal shares, groups whole.

    Examples
    --------
    >>> np.bincount(folds_for(np.repeat([0, 1], 50), None)).tolist()
    [20, 20, 20, 20, 20]
    """
    rng = np.random.default_rng(seed)
    if groups is None:
        fold = np.empty(len(y), np.int64)
        for c in np.unique(y):
            members = rng.permutation(np.flatnonzero(y == c))
            fold[members] = (np.arange(len(members)) + rng.integers(n_folds)) % n_folds
        return fold
    _, number = np.unique(groups, return_inverse=True)
    sizes = np.bincount(number)
    # The largest groups first, each into the fold that has least.
    order = np.lexsort((rng.permutation(len(sizes)), -sizes))
    load, place = np.zeros(n_folds), np.empty(len(sizes), np.int64)
    for group in order:
        place[group] = int(load.argmin())
        load[place[group]] += sizes[group]
    return place[number]


def features_of(descriptors: Any, *, seed: int = 0) -> tuple[Features, int]:
    """Features of a stretch of samples, and their number.

    Parameters
    ----------
    descriptors : ndarray of shape (n, d), or sparse matrix of the same shape
        Dense ones are standardised and mapped to random features; sparse ones are weighted by inverse frequency and
        scaled to length 1.
    seed : int
        Of the random features.
    """
    if hasattr(descriptors, "tocsr"):
        return _of_counts(descriptors.tocsr())
    x = np.asarray(descriptors, np.float32)
    n_features = int(np.clip(len(x), FEWEST, MOST))
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-3
    rng = np.random.default_rng(seed)
    some = (x[rng.permutation(len(x))[:500]] - mean) / scale
    apart = ((some[::2][: len(some) // 2] - some[1::2][: len(some) // 2]) ** 2).sum(axis=1)
    width = np.sqrt(max(float(np.median(apart)) if len(apart) else 1.0, 1e-6))
    directions = rng.normal(0, 1.5 / width, (x.shape[1], n_features)).astype(np.float32)
    phases = rng.uniform(0, 2 * np.pi, n_features).astype(np.float32)

    def features(rows: slice) -> NDArray[np.float32]:
        return np.asarray(np.cos((x[rows] - mean) / scale @ directions + phases), np.float32)

    return features, n_features


def _of_counts(counts: Any) -> tuple[Features, int]:
    from sklearn.preprocessing import normalize

    n = counts.shape[0]
    known = np.asarray((counts > 0).sum(axis=0)).ravel()
    weight = np.log((1 + n) / (1 + known)) + 1

    def features(rows: slice) -> NDArray[np.float32]:
        return np.asarray(normalize(counts[rows].multiply(weight).tocsr()).toarray(), np.float32)

    return features, counts.shape[1]


def out_of_fold(descriptors: Any, y: Ints, n_classes: int, fold: Ints, ridges: Sequence[float] = RIDGES) -> Floats:
    """Scores of shape (n, n_classes), each row by a model of the other folds.

    Of several strengths of the ridge the one counts that is right most often.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 100)
    >>> scores = out_of_fold(rng.normal(0, 1, (200, 5)) + 3 * y[:, None], y, 2, folds_for(y, None))
    >>> bool((scores.argmax(axis=1) == y).mean() > 0.95)
    True
    """
    features, d = features_of(descriptors)
    n, folds = len(y), np.unique(fold)
    share = np.bincount(y, minlength=n_classes) / n
    grams = {int(k): np.zeros((d, d), np.float32) for k in folds}
    moments = {int(k): np.zeros((d, n_classes), np.float64) for k in folds}
    for start in range(0, n, _CHUNK):
        rows = slice(start, start + _CHUNK)
        phi = features(rows)
        target = np.eye(n_classes, dtype=np.float32)[y[rows]] - share.astype(np.float32)
        for k in folds:
            mine = fold[rows] == k
            part = phi[mine]
            grams[int(k)] += part.T @ part
            moments[int(k)] += part.T @ target[mine]
    gram, moment = sum(grams.values()), sum(moments.values())
    weights = {int(k): _solved(gram - grams[int(k)], moment - moments[int(k)], ridges) for k in folds}
    scores = np.empty((len(ridges), n, n_classes))
    for start in range(0, n, _CHUNK):
        rows = slice(start, start + _CHUNK)
        phi = features(rows)
        for k in folds:
            mine = np.flatnonzero(fold[rows] == k)
            for i, w in enumerate(weights[int(k)]):
                scores[i, start + mine] = phi[mine] @ w + share
    right = [(each.argmax(axis=1) == y).mean() for each in scores]
    return np.asarray(scores[int(np.argmax(right))], np.float64)


def _solved(gram: Any, moment: Any, ridges: Sequence[float]) -> list[NDArray[np.float32]]:
    import scipy.linalg

    size = float(np.trace(gram)) or 1.0
    found = []
    for ridge in ridges:
        system = gram.astype(np.float64)
        system[np.diag_indices_from(system)] += ridge * size / 10 + 1e-9
        found.append(scipy.linalg.solve(system, moment, assume_a="pos", check_finite=False).astype(np.float32))
    return found


def probabilities(scores: Floats, y: Ints) -> Floats:
    """Scores as probabilities: a softmax whose one temperature makes them fit best.

    Examples
    --------
    >>> found = probabilities(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([0, 1, 1]))
    >>> found.sum(axis=1).round(6).tolist()
    [1.0, 1.0, 1.0]
    """

    def softmax(temperature: float) -> Floats:
        z = temperature * (scores - scores.max(axis=1, keepdims=True))
        e = np.exp(np.maximum(z, -60))
        return np.asarray(e / e.sum(axis=1, keepdims=True), np.float64)

    own = np.arange(len(y))
    losses = [-np.log(softmax(t)[own, y]).mean() for t in _TEMPERATURES]
    return softmax(float(_TEMPERATURES[int(np.argmin(losses))]))
