"""Verdict on a difference between two learners, with its reason."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from visiontk.stats.folds import Resampled
from visiontk.stats.paired import Difference
from visiontk.stats.power import PowerAnalysis, larger_tests, power_analysis

Verdict = Literal["better", "worse", "equivalent", "undecided", "invalid"]


class Conclusion(NamedTuple):
    """Verdict on learner a compared with reference b, and its reason in plain sentences."""

    verdict: Verdict
    reason: str


def conclude(
    difference: Difference,
    *,
    margin: float = 0.01,
    higher_is_better: bool = True,
    n_comparisons: int = 1,
    invalid: str = "",
    unit: str = "sample",
) -> Conclusion:
    """Return the verdict on learner a from the difference a - b; its interval alone decides.

    - "invalid" if `invalid` says why the comparison is meaningless;
    - "equivalent" if the whole interval lies within +- `margin`, even if it excludes zero [1]_. With groups, the
      interval that allows for groups on which one learner fails unseen (`Difference.if_units_fail`) must, too;
    - "better" or "worse" if the interval excludes zero;
    - "undecided" otherwise. The reason then states the difference detectable with power 80 %, and the number of
      samples, groups or seeds needed to decide (`visiontk.stats.power`).

    Parameters
    ----------
    difference : Difference
        Metric of learner a less that of the reference b, at the confidence level that decides: of one of k comparisons
        at 1 - 0.05 / k (`visiontk.stats.corrections.simultaneous`).
    margin : float
        Difference too small to matter, in the unit of the metric; 0.01 is one percentage point of accuracy, and with 0
        nothing is equivalent.
    higher_is_better : bool
        True if larger values of the metric are better.
    n_comparisons : int
        Number of comparisons that the interval is corrected for.
    invalid : str
        Reason why the comparison is meaningless, or an empty text.
    unit : {"sample", "group"}
        Independent unit of the test set.

    Raises
    ------
    ValueError
        If `margin` is negative or not a finite number, or `n_comparisons` is below 1.

    References
    ----------
    .. [1] Schuirmann (1987), A comparison of the two one-sided tests procedure and the power approach for assessing
       the equivalence of average bioavailability, J. Pharmacokinetics and Biopharmaceutics 15, 657. The 95 % interval
       in place of the 90 % one makes each of the two tests one at 2.5 %.

    Examples
    --------
    >>> from visiontk.stats.variance import VarianceComponent
    >>> parts = (VarianceComponent(1.5e-4, 99.0),)
    >>> result = Difference(0.02, -0.004, 0.044, 0.1, "t", "fitted models", parts, True, 0.95, n_units=100)
    >>> verdict, reason = conclude(result)
    >>> verdict
    'undecided'
    >>> reason.partition(", c")[0]
    'The 95 % interval of the difference, -0.4 to +4.4 points'
    >>> reason.rpartition(". ")[2]
    'Detecting 2.0 points, the measured difference, takes about 300 test samples instead of 100.'
    """
    if not 0 <= margin < math.inf:
        raise ValueError(f"margin is a finite number of at least 0; got {margin}.")
    if n_comparisons < 1:
        raise ValueError(f"n_comparisons is at least 1; got {n_comparisons}.")
    if invalid:
        return Conclusion("invalid", invalid)
    low, high = difference.low, difference.high
    excludes_zero = low > 0 or high < 0
    interval = _interval(difference, n_comparisons)
    within = -margin <= low and high <= margin
    if within and all(abs(end) <= margin for end in difference.if_units_fail()):
        real = " The difference is real but too small to matter." if excludes_zero else ""
        return Conclusion("equivalent", f"{interval} lies within the margin of {_size(margin, difference)}.{real}")
    if excludes_zero:
        better = (low > 0) == higher_is_better
        return Conclusion("better" if better else "worse", f"{interval} excludes zero.")
    if within:
        why = f"{interval} lies within the margin of {_size(margin, difference)}"
        return Conclusion("undecided", f"{why}, but {_too_few_units(difference, unit)}")
    why = f"{interval} contains zero" + (f" and exceeds the margin of {_size(margin, difference)}" if margin else "")
    analysis = power_analysis(difference, margin=margin)
    return Conclusion("undecided", f"{why}. {_requirement(difference, analysis, unit)}")


def _too_few_units(difference: Difference, unit: str) -> str:
    ends = " to ".join(_number(end, difference, sign="+") for end in difference.if_units_fail())
    return (
        f"{difference.n_units:,} {unit}s are too few to show that neither learner fails on whole {unit}s: if that is "
        f"allowed for, the interval is {ends}{' points' if difference.bounded else ''}."
    )


def second_opinion(verdict: Verdict, difference: Difference, folds: Resampled | None, *, margin: float) -> str:
    """Return what a second test says against the verdict, in a sentence; empty if none disagrees.

    The exact McNemar test and the corrected resampled t test over the folds need fewer assumptions, or other ones, and
    have less power. They never change a verdict.

    Examples
    --------
    >>> from visiontk.stats.variance import VarianceComponent
    >>> parts = (VarianceComponent(1e-4, 99.0),)
    >>> result = Difference(0.02, 1e-4, 0.04, 0.048, "t", "fitted models", parts, True, 0.95, mcnemar=0.07)
    >>> second_opinion("better", result, None, margin=0.01)
    'A second opinion is less sure: the exact McNemar test has p = 0.07.'
    """
    alpha = 1 - difference.confidence
    claimed, texts = verdict in ("better", "worse"), []
    if difference.mcnemar is not None and verdict != "equivalent" and claimed != (difference.mcnemar < alpha):
        texts.append(f"the exact McNemar test has p = {difference.mcnemar:.2g}")
    if folds is not None:
        shown = " to ".join(_number(end, difference, sign="+") for end in (folds.low, folds.high))
        text = f"the corrected resampled t test over the folds gives {shown}{' points' if difference.bounded else ''}"
        if verdict == "equivalent" and not (-margin <= folds.low and folds.high <= margin):
            texts.append(f"{text}, beyond the margin")
        elif verdict != "equivalent" and claimed != (folds.p_value < alpha):
            texts.append(text)
    if not texts or verdict == "invalid":
        return ""
    return f"A second opinion is {'more' if verdict == 'undecided' else 'less'} sure: {'; '.join(texts)}."


def _requirement(difference: Difference, analysis: PowerAnalysis, unit: str) -> str:
    """Return the detectable difference and the required sample sizes as sentences."""
    if math.isinf(analysis.detectable):
        return "The test set has too few independent units for an inference about others."
    detectable = f"This comparison detects a difference of {_size(analysis.detectable, difference)} with power 80 %."
    if analysis.detectable <= analysis.target:
        return detectable
    name = "the measured difference" if analysis.target == abs(difference.value) else "the margin"
    target = f"Detecting {_size(analysis.target, difference)}, {name},"
    options = larger_tests(analysis.units, difference.n_units, unit, analysis.seeds, difference.n_seeds)
    if not options:
        return f"{detectable} {target} takes more test {unit}s and more seeds: neither alone suffices."
    alone = ""
    if analysis.units is None:
        alone = f"; more test {unit}s alone do not suffice"
    elif analysis.seeds is None and difference.n_seeds > 1:
        alone = "; more seeds alone do not suffice"
    return f"{detectable} {target} takes {' or '.join(options)}{alone}."


def _interval(difference: Difference, n_comparisons: int) -> str:
    low, high = (_number(limit, difference, sign="+") for limit in (difference.low, difference.high))
    unit, level = " points" if difference.bounded else "", f"{100 * difference.confidence:.4g} %"
    together = f" ({100 * (1 - n_comparisons * (1 - difference.confidence)):.3g} % for {n_comparisons} comparisons)"
    return f"The {level} interval{together * (n_comparisons > 1)} of the difference, {low} to {high}{unit},"


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
