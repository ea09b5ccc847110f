"""Signed-rank test over several data sets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wilcoxon

from visiontk.stats.across import signed_rank


@given(
    st.lists(
        st.floats(-1, 1).filter(lambda x: abs(x) > 1e-6), min_size=2, max_size=12, unique_by=lambda x: round(abs(x), 9)
    )
)
def test_signed_rank_agrees_with_scipy(differences):
    """Exact, without ties."""
    assert signed_rank(differences).p_value == pytest.approx(wilcoxon(differences, method="exact").pvalue)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=8))
def test_with_ties_p_is_the_share_of_all_sign_patterns(differences):
    """Every pattern of signs is equally likely."""
    d = np.array([x for x in differences if x])
    result = signed_rank(differences)
    if not len(d):
        assert result == (0, 1.0, 1.0)
        return
    size = np.abs(d)
    ranks = np.array([(size < s).sum() + ((size == s).sum() + 1) / 2 for s in size])
    signs = (np.arange(2 ** len(d))[:, None] >> np.arange(len(d))) & 1
    sums, observed = signs @ ranks, ranks[d > 0].sum()

    assert result.p_value == pytest.approx(min(1.0, 2 * min((sums <= observed).mean(), (sums >= observed).mean())))
    assert result.p_value >= result.smallest - 1e-12


@pytest.mark.parametrize(("n", "significant"), [(5, False), (6, True)])
def test_five_tasks_cannot_be_significant(n, significant):
    """Even if all agree; six can."""
    assert (signed_rank(np.arange(1, n + 1)).p_value < 0.05) == significant


@pytest.mark.parametrize("wrong", [[0.1, np.nan], [0.1, np.inf], [[0.1, 0.2]], 0.1])
def test_a_task_without_a_value_is_an_error(wrong):
    """NaN is neither a zero nor a difference."""
    with pytest.raises(ValueError, match="Each task has one finite difference"):
        signed_rank(wrong)


@given(st.lists(st.integers(-9, 9), max_size=8), st.integers(1, 99))
def test_zeros_and_ties_are_so_up_to_rounding(steps, base):
    """0.7 - 0.6 and 0.3 - 0.2 are a tie, 0.3 - (0.1 + 0.2) is no difference."""
    base = base / 100
    rounded = np.array([(base + step / 1000) - base for step in steps])

    assert signed_rank(rounded) == signed_rank(steps)
