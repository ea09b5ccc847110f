"""Operating points: thresholds chosen on the validation set."""

from __future__ import annotations

import numpy as np
import pytest

from visiontk.metrics.operating import (
    balanced_accuracy_at_youden,
    brier,
    decisions,
    required_sensitivity,
    sensitivity,
    sensitivity_at_95,
    specificity,
    specificity_at_95,
    youden,
)

ADAPTING = (sensitivity, specificity, sensitivity_at_95, specificity_at_95, balanced_accuracy_at_youden)


def two(p):
    p = np.asarray(p, dtype=np.float64)
    return np.stack([1 - p, p], axis=1)


def simulated(n=300, seed=0, apart=1.5):
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    return y, two(1 / (1 + np.exp(-(rng.normal(size=n) + apart * (y - 0.5)))))


def of(metric, y, scores, valid_y=None, valid_scores=None):
    valid_y, valid_scores = (y, scores) if valid_y is None else (valid_y, valid_scores)
    return metric(y, metric.adapted(scores, valid_y, valid_scores))


def test_youden_agrees_with_the_roc_curve_of_scikit_learn():
    """Against sklearn.metrics.roc_curve."""
    from sklearn.metrics import roc_curve

    for seed in range(20):
        y, scores = simulated(80, seed)
        false, true, _ = roc_curve(y, scores[:, 1], drop_intermediate=False)

        threshold = youden(y == 1, scores[:, 1])
        predicted = scores[:, 1] >= threshold

        reached = predicted[y == 1].mean() - predicted[y == 0].mean()
        assert reached == pytest.approx((true - false).max())


def test_the_threshold_is_the_largest_with_the_required_sensitivity():
    y, scores = simulated(200)
    threshold = required_sensitivity(0.9)(y == 1, scores[:, 1])

    larger = np.sort(scores[:, 1][scores[:, 1] > threshold])[0] + 1e-9

    assert (scores[y == 1, 1] >= threshold).mean() >= 0.9
    assert (scores[y == 1, 1] >= larger).mean() < 0.9


def test_the_operating_point_is_chosen_on_the_validation_set():
    valid_y, valid = np.array([0, 0, 1, 1]), two([0.1, 0.2, 0.3, 0.4])
    y, scores = np.array([0, 1, 1, 1]), two([0.2, 0.3, 0.26, 0.1])

    result = of(sensitivity, y, scores, valid_y, valid)

    assert result == pytest.approx(2 / 3)
    assert of(specificity, y, scores, valid_y, valid) == 1.0


def test_scores_that_only_rank_give_the_same_decisions_as_probabilities():
    y, scores = simulated()
    margin = np.log(scores[:, 1] / scores[:, 0])
    ranks = np.stack([-margin, margin], axis=1) * 7

    for metric in ADAPTING:
        assert of(metric, y, ranks) == pytest.approx(of(metric, y, scores)), metric.name


def test_balanced_accuracy_is_the_mean_of_sensitivity_and_specificity_for_two_classes():
    y, scores = simulated()

    mean = (of(sensitivity, y, scores) + of(specificity, y, scores)) / 2

    assert of(balanced_accuracy_at_youden, y, scores) == pytest.approx(mean)


def test_a_weight_of_two_counts_as_two_samples():
    y, scores = simulated(50)
    weights = np.random.default_rng(1).integers(0, 3, (4, 50)).astype(np.float64)
    for metric in (*ADAPTING, brier):
        adapted = metric.adapted(scores, y, scores)

        result = metric.function(y, adapted, weights)

        for row, value in zip(weights.astype(int), result, strict=True):
            assert value == pytest.approx(metric(np.repeat(y, row), np.repeat(adapted, row, axis=0)))


def test_a_constant_score_reaches_a_balanced_accuracy_of_one_half():
    y, scores = simulated(40)

    assert of(balanced_accuracy_at_youden, y, np.full_like(scores, 0.5)) == 0.5


def test_with_one_class_in_valid_the_largest_score_decides():
    scores = two([0.4, 0.6])

    adapted = decisions(youden)(np.array([1, 1]), two([0.1, 0.2]))(scores)

    assert adapted.tolist() == [[1, 0], [0, 1]]


def test_sensitivity_without_a_positive_sample_is_nan():
    y, scores = np.zeros(5, np.int64), two(np.linspace(0.1, 0.9, 5))

    assert np.isnan(of(sensitivity, y, scores, *simulated(50)))


def test_each_of_several_classes_has_a_separate_threshold():
    """Class 2 never has the largest score, but is predicted by its threshold."""
    y = np.array([0, 0, 1, 1, 2, 2])
    scores = np.array(
        [[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.4, 0.3, 0.3], [0.3, 0.4, 0.3]]
    )

    assert of(sensitivity, y, scores) == 1.0
    assert of(specificity, y, scores) == 1.0
    assert of(balanced_accuracy_at_youden, y, scores) == pytest.approx(2 / 3)


def test_adjacent_floats_are_separated():
    """No number lies between them: the upper one is predicted positive."""
    low = 0.5
    high = np.nextafter(low, 1)

    threshold = youden(np.array([False, True]), np.array([low, high]))

    assert low < threshold <= high


def test_brier_agrees_with_scikit_learn_for_two_classes():
    """Against sklearn.metrics.brier_score_loss."""
    from sklearn.metrics import brier_score_loss

    y, scores = simulated()

    assert brier(y, scores) == pytest.approx(brier_score_loss(y, scores[:, 1]))


def test_brier_is_between_zero_and_one_for_any_number_of_classes():
    wrong = np.eye(4)[[1, 2, 3, 0]]

    assert brier(np.arange(4), wrong) == 1.0
    assert brier(np.arange(4), np.eye(4)) == 0.0
