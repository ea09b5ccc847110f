"""Metrics at an operating point: where a score becomes a decision is chosen by valid, then test is counted.

A metric here has `Metric.adapt`: for each trial it looks at targets and scores of valid, chooses a threshold and
turns scores on test into decisions. With two classes the second is the positive one, such as the disease. With
more, each class is told from all others at a threshold of its own, and sensitivity and specificity are means
over the classes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric
from visiontk.metrics.averages import mean_of_defined, one_hot, weighted_mean
from visiontk.metrics.classification import balanced_accuracy

Choose = Callable[[NDArray[np.bool_], Floats], float]
"""``choose(positive, score)``: the threshold, by valid."""


def youden(positive: NDArray[np.bool_], score: Floats) -> float:
    """The threshold with the largest sum of sensitivity and specificity [1]_.

    Parameters
    ----------
    positive : ndarray of bool, shape (n,)
        Which samples are of the class.
    score : ndarray of shape (n,)
        Larger for a likelier member.

    Returns
    -------
    float
        Half-way between two scores, or beyond all of them; a sample with at least as much is called positive.
        Of equally good thresholds, the middle one. NaN if there are no positives or no negatives.

    References
    ----------
    .. [1] Youden (1950), Index for rating diagnostic tests, Cancer 3, 32.

    Examples
    --------
    >>> youden(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.6, 0.9]))
    0.5
    """
    thresholds, sensitivity, specificity = _curve(positive, score)
    if not len(thresholds):
        return float("nan")
    best = np.flatnonzero(np.isclose(sensitivity + specificity, (sensitivity + specificity).max(), rtol=0, atol=1e-12))
    return float(thresholds[best[len(best) // 2]])


def least_sensitivity(required: float) -> Choose:
    """The largest threshold at which at least `required` of the positives are found.

    Parameters
    ----------
    required : float
        In (0, 1].

    Returns
    -------
    callable
        As `youden`. What is required holds on valid; on test it is what it is.

    Examples
    --------
    >>> choose = least_sensitivity(0.95)
    >>> choose(np.array([False, False, True, True]), np.array([0.1, 0.7, 0.6, 0.9])).__round__(2)
    0.35
    """

    def choose(positive: NDArray[np.bool_], score: Floats) -> float:
        thresholds, sensitivity, _ = _curve(positive, score)
        reaching = thresholds[sensitivity >= required - 1e-12]
        return float(reaching.max()) if len(reaching) else float("nan")

    return choose


LARGEST, YOUDEN = "largest", "youden"
THRESHOLDS = (LARGEST, YOUDEN)
"""Names of thresholds; beside them, a number asks for that sensitivity."""


def chooser(threshold: str | float) -> Choose | None:
    """What chooses a threshold of this name: `youden`, or for a number `least_sensitivity`; None for ``largest``.

    Raises
    ------
    ValueError
        If there is no such threshold.

    Examples
    --------
    >>> chooser("largest") is None, chooser("youden") is youden
    (True, True)
    >>> chooser(1.5)
    Traceback (most recent call last):
    ValueError: 1.5 given; expected largest, youden or the sensitivity that is required, above 0 and at most 1.
    """
    if threshold == LARGEST:
        return None
    if threshold == YOUDEN:
        return youden
    if isinstance(threshold, int | float) and not isinstance(threshold, bool) and 0 < threshold <= 1:
        return least_sensitivity(float(threshold))
    raise ValueError(
        f"{threshold!r} given; expected largest, youden or the sensitivity that is required, above 0 and at most 1."
    )


def _curve(positive: NDArray[np.bool_], score: Floats) -> tuple[Floats, Floats, Floats]:
    """Thresholds, ascending, with sensitivity and specificity at each; empty where these are not defined."""
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return np.empty(0), np.empty(0), np.empty(0)
    values = np.unique(score.astype(np.float64))
    between = (values[1:] + values[:-1]) / 2
    margin = max(1e-6, float(np.abs(values).max()) * 1e-6)
    thresholds = np.concatenate([[values[0] - margin], between, [values[-1] + margin]])
    # Two neighbours may be so near that their mean is the lower one: a threshold belongs to the upper.
    thresholds[1:-1] = np.where(between > values[:-1], between, values[1:])
    missed = np.searchsorted(np.sort(score[positive]), thresholds, side="left")
    passed = np.searchsorted(np.sort(score[~positive]), thresholds, side="left")
    return thresholds, 1 - missed / n_positive, passed / n_negative


def decisions(choose: Choose) -> Callable[[Ints, Floats], Callable[[Floats], Floats]]:
    """A `Metric.adapt`: scores become decisions, 0 or 1, at thresholds that `choose` takes from valid.

    Parameters
    ----------
    choose : callable
        Such as `youden`. Where it gives NaN, because valid lacks the class, the largest score decides.

    Returns
    -------
    callable
        ``adapt(valid_y_true, valid_scores)``. With two classes the decisions are one-hot; with more, a sample may
        be called a member of several classes or of none.

    Examples
    --------
    >>> scores = np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4]])
    >>> adapt = decisions(youden)(np.array([0, 1, 1]), scores)
    >>> adapt(np.array([[0.75, 0.25]])).tolist()
    [[0.0, 1.0]]
    """

    def adapt(valid_y_true: Ints, valid_scores: Floats) -> Callable[[Floats], Floats]:
        of_valid = _evidence(valid_scores)
        thresholds = np.array([choose(valid_y_true == c, of_valid[:, c]) for c in range(valid_scores.shape[1])])
        if valid_scores.shape[1] == 2:
            return lambda scores: one_hot(_called(_evidence(scores), thresholds, scores)[:, 1].astype(np.int64), 2)
        return lambda scores: _called(_evidence(scores), thresholds, scores).astype(np.float64)

    return adapt


def _evidence(scores: Floats) -> Floats:
    """For two classes the difference of their scores, which also serves scores that only rank."""
    return (
        np.stack([scores[:, 0] - scores[:, 1], scores[:, 1] - scores[:, 0]], axis=1)
        if scores.shape[1] == 2
        else (scores.astype(np.float64))
    )


def _called(evidence: Floats, thresholds: Floats, scores: Floats) -> NDArray[np.bool_]:
    largest = one_hot(scores.argmax(axis=1), scores.shape[1]) > 0
    with np.errstate(invalid="ignore"):
        return np.where(np.isnan(thresholds), largest, evidence >= thresholds)


def _positive(scores: Floats) -> NDArray[np.bool_]:
    """Which classes each sample is called a member of, from decisions or from scores."""
    return one_hot(scores.argmax(axis=1), 2) > 0 if scores.shape[1] == 2 else scores > 0.5


def _rates(y_true: Ints, scores: Floats, weights: Floats, *, of_members: bool) -> Floats:
    counted = one_hot(y_true, scores.shape[1]) == (1.0 if of_members else 0.0)
    right = _positive(scores) == of_members
    if scores.shape[1] == 2:
        counted, right = counted[:, 1:], right[:, 1:]
    return mean_of_defined(weights @ (counted & right).astype(np.float64), weights @ counted.astype(np.float64))


def _sensitivity(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    return _rates(y_true, scores, weights, of_members=True)


def _specificity(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    return _rates(y_true, scores, weights, of_members=False)


def _brier(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    squares = ((scores.astype(np.float64) - one_hot(y_true, scores.shape[1])) ** 2).sum(axis=1)
    return weighted_mean(squares / 2, weights)


def _adapt_two(valid_y_true: Ints, valid_scores: Floats) -> Callable[[Floats], Floats]:
    return decisions(youden)(valid_y_true, valid_scores) if valid_scores.shape[1] == 2 else lambda scores: scores


sensitivity = Metric("sensitivity", _sensitivity, adapt=decisions(youden), decides=True)
"""Share of the positives that are called positive, at the threshold that `youden` takes from valid [1]_.

References
----------
.. [1] Yerushalmy (1947), Statistical problems in assessing methods of medical diagnosis, with special reference
   to X-ray techniques, Public Health Reports 62, 1432.
"""

specificity = Metric("specificity", _specificity, adapt=decisions(youden), decides=True)
"""Share of the negatives that are called negative, at the threshold that `youden` takes from valid.

References
----------
.. [1] Yerushalmy (1947), as for `sensitivity`.
"""

sensitivity_at_95 = Metric("sensitivity where valid had 95 %", _sensitivity, adapt=decisions(least_sensitivity(0.95)))
"""Share of the positives found on test, at the largest threshold that found 95 % of them on valid."""

specificity_at_95 = Metric(
    "specificity at 95 % sensitivity on valid", _specificity, adapt=decisions(least_sensitivity(0.95))
)
"""Share of the negatives called negative, at the largest threshold that found 95 % of the positives on valid."""

balanced_accuracy_at_youden = Metric("balanced accuracy", balanced_accuracy.function, adapt=_adapt_two, decides=True)
"""Balanced accuracy; with two classes at the threshold that `youden` takes from valid, else of the largest score."""

brier = Metric("Brier score", _brier, higher_is_better=False, needs_probabilities=True)
"""Half of the mean squared distance between probabilities and truth [1]_, 0 to 1.

Halved, so that for two classes it is the mean of (p - y)^2, the form in common use; Brier's own is twice as large.

References
----------
.. [1] Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1.
"""
