"""Rough duration of fits that have not been measured here, from the declared cost of their learners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visiontk.api.user_data import Unread
from visiontk.core import Factory, Fold, Samples, Task, Trial, about, parameters
from visiontk.data.readers.image_sizes import chosen_side
from visiontk.learners.training import Training

START_S = {"network": 5.0, "pretrained": 5.0}
"""CPU seconds of any fit by family, such as for compiling a network; `OTHER_START_S` of other families."""
OTHER_START_S = 0.1

PIXELS, POINTS = 28 * 28, 8_000
"""Size of the samples for which `About.cost` holds."""


def rough_seconds(trial: Trial, task: Task, folds: Sequence[Fold], size: float) -> float | None:
    """Return the approximate CPU seconds of a fit, at most its budget; None if its learner declares no cost.

    `size` is that of a sample, relative to those for which costs are declared.
    """
    factory = task.learner(trial.learner)
    declared = about(factory)
    if declared.cost is None:
        return None
    n_train = min(len(folds[trial.fold].train), trial.max_train or len(folds[trial.fold].train))
    start = START_S.get(declared.family, OTHER_START_S) * (declared.family != "floor")
    if declared.family == "pretrained":
        size = 1.0  # it reads samples at a size of its own
    return min(start + declared.cost * n_train / 1000 * size * _repetitions(trial, n_train, factory), trial.budget_s)


def _repetitions(trial: Trial, n_train: int, factory: Factory) -> float:
    """Return the passes over the training set relative to those for which costs are declared."""
    defaults = parameters(factory)
    members = trial.parameters.get("members", 1)
    if "epochs" not in defaults:
        return float(members)
    epochs, usual = trial.parameters.get("epochs"), defaults["epochs"]
    automatic = Training()
    return float(members * (epochs or usual or automatic.n_epochs(n_train)) / (usual or automatic.n_epochs(1000)))


def relative_size(samples: Samples, given: Mapping[str, Any]) -> float:
    """Return the size of a sample relative to `PIXELS` or `POINTS`; 1 for texts and anything else.

    `given` are the parameters of the dataset, from which the size follows if no file was read yet.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> relative_size(tiny_images(9), {}) < 1, relative_size(tiny_images(9), {"size": 56})
    (True, 4.0)
    """
    if given.get("size", "auto") != "auto":
        return float(given["size"]) ** 2 / PIXELS
    if {"sample_rate", "duration_s"} <= given.keys():
        return float(given["sample_rate"] * given["duration_s"]) / POINTS
    try:
        shape = np.shape(samples.take(np.zeros(1, np.int64)))
    except Unread:
        return float(chosen_side("auto", samples.card.shorter_side)) ** 2 / PIXELS if "size" in given else 1.0
    if len(shape) == 4:
        return float(shape[1] * shape[2]) / PIXELS
    return float(shape[1]) / POINTS if len(shape) in (2, 3) else 1.0
