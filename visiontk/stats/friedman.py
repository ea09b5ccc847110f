"""Several learners that all ran on the same data sets: ranks, Friedman's test, Nemenyi's distance, tests of pairs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from visiontk.core import Floats
from visiontk.stats.across import LEVEL, signed_rank
from visiontk.stats.corrections import holm

FEWEST = 3
"""Learners, and data sets, from which on there is something to test."""

ARRANGEMENTS = 9_999
"""Counted one by one where there are no more, else so many are drawn: then 0.05 is known to ±0.004."""


class Friedman(NamedTuple):
    """Ranks of shape (n_datasets, k_learners), their means, and how likely means as unlike are by chance.

    ``smallest`` is the p-value that total agreement would have; ``exact`` whether arrangements were counted or drawn.
    """

    ranks: Floats
    mean_ranks: Floats
    statistic: float
    p_value: float
    smallest: float
    exact: bool


class Pair(NamedTuple):
    """Two learners by their places: data sets that differ, p-value of the signed-rank test, raw and after Holm.

    ``sign`` is 1 where the first has the larger sum of signed ranks, -1 where the second has it; ``smallest`` is the
    adjusted p-value that this pair would have if all data sets agreed.
    """

    first: int
    second: int
    n: int
    p_value: float
    p_adjusted: float
    smallest: float
    sign: int


def friedman(values: ArrayLike, *, higher_is_better: bool | Sequence[bool] = True) -> Friedman:
    """Friedman's test [1]_ by permutation: no learner tends to do better than another.

    The statistic is his, corrected for ties; its p-value is the share of arrangements, each data set shuffling its own
    ranks, whose mean ranks are as unlike or more so. It keeps its level with any number of data sets and any ties,
    where the chi-square approximation is far too cautious with few of them, and Iman and Davenport's F [2]_ is one
    more approximation.

    Parameters
    ----------
    values : array-like of shape (n_datasets, k_learners)
        Data sets that are independent of each other; 3 or more of either.
    higher_is_better : bool, or one for each data set
        Rank 1 is that of the best value; ties share the mean of their ranks.

    Raises
    ------
    ValueError
        If there are too few learners or data sets, or a value is not finite.

    References
    ----------
    .. [1] Friedman (1937), The use of ranks to avoid the assumption of normality implicit in the analysis of variance,
       JASA 32, 675.
    .. [2] Iman and Davenport (1980), Approximations of the critical region of the Friedman statistic, Communications
       in Statistics A 9, 571.

    Examples
    --------
    >>> found = friedman([[0.9, 0.8, 0.7], [0.8, 0.7, 0.7], [0.99, 0.95, 0.91]])
    >>> found.mean_ranks.round(2).tolist(), round(found.statistic, 2), round(found.p_value, 3)
    ([1.0, 2.17, 2.83], 5.64, 0.056)
    """
    from scipy.stats import rankdata  # here, as it takes a second or two to import

    table = _table(values, higher_is_better)
    ranks = rankdata(-table, axis=1)
    # Chance depends on the ties alone: draws are the same in whatever order data sets and learners are named.
    tied = np.sort(ranks, axis=1)
    tied = tied[np.lexsort(tied.T)]
    null = _null(tied.shape, tied.tobytes())
    exact = _n_arrangements(ranks.shape) <= ARRANGEMENTS

    def share(spread: float) -> float:
        return float((np.sum(null >= spread - 1e-9) + (not exact)) / (len(null) + (not exact)))

    p_value, smallest = share(_spread(*ranks.T)), share(_spread(*tied.T))
    return Friedman(ranks, ranks.mean(axis=0), _statistic(ranks), p_value, smallest, exact)


@lru_cache(maxsize=16)
def _null(shape: tuple[int, ...], ranks: bytes) -> Floats:
    """How `_spread` is distributed when each data set shuffles its own ranks, given as the bytes of a table."""
    from scipy.stats import permutation_test

    table = np.frombuffer(ranks).reshape(shape)
    drawn = permutation_test(
        tuple(table.T),
        _spread,
        permutation_type="samples",
        vectorized=True,
        alternative="greater",
        n_resamples=ARRANGEMENTS,
        batch=1000,  # the same draws, in less memory
        rng=np.random.default_rng(0),
    )
    return np.asarray(drawn.null_distribution, dtype=np.float64)


def _table(values: ArrayLike, higher_is_better: bool | Sequence[bool]) -> Floats:
    table = np.array(values, dtype=np.float64)
    if table.ndim != 2 or min(table.shape) < FEWEST:
        raise ValueError(f"Ranks need {FEWEST} or more data sets and as many learners; got shape {table.shape}.")
    if not np.isfinite(table).all():
        raise ValueError("Every learner needs a finite value on every data set.")
    upward = np.broadcast_to(np.asarray(higher_is_better, dtype=bool), len(table))
    return np.where(upward[:, None], table, -table)


def _n_arrangements(shape: tuple[int, ...]) -> float:
    n, k = shape
    return float(np.prod(np.arange(1.0, k + 1)) ** n)


def _spread(*columns: Any, axis: int = -1) -> Any:
    """What Friedman's statistic grows with, as ties and mean stay when ranks change places: sums, squared."""
    return sum(np.sum(column, axis=axis) ** 2 for column in columns)


def _statistic(ranks: Floats) -> float:
    """Friedman's chi-square, corrected for ties as in Conover (1999), Practical nonparametric statistics, 5.8."""
    n, k = ranks.shape
    between = np.sum((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2)
    within = np.sum(ranks**2) - n * k * (k + 1) ** 2 / 4
    return float((k - 1) * between / within) if within else 0.0


@cache
def critical_difference(n_datasets: int, n_learners: int, *, level: float = LEVEL) -> float:
    """How far apart two mean ranks are by Nemenyi's test [1]_, as in [2]_, equations 5 and 6.

    It depends on which other learners take part: of a pair it can say something else in other company [3]_.

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
    from scipy.stats import studentized_range

    with np.errstate(under="ignore"):  # far in its tails
        q = studentized_range.ppf(1 - level, n_learners, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(n_learners * (n_learners + 1) / (6 * n_datasets)))


def cliques(mean_ranks: ArrayLike, critical: float) -> list[list[int]]:
    """Largest sets of learners of which no two are the critical difference apart, by place, best first.

    Examples
    --------
    >>> cliques([1.2, 3.4, 2.0, 2.9], 1.0)
    [[0, 2], [2, 3], [3, 1]]
    """
    means = np.asarray(mean_ranks, dtype=np.float64)
    order = np.argsort(means, kind="stable")
    found: list[list[int]] = []
    for start in range(len(order)):
        # A hair below: sums of ranks in other orders are not the same to the last bit.
        alike = [int(i) for i in order[start:] if means[i] - means[order[start]] < critical - 1e-12]
        if len(alike) > 1 and not (found and set(alike) <= set(found[-1])):
            found.append(alike)
    return found


def pairs(values: ArrayLike, *, higher_is_better: bool | Sequence[bool] = True) -> list[Pair]:
    """Every two learners by the signed-rank test, corrected by Holm for the number of pairs.

    Other than mean ranks it asks nothing of the other learners, as recommended by Benavoli, Corani and Mangili [1]_.
    It takes differences on all data sets to be of one unit.

    Parameters
    ----------
    values, higher_is_better
        As in `friedman`.

    References
    ----------
    .. [1] Benavoli, Corani and Mangili (2016), Should we really use post-hoc tests based on mean-ranks? JMLR 17, 5.

    Examples
    --------
    >>> found = pairs([[0.9, 0.8, 0.7], [0.8, 0.7, 0.6], [0.99, 0.95, 0.91]])
    >>> [(pair.first, pair.second, pair.p_value, pair.p_adjusted) for pair in found]
    [(0, 1, 0.25, 0.75), (0, 2, 0.25, 0.75), (1, 2, 0.25, 0.75)]
    """
    from scipy.stats import rankdata

    table = _table(values, higher_is_better)
    k = table.shape[1]
    found = [(i, j, table[:, i] - table[:, j]) for i in range(k) for j in range(i + 1, k)]
    tested = [signed_rank(difference) for _, _, difference in found]
    adjusted = holm([each.p_value for each in tested])
    return [
        Pair(
            i,
            j,
            each.n,
            each.p_value,
            float(p),
            min(1.0, each.smallest * len(found)),
            int(np.sign(np.sum(np.sign(difference) * rankdata(np.abs(difference)) * (difference != 0)))),
        )
        for (i, j, difference), each, p in zip(found, tested, adjusted, strict=True)
    ]


def datasets_needed(n_learners: int, *, level: float = LEVEL) -> int:
    """From how many data sets on the signed-rank test can tell a pair apart after Holm, if all of them agree.

    Examples
    --------
    >>> datasets_needed(3), datasets_needed(5), datasets_needed(8)
    (7, 9, 11)
    """
    n_pairs = n_learners * (n_learners - 1) // 2
    return next(n for n in range(1, 64) if n_pairs * 2.0 ** (1 - n) < level)
