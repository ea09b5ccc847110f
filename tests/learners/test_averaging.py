"""Choice of the weights for prediction: best epoch by accuracy or loss, last epoch, or average over steps."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from visiontk.learners import loop as module
from visiontk.learners.checkpoint import write_checkpoint
from visiontk.learners.network import Network
from visiontk.learners.training import Training

pytestmark = pytest.mark.slow


def build(sample, n_classes):
    import keras

    inputs = keras.Input(sample.shape[1:], dtype=str(sample.dtype))
    x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(inputs))
    x = keras.layers.BatchNormalization(momentum=0.9)(keras.layers.Dense(8, activation="relu")(x))
    return keras.Model(inputs, keras.layers.Dense(n_classes)(x))


def fitted(parts, workdir, **settings):
    workdir.mkdir(exist_ok=True)
    network = Network(build, Training(**({"epochs": 4, "batch_size": 10, "learning_rate": 0.05} | settings)))
    network.checkpoint_s = 0.0
    network.fit(*parts, seed=0, workdir=workdir, budget_s=600.0)
    return network


def weights(network):
    return module.values_of(network.model.variables)


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(weights(a), weights(b), strict=True))


def loss_of(network, samples):
    p = network.predict(samples)
    return float(-np.log(p[np.arange(len(samples)), samples.y]).mean())


def history(workdir, column):
    with (workdir / "history.csv").open() as file:
        return [float(row[column]) for row in csv.DictReader(file)]


def test_keep_last_predicts_with_the_weights_of_the_last_epoch(parts, tmp_path):
    network = fitted(parts, tmp_path / "a", keep="last", label_smoothing=0.0)

    assert loss_of(network, parts[1]) == pytest.approx(history(tmp_path / "a", "valid_loss")[-1], rel=1e-4)


@pytest.mark.parametrize(("keep", "best"), [("accuracy", 1), ("loss", 0), ("last", 2)])
def test_keep_selects_the_best_epoch(keep, best):
    loop = module.Loop.__new__(module.Loop)
    loop.keep = keep
    epochs = [{"val_accuracy": 0.8, "val_loss": 0.3}, {"val_accuracy": 0.9, "val_loss": 0.5}]
    epochs.append({"val_accuracy": 0.7, "val_loss": 0.9})

    scores = []
    for loop.epoch, values in enumerate(epochs, start=1):
        scores.append(loop._score(values))

    assert scores.index(max(scores)) == best


def test_keep_last_disables_early_stopping(parts, tmp_path):
    fitted(parts, tmp_path / "a", keep="last", patience=1, learning_rate=0.3)

    assert len(history(tmp_path / "a", "loss")) == 4


def test_the_average_is_used_for_validation_and_prediction(parts, tmp_path):
    network = fitted(parts, tmp_path / "a", keep="last", averaging=0.9, label_smoothing=0.0)

    assert loss_of(network, parts[1]) == pytest.approx(history(tmp_path / "a", "valid_loss")[-1], rel=1e-4)


def test_averaging_does_not_change_training(parts, tmp_path):
    """The average is validated, but training continues with the raw weights."""
    fitted(parts, tmp_path / "a", keep="last")
    fitted(parts, tmp_path / "b", keep="last", averaging=0.9)

    assert history(tmp_path / "a", "loss") == history(tmp_path / "b", "loss")
    assert history(tmp_path / "a", "valid_loss") != history(tmp_path / "b", "valid_loss")


def test_the_average_is_an_exponential_moving_average_over_steps(parts, tmp_path, monkeypatch):
    """Calculated by hand as a = d a + (1 - d) w; in a short fit the decay is lower than requested."""
    weights_of_steps = []
    original = module.Loop.on_train_batch_end

    def record(self, batch, logs=None):
        weights_of_steps.append(module.values_of(self.trainer.trainable_variables))
        original(self, batch, logs)

    monkeypatch.setattr(module.Loop, "on_train_batch_end", record)

    network = fitted(parts, tmp_path / "a", keep="last", averaging=0.8, epochs=2)

    decay = min(0.8, 1 - 5 / len(weights_of_steps))
    average = weights_of_steps[0]
    for current in weights_of_steps[1:]:
        average = [decay * a + (1 - decay) * w for a, w in zip(average, current, strict=True)]
    for actual, expected in zip(module.values_of(network.model.trainable_variables), average, strict=True):
        assert actual == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("settings", [{"averaging": 0.9}, {"keep": "last"}])
def test_an_interrupted_fit_resumes_bit_for_bit(parts, tmp_path, settings):
    whole = fitted(parts, tmp_path / "whole", **settings)

    def write(folder, checkpoint):
        write_checkpoint(folder, checkpoint)
        if checkpoint.epoch == 2:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "write_checkpoint", write)
        with pytest.raises(KeyboardInterrupt):
            fitted(parts, tmp_path / "broken", **settings)
    resumed = fitted(parts, tmp_path / "broken", **settings)

    assert same(whole, resumed)
    assert history(tmp_path / "whole", "loss") == history(tmp_path / "broken", "loss")


@pytest.mark.parametrize(("n_steps", "decay"), [(10_000, 0.99), (500, 0.99), (50, 0.9), (5, 0.0), (1, 0.0)])
def test_a_short_fit_has_a_smaller_decay(n_steps, decay):
    from visiontk.learners.schedule import adamw

    assert adamw(Training(averaging=0.99), n_steps=n_steps).ema_momentum == pytest.approx(decay)


def test_best_accuracy_without_averaging_is_the_default():
    assert (Training().keep, Training().averaging) == ("accuracy", 0.0)
