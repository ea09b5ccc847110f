"""From an experiment to trials: which learner, on which fold, with which seed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from visiontk.core import PARTS, Fold, Ints, Samples, Strings, Task, Trial, about
from visiontk.errors import ConfigError, DataError
from visiontk.harness.experiment import PRESETS, Experiment
from visiontk.metrics.operating import LARGEST

MOST_HALVINGS = 7
"""Of the training part, for a learning curve."""

MANY_GROUPS = 2**MOST_HALVINGS
"""Groups in train from which on a smaller part has fewer of them: the smallest of a curve then has one at least."""

FOLD_SEED = 0
"""Folds are drawn with one seed for everybody: seeds vary the learner, never the split."""


FEWEST_UNITS = 5
"""Samples or groups in test below which nothing can be said about how sure a number is."""

PARTS_OF_ONE_SPLIT = 5
"""One split holds out a fifth of the samples or groups."""


def check_threshold(threshold: str | float, n_classes: int) -> None:
    """Refuse a threshold where there is no second of two classes.

    Raises
    ------
    ConfigError
        ``E-CONFIG-THRESHOLD``.
    """
    if threshold != LARGEST and n_classes != 2:
        raise ConfigError(
            f"threshold: {threshold} given, but the data have {n_classes} classes; a threshold is for two.",
            error_id="E-CONFIG-THRESHOLD",
            hint="Leave it at largest: of several classes, the one with the largest score is taken.",
        )


def settled(experiment: Experiment, samples: Samples) -> Experiment:
    """The experiment with the number of folds that the data ask for.

    One split of few groups would test too few of them for a verdict: then each group is tested in one of five folds.

    Raises
    ------
    ConfigError
        If it asks for a threshold and the data have not two classes.
    """
    check_threshold(experiment.threshold, samples.n_classes)
    if experiment.folds is not None:
        return experiment
    folds = n_published(samples) or int(PRESETS[experiment.preset]["folds"])
    if folds == 1 and samples.parts is None and samples.groups is not None:
        n_groups = len(np.unique(samples.groups))
        if FEWEST_UNITS <= n_groups < FEWEST_UNITS * PARTS_OF_ONE_SPLIT:
            folds = FEWEST_UNITS
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
    >>> from visiontk.harness.experiment import Experiment
    >>> experiment = Experiment("tiny", "drawn", {"prior": {}, "noisy_centroid": {}}, seeds=(0, 1), folds=1)
    >>> [trial.name for trial in plan(experiment, tiny_task(), tiny_images(), version="0")]
    ['prior seed 0', 'noisy_centroid seed 0', 'noisy_centroid seed 1']
    """
    if experiment.folds is None:
        raise ValueError("The number of folds is open: call settled(experiment, samples) first.")
    found = [
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
            budget_s=experiment.budget,
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
    return found + (_curve(experiment, task, samples, found) if experiment.curve else [])


def _curve(experiment: Experiment, task: Task, samples: Samples, found: Sequence[Trial]) -> list[Trial]:
    """Trials on nested shares of train, the same for every learner; floors do not learn from more data."""
    assert experiment.folds is not None
    folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    sizes = curve_sizes(min(len(fold.train) for fold in folds), samples.n_classes)
    first = [trial for trial in found if trial.seed == experiment.seeds[0]]
    return [
        dataclasses.replace(trial, max_train=size, draw=draw, seed=experiment.seeds[(draw - 1) % len(experiment.seeds)])
        for draw in range(1, experiment.curve + 1)
        for size in sizes
        for trial in first
        if about(task.learner(trial.learner)).family != "floor"
    ]


def curve_sizes(n_train: int, n_classes: int) -> list[int]:
    """Numbers of training samples of a learning curve, the smallest first: halves, quarters and so on of all.

    At most seven, none with fewer than eight samples a class or 32 in all.

    Examples
    --------
    >>> curve_sizes(54_000, 10), curve_sizes(300, 3)
    ([421, 843, 1687, 3375, 6750, 13500, 27000], [37, 75, 150])
    """
    least = max(32, 8 * n_classes)
    return [size for k in range(MOST_HALVINGS, 0, -1) if (size := n_train // 2**k) >= least]


def folds_of(task: Task, samples: Samples, n_folds: int, max_train: int | None, *, draw: int = 0) -> list[Fold]:
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
    return [
        fold._replace(train=at_most(fold.train, samples.y, max_train, seed=FOLD_SEED + draw, groups=samples.groups))
        for fold in found
    ]


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


def at_most(index: Ints, y: Ints, n: int, *, seed: int = FOLD_SEED, groups: Strings | None = None) -> Ints:
    """At most `n` of these positions, each class in its share; fewer are a subset of more.

    Where there are many groups they are taken as wholes, as fewer data are most often data of fewer people. Few groups,
    such as six speakers, all stay, with fewer samples each.

    Parameters
    ----------
    index : ndarray of int64, shape (m,)
        Positions in `y`.
    y : ndarray of int64
        Classes of all samples.
    n : int
        Every class keeps at least two samples where it has them (with groups: one group), even if `n` is exceeded.
    seed : int
        Of the draw.
    groups : ndarray of str, optional
        Of all samples.

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
    if groups is not None and len(np.unique(groups[index])) >= MANY_GROUPS:
        return _whole_groups(index, y, n, groups, rng)
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


CANDIDATES = 16
"""Groups among which the next one is chosen: enough to keep the shares of classes, few enough for 10,000 groups."""


def _whole_groups(index: Ints, y: Ints, n: int, groups: Strings, rng: np.random.Generator) -> Ints:
    """Groups in an order that does not depend on `n`, as many as fit.

    First one of each class that is still missing, then of a few random ones always the one that brings the shares of
    the classes nearest to those of all.
    """
    names, member = np.unique(groups[index], return_inverse=True)
    counts = np.zeros((len(names), int(y.max()) + 1))
    np.add.at(counts, (member, y[index]), 1)
    shares = counts.sum(axis=0) / counts.sum()
    waiting = rng.permutation(len(names)).tolist()
    taken: list[int] = []
    so_far = np.zeros(counts.shape[1])
    while waiting:
        missing = (so_far == 0) & (shares > 0)
        if missing.any():
            rarest = int(np.flatnonzero(missing)[shares[missing].argmin()])
            place = next(i for i, group in enumerate(waiting) if counts[group, rarest])
        else:
            ahead = so_far + counts[waiting[:CANDIDATES]]
            place = int(np.abs(ahead / ahead.sum(axis=1, keepdims=True) - shares).sum(axis=1).argmin())
            if ahead[place].sum() > n:
                break
        group = waiting.pop(place)
        taken.append(group)
        so_far += counts[group]
    return np.sort(index[np.isin(member, taken)])
