"""Metric of one learner with a confidence interval over samples and seeds."""

from __future__ import annotations

import math
from typing import NamedTuple

from visiontk.core import Floats, Ints, Metric
from visiontk.stats.limits import half_width, skewed_widths
from visiontk.stats.quantiles import t_quantile
from visiontk.stats.units import Groups, Units, units_of
from visiontk.stats.variance import (
    NO_VARIANCE,
    VarianceComponent,
    Weights,
    check_arrays,
    deviations_of,
    item_component,
    satterthwaite,
    seed_component,
    skewness_of,
    values_of,
)


class Interval(NamedTuple):
    """Lower and upper limit."""

    low: float
    high: float


class Estimate(NamedTuple):
    """Metric of one learner with its confidence interval.

    Parameters
    ----------
    value : float
        Mean over seeds.
    low, high : float
        Confidence limits. They are not symmetric for bounded metrics; do not compute them from `standard_error`.
    standard_error : float
        Square root of `item_variance` + `seed_variance`.
    df : float
        Degrees of freedom of `standard_error`, by Satterthwaite; infinite if it follows from `value`.
    item_variance, seed_variance : float
        Variance due to samples (or groups) and due to seeds.
    """

    value: float
    low: float
    high: float
    standard_error: float
    df: float
    item_variance: float
    seed_variance: float


def wilson(successes: float, n: float, *, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of a proportion [1]_.

    Neither number needs to be an integer: with the effective sample size of clustered data as `n` this is the interval
    recommended by [2]_ for surveys.

    Parameters
    ----------
    successes : float
        From 0 to `n`.
    n : float
        Number of samples, or effective number, more than 0.
    confidence : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    .. [1] Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209.
    .. [2] Dean and Pagano (2015), Evaluating confidence interval methods for binomial proportions in clustered
       surveys, Journal of Survey Statistics and Methodology 3, 484.

    Examples
    --------
    >>> low, high = wilson(90, 100)
    >>> round(low, 4), round(high, 4)
    (0.8256, 0.9448)
    """
    if not (n > 0 and 0 <= successes <= n):
        raise ValueError(f"successes lie between 0 and n, and n is more than 0; got {successes} of {n}.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a number between 0 and 1, such as 0.95; got {confidence}.")
    return _score_interval(successes / n, n, t_quantile((1 + confidence) / 2))


def estimate(
    metric: Metric,
    y: Ints,
    scores: Floats,
    weights: Weights,
    groups: Groups | None = None,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate a metric of one learner with its confidence interval.

    The variance is that of `visiontk.stats.variance`, with the degrees of freedom of the units
    (`visiontk.stats.units`). For bounded metrics the interval is Wilson's with the effective sample size
    value (1 - value) / variance, and half width / standard error as the quantile. For the accuracy of one seed on
    independent samples this is Wilson's interval itself.

    Few errors in few groups give an imprecise variance, often too small. For bounded metrics 1 / (m + 2)^2 is therefore
    added, as in `difference`, where m = value (1 - value) / variance is the effective number of samples, limited to the
    number of groups to n; for a metric that averages over classes it is added for each class and its units. With 8 to
    100 groups of strongly correlated samples this raised the coverage from 92.7 to 96.7 % to 93.7 to 98.1 %. Without
    variance, as when no sample is wrong, the effective size is the number of units: the interval never has length 0.

    For an unbounded metric the interval is value +- t times the standard error, with Hall's correction for skewness
    (`visiontk.stats.limits.skewed_widths`). The variance of the AUC is DeLong's.

    Parameters
    ----------
    metric : Metric
        Metric to estimate.
    y : ndarray of int64, shape (n,)
        True classes.
    scores : ndarray of float, shape (n_seeds, n, n_classes)
        Predictions of the learner fitted with each seed.
    weights : ndarray of shape (n_resamples, n)
        From `bootstrap_weights`, of groups if the data have groups.
    groups : ndarray, shape (n,), optional
        Independent unit of each sample; without it, each sample is one.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Estimate
        The interval is infinite, or 0 to 1, for fewer than two units, or fewer than three of a class if the metric
        averages over classes.

    Raises
    ------
    ValueError
        If shapes do not match, `confidence` is out of range or a bounded metric is outside 0 to 1.
    DataError
        If a score is NaN or the metric is undefined on these samples.

    Notes
    -----
    With one seed the interval is for the fitted learner; with several it is for the procedure, including seeds.

    Examples
    --------
    >>> import numpy as np
    >>> from visiontk.metrics import accuracy
    >>> from visiontk.stats import bootstrap_weights
    >>> y = np.array([0, 1] * 50)
    >>> scores = np.eye(2)[np.where(np.arange(100) < 90, y, 1 - y)]
    >>> result = estimate(accuracy, y, scores[None], bootstrap_weights(100))
    >>> result.value, round(result.low, 4), round(result.high, 4)
    (0.9, 0.8256, 0.9448)
    """
    check_arrays(y, scores, weights, groups)
    values = values_of(metric, y, scores)
    value = float(values.mean())
    (own,), influences = deviations_of(metric, y, [scores], weights, groups)
    units = units_of(y, groups, by_class=metric.averages_classes, influences=influences)
    if metric.kind == "proportion" and len(scores) == 1 and units.n == len(y):
        items = VarianceComponent(value * (1 - value) / units.n, math.inf)
        return _combine(value, items, VarianceComponent(0.0, 1.0), units, metric.kind, confidence)
    return estimate_from(values, own, units, len(y), kind=metric.kind, confidence=confidence)


def estimate_from(
    values: Floats, deviations: Floats, units: Units, n: int, *, kind: str = "bounded", confidence: float = 0.95
) -> Estimate:
    """Estimate a metric from values, shape (n_seeds,), and deviations, shape (n_seeds, k); see `estimate`.

    Examples
    --------
    >>> import numpy as np
    >>> from visiontk.stats.variance import deviations
    >>> replicates = np.random.default_rng(0).binomial(100, 0.9, (1, 2000)) / 100
    >>> result = estimate_from(np.array([0.9]), deviations(replicates), units_of(np.zeros(100)), 100)
    >>> round(result.low, 2), round(result.high, 2)
    (0.82, 0.95)
    """
    mean = deviations.mean(axis=0)
    value, plain = float(values.mean()), item_component(mean, units)
    if kind == "unbounded":
        floor = value**2 / (units.n + 2) ** 2
        items = VarianceComponent(plain.variance + floor, plain.df, skewness_of(mean))
    else:
        items = _widened(plain, value, units, n)
    return _combine(value, items, seed_component(values, deviations, units), units, kind, confidence)


def _combine(
    value: float, items: VarianceComponent, seeds: VarianceComponent, units: Units, kind: str, confidence: float
) -> Estimate:
    variance = items.variance + seeds.variance
    if math.isinf(variance):
        limits = Interval(-math.inf, math.inf)
    elif kind == "unbounded":
        below, above = skewed_widths([items, seeds], confidence)
        limits = Interval(value - below, value + above)
    elif variance < NO_VARIANCE:
        limits = _score_interval(value, units.n, t_quantile((1 + confidence) / 2, items.df))
    else:
        multiplier = half_width([items, seeds], confidence) / math.sqrt(variance)
        limits = _score_interval(value, _effective_size(value, variance, units.n), multiplier)
    if kind != "unbounded":
        limits = Interval(max(0.0, limits.low), min(1.0, limits.high))
    df = satterthwaite([items, seeds])
    return Estimate(value, *limits, math.sqrt(variance), df, items.variance, seeds.variance)


def _effective_size(value: float, variance: float, n_units: int) -> float:
    """Return the number of independent samples with which a proportion would have this variance.

    A proportion of 0 or 1 may vary over resamples: it is moved by half a sample. Moving other proportions near 0 or 1
    as well made intervals of few groups too short.
    """
    if value in (0.0, 1.0):
        near = 0.5 / (n_units + 1)
        return max(1.0, min(float(n_units), near * (1 - near) / variance))
    return value * (1 - value) / variance


def _widened(items: VarianceComponent, value: float, units: Units, n: int) -> VarianceComponent:
    """Return the variance of a bounded metric with the correction described in `estimate`."""
    if items.variance < NO_VARIANCE and not units.unseen:
        return VarianceComponent(value * (1 - value) / units.n, items.df)
    m = min(float(n), max(float(units.n), value * (1 - value) / max(items.variance, NO_VARIANCE)))
    return VarianceComponent(items.variance + (units.unseen or 1 / (m + 2) ** 2), items.df)


def _score_interval(proportion: float, n: float, quantile: float) -> Interval:
    """Return Wilson's interval, in the form of Brown, Cai and DasGupta (2001), Statistical Science 16, 101."""
    shrink = 1 + quantile**2 / n
    centre = (proportion + quantile**2 / (2 * n)) / shrink
    half = quantile / shrink * math.sqrt(proportion * (1 - proportion) / n + (quantile / (2 * n)) ** 2)
    # At 0 and 1 one limit equals the proportion, up to rounding.
    return Interval(max(0.0, min(proportion, centre - half)), min(1.0, max(proportion, centre + half)))
