"""Confidence intervals of a metric."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss, macro_f1
from visiontk.stats import bootstrap_weights, estimate, wilson

N = 60
WEIGHTS = bootstrap_weights(N, n_resamples=300)
GROUPS = np.repeat(np.arange(12), 5).astype(str)
GROUP_WEIGHTS = bootstrap_weights(N, groups=GROUPS, n_resamples=300)


def simulated(n_seeds=1, seed=0, skill=0.5):
    """Return targets of two classes and weakly informative probabilities."""
    rng = np.random.default_rng(seed)
    y = np.r_[0, 1, rng.integers(2, size=N - 2)]
    p = rng.random((n_seeds, N, 2)) + skill * np.eye(2)[y]
    return y, p / p.sum(axis=2, keepdims=True)


@given(n=st.integers(1, 5000), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_agrees_with_statsmodels(n, share, confidence):
    """Against proportion_confint(method="wilson")."""
    successes = round(share * n)

    expected = proportion_confint(successes, n, alpha=1 - confidence, method="wilson")

    assert wilson(successes, n, confidence=confidence) == pytest.approx(expected, abs=1e-9)


@given(n=st.floats(0.5, 1e5), share=st.floats(0, 1))
def test_wilson_contains_the_share_and_is_symmetric(n, share):
    """Within 0 to 1 and never a point; exchanging right and wrong mirrors it."""
    low, high = wilson(share * n, n)
    mirrored = wilson(n - share * n, n)

    assert 0 <= low <= share * n / n <= high <= 1
    assert high - low > 0
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize(("successes", "n"), [(-1, 10), (11, 10), (0, 0)])
def test_impossible_counts_of_wilson_are_an_error(successes, n):
    """The message has both numbers."""
    with pytest.raises(ValueError, match=f"got {successes} of {n}"):
        wilson(successes, n)


def test_confidence_of_wilson_is_between_zero_and_one():
    """95 is a frequent slip for 0.95."""
    with pytest.raises(ValueError, match=r"such as 0.95; got 95"):
        wilson(1, 2, confidence=95)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_accuracy_of_one_seed_has_wilsons_interval(confidence):
    """Exactly."""
    y, scores = simulated()

    result = estimate(accuracy, y, scores, WEIGHTS, confidence=confidence)

    assert (result.low, result.high) == pytest.approx(wilson(result.value * N, N, confidence=confidence), abs=1e-12)
    assert result.df == math.inf


@pytest.mark.parametrize("metric", [accuracy, balanced_accuracy, macro_f1, auc, log_loss], ids=lambda m: m.name)
@pytest.mark.parametrize(("weights", "groups"), [(WEIGHTS, None), (GROUP_WEIGHTS, GROUPS)], ids=["samples", "groups"])
@pytest.mark.parametrize("n_seeds", [1, 2, 3])
def test_an_interval_contains_its_value_and_variances_add_up(metric, weights, groups, n_seeds):
    """The value is the mean over seeds; variances sum to the squared standard error."""
    y, scores = simulated(n_seeds)

    result = estimate(metric, y, scores, weights, groups)

    assert result.value == pytest.approx(np.mean([metric(y, s) for s in scores]))
    assert result.low < result.value < result.high
    assert result.standard_error**2 == pytest.approx(result.item_variance + result.seed_variance)
    assert (result.seed_variance > 0) <= (n_seeds > 1)
    if metric.kind != "unbounded":
        assert result.low >= 0
        assert result.high <= 1


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("n_seeds", [1, 3])
@pytest.mark.parametrize(("weights", "groups"), [(WEIGHTS, None), (GROUP_WEIGHTS, GROUPS)], ids=["samples", "groups"])
def test_a_perfect_accuracy_has_an_interval(weights, groups, n_seeds, right):
    """That of as many units; also if all predictions are wrong."""
    y, _ = simulated()
    scores = np.repeat(np.eye(2)[y if right else 1 - y][None], n_seeds, axis=0)
    n_units = N if groups is None else 12

    result = estimate(accuracy, y, scores, weights, groups)

    assert result.value == float(right)
    assert result.high - result.low >= 0.9 * (wilson(n_units, n_units).high - wilson(n_units, n_units).low)
    assert (result.high if right else result.low) == float(right)


def test_equal_groups_have_an_interval():
    """Three right of five in every group: as of 12 units or wider."""
    y = np.zeros(N, int)
    scores = np.eye(2)[np.tile([0, 0, 0, 1, 1], 12)][None]

    result = estimate(accuracy, y, scores, GROUP_WEIGHTS, GROUPS)

    low, high = wilson(0.6 * 12, 12)
    assert result.low < low < high < result.high


def test_groups_that_copy_one_sample_count_once():
    """Five copies of a sample give Wilson's interval for 12 units, wider by t for z and the floor."""
    y = np.zeros(N, int)
    scores = np.eye(2)[np.repeat([0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 1], 5)][None]

    result = estimate(accuracy, y, scores, GROUP_WEIGHTS, GROUPS)

    low, high = wilson(8, 12)
    assert result.high - result.low == pytest.approx(high - low, rel=0.25)
    assert result.high - result.low > high - low


def test_seeds_that_disagree_widen_the_interval():
    y, scores = simulated(3)
    spread = scores.copy()
    spread[0] = spread[0][:, ::-1]

    assert estimate(accuracy, y, scores, WEIGHTS).seed_variance < 0.01
    assert estimate(accuracy, y, spread, WEIGHTS).seed_variance > 0.01


def test_repeated_seeds_do_not_change_the_interval():
    """Copies of a deterministic learner."""
    y, scores = simulated()

    once = estimate(macro_f1, y, scores, WEIGHTS)
    thrice = estimate(macro_f1, y, np.repeat(scores, 3, axis=0), WEIGHTS)

    assert thrice == pytest.approx(once, abs=1e-12)


def test_one_group_gives_the_whole_range():
    """One patient allows no inference about others."""
    y, scores = simulated()
    ann = np.full(N, "ann")
    weights = bootstrap_weights(N, groups=ann, n_resamples=10)

    bounded, unbounded = (estimate(m, y, scores, weights, ann) for m in (accuracy, log_loss))

    assert (bounded.low, bounded.high) == (0.0, 1.0)
    assert (unbounded.low, unbounded.high) == (-math.inf, math.inf)


@given(seed=st.integers(0, 1000))
def test_order_of_samples_does_not_matter(seed):
    """If weights are permuted with them."""
    y, scores = simulated(2, seed)
    order = np.random.default_rng(seed).permutation(N)

    result = estimate(macro_f1, y[order], scores[:, order], WEIGHTS[:, order])

    assert result == pytest.approx(estimate(macro_f1, y, scores, WEIGHTS))


@given(confidence=st.floats(0.5, 0.99))
def test_intervals_widen_with_confidence(confidence):
    y, scores = simulated(3)

    small, large = (estimate(auc, y, scores, WEIGHTS, confidence=c) for c in (confidence, confidence + 0.005))

    assert large.low < small.low < small.high < large.high


def test_variance_over_groups_includes_one_pseudo_sample():
    """Closed form: variance between group shares over G, and 1 / (m + 2)^2 for m effective samples."""
    right = np.random.default_rng(0).random(N) < np.repeat(np.random.default_rng(1).random(12), 5)
    weights = bootstrap_weights(N, groups=GROUPS, n_resamples=20_000)

    result = estimate(accuracy, np.zeros(N, int), np.eye(2)[np.where(right, 0, 1)][None], weights, GROUPS)

    between = right.reshape(12, 5).mean(axis=1).var(ddof=1) / 12
    m = np.clip(result.value * (1 - result.value) / between, 12, N)
    assert result.item_variance == pytest.approx(between + 1 / (m + 2) ** 2, rel=0.03)


def test_samples_without_variance_are_floored_despite_varying_seeds():
    """Equal groups within each seed add value (1 - value) / G."""
    right = [np.tile(row, 12) for row in ([0, 0, 0, 1, 1], [0, 0, 0, 0, 1], [0, 0, 1, 1, 1])]

    result = estimate(accuracy, np.zeros(N, int), np.eye(2)[np.array(right)], GROUP_WEIGHTS, GROUPS)

    assert result.item_variance == pytest.approx(0.6 * 0.4 / 12)
    assert result.seed_variance == pytest.approx(0.04 / 3)


def test_few_errors_in_few_groups_do_not_shorten_the_interval() -> None:
    """The effective size follows from the value, however near to 1: a larger one would cover too little."""
    y = np.zeros(400, np.int64)
    right = np.ones(400, dtype=bool)
    right[:4] = False
    scores = np.eye(2)[np.where(right, 0, 1)][None]
    groups = np.repeat(np.arange(10), 40)

    result = estimate(balanced_accuracy, y, scores, bootstrap_weights(400, groups=groups), groups)
    n = result.value * (1 - result.value) / result.standard_error**2
    assert result.value == 0.99
    assert result.low <= wilson(result.value * n, n).low
