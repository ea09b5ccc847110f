"""A pretrained network trained further on the training set."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import keras
import numpy as np

from visiontk.baselines.classifiers import Logistic
from visiontk.blocks.image_augmentation import ImageAugmentation
from visiontk.core import FitReport, Floats, Inputs, Samples
from visiontk.data.cache import cached
from visiontk.learners.backbone import FrozenFeatures, trainable_backbone
from visiontk.learners.imbalance import sample_weights
from visiontk.learners.network import Network
from visiontk.learners.pretrained_source import PretrainedNetwork
from visiontk.learners.training import Training

PHOTOS_SEEN, MIN_EPOCHS, MAX_EPOCHS = 8_000, 3, 20
FIRST_RATE = 0.1
"""Learning rate of the first layer relative to the output; those between grow geometrically."""

PENALTY = 2.0
DROPOUT = 0.2


class FineTuned:
    """A network with a linear output, which is fitted first on frozen features; then all layers are trained.

    Parameters
    ----------
    source : PretrainedNetwork
        Network and weights.
    training, augmentation
        As for networks from scratch; `Training.epochs` of None gives about `PHOTOS_SEEN` photos.
    """

    def __init__(self, source: PretrainedNetwork, training: Training, augmentation: ImageAugmentation) -> None:
        self.source, self.training, self.augmentation = source, training, augmentation
        self.network: Network | None = None

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit the output, then train all layers as `Network` does, within what is left of the budget."""
        start = time.process_time()
        features = FrozenFeatures(self.source, last=True)
        values, seconds = cached(train, features, features.name)
        kernel, bias = self._output(values, train)
        spent = max(time.process_time() - start, seconds)
        self.network = Network(
            lambda sample, n_classes: self._built(kernel, bias),
            dataclasses.replace(self.training, epochs=self._n_epochs(len(train))),
            self.augmentation,
            rate_of=rate_of,
        )
        report = self.network.fit(train, valid, seed=seed, workdir=workdir, budget_s=max(budget_s - spent, 1e-3))
        return report._replace(cpu_s=report.cpu_s + spent)

    def predict(self, samples: Samples) -> Floats:
        """Return class probabilities; rows sum to 1."""
        if self.network is None:
            raise RuntimeError("predict was called before fit.")
        return self.network.predict(samples)

    def save(self, folder: Path) -> None:
        """Save the network with all its weights."""
        if self.network is None:
            raise RuntimeError("save was called before fit.")
        self.network.save(folder)

    def load(self, folder: Path) -> None:
        """Load the network."""
        network = Network(lambda sample, n_classes: self._built(None, np.zeros(n_classes)), self.training)
        network.load(folder)
        self.network = network

    def _n_epochs(self, n_train: int) -> int:
        return self.training.epochs or min(max(round(PHOTOS_SEEN / n_train), MIN_EPOCHS), MAX_EPOCHS)

    def _output(self, features: Inputs, train: Samples) -> tuple[Inputs, Inputs]:
        """Kernel and bias of a logistic regression on standardised features, for features as they are."""
        mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
        regression = Logistic(PENALTY).fit(
            (features - mean) / scale, train.y, sample_weights(train, self.training.imbalance)
        )
        kernel, bias = np.zeros((features.shape[1], train.n_classes)), np.full(train.n_classes, -10.0)
        coefficients, intercepts = regression.inner_.coef_, regression.inner_.intercept_
        if len(coefficients) == 1:  # two classes have one difference
            coefficients = np.concatenate([-coefficients, coefficients]) / 2
            intercepts = np.concatenate([-intercepts, intercepts]) / 2
        kernel[:, regression.classes_] = coefficients.T
        bias[regression.classes_] = intercepts
        kernel /= scale[:, None]
        return kernel.astype(np.float32), (bias - mean @ kernel).astype(np.float32)

    def _built(self, kernel: Inputs | None, bias: Inputs) -> keras.Model:
        backbone = trainable_backbone(self.source)
        x = keras.layers.Dropout(DROPOUT)(backbone.output)
        output = keras.layers.Dense(len(bias), name="classes")
        model = keras.Model(backbone.input, output(x))
        if kernel is not None:
            output.set_weights([kernel, bias])
        return model


def rate_of(position: float) -> float:
    """Learning rate of a variable relative to the output, by its position from 0 at the input to 1 at the output.

    Examples
    --------
    >>> rate_of(0.0), rate_of(1.0)
    (0.1, 1.0)
    """
    return float(FIRST_RATE ** (1 - position))
