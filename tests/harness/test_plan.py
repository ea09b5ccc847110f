"""Plans: from experiments to trials."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.core import Fold, Samples, Shuffle, shuffled_labels
from visiontk.errors import DataError
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import folds_of, plan, resolve_folds
from visiontk.harness.subsets import nested_subset
from visiontk.studies import STUDIES
from visiontk.testing import tiny_folds, tiny_images, tiny_task

EXPERIMENT = Experiment("tiny", "synthetic", {"prior": {}, "noisy_centroid": {"noise": 5.0}}, seeds=(0, 7), folds=2)


def test_every_learner_is_planned_once_per_seed_and_fold() -> None:
    """A learner that ignores the seed is planned once per fold."""
    trials = plan(EXPERIMENT, tiny_task(), tiny_images(), version="0")

    planned = sorted((t.learner, t.seed, t.fold) for t in trials)

    assert planned == sorted(
        [("prior", 0, 0), ("prior", 0, 1)] + [("noisy_centroid", seed, fold) for seed in (0, 7) for fold in (0, 1)]
    )
    assert len({trial.key for trial in trials}) == len(trials)


def test_the_first_seed_of_every_learner_comes_before_the_second_of_any() -> None:
    """A run that is interrupted early has results of every learner."""
    seeds = [trial.seed for trial in plan(EXPERIMENT, tiny_task(), tiny_images(), version="0")]

    assert seeds == sorted(seeds)


def test_a_negative_control_fits_every_learner_once_more_on_shuffled_labels() -> None:
    """Floors included, on every fold with the first seed; the other trials remain as they are."""
    samples = tiny_images(30)
    plain = plan(EXPERIMENT, tiny_task(), samples, version="0")

    trials = plan(
        dataclasses.replace(EXPERIMENT, negative_control=True), tiny_task(), samples, version="0", studies=STUDIES
    )

    control = trials[len(plain) :]
    assert trials[: len(plain)] == plain
    assert {trial.shuffle for trial in control} == {Shuffle()}
    assert [dataclasses.replace(trial, shuffle=None, study="") for trial in control] == [
        t for t in plain if t.seed == 0
    ]


def test_a_negative_control_shuffles_whole_groups_and_leaves_every_class_in_training_sets() -> None:
    """Here groups hold one class, and one class has two groups: other permutations put both into the test set."""
    y = np.repeat([0, 0, 0, 1, 1, 1, 2, 2], 4)
    samples = dataclasses.replace(tiny_images(32), y=y, groups=np.repeat(np.arange(8), 4).astype(str))
    fold = Fold(*(np.flatnonzero(np.isin(np.repeat(np.arange(8), 4), part)) for part in ([0, 3, 6, 4], [1], [2, 5, 7])))
    task = dataclasses.replace(tiny_task(), folds=lambda samples, n, seed: [fold])
    experiment = dataclasses.replace(EXPERIMENT, folds=1, negative_control=True)

    shuffle = plan(experiment, task, samples, version="0", studies=STUDIES)[-1].shuffle

    assert shuffle is not None
    assert shuffle.by == "group"
    assert set(shuffled_labels(y, shuffle, samples.groups)[fold.train]) == {0, 1, 2}
    assert set(shuffled_labels(y, Shuffle(by="group"), samples.groups)[fold.train]) != {0, 1, 2}


def test_an_official_split_is_one_fold_and_other_data_have_the_folds_of_the_preset() -> None:
    """The default number of folds depends on the data."""
    samples = tiny_images(30)
    split = dataclasses.replace(samples, parts=np.array(["train", "test"] * 15))
    experiment = dataclasses.replace(EXPERIMENT, folds=None)

    assert resolve_folds(experiment, split).folds == 1
    assert resolve_folds(experiment, samples).folds == 5
    assert resolve_folds(EXPERIMENT, split).folds == 2


def test_a_fold_with_a_sample_in_two_sets_is_an_error() -> None:
    """The harness validates the folds of every task."""
    samples = tiny_images(30)
    both = dataclasses.replace(
        tiny_task(), folds=lambda s, n, seed: [Fold(np.arange(20), np.arange(20, 25), np.arange(19, 30))]
    )

    with pytest.raises(DataError, match="two parts"):
        folds_of(both, samples, 1, None)


def test_a_group_on_both_sides_of_a_fold_is_an_error() -> None:
    """A patient is never in both train and test; the error names one."""
    samples = tiny_images(30, groups=3)
    straddling = dataclasses.replace(
        tiny_task(), folds=lambda s, n, seed: [Fold(np.arange(15), np.arange(15, 20), np.arange(20, 30))]
    )

    with pytest.raises(DataError, match=r"groups are in both train and test, among them g0"):
        folds_of(straddling, samples, 1, None)


def test_a_class_without_training_samples_is_an_error() -> None:
    samples: Samples = tiny_images(30)
    first = np.flatnonzero(samples.y == 0)
    others = np.flatnonzero(samples.y != 0)
    unfair = dataclasses.replace(tiny_task(), folds=lambda s, n, seed: [Fold(others[:10], others[10:], first)])

    with pytest.raises(DataError, match="'square' is in valid or test, but no sample of it is in train"):
        folds_of(unfair, samples, 1, None)


def test_max_train_limits_only_the_training_set() -> None:
    """Valid and test are unchanged."""
    task = dataclasses.replace(tiny_task(), folds=tiny_folds)
    samples = tiny_images(100)

    (free,), (limited,) = folds_of(task, samples, 1, None), folds_of(task, samples, 1, 12)

    assert len(limited.train) == 12
    assert set(limited.train) <= set(free.train)
    assert np.array_equal(limited.test, free.test)
    assert np.array_equal(limited.valid, free.valid)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=120),
    st.integers(0, 2**31),
    st.integers(1, 150),
    st.integers(1, 150),
)
def test_subsets_are_nested(y: list[int], seed: int, one: int, other: int) -> None:
    """With two samples of each class, if it has them."""
    classes = np.array(y)
    index = np.arange(len(y))
    small, large = sorted((one, other))

    few, many = (nested_subset(index, classes, n, seed=seed) for n in (small, large))

    assert set(few) <= set(many)
    assert np.array_equal(few, np.unique(few))
    least = np.minimum(np.bincount(classes), 2)
    assert (np.bincount(classes[few], minlength=len(least)) >= least).all()
    assert len(few) <= max(small, 2 * len(least))


def test_a_subset_keeps_the_class_shares() -> None:
    """60, 30 and 10 %."""
    y = np.repeat([0, 1, 2], [600, 300, 100])

    assert np.bincount(y[nested_subset(np.arange(1000), y, 100)]).tolist() == [60, 30, 10]


@pytest.mark.parametrize(
    ("groups", "preset", "folds"),
    [(0, "quick", 1), (4, "quick", 1), (5, "quick", 5), (24, "quick", 5), (25, "quick", 1), (6, "standard", 5)],
)
def test_few_groups_are_tested_in_folds_to_allow_a_verdict(groups: int, preset: str, folds: int) -> None:
    """With six speakers, one split would test only one."""
    experiment = Experiment("tiny", "synthetic", {"prior": {}}, preset=preset)

    assert resolve_folds(experiment, tiny_images(90, 0, groups=groups)).folds == folds
    assert resolve_folds(dataclasses.replace(experiment, folds=1), tiny_images(90, 0, groups=groups)).folds == 1
