"""Metrics at an operating point: decision thresholds chosen on the validation set of each fit.

The `Metric.adapt` of these metrics chooses a threshold from targets and scores of the validation set and turns scores
of the test set into decisions. Of two classes the second is the positive one, such as the disease. More classes each
have a threshold against the rest, and sensitivity and specificity are means over the classes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric
from visiontk.core.metric import check_scores
from visiontk.metrics.averages import mean_of_defined, one_hot, weighted_mean
from visiontk.metrics.classification import balanced_accuracy

ThresholdRule = Callable[[NDArray[np.bool_], Floats], float]
"""Function ``rule(positive, score)`` that chooses a threshold on the validation set."""


def youden(positive: NDArray[np.bool_], score: Floats) -> float:
    """Return the threshold with the largest sum of sensitivity and specificity [1]_.

    Parameters
    ----------
    positive : ndarray of bool, shape (n,)
        True for samples of the class.
    score : ndarray of shape (n,)
        Score of the class.

    Returns
    -------
    float
        Midpoint between two scores, or beyond all of them; scores of at least the threshold are predicted positive. The
        middle one of equally good thresholds. NaN without positives or without negatives.

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


def required_sensitivity(required: float) -> ThresholdRule:
    """Return a rule for the largest threshold with a sensitivity of at least `required`.

    Parameters
    ----------
    required : float
        In (0, 1].

    Returns
    -------
    callable
        A rule such as `youden`. The sensitivity holds on the validation set, not necessarily on the test set.

    Raises
    ------
    ValueError
        If `required` is out of range.

    Examples
    --------
    >>> choose = required_sensitivity(0.95)
    >>> choose(np.array([False, False, True, True]), np.array([0.1, 0.7, 0.6, 0.9])).__round__(2)
    0.35
    """
    if not 0 < required <= 1:
        raise ValueError(f"The required sensitivity is above 0 and at most 1; got {required}.")

    def choose(positive: NDArray[np.bool_], score: Floats) -> float:
        thresholds, sensitivity, _ = _curve(positive, score)
        reaching = thresholds[sensitivity >= required - 1e-12]
        return float(reaching.max()) if len(reaching) else float("nan")

    return choose


LARGEST, YOUDEN = "largest", "youden"
THRESHOLDS = (LARGEST, YOUDEN)
"""Names of thresholds; a number is a required sensitivity."""


def threshold_rule(threshold: str | float) -> ThresholdRule | None:
    """Return the rule of a threshold setting: `youden`, or for a number `required_sensitivity`; None for ``largest``.

    Raises
    ------
    ValueError
        If the setting is unknown.

    Examples
    --------
    >>> threshold_rule("largest") is None, threshold_rule("youden") is youden
    (True, True)
    >>> threshold_rule(1.5)
    Traceback (most recent call last):
    ValueError: 1.5 given; expected largest, youden or the sensitivity that is required, above 0 and at most 1.
    """
    if threshold == LARGEST:
        return None
    if threshold == YOUDEN:
        return youden
    if isinstance(threshold, int | float) and not isinstance(threshold, bool) and 0 < threshold <= 1:
        return required_sensitivity(float(threshold))
    raise ValueError(
        f"{threshold!r} given; expected largest, youden or the sensitivity that is required, above 0 and at most 1."
    )


def _curve(positive: NDArray[np.bool_], score: Floats) -> tuple[Floats, Floats, Floats]:
    """Return ascending thresholds with sensitivity and specificity at each; empty if these are undefined."""
    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    if not n_positive or not n_negative:
        return np.empty(0), np.empty(0), np.empty(0)
    values = np.unique(score.astype(np.float64))
    between = (values[1:] + values[:-1]) / 2
    margin = max(1e-6, float(np.abs(values).max()) * 1e-6)
    thresholds = np.concatenate([[values[0] - margin], between, [values[-1] + margin]])
    # The midpoint of two close numbers may round to the lower one: the threshold is then the upper one.
    thresholds[1:-1] = np.where(between > values[:-1], between, values[1:])
    missed = np.searchsorted(np.sort(score[positive]), thresholds, side="left")
    passed = np.searchsorted(np.sort(score[~positive]), thresholds, side="left")
    return thresholds, 1 - missed / n_positive, passed / n_negative


def decisions(rule: ThresholdRule) -> Callable[[Ints, Floats], Callable[[Floats], Floats]]:
    """Return a `Metric.adapt` that turns scores into decisions, 0 or 1, at thresholds chosen by a rule.

    Parameters
    ----------
    rule : callable
        Such as `youden`. If it returns NaN because the validation set lacks the class, the largest score decides.

    Returns
    -------
    callable
        ``adapt(valid_y_true, valid_scores)``. Decisions of two classes are one-hot; of more, a sample may be
        predicted as several classes or as none.

    Examples
    --------
    >>> scores = np.array([[0.9, 0.1], [0.7, 0.3], [0.6, 0.4]])
    >>> adapt = decisions(youden)(np.array([0, 1, 1]), scores)
    >>> adapt(np.array([[0.75, 0.25]])).tolist()
    [[0.0, 1.0]]
    """

    def adapt(valid_y_true: Ints, valid_scores: Floats) -> Callable[[Floats], Floats]:
        check_scores(valid_y_true, valid_scores)
        of_valid = _evidence(valid_scores)
        thresholds = np.array([rule(valid_y_true == c, of_valid[:, c]) for c in range(valid_scores.shape[1])])
        if valid_scores.shape[1] == 2:
            return lambda scores: one_hot(_exceeds(_evidence(scores), thresholds, scores)[:, 1].astype(np.int64), 2)
        return lambda scores: _exceeds(_evidence(scores), thresholds, scores).astype(np.float64)

    return adapt


def _evidence(scores: Floats) -> Floats:
    """Return scores; for two classes their differences, which suits margins as well."""
    return (
        np.stack([scores[:, 0] - scores[:, 1], scores[:, 1] - scores[:, 0]], axis=1)
        if scores.shape[1] == 2
        else (scores.astype(np.float64))
    )


def _exceeds(evidence: Floats, thresholds: Floats, scores: Floats) -> NDArray[np.bool_]:
    largest = one_hot(scores.argmax(axis=1), scores.shape[1]) > 0
    with np.errstate(invalid="ignore"):
        return np.where(np.isnan(thresholds), largest, evidence >= thresholds)


def _positive(scores: Floats) -> NDArray[np.bool_]:
    """Return the predicted classes of each sample, from decisions or from scores."""
    return one_hot(scores.argmax(axis=1), 2) > 0 if scores.shape[1] == 2 else scores > 0.5


def _counted(y_true: Ints, scores: Floats, *, of_members: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which samples count for each class, and which of them are right."""
    check_scores(y_true, scores)
    counted = one_hot(y_true, scores.shape[1]) == (1.0 if of_members else 0.0)
    right = counted & (_positive(scores) == of_members)
    return (counted[:, 1:], right[:, 1:]) if scores.shape[1] == 2 else (counted, right)


def _rate(*, of_members: bool) -> Callable[[Ints, Floats, Floats], Floats]:
    def function(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
        counted, right = _counted(y_true, scores, of_members=of_members)
        return mean_of_defined(weights @ right.astype(np.float64), weights @ counted.astype(np.float64))

    return function


def _rate_influences(*, of_members: bool) -> Callable[[Ints, Floats], Floats]:
    def influence(y_true: Ints, scores: Floats) -> Floats:
        counted, right = _counted(y_true, scores, of_members=of_members)
        sizes = counted.sum(axis=0)
        counted, right, sizes = counted[:, sizes > 0], right[:, sizes > 0], sizes[sizes > 0]
        changes = (right - right.sum(axis=0) / sizes * counted) / sizes
        return np.asarray(len(y_true) * changes.mean(axis=1)) if len(sizes) else np.zeros(len(y_true))

    return influence


_sensitivity, _specificity = (_rate(of_members=each) for each in (True, False))
_by_positives, _by_negatives = (_rate_influences(of_members=each) for each in (True, False))


def _brier(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
    check_scores(y_true, scores)
    squares = ((scores.astype(np.float64) - one_hot(y_true, scores.shape[1])) ** 2).sum(axis=1)
    return weighted_mean(squares / 2, weights)


def _adapt_two(valid_y_true: Ints, valid_scores: Floats) -> Callable[[Floats], Floats]:
    return decisions(youden)(valid_y_true, valid_scores) if valid_scores.shape[1] == 2 else lambda scores: scores


sensitivity = Metric("sensitivity", _sensitivity, adapt=decisions(youden), decides=True, influence=_by_positives)
"""Proportion of positives predicted positive, at the `youden` threshold of the validation set [1]_.

References
----------
.. [1] Yerushalmy (1947), Statistical problems in assessing methods of medical diagnosis, with special reference
   to X-ray techniques, Public Health Reports 62, 1432.
"""

specificity = Metric("specificity", _specificity, adapt=decisions(youden), decides=True, influence=_by_negatives)
"""Proportion of negatives predicted negative, at the `youden` threshold of the validation set.

References
----------
.. [1] Yerushalmy (1947), as for `sensitivity`.
"""

sensitivity_at_95 = Metric(
    "sensitivity where valid had 95 %", _sensitivity, adapt=decisions(required_sensitivity(0.95))
)
"""Sensitivity on the test set, at the largest threshold with 95 % on the validation set."""

specificity_at_95 = Metric(
    "specificity at 95 % sensitivity on valid", _specificity, adapt=decisions(required_sensitivity(0.95))
)
"""Specificity on the test set, at the largest threshold with 95 % sensitivity on the validation set."""

balanced_accuracy_at_youden = dataclasses.replace(balanced_accuracy, adapt=_adapt_two)
"""Balanced accuracy; of two classes at the `youden` threshold of the validation set, else of the largest score."""

brier = Metric("Brier score", _brier, higher_is_better=False, needs_probabilities=True, by_class=False, margin=0.005)
"""Half the mean squared distance between probabilities and one-hot targets [1]_, 0 to 1.

For two classes this is the mean of (p - y)^2, the common form; Brier's own score is twice as large.

References
----------
.. [1] Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather Review 78, 1.
"""
