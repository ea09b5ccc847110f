"""Several learners on the same data sets: Friedman's test, Nemenyi's critical difference, tests of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from visiontk.core import Floats
from visiontk.stats.across import LEVEL, signed_rank
from visiontk.stats.corrections import holm

MIN_RANKED = 3
"""Minimum number of learners and of data sets."""

N_PERMUTATIONS = 9_999
"""All permutations are used if there are no more, else so many random ones: a p-value of 0.05 is exact to ±0.004."""


class Friedman(NamedTuple):
    """Ranks of shape (n_datasets, n_learners), mean ranks and the test of equal mean ranks.

    ``smallest`` is the p-value of complete agreement; ``exact`` is True if all permutations were used.
    """

    ranks: Floats
    mean_ranks: Floats
    statistic: float
    p_value: float
    smallest: float
    exact: bool


class PairTest(NamedTuple):
    """Signed-rank test of two learners, given by their columns, over ``n`` data sets with a difference.

    ``sign`` is 1 if the first has the larger sum of signed ranks, -1 if the second has; ``smallest`` is the adjusted
    p-value of complete agreement.
    """

    first: int
    second: int
    n: int
    p_value: float
    p_adjusted: float
    smallest: float
    sign: int


def friedman(values: ArrayLike, *, higher_is_better: bool | Sequence[bool] = True) -> Friedman:
    """Permutation version of Friedman's test [1]_ of equal performance of all learners.

    `values` are of shape (n_datasets, k_learners), 3 or more of either, on independent data sets. Rank 1 is the best
    value; ties have midranks. The statistic is corrected for ties; its p-value is the proportion of permutations of
    ranks within data sets with at least the same statistic. The level holds for any number of data sets and ties,
    unlike that of the chi-square approximation and of Iman and Davenport's F [2]_.

    References
    ----------
    .. [1] Friedman (1937), The use of ranks to avoid the assumption of normality implicit in the analysis of variance,
       JASA 32, 675.
    .. [2] Iman and Davenport (1980), Approximations of the critical region of the Friedman statistic, Communications
       in Statistics A 9, 571.

    Examples
    --------
    >>> result = friedman([[0.9, 0.8, 0.7], [0.8, 0.7, 0.7], [0.99, 0.95, 0.91]])
    >>> result.mean_ranks.round(2).tolist(), round(result.statistic, 2), round(result.p_value, 3)
    ([1.0, 2.17, 2.83], 5.64, 0.056)
    """
    from scipy.stats import rankdata  # imported here: it takes a second

    table = _table(values, higher_is_better)
    ranks = rankdata(-table, axis=1)
    # The null distribution depends on the ties only: sorting makes it independent of the order of the arguments.
    tied = np.sort(ranks, axis=1)
    tied = tied[np.lexsort(tied.T)]
    null = _null(tied.shape, tied.tobytes())
    exact = _n_permutations(ranks.shape) <= N_PERMUTATIONS

    def tail(statistic: float) -> float:
        return float((np.sum(null >= statistic - 1e-9) + (not exact)) / (len(null) + (not exact)))

    p_value, smallest = tail(_sum_of_squares(*ranks.T)), tail(_sum_of_squares(*tied.T))
    return Friedman(ranks, ranks.mean(axis=0), _statistic(ranks), p_value, smallest, exact)


@lru_cache(maxsize=16)
def _null(shape: tuple[int, ...], ranks: bytes) -> Floats:
    """Return the null distribution of `_sum_of_squares`, for ranks as the bytes of a table of this shape."""
    from scipy.stats import permutation_test

    table = np.frombuffer(ranks).reshape(shape)
    result = permutation_test(
        tuple(table.T),
        _sum_of_squares,
        permutation_type="samples",
        vectorized=True,
        alternative="greater",
        n_resamples=N_PERMUTATIONS,
        batch=1000,  # the same result in less memory
        rng=np.random.default_rng(0),
    )
    return np.asarray(result.null_distribution, dtype=np.float64)


def _table(values: ArrayLike, higher_is_better: bool | Sequence[bool]) -> Floats:
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < MIN_RANKED:
        raise ValueError(f"Ranks need {MIN_RANKED} or more data sets and as many learners; got shape {table.shape}.")
    if not np.isfinite(table).all():
        raise ValueError("Every learner needs a finite value on every data set.")
    upward = np.broadcast_to(np.asarray(higher_is_better, dtype=bool), len(table))
    return np.where(upward[:, None], table, -table)


def _n_permutations(shape: tuple[int, ...]) -> float:
    n, k = shape
    return float(np.prod(np.arange(1.0, k + 1)) ** n)


def _sum_of_squares(*columns: Any, axis: int = -1) -> Any:
    """Return the sum of squared column sums, an increasing function of Friedman's statistic under permutation."""
    return sum(np.sum(column, axis=axis) ** 2 for column in columns)


def _statistic(ranks: Floats) -> float:
    """Return Friedman's chi-square with ties, after Conover (1999), Practical nonparametric statistics, 5.8."""
    n, k = ranks.shape
    between = np.sum((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2)
    within = np.sum(ranks**2) - n * k * (k + 1) ** 2 / 4
    return float((k - 1) * between / within) if within else 0.0


@cache
def critical_difference(n_datasets: int, n_learners: int, *, level: float = LEVEL) -> float:
    """Return the critical difference of mean ranks of Nemenyi's test [1]_, as in [2]_, equations 5 and 6.

    The result for a pair depends on which other learners are compared [3]_.

    References
    ----------
    .. [1] Nemenyi (1963), Distribution-free multiple comparisons, Princeton University.
    .. [2] Demsar (2006), Statistical comparisons of classifiers over multiple data sets, JMLR 7, 1.
    .. [3] Benavoli, Corani and Mangili (2016), Should we really use post-hoc tests based on mean-ranks? JMLR 17, 5.

    Examples
    --------
    >>> round(critical_difference(14, 4), 2)  # the example of Demsar, section 3.2.4
    1.25
    """
    if n_datasets < 1 or n_learners < 2 or not 0 < level < 1:
        raise ValueError(
            "A critical difference needs a data set, two learners and a level between 0 and 1; "
            f"got {n_datasets}, {n_learners} and {level}."
        )
    from scipy.stats import studentized_range

    with np.errstate(under="ignore"):  # far in its tails
        q = studentized_range.ppf(1 - level, n_learners, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(n_learners * (n_learners + 1) / (6 * n_datasets)))


def cliques(mean_ranks: ArrayLike, critical: float) -> list[list[int]]:
    """Return the largest sets of learners without a critical difference, as column numbers, best first.

    Examples
    --------
    >>> cliques([1.2, 3.4, 2.0, 2.9], 1.0)
    [[0, 2], [2, 3], [3, 1]]
    """
    means = np.asarray(mean_ranks, dtype=np.float64)
    if means.ndim != 1 or not np.isfinite(means).all() or not critical > 0:
        raise ValueError(
            f"Mean ranks are finite and the critical difference above 0; got {means.tolist()}, {critical}."
        )
    order = np.argsort(means, kind="stable")
    sets: list[list[int]] = []
    for start in range(len(order)):
        # The tolerance allows for rounding of sums of ranks.
        alike = [int(i) for i in order[start:] if means[i] - means[order[start]] < critical - 1e-12]
        if len(alike) > 1 and not (sets and set(alike) <= set(sets[-1])):
            sets.append(alike)
    return sets


def pairs(values: ArrayLike, *, higher_is_better: bool | Sequence[bool] = True) -> list[PairTest]:
    """Signed-rank tests of all pairs of learners, corrected by Holm.

    Unlike a test of mean ranks, the test of a pair does not depend on other learners, as recommended in [1]_.
    Differences on all data sets must have the same unit.

    References
    ----------
    .. [1] Benavoli, Corani and Mangili (2016), Should we really use post-hoc tests based on mean-ranks? JMLR 17, 5.

    Examples
    --------
    >>> tests = pairs([[0.9, 0.8, 0.7], [0.8, 0.7, 0.6], [0.99, 0.95, 0.91]])
    >>> [(pair.first, pair.second, pair.p_value, pair.p_adjusted) for pair in tests]
    [(0, 1, 0.25, 0.75), (0, 2, 0.25, 0.75), (1, 2, 0.25, 0.75)]
    """
    from scipy.stats import rankdata

    table = _table(values, higher_is_better)
    k = table.shape[1]
    differences = [(i, j, table[:, i] - table[:, j]) for i in range(k) for j in range(i + 1, k)]
    tests = [signed_rank(difference) for _, _, difference in differences]
    adjusted = holm([each.p_value for each in tests])
    return [
        PairTest(
            i,
            j,
            each.n,
            each.p_value,
            float(p),
            min(1.0, each.smallest * len(differences)),
            int(np.sign(np.sum(np.sign(difference) * rankdata(np.abs(difference)) * (difference != 0)))),
        )
        for (i, j, difference), each, p in zip(differences, tests, adjusted, strict=True)
    ]


def datasets_needed(n_learners: int, *, level: float = LEVEL) -> int:
    """Return the number of data sets from which a pair can be significant after Holm, if all of them agree.

    Examples
    --------
    >>> datasets_needed(3), datasets_needed(5), datasets_needed(8)
    (7, 9, 11)
    """
    if n_learners < 2 or not 2.0**-40 <= level < 1:
        raise ValueError(f"Two learners and a level below 1 are needed; got {n_learners} and {level}.")
    n_pairs = n_learners * (n_learners - 1) // 2
    return next(n for n in range(1, 64) if n_pairs * 2.0 ** (1 - n) < level)
