"""Metrics of classification, each for many weightings of the samples at once.

A weight is the number of times a sample counts: 1 for the plain metric, 0, 1, 2, ... in a bootstrap resample, or any
number of at least 0. A class without weight is omitted from averages over classes; without any class the metric is NaN.
A target that is not a class of the scores is a DataError, as is a score of NaN. The predicted class is that of the
largest score, the first of equals.
"""

from __future__ import annotations

import numpy as np

from visiontk.core import Floats, Ints, Metric
from visiontk.core.metric import check_scores
from visiontk.metrics.averages import mean_of_defined, one_hot, weighted_mean

PROBABILITY_FLOOR = 1e-12
"""Lower bound of probabilities in `log_loss`, so that one certain error costs 27.6, not infinity."""


def _accuracy(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    check_scores(y_true, scores)
    return weighted_mean((scores.argmax(axis=1) == y_true).astype(np.float64), weights)


def _balanced_accuracy(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    check_scores(y_true, scores)
    truth = one_hot(y_true, scores.shape[1])
    right = scores.argmax(axis=1) == y_true
    return mean_of_defined(weights @ (truth * right[:, None]), weights @ truth)


def _macro_f1(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    check_scores(y_true, scores)
    truth = one_hot(y_true, scores.shape[1])
    predicted = one_hot(scores.argmax(axis=1), scores.shape[1])
    return mean_of_defined(2 * (weights @ (truth * predicted)), weights @ truth + weights @ predicted)


def _log_loss(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    check_scores(y_true, scores)
    of_truth = scores[np.arange(len(y_true)), y_true]
    return weighted_mean(-np.log(np.clip(of_truth, PROBABILITY_FLOOR, 1.0, dtype=np.float64)), weights)


def _accuracy_influences(y_true: Ints, scores: Floats) -> Floats:
    check_scores(y_true, scores)
    right = (scores.argmax(axis=1) == y_true).astype(np.float64)
    return np.asarray(right - right.mean())


def balanced_accuracy_influences(y_true: Ints, scores: Floats) -> Floats:
    """Return the influence of each sample on the balanced accuracy, shape (n,), with mean 0.

    Examples
    --------
    >>> balanced_accuracy_influences(np.array([0, 0, 1]), np.eye(2)[[0, 1, 1]]).tolist()
    [0.375, -0.375, 0.0]
    """
    check_scores(y_true, scores)
    right = (scores.argmax(axis=1) == y_true).astype(np.float64)
    classes, member, counts = np.unique(y_true, return_inverse=True, return_counts=True)
    recalls = np.bincount(member, right) / counts
    return np.asarray((right - recalls[member]) * len(y_true) / (len(classes) * counts[member]))


def _macro_f1_influences(y_true: Ints, scores: Floats) -> Floats:
    check_scores(y_true, scores)
    # Of F = 2 TP / (P + T) the derivative by the weight of a sample is (2 dTP - F (dP + dT)) / (P + T).
    truth, predicted = (one_hot(each, scores.shape[1]) for each in (y_true, scores.argmax(axis=1)))
    hits, sizes = (truth * predicted).sum(axis=0), truth.sum(axis=0) + predicted.sum(axis=0)
    present = sizes > 0
    f1 = 2 * hits[present] / sizes[present]
    changes = 2 * (truth * predicted)[:, present] - f1 * (truth + predicted)[:, present]
    return np.asarray(len(y_true) * (changes / sizes[present]).mean(axis=1))


accuracy = Metric("accuracy", _accuracy, "proportion", decides=True, influence=_accuracy_influences)
"""Proportion of samples whose class is predicted."""

balanced_accuracy = Metric(
    "balanced accuracy", _balanced_accuracy, decides=True, influence=balanced_accuracy_influences
)
"""Mean recall over the classes [1]_.

References
----------
.. [1] Brodersen, Ong, Stephan and Buhmann (2010), The balanced accuracy and its posterior distribution, ICPR.
"""

macro_f1 = Metric("macro F1", _macro_f1, decides=True, influence=_macro_f1_influences)
"""Mean over the classes of 2 TP / (2 TP + FP + FN) [1]_. A class neither true nor predicted is omitted.

References
----------
.. [1] Sokolova and Lapalme (2009), A systematic analysis of performance measures for classification tasks,
   Information Processing and Management 45, 427. Here F is averaged, not computed from averages.
"""

log_loss = Metric("log loss", _log_loss, "unbounded", higher_is_better=False, needs_probabilities=True, margin=0.01)
"""Mean of -ln of the probability of the true class, which is at least 1e-12.

The margin of 0.01 nats is a factor of 1.01 in the probability of the true class.
"""
