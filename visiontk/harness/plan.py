"""Plan an experiment: its folds, and one trial for each learner, fold and seed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from visiontk.core import PARTS, Fold, Ints, Samples, Shuffle, Strings, Task, Trial, about, shuffled_labels
from visiontk.errors import ConfigError, DataError
from visiontk.harness.experiment import PRESETS, Experiment
from visiontk.metrics.operating import LARGEST

MAX_HALVINGS = 7
"""Halvings of the training set for a learning curve."""

MANY_GROUPS = 2**MAX_HALVINGS
"""Groups in the training set from which on a subset takes whole groups: the smallest one of a curve still has one."""

FOLD_SEED = 0
"""Seed of all folds: the seeds of an experiment vary the learner, never the split."""

MIN_TEST_UNITS = 5
"""Samples or groups in the test set below which no confidence interval is given."""

SHUFFLES = 100
"""Permutations of the labels among which one is sought that leaves every class in every training set."""

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


def plan(experiment: Experiment, task: Task, samples: Samples, *, version: str) -> list[Trial]:
    """Return the trials of an experiment, those of the first seed and fold first.

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
    curve = _curve(experiment, task, samples, trials) if experiment.curve else []
    return trials + curve + (_control(experiment, task, samples, trials) if experiment.negative_control else [])


def fitted_once(trials: Sequence[Trial], n_seeds: int) -> list[str]:
    """Return the learners that are fitted with one of several seeds, as they ignore it."""
    seeds: dict[str, set[int]] = {}
    for trial in trials:
        if trial.is_compared:
            seeds.setdefault(trial.learner, set()).add(trial.seed)
    return [name for name, each in seeds.items() if len(each) == 1 < n_seeds]


def _control(experiment: Experiment, task: Task, samples: Samples, trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials of the first seed on shuffled labels, floors included."""
    assert experiment.folds is not None
    folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    shuffles = [Shuffle(seed=seed, by="sample" if samples.groups is None else "group") for seed in range(SHUFFLES)]
    # If every permutation leaves a training set without some class, learners have to cope with the first.
    shuffle = next((each for each in shuffles if _leaves_every_class(each, samples, folds)), shuffles[0])
    return [dataclasses.replace(trial, shuffle=shuffle) for trial in trials if trial.seed == experiment.seeds[0]]


def _leaves_every_class(shuffle: Shuffle, samples: Samples, folds: Sequence[Fold]) -> bool:
    y = shuffled_labels(samples.y, shuffle, samples.groups)
    return all(len(np.unique(y[fold.train])) == len(np.unique(samples.y)) for fold in folds)


def _curve(experiment: Experiment, task: Task, samples: Samples, trials: Sequence[Trial]) -> list[Trial]:
    """Return trials on nested subsets of the training set, the same for every learner; floors do not need them."""
    assert experiment.folds is not None
    folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    sizes = curve_sizes(min(len(fold.train) for fold in folds), samples.n_classes)
    first = [trial for trial in trials if trial.seed == experiment.seeds[0]]
    return [
        dataclasses.replace(trial, max_train=size, draw=draw, seed=experiment.seeds[(draw - 1) % len(experiment.seeds)])
        for draw in range(1, experiment.curve + 1)
        for size in sizes
        for trial in first
        if about(task.learner(trial.learner)).family != "floor"
    ]


def curve_sizes(n_train: int, n_classes: int) -> list[int]:
    """Return the training set sizes of a learning curve, ascending: halves, quarters and so on of all samples.

    At most seven, each with at least 32 samples and eight per class.

    Examples
    --------
    >>> curve_sizes(54_000, 10), curve_sizes(300, 3)
    ([421, 843, 1687, 3375, 6750, 13500, 27000], [37, 75, 150])
    """
    least = max(32, 8 * n_classes)
    return [size for k in range(MAX_HALVINGS, 0, -1) if (size := n_train // 2**k) >= least]


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


def nested_subset(index: Ints, y: Ints, n: int, *, seed: int = FOLD_SEED, groups: Strings | None = None) -> Ints:
    """Return a stratified random subset of at most `n` positions; a smaller one is part of a larger one.

    Many groups are kept or dropped as wholes, as fewer data are most often data of fewer people. Few groups, such as
    six speakers, all remain, with fewer samples each. Every class keeps at least two samples if it has them (with
    groups: one group), even if `n` is exceeded. `y` and `groups` are of all samples.
    """
    if len(index) <= n:
        return index
    rng = np.random.default_rng(seed)
    if groups is not None and len(np.unique(groups[index])) >= MANY_GROUPS:
        return _whole_groups(index, y, n, groups, rng)
    members, ranks = [], []
    for c in np.unique(y[index]):
        shuffled = rng.permutation(index[y[index] == c])
        rank = (np.arange(len(shuffled)) + 0.5) / len(shuffled)  # share of the class up to each sample
        rank[:2] = 0
        members.append(shuffled)
        ranks.append(rank)
    order = np.argsort(np.concatenate(ranks), kind="stable")
    n_first = sum(int((rank == 0).sum()) for rank in ranks)
    return np.sort(np.concatenate(members)[order[: max(n, n_first)]])


CANDIDATES = 16
"""Groups from which the next one is chosen: enough to keep the class shares, few enough for 10,000 groups."""


def _whole_groups(index: Ints, y: Ints, n: int, groups: Strings, rng: np.random.Generator) -> Ints:
    """Return as many whole groups as fit, in an order that does not depend on `n`.

    First one group for each missing class, then repeatedly that of a few random ones which brings the class shares
    nearest to those of all samples.
    """
    names, member = np.unique(groups[index], return_inverse=True)
    counts = np.zeros((len(names), int(y.max()) + 1))
    np.add.at(counts, (member, y[index]), 1)
    shares = counts.sum(axis=0) / counts.sum()
    waiting = rng.permutation(len(names)).tolist()
    selected: list[int] = []
    total = np.zeros(counts.shape[1])
    while waiting:
        missing = (total == 0) & (shares > 0)
        if missing.any():
            rarest = int(np.flatnonzero(missing)[shares[missing].argmin()])
            position = next(i for i, group in enumerate(waiting) if counts[group, rarest])
        else:
            totals = total + counts[waiting[:CANDIDATES]]
            position = int(np.abs(totals / totals.sum(axis=1, keepdims=True) - shares).sum(axis=1).argmin())
            if totals[position].sum() > n:
                break
        group = waiting.pop(position)
        selected.append(group)
        total += counts[group]
    return np.sort(index[np.isin(member, selected)])
