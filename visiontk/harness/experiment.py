"""A comparison as it was asked for: every setting, and the presets that set several at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from visiontk.core import BEST_CLASSICAL


class Preset(NamedTuple):
    """What a preset sets, for all learners alike.

    ``folds`` is for data without an official split; ``max_train`` limits the training samples; ``trials`` are the
    configurations that each learner may try.
    """

    seeds: tuple[int, ...]
    folds: int
    budget_s: float
    max_train: int | None
    trials: int


PRESETS = {
    "quick": Preset(seeds=(0,), folds=1, budget_s=60.0, max_train=2000, trials=1),
    "standard": Preset(seeds=(0, 1, 2), folds=5, budget_s=600.0, max_train=None, trials=1),
    "thorough": Preset(seeds=(0, 1, 2, 3, 4), folds=5, budget_s=1800.0, max_train=None, trials=20),
}


@dataclass(frozen=True)
class Experiment:
    """A comparison, complete: nothing is left to a default.

    Parameters
    ----------
    task, dataset : str
        By name.
    dataset_parameters : mapping
        Keyword arguments of the dataset function.
    learners : mapping of str to mapping
        Who competes, each with all keyword arguments of its function.
    seeds : tuple of int
        One fit per seed and fold.
    folds : int or None
        None means: the publisher's where there are any, otherwise as the preset says.
    preset : str
        A key of `PRESETS`, for the record.
    budget_s : float
        CPU seconds: per fit, and with a search for all its fits together, on each fold.
    trials : int
        Configurations that each learner tries on each fold, judged by valid; 1 takes the given one without a search.
    max_train : int or None
        At most this many training samples.
    curve : int
        Draws of each smaller training part for the learning curve; 0 for no curve.
    threads : int
        Per fit.
    reference : str
        A learner, or `BEST_CLASSICAL`.
    margin : float
        Differences smaller than this are of no practical importance (for metrics in [0, 1]).
    calibration : {"none", "temperature", "isotonic"}
        What is made of the scores of every learner by the valid part of each fit, before they are judged.
    threshold : {"largest", "youden"} or float
        For two classes: from which score on the second is called; a number is the sensitivity required on valid.
    slices : tuple of str
        Columns of the user's own table by which results are shown too; no learner sees them.
    """

    task: str
    dataset: str
    learners: Mapping[str, Mapping[str, Any]]
    dataset_parameters: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)
    folds: int | None = None
    preset: str = "standard"
    budget_s: float = 600.0
    trials: int = 1
    max_train: int | None = None
    curve: int = 0
    threads: int = 1
    reference: str = BEST_CLASSICAL
    margin: float = 0.01
    calibration: str = "none"
    threshold: str | float = "largest"
    slices: tuple[str, ...] = ()

    def as_document(self) -> dict[str, Any]:
        """The experiment as the YAML document that repeats it."""
        value = dataclasses.asdict(self)
        document: dict[str, Any] = {"task": value.pop("task")}
        document["dataset"] = {"name": value.pop("dataset"), **value.pop("dataset_parameters")}
        document["learners"] = {name: dict(given) for name, given in value.pop("learners").items()}
        return document | {**value, "seeds": list(self.seeds), "slices": list(self.slices)}
