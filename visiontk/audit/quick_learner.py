"""Out-of-fold scores of a quick classical learner: each sample is scored by a model that was fitted without it.

Ridge regression on random Fourier features [1]_ (for texts, on hashed words). All folds share one pass over the data:
the sums of a fold are subtracted from the total, and only small systems are solved.

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

MIN_FEATURES, MAX_FEATURES = 128, 1024
"""Random features: as many as there are samples, within these limits."""

N_FOLDS = 5
_CHUNK = 8192
RIDGES = (1e-4, 1e-3, 1e-2)
_TEMPERATURES = np.geomspace(1, 64, 25)

Features = Callable[[slice], NDArray[np.float32]]


def folds_for(y: Ints, groups: Strings | None, *, n_folds: int = N_FOLDS, seed: int = 0) -> Ints:
    """Return the fold of each sample: stratified by class, or with whole groups.

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
    # The largest groups first, each into the smallest fold.
    order = np.lexsort((rng.permutation(len(sizes)), -sizes))
    load, fold_of = np.zeros(n_folds), np.empty(len(sizes), np.int64)
    for group in order:
        fold_of[group] = int(load.argmin())
        load[fold_of[group]] += sizes[group]
    return fold_of[number]


def features_of(descriptors: Any, *, seed: int = 0) -> tuple[Features, int]:
    """Return a function that computes the features of a slice of samples, and the number of features.

    Dense descriptors, of shape (n, d), are standardised and mapped to random features drawn by `seed`; rows of a sparse
    matrix are weighted by inverse document frequency and scaled to length 1.
    """
    if hasattr(descriptors, "tocsr"):
        return _of_counts(descriptors.tocsr())
    x = np.asarray(descriptors, np.float32)
    n_features = int(np.clip(len(x), MIN_FEATURES, MAX_FEATURES))
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-3
    rng = np.random.default_rng(seed)
    some = (x[rng.permutation(len(x))[:500]] - mean) / scale
    distances = ((some[::2][: len(some) // 2] - some[1::2][: len(some) // 2]) ** 2).sum(axis=1)
    width = np.sqrt(max(float(np.median(distances)) if len(distances) else 1.0, 1e-6))
    directions = rng.normal(0, 1.5 / width, (x.shape[1], n_features)).astype(np.float32)
    phases = rng.uniform(0, 2 * np.pi, n_features).astype(np.float32)

    def features(rows: slice) -> NDArray[np.float32]:
        return np.asarray(np.cos((x[rows] - mean) / scale @ directions + phases), np.float32)

    return features, n_features


def _of_counts(counts: Any) -> tuple[Features, int]:
    from sklearn.preprocessing import normalize

    n = counts.shape[0]
    frequency = np.asarray((counts > 0).sum(axis=0)).ravel()
    weight = np.log((1 + n) / (1 + frequency)) + 1

    def features(rows: slice) -> NDArray[np.float32]:
        return np.asarray(normalize(counts[rows].multiply(weight).tocsr()).toarray(), np.float32)

    return features, counts.shape[1]


def out_of_fold(descriptors: Any, y: Ints, n_classes: int, fold: Ints, ridges: Sequence[float] = RIDGES) -> Floats:
    """Return scores of shape (n, n_classes), each row from a model fitted on the other folds.

    The ridge penalty with the highest accuracy is used.

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
            inside = fold[rows] == k
            part = phi[inside]
            grams[int(k)] += part.T @ part
            moments[int(k)] += part.T @ target[inside]
    gram, moment = sum(grams.values()), sum(moments.values())
    weights = {int(k): _solved(gram - grams[int(k)], moment - moments[int(k)], ridges) for k in folds}
    scores = np.empty((len(ridges), n, n_classes))
    for start in range(0, n, _CHUNK):
        rows = slice(start, start + _CHUNK)
        phi = features(rows)
        for k in folds:
            inside = np.flatnonzero(fold[rows] == k)
            for i, w in enumerate(weights[int(k)]):
                scores[i, start + inside] = phi[inside] @ w + share
    accuracies = [(each.argmax(axis=1) == y).mean() for each in scores]
    return np.asarray(scores[int(np.argmax(accuracies))], np.float64)


def _solved(gram: Any, moment: Any, ridges: Sequence[float]) -> list[NDArray[np.float32]]:
    import scipy.linalg

    size = float(np.trace(gram)) or 1.0
    solutions = []
    for ridge in ridges:
        system = gram.astype(np.float64)
        system[np.diag_indices_from(system)] += ridge * size / 10 + 1e-9
        solutions.append(scipy.linalg.solve(system, moment, assume_a="pos", check_finite=False).astype(np.float32))
    return solutions


def probabilities(scores: Floats, y: Ints) -> Floats:
    """Convert scores to probabilities by a softmax whose temperature minimises the log loss.

    Examples
    --------
    >>> p = probabilities(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([0, 1, 1]))
    >>> p.sum(axis=1).round(6).tolist()
    [1.0, 1.0, 1.0]
    """

    def softmax(temperature: float) -> Floats:
        z = temperature * (scores - scores.max(axis=1, keepdims=True))
        e = np.exp(np.maximum(z, -60))
        return np.asarray(e / e.sum(axis=1, keepdims=True), np.float64)

    rows = np.arange(len(y))
    losses = [-np.log(softmax(t)[rows, y]).mean() for t in _TEMPERATURES]
    return softmax(float(_TEMPERATURES[int(np.argmin(losses))]))
