"""Arguments of every metric: targets that are no class, NaN, wrong shapes, no samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk import metrics
from visiontk.core import Metric
from visiontk.errors import DataError
from visiontk.metrics.operating import decisions, required_sensitivity, youden

ALL = [each for name in metrics.__all__ if isinstance(each := getattr(metrics, name), Metric)]
EVERY = [*ALL, *(each.influence for each in ALL if each.influence)]
SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])


def by_name(function):
    return getattr(function, "name", None) or function.__qualname__


@pytest.mark.parametrize("function", EVERY, ids=by_name)
@given(n_classes=st.integers(2, 5), position=st.integers(0, 5), wrong=st.integers(-3, 9))
def test_a_target_that_is_no_class_of_the_scores_is_an_error(function, n_classes, position, wrong):
    """It was left out, counted as wrong, or took the probability of the last class."""
    if 0 <= wrong < n_classes:
        wrong -= n_classes
    y = np.arange(6) % n_classes
    y[position] = wrong
    scores = np.random.default_rng(0).random((6, n_classes))

    with pytest.raises(DataError, match=f"Targets reach from .* classes, 0 to {n_classes - 1}"):
        function(y, scores)


@pytest.mark.parametrize("function", EVERY, ids=by_name)
def test_a_score_that_is_not_a_number_is_an_error(function):
    """The first NaN would be the predicted class."""
    with pytest.raises(DataError, match="1 of 6 scores are not numbers"):
        function(np.array([0, 1, 1]), np.where(SCORES == 0.9, np.nan, SCORES))


@pytest.mark.parametrize("function", EVERY, ids=by_name)
@pytest.mark.parametrize("scores", [SCORES[:2], SCORES[:, 0], SCORES[:, :0], SCORES[None]], ids=str)
def test_scores_of_another_shape_are_an_error(function, scores):
    with pytest.raises(ValueError, match=r"scores must have shape \(n, n_classes\) with n = 3; got"):
        function(np.array([0, 1, 1]), scores)


@pytest.mark.parametrize("function", EVERY, ids=by_name)
def test_targets_that_are_not_integers_are_an_error(function):
    with pytest.raises(ValueError, match="Targets must be integers, the numbers of classes; got float64"):
        function(np.array([0.0, 0.5, 1.0]), SCORES)


@pytest.mark.parametrize("metric", ALL, ids=by_name)
def test_a_metric_of_no_samples_is_nan(metric):
    assert np.isnan(metric(np.zeros(0, np.int64), np.zeros((0, 2))))


@pytest.mark.parametrize("required", [0, -0.1, 1.1, float("nan"), float("inf")])
def test_an_impossible_sensitivity_is_an_error(required):
    with pytest.raises(ValueError, match="above 0 and at most 1; got"):
        required_sensitivity(required)


def test_an_operating_point_needs_targets_among_the_classes():
    """On the validation set as on the test set."""
    with pytest.raises(DataError, match="Targets reach from 0 to 2"):
        decisions(youden)(np.array([0, 1, 2]), SCORES)
