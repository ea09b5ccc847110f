"""Variance components of a mean over seeds and samples."""

import math

import numpy as np
import pytest

from visiontk.core import Metric
from visiontk.errors import DataError
from visiontk.metrics import auc, macro_f1
from visiontk.stats import bootstrap_weights
from visiontk.stats.limits import half_width, p_value
from visiontk.stats.units import units_of
from visiontk.stats.variance import (
    CHUNK_BYTES,
    VarianceComponent,
    check_arrays,
    deviations,
    deviations_of,
    item_component,
    replicates_of,
    satterthwaite,
    seed_component,
    values_of,
)

SIXTY = units_of(np.zeros(60, int))
GAIN = Metric("gain", lambda _, s, w: (w @ s[:, 0]) / w.sum(axis=1), "unbounded")


def two_way(n_seeds=4, n=60, seed=0):
    """Return means over n items for each seed, deviations of their bootstrap replicates, and the table."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n_seeds, 1)) + rng.normal(size=n) + rng.normal(size=(n_seeds, n))
    weights = bootstrap_weights(n, n_resamples=20_000)
    replicates = replicates_of(GAIN, np.zeros(n, int), table[:, :, None], weights)
    return table, table.mean(axis=1), deviations(replicates)


def mean_squares(table):
    """Return mean squares of seeds, items and interaction of a two-way table (Searle et al. 1992)."""
    s, n = table.shape
    of_seed, of_item = table.mean(axis=1), table.mean(axis=0)
    rest = table - of_seed[:, None] - of_item + table.mean()
    return n * of_seed.var(ddof=1), s * of_item.var(ddof=1), (rest**2).sum() / ((s - 1) * (n - 1))


def test_item_variance_of_a_mean_agrees_with_its_closed_form():
    """Sample variance over n, except for noise of the bootstrap."""
    table, _, replicates = two_way(n_seeds=1)

    part = item_component(replicates[0], units_of(table[0]))

    assert part.variance == pytest.approx(table[0].var(ddof=1) / table.shape[1], rel=0.03)
    assert part.df == table.shape[1] - 1


def test_total_variance_is_that_of_the_analysis_of_variance():
    """Closed form for the mean of a crossed table: (MS_seeds + MS_items - MS_interaction) / (S n)."""
    table, values, replicates = two_way()
    seeds, items, interaction = mean_squares(table)

    of_seeds = seed_component(values, replicates, SIXTY).variance
    total = item_component(replicates.mean(axis=0), units_of(table[0])).variance + of_seeds

    assert total == pytest.approx((seeds + items - interaction) / table.size, rel=0.02)
    assert of_seeds == pytest.approx((seeds - interaction) / table.size, rel=0.03)


def test_the_variance_of_two_seeds_is_not_reduced():
    """It is s2 / 2."""
    _, values, replicates = two_way(n_seeds=2)

    assert seed_component(values, replicates, SIXTY) == VarianceComponent(pytest.approx(values.var(ddof=1) / 2), 1.0)


def test_equal_seeds_add_no_variance():
    """Repetitions of a deterministic learner, or a single seed."""
    _, values, replicates = two_way(n_seeds=1)

    assert seed_component(np.repeat(values, 3), np.repeat(replicates, 3, axis=0), SIXTY).variance == 0
    assert seed_component(values, replicates, SIXTY).variance == 0


def test_resamples_with_nan_are_left_out():
    """Of both learners, so that they stay paired."""
    odd = Metric("odd", lambda _, s, w: np.where(w[:, 0] > 0, (w @ s[:, 0]) / w.sum(axis=1), np.nan), "unbounded")
    weights, scores = np.array([[1, 1], [0, 2], [2, 0]]), [np.array([[[1.0], [3.0]]]), np.array([[[2.0], [2.0]]])]

    (one, other), influences = deviations_of(odd, np.zeros(2, int), scores, weights)

    assert influences is None
    assert one.tolist() == deviations(np.array([[2.0, 1.0]])).tolist()
    assert other.tolist() == [[0.0, 0.0]]


def test_one_unit_has_infinite_variance():
    """Its p-value is 1."""
    part = item_component(np.array([0.4, 0.4]), units_of(np.zeros(1, int)))

    assert math.isinf(part.variance)
    assert math.isinf(half_width([part], 0.95))
    assert p_value(0.3, [part]) == 1.0


def test_the_half_width_combines_the_t_quantiles_of_its_components():
    one, other = VarianceComponent(1.0, 2.0), VarianceComponent(1.0, 1000.0)

    assert half_width([one, VarianceComponent(0.0, 5.0)], 0.95) == pytest.approx(4.303, abs=1e-3)
    assert half_width([one, other], 0.95) == pytest.approx(math.hypot(4.3027, 1.9623), abs=1e-3)


@pytest.mark.parametrize(
    "parts", [[VarianceComponent(2.0, 5.0)], [VarianceComponent(1.0, 2.0), VarianceComponent(3.0, 50.0)]]
)
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_the_p_value_is_the_level_at_which_the_interval_touches_zero(parts, confidence):
    assert p_value(half_width(parts, confidence), parts) == pytest.approx(1 - confidence, rel=1e-6)
    assert p_value(-half_width(parts, confidence), parts) == pytest.approx(1 - confidence, rel=1e-6)


def test_the_p_value_without_variance_is_zero_or_one():
    """1 for no difference, otherwise 0."""
    assert p_value(0.0, [VarianceComponent(0.0, 3.0)]) == 1.0
    assert p_value(0.1, [VarianceComponent(0.0, 3.0)]) == 0.0


def test_satterthwaite_lies_between_the_smallest_and_the_sum():
    """A single component has its own degrees of freedom; those of equal components add up."""
    assert satterthwaite([VarianceComponent(1.0, 7.0), VarianceComponent(0.0, 2.0)]) == pytest.approx(7.0)
    assert satterthwaite([VarianceComponent(1.0, 7.0), VarianceComponent(1.0, 7.0)]) == pytest.approx(14.0)
    assert satterthwaite([VarianceComponent(0.2, math.inf), VarianceComponent(0.0, 1.0)]) == math.inf


def test_replicates_do_not_depend_on_chunks():
    """More weights than one chunk holds."""
    n = 4000
    rng = np.random.default_rng(0)
    y, scores = rng.integers(3, size=n), rng.random((2, n, 3))
    weights = bootstrap_weights(n, n_resamples=CHUNK_BYTES // (8 * n) + 7)

    result = replicates_of(macro_f1, y, scores, weights)

    assert result == pytest.approx(np.array([macro_f1.function(y, s, weights.astype(float)) for s in scores]))


@pytest.mark.parametrize(
    ("shape", "n_resamples", "n_groups", "message"),
    [
        ((4, 2), 5, 4, r"scores must have shape \(n_seeds, n, n_classes\) with n = 4 > 0; got \(4, 2\)"),
        ((1, 3, 2), 5, 4, r"with n = 4 > 0; got \(1, 3, 2\)"),
        ((1, 4, 2), 1, 4, r"weights must have shape \(n_resamples, 4\), with 2 resamples or more; got \(1, 4\)"),
        ((1, 4, 2), 5, 5, r"groups must have shape \(4,\), one for each sample; got \(5,\)"),
    ],
)
def test_shapes_that_do_not_agree_are_an_error(shape, n_resamples, n_groups, message):
    """The message has the expected and the actual shape."""
    with pytest.raises(ValueError, match=message):
        check_arrays(np.zeros(4, int), np.zeros(shape), np.ones((n_resamples, 4)), np.zeros(n_groups))


def test_scores_with_nan_are_an_error():
    """A diverged learner must not count as a wrong prediction."""
    with pytest.raises(DataError, match="2 of 8 scores are not numbers"):
        check_arrays(np.zeros(4, int), np.array([[[np.nan, np.nan]] + [[0.0, 1.0]] * 3]), np.ones((2, 4)), None)


def test_an_undefined_metric_is_an_error():
    """For AUC of one class it names the metric and the samples."""
    with pytest.raises(DataError, match="AUC is undefined on these 4 samples of 1 classes"):
        values_of(auc, np.zeros(4, int), np.zeros((1, 4, 2)))


def test_a_bounded_metric_outside_its_bounds_is_an_error():
    """Such as a kappa below 0 that is not declared unbounded."""
    kappa = Metric("kappa", lambda *arrays: np.full(len(arrays[2]), -0.25))

    with pytest.raises(ValueError, match=r"'kappa' is declared as bounded, between 0 and 1; got -0.25"):
        values_of(kappa, np.zeros(4, int), np.zeros((1, 4, 2)))


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_confidence_is_between_zero_and_one(confidence):
    """95 is a frequent slip for 0.95."""
    with pytest.raises(ValueError, match=f"between 0 and 1, such as 0.95; got {confidence}"):
        half_width([VarianceComponent(1.0, 3.0)], confidence)
