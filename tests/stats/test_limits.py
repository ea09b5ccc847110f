"""Limits that allow for differences that could go unseen."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.stats import wilson
from visiontk.stats.limits import limits, p_value
from visiontk.stats.variance import VarianceComponent

NONE = VarianceComponent(0.0, math.inf)


@given(n=st.integers(10, 5000))
def test_without_any_disagreement_the_limit_is_wilsons(n):
    """A learner that alone fails on none of n samples: the limit of a share of 0 of n."""
    low, high = limits(0.0, [NONE], 0.95, rare=n)

    assert high == pytest.approx(wilson(0, n).high, abs=1e-9)
    assert low == -high


PARTS = st.builds(VarianceComponent, st.floats(1e-8, 1e-2), st.floats(2, 500))


@given(value=st.floats(-0.5, 0.5), items=PARTS, seeds=PARTS, rare=st.integers(5, 2000))
def test_allowing_for_the_unseen_widens_but_never_changes_the_side_of_zero(value, items, seeds, rare):
    """So that it decides about equivalence, never about better and worse."""
    plain, wide = (limits(value, [items, seeds], 0.95, rare=m) for m in (math.inf, rare))

    assert wide[0] <= plain[0] + 1e-12
    assert wide[1] >= plain[1] - 1e-12
    assert (plain[0] > 0) == (wide[0] > 0)
    assert (plain[1] < 0) == (wide[1] < 0)


@given(value=st.floats(-0.5, 0.5), items=PARTS, seeds=PARTS, rare=st.sampled_from([50, math.inf]))
def test_the_p_value_is_below_five_percent_exactly_if_the_interval_excludes_zero(value, items, seeds, rare):
    low, high = limits(value, [items, seeds], 0.95, rare=rare)
    p = p_value(value, [items, seeds])

    if abs(p - 0.05) > 1e-9:
        assert (p < 0.05) == (low > 0 or high < 0)


@given(value=st.floats(-0.5, 0.5), items=PARTS, rare=st.integers(5, 2000))
def test_limits_widen_with_confidence(value, items, rare):
    (low, high), (lower, higher) = (limits(value, [items], c, rare=rare) for c in (0.9, 0.99))

    assert lower <= low <= value <= high <= higher


def test_an_infinite_variance_has_no_limits():
    assert limits(0.2, [VarianceComponent(math.inf, 1.0)], 0.95, rare=10) == (-math.inf, math.inf)
