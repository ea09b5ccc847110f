"""Crossover of learning curves, on examples and simulated curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from visiontk.stats.crossover import crossing, crossover

SIZES = [100.0, 200.0, 400.0, 800.0, 1600.0]
CURVES = arrays(np.float64, (5,), elements=st.floats(-1, 1))


@given(CURVES)
def test_beyond_the_crossing_the_first_learner_leads(differences):
    n = crossing(SIZES, differences)

    beyond = [d for size, d in zip(SIZES, differences, strict=True) if size > n * (1 + 1e-9)]
    assert all(d > 0 for d in beyond)
    assert (n == 0) == bool((differences > 0).all())
    assert np.isinf(n) == (not differences[-1] > 0)


@given(CURVES, st.floats(0.01, 1))
def test_a_gain_of_the_first_learner_does_not_delay_the_crossing(differences, gain):
    assert crossing(SIZES, differences + gain) <= crossing(SIZES, differences) * (1 + 1e-9)


def test_a_line_in_the_logarithm_crosses_at_its_zero():
    truth = np.log(np.array(SIZES) / 550)

    assert crossing(SIZES, truth) == pytest.approx(550)


def test_unknown_differences_are_not_a_lead():
    assert crossing(SIZES, np.array([0.1, np.nan, 0.1, 0.1, np.nan])) == float("inf")


@pytest.mark.parametrize("sizes", [[], [2, 1], [0, 1], [1, 1]])
def test_sizes_must_increase(sizes):
    k = len(sizes)
    with pytest.raises(ValueError, match="Sizes must increase"):
        crossover(sizes, np.zeros(k), np.zeros((10, k)))


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="one column of replicates"):
        crossover(SIZES, np.zeros(5), np.zeros((10, 4)))


@pytest.mark.slow
def test_the_interval_covers_the_crossing_of_expected_curves():
    """2,000 tests on 400 items of two learners whose accuracies cross at 550 training samples."""
    rng = np.random.default_rng(0)
    chance = 0.6 + 0.05 * np.log2(np.array(SIZES) / 100)
    other = chance + 0.06 * np.log2(np.array(SIZES) / 550)
    n_items, n_resamples, covered, n_simulations = 400, 200, 0, 2000
    draws = rng.multinomial(n_items, np.full(n_items, 1 / n_items), size=n_resamples) / n_items
    for _ in range(n_simulations):
        # One hardness per item, so that answers at different sizes and of both learners go together.
        hard = rng.random((n_items, 1))
        mixed = rng.random((2, n_items, 5)) < 0.5
        hardness = np.where(mixed, hard, rng.random((2, n_items, 5)))
        right = (hardness[0] < other).astype(float) - (hardness[1] < chance)
        result = crossover(SIZES, right.mean(axis=0), draws @ right)
        covered += result.low <= 550 <= result.high
    assert 0.93 <= covered / n_simulations <= 0.985


@pytest.mark.parametrize(
    ("differences", "replicates", "confidence", "message"),
    [
        ([-0.1, 0.1], np.empty((0, 2)), 0.95, r"with replicates; got 0\.95, 0"),
        ([-0.1, 0.1], np.ones((9, 2)), 95, "confidence is between 0 and 1, with replicates; got 95"),
    ],
)
def test_a_confidence_out_of_range_and_no_replicates_are_errors(differences, replicates, confidence, message):
    with pytest.raises(ValueError, match=message):
        crossover([100, 200], np.array(differences), replicates, confidence=confidence)


@pytest.mark.parametrize("sizes", [[], [100]])
def test_each_size_has_a_difference(sizes):
    with pytest.raises(ValueError, match="Each size has one difference"):
        crossing(sizes, np.array([0.1, 0.2])[: 2 * len(sizes)])
