"""Metrics of classification, each for many weightings of the samples at once.

A weight says how often a sample counts: 1 for the plain metric, 0, 1, 2, ... in a bootstrap resample,
any number of at least 0 otherwise. A class that has no weight is left out of an average over classes;
where nothing is left the metric is NaN. Predicted is the class of the largest score, the first of equals.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric

PROBABILITY_FLOOR = 1e-12
"""`log_loss` takes probabilities below this for this, so that one certain mistake costs 27.6, not infinity."""


def _one_hot(classes: Ints, n_classes: int) -> Floats:
    found: Floats = (classes[:, None] == np.arange(n_classes)).astype(np.float64)
    return found


def _mean_of_defined(numerator: Floats, denominator: Floats) -> Floats:
    """Mean over the last axis of the ratios whose denominator is positive; NaN where there is none."""
    defined = denominator > 0
    ratios = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=defined)
    count = defined.sum(axis=-1)
    mean: Floats = np.divide(ratios.sum(axis=-1), count, out=np.full(count.shape, np.nan), where=count > 0)
    return mean


def _mean(values: Floats, weights: Floats) -> Floats:
    return _mean_of_defined((weights @ values)[:, None], weights.sum(axis=1)[:, None])


def _accuracy(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    return _mean((scores.argmax(axis=1) == y_true).astype(np.float64), weights)


def _balanced_accuracy(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    truth = _one_hot(y_true, scores.shape[1])
    right = scores.argmax(axis=1) == y_true
    return _mean_of_defined(weights @ (truth * right[:, None]), weights @ truth)


def _macro_f1(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    truth = _one_hot(y_true, scores.shape[1])
    predicted = _one_hot(scores.argmax(axis=1), scores.shape[1])
    return _mean_of_defined(2 * (weights @ (truth * predicted)), weights @ truth + weights @ predicted)


def _log_loss(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    of_truth = scores[np.arange(len(y_true)), y_true]
    return _mean(-np.log(np.clip(of_truth, PROBABILITY_FLOOR, 1.0, dtype=np.float64)), weights)


def _auc(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    n_classes = scores.shape[1]
    if n_classes < 2:
        raise ValueError(f"auc needs the scores of at least 2 classes; got scores of shape {scores.shape}.")
    by_sample = np.ascontiguousarray(weights.T)
    positives = [1] if n_classes == 2 else range(n_classes)
    parts = [_mann_whitney(y_true == c, scores[:, c], by_sample) for c in positives]
    return _mean_of_defined(
        np.stack([won for won, _ in parts], axis=1), np.stack([pairs for _, pairs in parts], axis=1)
    )


def _mann_whitney(positive: NDArray[np.bool_], score: Floats, by_sample: Floats) -> tuple[Floats, Floats]:
    """Weight of the pairs that are ranked rightly, ties half, and of all pairs; `by_sample` is (n, m)."""
    negatives = np.flatnonzero(~positive)
    negatives = negatives[np.argsort(score[negatives])]
    passed = np.zeros((len(negatives) + 1, by_sample.shape[1]))
    np.cumsum(by_sample[negatives], axis=0, out=passed[1:])
    ranked, own = score[negatives], score[positive]
    below, not_above = np.searchsorted(ranked, own, side="left"), np.searchsorted(ranked, own, side="right")
    won = np.einsum("pm,pm->m", by_sample[positive], (passed[below] + passed[not_above]) / 2)
    return won, by_sample[positive].sum(axis=0) * passed[-1]


accuracy = Metric("accuracy", _accuracy, "proportion", decides=True)
"""Share of samples whose class is predicted."""

balanced_accuracy = Metric("balanced accuracy", _balanced_accuracy, decides=True)
"""Mean over the classes of the share of their samples that is recognised (recall) [1]_.

References
----------
.. [1] Brodersen, Ong, Stephan and Buhmann (2010), The balanced accuracy and its posterior distribution, ICPR.
"""

macro_f1 = Metric("macro F1", _macro_f1, decides=True)
"""Mean over the classes of 2 TP / (2 TP + FP + FN) [1]_. A class neither true nor predicted is left out.

References
----------
.. [1] Sokolova and Lapalme (2009), A systematic analysis of performance measures for classification tasks,
   Information Processing and Management 45, 427. Here F is averaged, not computed from averages.
"""

log_loss = Metric("log loss", _log_loss, "unbounded", higher_is_better=False, needs_probabilities=True)
"""Mean of -ln of the probability given to the true class, which is taken for 1e-12 where it is less."""

auc = Metric("AUC", _auc)
"""Probability that a sample of the class scores above one of another class, ties half [1]_.

With two classes: class 1 against class 0 by the score of class 1. With more: each class against the rest
by its own score, then the mean over classes.

References
----------
.. [1] Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic
   (ROC) curve, Radiology 143, 29.
"""
