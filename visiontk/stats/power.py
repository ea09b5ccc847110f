"""Power analysis and required sample size of a comparison, from the components of its variance."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from visiontk.stats.limits import half_width
from visiontk.stats.paired import Difference
from visiontk.stats.quantiles import t_quantile
from visiontk.stats.variance import VarianceComponent

MAX_SIZE = 10**9
"""Largest number of samples or seeds that is considered."""

DOMINANT_SHARE = 0.75
"""Share of the variance above which `describe_uncertainty` recommends more of this source only."""


class VarianceShares(NamedTuple):
    """Shares of the variance of a difference, which sum to 1.

    Parameters
    ----------
    items : float
        Choice of test items, as if all were independent. Falls with more items.
    groups : float
        Similarity of items of one group. Falls with more groups, not with more items of the same groups.
    interaction : float
        Items that are hard for some seeds only. Falls with more items and with more seeds.
    seeds : float
        Differences between seeds on all items. Falls with more seeds. 0 with one seed.
    """

    items: float
    groups: float
    interaction: float
    seeds: float


class PowerAnalysis(NamedTuple):
    """Detectable difference and required sample size.

    Parameters
    ----------
    detectable : float
        Smallest true difference that this comparison detects with the requested power; infinite for one unit.
    target : float
        Difference to detect: the measured one, or the margin if that is larger.
    units : int or None
        Items (or groups) needed to detect `target` with the same number of seeds; None if no number suffices.
    seeds : int or None
        Seeds needed to detect `target` on the same items; None if no number suffices, or with one seed.
    """

    detectable: float
    target: float
    units: int | None
    seeds: int | None


def variance_shares(difference: Difference) -> VarianceShares | None:
    """Return the shares of the components of a variance; None if the variance is unknown or 0.

    Examples
    --------
    >>> parts = VarianceComponent(3e-4, 499), VarianceComponent(1e-4, 2)
    >>> result = Difference(0.02, 0, 0.04, 0.05, "t", "procedure", parts, True, 0.95, 1e-4, 0, 500, 3)
    >>> [round(share, 2) for share in variance_shares(result)]
    [0.5, 0.0, 0.25, 0.25]
    """
    total = difference.item_variance + difference.seed_variance
    if not 0 < total < math.inf:
        return None
    interaction = min(difference.interaction_variance, difference.item_variance)
    groups = min(difference.group_variance, difference.item_variance - interaction)
    items = difference.item_variance - interaction - groups
    return VarianceShares(*(part / total for part in (items, groups, interaction, difference.seed_variance)))


def power_analysis(difference: Difference, *, margin: float = 0.01, power: float = 0.8) -> PowerAnalysis:
    """Return the detectable difference and the required sample sizes, from the variance components [1]_.

    A difference is detected with power 80 % if it is at least the half width of the interval plus 0.84 standard errors.
    The item component falls with the number of items, the seed component with the number of seeds, the interaction with
    both. Each keeps the t quantile of its own degrees of freedom.

    This plans a new comparison. It is not the power at the measured difference, which only repeats the p-value [2]_.

    Parameters
    ----------
    difference : Difference
        Result of the comparison; the level of the two-sided test is 1 - `difference.confidence`.
    margin : float
        Difference too small to matter, in the unit of the metric.
    power : float
        Probability of detecting the difference.

    References
    ----------
    .. [1] Searle, Casella and McCulloch (1992), Variance components, Wiley, chapter 4.
    .. [2] Hoenig and Heisey (2001), The abuse of power: the pervasive fallacy of power calculations for data
       analysis, American Statistician 55, 19.

    Examples
    --------
    >>> parts = VarianceComponent(3.8e-4, 499), VarianceComponent(2e-6, 2)
    >>> result = Difference(0.03, 0, 0.06, 0.05, "t", "procedure", parts, True, 0.95, 0, 0, 500, 3)
    >>> analysis = power_analysis(result)
    >>> round(analysis.detectable, 4), analysis.target, analysis.units, analysis.seeds
    (0.0552, 0.03, 1772, None)
    """
    n, s, alpha = difference.n_units, difference.n_seeds, 1 - difference.confidence
    target = max(abs(difference.value), margin)
    if math.isinf(difference.standard_error):
        return PowerAnalysis(math.inf, target, None, None)
    detectable = _detectable(difference, n, s, alpha, power)
    units = _smallest(n, lambda more: _detectable(difference, more, s, alpha, power) <= target)
    seeds = None if s < 2 else _smallest(s, lambda more: _detectable(difference, n, more, alpha, power) <= target)
    return PowerAnalysis(detectable, target, units, seeds)


def _detectable(difference: Difference, n_units: int, n_seeds: int, alpha: float, power: float) -> float:
    """Return the smallest difference that so many items and seeds detect with this power."""
    ratio = difference.n_seeds / n_seeds
    interaction = min(difference.interaction_variance, difference.item_variance)
    items = (difference.item_variance - interaction + interaction * ratio) * difference.n_units / n_units
    if math.isinf(items):
        return math.inf
    df = (difference.components[0].df + 1) * n_units / difference.n_units - 1
    components = [
        VarianceComponent(items, max(df, 1.0)),
        VarianceComponent(difference.seed_variance * ratio, max(n_seeds - 1.0, 1.0)),
    ]
    standard_error = math.sqrt(sum(each.variance for each in components))
    return half_width(components, 1 - alpha) + t_quantile(power) * standard_error


def _smallest(start: int, suffices: Callable[[int], bool]) -> int | None:
    """Return the smallest number from `start` on that suffices, by bisection; None if `MAX_SIZE` does not."""
    if not suffices(MAX_SIZE):
        return None
    low, high = max(start, 2) - 1, MAX_SIZE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high


def detectable_difference(n: float, *, disagreement: float = 0.1, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the difference of two accuracies that a test set will detect with this power, before any fit.

    Of n paired samples, `disagreement` is the share that exactly one of two learners classifies correctly. The variance
    of a difference d is (disagreement - d^2) / n, and it is detected if [1]_

        d = z(1 - alpha/2) sqrt(v) + z(power) sqrt((disagreement - d^2) / n).

    With v = disagreement / n this is Connor's equation for McNemar's test. Here it is that of the interval of
    `visiontk.stats.difference`: v is the variance plus 1 / (n + 2)^2, with Student's t of n - 1 degrees of freedom.
    Learners that differ by more than `disagreement` disagree on as many samples.

    Parameters
    ----------
    n : float
        Test samples, more than 1. For samples in groups the answer lies between that for their number and that for the
        number of groups; for an average over k classes of n_c samples, n is k^2 / sum(1 / n_c).
    disagreement : float
        Above 0, at most 1.
    alpha : float
        Level of the two-sided test.
    power : float
        Probability of detecting the difference.

    Returns
    -------
    float
        At most 1; infinite if no difference would be detected.

    References
    ----------
    .. [1] Connor (1987), Sample size for testing differences in proportions for the paired-sample design, Biometrics
       43, 207.

    Examples
    --------
    >>> round(detectable_difference(467), 3), round(detectable_difference(10_000), 4)
    (0.041, 0.0089)
    """
    if not n > 1 or not 0 < disagreement <= 1 or not 0 < alpha < 1 or not 0.5 <= power < 1:
        raise ValueError(
            "n is above 1, disagreement above 0 and at most 1, alpha between 0 and 1, power from 0.5 to below 1; "
            f"got {n}, {disagreement}, {alpha} and {power}."
        )

    def excess(d: float) -> float:
        variance = (max(disagreement, d) - d**2) / n
        null = t_quantile(1 - alpha / 2, n - 1) * math.sqrt(variance + 1 / (n + 2) ** 2)
        return d - null - t_quantile(power) * math.sqrt(variance)

    low, high = 0.0, 1.0
    if excess(high) < 0:
        return math.inf
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if excess(middle) >= 0 else (middle, high)
    return high


def required_samples(
    difference: float, *, disagreement: float = 0.1, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """Return the smallest number of test samples that detect this difference; see `detectable_difference`.

    None if `MAX_SIZE` are too few.

    Examples
    --------
    >>> required_samples(0.02)
    1964
    """
    if not 0 < difference <= 1:
        raise ValueError(f"A difference of accuracies to detect is above 0 and at most 1; got {difference}.")
    settings = {"disagreement": disagreement, "alpha": alpha, "power": power}
    return _smallest(2, lambda n: detectable_difference(n, **settings) <= difference)


def larger_tests(units: int | None, n_units: int, unit: str, seeds: int | None, n_seeds: int) -> list[str]:
    """Return the larger numbers of test units and of seeds that suffice, in words; empty if neither alone does.

    Examples
    --------
    >>> larger_tests(1772, 500, "sample", None, 3)
    ['about 1,800 test samples instead of 500']
    """
    return [
        f"about {round_up(needed):,} {noun}s instead of {here:,}"
        for needed, here, noun in ((units, n_units, f"test {unit}"), (seeds, n_seeds, "seed"))
        if needed is not None and needed > here
    ]


def describe_uncertainty(difference: Difference, *, unit: str = "sample") -> str:
    """Return the sources of the variance of a comparison as a sentence; empty if the variance is unknown or 0.

    Parameters
    ----------
    difference : Difference
        Result of the comparison.
    unit : {"sample", "group"}
        Independent unit of the test set.

    Examples
    --------
    >>> parts = VarianceComponent(3.6e-4, 499), VarianceComponent(4e-5, 2)
    >>> result = Difference(0.02, 0, 0.04, 0.05, "t", "procedure", parts, True, 0.95, 0, 0, 500, 3)
    >>> describe_uncertainty(result)
    'Test samples cause 90 % of the variance and seeds 10 %: more test samples would reduce it.'
    """
    shares = variance_shares(difference)
    if shares is None:
        return ""
    similar = f"; similar samples within groups cause {_percent(shares.groups)}" if shares.groups >= 0.005 else ""
    if difference.n_seeds < 2:
        return (
            f"With one seed, test {unit}s cause all of the measured variance{similar}: more test {unit}s would reduce "
            "it, and more seeds would show whether the result holds for refitted models."
        )
    of_units = shares.items + shares.groups
    if shares.interaction >= 0.005:
        causes = f", seeds {_percent(shares.seeds)} and their interaction {_percent(shares.interaction)}"
    else:
        causes = f" and seeds {_percent(shares.seeds)}"
    if of_units >= DOMINANT_SHARE:
        remedy = f"more test {unit}s"
    elif shares.seeds >= DOMINANT_SHARE:
        remedy = "more seeds"
    else:
        remedy = f"more test {unit}s and more seeds"
    return f"Test {unit}s cause {_percent(of_units)} of the variance{causes}{similar}: {remedy} would reduce it."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def round_up(n: int) -> int:
    """Round a required sample size up to two significant digits, its precision.

    Examples
    --------
    >>> round_up(40_286), round_up(97)
    (41000, 97)
    """
    unit = int(10 ** max(0, len(str(n)) - 2))
    return -(-n // unit) * unit
