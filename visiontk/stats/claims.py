"""Tests of a claim that was stated beforehand: superiority, non-inferiority or equivalence of two learners."""

from __future__ import annotations

from typing import Literal, NamedTuple

from visiontk.stats.paired import Difference

Answer = Literal["supported", "refuted", "not shown"]
ClaimKind = Literal["superiority", "non-inferiority", "equivalence"]


class ClaimTest(NamedTuple):
    """Answer to a claim, and the p-value of its null hypothesis.

    Parameters
    ----------
    answer : {"supported", "refuted", "not shown"}
        From the interval alone: "supported" if all of it lies in the region of the claim, "refuted" if all of it lies
        in that of the null hypothesis.
    p_value : float
        One-sided; for equivalence the larger one of two one-sided tests [1]_. It is at most half of 1 - confidence
        exactly where the claim is supported.
    low, high : float
        Limits of the interval that decides: those of the difference, further apart if whole groups on which one of the
        two fails may have gone unseen.
    """

    answer: Answer
    p_value: float
    low: float
    high: float


def answer_claim(
    difference: Difference,
    kind: ClaimKind,
    bound: float,
    *,
    higher_is_better: bool = True,
) -> ClaimTest:
    """Return the answer to a claim about learner a from the difference a - b.

    - superiority: a is better by more than `bound`;
    - non-inferiority: a is worse by less than `bound`;
    - equivalence: the two differ by less than `bound`, by two one-sided tests [1]_.

    The interval of the difference decides. At 95 % each one-sided test is one at 2.5 %, as regulators ask for [2]_.

    Parameters
    ----------
    difference : Difference
        Metric of learner a less that of learner b.
    kind : {"superiority", "non-inferiority", "equivalence"}
        Kind of the claim.
    bound : float
        At least 0, in the unit of the metric.
    higher_is_better : bool
        True if larger values of the metric are better.

    References
    ----------
    .. [1] Schuirmann (1987), A comparison of the two one-sided tests procedure and the power approach for assessing
       the equivalence of average bioavailability, J. Pharmacokinetics and Biopharmaceutics 15, 657.
    .. [2] ICH E9 (1998), Statistical principles for clinical trials, section 5.5.

    Examples
    --------
    >>> from visiontk.stats.variance import VarianceComponent
    >>> result = Difference(0.03, 0.01, 0.05, 0.004, "t", "fitted models", (VarianceComponent(1e-4, 99.0),), True, 0.95)
    >>> test = answer_claim(result, "non-inferiority", 0.01)
    >>> test.answer, round(test.p_value, 5)
    ('supported', 6e-05)
    >>> answer_claim(result, "superiority", 0.02).answer
    'not shown'
    """
    if bound < 0:
        raise ValueError(f"bound is at least 0; got {bound}.")
    low, high = difference.if_units_fail()
    difference = difference._replace(low=low, high=high, rare=difference.rare_units)
    sign = 1 if higher_is_better else -1
    if kind != "equivalence":
        answer, p = _exceeds(difference, bound if kind == "superiority" else -bound, sign)
        return ClaimTest(answer, p, low, high)
    sides = [_exceeds(difference, -bound, each) for each in (sign, -sign)]
    answers = [answer for answer, _ in sides]
    answer = "supported" if answers == ["supported"] * 2 else "refuted" if "refuted" in answers else "not shown"
    return ClaimTest(answer, max(p for _, p in sides), low, high)


def _exceeds(difference: Difference, limit: float, sign: int) -> tuple[Answer, float]:
    """Test that `sign` times the difference is larger than a limit."""
    low, high = sorted((sign * difference.low, sign * difference.high))
    answer: Answer = "supported" if low > limit else "refuted" if high <= limit else "not shown"
    p = difference.p_of(sign * limit) / 2
    return answer, p if sign * difference.value > limit else 1 - p
