from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visiontk.core import Card, FitReport, Samples
from visiontk.learners.as_uint8 import AsUint8, as_uint8
from visiontk.learners.platt_scaling import PlattScaled


class Margins:
    """Learner whose scores are its inputs."""

    def __init__(self):
        self.arguments = []

    def fit(self, train, valid, *, seed, workdir, budget_s):
        self.arguments = [train.take([0]).dtype, valid.take([0]).dtype, seed, workdir, budget_s]
        return FitReport(n_parameters=3)

    def predict(self, samples):
        assert (samples.y == -1).all()
        return np.asarray(samples.take(np.arange(len(samples))), dtype=np.float64)


def samples(margins, y, n_classes=2):
    labels = [f"c{i}" for i in range(n_classes)]
    return Samples.from_arrays(np.asarray(margins), y, labels, Card("margins", "0"))


def logistic_samples(n=2000, seed=0, slope=3.0, offset=-1.0):
    rng = np.random.default_rng(seed)
    margin = rng.normal(size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-(slope * margin + offset)))).astype(np.int64)
    return samples(np.stack([-margin / 2, margin / 2], axis=1), y)


def fitted(valid):
    learner = PlattScaled(Margins())
    learner.fit(valid, valid, seed=0, workdir=Path(), budget_s=1.0)
    return learner


def test_the_true_sigmoid_is_estimated():
    learner = fitted(logistic_samples())

    probability = learner.predict(samples([[0.0, 0.0], [-0.5, 0.5]], [0, 0]).blind())[:, 1]

    assert np.log(probability / (1 - probability)) == pytest.approx([-1.0, 2.0], abs=0.25)


def test_the_ranking_of_the_samples_is_preserved():
    valid = logistic_samples(200)
    margin = valid.take(np.arange(200))[:, 1]

    probability = fitted(valid).predict(valid.blind())[:, 1]

    assert (np.argsort(probability, kind="stable") == np.argsort(margin, kind="stable")).all()


def test_the_ranking_is_preserved_even_if_the_validation_set_reverses_it():
    valid = logistic_samples(200, slope=-3.0)
    margin = valid.take(np.arange(200))[:, 1]

    probability = fitted(valid).predict(valid.blind())[:, 1]

    assert probability[margin.argmax()] > probability[margin.argmin()]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_margins_of_any_size_give_the_same_probabilities(scale):
    valid = logistic_samples(300)
    scaled = samples(valid.take(np.arange(300)) * scale, valid.y)

    assert fitted(scaled).predict(scaled.blind()) == pytest.approx(fitted(valid).predict(valid.blind()), abs=1e-3)


def test_a_validation_set_of_one_class_gives_finite_probabilities():
    valid = samples(np.random.default_rng(0).normal(size=(20, 2)), np.ones(20, int))

    probability = fitted(valid).predict(valid.blind())

    assert np.isfinite(probability).all()
    assert (probability[:, 1] > 0.5).all()


def test_probabilities_of_three_classes_sum_to_one_and_favour_the_largest_margin():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=300)
    valid = samples(rng.normal(size=(300, 3)) + 2 * np.eye(3)[y], y, 3)

    probability = fitted(valid).predict(valid.blind())

    assert probability.sum(axis=1) == pytest.approx(np.ones(300))
    assert (probability.argmax(axis=1) == y).mean() > 0.7


def test_the_report_is_that_of_the_learner():
    valid = logistic_samples(50)

    report = PlattScaled(Margins()).fit(valid, valid, seed=0, workdir=Path(), budget_s=1.0)

    assert report.n_parameters == 3


def test_16_bit_inputs_are_converted_to_8_bits():
    x = np.array([[0, 65535], [256, 255]], np.uint16)
    inner = Margins()
    learner = AsUint8(inner)

    learner.fit(samples(x, [0, 1]), samples(x, [0, 1]), seed=3, workdir=Path("w"), budget_s=2.0)
    scores = learner.predict(samples(x, [0, 1]).blind())

    assert inner.arguments == [np.uint8, np.uint8, 3, Path("w"), 2.0]
    assert scores.tolist() == [[0, 255], [1, 0]]


def test_other_dtypes_are_unchanged():
    x = np.array([3.5], np.float32)

    assert as_uint8(x) is x
