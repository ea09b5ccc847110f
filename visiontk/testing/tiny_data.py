"""The tiny data of a task: what the checks of the contract read and fit."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from visiontk.core import Fold, Samples, Task
from visiontk.harness.subsets import nested_subset

TINY = 200


def tiny_samples(task: Task) -> Samples:
    """Return a stratified subset of at most 200 samples of the first dataset, without its official split."""
    samples = _first(task)
    part = samples.subset(nested_subset(np.arange(len(samples)), samples.y, TINY))
    return dataclasses.replace(part, parts=None)


@functools.lru_cache(maxsize=4)
def _first(task: Task) -> Samples:
    return next(iter(task.datasets.values()))()


def tiny_fold(task: Task) -> tuple[Samples, Fold]:
    """Return the tiny data and their single fold."""
    samples = tiny_samples(task)
    return samples, task.folds(samples, 1, 0)[0]


def tiny_task_of(task: Task) -> Task:
    """Return the task with its tiny data as the only dataset."""
    return dataclasses.replace(task, datasets={"tiny": functools.partial(tiny_samples, task)})
