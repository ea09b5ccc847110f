"""Samples, trials and tasks."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.core import HIDDEN, About, Card, Samples, Task, Trial, about, learner, parameters, source, summary
from visiontk.errors import ConfigError, DataError, VisiontkError
from visiontk.testing import tiny_images, tiny_task


@given(st.lists(st.integers(0, 19), max_size=30), st.integers(1, 9))
def test_a_subset_of_a_subset_takes_the_same_inputs(index: list[int], size: int) -> None:
    """Views compose, in any order and with repetition."""
    samples = tiny_images(20)
    unique = list(dict.fromkeys(index))
    part = samples.subset(unique)

    inputs = part.take(np.arange(len(part)))

    assert np.array_equal(inputs, samples.take(unique))
    assert np.array_equal(inputs, np.concatenate([*part.batches(size), inputs[:0]]))
    assert part.ids.tolist() == samples.ids[unique].tolist()


def test_a_subset_copies_no_inputs() -> None:
    """A split is a view with the same reading function."""
    samples = tiny_images(20)

    assert samples.subset([1, 2]).read is samples.read or samples.subset([1, 2]).read == samples.read


def test_blind_samples_hide_targets_only() -> None:
    """Predict gets inputs only."""
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


def test_a_trial_key_changes_with_every_field() -> None:
    """Two trials with one key would overwrite each other."""
    trial = Trial("t", 1, "d", "l", "f", "v", parameters={"a": 1})
    changes = {
        "task": "u", "task_version": 2, "dataset": "e", "learner": "m", "fingerprint": "g", "version": "w",
        "dataset_parameters": {"size": 3}, "parameters": {"a": 2}, "fold": 1, "n_folds": 2, "seed": 1,
        "max_train": 5, "budget_s": 1.0, "threads": 2, "test": False, "draw": 1, "packages": {"p": "1"},
    }  # fmt: skip

    keys = {dataclasses.replace(trial, **{name: value}).key for name, value in changes.items()}

    assert set(changes) == {field.name for field in dataclasses.fields(Trial)}
    assert len(keys | {trial.key}) == len(changes) + 1


def test_a_trial_key_does_not_depend_on_the_path_of_the_data() -> None:
    """A run directory may be moved together with its data."""
    here, there = (Trial("t", 1, "d", "l", "f", "v", dataset_parameters={"path": p, "size": 3}) for p in "ab")

    assert here.key == there.key


def test_no_parameter_of_a_dataset_has_the_name_name() -> None:
    """In a config, name is the name of the dataset."""
    with pytest.raises(ConfigError, match="parameter called name"):
        dataclasses.replace(tiny_task(), datasets={"synthetic": lambda name="a": tiny_images()})


def test_defaults_and_reference_of_a_task_are_its_learners() -> None:
    """A misspelt one is an error of the constructor."""
    with pytest.raises(ConfigError, match="Did you mean 'centroid'"):
        dataclasses.replace(tiny_task(), reference="centroidd")
    with pytest.raises(ConfigError, match="defaults"):
        dataclasses.replace(tiny_task(), defaults=("nobody",))


def test_a_task_has_at_most_ten_fields() -> None:
    """An eleventh probably belongs to a learner, to the data or to the harness."""
    assert len(dataclasses.fields(Task)) <= 10


def test_properties_of_a_learner_are_read_from_its_function() -> None:
    """So lists and reports need no framework."""

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


def test_a_learner_without_family_or_default_is_refused() -> None:
    """The message says what is missing."""
    with pytest.raises(TypeError, match="decorate it"):
        about(lambda: None)
    with pytest.raises(TypeError, match="without a default: depth"):
        parameters(lambda depth: None)


def test_errors_keep_their_hint_and_id_between_processes() -> None:
    """Errors of workers reach the driver."""
    import pickle

    error = pickle.loads(pickle.dumps(DataError("m", error_id="E-X", hint="h")))

    assert (type(error), str(error), error.error_id, error.hint) == (DataError, "m", "E-X", "h")
    assert isinstance(error, VisiontkError)


def test_synthetic_data_are_marked() -> None:
    assert tiny_images(3).card.synthetic
    assert not Card("a", "b", origin="public").synthetic


def test_ids_of_arrays_default_to_positions() -> None:
    assert Samples.from_arrays(np.zeros((2, 1)), [0, 0], ("a",), Card("c", "f")).ids.tolist() == ["0", "1"]
