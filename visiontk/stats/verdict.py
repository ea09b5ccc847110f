"""Verdict on a difference between two learners, with its reason."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from visiontk.stats.paired import Difference
from visiontk.stats.power import PowerAnalysis, power_analysis, round_up

Verdict = Literal["better", "worse", "equivalent", "undecided", "invalid"]


class Conclusion(NamedTuple):
    """Verdict on learner a compared with reference b, and its reason in plain sentences."""

    verdict: Verdict
    reason: str


def conclude(
    difference: Difference,
    p_adjusted: float,
    *,
    margin: float = 0.01,
    higher_is_better: bool = True,
    alpha: float = 0.05,
    n_comparisons: int = 1,
    invalid: str = "",
    unit: str = "sample",
) -> Conclusion:
    """Return the verdict on learner a from the difference a - b.

    - "invalid" if `invalid` says why the comparison is meaningless;
    - "equivalent" if the whole interval lies within +- `margin`, even if it excludes zero [1]_;
    - "better" or "worse" if the interval excludes zero and the corrected p-value is below `alpha`;
    - "undecided" otherwise. The reason then states the difference detectable with power 80 %, and the number of
      samples, groups or seeds needed to decide (`visiontk.stats.power`).

    Parameters
    ----------
    difference : Difference
        Metric of learner a less that of the reference b.
    p_adjusted : float
        Its p-value, corrected for all comparisons by `holm`.
    margin : float
        Difference too small to matter, in the unit of the metric; 0.01 is one percentage point of accuracy.
    higher_is_better : bool
        True if larger values of the metric are better.
    alpha : float
        Level of the test.
    n_comparisons : int
        Number of comparisons that `p_adjusted` is corrected for; the power analysis applies Bonferroni's correction.
    invalid : str
        Reason why the comparison is meaningless, or an empty text.
    unit : {"sample", "group"}
        Independent unit of the test set.

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
    >>> common = ("fitted models", 0.0122, 1.5e-4, 0, 99, True, 0.95, 0, 0, 100)
    >>> result = Difference(0.02, -0.004, 0.044, 0.1, "t", *common)
    >>> verdict, reason = conclude(result, 0.1)
    >>> verdict
    'undecided'
    >>> reason.partition(", c")[0]
    'The 95 % interval of the difference, -0.4 to +4.4 points'
    >>> reason.rpartition(". ")[2]
    'Detecting 2.0 points, the measured difference, takes about 300 test samples instead of 100.'
    """
    if invalid:
        return Conclusion("invalid", invalid)
    if not 0 <= p_adjusted <= 1:
        raise ValueError(f"p_adjusted lies between 0 and 1; got {p_adjusted}. Give the reason in invalid=.")
    if margin < 0:
        raise ValueError(f"margin is at least 0; got {margin}.")
    low, high = difference.low, difference.high
    excludes_zero = low > 0 or high < 0
    significant = excludes_zero and p_adjusted < alpha
    interval = _interval(difference)
    p = "p < 0.001" if p_adjusted < 0.001 else f"p = {p_adjusted:.2g}"
    corrected = p + (f" after correction for {n_comparisons} comparisons" * (n_comparisons > 1))

    if -margin <= low and high <= margin:
        real = " The difference is real but too small to matter." if significant else ""
        within = f"{interval} lies within the margin of {_size(margin, difference)}."
        return Conclusion("equivalent", within + real)
    if significant:
        better = (low > 0) == higher_is_better
        return Conclusion("better" if better else "worse", f"{interval} excludes zero ({corrected}).")
    if excludes_zero:
        why = f"{interval} excludes zero, but {corrected} is not below {alpha:g}."
    else:
        why = f"{interval} contains zero and exceeds the margin of {_size(margin, difference)}."
    analysis = power_analysis(difference, margin=margin, alpha=alpha / n_comparisons)
    return Conclusion("undecided", f"{why} {_requirement(difference, analysis, unit)}")


def _requirement(difference: Difference, analysis: PowerAnalysis, unit: str) -> str:
    """Return the detectable difference and the required sample sizes as sentences."""
    if math.isinf(analysis.detectable):
        return "The test set is a single independent unit, which allows no inference about others."
    detectable = f"This comparison detects a difference of {_size(analysis.detectable, difference)} with power 80 %."
    if analysis.detectable <= analysis.target:
        return detectable
    name = "the measured difference" if analysis.target == abs(difference.value) else "the margin"
    target = f"Detecting {_size(analysis.target, difference)}, {name},"
    options = []
    if analysis.units is not None:
        options.append(f"about {round_up(analysis.units):,} test {unit}s instead of {difference.n_units:,}")
    if analysis.seeds is not None:
        options.append(f"about {round_up(analysis.seeds):,} seeds instead of {difference.n_seeds:,}")
    if not options:
        return f"{detectable} {target} takes more test {unit}s and more seeds: neither alone suffices."
    alone = ""
    if analysis.units is None:
        alone = f"; more test {unit}s alone do not suffice"
    elif analysis.seeds is None and difference.n_seeds > 1:
        alone = "; more seeds alone do not suffice"
    return f"{detectable} {target} takes {' or '.join(options)}{alone}."


def _interval(difference: Difference) -> str:
    low, high = (_number(limit, difference, sign="+") for limit in (difference.low, difference.high))
    unit = " points" if difference.bounded else ""
    return f"The {100 * difference.confidence:.3g} % interval of the difference, {low} to {high}{unit},"


def _size(value: float, difference: Difference) -> str:
    return _number(value, difference) + (" points" if difference.bounded else "")


def _number(value: float, difference: Difference, *, sign: str = "") -> str:
    """Format percentage points with one decimal, or more if a non-zero number would read 0; else three digits."""
    if not difference.bounded:
        return f"{value:{sign}.3g}"
    decimals = 1
    while value and decimals < 6 and float(f"{100 * value:.{decimals}f}") == 0:
        decimals += 1
    return f"{100 * value or 0.0:{sign}.{decimals}f}"
