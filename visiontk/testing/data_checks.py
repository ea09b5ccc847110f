"""Checks of the data and folds of a task."""

from __future__ import annotations

import dataclasses

import numpy as np

from visiontk.core import Fold, ResizableRead, Task
from visiontk.testing.tiny_data import tiny_fold, tiny_samples


def ids_are_unique_and_stable(task: Task) -> None:
    """Results of two runs are paired by id."""
    one, two = (next(iter(task.datasets.values()))() for _ in range(2))
    assert len(np.unique(one.ids)) == len(one), "ids occur twice"
    assert (one.ids == two.ids).all(), "reading the data twice gives other ids"
    assert one.card.fingerprint == two.card.fingerprint, "reading the data twice gives another fingerprint"
    assert one.card.fingerprint, "the data have no fingerprint"


def take_and_batches_agree(task: Task) -> None:
    """Streaming must not be off by one."""
    samples = tiny_samples(task)
    inputs = samples.take(np.arange(len(samples)))
    joined = np.concatenate(list(samples.batches(7)))
    assert np.array_equal(inputs, joined), "batches(7) joined differ from take of all samples"
    backwards = np.arange(len(samples))[::-1]
    assert np.array_equal(samples.subset(backwards).take([0, 1]), inputs[[-1, -2]]), "a subset reads other samples"
    if isinstance(samples.read, ResizableRead):
        larger = samples.at_size(16).take(np.arange(len(samples)))
        assert larger.shape[:3] == (len(samples), 16, 16), f"at 16 pixels images have the shape {larger.shape[1:]}"
        two = samples.subset(backwards).at_size(16).take([0, 1])
        assert np.array_equal(two, larger[[-1, -2]]), "a subset reads other samples at another size"


def folds_are_disjoint_complete_and_repeatable(task: Task) -> None:
    """No sample is in both train and test; with several folds each is tested once."""
    samples = tiny_samples(task)
    for n_folds in (1, 3):
        folds, again = task.folds(samples, n_folds, 0), task.folds(samples, n_folds, 0)
        assert len(folds) == n_folds, f"expected {n_folds} folds, got {len(folds)}"
        for fold, other in zip(folds, again, strict=True):
            joined = np.concatenate(fold)
            assert len(np.unique(joined)) == len(joined), "train, valid and test share samples"
            assert len(joined) == len(samples), f"a fold has {len(joined)} of {len(samples)} samples"
            assert all(len(part) for part in fold), "a part is empty"
            assert all(np.array_equal(a, b) for a, b in zip(fold, other, strict=True)), (
                "the same seed gives other folds"
            )
        if n_folds > 1:
            tested = np.sort(np.concatenate([fold.test for fold in folds]))
            assert np.array_equal(tested, np.arange(len(samples))), "not every sample is tested once"


def no_group_is_in_two_parts_of_a_fold(task: Task) -> None:
    """No group is in both train and test, even if the data have groups only here."""
    samples = tiny_samples(task)
    if samples.groups is None:
        names = np.array([f"g{i % max(8, len(samples) // 10)}" for i in range(len(samples))])
        samples = dataclasses.replace(samples, groups=np.random.default_rng(0).permutation(names))
    assert samples.groups is not None
    for fold in task.folds(samples, 3, 0):
        members = [set(samples.groups[part].tolist()) for part in fold]
        for i, j in ((0, 1), (0, 2), (1, 2)):
            both = members[i] & members[j]
            assert not both, f"groups {sorted(both)[:3]} are in two parts of a fold"


def tiny_data_has_every_class(task: Task) -> None:
    """Every class is in train, valid and test, so that every metric is defined."""
    samples, fold = tiny_fold(task)
    assert samples.n_classes >= 2, "there is only one class"
    for name, part in zip(Fold._fields, fold, strict=True):
        missing = set(range(samples.n_classes)) - set(samples.y[part].tolist())
        assert not missing, f"classes {[samples.labels[c] for c in sorted(missing)]} are missing from {name}"
