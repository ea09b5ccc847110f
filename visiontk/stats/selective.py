"""Selective prediction: error rate among the most confident predictions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from visiontk.core import Floats, Ints
from visiontk.core.metric import check_scores
from visiontk.stats.intervals import Estimate, estimate_from
from visiontk.stats.units import Groups, Units, units_of
from visiontk.stats.variance import deviations

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
"""Proportions of the test samples with a prediction. Below a fifth few errors remain."""

FEW_RESAMPLES = 200
"""Number of resamples for the points of a curve."""


class Selective(NamedTuple):
    """Risk at each of `COVERAGES`, and area under the whole curve."""

    risks: list[Estimate]
    area: Estimate


def risk_coverage(y: Ints, scores: Floats, weights: Floats, groups: Groups | None = None) -> Selective:
    """Return the risk-coverage curve [1]_: the error rate among the most confident predictions of each seed, averaged.

    The confidence is the largest score less the second largest. Errors are averaged over samples of equal confidence.
    Samples are selected again on every resample. Scores are of shape (n_seeds, n, n_classes). The number of units is
    assumed proportional to the coverage. Intervals are those of `estimate`: for a risk over samples, for the
    area over samples and seeds. The area is the mean risk over all coverages from 1 / n to 1 [2]_: smaller is better.

    References
    ----------
    .. [1] El-Yaniv and Wiener (2010), On the foundations of noise-free selective classification, JMLR 11, 1605.
    .. [2] Geifman, Uziel and El-Yaniv (2019), Bias-reduced uncertainty estimation for deep neural classifiers, ICLR.

    Examples
    --------
    >>> y = np.array([0, 0, 1, 1, 1])
    >>> scores = np.array([[[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8], [0.6, 0.4]]])
    >>> risks = risk_coverage(y, scores, np.ones((9, 5))).risks
    >>> round(risks[0].value, 2), risks[2].value
    (0.2, 0.0)
    """
    for each in scores:
        check_scores(y, each)
    plain = np.stack([_curve(y, each, np.ones((1, len(y)))) for each in scores])[:, 0]
    curves = [_curve(y, each, weights[:FEW_RESAMPLES]) for each in scores]
    apart = np.stack([deviations(curve.T).T for curve in curves])  # (n_seeds, n_resamples, n_coverages + 1)
    # Points of a curve exclude the variance of seeds, which is too imprecise with two or three.
    mean, units = apart.mean(axis=0)[None], units_of(y, groups)
    risks = [
        estimate_from(
            plain[:, i].mean(keepdims=True), mean[:, :, i], _part(units, share), max(2, round(share * len(y)))
        )
        for i, share in enumerate(COVERAGES)
    ]
    return Selective(risks, estimate_from(plain[:, -1], apart[:, :, -1], units, len(y)))


def _part(units: Units, share: float) -> Units:
    n = max(2, round(share * units.n))
    return units._replace(n=n, df=max(1.0, (units.df + 1) * n / units.n - 1), factor=n / (n - 1))


def confidence(scores: Floats) -> Floats:
    """Return the largest score less the second largest of each sample, shape (n,).

    Examples
    --------
    >>> confidence(np.array([[0.7, 0.2, 0.1]])).round(2).tolist()
    [0.5]
    """
    two = np.sort(scores.astype(np.float64), axis=1)[:, -2:]
    return np.asarray(two[:, -1] - two[:, 0])


def _curve(y: Ints, scores: Floats, weights: Floats) -> Floats:
    """Return the risk at each coverage, and last the area, under each weighting, shape (m, n_coverages + 1)."""
    _, rank = np.unique(-confidence(scores), return_inverse=True)  # 0 for the most confident
    order = np.argsort(rank, kind="stable")
    last_of_tie = np.flatnonzero(np.diff(rank[order], append=len(rank)))
    wrong = (scores.argmax(axis=1) != y)[order]
    curves = np.empty((len(weights), len(COVERAGES) + 1))
    for i, weight in enumerate(weights):
        counts = weight[order]
        selected = np.append(0.0, np.cumsum(counts)[last_of_tie])
        errors = np.append(0.0, np.cumsum(counts * wrong)[last_of_tie])
        sizes = np.array(COVERAGES) * selected[-1]
        every_size = np.arange(1, round(selected[-1]) + 1)
        curves[i, :-1] = np.interp(sizes, selected, errors) / sizes
        curves[i, -1] = (np.interp(every_size, selected, errors) / every_size).mean()
    return curves
