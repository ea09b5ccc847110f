"""Corrected resampled t test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from visiontk.stats.folds import corrected_resampled_t

DIFFERENCES = st.lists(st.integers(-50, 50), min_size=3, max_size=12).filter(lambda d: len(set(d)) > 1)


@given(DIFFERENCES)
def test_without_overlap_the_test_is_students_t(values):
    """Against SciPy, for test sets that are small compared with training sets."""
    differences = np.array(values) / 100
    known = ttest_1samp(differences, 0.0)

    result = corrected_resampled_t(differences, 1e15, 1.0)

    assert result.p_value == pytest.approx(known.pvalue, abs=1e-9)
    assert (result.low, result.high) == pytest.approx(tuple(known.confidence_interval()), abs=1e-9)


@given(DIFFERENCES)
def test_overlap_widens_the_interval(values):
    """For five folds of equal size, 1/5 + 1/4 replaces 1/5."""
    differences = np.array(values) / 100

    plain, result = (corrected_resampled_t(differences, n_train, 25) for n_train in (1e15, 100))

    widths = [each.high - each.low for each in (plain, result)]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(1 + len(values) / 4))
    assert result.p_value >= plain.p_value


@given(st.integers(1, 999), st.lists(st.integers(1, 99), min_size=3, max_size=10))
def test_differences_that_are_equal_up_to_rounding_have_no_test(gain, values):
    """As all folds agree, there is no variance to test with: p was 3e-31."""
    one = np.array(values) / 1000
    differences = (one + gain / 1000) - one

    assert corrected_resampled_t(differences, 80, 20) is None
    assert corrected_resampled_t(1e6 * differences, 80, 20) is None


def test_the_tolerance_does_not_hide_small_differences():
    """One of ten thousand samples, in one fold of three."""
    assert corrected_resampled_t(np.array([0.0, 0.0, 1e-4]), 80, 20).p_value > 0.3


@pytest.mark.parametrize(
    ("differences", "sizes", "message"),
    [
        ([0.1, 0.2, 0.3], (0, 20), "n_train is a number of samples above 0; got 0"),
        ([0.1, 0.2, 0.3], (80, -20), "n_test is a number of samples above 0; got -20"),
        ([0.1, 0.2, 0.3], (np.inf, 20), "n_train is a number of samples above 0; got inf"),
        ([0.1, 0.2, 0.3], (80, np.nan), "n_test is a number of samples above 0; got nan"),
        ([0.1, np.nan, 0.3], (80, 20), "one finite difference"),
        ([0.1, np.inf, 0.3], (80, 20), "one finite difference"),
        ([[0.1, 0.2, 0.3]], (80, 20), "one finite difference"),
    ],
)
def test_sizes_and_differences_out_of_range_are_errors(differences, sizes, message):
    with pytest.raises(ValueError, match=message):
        corrected_resampled_t(np.array(differences), *sizes)


@pytest.mark.parametrize("confidence", [0, 1, 95, np.nan])
def test_a_confidence_outside_zero_to_one_is_an_error(confidence):
    with pytest.raises(ValueError, match="confidence is a number between 0 and 1"):
        corrected_resampled_t(np.array([0.1, 0.2, 0.3]), 80, 20, confidence=confidence)
