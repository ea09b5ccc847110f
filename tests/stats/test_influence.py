"""Variances from influences: DeLong's, against its definition as a double sum over pairs, and those of averages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, ttest_ind

from visiontk.core import Metric
from visiontk.metrics import accuracy, auc, auc_influences, balanced_accuracy, macro_f1
from visiontk.metrics.operating import sensitivity, specificity
from visiontk.stats import bootstrap_weights, difference, estimate
from visiontk.stats.units import units_of
from visiontk.stats.variance import deviations_of, item_component


def two_columns(score):
    """Return scores of two classes, of which the second is ranked."""
    return np.stack([-score, score], axis=1)


def variance_of(metric, y, *scores):
    """Return the variance of a metric, or of a difference of two, by the influences of the samples."""
    own, influences = deviations_of(metric, y, [each[None] for each in scores], np.empty((0, len(y))))
    units = units_of(y, by_class=metric.averages_classes, influences=influences)
    return item_component(own[0][0] - (own[1][0] if len(own) > 1 else 0.0), units)


def by_definition(y, *scores):
    """Return AUCs and their covariance by DeLong, DeLong and Clarke-Pearson (1988), equations 3 to 6, in O(n m)."""
    aucs, of_positives, of_negatives = [], [], []
    for score in scores:
        x, z = score[y == 1], score[y == 0]
        psi = np.array([[1.0 if p > q else 0.5 if p == q else 0.0 for q in z] for p in x])
        aucs.append(psi.mean())
        of_positives.append(psi.mean(axis=1))
        of_negatives.append(psi.mean(axis=0))
    m, n = len(of_positives[0]), len(of_negatives[0])
    return np.array(aucs), np.atleast_2d(np.cov(of_positives)) / m + np.atleast_2d(np.cov(of_negatives)) / n


def simulated(seed, n=40, levels=0, gains=(1.5, 0.5)):
    """Return targets and correlated scores of two learners; few levels give many ties."""
    rng = np.random.default_rng(seed)
    y = np.r_[0, 0, 0, 1, 1, 1, rng.random(n - 6) < 0.3].astype(np.int64)
    shared = rng.standard_normal(n)
    scores = [shared + rng.standard_normal(n) + gain * y for gain in gains]
    return y, *((np.round(s * levels / 4) for s in scores) if levels else scores)


@given(seed=st.integers(0, 10_000), levels=st.sampled_from([0, 2, 5]), n=st.integers(7, 60))
def test_variances_agree_with_the_definition(seed, levels, n):
    """Of one AUC and of a paired difference, with and without ties."""
    y, a, b = simulated(seed, n, levels)
    aucs, covariance = by_definition(y, a, b)
    one, other = two_columns(a), two_columns(b)

    assert variance_of(auc, y, one).variance == pytest.approx(covariance[0, 0], abs=1e-12)
    expected = covariance @ [1, -1] @ [1, -1]
    assert variance_of(auc, y, one, other).variance == pytest.approx(expected, abs=1e-12)
    assert aucs[0] == pytest.approx(auc(y, two_columns(a)))


def test_p_values_approach_the_normal_test_of_the_paper():
    """With many samples; Welch's t differs in the third digit."""
    y, a, b = simulated(3, n=400, gains=(0.8, 0.5))
    aucs, covariance = by_definition(y, a, b)
    z = (aucs[0] - aucs[1]) / np.sqrt(covariance @ [1, -1] @ [1, -1])

    result = difference(auc, y, two_columns(a)[None], two_columns(b)[None], bootstrap_weights(400, n_resamples=2))

    assert result.test == "DeLong"
    assert 0.5 < abs(z) < 3
    assert result.value == pytest.approx(aucs[0] - aucs[1])
    assert result.p_value == pytest.approx(2 * norm.sf(abs(z)), abs=0.003)
    assert result.high - result.value == pytest.approx(1.96 * result.standard_error, rel=0.02)


def test_degrees_of_freedom_are_those_of_welch():
    """Against SciPy's Welch test of the two samples of influences; the allowance for the unseen changes them little."""
    y, a, _ = simulated(5, n=300)
    influences = auc_influences(y, two_columns(a))
    share = np.where(y == 1, (y == 1).mean(), (y == 0).mean())
    components = influences * share

    result = variance_of(auc, y, two_columns(a))

    expected = ttest_ind(components[y == 1], components[y == 0], equal_var=False).df
    assert result.df == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_the_variance_agrees_with_the_bootstrap(n_classes):
    """With 4,000 resamples; for several classes, their numbers vary too."""
    rng = np.random.default_rng(n_classes)
    n = 300
    y = rng.choice(n_classes, size=n, p=np.arange(1, n_classes + 1) / np.arange(1, n_classes + 1).sum())
    scores = rng.standard_normal((n, n_classes)) + np.eye(n_classes)[y] * np.arange(n_classes)
    replicates = auc.function(y, scores, bootstrap_weights(n, n_resamples=4000).astype(float))

    result = variance_of(auc, y, scores)

    assert result.variance == pytest.approx(replicates.var(), rel=0.12)


def test_the_variance_includes_random_class_sizes():
    """Class 0 ranks above class 1 and below class 2 in every case, so its AUC depends on their numbers alone."""
    y = np.repeat([0, 1, 2], [100, 150, 50])
    scores = np.eye(3)[y]
    scores[:, 0] = np.array([1.0, 0.0, 2.0])[y]
    replicates = auc.function(y, scores, bootstrap_weights(300, n_resamples=4000).astype(float))

    result = variance_of(auc, y, scores)

    assert auc(y, scores) == pytest.approx((150 / 200 + 1 + 1) / 3)
    assert result.variance == pytest.approx(0.75 * 0.25 / 200 / 9, rel=0.01)
    assert result.variance == pytest.approx(replicates.var(), rel=0.1)


def test_influences_do_not_depend_on_the_scale_of_scores():
    """AUC depends on ranks."""
    y, a, _ = simulated(1)

    assert auc_influences(y, two_columns(a)) == pytest.approx(auc_influences(y, two_columns(np.exp(a))))
    assert auc_influences(y, two_columns(a)).sum() == pytest.approx(0, abs=1e-9)


def test_a_perfect_ranking_has_no_variance():
    """The interval then is that of disagreements that were not seen."""
    y = np.repeat([0, 1], 3)

    assert variance_of(auc, y, two_columns(np.arange(6.0))).variance == 0


@pytest.mark.parametrize("n_positives", [1, 2])
def test_one_or_two_samples_of_a_class_allow_no_inference(n_positives):
    """Perfect against reversed rankings: p was 8e-7 with one positive."""
    y = (np.arange(10) >= 10 - n_positives).astype(int)
    perfect, reverse = two_columns(np.arange(10.0))[None], two_columns(-np.arange(10.0))[None]

    result = difference(auc, y, perfect, reverse, bootstrap_weights(10))

    assert (result.low, result.value, result.high, result.p_value) == (-1.0, 1.0, 1.0, 1.0)
    alone = estimate(auc, y, perfect, bootstrap_weights(10))
    assert (alone.low, alone.high) == (0.0, 1.0)


def test_perfect_rankings_have_an_interval():
    """For a difference of two perfect learners, and for one of them."""
    y = np.repeat([0, 1], 20)
    scores, weights = two_columns(np.arange(40.0))[None], bootstrap_weights(40)

    result = difference(auc, y, scores, scores, weights)
    alone = estimate(auc, y, scores, weights)

    assert (result.value, result.p_value) == (0.0, 1.0)
    assert result.low < -0.01 < 0.01 < result.high
    assert alone.low < 0.95 < alone.high == 1.0


@pytest.mark.parametrize(
    ("seeds", "groups", "test"),
    [
        (1, False, "DeLong"),
        (1, True, "paired group t"),
        (2, False, "paired t, seeds x items"),
    ],
)
def test_delong_is_used_for_fitted_models_on_independent_samples(seeds, groups, test):
    """With groups or several seeds, the same influences are summed over groups or averaged over seeds."""
    y, a, b = simulated(0)
    names = np.arange(40) // 4
    weights = bootstrap_weights(40, groups=names.astype(str) if groups else None, n_resamples=50)
    scores = [np.repeat(two_columns(s)[None], seeds, axis=0) for s in (a, b)]

    result = difference(auc, y, *scores, weights, names if groups else None)

    assert result.test == test


def test_another_metric_of_the_same_name_uses_the_bootstrap():
    """The function of the metric decides, not its name."""
    y, a, b = simulated(0)
    halved = Metric("AUC", lambda y, scores, weights: auc.function(y, scores, weights) / 2)

    result = difference(halved, y, two_columns(a)[None], two_columns(b)[None], bootstrap_weights(40, n_resamples=50))

    assert result.test == "paired bootstrap t"


@pytest.mark.parametrize(
    "metric", [accuracy, balanced_accuracy, macro_f1, sensitivity, specificity, auc], ids=lambda m: m.name
)
def test_influences_are_the_derivatives_by_the_weights(metric):
    """Against a numerical derivative of the weighted metric; their mean is 0."""
    rng = np.random.default_rng(2)
    y = np.r_[0, 0, 1, 1, rng.integers(2, size=26)]
    scores, step = rng.random((30, 2)), 1e-6

    influences = metric.influence(y, scores)

    changed = metric.function(y, scores, 1 + step * np.eye(30))
    assert influences == pytest.approx(30 * (changed - metric(y, scores)) / step, abs=1e-3)
    assert influences.mean() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("metric", [balanced_accuracy, macro_f1, sensitivity], ids=lambda m: m.name)
def test_the_variance_by_influences_agrees_with_the_bootstrap(metric):
    """For two unequal classes, with the part that random class sizes add."""
    rng = np.random.default_rng(4)
    y = np.r_[np.zeros(300, int), np.ones(60, int)]
    scores = np.eye(2)[np.where(rng.random(360) < 0.8, y, 1 - y)]
    replicates = metric.function(y, scores, bootstrap_weights(360, n_resamples=4000).astype(float))

    assert variance_of(metric, y, scores).variance == pytest.approx(replicates.var(), rel=0.12)
