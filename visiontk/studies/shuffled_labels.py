"""Shuffled labels: learners where there is nothing to learn, so that none should do better than chance."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from visiontk.core import Fold, Samples, Shuffle, Trial, shuffled_labels
from visiontk.harness.study import Compared, Study

SHUFFLES = 100
"""Permutations of the labels among which one is sought that leaves every class in every training set."""


def trials(compared: Compared) -> list[Trial]:
    """Return the trials of the first seed on shuffled labels, floors included."""
    samples = compared.samples
    shuffles = [Shuffle(seed=seed, by="sample" if samples.groups is None else "group") for seed in range(SHUFFLES)]
    # If every permutation leaves a training set without some class, learners have to cope with the first.
    shuffle = next((each for each in shuffles if _leaves_every_class(each, samples, compared.folds)), shuffles[0])
    return [dataclasses.replace(trial, shuffle=shuffle) for trial in compared.trials]


def _leaves_every_class(shuffle: Shuffle, samples: Samples, folds: Sequence[Fold]) -> bool:
    y = shuffled_labels(samples.y, shuffle, samples.groups)
    return all(len(np.unique(y[fold.train])) == len(np.unique(samples.y)) for fold in folds)


SHUFFLED_LABELS = Study(
    "shuffled_labels",
    "on shuffled labels",
    is_requested=lambda experiment: experiment.negative_control,
    trials=trials,
)
