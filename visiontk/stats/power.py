"""What a comparison is unsure about, what it could have shown, and what more of which would decide it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from visiontk.stats.paired import Difference
from visiontk.stats.quantiles import t_quantile
from visiontk.stats.variance import Part, half_width

MOST = 10**9
"""Samples or seeds beyond which nobody goes."""

LARGEST_SHARE = 0.75
"""A source with this share of the variance is the only one that advice names."""


class Shares(NamedTuple):
    """Of the variance of a difference; they sum to 1.

    Parameters
    ----------
    items : float
        Which items were tested, if all were independent. More items help.
    groups : float
        That items of one group are alike. More groups help, more items of the same groups do not.
    interaction : float
        That other items are hard after another seed. More items help, and more seeds.
    seeds : float
        How seeds differ on all items. More seeds help. 0 with one seed, which says nothing about others.
    """

    items: float
    groups: float
    interaction: float
    seeds: float


class Plan(NamedTuple):
    """What it would take to decide.

    Parameters
    ----------
    detectable : float
        The smallest true difference that would have been shown here in 80 of 100 cases; infinite for one unit.
    target : float
        The difference that is to be shown: what was measured, or the margin where that is more.
    units : int or None
        Items (or groups) that would show it with the seeds of this comparison; None if no number would.
    seeds : int or None
        Seeds that would show it on the items of this comparison; None if no number would, or only one was run.
    """

    detectable: float
    target: float
    units: int | None
    seeds: int | None


def shares(difference: Difference) -> Shares | None:
    """What the variance of a difference consists of; None where it is unknown or 0.

    Examples
    --------
    >>> found = Difference(0.02, 0, 0.04, 0.05, "t", "procedure", 0.02, 3e-4, 1e-4, 99, True, 0.95, 1e-4, 0, 500, 3)
    >>> [round(share, 2) for share in shares(found)]
    [0.5, 0.0, 0.25, 0.25]
    """
    total = difference.item_variance + difference.seed_variance
    if not 0 < total < math.inf:
        return None
    interaction = min(difference.interaction_variance, difference.item_variance)
    groups = min(difference.group_variance, difference.item_variance - interaction)
    items = difference.item_variance - interaction - groups
    return Shares(*(part / total for part in (items, groups, interaction, difference.seed_variance)))


def plan(difference: Difference, *, margin: float = 0.01, alpha: float = 0.05, power: float = 0.8) -> Plan:
    """What this comparison could have shown and what would decide it, from the parts of its variance [1]_.

    A difference is shown with power 80 % if it is at least the half width of the interval plus 0.84 standard errors.
    The part of items falls with their number, that of seeds with theirs, the interaction with both; each keeps the
    t quantile of its own degrees of freedom, so that a few seeds count for what they are.

    It is a plan for a new comparison, not the power of this one: a difference that was measured is itself uncertain,
    and "power at the measured difference" only repeats the p-value [2]_.

    Parameters
    ----------
    difference : Difference
        What was found.
    margin : float
        Difference too small to matter, in the unit of the metric.
    alpha : float
        Level of the two-sided test. Divide it by the number of comparisons to allow for their correction.
    power : float
        Chance to show the difference.

    References
    ----------
    .. [1] Searle, Casella and McCulloch (1992), Variance components, Wiley, chapter 4.
    .. [2] Hoenig and Heisey (2001), The abuse of power: the pervasive fallacy of power calculations for data
       analysis, American Statistician 55, 19.

    Examples
    --------
    >>> found = Difference(0.03, 0, 0.06, 0.05, "t", "procedure", 0.02, 3.8e-4, 2e-6, 99, True, 0.95, 0, 0, 500, 3)
    >>> planned = plan(found)
    >>> round(planned.detectable, 4), planned.target, planned.units, planned.seeds
    (0.0552, 0.03, 1772, None)
    """
    target = max(abs(difference.value), margin)
    now = _needs(difference, difference.n_units, difference.n_seeds, alpha, power)
    if math.isinf(difference.standard_error):
        return Plan(math.inf, target, None, None)
    n, s = difference.n_units, difference.n_seeds
    units = _least(n, lambda more: _needs(difference, more, s, alpha, power) <= target)
    seeds = None if s < 2 else _least(s, lambda more: _needs(difference, n, more, alpha, power) <= target)
    return Plan(now, target, units, seeds)


def _needs(difference: Difference, n_units: int, n_seeds: int, alpha: float, power: float) -> float:
    """The smallest difference that so many items and seeds show with this power."""
    fewer = difference.n_seeds / n_seeds
    interaction = min(difference.interaction_variance, difference.item_variance)
    items = (difference.item_variance - interaction + interaction * fewer) * difference.n_units / n_units
    parts = [Part(items, max(n_units - 1.0, 1.0)), Part(difference.seed_variance * fewer, max(n_seeds - 1.0, 1.0))]
    if math.isinf(items):
        return math.inf
    return half_width(parts, 1 - alpha) + t_quantile(power) * math.sqrt(sum(part.variance for part in parts))


def _least(start: int, enough: Callable[[int], bool]) -> int | None:
    """The smallest number, from `start` on, that is enough; None if not even `MOST` is."""
    if not enough(MOST):
        return None
    low, high = max(start, 2) - 1, MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def sources(difference: Difference, *, unit: str = "sample") -> str:
    """What makes this comparison unsure, in one sentence; empty where nothing is known.

    Parameters
    ----------
    difference : Difference
        What was found.
    unit : {"sample", "group"}
        What is independent in the test part.

    Examples
    --------
    >>> sources(Difference(0.02, 0, 0.04, 0.05, "t", "procedure", 0.02, 3.6e-4, 4e-5, 99, True, 0.95, 0, 0, 500, 3))
    'Of the uncertainty, the choice of test samples makes 90 % and seeds 10 %: more test samples make it smaller.'
    """
    known = shares(difference)
    if known is None:
        return ""
    alike = f"; {_percent(known.groups)} is that samples of one group are alike" if known.groups >= 0.005 else ""
    if difference.n_seeds < 2:
        return (
            f"All uncertainty that one seed can show comes from the choice of test {unit}s{alike}: more test {unit}s "
            f"make it smaller, and more seeds would say whether it holds when fitted anew."
        )
    of_units = known.items + known.groups
    told = f"Of the uncertainty, the choice of test {unit}s makes {_percent(of_units)}"
    if known.interaction >= 0.005:
        told += f", seeds {_percent(known.seeds)} and what is hard for some seeds only {_percent(known.interaction)}"
    else:
        told += f" and seeds {_percent(known.seeds)}"
    if of_units >= LARGEST_SHARE:
        helps = f"more test {unit}s make it smaller"
    elif known.seeds >= LARGEST_SHARE:
        helps = "more seeds make it smaller"
    else:
        helps = f"more test {unit}s and more seeds make it smaller"
    return f"{told}{alike}: {helps}."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def rounded_up(n: int) -> int:
    """A planned number with two significant digits, rounded up: a plan knows no more.

    Examples
    --------
    >>> rounded_up(40_286), rounded_up(97)
    (41000, 97)
    """
    unit = int(10 ** max(0, len(str(n)) - 2))
    return -(-n // unit) * unit
