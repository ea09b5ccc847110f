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
