from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.core import Card, Samples
from visiontk.testing import tiny_images


@pytest.fixture(scope="session", autouse=True)
def _one_thread(one_thread) -> None:
    """Use `one_thread` in every test of this folder."""


@pytest.fixture(scope="session")
def images() -> Samples:
    return tiny_images(90)


@pytest.fixture(scope="session")
def parts(images) -> tuple[Samples, Samples]:
    """Return 60 training and 30 validation images."""
    return images.subset(np.arange(60)), images.subset(np.arange(60, 90))


@pytest.fixture(scope="session")
def make(one_thread) -> Callable[..., Any]:
    """Return a factory of networks with every kind of state: dropout, batch normalisation, random shift and flip."""
    import keras

    from visiontk.blocks.image_augmentation import ImageAugmentation
    from visiontk.blocks.standardization import standardized_input
    from visiontk.learners.network import Network
    from visiontk.learners.training import Training

    def build(sample: Any, n_classes: int) -> keras.Model:
        inputs, x = standardized_input(sample)
        x = keras.layers.Conv2D(6, 3, use_bias=False)(x)
        x = keras.layers.MaxPooling2D(2)(keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(x)))
        x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(x))
        return keras.Model(inputs, keras.layers.Dense(n_classes)(x))

    def network(**training: Any) -> Network:
        settings = {"epochs": 5, "batch_size": 16, "learning_rate": 0.02} | training
        learner = Network(build, Training(**settings), ImageAugmentation(shift=0.1))
        learner.checkpoint_s = 0.0  # at the end of every epoch
        return learner

    return network


@pytest.fixture
def numbered() -> Callable[[int], Samples]:
    """Return a factory of samples whose only pixel is their position."""

    def make(n: int) -> Samples:
        x = np.arange(n, dtype=np.float32).reshape(n, 1, 1, 1)
        return Samples.from_arrays(x, np.arange(n) % 2, ("even", "odd"), Card("numbered", str(n)))

    return make


@pytest.fixture
def plain() -> Callable[..., Any]:
    """Return a factory of networks of one dense layer, initially the identity, without randomness."""
    import keras

    from visiontk.learners.network import Network
    from visiontk.learners.training import Training

    def build(sample: Any, n_classes: int) -> keras.Model:
        inputs = keras.Input(sample.shape[1:], dtype=str(sample.dtype))
        outputs = keras.layers.Dense(n_classes, kernel_initializer="identity")(keras.layers.Flatten()(inputs))
        return keras.Model(inputs, outputs)

    def network(layers: Sequence[Any] = (), **training: Any) -> Network:
        return Network(build, Training(**training), lambda card, shape: layers)

    return network


@pytest.fixture
def fit(tmp_path) -> Callable[..., Any]:
    """Return a function that fits a network in a temporary folder."""

    def run(network: Any, parts: tuple[Samples, Samples], *, seed: int = 0, budget_s: float = 600.0, to: str = "w"):
        workdir: Path = tmp_path / to
        workdir.mkdir(exist_ok=True)
        return network.fit(*parts, seed=seed, workdir=workdir, budget_s=budget_s)

    return run
