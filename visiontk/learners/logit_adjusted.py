"""Logit adjustment for classes of very unequal size."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

import keras
import numpy as np

from visiontk.core import FitReport, Floats, Inputs, Samples
from visiontk.learners.network import Augment, Build, Network
from visiontk.learners.training import Training


class LogitAdjusted:
    """A network whose policy "balanced" is logit adjustment [1]_ instead of weights.

    Weights make one sample of a rare class count as much as hundreds of others; the steps of stochastic
    gradient descent then jump whenever a batch contains one. Adding the logarithm of each class frequency to its
    logit in the loss has the same optimum, the least balanced error, without that.

    Parameters
    ----------
    build, augment : callable
        As for `Network`.
    training : Training
        With imbalance "none" the network is fitted as it is. Labels should not be smoothed: smoothing gives a
        class of ten samples more than its share.

    References
    ----------
    .. [1] Menon, Jayasumana, Rawat, Jain, Veit and Kumar (2021), Long-tail learning via logit adjustment, ICLR.
    """

    def __init__(self, build: Build, training: Training, augment: Augment = lambda card, shape: ()) -> None:
        self.build, self.training, self.augment = build, training, augment
        self.network = Network(build, training, augment)

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit a network, with the class frequencies of the training set in its loss if the policy is "balanced"."""
        build, training = self.build, self.training
        if training.imbalance == "balanced":
            # A class without training samples counts as one sample: log(0) is infinite.
            shares = np.maximum(train.counts(), 1) / len(train)
            build = partial(_adjusted, build=build, shares=shares.tolist())
            training = dataclasses.replace(training, imbalance="none")
        self.network = Network(build, training, self.augment)
        return self.network.fit(train, valid, seed=seed, workdir=workdir, budget_s=budget_s)

    def predict(self, samples: Samples) -> Floats:
        """Return probabilities as if all classes were equally common; rows sum to 1."""
        return self.network.predict(samples)

    def save(self, folder: Path) -> None:
        """Save the network."""
        self.network.save(folder)

    def load(self, folder: Path) -> None:
        """Load the network, without the class frequencies, which act in training only."""
        self.network = Network(self.build, self.training, self.augment)
        self.network.load(folder)


def _adjusted(sample: Inputs, n_classes: int, *, build: Build, shares: list[float]) -> keras.Model:
    from visiontk.blocks.log_prior import LogPrior

    model = build(sample, n_classes)
    return keras.Model(model.inputs, LogPrior(shares, dtype="float32")(model.outputs[0]))
