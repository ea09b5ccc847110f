from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.core import Shuffle, Trial, shuffled_labels

labels = st.lists(st.integers(0, 4), max_size=60).map(lambda y: np.array(y, dtype=np.int64))
seeds, shares = st.integers(0, 2**31), st.floats(0.01, 1)
ten_groups = st.lists(st.integers(0, 9), min_size=60, max_size=60)


@given(labels, ten_groups, seeds, shares, st.sampled_from(["sample", "group"]))
def test_every_class_keeps_its_number_of_samples(y, groups, seed, share, by) -> None:
    before, groups = y.copy(), np.array(groups[: len(y)]).astype(str)

    shuffled = shuffled_labels(y, Shuffle(share, seed, by), groups)

    assert np.array_equal(np.bincount(shuffled, minlength=5), np.bincount(y, minlength=5))
    assert np.array_equal(y, before)
    assert shuffled.dtype == np.int64
    assert np.array_equal(shuffled, shuffled_labels(y, Shuffle(share, seed, by), groups))


@given(st.integers(1, 200), seeds, shares)
def test_only_the_share_of_the_samples_takes_part(n, seed, share) -> None:
    """Every label is another one here, so that each one that moved shows."""
    y = np.arange(n)

    moved = (shuffled_labels(y, Shuffle(share, seed)) != y).sum()

    assert moved <= round(share * n)


@given(st.integers(1, 30), st.integers(1, 8), seeds, shares)
def test_groups_of_one_size_receive_the_labels_of_one_group(n_groups, size, seed, share) -> None:
    """Whole, whatever the order of their samples; only the share of the groups takes part."""
    rng = np.random.default_rng(seed)
    of_group = np.sort(rng.integers(0, 3, (n_groups, size)))
    order = rng.permutation(n_groups * size)
    groups, y = np.repeat(np.arange(n_groups), size)[order].astype(str), of_group.ravel()[order]

    shuffled = shuffled_labels(y, Shuffle(share, seed, "group"), groups)

    received = [sorted(shuffled[groups == str(i)].tolist()) for i in range(n_groups)]
    assert sorted(received) == sorted(of_group.tolist())
    moved = sum(got != own for got, own in zip(received, of_group.tolist(), strict=True))
    assert moved <= round(share * n_groups)


def test_groups_with_the_same_labels_in_the_same_order_are_shuffled_within() -> None:
    """As of speakers who all say the digits from 0 to 9: otherwise the labels would remain the true ones."""
    y, groups = np.tile(np.repeat(np.arange(10), 5), 6), np.repeat(list("abcdef"), 50)

    shuffled = shuffled_labels(y, Shuffle(by="group"), groups)

    assert (shuffled == y).mean() < 0.2


@pytest.mark.parametrize("by", ["sample", "group"])
def test_shuffled_labels_agree_with_the_true_ones_as_often_as_by_chance(by) -> None:
    y = np.tile([0, 0, 1, 1], 500)
    groups = (np.arange(2000) // 2).astype(str)

    agree = [(shuffled_labels(y, Shuffle(seed=seed, by=by), groups) == y).mean() for seed in range(50)]

    assert np.mean(agree) == pytest.approx(0.5, abs=0.01)
    assert len(set(agree)) > 10


@pytest.mark.parametrize("values", [{"share": 0}, {"share": 1.1}, {"share": np.nan}, {"seed": -1}, {"by": "fold"}])
def test_values_out_of_range_are_refused(values) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(values))} is .*; got"):
        Shuffle(**values)


def test_without_groups_nothing_is_shuffled_by_group() -> None:
    with pytest.raises(ValueError, match="have no groups"):
        shuffled_labels(np.array([0, 1]), Shuffle(by="group"))


def test_a_trial_on_shuffled_labels_returns_from_json() -> None:
    trial = Trial("t", 1, "d", "l", "f", "v", shuffle=Shuffle(0.5, 3, "group"))

    assert '"shuffle":{"by":"group","seed":3,"share":0.5}' in trial.to_json()
    assert Trial.from_json(trial.to_json()) == trial
    assert trial.name == "l seed 0, shuffled labels"
