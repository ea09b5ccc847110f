"""Metrics of classification."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss, macro_f1
from visiontk.metrics.classification import PROBABILITY_FLOOR

ALL = [accuracy, balanced_accuracy, macro_f1, log_loss, auc]
INDEPENDENT = {
    "accuracy": lambda y, p, w: sk.accuracy_score(y, p.argmax(1), sample_weight=w),
    "balanced accuracy": lambda y, p, w: sk.balanced_accuracy_score(y, p.argmax(1), sample_weight=w),
    "macro F1": lambda y, p, w: sk.f1_score(y, p.argmax(1), average="macro", sample_weight=w),
    "log loss": lambda y, p, w: sk.log_loss(y, p, sample_weight=w, labels=range(p.shape[1])),
    "AUC": lambda y, p, w: np.mean(
        [sk.roc_auc_score(y == c, p[:, c], sample_weight=w) for c in ([1] if p.shape[1] == 2 else range(p.shape[1]))]
    ),
}


def simulated(n=60, n_classes=3, seed=0, ties=True):
    """Return targets and weakly informative probabilities; with ties, scores take few values."""
    rng = np.random.default_rng(seed)
    y = np.r_[np.arange(n_classes), rng.integers(n_classes, size=n - n_classes)]
    p = rng.random((n, n_classes)) + 0.3 * np.eye(n_classes)[y]
    p = np.ceil(5 * p) if ties else p
    return y, p / p.sum(axis=1, keepdims=True)


def by_name(metric):
    return metric.name


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("metric", ALL, ids=by_name)
def test_metrics_agree_with_scikit_learn_for_any_weights(metric, n_classes):
    """With zero weights and ties in the scores."""
    y, p = simulated(n_classes=n_classes)
    weights = np.random.default_rng(1).integers(0, 4, size=(20, len(y))) * 0.5

    result = metric.function(y, p, weights)

    assert result == pytest.approx([INDEPENDENT[metric.name](y, p, w) for w in weights], rel=1e-12)


@pytest.mark.parametrize("metric", ALL, ids=by_name)
def test_integer_weights_equal_repeated_samples(metric):
    y, p = simulated(seed=2)
    times = np.random.default_rng(3).integers(0, 4, size=len(y))

    weighted = metric.function(y, p, times[None].astype(float))[0]

    assert weighted == pytest.approx(metric(np.repeat(y, times), np.repeat(p, times, axis=0)), rel=1e-12)


@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100))
def test_order_of_samples_and_scale_of_weights_do_not_matter(seed, factor):
    y, p = simulated(n=20, seed=seed)
    weights = np.random.default_rng(seed).random((2, 20)) + 0.01
    order = np.random.default_rng(seed).permutation(20)

    for metric in ALL:
        plain = metric.function(y, p, weights)
        assert metric.function(y[order], p[order], weights[:, order]) == pytest.approx(plain, rel=1e-9)
        assert metric.function(y, p, factor * weights) == pytest.approx(plain, rel=1e-9)


@given(seed=st.integers(0, 10_000))
def test_bounded_metrics_stay_between_zero_and_one(seed):
    """For any predictions, on every resample."""
    y, p = simulated(n=12, seed=seed)
    weights = np.random.default_rng(seed).integers(0, 3, size=(5, 12)).astype(float) + 0.001

    for metric in (accuracy, balanced_accuracy, macro_f1, auc):
        assert ((metric.function(y, p, weights) >= 0) & (metric.function(y, p, weights) <= 1 + 1e-12)).all()


@pytest.mark.parametrize("metric", ALL, ids=by_name)
def test_metrics_prefer_the_truth(metric):
    """The true classes score 1, or 0 if lower is better; the opposite is worse."""
    y, _ = simulated()
    truth = np.eye(3)[y]

    assert metric(y, truth) == (1.0 if metric.higher_is_better else 0.0)
    assert (metric(y, truth) > metric(y, truth[:, ::-1])) == metric.higher_is_better


@pytest.mark.parametrize("metric", [balanced_accuracy, macro_f1, auc], ids=by_name)
def test_a_class_without_weight_is_left_out(metric):
    """The average is that over the other classes, without a warning."""
    y, p = simulated()
    p[:, 2] = 0.0  # so that nothing is predicted as the class that is missing
    weights = (y != 2).astype(float)[None]

    retained = y != 2
    result = metric.function(y, p, weights)[0]

    one_against_rest = np.mean([sk.roc_auc_score(y[retained] == c, p[retained, c]) for c in (0, 1)])
    assert result == pytest.approx(one_against_rest if metric is auc else metric(y[retained], p[retained, :2]))


def test_macro_f1_counts_a_class_that_is_only_predicted():
    """Its F1 is 0."""
    y = np.array([0, 0, 1, 1])
    scores = np.eye(3)[[0, 2, 1, 1]]

    assert macro_f1(y, scores) == pytest.approx((2 / 3 + 1 + 0) / 3)


@pytest.mark.parametrize("metric", ALL, ids=by_name)
def test_a_metric_without_any_weight_is_nan(metric):
    y, p = simulated()

    assert np.isnan(metric.function(y, p, np.zeros((1, len(y)))))[0]


def test_auc_of_one_class_is_nan():
    """There is no pair to rank."""
    assert np.isnan(auc(np.zeros(4, int), np.eye(2)[[0, 1, 0, 1]]))


def test_auc_needs_two_columns():
    """For one score per sample, the error has the shape."""
    with pytest.raises(ValueError, match=r"at least 2 classes; got scores of shape \(3, 1\)"):
        auc(np.zeros(3, int), np.zeros((3, 1)))


def test_auc_is_invariant_to_monotone_changes():
    """Constant scores give one half."""
    y, p = simulated(n_classes=2, ties=False)

    assert auc(y, np.exp(5 * p)) == auc(y, p)
    assert auc(y, np.ones_like(p)) == 0.5


def test_log_loss_clips_probabilities():
    """A probability of 0 counts as 1e-12."""
    assert log_loss(np.array([0]), np.array([[0.0, 1.0]])) == pytest.approx(-np.log(PROBABILITY_FLOOR))
    assert PROBABILITY_FLOOR == 1e-12


def test_metrics_declare_kind_and_direction():
    """The kind chooses the interval, the direction the verdict."""
    assert [m.kind for m in ALL] == ["proportion", "bounded", "bounded", "unbounded", "bounded"]
    assert [m.higher_is_better for m in ALL] == [True, True, True, False, True]
    assert [m.needs_probabilities for m in ALL] == [False, False, False, True, False]
