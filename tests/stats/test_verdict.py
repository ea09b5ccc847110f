"""Verdicts from intervals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.stats import Difference, conclude, second_opinion, simultaneous
from visiontk.stats.folds import Resampled
from visiontk.stats.variance import VarianceComponent


def a_difference(low, high, *, bounded=True, standard_error=None, confidence=0.95, mcnemar=None):
    """Return a difference with this interval."""
    se = (high - low) / 3.92 if standard_error is None else standard_error
    return Difference(
        value=(low + high) / 2,
        low=low,
        high=high,
        p_value=0.01,
        test="paired bootstrap t",
        scope="fitted models",
        components=(VarianceComponent(se**2, 99.0),),
        bounded=bounded,
        confidence=confidence,
        n_units=100,
        mcnemar=mcnemar,
    )


@pytest.mark.parametrize(
    ("low", "high", "higher", "verdict"),
    [
        (0.02, 0.05, True, "better"),
        (0.02, 0.05, False, "worse"),
        (-0.05, -0.02, True, "worse"),
        (-0.05, -0.02, False, "better"),
        (0.002, 0.05, True, "better"),
        (-0.02, 0.05, True, "undecided"),
        (0.0, 0.05, True, "undecided"),
        (-0.0095, 0.0095, True, "equivalent"),
        (0.002, 0.008, True, "equivalent"),
        (-0.011, 0.009, True, "undecided"),
    ],
)
def test_verdicts_follow_the_interval(low, high, higher, verdict):
    """Equivalent within the margin; better or worse if it excludes zero."""
    assert conclude(a_difference(low, high), higher_is_better=higher).verdict == verdict


@given(low=st.floats(-1, 1), width=st.floats(0.001, 1), higher=st.booleans())
def test_swapping_learners_swaps_better_and_worse(low, width, higher):
    """Other verdicts are unchanged."""
    opposite = {"better": "worse", "worse": "better"}

    one = conclude(a_difference(low, low + width), higher_is_better=higher).verdict
    other = conclude(a_difference(-low - width, -low), higher_is_better=higher).verdict

    assert other == opposite.get(one, one)


@given(value=st.floats(-0.2, 0.2), variance=st.floats(1e-7, 1e-2), df=st.floats(1, 500), k=st.integers(1, 20))
def test_interval_p_value_and_verdict_agree_for_any_number_of_comparisons(value, variance, df, k):
    """Better or worse exactly if the interval excludes zero, exactly if the corrected p-value is below 5 %."""
    parts = (VarianceComponent(variance, df),)
    plain = Difference(value, 0, 0, 0, "t", "procedure", parts, True, 0.95, n_units=200, rare=200, rare_units=200)
    p = min(1.0, k * plain.p_of(0.0))
    row = plain.at(simultaneous(k))

    verdict = conclude(row, margin=0.0, n_comparisons=k).verdict

    if abs(p - 0.05) > 1e-9:
        assert (verdict in ("better", "worse")) == (row.low > 0 or row.high < 0) == (p < 0.05)


def test_equivalence_of_groups_allows_for_groups_that_fail_unseen():
    """Forty groups cannot show that a learner fails on none of 100; of samples the same interval suffices."""
    parts = (VarianceComponent(1e-6, 39.0),)
    few = Difference(0.0, -0.003, 0.003, 0.9, "t", "procedure", parts, True, 0.95, n_units=40, rare=2000, rare_units=40)

    verdict, reason = conclude(few.at(0.95), unit="group")

    assert verdict == "undecided"
    assert "lies within the margin of 1.0 points, but 40 groups are too few to show" in reason
    assert conclude(few._replace(rare_units=2000).at(0.95)).verdict == "equivalent"
    ahead = few._replace(value=0.004, components=(VarianceComponent(1e-6, 39.0),)).at(0.95)
    assert conclude(ahead).verdict == "better"


def test_an_invalid_comparison_has_its_reason():
    """The numbers do not matter."""
    assert conclude(a_difference(0.1, 0.2), invalid="The learner was cut off.") == (
        "invalid",
        "The learner was cut off.",
    )


@pytest.mark.parametrize(
    ("difference", "comparisons", "reason"),
    [
        (
            a_difference(0.012, 0.034, confidence=0.9875),
            4,
            "The 98.75 % interval (95 % for 4 comparisons) of the difference, +1.2 to +3.4 points, excludes zero.",
        ),
        (
            a_difference(0.001, 0.0079),
            1,
            "The 95 % interval of the difference, +0.1 to +0.8 points, lies within the margin of 1.0 points. "
            "The difference is real but too small to matter.",
        ),
        (
            a_difference(-0.003, 0.004),
            1,
            "The 95 % interval of the difference, -0.3 to +0.4 points, lies within the margin of 1.0 points.",
        ),
        (
            a_difference(-0.004, 0.021, standard_error=0.01),
            1,
            "The 95 % interval of the difference, -0.4 to +2.1 points, contains zero and exceeds the margin of "
            "1.0 points. This comparison detects a difference of 2.8 points with power 80 %. Detecting 1.0 points, "
            "the margin, takes about 790 test samples instead of 100.",
        ),
        (
            a_difference(-0.12, 0.345, bounded=False, standard_error=0.1),
            1,
            "The 95 % interval of the difference, -0.12 to +0.345, contains zero and exceeds the margin of 0.01. "
            "This comparison detects a difference of 0.283 with power 80 %. Detecting 0.112, the measured difference, "
            "takes about 630 test samples instead of 100.",
        ),
        (
            a_difference(0.0002, 0.03, standard_error=0.007),
            1,
            "The 95 % interval of the difference, +0.02 to +3.0 points, excludes zero.",
        ),
        (
            a_difference(-1.0, 1.0, standard_error=math.inf),
            1,
            "The 95 % interval of the difference, -100.0 to +100.0 points, contains zero and exceeds the margin of "
            "1.0 points. The test set has too few independent units for an inference about others.",
        ),
    ],
)
def test_reasons_are_plain_sentences(difference, comparisons, reason):
    """Percentage points for bounded metrics, plain numbers for others, and the detectable difference."""
    assert conclude(difference, n_comparisons=comparisons).reason == reason


def test_without_a_margin_nothing_is_equivalent():
    """And the reason does not name one."""
    verdict, reason = conclude(a_difference(-1e-6, 1e-6), margin=0.0)

    assert verdict == "undecided"
    assert "margin" not in reason.partition(". ")[0]


@pytest.mark.parametrize("margin", [-0.01, math.nan, math.inf])
def test_a_margin_is_a_finite_number_of_at_least_zero(margin):
    """The message has its value."""
    with pytest.raises(ValueError, match=f"margin is a finite number of at least 0; got {margin}"):
        conclude(a_difference(0.0, 0.1), margin=margin)


def test_at_least_one_comparison_is_counted():
    """Zero comparisons would divide by zero."""
    with pytest.raises(ValueError, match="n_comparisons is at least 1; got 0"):
        conclude(a_difference(0.0, 0.1), n_comparisons=0)
    with pytest.raises(ValueError, match="n_comparisons is at least 1; got 0"):
        simultaneous(0)


UNSURE, SURE = Resampled(0.01, -0.014, 0.005, 0.3), Resampled(0.01, 0.001, 0.02, 0.01)


@pytest.mark.parametrize(
    ("verdict", "mcnemar", "folds", "text"),
    [
        ("better", 0.001, SURE, ""),
        ("better", 0.07, None, "A second opinion is less sure: the exact McNemar test has p = 0.07."),
        ("better", None, UNSURE,
         "A second opinion is less sure: the corrected resampled t test over the folds gives -1.4 to +0.5 points."),
        ("equivalent", 0.001, UNSURE,
         "A second opinion is less sure: the corrected resampled t test over the folds gives -1.4 to +0.5 points, "
         "beyond the margin."),
        ("undecided", 0.3, UNSURE, ""),
        ("undecided", 0.03, None, "A second opinion is more sure: the exact McNemar test has p = 0.03."),
        ("invalid", 0.03, SURE, ""),
    ],
)  # fmt: skip
def test_a_second_opinion_that_disagrees_is_put_into_words(verdict, mcnemar, folds, text):
    """One that agrees says nothing."""
    assert second_opinion(verdict, a_difference(0.0, 0.1, mcnemar=mcnemar), folds, margin=0.01) == text
