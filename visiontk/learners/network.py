"""Networks: one training loop for every task, around Keras's ``fit``.

AdamW [1]_ with a one-cycle learning rate [2]_, label smoothing [3]_, augmentation in the training
graph only, best weights and early stopping by the validation set, and checkpoints from which an
interrupted fit resumes bit for bit.

References
----------
.. [1] Loshchilov and Hutter (2019), Decoupled weight decay regularization, ICLR.
.. [2] Smith and Topin (2019), Super-convergence: very fast training of neural networks using large
   learning rates, SPIE 11006.
.. [3] Szegedy et al. (2016), Rethinking the inception architecture for computer vision, CVPR.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from visiontk.core import Card, FitReport, Floats, Inputs, Samples
from visiontk.learners.batches import Batches, evaluation_batch_size, valid_dataset
from visiontk.learners.lazy_inputs import image_size
from visiontk.learners.loop import Loop, values_of
from visiontk.learners.schedule import adamw
from visiontk.learners.state import State, read_state, write_state
from visiontk.learners.tensorflow_threads import pin_threads
from visiontk.learners.training import Training

Build = Callable[[Inputs, int], keras.Model]
"""Maps a sample of training inputs, shape (m, ...), and the number of classes to a model with logits."""

Augment = Callable[[Card, tuple[int, ...]], Sequence[keras.layers.Layer]]
"""Maps the data card and the shape of one input to layers that act in training only."""

RateOf = Callable[[float], float]
"""Maps the position of a variable, from 0 at the input to 1 at the output, to its share of the learning rate."""

SAMPLE = 10_000
"""Training inputs for estimates of a builder, such as means and deviations; fewer of large ones."""

SAMPLE_BYTES = 200_000_000

INPUT_TYPES = ("uint8", "uint16", "int32", "int64", "float32", "float64")
MOST_VALUES = 2**28
"""Values in one input of a saved network, and classes: more are a damaged file."""

CHECKPOINT_S = 20.0
"""Least seconds between checkpoints, which are written at the end of an epoch; no result depends on them."""


class Network:
    """A Keras network as a `Learner`.

    Parameters
    ----------
    build : callable
        See `Build`. Standardisation of inputs is part of the model.
    training : Training
        Optimisation.
    augment : callable
        See `Augment`.
    knew : str
        What the initial weights were fitted to, for the `FitReport`; empty if they are random.
    rate_of : callable, optional
        See `RateOf`; by default all layers learn at one rate.
    """

    def __init__(
        self,
        build: Build,
        training: Training,
        augment: Augment = lambda card, shape: (),
        *,
        knew: str = "",
        rate_of: RateOf | None = None,
    ) -> None:
        self.build = build
        self.training = training
        self.augment = augment
        self.knew = knew
        self.rate_of = rate_of
        self.checkpoint_s = float(os.environ.get("VISIONTK_CHECKPOINT_S", CHECKPOINT_S))
        self.model: keras.Model | None = None
        pin_threads()

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Train until the last epoch, until the validation score stops improving, or until the budget is spent.

        Resume from a checkpoint in `workdir` if it belongs to the same fit: equal settings, seed, samples
        and shapes. Others are ignored with a warning in the log.

        Raises
        ------
        ArithmeticError
            If the training loss, or the validation loss of every epoch, is not finite.
        StoreError
            If a checkpoint or the history cannot be written. Earlier checkpoints stay, and the next call
            resumes from them.
        """
        t = self.training
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        n_epochs = t.n_epochs(len(train))
        batches = Batches(train, t, seed=seed, n_epochs=n_epochs)
        model, trainer = self._models(train)
        optimizer = _compile(trainer, t, batches, train.n_classes, self.rate_of)
        loop = Loop(
            trainer,
            model,
            workdir,
            n_epochs=n_epochs,
            budget_s=budget_s,
            training=t,
            every_s=self.checkpoint_s,
            fingerprint=_fingerprint(t, batches, valid, [*trainer.variables, *optimizer.variables]),
        )
        loop.resume()
        if loop.epoch < n_epochs and not loop.finished:
            trainer.fit(
                batches.dataset(loop.epoch),
                epochs=n_epochs,
                initial_epoch=loop.epoch,
                steps_per_epoch=batches.steps,
                validation_data=valid_dataset(valid, t),
                callbacks=[loop],
                shuffle=False,  # `Batches` shuffles
                verbose=0,
            )
        loop.restore_best()
        self.model = model
        n_parameters = int(sum(math.prod(v.shape) for v in model.trainable_variables))
        size = int(sum(math.prod(v.shape) * 4 for v in model.variables))
        return FitReport(
            n_parameters=n_parameters,
            size_bytes=size,
            cut_off=loop.cut_off,
            cpu_s=loop.cpu_s(),
            knew=self.knew,
            input_size=image_size(train),
        )

    def _models(self, train: Samples) -> tuple[keras.Model, keras.Model]:
        """The network with float32 logits, and the same behind augmentation."""
        with _precision(self.training.precision):
            model = self._network(_sample(train), train.n_classes)
            inputs = keras.Input(model.input_shape[1:], dtype=model.inputs[0].dtype)
            x = inputs
            for layer in self.augment(train.card, tuple(model.input_shape[1:])):
                x = layer(x)
            return model, keras.Model(inputs, model(x))

    def _network(self, sample: Inputs, n_classes: int) -> keras.Model:
        model = self.build(sample, n_classes)
        return keras.Model(model.inputs, keras.layers.Activation("linear", dtype="float32")(model.outputs[0]))

    def save(self, folder: Path) -> None:
        """Write the weights and the shape of the inputs.

        All that `build` estimates from its sample must be weights of the model, such as those of `ChannelScaling`.
        """
        if self.model is None:
            raise RuntimeError("save was called before fit.")
        shape, dtype = list(self.model.input_shape[1:]), self.model.inputs[0].dtype
        value = {"shape": shape, "dtype": dtype, "n_classes": self.model.output_shape[1]}
        weights = values_of(self.model.weights)
        write_state(folder, value, {f"weight-{i}": weight for i, weight in enumerate(weights)})

    def load(self, folder: Path) -> None:
        """Build the network as `fit` does, on an input of zeros, and read its weights."""
        state = read_state(folder)
        with _precision(self.training.precision):
            model = self._network(_zeros(state), state.whole("n_classes", MOST_VALUES))
        if len(state.arrays) != len(model.weights):
            raise ValueError(f"{len(state.arrays)} weights, expected {len(model.weights)}")
        for i, weight in enumerate(model.weights):
            weight.assign(state.array(f"weight-{i}", shape=tuple(weight.shape)))
        self.model = model

    def predict(self, samples: Samples) -> Floats:
        """Return class probabilities; rows sum to 1."""
        if self.model is None:
            raise RuntimeError("predict was called before fit.")
        rows = []
        # A single sample is not padded to a whole batch.
        size = 1 if len(samples) == 1 else evaluation_batch_size(samples)
        for batch in samples.batches(size):
            # Otherwise all batches have one shape, so that the graph is traced once; the padding is cut off again.
            padding = [(0, size - len(batch))] + [(0, 0)] * (batch.ndim - 1)
            logits = self.model.predict_on_batch(np.pad(batch, padding, mode="edge"))[: len(batch)]
            rows.append(np.asarray(keras.ops.softmax(logits), dtype=np.float64))
        scores = np.concatenate(rows)
        return np.asarray(scores / scores.sum(axis=1, keepdims=True))


def _zeros(state: State) -> Inputs:
    """Return an input of zeros of the saved shape and type; ValueError if they cannot be true."""
    shape, dtype = state.value.get("shape"), state.value.get("dtype")
    if not isinstance(shape, list) or not all(type(side) is int and 0 < side <= MOST_VALUES for side in shape):
        raise ValueError(f"inputs of shape {shape!r}")
    if math.prod(shape) > MOST_VALUES or dtype not in INPUT_TYPES:
        raise ValueError(f"inputs of shape {shape} and type {dtype!r}; expected one of {', '.join(INPUT_TYPES)}")
    return np.zeros((1, *shape), dtype)


def _sample(train: Samples) -> Inputs:
    """Inputs spread evenly over the training set."""
    one = train.take(np.zeros(1, np.int64)).nbytes
    n = min(len(train), SAMPLE, max(SAMPLE_BYTES // one, 100))
    return train.take(np.unique(np.linspace(0, len(train) - 1, n).astype(np.int64)))


def _fingerprint(training: Training, batches: Batches, valid: Samples, variables: Sequence[Any]) -> str:
    """Hash of all that determines a fit, except for what `build` and `augment` do beyond the shapes of variables."""
    parts = [
        dataclasses.asdict(training),
        [batches.seed, batches.n_epochs, batches.size, batches.steps],
        [[*v.shape, str(v.dtype)] for v in variables],
    ]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
    for part in (batches.train, valid):
        digest.update(f"{part.card.fingerprint} {part.labels}".encode())
        digest.update("\0".join(part.ids.tolist()).encode())
        digest.update(part.y.tobytes())
    return digest.hexdigest()


def _compile(
    trainer: keras.Model, training: Training, batches: Batches, n_classes: int, rate_of: RateOf | None
) -> keras.Optimizer:
    n = len(trainer.trainable_variables)
    rates = None if rate_of is None else [rate_of(k / max(n - 1, 1)) for k in range(n)]
    optimizer = adamw(training, n_steps=batches.steps * batches.n_epochs, rates=rates)
    trainer.compile(
        optimizer=optimizer,
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=training.label_smoothing),
        # Under "balanced" the weighted accuracy is the balanced one, so the weights are chosen by it.
        weighted_metrics=["accuracy"],
        steps_per_execution=batches.steps_per_execution,
        jit_compile=False,  # compiled, small networks are 1.4 to 3 times slower on a CPU (measured)
    )
    optimizer.build(trainer.trainable_variables)
    # Creates the variables of the metrics: TensorFlow traces a step twice if it creates variables.
    scores = np.zeros((1, n_classes), np.float32)
    trainer.compute_metrics(None, scores, scores, np.ones(1, np.float32))
    trainer.reset_metrics()
    return optimizer


@contextlib.contextmanager
def _precision(policy: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
