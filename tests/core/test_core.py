"""Samples, trials and tasks."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.core import (
    HIDDEN,
    About,
    Card,
    Samples,
    Shuffle,
    Task,
    Trial,
    Votes,
    about,
    learner,
    parameters,
    source,
    summary,
)
from visiontk.errors import ConfigError, DataError, VisiontkError
from visiontk.testing import tiny_images, tiny_task


@given(st.lists(st.integers(0, 19), max_size=30), st.integers(1, 9))
def test_a_subset_of_a_subset_takes_the_same_inputs(index: list[int], size: int) -> None:
    """Views can be nested, in any order and with repetition."""
    samples = tiny_images(20)
    unique = list(dict.fromkeys(index))
    subset = samples.subset(unique)

    inputs = subset.take(np.arange(len(subset)))

    assert np.array_equal(inputs, samples.take(unique))
    assert np.array_equal(inputs, np.concatenate([*subset.batches(size), inputs[:0]]))
    assert subset.ids.tolist() == samples.ids[unique].tolist()


def test_a_subset_copies_no_inputs() -> None:
    """A split is a view with the same reading function."""
    samples = tiny_images(20)

    assert samples.subset([1, 2]).read is samples.read or samples.subset([1, 2]).read == samples.read


def test_blind_samples_hide_targets_only() -> None:
    """`predict` receives inputs only."""
    samples = tiny_images(6)

    blind = samples.blind()

    assert (blind.y == HIDDEN).all()
    assert np.array_equal(blind.take([3]), samples.take([3]))
    assert blind.counts().sum() == 0


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"ids": np.array(["a", "a", "b"])}, "id 'a' occurs 2 times"),
        ({"y": np.array([0, 1])}, "3 ids but 2 y"),
        ({"y": np.array([0, 1, 3])}, "targets reach from 0 to 3"),
        ({"groups": np.array(["g"])}, "3 ids but 1 groups"),
    ],
)
def test_inconsistent_samples_are_refused(change: dict[str, object], text: str) -> None:
    """Lengths, ids and targets are validated in the constructor."""
    with pytest.raises(DataError, match=text):
        dataclasses.replace(tiny_images(3), **change)


def test_every_field_of_a_trial_changes_its_key() -> None:
    """Two trials with one key would overwrite each other."""
    trial = Trial("t", 1, "d", "l", "f", "v", parameters={"a": 1})
    changes = {
        "task": "u", "task_version": 2, "dataset": "e", "learner": "m", "fingerprint": "g", "version": "w",
        "dataset_parameters": {"size": 3}, "parameters": {"a": 2}, "fold": 1, "n_folds": 2, "seed": 1,
        "max_train": 5, "budget_s": 1.0, "threads": 2, "asks": ("valid",), "study": "depth", "draw": 1,
        "packages": {"p": "1"}, "shuffle": Shuffle(),
    }  # fmt: skip

    keys = {dataclasses.replace(trial, **{name: value}).key for name, value in changes.items()}

    assert set(changes) == {field.name for field in dataclasses.fields(Trial)}
    assert len(keys | {trial.key}) == len(changes) + 1


def test_a_trial_key_does_not_depend_on_the_path_of_the_data() -> None:
    """A run directory may be moved together with its data."""
    here, there = (Trial("t", 1, "d", "l", "f", "v", dataset_parameters={"path": p, "size": 3}) for p in "ab")

    assert here.key == there.key


def test_a_dataset_parameter_called_name_is_refused() -> None:
    """In a config, `name` is the name of the dataset."""
    with pytest.raises(ConfigError, match="parameter called name"):
        dataclasses.replace(tiny_task(), datasets={"synthetic": lambda name="a": tiny_images()})


def test_defaults_and_reference_of_a_task_must_be_its_learners() -> None:
    """The constructor validates them."""
    with pytest.raises(ConfigError, match="Did you mean 'centroid'"):
        dataclasses.replace(tiny_task(), reference="centroidd")
    with pytest.raises(ConfigError, match="defaults"):
        dataclasses.replace(tiny_task(), defaults=("unknown",))


def test_a_task_has_at_most_ten_fields() -> None:
    """Another field probably belongs to a learner, the data or the harness."""
    assert len(dataclasses.fields(Task)) <= 10


def test_properties_of_a_learner_are_read_from_its_factory() -> None:
    """Lists and reports need no framework to show them."""

    @learner(About("classical", probabilities=False))
    def thing(depth: int = 3) -> None:
        """Does a thing [1]_.

        References
        ----------
        .. [1] Author (2001), A title,
           a journal.
        .. [2] Another.
        """

    assert about(thing).probabilities is False
    assert parameters(thing) == {"depth": 3}
    assert summary(thing) == "Does a thing."
    assert source(thing) == "Author (2001), A title, a journal."


def test_a_learner_without_family_or_defaults_is_refused() -> None:
    """The message names the missing property."""
    with pytest.raises(TypeError, match="decorate it"):
        about(lambda: None)
    with pytest.raises(TypeError, match="without a default: depth"):
        parameters(lambda depth: None)


def test_errors_preserve_hint_and_id_when_pickled() -> None:
    """Workers send their errors to the driver."""
    import pickle

    error = pickle.loads(pickle.dumps(DataError("m", error_id="E-X", hint="h")))

    assert (type(error), error.message, error.error_id, error.hint) == (DataError, "m", "E-X", "h")
    assert isinstance(error, VisiontkError)


def test_synthetic_data_are_marked() -> None:
    assert tiny_images(3).card.synthetic
    assert not Card("a", "b", origin="public").synthetic


def test_ids_of_arrays_default_to_positions() -> None:
    assert Samples.from_arrays(np.zeros((2, 1)), [0, 0], ("a",), Card("c", "f")).ids.tolist() == ["0", "1"]


def test_votes_follow_their_samples_and_learners_do_not_see_them() -> None:
    """A subset has those of its samples; blind samples have none."""
    counts = np.array([[2, 1, 0], [0, 3, 0], [1, 1, 1]])
    samples = dataclasses.replace(tiny_images(3), votes=Votes(counts[:, : tiny_images(3).n_classes], "majority"))

    part = samples.subset([2, 0])

    assert part.votes is not None
    assert part.votes.counts.tolist() == counts[[2, 0], : samples.n_classes].tolist()
    assert samples.blind().votes is None


@pytest.mark.parametrize(
    ("counts", "rule", "text"),
    [
        (np.ones((2, 9), int), {}, r"votes have the shape \(2, 9\); expected 3 samples"),
        (-np.ones((3, 2), int), {}, "Votes are whole numbers of at least 0"),
        (np.ones((3, 2)), {}, "Votes are whole numbers of at least 0"),
        (np.ones(3, int), {}, "Votes are whole numbers of at least 0"),
        (np.ones((3, 2), int), {"rule": "mean"}, "majority or single"),
        (np.ones((3, 2), int), {"least": 0}, "least at least 1"),
        (np.ones((3, 2), int), {"share": 1.0}, "share from 0 to below 1"),
        (np.ones((3, 2), int), {"share": float("nan")}, "share from 0 to below 1"),
    ],
)
def test_inconsistent_votes_are_refused(counts: np.ndarray, rule: dict[str, Any], text: str) -> None:
    with pytest.raises(DataError, match=text):
        dataclasses.replace(tiny_images(3), votes=Votes(**{"counts": counts, "rule": "majority", **rule}))
