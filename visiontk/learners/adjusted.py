"""Networks on classes of very unequal size: shares enter the loss, not the weights of samples."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import keras
import numpy as np

from visiontk.core import FitReport, Floats, Inputs, Samples
from visiontk.learners.network import Network


class LogitAdjusted:
    """A network whose policy "balanced" is logit adjustment [1]_ in place of weights.

    Weights make one sample of a rare class count as much as hundreds of others; the steps of stochastic
    gradient descent then jump whenever a batch holds one. Adding the logarithm of each class's share to its
    logit in the loss has the same optimum, the least balanced error, without that.

    Parameters
    ----------
    network : Network
        Its policy of imbalance decides; with "none" it is left as it is. The labels should not be smoothed:
        smoothing gives a class of ten samples more than its share.

    References
    ----------
    .. [1] Menon, Jayasumana, Rawat, Jain, Veit and Kumar (2021), Long-tail learning via logit adjustment, ICLR.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.build, self.training = network.build, network.training

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit the network, with the shares of the classes of train in its loss if the policy is "balanced"."""
        if self.training.imbalance == "balanced":
            # A class that train lacks counts as one sample: it has no logarithm otherwise.
            shares = np.maximum(train.counts(), 1) / len(train)
            self.network.build = lambda sample, n_classes: self._adjusted(sample, n_classes, shares)
            self.network.training = dataclasses.replace(self.training, imbalance="none")
        return self.network.fit(train, valid, seed=seed, workdir=workdir, budget_s=budget_s)

    def predict(self, samples: Samples) -> Floats:
        """Probabilities as if all classes were equally common, rows sum to 1."""
        return self.network.predict(samples)

    def _adjusted(self, sample: Inputs, n_classes: int, shares: Any) -> keras.Model:
        from visiontk.blocks.log_prior import LogPrior

        model = self.build(sample, n_classes)
        return keras.Model(model.inputs, LogPrior(shares.tolist(), dtype="float32")(model.outputs[0]))
