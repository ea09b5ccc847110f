"""Comparison of two learners on the same samples."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar

from visiontk.core import Metric
from visiontk.errors import DataError
from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss, macro_f1
from visiontk.stats import bootstrap_weights, difference, mcnemar_exact

N = 60
WEIGHTS = bootstrap_weights(N, n_resamples=300)
GROUPS = np.repeat(np.arange(12), 5).astype(str)
GROUP_WEIGHTS = bootstrap_weights(N, groups=GROUPS, n_resamples=300)
METRICS = [accuracy, balanced_accuracy, macro_f1, auc, log_loss]
UNITS = pytest.mark.parametrize(
    ("weights", "groups"), [(WEIGHTS, None), (GROUP_WEIGHTS, GROUPS)], ids=["samples", "groups"]
)


def simulated(n_seeds_a=1, n_seeds_b=1, seed=0):
    """Return targets of two classes and probabilities of a better and a worse learner."""
    rng = np.random.default_rng(seed)
    y = np.r_[0, 1, rng.integers(2, size=N - 2)]
    a = rng.random((n_seeds_a, N, 2)) + 0.8 * np.eye(2)[y]
    b = rng.random((n_seeds_b, N, 2)) + 0.4 * np.eye(2)[y]
    return y, a / a.sum(axis=2, keepdims=True), b / b.sum(axis=2, keepdims=True)


def of_right(right):
    """Return scores that are correct where `right` is True, if every target is 0."""
    return np.eye(2)[np.where(right, 0, 1)][None]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=80))
def test_mcnemar_agrees_with_statsmodels_and_scipy(pairs):
    """Against statsmodels' exact McNemar and SciPy's binomial test."""
    a, b = np.array(pairs).T
    table = [[(a & b).sum(), (a & ~b).sum()], [(~a & b).sum(), (~a & ~b).sum()]]

    result = mcnemar_exact(a, b)

    assert result.p_value == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert (result.only_a, result.only_b) == (table[0][1], table[1][0])
    if result.only_a + result.only_b:
        assert result.p_value == pytest.approx(binomtest(result.only_a, result.only_a + result.only_b).pvalue)


def test_mcnemar_without_disagreement_is_one():
    assert mcnemar_exact(np.array([True, False]), np.array([True, False])) == (0, 0, 1.0)


def test_mcnemar_needs_the_same_samples():
    """The message has both shapes."""
    with pytest.raises(ValueError, match=r"same samples; got shapes \(2,\) and \(3,\)"):
        mcnemar_exact(np.ones(2, bool), np.ones(3, bool))


@pytest.mark.parametrize("wrong", [np.array([0.0, np.nan]), np.array([0, 2]), np.ones((2, 2), bool)], ids=str)
def test_mcnemar_needs_a_list_of_true_and_false(wrong):
    """NaN and 2 counted as right, and a matrix as so many samples."""
    with pytest.raises(ValueError, match=r"bool of shape \(n,\); got"):
        mcnemar_exact(wrong, np.zeros(wrong.shape, bool))


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
@pytest.mark.parametrize("seeds", [(1, 1), (3, 3), (3, 1), (2, 4)])
@UNITS
def test_swapping_learners_changes_the_sign(metric, seeds, weights, groups):
    """Value and limits are mirrored; everything else is equal."""
    y, a, b = simulated(*seeds)

    ab, ba = difference(metric, y, a, b, weights, groups), difference(metric, y, b, a, weights, groups)

    assert (ab.value, ab.low, ab.high) == pytest.approx((-ba.value, -ba.high, -ba.low))
    assert ab[3:] == ba[3:] or ab.p_value == pytest.approx(ba.p_value)
    assert ab.standard_error == pytest.approx(ba.standard_error)


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
@pytest.mark.parametrize("seeds", [(1, 1), (3, 3), (3, 1)])
@UNITS
def test_the_value_is_the_difference_and_within_its_interval(metric, seeds, weights, groups):
    """Of means over seeds, whatever the direction of the metric; bounded differences stay in -1 to 1."""
    y, a, b = simulated(*seeds)

    result = difference(metric, y, a, b, weights, groups)

    assert result.value == pytest.approx(np.mean([metric(y, s) for s in a]) - np.mean([metric(y, s) for s in b]))
    assert result.low < result.value < result.high
    assert result.standard_error**2 == pytest.approx(result.item_variance + result.seed_variance)
    assert not result.bounded or -1 <= result.low < result.high <= 1


@pytest.mark.parametrize("seeds", [(1, 1), (3, 3), (2, 5)])
@UNITS
def test_test_and_interval_agree(seeds, weights, groups):
    """The p-value is below 5 % exactly if the 95 % interval excludes zero."""
    for seed in range(20):
        y, a, b = simulated(*seeds, seed=seed)
        result = difference(macro_f1, y, a, b, weights, groups)
        assert (result.p_value < 0.05) == (result.low > 0 or result.high < 0)


@pytest.mark.parametrize(
    ("metric", "seeds", "grouped", "test", "scope"),
    [
        (accuracy, (1, 1), False, "paired t", "fitted models"),
        (accuracy, (1, 1), True, "paired group t", "fitted models"),
        (macro_f1, (1, 1), False, "paired t", "fitted models"),
        (log_loss, (1, 1), False, "paired bootstrap t", "fitted models"),
        (accuracy, (3, 3), False, "paired t, seeds x items", "procedure"),
        (macro_f1, (3, 1), True, "paired group t, seeds x items", "procedure"),
    ],
)
def test_the_record_names_its_test_and_scope(metric, seeds, grouped, test, scope):
    """McNemar is a second opinion only for proportions of one seed on independent samples."""
    y, a, b = simulated(*seeds)

    result = difference(metric, y, a, b, *((GROUP_WEIGHTS, GROUPS) if grouped else (WEIGHTS, None)))

    assert (result.test, result.scope) == (test, scope)
    assert (result.mcnemar is not None) == (metric is accuracy and seeds == (1, 1) and not grouped)


def test_mcnemar_applies_to_any_proportion():
    """The metric, such as top-2 accuracy, decides which samples are correct."""

    def among_two(y, scores, weights):
        right = (np.argsort(-scores, axis=1)[:, :2] == y[:, None]).any(axis=1)
        return weights @ right / weights.sum(axis=1)

    n = 300
    rng = np.random.default_rng(0)
    y, a, b = rng.integers(4, size=n), rng.random((1, n, 4)), rng.random((1, n, 4))
    right = [(np.argsort(-s[0], axis=1)[:, :2] == y[:, None]).any(axis=1) for s in (a, b)]

    result = difference(Metric("top 2", among_two, "proportion"), y, a, b, bootstrap_weights(n, n_resamples=9))

    assert result.mcnemar == mcnemar_exact(*right).p_value


def test_variance_of_independent_samples_is_that_of_agresti_and_min():
    """Closed form: ((b + c) - (b - c)^2 / n) / n^2 by n / (n - 1), and 1 / (n + 2)^2 for the pseudo-samples."""
    only_a, only_b = 9, 4
    a = np.arange(N) < N - only_b
    b = np.arange(N) >= only_a

    result = difference(accuracy, np.zeros(N, int), of_right(a), of_right(b), bootstrap_weights(N, n_resamples=9))

    wald = (only_a + only_b - (only_a - only_b) ** 2 / N) / N**2
    assert result.value == pytest.approx((only_a - only_b) / N)
    assert result.item_variance == pytest.approx(wald * N / (N - 1) + 1 / (N + 2) ** 2)


@UNITS
def test_equal_predictions_have_an_interval(weights, groups):
    """No disagreement in n samples, or in G groups, leaves 1 / (G + 2)."""
    y, a, _ = simulated()

    result = difference(accuracy, y, a, a, weights, groups)

    assert (result.value, result.p_value) == (0.0, 1.0)
    assert result.standard_error == pytest.approx(1 / ((N if groups is None else 12) + 2))
    assert result.low == -result.high < 0


def test_the_floor_follows_the_design_effect():
    """Groups of copies are floored as 12 units, groups of independent samples nearly as 60."""
    rng = np.random.default_rng(1)
    once = rng.random((2, 12)) < 0.6
    spread = rng.permuted(np.repeat(once, 5, axis=1), axis=1)
    y = np.zeros(N, int)

    def floor(pair):
        result = difference(accuracy, y, of_right(pair[0]), of_right(pair[1]), GROUP_WEIGHTS, GROUPS)
        between = (pair[0].astype(float) - pair[1]).reshape(12, 5).mean(axis=1).var(ddof=1) / 12
        return result.item_variance - between

    assert floor(np.repeat(once, 5, axis=1)) == pytest.approx(1 / 14**2, rel=0.25)
    assert 1 / 62**2 <= floor(spread) * (1 + 1e-9) < 0.3 / 14**2


def test_unbounded_metrics_have_no_floor():
    """Equal log losses have zero variance and a p-value of 1."""
    y, a, _ = simulated()

    result = difference(log_loss, y, a, a, WEIGHTS)

    assert (result.low, result.high, result.p_value) == (0.0, 0.0, 1.0)


def test_equal_numbers_of_seeds_are_paired():
    """A common effect of the seed cancels; with unequal numbers it does not."""
    y = np.zeros(N, int)
    scores = np.stack([of_right(np.arange(N) < right)[0] for right in (30, 40, 50, 57)])

    paired = difference(accuracy, y, scores, scores, WEIGHTS)
    unpaired = difference(accuracy, y, scores, scores[:3], WEIGHTS)

    assert paired.seed_variance == 0
    assert unpaired.seed_variance > 0.001


def test_a_learner_of_one_seed_counts_as_deterministic():
    """Three copies of it, paired with three seeds, give the same record."""
    y, a, b = simulated(3, 1)

    one = difference(macro_f1, y, a, b, WEIGHTS)
    copies = difference(macro_f1, y, a, np.repeat(b, 3, axis=0), WEIGHTS)

    assert one.value == pytest.approx(copies.value)
    assert one.item_variance == pytest.approx(copies.item_variance)


def test_scaling_an_unbounded_metric_scales_the_record():
    """Ten times the metric gives ten times the difference and interval, and the same p-value."""
    y, a, b = simulated(3, 3)
    tenfold = Metric("ten", lambda *arrays: 10 * log_loss.function(*arrays), "unbounded")

    plain, large = (difference(m, y, a, b, WEIGHTS) for m in (log_loss, tenfold))

    assert (large.value, large.low, large.high) == pytest.approx((10 * plain.value, 10 * plain.low, 10 * plain.high))
    assert large.p_value == pytest.approx(plain.p_value)


@given(seed=st.integers(0, 1000))
def test_order_of_samples_does_not_matter(seed):
    """If weights are permuted with them."""
    y, a, b = simulated(2, 2, seed)
    order = np.random.default_rng(seed).permutation(N)

    result = difference(auc, y[order], a[:, order], b[:, order], WEIGHTS[:, order])

    plain = difference(auc, y, a, b, WEIGHTS)
    assert (result.value, result.low, result.high) == pytest.approx((plain.value, plain.low, plain.high))


def test_one_group_gives_the_whole_range():
    """Its p-value is 1."""
    y, a, b = simulated()

    result = difference(accuracy, y, a, b, np.ones((5, N), np.uint8), np.zeros(N))

    assert (result.low, result.high, result.p_value) == (-1.0, 1.0, 1.0)
    assert math.isinf(result.standard_error)


def test_both_learners_are_validated():
    """NaN or another number of samples in the second learner is an error."""
    y, a, b = simulated()

    with pytest.raises(DataError, match="120 of 120 scores are not numbers"):
        difference(accuracy, y, a, b * np.nan, WEIGHTS)
    with pytest.raises(ValueError, match=r"got \(1, 59, 2\)"):
        difference(accuracy, y, a, b[:, 1:], WEIGHTS)
