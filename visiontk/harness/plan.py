"""From an experiment to trials: which learner, on which fold, with which seed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from visiontk.core import BEST_CLASSICAL, PARTS, Fold, Ints, Samples, Task, Trial, about
from visiontk.errors import DataError

FOLD_SEED = 0
"""Folds are drawn with one seed for everybody: seeds vary the learner, never the split."""


class Preset(NamedTuple):
    """What a preset sets, for all learners alike.

    ``folds`` is for data without an official split; ``max_train`` limits the training samples.
    """

    seeds: tuple[int, ...]
    folds: int
    budget_s: float
    max_train: int | None


PRESETS = {
    "quick": Preset(seeds=(0,), folds=1, budget_s=60.0, max_train=2000),
    "standard": Preset(seeds=(0, 1, 2), folds=5, budget_s=600.0, max_train=None),
    "thorough": Preset(seeds=(0, 1, 2, 3, 4), folds=5, budget_s=1800.0, max_train=None),
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
        CPU seconds per fit.
    max_train : int or None
        At most this many training samples.
    threads : int
        Per fit.
    reference : str
        A learner, or `BEST_CLASSICAL`.
    margin : float
        Differences smaller than this are of no practical importance (for metrics in [0, 1]).
    """

    task: str
    dataset: str
    learners: Mapping[str, Mapping[str, Any]]
    dataset_parameters: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0,)
    folds: int | None = None
    preset: str = "standard"
    budget_s: float = 600.0
    max_train: int | None = None
    threads: int = 1
    reference: str = BEST_CLASSICAL
    margin: float = 0.01

    def as_document(self) -> dict[str, Any]:
        """The experiment as the YAML document that repeats it."""
        value = dataclasses.asdict(self)
        document: dict[str, Any] = {"task": value.pop("task")}
        document["dataset"] = {"name": value.pop("dataset"), **value.pop("dataset_parameters")}
        document["learners"] = {name: dict(given) for name, given in value.pop("learners").items()}
        return document | {**value, "seeds": list(self.seeds)}


def settled(experiment: Experiment, samples: Samples) -> Experiment:
    """The experiment with the number of folds that the data ask for."""
    if experiment.folds is not None:
        return experiment
    folds = n_published(samples) or PRESETS[experiment.preset].folds
    return dataclasses.replace(experiment, folds=folds)


def n_published(samples: Samples) -> int:
    """Number of folds that the publisher made: 1 for a split into train and test, 0 for none."""
    if samples.parts is None:
        return 0
    names = set(np.unique(samples.parts).tolist())
    return 1 if names & PARTS else len(names)


def plan(experiment: Experiment, task: Task, samples: Samples, *, version: str) -> list[Trial]:
    """Trials of a settled experiment: all learners on the first seed and fold first.

    Interrupted early, such a run has something to say about every learner.

    Examples
    --------
    >>> from visiontk.testing import tiny_images, tiny_task
    >>> experiment = Experiment("tiny", "drawn", {"prior": {}, "noisy_centroid": {}}, seeds=(0, 1), folds=1)
    >>> [trial.name for trial in plan(experiment, tiny_task(), tiny_images(), version="0")]
    ['prior seed 0', 'noisy_centroid seed 0', 'noisy_centroid seed 1']
    """
    if experiment.folds is None:
        raise ValueError("The number of folds is open: call settled(experiment, samples) first.")
    return [
        Trial(
            task=task.name,
            task_version=task.version,
            dataset=experiment.dataset,
            dataset_parameters=dict(experiment.dataset_parameters),
            fingerprint=samples.card.fingerprint,
            learner=name,
            parameters=dict(given),
            fold=fold,
            n_folds=experiment.folds,
            seed=seed,
            max_train=experiment.max_train,
            budget_s=experiment.budget_s,
            threads=experiment.threads,
            version=version,
            packages=task.packages(experiment.dataset, name),
        )
        for seed in experiment.seeds
        for fold in range(experiment.folds)
        for name, given in experiment.learners.items()
        # Without a seed the same fit would only be repeated.
        if seed == experiment.seeds[0] or about(task.learner(name)).seeded
    ]


def folds_of(task: Task, samples: Samples, n_folds: int, max_train: int | None) -> list[Fold]:
    """The folds that every learner gets, checked: disjoint, and no more than `max_train` to learn from.

    Raises
    ------
    DataError
        If parts overlap or are empty, a group straddles them, a class is missing from train, or the task
        makes another number of folds than was asked for.
    """
    found = task.folds(samples, n_folds, FOLD_SEED)
    if len(found) != n_folds:
        raise DataError(
            f"Task {task.name!r} made {len(found)} folds of these data; {n_folds} were asked for.",
            error_id="E-SPLIT-FOLDS",
        )
    for fold in found:
        _check(fold, samples)
    if max_train is None:
        return found
    return [fold._replace(train=at_most(fold.train, samples.y, max_train)) for fold in found]


def _check(fold: Fold, samples: Samples) -> None:
    for name, part in zip(Fold._fields, fold, strict=True):
        if not len(part):
            raise DataError(f"The {name} part of a fold is empty.", error_id="E-SPLIT-EMPTY")
    parts = np.concatenate(fold)
    if parts.min() < 0 or parts.max() >= len(samples):
        raise DataError(f"A fold names positions outside of the {len(samples)} samples.", error_id="E-SPLIT-RANGE")
    if len(np.unique(parts)) != len(parts):
        raise DataError("A sample stands in two parts of one fold.", error_id="E-SPLIT-OVERLAP")
    if samples.groups is not None:
        learnt = np.unique(samples.groups[np.concatenate([fold.train, fold.valid])])
        both = np.intersect1d(learnt, samples.groups[fold.test])
        if len(both):
            raise DataError(
                f"{len(both)} groups stand in train and in test, among them {', '.join(both[:3])}.",
                error_id="E-SPLIT-GROUP",
            )
    missing = np.setdiff1d(samples.y[np.concatenate([fold.valid, fold.test])], samples.y[fold.train])
    if len(missing):
        raise DataError(
            f"Class {samples.labels[missing[0]]!r} is tested but never learnt: no sample of it is in train.",
            error_id="E-SPLIT-CLASS",
        )


def at_most(index: Ints, y: Ints, n: int, *, seed: int = FOLD_SEED) -> Ints:
    """At most `n` of these positions, each class in its share; fewer are a subset of more.

    Parameters
    ----------
    index : ndarray of int64, shape (m,)
        Positions in `y`.
    y : ndarray of int64
        Classes of all samples.
    n : int
        Every class keeps at least two samples where it has them, even if `n` is exceeded.
    seed : int
        Of the draw.

    Examples
    --------
    >>> y = np.repeat([0, 1], [80, 20])
    >>> kept = at_most(np.arange(100), y, 10)
    >>> np.bincount(y[kept]).tolist()
    [8, 2]
    >>> set(kept) <= set(at_most(np.arange(100), y, 20))
    True
    """
    if len(index) <= n:
        return index
    rng = np.random.default_rng(seed)
    members, turns = [], []
    for c in np.unique(y[index]):
        mine = rng.permutation(index[y[index] == c])
        turn = (np.arange(len(mine)) + 0.5) / len(mine)  # when a share of the class is reached
        turn[:2] = 0
        members.append(mine)
        turns.append(turn)
    order = np.argsort(np.concatenate(turns), kind="stable")
    n_first = sum(int((turn == 0).sum()) for turn in turns)
    return np.sort(np.concatenate(members)[order[: max(n, n_first)]])
