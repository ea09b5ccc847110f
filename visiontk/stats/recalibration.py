"""Scores made to mean what they say, by the valid part: the same offer for networks and traditional learners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints

Method = Literal["none", "temperature", "isotonic"]
METHODS: tuple[str, ...] = get_args(Method)

Recalibrate = Callable[[Floats], Floats]
"""Scores of shape (n, n_classes) to probabilities of the same shape, rows sum to 1."""

FLOOR = 1e-12
"""Probabilities below count as this before their logarithm is taken."""

COLDEST, HOTTEST = 1e-2, 1e3
"""Between these a temperature is looked for."""


def recalibration(method: str, y: Ints, scores: Floats, *, probabilities: bool) -> Recalibrate:
    """The map from scores to probabilities that a method takes from valid.

    Parameters
    ----------
    method : {"none", "temperature", "isotonic"}
        ``none`` leaves scores as they are.
    y : ndarray of int64, shape (n,)
        Classes of the valid part.
    scores : ndarray of shape (n, n_classes)
        Scores of the valid part.
    probabilities : bool
        Whether scores are probabilities; others are taken for margins, larger for a likelier class.

    Examples
    --------
    >>> sure = np.array([[0.99, 0.01], [0.99, 0.01], [0.99, 0.01], [0.01, 0.99], [0.01, 0.99]])
    >>> recalibration("temperature", np.array([0, 0, 1, 1, 1]), sure, probabilities=True)(sure)[0].round(2).tolist()
    [0.71, 0.29]
    """
    if method == "none" or not len(y):
        return lambda scores: scores
    return {"temperature": temperature, "isotonic": isotonic}[method](y, scores, probabilities=probabilities)


def temperature(y: Ints, scores: Floats, *, probabilities: bool) -> Recalibrate:
    """Temperature scaling [1]_: logits divided by one number, so that no sample changes its class.

    The number is the likeliest one, for targets in which one sample of every class is added to the n of valid and
    spread over all of them: without that, a valid part without a mistake asks for certainty. The logits of
    probabilities are their logarithms; margins are logits as they are.

    Parameters
    ----------
    y, scores, probabilities
        As of `recalibration`.

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

    logits = _logits(scores, probabilities)
    scale = 1.0 if probabilities else float(logits.std()) or 1.0
    n, n_classes = logits.shape
    spread = n_classes / (n + n_classes)
    targets = np.full((n, n_classes), spread / n_classes)
    targets[np.arange(n), y] += 1 - spread

    def loss(log_temperature: float) -> float:
        scaled = logits / (scale * np.exp(log_temperature))
        return float((_log_sum_exp(scaled) - (targets * scaled).sum(axis=1)).mean())

    found = minimize_scalar(loss, bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded")
    divisor = scale * float(np.exp(found.x))

    def apply(scores: Floats) -> Floats:
        scaled = _logits(scores, probabilities) / divisor
        with np.errstate(under="ignore"):
            return np.asarray(np.exp(scaled - _log_sum_exp(scaled)[:, None]))

    return apply


def isotonic(y: Ints, scores: Floats, *, probabilities: bool) -> Recalibrate:
    """Isotonic regression of the classes on the scores: any rising step function, with lines between the steps [1]_.

    With two classes it is of the second one; with more, of each class against the rest by its own score, and the
    results are divided by their sum, which may change who is largest. Values stay 1 / (n + 2) away from 0 and 1:
    n samples of valid cannot show that something never happens.

    Parameters
    ----------
    y, scores, probabilities
        As of `recalibration`.

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
    evidence = _evidence(scores)
    steps = [_steps(evidence[:, c], y == c) for c in _told(evidence)]

    def apply(scores: Floats) -> Floats:
        evidence = _evidence(scores)
        found = np.stack(
            [np.interp(evidence[:, c], *step) for c, step in zip(_told(evidence), steps, strict=True)], axis=1
        )
        if evidence.shape[1] == 2:
            return np.concatenate([1 - found, found], axis=1)
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    return apply


def _told(evidence: Floats) -> range:
    """The classes that have a regression of their own: with two, the first is what the second leaves."""
    return range(1, 2) if evidence.shape[1] == 2 else range(evidence.shape[1])


def _steps(evidence: Floats, member: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Where the rising function is known, and its values there."""
    from scipy.optimize import isotonic_regression

    places, which = np.unique(evidence, return_inverse=True)
    counts = np.bincount(which).astype(np.float64)
    shares = np.bincount(which, weights=member.astype(np.float64)) / counts
    values = isotonic_regression(shares, weights=counts).x
    least = 1 / (len(evidence) + 2)
    return places, np.clip(values, least, 1 - least)


def _evidence(scores: Floats) -> Floats:
    """For two classes the difference of their scores, which also serves margins."""
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
