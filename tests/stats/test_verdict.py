"""Verdicts from intervals and p-values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.stats import Difference, conclude


def a_difference(low, high, *, bounded=True, standard_error=None):
    """Return a difference with this interval."""
    se = (high - low) / 3.92 if standard_error is None else standard_error
    return Difference(
        value=(low + high) / 2,
        low=low,
        high=high,
        p_value=0.01,
        test="paired bootstrap t",
        scope="fitted models",
        standard_error=se,
        item_variance=se**2,
        seed_variance=0.0,
        df=99.0,
        bounded=bounded,
        confidence=0.95,
        n_units=100,
    )


@pytest.mark.parametrize(
    ("low", "high", "p", "higher", "verdict"),
    [
        (0.02, 0.05, 0.001, True, "better"),
        (0.02, 0.05, 0.001, False, "worse"),
        (-0.05, -0.02, 0.001, True, "worse"),
        (-0.05, -0.02, 0.001, False, "better"),
        (0.002, 0.05, 0.04, True, "better"),
        (0.002, 0.05, 0.06, True, "undecided"),
        (-0.02, 0.05, 0.001, True, "undecided"),
        (0.0, 0.05, 0.001, True, "undecided"),
        (-0.01, 0.01, 0.9, True, "equivalent"),
        (0.002, 0.008, 0.001, True, "equivalent"),
        (-0.011, 0.009, 0.9, True, "undecided"),
    ],
)
def test_verdicts_follow_interval_and_p_value(low, high, p, higher, verdict):
    """Equivalent within the margin; better or worse if both interval and corrected test agree."""
    assert conclude(a_difference(low, high), p, higher_is_better=higher).verdict == verdict


@given(low=st.floats(-1, 1), width=st.floats(0.001, 1), p=st.floats(0, 1), higher=st.booleans())
def test_swapping_learners_swaps_better_and_worse(low, width, p, higher):
    """Other verdicts are unchanged."""
    opposite = {"better": "worse", "worse": "better"}

    one = conclude(a_difference(low, low + width), p, higher_is_better=higher).verdict
    other = conclude(a_difference(-low - width, -low), p, higher_is_better=higher).verdict

    assert other == opposite.get(one, one)


@given(low=st.floats(-0.2, 0.2), width=st.floats(0.001, 0.2), p=st.floats(0, 1))
def test_a_larger_p_value_never_adds_a_verdict(low, width, p):
    """A correction can turn better into undecided, never the reverse."""
    before, after = (conclude(a_difference(low, low + width), q).verdict for q in (p, min(1.0, 2 * p)))

    assert after == before or (before in ("better", "worse") and after == "undecided")


def test_an_invalid_comparison_has_its_reason():
    """The numbers do not matter, and the p-value may be missing."""
    assert conclude(a_difference(0.1, 0.2), math.nan, invalid="The learner was cut off.") == (
        "invalid",
        "The learner was cut off.",
    )


@pytest.mark.parametrize(
    ("difference", "p", "comparisons", "reason"),
    [
        (
            a_difference(0.012, 0.034),
            0.0031,
            4,
            "The 95 % interval of the difference, +1.2 to +3.4 points, excludes zero "
            "(p = 0.0031 after correction for 4 comparisons).",
        ),
        (
            a_difference(0.001, 0.0089),
            0.01,
            1,
            "The 95 % interval of the difference, +0.1 to +0.9 points, lies within the margin of 1.0 points. "
            "The difference is real but too small to matter.",
        ),
        (
            a_difference(-0.003, 0.004),
            0.7,
            1,
            "The 95 % interval of the difference, -0.3 to +0.4 points, lies within the margin of 1.0 points.",
        ),
        (
            a_difference(-0.004, 0.021, standard_error=0.01),
            0.2,
            1,
            "The 95 % interval of the difference, -0.4 to +2.1 points, contains zero and exceeds the margin of "
            "1.0 points. This comparison detects a difference of 2.8 points with power 80 %. Detecting 1.0 points, "
            "the margin, takes about 790 test samples instead of 100.",
        ),
        (
            a_difference(0.004, 0.021, standard_error=0.005),
            0.08,
            3,
            "The 95 % interval of the difference, +0.4 to +2.1 points, excludes zero, but p = 0.08 after correction "
            "for 3 comparisons is not below 0.05. This comparison detects a difference of 1.6 points with power 80 %. "
            "Detecting 1.2 points, the measured difference, takes about 180 test samples instead of 100.",
        ),
        (
            a_difference(-0.12, 0.345, bounded=False, standard_error=0.1),
            0.3,
            1,
            "The 95 % interval of the difference, -0.12 to +0.345, contains zero and exceeds the margin of 0.01. "
            "This comparison detects a difference of 0.283 with power 80 %. Detecting 0.112, the measured difference, "
            "takes about 630 test samples instead of 100.",
        ),
        (
            a_difference(0.0002, 0.03, standard_error=0.007),
            0.04,
            1,
            "The 95 % interval of the difference, +0.02 to +3.0 points, excludes zero (p = 0.04).",
        ),
        (
            a_difference(-1.0, 1.0, standard_error=math.inf),
            1.0,
            1,
            "The 95 % interval of the difference, -100.0 to +100.0 points, contains zero and exceeds the margin of "
            "1.0 points. The test set is a single independent unit, which allows no inference about others.",
        ),
    ],
)
def test_reasons_are_plain_sentences(difference, p, comparisons, reason):
    """Percentage points for bounded metrics, plain numbers for others, and the detectable difference."""
    assert conclude(difference, p, n_comparisons=comparisons).reason == reason


@pytest.mark.parametrize("p", [math.nan, -0.1, 1.1])
def test_a_p_value_outside_zero_to_one_is_an_error(p):
    """NaN requires a reason why the comparison is invalid."""
    with pytest.raises(ValueError, match=r"p_adjusted lies between 0 and 1; got .* reason in invalid="):
        conclude(a_difference(0.0, 0.1), p)


def test_a_negative_margin_is_an_error():
    """The message has its value."""
    with pytest.raises(ValueError, match=r"margin is at least 0; got -0.01"):
        conclude(a_difference(0.0, 0.1), 0.5, margin=-0.01)
