"""Correction of p-values for several comparisons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from visiontk.stats import holm

P_VALUES = st.lists(st.floats(0, 1, allow_subnormal=False).map(lambda p: round(p, 6)), min_size=1, max_size=12)


@pytest.mark.parametrize("k", [1, 2, 5, 12])
def test_holm_agrees_with_statsmodels(k):
    """Independent source: multipletests(method="holm"), ties included."""
    p = np.random.default_rng(k).random(k).round(1) / 3

    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], abs=1e-12)


@given(P_VALUES, st.randoms(use_true_random=False))
def test_holm_does_not_depend_on_the_order(p, random):
    """Permuted p-values give permuted results."""
    order = list(range(len(p)))
    random.shuffle(order)

    assert holm(np.array(p)[order]) == pytest.approx(holm(p)[order])


@given(P_VALUES)
def test_nan_is_preserved_and_not_counted(p):
    with_nan = holm([np.nan, *p, np.nan])

    assert np.isnan(with_nan[[0, -1]]).all()
    assert (with_nan[1:-1] == holm(p)).all()


@given(P_VALUES)
def test_a_correction_never_decreases_p_values(p):
    """They are at most 1 and remain in the same order."""
    adjusted = holm(p)

    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


def test_an_empty_list_and_only_nan_are_allowed():
    """The argument is not modified."""
    p = np.array([0.04, 0.01])

    holm(p)

    assert p.tolist() == [0.04, 0.01]
    assert holm([]).shape == (0,)
    assert np.isnan(holm([np.nan])).all()


@pytest.mark.parametrize("wrong", [-0.1, 1.5])
def test_a_value_outside_zero_to_one_is_an_error(wrong):
    """The message names the value."""
    with pytest.raises(ValueError, match=f"between 0 and 1; got {wrong}"):
        holm([0.5, wrong])


@pytest.mark.parametrize("wrong", [[[0.01, 0.02], [0.03, 0.04]], 0.03, np.empty((0, 2))])
def test_a_matrix_or_a_single_number_is_an_error(wrong):
    """Flattened, every number would be one comparison."""
    with pytest.raises(ValueError, match="p-values are a list of numbers"):
        holm(wrong)
