from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from visiontk.core import Card, Fold, Samples
from visiontk.data import official_or, stratified_folds
from visiontk.errors import ConfigError, DataError


def samples_of(y, groups=None, parts=None) -> Samples:
    y = np.asarray(y)
    labels = tuple(f"class {i}" for i in range(int(y.max()) + 1))
    return Samples.from_arrays(np.zeros((len(y), 1)), y, labels, Card("demo", "0"), groups=groups, parts=parts)


def same(one: list[Fold], other: list[Fold]) -> bool:
    return all(np.array_equal(a, b) for f, g in zip(one, other, strict=True) for a, b in zip(f, g, strict=True))


def check(samples: Samples, folds: list[Fold]) -> None:
    """Check the invariants of every list of folds."""
    for fold in folds:
        together = np.concatenate(fold)
        assert np.array_equal(np.sort(together), np.arange(len(samples)))
        assert set(samples.y[fold.train]) == set(range(samples.n_classes))
        for part in fold:
            assert part.dtype == np.int64
            assert np.array_equal(part, np.unique(part))
            assert len(part)
        if samples.groups is not None:
            sides = [set(samples.groups[part]) for part in fold]
            assert sum(map(len, sides)) == len(set().union(*sides))
    if len(folds) > 1:
        assert np.array_equal(np.sort(np.concatenate([fold.test for fold in folds])), np.arange(len(samples)))


targets = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.integers(0, k - 1), min_size=0, max_size=60).map(lambda more: list(range(k)) * 6 + more)
)


@settings(max_examples=60, deadline=None)
@given(targets, st.integers(1, 6), st.integers(0, 2**31), st.randoms(use_true_random=False))
def test_folds_are_disjoint_cover_repeat_and_have_every_class(y, n_folds, seed, shuffler):
    shuffler.shuffle(y)
    samples = samples_of(y)

    folds = stratified_folds(samples, n_folds, seed)

    assert len(folds) == n_folds
    check(samples, folds)
    for fold in folds:
        assert set(samples.y[fold.test]) == set(samples.y[fold.valid]) == set(range(samples.n_classes))
    assert same(folds, stratified_folds(samples, n_folds, seed))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(targets, st.integers(1, 5), st.integers(0, 2**31), st.integers(5, 25), st.integers(0, 99))
def test_a_group_never_appears_on_both_sides_of_a_fold(y, n_folds, seed, n_groups, group_seed):
    groups = np.random.default_rng(group_seed).integers(0, n_groups, len(y)).astype(str)
    samples = samples_of(y, groups)

    try:
        folds = stratified_folds(samples, n_folds, seed)
    except DataError as error:
        assume(error.error_id not in ("E-SPLIT-CLASS", "E-SPLIT-GROUP"))
        raise
    check(samples, folds)
    assert same(folds, stratified_folds(samples, n_folds, seed))


FOLDS = official_or(stratified_folds)


def test_folds_have_the_documented_sizes_and_class_proportions():
    samples = samples_of([0] * 400 + [1] * 160 + [2] * 80)

    for n_folds in (1, 5):
        for fold in stratified_folds(samples, n_folds, 3):
            assert [len(part) for part in fold] == [448, 64, 128]
            assert np.bincount(samples.y[fold.test]).tolist() == [80, 32, 16]
            assert np.bincount(samples.y[fold.valid]).tolist() == [40, 16, 8]


@pytest.mark.parametrize("groups", [None, np.repeat(np.arange(12), 2).astype(str)])
def test_a_single_split_draws_with_the_seed_itself(groups):
    """Stored runs of one split stay comparable with new ones: the positions are those of before folds differed."""
    samples = samples_of([0, 1] * 12, groups)

    (fold,) = stratified_folds(samples, 1, 0)

    assert fold.test.tolist() == ([4, 18, 19, 21] if groups is None else [8, 9, 20, 21])
    assert fold.valid.tolist() == ([5, 10] if groups is None else [4, 5])


@pytest.mark.parametrize("groups", [None, np.repeat(np.arange(50), 4).astype(str)])
@pytest.mark.parametrize("parts", [None, np.repeat(list("abcde"), 40)])
def test_every_fold_draws_its_own_validation_set(groups, parts):
    """Two validation sets share few samples; of the same draw in each fold most recur."""
    samples = samples_of([0, 1] * 100, groups, parts)

    folds = FOLDS(samples, 5, 0)

    check(samples, folds)
    shared = [len(np.intersect1d(a.valid, b.valid)) for a, b in itertools.combinations(folds, 2)]
    assert np.mean(shared) < 20 / 4


@pytest.mark.parametrize("sizes", [[20] * 6, [20, 24, 28, 30, 36, 42]])
@pytest.mark.parametrize("published", [True, False])
def test_leaving_one_group_out_validates_on_several_groups(sizes, published):
    """Not on the same one or two whoever is left out, also if groups differ in size."""
    groups = np.repeat(list("abcdef"), sizes)
    samples = samples_of(np.arange(len(groups)) % 2, groups, groups if published else None)

    for seed in range(5):
        folds = FOLDS(samples, 6, seed)

        check(samples, folds)
        assert same(folds, FOLDS(samples, 6, seed))
        assert all(len(set(groups[fold.valid])) == 1 for fold in folds)
        chosen = [groups[fold.valid[0]] for fold in folds]
        assert len(set(chosen)) > 2
        assert max(chosen.count(name) for name in "abcdef") <= 2


def test_a_grouped_hold_out_has_about_the_documented_sizes():
    rng = np.random.default_rng(0)
    samples = samples_of(rng.integers(0, 3, 1000), np.repeat(np.arange(100), 10).astype(str))

    fold = stratified_folds(samples, 1, 0)[0]

    assert [len(part) for part in fold] == pytest.approx([700, 100, 200], abs=30)


def test_different_seeds_give_different_folds():
    samples = samples_of([0, 1] * 50, np.repeat(np.arange(25), 4).astype(str))

    plain = samples_of(samples.y)

    for each in (samples, plain):
        for n_folds in (1, 5):
            one, other = (stratified_folds(each, n_folds, seed)[0] for seed in (0, 1))
            assert not np.array_equal(one.test, other.test)
            assert not np.array_equal(one.valid, other.valid)


@pytest.mark.parametrize(("n_folds", "needed"), [(1, 3), (2, 4), (3, 3), (5, 5), (10, 10)])
def test_a_class_with_too_few_samples_is_reported_with_both_counts(n_folds, needed):
    enough = samples_of([0] * 50 + [1] * needed)
    check(enough, stratified_folds(enough, n_folds, 0))

    with pytest.raises(
        DataError, match=rf"'class 1' has {needed - 1} samples; {n_folds} folds need at least {needed}"
    ) as caught:
        stratified_folds(samples_of([0] * 50 + [1] * (needed - 1)), n_folds, 0)
    assert caught.value.error_id == "E-SPLIT-CLASS"


def test_a_class_with_too_few_groups_is_refused():
    groups = ["a", "b", "c", "d", "e"] * 8 + ["f"] * 10

    with pytest.raises(DataError, match="'class 1' has 1 groups"):
        stratified_folds(samples_of([0] * 40 + [1] * 10, groups), 5, 0)


def test_fewer_groups_than_folds_are_refused():
    with pytest.raises(DataError, match=r"'class 0' has 4 groups.*at least 5") as caught:
        stratified_folds(samples_of([0, 1] * 20, (["a"] * 2 + ["b"] * 2 + ["c"] * 2 + ["d"] * 2) * 5), 5, 0)
    assert caught.value.error_id == "E-SPLIT-CLASS"


@pytest.mark.parametrize("n_folds", [0, -1])
def test_fewer_than_one_fold_is_refused(n_folds):
    with pytest.raises(ConfigError, match=f"folds: {n_folds}, expected at least 1"):
        stratified_folds(samples_of([0, 1] * 20), n_folds, 0)


def test_a_label_without_samples_is_refused():
    samples = Samples.from_arrays(np.zeros((20, 1)), [0, 1] * 10, ("a", "b", "c"), Card("demo", "0"))

    with pytest.raises(DataError, match="'c' has 0 samples"):
        stratified_folds(samples, 1, 0)


def test_an_empty_dataset_is_refused():
    samples = Samples.from_arrays(np.zeros((0, 1)), [], ("a", "b"), Card("demo", "0"))

    with pytest.raises(DataError, match="no samples"):
        stratified_folds(samples, 1, 0)


def test_without_an_official_split_the_fallback_is_used():
    samples = samples_of([0, 1] * 30)

    assert same(FOLDS(samples, 3, 0), stratified_folds(samples, 3, 0))


def test_the_official_split_is_used_unchanged():
    parts = np.array(["train", "valid", "test", "train"] * 10)
    samples = samples_of([0, 0, 0, 1, 1, 1, 1, 0] * 5, parts=parts)

    (fold,) = FOLDS(samples, 1, 0)

    for name, positions in zip(("train", "valid", "test"), fold, strict=True):
        np.testing.assert_array_equal(positions, np.flatnonzero(parts == name))


@given(st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_a_missing_validation_set_is_a_tenth_of_the_training_set(seed):
    parts = ["train"] * 200 + ["test"] * 40
    samples = samples_of([0, 1, 1, 1] * 60, parts=parts)

    (fold,) = FOLDS(samples, 1, seed)

    check(samples, [fold])
    assert len(fold.valid) == 20
    assert np.bincount(samples.y[fold.valid]).tolist() == [5, 15]
    np.testing.assert_array_equal(fold.test, np.arange(200, 240))


def test_a_missing_validation_set_consists_of_whole_groups():
    groups = np.repeat(np.arange(60), 4).astype(str)
    samples = samples_of([0, 1, 1, 1] * 60, groups, ["train"] * 200 + ["test"] * 40)

    (fold,) = FOLDS(samples, 1, 0)

    check(samples, [fold])
    assert len(fold.valid) == 20


def test_several_folds_of_an_official_split_are_refused():
    with pytest.raises(
        ConfigError, match=r"folds: 5, but demo is published with a split into training and test set"
    ) as caught:
        FOLDS(samples_of([0, 1] * 10, parts=["train"] * 10 + ["test"] * 10), 5, 0)
    assert caught.value.error_id == "E-SPLIT-OFFICIAL"
    assert "folds: 1" in caught.value.hint


@pytest.mark.parametrize(("first", "second"), [("train", "test"), ("valid", "test"), ("train", "valid")])
def test_a_group_in_two_parts_of_an_official_split_is_refused_with_examples(first, second):
    parts = np.array(["train", "valid", "test"] * 20)
    groups = np.array([f"{part} {i}" for i, part in enumerate(parts)])
    for i in range(5):
        groups[np.flatnonzero(parts == first)[i]] = groups[np.flatnonzero(parts == second)[i]] = f"p{i}"

    with pytest.raises(
        DataError, match=f"5 groups are in both {first} and {second}, such as 'p0', 'p1', 'p2'"
    ) as caught:
        FOLDS(samples_of([0, 1] * 30, groups, parts), 1, 0)
    assert caught.value.error_id == "E-SPLIT-GROUP"


@pytest.mark.parametrize("parts", [["train"] * 20, ["test"] * 20, ["train"] * 10 + ["Test"] * 10])
def test_a_split_without_train_and_test_is_refused(parts):
    with pytest.raises(DataError, match="expected train, test") as caught:
        FOLDS(samples_of([0, 1] * 10, parts=parts), 1, 0)
    assert caught.value.error_id == "E-SPLIT-PARTS"


def test_a_class_missing_from_the_training_set_is_refused():
    with pytest.raises(DataError, match="the training set has no sample of 'class 2'") as caught:
        FOLDS(samples_of([0, 1] * 10 + [2] * 5, parts=["train"] * 20 + ["test"] * 5), 1, 0)
    assert caught.value.error_id == "E-SPLIT-CLASS"


@pytest.mark.parametrize("groups", [None, list("abcdef")])
def test_a_training_set_too_small_for_a_validation_set_is_refused(groups):
    with pytest.raises(DataError, match="none for the validation set") as caught:
        FOLDS(samples_of([0, 1, 2] * 2, groups, ["train"] * 3 + ["test"] * 3), 1, 0)
    assert caught.value.error_id == "E-SPLIT-CLASS"


def test_published_folds_are_test_sets_in_turn():
    """As in ESC-50; the validation set is a subset of the other folds."""
    parts = np.array(["fold 2", "fold 1", "fold 3"] * 20)
    samples = samples_of([0, 1, 1, 0] * 15, parts=parts)

    folds = FOLDS(samples, 3, 0)

    check(samples, folds)
    for name, fold in zip(["fold 1", "fold 2", "fold 3"], folds, strict=True):
        np.testing.assert_array_equal(fold.test, np.flatnonzero(parts == name))
        assert len(fold.valid) == 4  # an eighth of 20, in each class


def test_published_folds_equal_to_groups_leave_one_group_out():
    """The validation set is a whole group too, such as a speaker."""
    speakers = np.array(list("abcd") * 20)
    samples = samples_of(np.arange(80) // 4 % 2, speakers, speakers)

    folds = FOLDS(samples, 4, 0)

    check(samples, folds)
    for name, fold in zip("abcd", folds, strict=True):
        assert set(speakers[fold.test]) == {name}
        assert len(set(speakers[fold.valid])) == 1


def test_a_number_of_folds_other_than_the_published_one_is_refused():
    with pytest.raises(ConfigError, match="demo is published with 2 folds") as caught:
        FOLDS(samples_of([0, 1] * 10, parts=["a"] * 10 + ["b"] * 10), 5, 0)
    assert "folds: 2" in caught.value.hint


def test_a_group_in_two_published_folds_is_refused():
    groups = np.arange(40).astype(str)
    groups[[3, 33]] = "p"
    with pytest.raises(DataError, match="1 groups are in both train and test, such as 'p'"):
        FOLDS(samples_of([0, 1] * 20, groups, ["a"] * 20 + ["b"] * 20), 2, 0)


def test_a_single_published_fold_is_refused():
    with pytest.raises(DataError, match="one fold only"):
        FOLDS(samples_of([0, 1] * 10, parts=["a"] * 20), 1, 0)
