"""Fits of networks: order of samples, weights, budgets and losses that are not finite."""

import csv
import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import psutil
import pytest
import tensorflow as tf
from scipy.special import log_softmax

from visiontk.core import Card, Samples
from visiontk.errors import EnvironmentFault
from visiontk.learners import batches as batches_module
from visiontk.learners import lazy_inputs
from visiontk.learners import loop as loop_module
from visiontk.learners import network as module
from visiontk.learners.imbalance import sample_weights
from visiontk.learners.network import Network
from visiontk.learners.schedule import OneCycle, adamw
from visiontk.learners.training import Training


def rows(workdir: Path) -> list[dict[str, float]]:
    with (workdir / "history.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


class Recorder(keras.layers.Layer):
    """Record the first pixel of each training input."""

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[list[float]] = []

    def call(self, x, training=False):
        if training:
            tf.py_function(lambda x: self.inputs.append(x.numpy()[:, 0, 0, 0].tolist()), [x], [])
        return x


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "batch_size", "steps"),
    [(70, 1, 70), (131, 2, 64), (29, 4, 7), (5, 16, 1)],
    ids=["several steps in a call", "surplus steps left out", "few steps", "fewer samples than a batch"],
)
def test_each_epoch_has_a_seeded_order(plain, numbered, fit, n, batch_size, steps):
    """The order is ``default_rng((seed, epoch)).permutation(n)``; no sample is skipped or repeated."""
    samples, recorder = numbered(n), Recorder()

    fit(plain([recorder], epochs=3, batch_size=batch_size), (samples, samples), seed=7)

    size = min(batch_size, n)
    expected = [
        np.random.default_rng((7, epoch)).permutation(n)[: steps * size].reshape(steps, size).tolist()
        for epoch in range(3)
    ]
    assert recorder.inputs == [batch for epoch in expected for batch in epoch]


class Traced(keras.layers.Layer):
    """Count the traces in training: Python code runs only when a graph is built."""

    def __init__(self) -> None:
        super().__init__()
        self.n_traced = 0

    def call(self, x, training=False):
        self.n_traced += bool(training)
        return x


def test_a_training_step_is_traced_once(plain, numbered, fit):
    """Tracing takes most of the time of a short fit: 1 to 3 s for a network of many layers."""
    layer, samples = Traced(), numbered(16)

    fit(plain([layer], epochs=2, batch_size=4), (samples, samples))

    assert layer.n_traced == 1


def test_at_most_two_percent_of_an_epoch_is_left_out(numbered):
    """Several steps run in one call only if that leaves out at most 2 % of the batches."""
    for steps in range(1, 1000, 7):
        batches = batches_module.Batches(numbered(steps), Training(batch_size=1), seed=0, n_epochs=1)

        assert batches.steps % batches.steps_per_execution == 0
        assert 0 <= steps - batches.steps <= steps / 50
        assert batches.steps_per_execution >= 4 or steps < 200


@pytest.mark.slow
def test_streaming_batches_gives_the_same_network(make, parts, fit, monkeypatch):
    """Data that do not fit into memory are streamed."""
    in_memory, streamed = make(epochs=2), make(epochs=2)
    fit(in_memory, parts, to="in_memory")
    monkeypatch.setattr(lazy_inputs, "IN_MEMORY_BYTES", 0)

    fit(streamed, parts, to="streamed")

    assert np.array_equal(in_memory.predict(parts[1]), streamed.predict(parts[1]))


@pytest.mark.parametrize("imbalance", ["none", "balanced"])
def test_smoothing_and_weights_reach_the_loss(plain, fit, tmp_path, imbalance):
    """The first training loss and the last validation loss equal those calculated with NumPy."""
    rng = np.random.default_rng(0)
    y = np.array([0] * 24 + [1] * 6 + [2] * 2)
    samples = Samples.from_arrays(
        rng.normal(size=(32, 2, 2, 1)).astype(np.float32), y, ("a", "b", "c"), Card("normal", "0")
    )
    network = plain(epochs=1, batch_size=32, label_smoothing=0.3, imbalance=imbalance, learning_rate=0.5)

    fit(network, (samples, samples))

    weights = np.ones(32) if imbalance == "none" else 32 / (3 * np.bincount(y)[y])
    targets = np.eye(3)[y] * 0.7 + 0.1

    def loss(logits):
        return (weights * -(targets * log_softmax(logits, axis=1)).sum(axis=1)).mean()

    x = samples.take(np.arange(32)).reshape(32, -1)
    kernel, bias = loop_module.values_of(network.model.variables)
    actual = rows(tmp_path / "w")[0]
    hits = (x @ kernel + bias).argmax(axis=1) == y
    assert actual["loss"] == pytest.approx(loss(x @ np.eye(4, 3)), rel=1e-5)
    assert actual["valid_loss"] == pytest.approx(loss(x @ kernel + bias), rel=1e-5)
    assert actual["valid_accuracy"] == pytest.approx((weights * hits).sum() / weights.sum(), rel=1e-5)


@pytest.mark.slow
def test_balancing_helps_rare_classes(plain, fit):
    """Two overlapping classes of 190 and 10 samples: balanced accuracy rises."""
    rng = np.random.default_rng(0)
    y = np.arange(200) % 20 == 0
    x = (rng.normal(size=(200, 2, 2, 1)) + 0.6 * y[:, None, None, None]).astype(np.float32)
    samples = Samples.from_arrays(x, y.astype(int), ("often", "rare"), Card("rare", "0"))

    def balanced(imbalance):
        network = plain(epochs=10, batch_size=20, learning_rate=0.1, imbalance=imbalance)
        fit(network, (samples, samples), to=imbalance)
        hits = network.predict(samples).argmax(axis=1) == y
        return (hits[y].mean() + hits[~y].mean()) / 2

    assert balanced("balanced") > balanced("none") + 0.1


def test_rows_are_probabilities_that_depend_on_their_sample_only(make, images, parts, fit, monkeypatch):
    """They do not depend on other samples or the batch size; augmentation is active in training only."""
    network = make(epochs=1)
    fit(network, parts)
    whole = network.predict(images)

    assert whole.dtype == np.float64
    assert np.abs(whole.sum(axis=1) - 1).max() < 1e-12
    assert np.array_equal(network.predict(images), whole)
    order = np.random.default_rng(0).permutation(len(images))
    np.testing.assert_allclose(network.predict(images.subset(order)), whole[order], atol=1e-6)
    np.testing.assert_allclose(network.predict(images.subset([3])), whole[[3]], atol=1e-6)
    monkeypatch.setattr(batches_module, "LARGEST_BATCH", 7)
    np.testing.assert_allclose(network.predict(images), whole, atol=1e-6)


def test_predict_before_fit_is_refused(make, images):
    with pytest.raises(RuntimeError, match="predict was called before fit"):
        make().predict(images)


def test_a_loss_that_is_not_finite_ends_the_fit_at_its_batch(make, parts, fit):
    """Not at the end of an epoch, which may be an hour away."""
    positions = []  # of 60 batches in an epoch
    original = loop_module.Loop.on_train_batch_end

    def record(self, batch, logs=None):
        positions.append(batch)
        original(self, batch, logs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop_module.Loop, "on_train_batch_end", record)
        with pytest.raises(ArithmeticError, match=r"the loss became (nan|inf) in epoch 1; a smaller learning_rate"):
            fit(make(learning_rate=1e12, batch_size=1, epochs=3), parts)

    assert positions[-1] < 30


def test_a_validation_loss_that_is_never_finite_fails_the_fit(plain, fit):
    """The fit does not return weights without a score."""
    train = Samples.from_arrays(np.ones((8, 1, 1, 1), np.float32), [0, 1] * 4, ("a", "b"), Card("ones", "0"))
    valid = Samples.from_arrays(np.full((4, 1, 1, 1), np.nan, np.float32), [0, 1] * 2, ("a", "b"), Card("nan", "0"))

    with pytest.raises(ArithmeticError, match="the validation loss is not finite after any of 2 epochs"):
        fit(plain(epochs=2), (train, valid))


@pytest.mark.slow
def test_an_exhausted_budget_ends_the_fit_and_is_reported(make, parts, fit, tmp_path):
    """Even in the first epoch; the current weights are validated and used."""
    network = make(batch_size=1)

    report = fit(network, parts, budget_s=0.0)

    scores = network.predict(parts[1])
    assert report.cut_off
    assert report.cpu_s > 0
    assert len(rows(tmp_path / "w")) == 1
    assert rows(tmp_path / "w")[0]["valid_accuracy"] == pytest.approx(
        (scores.argmax(axis=1) == parts[1].y).mean(), abs=1e-6
    )


@pytest.mark.slow
def test_a_fit_cut_off_by_its_budget_uses_the_best_weights(make, parts, fit, tmp_path, monkeypatch):
    network = make(epochs=200, patience=200)

    report = fit(network, parts, budget_s=4.0)

    actual = rows(tmp_path / "w")
    assert report.cut_off
    assert 1 <= len(actual) < 200
    accuracy = (network.predict(parts[1]).argmax(axis=1) == parts[1].y).mean()
    assert accuracy == pytest.approx(max(row["valid_accuracy"] for row in actual), abs=1e-6)


@pytest.mark.slow
def test_patience_ends_a_fit_and_the_best_weights_are_used(plain, numbered, fit, tmp_path):
    """A constant network never improves after its first epoch."""
    samples = numbered(8)
    network = plain(epochs=50, patience=3, learning_rate=1e-30, weight_decay=0.0)

    report = fit(network, (samples, samples))

    assert len(rows(tmp_path / "w")) == 4
    assert not report.cut_off


@pytest.mark.slow
def test_the_network_learns_and_reports_its_size(make, parts, fit):
    network = make(epochs=15)

    report = fit(network, parts)

    assert (network.predict(parts[1]).argmax(axis=1) == parts[1].y).mean() > 0.8
    assert report.n_parameters == sum(w.size for w in loop_module.values_of(network.model.trainable_variables))
    assert report.size_bytes > 4 * report.n_parameters


@pytest.mark.slow
def test_networks_in_one_process_are_independent(make, parts, fit):
    """The second fit changes neither the first network nor the result of repeating the first fit."""
    first, second, repeated = make(epochs=2), make(epochs=2), make(epochs=2)
    fit(first, parts, to="first")
    before = first.predict(parts[1])

    fit(second, parts, seed=1, to="second")
    fit(repeated, parts, to="repeated")

    assert np.array_equal(first.predict(parts[1]), before)
    assert np.array_equal(repeated.predict(parts[1]), before)
    assert not np.array_equal(second.predict(parts[1]), before)


@pytest.mark.slow
def test_a_mixed_precision_fit_does_not_change_the_global_policy(make, parts, fit):
    before = keras.config.dtype_policy().name
    network = make(epochs=2, precision="mixed_bfloat16")

    fit(network, parts)

    scores = network.predict(parts[1])
    assert keras.config.dtype_policy().name == before == "float32"
    assert {layer.dtype_policy.name for layer in network.model.layers[1:-1]} >= {"mixed_bfloat16"}
    assert np.isfinite(scores).all()
    assert np.abs(scores.sum(axis=1) - 1).max() < 1e-12


@pytest.mark.slow
def test_ten_fits_do_not_leak_memory(plain, numbered, fit):
    """Memory is released after each fit.

    TensorFlow's warning about retracing is ignored: it identifies functions by an address, which
    a later fit may use again, so it depends on what else ran in the process.
    """
    samples = numbered(64)
    process = psutil.Process()
    sizes = []
    for i in range(10):
        network = plain(epochs=1)
        fit(network, (samples, samples), to=str(i))
        network.predict(samples)
        gc.collect()
        sizes.append(process.memory_info().rss)

    assert sizes[-1] - sizes[2] < 60e6


def test_progress_reports_the_epoch(plain, numbered, fit, tmp_path):
    samples = numbered(8)

    fit(plain(epochs=2), (samples, samples))

    actual = json.loads((tmp_path / "w" / "progress.json").read_text())
    assert actual == {
        "done": 2,
        "total": 2,
        "text": f"epoch 2/2, valid {rows(tmp_path / 'w')[-1]['valid_accuracy']:.1%}",
    }


def test_weight_decay_excludes_biases_and_scales():
    optimizer = adamw(Training(), n_steps=1)
    dense, norm = keras.layers.Dense(2), keras.layers.BatchNormalization()
    dense.build((1, 3))
    norm.build((1, 2))
    variables = [*dense.trainable_variables, *norm.trainable_variables]

    optimizer.build(variables)

    decays = {v.name: optimizer._use_weight_decay(v) for v in variables}
    assert decays == {"kernel": True, "bias": False, "gamma": False, "beta": False}


def test_the_learning_rate_rises_linearly_and_falls_along_a_cosine():
    """Compared with the formulas at every step, after a round trip of the configuration."""
    schedule = OneCycle.from_config(OneCycle(0.4, 200, warmup=0.3, first=0.2, last=0.05).get_config())
    step = np.arange(201)
    fall = (step / 200 - 0.3) / 0.7
    expected = 0.4 * np.where(
        step < 60, 0.2 + 0.8 * step / 60, 0.05 + 0.95 * (1 + np.cos(np.pi * np.clip(fall, 0, 1))) / 2
    )

    actual = [float(schedule(s)) for s in step]

    np.testing.assert_allclose(actual, expected, rtol=2e-5)


def test_the_build_function_gets_inputs_spread_over_the_training_set(numbered, monkeypatch):
    """All inputs if there are few; at most the allowed bytes, but at least 100."""
    monkeypatch.setattr(module, "SAMPLE", 5)
    assert module._sample(numbered(3)).ravel().tolist() == [0, 1, 2]
    assert module._sample(numbered(9)).ravel().tolist() == [0, 2, 4, 6, 8]

    monkeypatch.setattr(module, "SAMPLE", 10_000)
    monkeypatch.setattr(module, "SAMPLE_BYTES", 4 * 120)
    assert len(module._sample(numbered(1000))) == 120
    monkeypatch.setattr(module, "SAMPLE_BYTES", 1)
    assert len(module._sample(numbered(1000))) == 100


@pytest.mark.parametrize(
    "change", ["learning_rate", "epochs", "batch_size", "seed", "train", "targets", "valid", "card", "shapes"]
)
def test_a_fingerprint_distinguishes_fits(numbered, change):
    """Each of these changes the next epoch."""

    def fingerprint(changed: str = "") -> str:
        train, valid = numbered(20), numbered(10)
        if changed == "train":
            train = train.subset(np.arange(20)[::-1])
        if changed == "targets":
            train.y[3] = 0
        if changed == "valid":
            valid = valid.subset(np.arange(9))
        if changed == "card":
            valid = numbered(11).subset(np.arange(10))
        settings = {"learning_rate": 0.1, "epochs": 2, "batch_size": 4}
        settings |= {changed: 3} if changed in settings else {}
        training = Training(**settings)
        batches = batches_module.Batches(train, training, seed=int(changed == "seed"), n_epochs=training.n_epochs(20))
        return module._fingerprint(training, batches, valid, [np.zeros((2, 3 + (changed == "shapes")))])

    assert fingerprint() == fingerprint()
    assert fingerprint(change) != fingerprint()


THREADS = """
import os, sys
import tensorflow as tf
if sys.argv[1] == "late":
    tf.constant(1.0) + 1
os.environ["VISIONTK_THREADS"] = "1"
from visiontk.learners.network import Network
from visiontk.learners.training import Training
try:
    Network(None, Training())
except Exception as error:
    print(type(error).__name__, error)
    sys.exit()
tf.constant(1.0) + 1
Network(None, Training())
print(tf.config.threading.get_intra_op_parallelism_threads(), tf.config.threading.get_inter_op_parallelism_threads())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("early", "1 1"),
        ("late", "EnvironmentFault TensorFlow runs with all threads in this process already; the trial"),
    ],
)
def test_the_number_of_threads_is_that_of_the_trial_or_an_error(moment, expected):
    """TensorFlow sets its threads only once; a trial that needs another number is refused."""
    actual = subprocess.run(
        [sys.executable, "-c", THREADS, moment],
        env={name: value for name, value in os.environ.items() if name != "VISIONTK_THREADS"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert actual.stdout.startswith(expected), actual.stderr


def test_another_number_of_threads_in_this_process_is_refused(monkeypatch):
    monkeypatch.setenv("VISIONTK_THREADS", "7")
    tf.constant(1.0)

    with pytest.raises(EnvironmentFault, match="1 threads in this process already; the trial needs 7") as caught:
        Network(None, Training())

    assert caught.value.error_id == "E-ENV-THREADS"


def test_the_checkpoint_interval_is_read_from_the_environment(make, monkeypatch):
    monkeypatch.setenv("VISIONTK_CHECKPOINT_S", "3.5")
    assert Network(None, Training()).checkpoint_s == 3.5

    monkeypatch.delenv("VISIONTK_CHECKPOINT_S")
    assert Network(None, Training()).checkpoint_s == module.CHECKPOINT_S


def test_validation_weights_use_the_class_counts_of_the_validation_set(numbered):
    """Under "balanced" the weighted validation accuracy is the balanced accuracy."""
    valid = numbered(10).subset([0, 2, 4, 1])

    targets, weights = next(iter(batches_module.valid_dataset(valid, Training(imbalance="balanced"))))[1:]

    assert targets.numpy().argmax(axis=1).tolist() == [0, 0, 0, 1]
    np.testing.assert_allclose(weights.numpy(), sample_weights(valid, "balanced"))
