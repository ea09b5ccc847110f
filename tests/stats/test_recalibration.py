"""Calibration on the validation set."""

from __future__ import annotations

import numpy as np
import pytest

from visiontk.metrics import log_loss
from visiontk.stats.recalibration import METHODS, isotonic, recalibration, temperature


def simulated(n: int, n_classes: int, seed: int, sharper: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return classes drawn from known probabilities, and sharpened ones like those of an overfitted learner."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, n_classes))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = np.array([rng.choice(n_classes, p=row) for row in p])
    sharp = p**sharper
    return y, sharp / sharp.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("n_classes", [2, 5])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("probabilities", [True, False])
def test_rows_sum_to_one(method: str, n_classes: int, *, probabilities: bool) -> None:
    """Also for scores far outside the range of the validation set; `none` changes nothing."""
    y, p = simulated(200, n_classes, 0)
    scores = p if probabilities else 100 * p - 7
    far = np.concatenate([scores, [[1e6] + [0] * (n_classes - 1)], [[-1e6] + [0] * (n_classes - 1)]])
    result = recalibration(method, y, scores, probabilities=probabilities)(scores if probabilities else far)

    if method == "none":
        assert result is scores or result is far
        return
    assert np.isfinite(result).all()
    assert (result >= 0).all()
    np.testing.assert_allclose(result.sum(axis=1), 1)


def test_a_temperature_changes_no_class() -> None:
    """Nor the order of samples of two classes."""
    y, p = simulated(500, 4, 1, sharper=3)

    assert (temperature(y, p, probabilities=True)(p).argmax(axis=1) == p.argmax(axis=1)).all()
    y, p = simulated(500, 2, 1, sharper=3)
    assert (np.argsort(temperature(y, p, probabilities=True)(p)[:, 1]) == np.argsort(p[:, 1])).all()


@pytest.mark.parametrize("sharper", [0.5, 1.0, 3.0])
def test_a_temperature_recovers_the_sharpness(sharper: float) -> None:
    """Of probabilities raised to a power."""
    y, sharp = simulated(20_000, 3, 2, sharper)
    _, true = simulated(20_000, 3, 2)

    np.testing.assert_allclose(temperature(y, sharp, probabilities=True)(sharp), true, atol=0.02)


def test_a_temperature_does_not_depend_on_the_scale_of_margins() -> None:
    y, p = simulated(300, 3, 3)
    margins = np.log(p)
    one, other = (temperature(y, margins * k, probabilities=False)(margins * k) for k in (1.0, 1000.0))

    np.testing.assert_allclose(one, other, rtol=1e-3)


def test_perfect_validation_scores_do_not_give_certainty() -> None:
    """One pseudo-sample per class is added: 50 correct predictions are not 100 %."""
    y = np.arange(50) % 2
    p = np.where(np.eye(2)[y] > 0, 0.8, 0.2)

    for method in (temperature, isotonic):
        largest = method(y, p, probabilities=True)(p).max(axis=1)
        assert (largest > 0.95).all()
        assert (largest < 0.99).all()


def test_isotonic_levels_are_frequencies_on_the_validation_set() -> None:
    """Levels in the wrong order are pooled with their neighbours."""
    p = np.repeat([0.1, 0.4, 0.6, 0.9], 100)
    y = np.concatenate([np.arange(100) < share for share in (10, 40, 30, 80)]).astype(np.int64)
    result = isotonic(y, np.stack([1 - p, p], axis=1), probabilities=True)(np.stack([1 - p, p], axis=1))[:, 1]

    np.testing.assert_allclose(result[::100], [0.1, 0.35, 0.35, 0.8])


def test_isotonic_calibration_is_monotone() -> None:
    """Also between and beyond the scores of the validation set."""
    y, p = simulated(100, 2, 4)
    places = np.linspace(0, 1, 501)
    result = isotonic(y, p, probabilities=True)(np.stack([1 - places, places], axis=1))[:, 1]

    assert (np.diff(result) >= 0).all()
    assert 0 < result[0] < result[-1] < 1


@pytest.mark.parametrize("method", ["temperature", "isotonic"])
def test_calibration_reduces_the_loss_of_an_overconfident_learner(method: str) -> None:
    """Fitted on the validation set, measured on the test set, for a learner three times too sharp."""
    valid, test = simulated(1000, 3, 5, sharper=3), simulated(1000, 3, 6, sharper=3)
    calibrated = recalibration(method, *valid, probabilities=True)(test[1])

    assert log_loss(test[0], calibrated) < log_loss(*test) - 0.1


def test_missing_classes_and_constant_scores_are_calibrated() -> None:
    """A validation set with a single class, or a score that is the same for all."""
    y = np.zeros(20, np.int64)
    same = np.full((20, 3), 1 / 3)
    for method in ("temperature", "isotonic"):
        result = recalibration(method, y, same, probabilities=True)(same)
        assert np.isfinite(result).all()
        margins = recalibration(method, y, np.zeros((20, 3)), probabilities=False)(np.zeros((20, 3)))
        assert np.isfinite(margins).all()


@pytest.mark.parametrize("method", [temperature, isotonic])
@pytest.mark.parametrize(
    ("y", "scores", "message"),
    [
        ([0, 2], np.eye(2), "Targets reach from 0 to 2"),
        ([0, -1], np.eye(2), "Targets reach from -1 to 0"),
        ([0, 1], np.array([[np.nan, 1], [0, 1]]), "1 of 4 scores are not numbers"),
    ],
)
def test_targets_outside_of_the_classes_and_nan_are_errors(method, y, scores, message):
    with pytest.raises(ValueError, match=message):
        method(np.array(y), scores, probabilities=True)


def test_an_unknown_method_is_an_error():
    with pytest.raises(ValueError, match="No calibration 'platt'; expected one of none, temperature, isotonic"):
        recalibration("platt", np.array([0, 1]), np.eye(2), probabilities=True)
