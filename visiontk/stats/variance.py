"""Variance of a metric over samples and seeds, as two crossed random effects.

The statistic d_s of seed s, on items (samples or groups) that all seeds share, is modelled as
``d_s = mean + seed_s + items + interaction_s`` [1]_. Its mean over S seeds has the variance

    V = Var(seed) / S + Var(items) + Var(interaction) / S.

The bootstrap over items with fixed fitted models estimates the last two terms together (`item_component`). The variance
s2 of the d_s, divided by S, estimates the first and the last together, so the interaction I is subtracted once
(`seed_component`): V = V_items + max(0, s2 / S - I).

The variance is estimated poorly from few seeds and well from many items. Each component therefore has the t quantile of
its own degrees of freedom: half width squared = t(d)^2 V_items + t(S - 1)^2 V_seeds, where d is that of the units
(`visiontk.stats.units`), which is conservative for any ratio of two independent variances [2]_. One t with
Satterthwaite's degrees of freedom [3]_ is shorter, but for normal variables and 3 seeds it covered only 91 % where
seeds dominate, and this 95 to 97 %. Accuracies of 3 or 5 seeds on 200 samples were covered in 95 to 97 %, in 92.5 to
93.5 % where seeds alone vary by 5 points or more. With 2 seeds nothing is subtracted, as s2 is then too often less
than I by chance; the interval is wide and covered 96 to 99.7 %.

References
----------
.. [1] Searle, Casella and McCulloch (1992), Variance components, Wiley, chapter 4 (two-way crossed classification).
   For readers and cases in place of seeds and items: Hillis (2007), A comparison of denominator degrees of freedom
   methods for multiple observer ROC analysis, Statistics in Medicine 26, 596.
.. [2] Banerjee (1960), On confidence interval for two-means problem based on separate estimates of variances and
   tabulated values of t-table, Sankhya 22, 359.
.. [3] Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bulletin 2,
   110.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric
from visiontk.errors import DataError
from visiontk.stats.units import Groups, Units

Weights = NDArray[Any]

CHUNK_BYTES = 16_000_000
"""Size of the blocks in which weights are converted to float64."""

NO_VARIANCE = 1e-24
"""Variances of bounded metrics below this are rounding errors."""


class VarianceComponent(NamedTuple):
    """Variance of an estimate, with its degrees of freedom."""

    variance: float
    df: float
    skewness: float = 0.0  # of the estimate, not of single samples; 0 for a symmetric distribution


def check_arrays(y: Ints, scores: Floats, weights: Weights, groups: Groups | None) -> None:
    """Check that scores are (n_seeds, n, n_classes), weights (n_resamples, n), groups (n,), and no score is NaN."""
    n = len(y)
    if scores.ndim != 3 or scores.shape[1] != n or scores.shape[0] < 1 or n < 1:
        raise ValueError(f"scores must have shape (n_seeds, n, n_classes) with n = {n} > 0; got {scores.shape}.")
    if weights.ndim != 2 or weights.shape[1] != n or weights.shape[0] < 2:
        raise ValueError(f"weights must have shape (n_resamples, {n}), with 2 resamples or more; got {weights.shape}.")
    if groups is not None and np.shape(groups) != (n,):
        raise ValueError(f"groups must have shape ({n},), one for each sample; got {np.shape(groups)}.")
    if np.isnan(scores).any():
        raise DataError(
            f"{int(np.isnan(scores).sum())} of {scores.size} scores are not numbers.",
            error_id="E-STATS-NAN",
            hint="The learner diverged, or its inputs hold NaN.",
        )


def values_of(metric: Metric, y: Ints, scores: Floats) -> Floats:
    """Return the metric of each seed, shape (n_seeds,)."""
    values = np.array([metric(y, of_seed) for of_seed in scores])
    if not np.isfinite(values).all():
        raise DataError(
            f"{metric.name} is undefined on these {len(y)} samples of {len(np.unique(y))} classes.",
            error_id="E-STATS-UNDEFINED",
            hint="Choose another metric, or a test set with every class.",
        )
    if metric.kind != "unbounded":
        for wrong in values[(values < -1e-9) | (values > 1 + 1e-9)]:
            raise ValueError(
                f"Metric {metric.name!r} is declared as {metric.kind}, between 0 and 1; got {wrong:.6g}. "
                f"Declare kind='unbounded'."
            )
        values = values.clip(0.0, 1.0)  # a sum of rounded terms may exceed 1
    return values


def replicates_of(metric: Metric, y: Ints, scores: Floats, weights: Weights) -> Floats:
    """Return the metric of each seed on each resample, shape (n_seeds, n_resamples); NaN where it is undefined."""
    rows = max(16, CHUNK_BYTES // (8 * len(y)))
    replicates = np.empty((len(scores), len(weights)))
    for start in range(0, len(weights), rows):
        block = weights[start : start + rows].astype(np.float64)
        for seed, of_seed in enumerate(scores):
            replicates[seed, start : start + rows] = metric.function(y, of_seed, block)
    return replicates


def item_component(replicates: Floats, units: Units) -> VarianceComponent:
    """Return the variance over items, from bootstrap replicates of a statistic, shape (n_resamples,).

    The bootstrap variance is too small by `units.factor`, for a mean of G units (G - 1) / G, which is corrected.
    Resamples with an undefined statistic are omitted. Units that allow no inference have an infinite variance.

    Examples
    --------
    >>> from visiontk.stats.units import units_of
    >>> item_component(np.array([0.0, 1.0]), units_of(np.zeros(5, np.int64)))
    VarianceComponent(variance=0.3125, df=4.0, skewness=0.0)
    """
    defined = replicates[np.isfinite(replicates)]
    if math.isinf(units.factor) or len(defined) < 2:
        return VarianceComponent(math.inf, 1.0)
    return VarianceComponent(float(defined.var()) * units.factor, units.df)


def seed_component(values: Floats, replicates: Floats, units: Units) -> VarianceComponent:
    """Return the variance over seeds: s2 / S less the interaction I, which `item_component` includes.

    I is `interaction_of`. With two seeds nothing is subtracted; with one seed the variance is 0. Replicates have the
    shape (n_seeds, n_resamples).

    Examples
    --------
    >>> from visiontk.stats.units import units_of
    >>> replicates = np.array([[0.0, 2.0], [1.0, 3.0], [2.0, 4.0]])
    >>> seed_component(np.array([1.0, 2.0, 3.0]), replicates, units_of(np.zeros(10)))
    VarianceComponent(variance=0.3333333333333333, df=2.0, skewness=0.0)
    """
    n_seeds = len(values)
    if n_seeds < 2:
        return VarianceComponent(0.0, 1.0)
    variance = float(values.var(ddof=1)) / n_seeds
    interaction = interaction_of(replicates, units) if n_seeds > 2 else 0.0
    return VarianceComponent(max(0.0, variance - interaction), n_seeds - 1.0)


def interaction_of(replicates: Floats, units: Units) -> float:
    """Return the part of the item variance of a mean over seeds due to items that are hard for some seeds only.

    With Var_boot(d_s) = b + e and Var_boot(mean of d_s) = b + e / S, it is
    I = e / S = (mean of Var_boot(d_s) - Var_boot(mean of d_s)) / (S - 1).

    Examples
    --------
    >>> from visiontk.stats.units import units_of
    >>> interaction_of(np.array([[0.0, 2.0], [2.0, 0.0]]), units_of(np.zeros(11)))
    1.1
    """
    together = item_component(replicates.mean(axis=0), units).variance
    if len(replicates) < 2 or math.isinf(together):
        return 0.0
    single = float(np.mean([item_component(of_seed, units).variance for of_seed in replicates]))
    return max(0.0, single - together) / (len(replicates) - 1)


def satterthwaite(components: Sequence[VarianceComponent]) -> float:
    """Return the degrees of freedom of a sum of components [1]_: V squared over the sum of v squared over df.

    They describe the precision of a standard error; the intervals do not use them.

    References
    ----------
    .. [1] Satterthwaite (1946), An approximate distribution of estimates of variance components,
       Biometrics Bulletin 2, 110.

    Examples
    --------
    >>> satterthwaite([VarianceComponent(1.0, 9.0), VarianceComponent(1.0, 9.0)])
    18.0
    """
    known = [each for each in components if each.variance > 0 and math.isfinite(each.df)]
    total = sum(each.variance for each in components)
    if not known or math.isinf(total):
        return components[0].df
    return total**2 / sum(each.variance**2 / each.df for each in known)


def skewness_of(replicates: Floats) -> float:
    """Return the skewness of bootstrap replicates, shape (n_resamples,); 0 if they are constant.

    Examples
    --------
    >>> round(skewness_of(np.array([0.0, 0.0, 3.0])), 3)
    0.707
    """
    defined = replicates[np.isfinite(replicates)]
    if not len(defined):
        return 0.0
    centred = defined - defined.mean()
    variance = float(centred.var())
    return float((centred**3).mean()) / variance**1.5 if variance > NO_VARIANCE else 0.0
