"""Logit adjustment: loss and predictions."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest

from visiontk.blocks.log_prior import LogPrior
from visiontk.core import Card, Samples
from visiontk.learners.logit_adjusted import LogitAdjusted
from visiontk.learners.training import Training

TRAINING = Training(
    epochs=25, batch_size=32, learning_rate=0.05, label_smoothing=0.0, imbalance="balanced", keep="last"
)


def build(sample, n_classes):
    inputs = keras.Input(sample.shape[1:], dtype=str(sample.dtype))
    return keras.Model(inputs, keras.layers.Dense(n_classes)(inputs))


def overlapping(n_common, n_rare, seed=0):
    """Return samples of two normal distributions, two standard deviations apart."""
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], [n_common, n_rare])
    x = rng.normal(2.0 * y[:, None], 1.0, (len(y), 1)).astype(np.float32)
    return Samples.from_arrays(x, y, ("common", "rare"), Card("overlapping", f"{n_common}-{n_rare}-{seed}"))


def fitted(train, tmp_path: Path, training=TRAINING):
    learner = LogitAdjusted(build, training)
    tmp_path.mkdir(exist_ok=True)
    learner.fit(train, overlapping(30, 10, seed=5), seed=0, workdir=tmp_path, budget_s=60.0)
    return learner


@pytest.mark.slow
def test_the_decision_boundary_of_imbalanced_classes_is_that_of_balanced_ones(tmp_path):
    """For classes of 95 and 5 %, the Bayes decision boundary for the balanced error is halfway, at 1."""
    points = np.linspace(-2, 5, 701, dtype=np.float32)
    line = Samples.from_arrays(points[:, None], np.zeros(701, int), ("common", "rare"), Card("line", "0"))
    boundary = {}
    for policy in ("balanced", "none"):
        learner = fitted(overlapping(1900, 100), tmp_path / policy, dataclasses.replace(TRAINING, imbalance=policy))
        boundary[policy] = points[(learner.predict(line)[:, 1] > 0.5).argmax()]

    assert boundary["balanced"] == pytest.approx(1.0, abs=0.35)
    assert boundary["none"] == pytest.approx(1.0 + np.log(19) / 2, abs=0.35)


@pytest.mark.slow
def test_a_second_fit_does_not_adjust_twice(tmp_path):
    train = overlapping(300, 30)
    learner = fitted(train, tmp_path / "one")
    first = learner.predict(train)
    (tmp_path / "two").mkdir()

    learner.fit(train, overlapping(30, 10, seed=5), seed=0, workdir=tmp_path / "two", budget_s=60.0)

    np.testing.assert_array_equal(learner.predict(train), first)


@pytest.mark.slow
def test_a_class_without_training_samples_gives_finite_scores(tmp_path):
    train = overlapping(60, 20)
    train = dataclasses.replace(train, labels=("common", "rare", "absent"))
    valid = dataclasses.replace(overlapping(20, 10, seed=5), labels=train.labels)
    learner = LogitAdjusted(build, dataclasses.replace(TRAINING, epochs=2))

    learner.fit(train, valid, seed=0, workdir=tmp_path, budget_s=60.0)

    assert np.isfinite(learner.predict(valid)).all()


def test_log_priors_are_added_in_training_only():
    layer = LogPrior([0.9, 0.1])
    x = np.array([[1.0, 2.0]], np.float32)

    np.testing.assert_allclose(layer(x, training=True), x + np.log([[0.9, 0.1]]), rtol=1e-6)
    np.testing.assert_array_equal(layer(x, training=False), x)
    np.testing.assert_array_equal(layer(x), x)


def test_equal_priors_do_not_change_the_loss():
    x = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    y = np.eye(3)[[0, 1, 2, 0]]

    assert float(loss(y, LogPrior([1 / 3] * 3)(x, training=True))) == pytest.approx(float(loss(y, x)), rel=1e-5)


def test_the_layer_can_be_restored_from_its_config():
    layer = LogPrior([0.25, 0.75])

    assert LogPrior.from_config(layer.get_config()).shares == [0.25, 0.75]
    assert layer.compute_output_shape((None, 2)) == (None, 2)
