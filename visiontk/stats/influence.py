"""Variance of a metric of one seed on independent samples, from the influence of each sample."""

from __future__ import annotations

import math

import numpy as np

from visiontk.core import Floats, Ints, Metric
from visiontk.stats.units import Units
from visiontk.stats.variance import NO_VARIANCE, VarianceComponent


def influences_of(metric: Metric, y: Ints, scores: Floats) -> Floats | None:
    """Return the influence of each sample on the mean over seeds, shape (n,); None if the metric does not state it."""
    if metric.influence is None:
        return None
    return np.asarray(np.mean([metric.influence(y, of_seed) for of_seed in scores], axis=0))


def sample_component(y: Ints, influences: Floats, units: Units, *, by_class: bool) -> VarianceComponent | None:
    """Return the variance of a metric, or of a difference, from the influences of the samples on it, shape (n,).

    For a metric that averages over classes it is the sum of the variances within classes, for the AUC of two classes
    that of DeLong, DeLong and Clarke-Pearson [1]_; if class means differ, as with more classes, the class frequencies
    of a test set are random, and that variance is added. The degrees of freedom are those of the units: with 3 to 10
    positives the normal quantile covered only 91 to 93 %, Welch's t 96 to 98 %. The result is None without variance, as
    when every pair is ranked correctly.

    References
    ----------
    .. [1] DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated receiver
       operating characteristic curves: a nonparametric approach, Biometrics 44, 837.

    Examples
    --------
    >>> from visiontk.metrics import auc_influences
    >>> from visiontk.stats.units import units_of
    >>> y, scores = np.array([0, 0, 0, 1, 1, 1]), np.array([0.1, 0.4, 0.6, 0.5, 0.9, 0.8])
    >>> influences = auc_influences(y, np.stack([1 - scores, scores], axis=1))
    >>> component = sample_component(y, influences, units_of(y, by_class=True), by_class=True)
    >>> round(component.variance, 4)
    0.0247
    """
    n = len(y)
    if math.isinf(units.factor):
        return VarianceComponent(math.inf, 1.0)
    if by_class:
        members = [influences[y == c] for c in np.unique(y)]
        within = sum(float(each.var(ddof=1)) * len(each) for each in members)
        variance = (within + sum(len(each) * float(each.mean()) ** 2 for each in members)) / n**2
    else:
        variance = float(influences.var(ddof=1)) / n
    return None if variance < NO_VARIANCE else VarianceComponent(variance, units.df)
