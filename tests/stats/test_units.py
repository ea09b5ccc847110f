"""Independent units and their degrees of freedom."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.metrics import auc
from visiontk.metrics.classification import balanced_accuracy_influences
from visiontk.stats import bootstrap_weights, difference
from visiontk.stats.units import FEWEST_OF_A_CLASS, units_of


def test_equal_units_have_one_degree_of_freedom_less_than_their_number():
    """Samples, or groups of one size."""
    assert units_of(np.zeros(30, int)).df == 29
    assert units_of(np.zeros(30, int), np.repeat(np.arange(6), 5)).df == 5


@given(sizes=st.lists(st.integers(1, 50), min_size=2, max_size=20))
def test_unequal_groups_count_by_their_shares(sizes):
    """Kish: 1 / sum of squared shares - 1, at most that of equal groups."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    shares = np.array(sizes) / sum(sizes)

    units = units_of(np.zeros(len(groups), int), groups)

    assert units.n == len(sizes)
    assert units.df == pytest.approx(max(1 / (shares**2).sum() - 1, 0.1))
    assert units.df <= len(sizes) - 1


@pytest.mark.parametrize("n", range(1, FEWEST_OF_A_CLASS))
def test_one_or_two_units_of_a_class_allow_no_inference(n):
    """Samples or groups of it, however many samples they hold."""
    y = np.repeat([0, 1], [40, 10 * n])
    groups = np.arange(len(y)) // 10

    assert math.isinf(units_of(y, groups, by_class=True).factor)
    assert math.isinf(units_of(np.repeat([0, 1], [40, n]), by_class=True).factor)
    assert math.isfinite(units_of(y, groups).factor)


def test_the_rarest_class_limits_the_degrees_of_freedom():
    """If it causes the variance: nearly its units less one."""
    y = np.repeat([0, 1], [500, 4])
    right = np.r_[np.ones(500, int), 1, 0, 1, 0]
    influences = balanced_accuracy_influences(y, np.eye(2)[np.where(right, y, 1 - y)])

    assert units_of(y, by_class=True, influences=influences).df == pytest.approx(3, abs=0.2)
    assert units_of(y, by_class=True).df == 3


def test_groups_that_hold_every_class_count_once():
    """Ten classes of six speakers are six units, not sixty."""
    rng = np.random.default_rng(0)
    y, groups = np.tile(np.arange(10), 60), np.repeat(np.arange(6), 100)
    influences = balanced_accuracy_influences(y, np.eye(10)[np.where(rng.random(600) < 0.8, y, (y + 1) % 10)])

    assert units_of(y, groups, by_class=True, influences=influences).df == pytest.approx(5)


def test_two_groups_of_positives_give_no_verdict_over_several_seeds():
    """Whatever the number of samples and seeds."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(20), 5)
    y = (groups < 2).astype(int)
    a, b = (rng.random((3, 100, 2)) for _ in "ab")

    result = difference(auc, y, a, b, bootstrap_weights(100, groups=groups, n_resamples=100), groups)

    assert (result.low, result.high, result.p_value) == (-1.0, 1.0, 1.0)
