"""Adapter: images of any kind and size as the colour pictures that pretrained networks see."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from visiontk.core import FitReport, Floats, Inputs, Learner, MappedRead, Samples, load_learner, save_learner
from visiontk.errors import DataError
from visiontk.learners.as_uint8 import as_uint8
from visiontk.learners.pretrained_source import PretrainedNetwork
from visiontk.learners.state import read_state, write_state

LARGEST_SIDE = 1024
"""Of pictures, in pixels."""


class Pictures:
    """A pretrained learner on images read again at its own size, in colour; grey ones are repeated three times.

    Parameters
    ----------
    make : callable
        ``make(source)`` returns the learner, on pictures of shape (n, side, side, 3), uint8.
    source : PretrainedNetwork
        Network, weights and size, which depends on the photos unless it is set.
    """

    def __init__(self, make: Callable[[PretrainedNetwork], Learner], source: PretrainedNetwork) -> None:
        self.make, self.source = make, source
        self.learner = make(source)
        self.side = source.pixels

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit the learner on pictures."""
        source = self.source.fitting(train.card.shorter_side)
        self.learner = self.make(source)
        self.side = source.pixels
        pictures = (as_pictures(part, self.side) for part in (train, valid))
        report = self.learner.fit(*pictures, seed=seed, workdir=workdir, budget_s=budget_s)
        return report._replace(knew=source.knew, input_size=f"{self.side} x {self.side}")

    def predict(self, samples: Samples) -> Floats:
        """Return the scores of the learner."""
        return self.learner.predict(as_pictures(samples, self.side))

    def save(self, folder: Path) -> None:
        """Save the learner into the folder ``learner``, and the side of its pictures."""
        write_state(folder, {"side": self.side})
        save_learner(self.learner, folder / "learner")

    def load(self, folder: Path) -> None:
        """Make the learner for the side of the saved one, and load it."""
        side = read_state(folder).whole("side", LARGEST_SIDE)
        learner = self.make(dataclasses.replace(self.source, side=side))
        load_learner(learner, folder / "learner")
        self.learner, self.side = learner, side


def as_pictures(samples: Samples, side: int) -> Samples:
    """The images of samples, read from their source as colour pictures of this side.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> as_pictures(tiny_images(5), 32).take([0]).shape
    (1, 32, 32, 3)
    """
    resized = samples.at_size(side)
    return dataclasses.replace(resized, read=MappedRead(resized.read, in_colour))


def in_colour(images: Inputs) -> Inputs:
    """Images of uint8 or uint16, grey or in colour, as uint8 in colour.

    Raises
    ------
    DataError
        ``E-DATA-SHAPE`` for other inputs.

    Examples
    --------
    >>> in_colour(np.full((1, 2, 2, 1), 513, np.uint16))[0, 0, 0].tolist()
    [2, 2, 2]
    """
    images = as_uint8(images)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise DataError(
            f"inputs of shape {images.shape} and type {images.dtype}: pretrained networks need grey or colour images "
            "of 8 or 16 bits.",
            error_id="E-DATA-SHAPE",
        )
    return np.repeat(images, 3, axis=3) if images.shape[-1] == 1 else images
