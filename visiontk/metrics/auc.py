"""Area under the ROC curve (AUC), and the influence of each sample on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric
from visiontk.core.metric import check_scores
from visiontk.metrics.averages import mean_of_defined


def _auc(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    check_scores(y_true, scores)
    n_classes = scores.shape[1]
    if n_classes < 2:
        raise ValueError(f"auc needs the scores of at least 2 classes; got scores of shape {scores.shape}.")
    by_sample = np.ascontiguousarray(weights.T)
    positives = [1] if n_classes == 2 else range(n_classes)
    counts = [_mann_whitney(y_true == c, scores[:, c], by_sample) for c in positives]
    won, pairs = (np.stack(each, axis=1) for each in zip(*counts, strict=True))
    return mean_of_defined(won, pairs)


def _mann_whitney(positive: NDArray[np.bool_], score: Floats, by_sample: Floats) -> tuple[Floats, Floats]:
    """Return the weight of correctly ranked pairs, ties half, and of all pairs; `by_sample` is (n, m)."""
    negatives = np.flatnonzero(~positive)
    negatives = negatives[np.argsort(score[negatives])]
    passed = np.zeros((len(negatives) + 1, by_sample.shape[1]))
    np.cumsum(by_sample[negatives], axis=0, out=passed[1:])
    ranked, own = score[negatives], score[positive]
    below, not_above = np.searchsorted(ranked, own, side="left"), np.searchsorted(ranked, own, side="right")
    won = np.einsum("pm,pm->m", by_sample[positive], (passed[below] + passed[not_above]) / 2)
    return won, by_sample[positive].sum(axis=0) * passed[-1]


def auc_influences(y: Ints, scores: Floats) -> Floats:
    """Return the influence of each sample on `auc`, with mean 0, by midranks [1]_.

    The influence of a positive is the proportion of negatives ranked below it, ties half, and that of a negative the
    proportion of positives ranked above it; each less the AUC, divided by the frequency of its class. With more than
    two classes it is the mean over the classes, each against the rest.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True classes.
    scores : ndarray of shape (n, n_classes)
        Predictions.

    Returns
    -------
    ndarray of float64, shape (n,)

    References
    ----------
    .. [1] Sun and Xu (2014), Fast implementation of DeLong's algorithm for comparing the areas under correlated
       receiver operating characteristic curves, IEEE Signal Processing Letters 21, 1389.

    Examples
    --------
    >>> y = np.array([0, 0, 1, 1])
    >>> auc_influences(y, np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5], [0.2, 0.8]])).tolist()
    [0.5, -0.5, -0.5, 0.5]
    """
    check_scores(y, scores)
    n_classes = scores.shape[1]
    parts = [
        _of_one_class(y == c, scores[:, c])
        for c in ([1] if n_classes == 2 else range(n_classes))
        if 0 < np.count_nonzero(y == c) < len(y)
    ]
    influence: Floats = np.mean(parts, axis=0) if parts else np.zeros(len(y))
    return influence


def _of_one_class(positive: NDArray[np.bool_], score: Floats) -> Floats:
    n, n_positive = len(score), int(positive.sum())
    n_negative = n - n_positive
    beaten = np.empty(n)
    beaten[positive] = _midranks(score)[positive] - _midranks(score[positive])
    beaten[~positive] = n_positive - (_midranks(score)[~positive] - _midranks(score[~positive]))
    beaten[positive] /= n_negative
    beaten[~positive] /= n_positive
    about_mean = beaten - beaten[positive].mean()
    influence: Floats = about_mean * np.where(positive, n / n_positive, n / n_negative)
    return influence


def _midranks(values: Floats) -> Floats:
    """Return ranks from 1, averaged over equal values."""
    _, number, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2)[number]
    return ranks


auc = Metric("AUC", _auc, influence=auc_influences)
"""Probability that a sample of the class scores above one of another class, ties half [1]_.

With two classes: class 1 against class 0 by the score of class 1. With more: each class against the rest
by its own score, then the mean over classes.

References
----------
.. [1] Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic
   (ROC) curve, Radiology 143, 29.
"""
