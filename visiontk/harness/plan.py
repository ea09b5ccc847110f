"""Plan an experiment: its folds, and one trial for each learner, fold and seed."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np

from visiontk.core import PARTS, Fold, Samples, Task, Trial, about
from visiontk.errors import ConfigError, DataError
from visiontk.harness.experiment import PRESETS, Experiment
from visiontk.harness.study import Compared, Study
from visiontk.harness.subsets import nested_subset
from visiontk.metrics.operating import LARGEST

FOLD_SEED = 0
"""Seed of all folds: the seeds of an experiment vary the learner, never the split."""

MIN_TEST_UNITS = 5
"""Samples or groups in the test set below which no confidence interval is given."""

HOLD_OUT_PARTS = 5
"""A single split holds out one of this many parts of the samples or groups."""


def check_threshold(threshold: str | float, n_classes: int) -> None:
    """Validate that a decision threshold is set for two classes only."""
    if threshold != LARGEST and n_classes != 2:
        raise ConfigError(
            f"threshold: {threshold} given, but the data have {n_classes} classes; a threshold needs two.",
            error_id="E-CONFIG-THRESHOLD",
            hint="Leave it at largest: with several classes, the one with the largest score is predicted.",
        )


def resolve_folds(experiment: Experiment, samples: Samples) -> Experiment:
    """Return the experiment with its number of folds; by default that of the data's publisher or of the preset.

    A single split of few groups would test too few of them for a verdict: they are tested in five folds instead.
    """
    check_threshold(experiment.threshold, samples.n_classes)
    if experiment.folds is not None:
        return experiment
    folds = n_official_folds(samples) or int(PRESETS[experiment.preset]["folds"])
    if folds == 1 and samples.parts is None and samples.groups is not None:
        n_groups = len(np.unique(samples.groups))
        if MIN_TEST_UNITS <= n_groups < MIN_TEST_UNITS * HOLD_OUT_PARTS:
            folds = MIN_TEST_UNITS
    return dataclasses.replace(experiment, folds=folds)


def n_official_folds(samples: Samples) -> int:
    """Return the number of folds in the official split: 1 for train and test, 0 for no split."""
    if samples.parts is None:
        return 0
    names = set(np.unique(samples.parts).tolist())
    return 1 if names & PARTS else len(names)


def plan(
    experiment: Experiment, task: Task, samples: Samples, *, version: str, studies: Sequence[Study] = ()
) -> list[Trial]:
    """Return the trials of an experiment, those of the first seed and fold first, then those of requested studies.

    A run that is interrupted early then has results of every learner.

    Examples
    --------
    >>> from visiontk.testing import tiny_images, tiny_task
    >>> from visiontk.harness.experiment import Experiment
    >>> experiment = Experiment("tiny", "synthetic", {"prior": {}, "noisy_centroid": {}}, seeds=(0, 1), folds=1)
    >>> [trial.name for trial in plan(experiment, tiny_task(), tiny_images(), version="0")]
    ['prior seed 0', 'noisy_centroid seed 0', 'noisy_centroid seed 1']
    """
    if experiment.folds is None:
        raise ValueError("The number of folds is not set: call resolve_folds(experiment, samples) first.")
    trials = [
        Trial(
            task=task.name,
            task_version=task.version,
            dataset=experiment.dataset,
            dataset_parameters=dict(experiment.dataset_parameters),
            fingerprint=samples.card.fingerprint,
            learner=name,
            parameters=dict(parameters),
            fold=fold,
            n_folds=experiment.folds,
            seed=seed,
            max_train=experiment.max_train,
            budget_s=experiment.budget,
            threads=experiment.threads,
            version=version,
            packages=task.packages(experiment.dataset, name),
        )
        for seed in experiment.seeds
        for fold in range(experiment.folds)
        for name, parameters in experiment.learners.items()
        # A learner that ignores the seed is fitted once.
        if seed == experiment.seeds[0] or about(task.learner(name)).seeded
    ]
    requested = [study for study in studies if study.is_requested(experiment)]
    if not requested:
        return trials
    folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    first = [trial for trial in trials if trial.seed == experiment.seeds[0]]
    compared = Compared(experiment, task, samples, folds, first)
    return trials + [
        dataclasses.replace(trial, study=study.name) for study in requested for trial in study.trials(compared)
    ]


def fits_of_studies(trials: Sequence[Trial]) -> dict[str, int]:
    """Return the number of fits of each study, by its name."""
    return dict(Counter(trial.study for trial in trials if trial.study))


def fitted_once(trials: Sequence[Trial], n_seeds: int) -> list[str]:
    """Return the learners that are fitted with one of several seeds, as they ignore it."""
    seeds: dict[str, set[int]] = {}
    for trial in trials:
        if trial.is_compared:
            seeds.setdefault(trial.learner, set()).add(trial.seed)
    return [name for name, each in seeds.items() if len(each) == 1 < n_seeds]


def folds_of(task: Task, samples: Samples, n_folds: int, max_train: int | None, *, draw: int = 0) -> list[Fold]:
    """Return the validated folds, with at most `max_train` training samples each."""
    folds = task.folds(samples, n_folds, FOLD_SEED)
    if len(folds) != n_folds:
        raise DataError(
            f"Task {task.name!r} returned {len(folds)} folds of these data; expected {n_folds}.",
            error_id="E-SPLIT-FOLDS",
        )
    for fold in folds:
        _check(fold, samples)
    if max_train is None:
        return folds
    return [
        fold._replace(
            train=nested_subset(fold.train, samples.y, max_train, seed=FOLD_SEED + draw, groups=samples.groups)
        )
        for fold in folds
    ]


def _check(fold: Fold, samples: Samples) -> None:
    for name, part in zip(Fold._fields, fold, strict=True):
        if not len(part):
            raise DataError(f"The {name} set of a fold is empty.", error_id="E-SPLIT-EMPTY")
    parts = np.concatenate(fold)
    if parts.min() < 0 or parts.max() >= len(samples):
        raise DataError(f"A fold has positions outside of the {len(samples)} samples.", error_id="E-SPLIT-RANGE")
    if len(np.unique(parts)) != len(parts):
        raise DataError("A sample is in two parts of one fold.", error_id="E-SPLIT-OVERLAP")
    if samples.groups is not None:
        fitted = np.unique(samples.groups[np.concatenate([fold.train, fold.valid])])
        both = np.intersect1d(fitted, samples.groups[fold.test])
        if len(both):
            raise DataError(
                f"{len(both)} groups are in both train and test, among them {', '.join(both[:3])}.",
                error_id="E-SPLIT-GROUP",
            )
    missing = np.setdiff1d(samples.y[np.concatenate([fold.valid, fold.test])], samples.y[fold.train])
    if len(missing):
        raise DataError(
            f"Class {samples.labels[missing[0]]!r} is in valid or test, but no sample of it is in train.",
            error_id="E-SPLIT-CLASS",
        )
