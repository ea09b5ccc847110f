"""Paired difference of two learners on the same samples, with interval and test."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric
from visiontk.stats.influence import influences_of, sample_component
from visiontk.stats.limits import Pair, limits, p_value
from visiontk.stats.mcnemar import mcnemar_exact
from visiontk.stats.resample import bootstrap_weights
from visiontk.stats.units import Groups, Units, units_of
from visiontk.stats.variance import (
    VarianceComponent,
    Weights,
    check_arrays,
    interaction_of,
    item_component,
    replicates_of,
    satterthwaite,
    seed_component,
    skewness_of,
    values_of,
)

Scope = Literal["fitted models", "procedure"]

DESIGN_RESAMPLES = 200
"""Resamples for the design effect, which only affects the correction of the variance."""


class Difference(NamedTuple):
    """Metric of learner a less that of learner b on the same samples.

    Parameters
    ----------
    value : float
        Mean over seeds of metric(a) - metric(b). If lower is better, a negative value means that a is better.
    low, high : float
        Confidence limits. They exclude zero exactly if `p_value` is below 1 - `confidence`.
    p_value : float
        Two-sided p-value of no difference, not corrected for several comparisons.
    test : str
        Name of the test.
    scope : {"fitted models", "procedure"}
        Population of the inference: these two fitted learners (one seed each), or refitted ones.
    components : tuple of VarianceComponent
        Variance due to samples (or groups), and due to the seeds, with their degrees of freedom.
    bounded : bool
        True if the metric lies between 0 and 1, so that the difference can be given in percentage points.
    confidence : float
        Confidence level of the interval.
    interaction_variance : float
        Part of the variance of the items due to those that are hard for some seeds only; more seeds reduce it as well.
    group_variance : float
        Part of the variance of the items due to the similarity of samples within groups.
    n_units : int
        Number of groups, or of samples without groups.
    n_seeds : int
        Number of seeds; if the learners have several and unequal numbers, the smaller one.
    rare : float
        Effective number of samples among which rare disagreements could go unseen (`visiontk.stats.limits`).
    rare_units : float
        The same if whole units may disagree; equal to `rare` without groups.
    mcnemar : float or None
        P-value of the exact McNemar test, a second opinion for the accuracy of one seed on independent samples.
    """

    value: float
    low: float
    high: float
    p_value: float
    test: str
    scope: Scope
    components: tuple[VarianceComponent, ...]
    bounded: bool
    confidence: float
    interaction_variance: float = 0.0
    group_variance: float = 0.0
    n_units: int = 0
    n_seeds: int = 1
    rare: float = math.inf
    rare_units: float = math.inf
    mcnemar: float | None = None

    @property
    def item_variance(self) -> float:
        """Variance due to samples or groups."""
        return self.components[0].variance

    @property
    def seed_variance(self) -> float:
        """Variance due to seeds."""
        return sum(each.variance for each in self.components[1:])

    @property
    def standard_error(self) -> float:
        """Square root of the sum of both variances."""
        return math.sqrt(self.item_variance + self.seed_variance)

    @property
    def df(self) -> float:
        """Degrees of freedom of `standard_error`, by Satterthwaite."""
        return satterthwaite(self.components)

    def at(self, confidence: float) -> Difference:
        """Return the same difference with the limits of another confidence level.

        Examples
        --------
        >>> parts = (VarianceComponent(1e-4, 99.0),)
        >>> result = Difference(0.02, -0.004, 0.044, 0.1, "t", "procedure", parts, True, 0.95)
        >>> round(result.at(0.99).low, 3)
        -0.006
        """
        low, high = self._limits(confidence, self.rare)
        return self._replace(low=low, high=high, confidence=confidence)

    def if_units_fail(self) -> Pair:
        """Return limits that allow for whole groups on which one learner fails and that were not seen."""
        return self._limits(self.confidence, self.rare_units)

    def p_of(self, null: float) -> float:
        """Return the two-sided p-value of a true difference `null`: one less the confidence that just includes it.

        Examples
        --------
        >>> parts = (VarianceComponent(1e-4, 99.0),)
        >>> result = Difference(0.02, -0.004, 0.044, 0.1, "t", "procedure", parts, True, 0.95)
        >>> round(result.p_of(0.0), 3), round(result.p_of(result.at(0.9).high), 3)
        (0.048, 0.1)
        """
        if null == 0 or math.isinf(self.rare):
            return p_value(self.value - null, self.components)
        low, high = -15.0, 0.0  # bisection of log10(p)
        for _ in range(60):
            middle = (low + high) / 2
            ends = self._limits(1 - 10**middle, self.rare)
            low, high = (middle, high) if ends[0] <= null <= ends[1] else (low, middle)
        return float(10**high)

    def _limits(self, confidence: float, rare: float) -> Pair:
        low, high = limits(self.value, self.components, confidence, rare)
        return (max(-1.0, low), min(1.0, high)) if self.bounded else (low, high)


def difference(
    metric: Metric,
    y: Ints,
    scores_a: Floats,
    scores_b: Floats,
    weights: Weights,
    groups: Groups | None = None,
    *,
    confidence: float = 0.95,
) -> Difference:
    """Return a metric of learner a less that of learner b, with interval and test, from the same resamples.

    The variance of the difference follows `visiontk.stats.variance`. Learners with equally many seeds are paired by
    seed. Otherwise the seeds of a and b are treated as independent, each with its own component; a learner with one
    seed then adds none, as if it were deterministic. With one seed on independent samples, the variance of the samples
    is that of their influences, where the metric states them, which is DeLong's for the AUC; otherwise it is that over
    bootstrap resamples. Its degrees of freedom are those of the independent units (`visiontk.stats.units`).

    If two good learners differ on few samples the variance is too small, on none it is 0. For bounded metrics
    1 / (m + 2)^2 is therefore added, which is the effect of half a pseudo-sample in each cell of the table, as in
    Agresti and Min [1]_, for m independent samples. Here m is the effective number of samples, n over the design
    effect [2]_ (variance over groups divided by that over samples), limited to the number of groups to n; for a metric
    that averages over classes it is added for each class and its units. DeLong's variance needs no correction (it
    covered 94.5 to 99.5 % of AUCs from 0.76 to 0.96), unless no pair of samples is ranked differently. For unbounded
    metrics value^2 / (m + 2)^2 is added for m units, as a pseudo-unit with the opposite difference would.

    Parameters
    ----------
    metric : Metric
        Metric to compare.
    y : ndarray of int64, shape (n,)
        True classes.
    scores_a, scores_b : ndarray of float, shapes (n_seeds_a, n, n_classes) and (n_seeds_b, n, n_classes)
        Predictions of each learner fitted with each seed.
    weights : ndarray of shape (n_resamples, n)
        From `bootstrap_weights`, of groups if the data have groups.
    groups : ndarray, shape (n,), optional
        Independent unit of each sample; without it, each sample is one.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Difference
        Limits of bounded metrics are in -1 to 1. They are infinite, with p = 1, for fewer than two units, or fewer than
        three of a class if the metric averages over classes.

    Raises
    ------
    ValueError
        If shapes do not match, `confidence` is out of range or a bounded metric is outside 0 to 1.
    DataError
        If a score is NaN or the metric is undefined on these samples.

    References
    ----------
    .. [1] Agresti and Min (2005), Simple improved confidence intervals for comparing matched proportions,
       Statistics in Medicine 24, 729.
    .. [2] Kish (1965), Survey sampling, Wiley, section 8.2.

    Examples
    --------
    >>> from visiontk.metrics import accuracy
    >>> from visiontk.stats import bootstrap_weights
    >>> y = np.zeros(100, dtype=np.int64)
    >>> a, b = np.eye(2)[(np.arange(100) < 10).astype(int)], np.eye(2)[(np.arange(100) < 25).astype(int)]
    >>> result = difference(accuracy, y, a[None], b[None], bootstrap_weights(100))
    >>> round(result.value, 2), round(result.low, 2), round(result.high, 2), round(result.p_value, 5), result.test
    (0.15, 0.08, 0.23, 0.00011, 'paired t')
    """
    check_arrays(y, scores_a, weights, groups)
    check_arrays(y, scores_b, weights, groups)
    scores = scores_a, scores_b
    values = values_of(metric, y, scores_a), values_of(metric, y, scores_b)
    one, other = (influences_of(metric, y, each) for each in scores)
    influences = None if one is None or other is None else one - other
    units = units_of(y, groups, by_class=metric.averages_classes, influences=influences)
    n_seeds = [len(each) for each in scores]
    single = max(n_seeds) == 1 and units.n == len(y)
    variance = _variance(metric, y, scores, values, weights, units, influences if single else None)
    value = float(values[0].mean() - values[1].mean())
    if metric.kind == "unbounded":
        variance = variance._replace(items=variance.items._replace(
            variance=variance.items.variance + value**2 / (units.n + 2) ** 2))  # fmt: skip
    components = (variance.items, *variance.seeds)
    bounded = metric.kind != "unbounded"
    result = Difference(
        value=value,
        low=value,
        high=value,
        p_value=p_value(value, components),
        test=variance.test,
        scope="procedure" if max(n_seeds) > 1 else "fitted models",
        components=components,
        bounded=bounded,
        confidence=confidence,
        interaction_variance=variance.interaction,
        group_variance=variance.groups,
        n_units=units.n,
        n_seeds=min((n for n in n_seeds if n > 1), default=1),
        rare=variance.rare if bounded else math.inf,
        rare_units=units.smallest if bounded else math.inf,
        mcnemar=_mcnemar(metric, y, scores_a[0], scores_b[0]) if metric.kind == "proportion" and single else None,
    )
    return result.at(confidence)


class _Variance(NamedTuple):
    """Variance components of a difference, parts of `items` for the power analysis, and the name of the test."""

    items: VarianceComponent
    seeds: list[VarianceComponent]
    interaction: float
    groups: float
    test: str
    rare: float


def _variance(
    metric: Metric,
    y: Ints,
    scores: tuple[Floats, Floats],
    values: tuple[Floats, Floats],
    weights: Weights,
    units: Units,
    influences: Floats | None,
) -> _Variance:
    """Return the variance: from influences where they are known, else by bootstrap of units, crossed with seeds."""
    if influences is not None:
        items = sample_component(y, influences, units, by_class=metric.averages_classes)
        ranks = metric.averages_classes and not metric.decides
        if items is None or not ranks:
            variance = (0.0 if items is None else items.variance) + _unseen(units, units.n)
            items = VarianceComponent(variance, units.df)
        return _Variance(items, [], 0.0, 0.0, "DeLong" if ranks else "paired t", units.smallest)
    return _bootstrap(metric, y, scores, values, weights, units)


def _unseen(units: Units, m: float) -> float:
    return units.unseen or 1 / (m + 2) ** 2


def _bootstrap(
    metric: Metric,
    y: Ints,
    scores: tuple[Floats, Floats],
    values: tuple[Floats, Floats],
    weights: Weights,
    units: Units,
) -> _Variance:
    """Return the variance by bootstrap of samples or groups, crossed with seeds."""
    grouped = units.n < len(y)
    replicates_a, replicates_b = (replicates_of(metric, y, each, weights) for each in scores)
    replicates = replicates_a.mean(axis=0) - replicates_b.mean(axis=0)
    items = item_component(replicates, units)
    independent = _independent_variance(metric, y, *scores) if grouped else items.variance
    groups = max(0.0, items.variance - independent) if math.isfinite(items.variance) else 0.0
    m = _effective_samples(len(y), independent, items.variance, units.n)
    if metric.kind != "unbounded":
        items = items._replace(variance=items.variance + _unseen(units, m))
    else:
        items = items._replace(skewness=skewness_of(replicates))
    if len(scores[0]) == len(scores[1]):
        varied = [(values[0] - values[1], replicates_a - replicates_b)]
    else:
        varied = [(values[0], replicates_a), (values[1], replicates_b)]
    seeds = [seed_component(*each, units) for each in varied]
    interaction = min(items.variance, sum(interaction_of(of_seeds, units) for _, of_seeds in varied))
    several = max(len(each) for each in scores) > 1
    test = f"paired {'group ' if grouped else ''}bootstrap t" + (", seeds x items" if several else "")
    return _Variance(items, seeds, interaction, groups, test, units.smallest if metric.averages_classes else m)


def _mcnemar(metric: Metric, y: Ints, scores_a: Floats, scores_b: Floats) -> float:
    return mcnemar_exact(_right(metric, y, scores_a), _right(metric, y, scores_b)).p_value


def _right(metric: Metric, y: Ints, scores: Floats) -> NDArray[np.bool_]:
    """Return which samples are correct under a metric that is a proportion of correct samples."""
    size = 128  # limits the size of the weights that select each sample
    blocks = [slice(start, start + size) for start in range(0, len(y), size)]
    return np.concatenate([metric.function(y[b], scores[b], np.eye(len(y[b]))) for b in blocks]) > 0.5


@lru_cache(maxsize=1)
def _independent_weights(n: int) -> Weights:
    return bootstrap_weights(n, n_resamples=DESIGN_RESAMPLES)


def _independent_variance(metric: Metric, y: Ints, scores_a: Floats, scores_b: Floats) -> float:
    """Return the item variance as if all samples were independent."""
    weights = _independent_weights(len(y))
    draws = [replicates_of(metric, y, scores, weights).mean(axis=0) for scores in (scores_a, scores_b)]
    return item_component(draws[0] - draws[1], units_of(y)).variance


def _effective_samples(n: int, independent: float, variance: float, n_units: int) -> float:
    """Return the number of independent samples with this variance, between `n_units` and n."""
    if n_units == n:
        return n
    if not independent or not variance:
        return n_units
    return min(float(n), max(float(n_units), n * independent / variance))
