"""Overhead of a fit in the harness over a plain Keras program: ``make bench``.

The same LeNet-5, data, epochs and thread count, once through ``run(trial)`` and once as a plain Keras program:
arrays, compile, ``fit`` with validation data, predict. The two alternate, so that load on the machine affects
both; the median ratio of CPU seconds is printed. Needs Fashion-MNIST under $VISIONTK_DATA.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.update({"VISIONTK_THREADS": "1", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"})

import keras
import numpy as np
import tensorflow as tf

from visiontk.blocks.lenet import lenet5
from visiontk.core import Samples, Trial, parameters
from visiontk.harness.plan import folds_of
from visiontk.harness.run import run
from visiontk.learners.schedule import OneCycle
from visiontk.registry import get_task
from visiontk.version import VERSION

TASK = get_task("image_classification")


def harness(trial: Trial) -> float:
    """Return the CPU seconds of a trial: folds, fit, history, predictions on validation set and test set."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        run(trial, workdir=Path(folder))
        return time.process_time() - start


def bare(samples: Samples, trial: Trial) -> float:
    """Return the CPU seconds of a plain Keras program that does the same work."""
    start = time.process_time()
    fold = folds_of(TASK, samples, 1, None)[0]
    (x, y), (x_valid, y_valid), (x_test, _) = (
        (samples.take(part), np.eye(10, dtype=np.float32)[samples.y[part]]) for part in fold
    )
    keras.utils.set_random_seed(0)
    keras.backend.clear_session()
    settings = trial.parameters
    batch, epochs = 128, settings["epochs"]
    model = lenet5(x[:10_000], 10)
    inputs = keras.Input(x.shape[1:], dtype="uint8")
    steps = len(x) // batch
    trainer = keras.Model(inputs, model(keras.layers.RandomFlip("horizontal")(inputs)))
    trainer.compile(
        keras.optimizers.AdamW(
            OneCycle(settings["learning_rate"], steps * epochs), weight_decay=settings["weight_decay"]
        ),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=8,
        jit_compile=False,
    )
    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=0).batch(batch, drop_remainder=True)
    valid = tf.data.Dataset.from_tensor_slices((x_valid, y_valid)).batch(256)
    trainer.fit(data.prefetch(2), epochs=epochs, validation_data=valid, verbose=0)
    for part in (x_valid, x_test):
        model.predict(part, batch_size=256, verbose=0)
    return time.process_time() - start


def main() -> None:
    """Alternate the two and print the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    samples = TASK.dataset("fashion_mnist")()
    settings = parameters(TASK.learner("lenet5")) | {"epochs": arguments.epochs}
    trial = Trial(
        TASK.name, TASK.version, "fashion_mnist", "lenet5", samples.card.fingerprint, VERSION, parameters=settings
    )  # fmt: skip
    harness(trial)  # warm up imports and caches
    ratios = []
    for repeat in range(arguments.repeats):
        first, second = (bare(samples, trial), harness(trial)) if repeat % 2 else (harness(trial), bare(samples, trial))
        ours, theirs = (second, first) if repeat % 2 else (first, second)
        ratios.append(ours / theirs)
        print(f"harness {ours:.1f} CPU s, bare loop {theirs:.1f} CPU s, ratio {ours / theirs:.3f}", flush=True)
    versions = f"Python {sys.version.split()[0]}, tensorflow {tf.__version__}, keras {keras.__version__}"
    print(
        f"median ratio {statistics.median(ratios):.3f} over {len(ratios)} pairs, {arguments.epochs} epochs; {versions}"
    )


if __name__ == "__main__":
    main()
