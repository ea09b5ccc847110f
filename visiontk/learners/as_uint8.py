"""Adapter: uint16 images as uint8."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from visiontk.core import FitReport, Floats, Inputs, Learner, MappedRead, Samples, load_learner, save_learner


class AsUint8:
    """Learner on the upper eight bits of uint16 inputs, for features that are defined on 256 grey levels.

    Inputs of other dtypes are passed on unchanged. Nothing is held in memory.

    Parameters
    ----------
    learner : Learner
        Such as a pipeline that begins with HOG or local binary patterns.

    Examples
    --------
    >>> as_uint8(np.array([0, 257, 65535], np.uint16)).tolist()
    [0, 1, 255]
    """

    def __init__(self, learner: Learner) -> None:
        self.learner = learner

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit the learner on converted inputs."""
        return self.learner.fit(_converted(train), _converted(valid), seed=seed, workdir=workdir, budget_s=budget_s)

    def predict(self, samples: Samples) -> Floats:
        """Return the scores of the learner."""
        return self.learner.predict(_converted(samples))

    def save(self, folder: Path) -> None:
        """Save the learner: the adapter estimates nothing."""
        save_learner(self.learner, folder)

    def load(self, folder: Path) -> None:
        """Load the learner."""
        load_learner(self.learner, folder)


def as_uint8(inputs: Inputs) -> Inputs:
    """Inputs of uint16 as uint8, 0 to 65535 as 0 to 255; other dtypes unchanged."""
    return (inputs >> 8).astype(np.uint8) if inputs.dtype == np.uint16 else inputs


def _converted(samples: Samples) -> Samples:
    return dataclasses.replace(samples, read=MappedRead(samples.read, as_uint8))
