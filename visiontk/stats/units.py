"""Independent units of a test set: what its samples or groups, and those of each class, can say about a variance.

The precision of a variance is stated as degrees of freedom. Units that hold the shares h of the samples count as
1 / sum(h^2), Kish's effective number [1]_: with 20 groups of which one holds half of the samples, 19 degrees of freedom
called equally good learners different in 21 to 23 % of simulated cases, 1 / sum(h^2) - 1 in 3 to 4 %.

A metric that averages over classes, such as the AUC, is as uncertain as its rarest class: the variance is a sum over
classes, each known from the units of that class, and its degrees of freedom are those of Welch [2]_ and Satterthwaite
[3]_. Below `FEWEST_OF_A_CLASS` units of a class nothing is known about others of that class: the variance is infinite.

References
----------
.. [1] Kish (1965), Survey sampling, Wiley, section 8.2.
.. [2] Welch (1947), The generalization of Student's problem when several different population variances are involved,
   Biometrika 34, 28.
.. [3] Satterthwaite (1946), An approximate distribution of estimates of variance components, Biometrics Bulletin 2,
   110.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints

Groups = NDArray[Any]

FEWEST_OF_A_CLASS = 3
"""Units of a class below which a metric that averages over classes has no interval.

With one positive among ten samples, perfect and reversed ranking differed with p = 8e-7; equally good learners did in
52 % of simulated cases with one positive among 50 samples, and in 14 % with two groups of positives.
"""

SMALLEST_DF = 0.1
"""Degrees of freedom where nearly all samples belong to one unit: an interval then says nothing."""


class Units(NamedTuple):
    """Independent units, for one metric and the influences of the samples on it.

    Parameters
    ----------
    n : int
        Number of groups, or of samples without groups.
    df : float
        Degrees of freedom of a variance estimated from them.
    factor : float
        Ratio of an unbiased variance to that over bootstrap resamples; infinite if nothing can be inferred.
    unseen : float
        Variance to allow for disagreements that few units do not show, as in `visiontk.stats.difference`; 0 for metrics
        that do not average over classes, where it depends on the design effect.
    smallest : float
        Units of the smallest class times the number of classes; `n` for metrics that do not average over classes.
    """

    n: int
    df: float
    factor: float
    unseen: float
    smallest: float


def units_of(
    y: Ints, groups: Groups | None = None, *, by_class: bool = False, influences: Floats | None = None
) -> Units:
    """Return the independent units of a test set.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True classes.
    groups : ndarray, shape (n,), optional
        Independent unit of each sample; without it, each sample is one.
    by_class : bool
        True for a metric that averages over classes.
    influences : ndarray of float64, shape (n,), optional
        Influence of each sample on the metric or the difference (`Metric.influence`), by which the classes are
        weighted; without it the class with the fewest units counts alone.

    Examples
    --------
    >>> units_of(np.zeros(5, np.int64)).df
    4.0
    >>> round(units_of(np.zeros(4, np.int64), np.array([0, 0, 0, 1])).df, 2)
    0.6
    """
    member = None if groups is None else np.unique(groups, return_inverse=True)[1].ravel()
    n = len(y) if member is None else int(member.max()) + 1
    if n < 2:
        return Units(n, 1.0, math.inf, 0.0, n)
    if not by_class:
        return Units(n, _df(_shares(member, np.arange(len(y)))), n / (n - 1), 0.0, n)
    members = [np.flatnonzero(y == c) for c in np.unique(y)]
    shares = [_shares(member, each) for each in members]
    counts = np.array([np.count_nonzero(each) for each in shares], dtype=np.float64)
    smallest = float(counts.min()) * len(members)
    if counts.min() < FEWEST_OF_A_CLASS:
        return Units(n, 1.0, math.inf, 0.0, smallest)
    dfs = np.array([_df(each) for each in shares])
    factors, unseen = counts / (counts - 1), 1 / (len(members) * (counts + 2)) ** 2
    if influences is None:
        return Units(n, float(dfs.min()), float(factors.max()), float(unseen.sum()), smallest)
    plain = np.array([_variance(member, *each, influences) for each in zip(members, shares, strict=True)])
    variances = plain * factors + unseen
    # Groups may hold several classes, whose variances are then not independent: no more than all groups together say.
    together = math.inf if member is None else _df(np.mean([_over_groups(member, each) for each in members], axis=0))
    df = min(together, float(variances.sum() ** 2 / (variances**2 / dfs).sum()))
    factor = float((plain * factors).sum() / plain.sum()) if plain.any() else float(factors.max())
    return Units(n, df, factor, float(unseen.sum()), smallest)


def _over_groups(member: Ints, samples: Ints) -> Floats:
    """Return the share of these samples in each group, shape (n_groups,)."""
    return np.bincount(member[samples], minlength=int(member.max()) + 1) / len(samples)


def _shares(member: Ints | None, samples: Ints) -> Floats:
    """Return the shares of units among these samples; without groups all are equal."""
    return np.full(len(samples), 1 / len(samples)) if member is None else _over_groups(member, samples)


def _df(shares: Floats) -> float:
    """Return 1 / sum of squared shares - 1, exactly one less than their number where they are equal."""
    effective = 1 / float((shares**2).sum())
    return max(min(effective, len(shares)) - 1 if shares.min() < shares.max() else len(shares) - 1.0, SMALLEST_DF)


def _variance(member: Ints | None, samples: Ints, shares: Floats, influences: Floats) -> float:
    """Return the variance that the units of one class contribute, without the correction for its bias."""
    own = influences[samples] / len(influences)
    sums = own if member is None else np.bincount(member[samples], own, minlength=len(shares))
    return float(((sums - shares * own.sum()) ** 2).sum())
