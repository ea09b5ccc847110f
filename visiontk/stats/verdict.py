"""What a difference between two learners means, as one word and one reason."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from visiontk.stats.paired import Difference
from visiontk.stats.power import Plan, plan, rounded_up

Verdict = Literal["better", "worse", "equivalent", "undecided", "invalid"]


class Judgement(NamedTuple):
    """A verdict on learner a, compared with reference b, and the reason in plain sentences."""

    verdict: Verdict
    reason: str


def judge(
    difference: Difference,
    p_adjusted: float,
    *,
    margin: float = 0.01,
    higher_is_better: bool = True,
    alpha: float = 0.05,
    n_comparisons: int = 1,
    invalid: str = "",
    unit: str = "sample",
) -> Judgement:
    """The verdict on learner a of a difference a - b.

    - "invalid" where a reason is given why the numbers mean nothing;
    - "equivalent" where the whole interval lies within +- `margin`, even if it excludes zero [1]_;
    - "better" or "worse" where the interval excludes zero and the corrected p-value is below `alpha`;
    - "undecided" otherwise. The reason then says which difference could have been shown with a power of 80 %, and
      what number of samples, groups or seeds would decide it (`visiontk.stats.power`).

    Parameters
    ----------
    difference : Difference
        Of learner a from the reference b.
    p_adjusted : float
        Its p-value after correction for all comparisons made, from `holm`.
    margin : float
        Difference too small to matter, in the unit of the metric; 0.01 is one percentage point of accuracy.
    higher_is_better : bool
        Of the metric.
    alpha : float
        Level of the test.
    n_comparisons : int
        How many comparisons `p_adjusted` allows for: the reason names it, and plans allow for it as Bonferroni does.
    invalid : str
        Why the comparison means nothing, or an empty text.
    unit : {"sample", "group"}
        What is independent in the test part.

    Raises
    ------
    ValueError
        If `p_adjusted` is not in 0 to 1 (NaN needs a reason in `invalid`) or `margin` is negative.

    References
    ----------
    .. [1] Schuirmann (1987), A comparison of the two one-sided tests procedure and the power approach for assessing
       the equivalence of average bioavailability, J. Pharmacokinetics and Biopharmaceutics 15, 657. The 95 % interval
       in place of the 90 % one makes each of the two tests one at 2.5 %.

    Examples
    --------
    >>> found = Difference(0.02, -0.004, 0.044, 0.1, "t", "fitted models", 0.0122, 1.5e-4, 0, 99, True, 0.95, 0, 0, 100)
    >>> verdict, reason = judge(found, 0.1)
    >>> verdict
    'undecided'
    >>> reason.partition(", c")[0]
    'The 95 % interval of the difference, -0.4 to +4.4 points'
    >>> reason.rpartition(". ")[2]
    'To show one of 2.0 points, as was measured, takes about 300 test samples in place of 100.'
    """
    if invalid:
        return Judgement("invalid", invalid)
    if not 0 <= p_adjusted <= 1:
        raise ValueError(f"p_adjusted lies between 0 and 1; got {p_adjusted}. Give the reason in invalid=.")
    if margin < 0:
        raise ValueError(f"margin is at least 0; got {margin}.")
    low, high = difference.low, difference.high
    excludes_zero = low > 0 or high < 0
    shown = excludes_zero and p_adjusted < alpha
    interval = _interval(difference)
    p = "p < 0.001" if p_adjusted < 0.001 else f"p = {p_adjusted:.2g}"
    corrected = p + (f" after correction for {n_comparisons} comparisons" * (n_comparisons > 1))

    if -margin <= low and high <= margin:
        real = " The difference is real but too small to matter." if shown else ""
        within = f"{interval} lies within the margin of {_size(margin, difference)}."
        return Judgement("equivalent", within + real)
    if shown:
        good = (low > 0) == higher_is_better
        return Judgement("better" if good else "worse", f"{interval} excludes zero ({corrected}).")
    if excludes_zero:
        why = f"{interval} excludes zero, but {corrected} is not below {alpha:g}."
    else:
        why = f"{interval} contains zero and exceeds the margin of {_size(margin, difference)}."
    planned = plan(difference, margin=margin, alpha=alpha / n_comparisons)
    return Judgement("undecided", f"{why} {_could(difference, planned, unit)}")


def _could(difference: Difference, planned: Plan, unit: str) -> str:
    if math.isinf(planned.detectable):
        return "The test part is one independent unit, from which nothing follows for others."
    could = f"A difference of {_size(planned.detectable, difference)} could have been shown here (80 % power)."
    if planned.detectable <= planned.target:
        return could
    measured = planned.target == abs(difference.value)
    target = f"To show one of {_size(planned.target, difference)}, {'as was measured' if measured else 'the margin'},"
    ways = []
    if planned.units is not None:
        ways.append(f"about {rounded_up(planned.units):,} test {unit}s in place of {difference.n_units:,}")
    if planned.seeds is not None:
        ways.append(f"about {rounded_up(planned.seeds):,} seeds in place of {difference.n_seeds:,}")
    if not ways:
        return f"{could} {target} takes both more test {unit}s and more seeds: neither alone would do."
    alone = ""
    if planned.units is None:
        alone = f"; more test {unit}s alone would not do"
    elif planned.seeds is None and difference.n_seeds > 1:
        alone = "; more seeds alone would not do"
    return f"{could} {target} takes {' or '.join(ways)}{alone}."


def _interval(difference: Difference) -> str:
    low, high = (_number(limit, difference, sign="+") for limit in (difference.low, difference.high))
    unit = " points" if difference.bounded else ""
    return f"The {100 * difference.confidence:.3g} % interval of the difference, {low} to {high}{unit},"


def _size(value: float, difference: Difference) -> str:
    return _number(value, difference) + (" points" if difference.bounded else "")


def _number(value: float, difference: Difference, *, sign: str = "") -> str:
    """Percentage points with one decimal, or more where a number that is not 0 would read 0; else three digits."""
    if not difference.bounded:
        return f"{value:{sign}.3g}"
    decimals = 1
    while value and decimals < 6 and float(f"{100 * value:.{decimals}f}") == 0:
        decimals += 1
    return f"{100 * value or 0.0:{sign}.{decimals}f}"
