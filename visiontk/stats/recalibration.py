"""Calibration of scores on the validation set, the same for networks and traditional learners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints
from visiontk.core.metric import check_scores

Method = Literal["none", "temperature", "isotonic"]
METHODS: tuple[str, ...] = get_args(Method)

Recalibrate = Callable[[Floats], Floats]
"""Function from scores of shape (n, n_classes) to probabilities of the same shape, whose rows sum to 1."""

FLOOR = 1e-12
"""Lower bound of probabilities before their logarithm is taken."""

COLDEST, HOTTEST = 1e-2, 1e3
"""Range of the temperature."""


def recalibration(method: str, y: Ints, scores: Floats, *, probabilities: bool) -> Recalibrate:
    """Fit the map from scores, shape (n, n_classes), to probabilities on the validation set; "none" changes nothing.

    If not `probabilities`, scores are margins, larger for more probable classes.

    Examples
    --------
    >>> scores = np.array([[0.99, 0.01], [0.99, 0.01], [0.99, 0.01], [0.01, 0.99], [0.01, 0.99]])
    >>> recalibration("temperature", np.array([0, 0, 1, 1, 1]), scores, probabilities=True)(scores)[0].round(2).tolist()
    [0.71, 0.29]
    """
    if method not in METHODS:
        raise ValueError(f"No calibration {method!r}; expected one of {', '.join(METHODS)}.")
    if method == "none" or not len(y):
        return lambda scores: scores
    return {"temperature": temperature, "isotonic": isotonic}[method](y, scores, probabilities=probabilities)


def temperature(y: Ints, scores: Floats, *, probabilities: bool) -> Recalibrate:
    """Fit temperature scaling [1]_: logits are divided by one number, so no prediction changes.

    The number maximizes the likelihood of targets smoothed as if one sample of every class were added to the n of the
    validation set and spread over all: otherwise a validation set without errors asks for certainty. Logits of
    probabilities are their logarithms; margins are used as logits.

    References
    ----------
    .. [1] Guo, Pleiss, Sun and Weinberger (2017), On calibration of modern neural networks, ICML.

    Examples
    --------
    >>> y, scores = np.array([0, 0, 1, 1]), np.array([[9.0, 0.0], [0.0, 9.0], [0.0, 9.0], [0.0, 9.0]])
    >>> temperature(y, scores, probabilities=False)(scores)[:, 1].round(2).tolist()
    [0.33, 0.67, 0.67, 0.67]
    """
    from scipy.optimize import minimize_scalar

    check_scores(y, scores)
    logits = _logits(scores, probabilities)
    scale = 1.0 if probabilities else float(logits.std()) or 1.0
    n, n_classes = logits.shape
    smoothing = n_classes / (n + n_classes)
    targets = np.full((n, n_classes), smoothing / n_classes)
    targets[np.arange(n), y] += 1 - smoothing

    def loss(log_temperature: float) -> float:
        scaled = logits / (scale * np.exp(log_temperature))
        return float((_log_sum_exp(scaled) - (targets * scaled).sum(axis=1)).mean())

    optimum = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    divisor = scale * float(np.exp(optimum.x))

    def apply(scores: Floats) -> Floats:
        scaled = _logits(scores, probabilities) / divisor
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(scaled - _log_sum_exp(scaled)[:, None]))

    return apply


def isotonic(y: Ints, scores: Floats, *, probabilities: bool) -> Recalibrate:
    """Fit isotonic regression of the classes on the scores, interpolated linearly between its steps [1]_.

    Two classes need one regression, of the second class; more classes one each, against the rest by their own score.
    Results are then divided by their sum, which may change the prediction. Values are at least 1 / (n + 2) away from 0
    and 1, as n samples cannot show that an event never occurs.

    References
    ----------
    .. [1] Zadrozny and Elkan (2002), Transforming classifier scores into accurate multiclass probability
       estimates, KDD.

    Examples
    --------
    >>> y, p = np.array([0, 0, 1, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.4, 0.8, 0.9])
    >>> isotonic(y, np.stack([1 - p, p], axis=1), probabilities=True)(np.array([[0.65, 0.35]])).round(2).tolist()
    [[0.5, 0.5]]
    """
    check_scores(y, scores)
    evidence = _evidence(scores)
    steps = [_steps(evidence[:, c], y == c) for c in _regressed(evidence)]

    def apply(scores: Floats) -> Floats:
        evidence = _evidence(scores)
        values = np.stack(
            [np.interp(evidence[:, c], *step) for c, step in zip(_regressed(evidence), steps, strict=True)], axis=1
        )
        if evidence.shape[1] == 2:
            return np.concatenate([1 - values, values], axis=1)
        return np.asarray(values / values.sum(axis=1, keepdims=True))

    return apply


def _regressed(evidence: Floats) -> range:
    """Return the classes with their own regression: of two, only the second."""
    return range(1, 2) if evidence.shape[1] == 2 else range(evidence.shape[1])


def _steps(evidence: Floats, member: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the scores at which the step function is known, and its values."""
    from scipy.optimize import isotonic_regression

    places, index = np.unique(evidence, return_inverse=True)
    counts = np.bincount(index).astype(np.float64)
    frequencies = np.bincount(index, weights=member.astype(np.float64)) / counts
    values = isotonic_regression(frequencies, weights=counts).x
    least = 1 / (len(evidence) + 2)
    return places, np.clip(values, least, 1 - least)


def _evidence(scores: Floats) -> Floats:
    """Return scores; for two classes their differences, which suits margins as well."""
    scores = scores.astype(np.float64)
    if scores.shape[1] != 2:
        return scores
    return np.stack([scores[:, 0] - scores[:, 1], scores[:, 1] - scores[:, 0]], axis=1)


def _logits(scores: Floats, probabilities: bool) -> Floats:
    scores = scores.astype(np.float64)
    return np.log(np.clip(scores, FLOOR, None)) if probabilities else scores


def _log_sum_exp(x: Floats) -> Floats:
    largest = x.max(axis=1)
    with np.errstate(under="ignore"):
        return np.asarray(largest + np.log(np.exp(x - largest[:, None]).sum(axis=1)))
