"""Execution of one trial."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from visiontk.core import Fold, Samples, Shuffle, Task, Trial, shuffled_labels
from visiontk.errors import DataError
from visiontk.harness.run import run
from visiontk.harness.store import RunDirectory
from visiontk.harness.threads import THREAD_VARIABLES, pinned_threads
from visiontk.registry import get_task
from visiontk.testing import tiny_images, tiny_task

MakeTrial = Callable[..., Trial]


def test_a_trial_is_reproducible(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    one, other = (run(trial(seed=3), workdir=tmp_path / name).predictions for name in "ab")

    assert all(np.array_equal(x, y) for x, y in zip(one, other, strict=True))


def test_another_seed_gives_other_predictions(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """The test above can fail."""
    one, other = (run(trial(seed=seed), workdir=tmp_path).predictions.scores for seed in (0, 1))

    assert not np.array_equal(one, other)


def test_predictions_are_in_the_order_of_their_fold(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """With ids and targets."""
    samples = tiny_images()
    fold = task.folds(samples, 1, 0)[0]

    result = run(trial(), workdir=tmp_path).predictions

    assert result.ids.tolist() == samples.ids[fold.test].tolist()
    assert result.y_true.tolist() == samples.y[fold.test].tolist()
    assert result.valid_ids.tolist() == samples.ids[fold.valid].tolist()


def test_a_learner_that_predicts_sees_no_targets(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """The learner of the plugin raises if it does."""
    assert len(run(trial("peek"), workdir=tmp_path).predictions.scores)


def test_knowledge_from_before_is_stored_with_the_costs(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """And the size at which it sees images."""
    store = RunDirectory(tmp_path)

    store.commit(trial("know"), run(trial("know"), workdir=tmp_path / "work"))

    assert (store.cost(trial("know")).knew, store.cost(trial("know")).input_size) == ("ImageNet-1k", "224 x 224")


def test_data_that_changed_since_planning_are_an_error(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """The message has both fingerprints."""
    with pytest.raises(DataError, match=r"have changed .* \(fingerprint tiny-64-0-0, planned other\)") as caught:
        run(trial(fingerprint="other"), workdir=tmp_path)

    assert caught.value.error_id == "E-DATA-CHANGED"


def test_data_that_change_within_one_process_are_read_again(tmp_path: Path, trial: MakeTrial) -> None:
    """In a notebook, a folder may get more images between two comparisons."""
    size = 64

    def growing() -> Samples:
        return tiny_images(size)

    task = dataclasses.replace(tiny_task(), datasets={"synthetic": growing})
    one = trial(dataset_parameters={}, learner="prior", parameters={}, packages={})
    run(one, workdir=tmp_path, task=task)
    size = 70

    result = run(dataclasses.replace(one, fingerprint=tiny_images(70).card.fingerprint), workdir=tmp_path, task=task)

    assert len(result.predictions.ids) == len(task.folds(tiny_images(70), 1, 0)[0].test)


@pytest.mark.parametrize(
    ("what", "error_id", "text"),
    [
        ("shape", "E-SCORES-SHAPE", r"shape \(12, 2\), expected \(12, 3\)"),
        ("nan", "E-SCORES-NONFINITE", "non-finite scores for 1 of 12 samples"),
        ("huge", "E-SCORES-NONFINITE", "non-finite scores for 1 of 12 samples"),
        ("complex", "E-SCORES-TYPE", "complex128, expected real numbers"),
    ],
)
def test_invalid_scores_are_an_error(
    tmp_path: Path, task: Task, trial: MakeTrial, what: str, error_id: str, text: str
) -> None:
    """A wrong shape, NaN, numbers that overflow in storage, complex numbers."""
    with pytest.raises(DataError, match=text) as caught:
        run(trial(what), workdir=tmp_path)

    assert caught.value.error_id == error_id


def test_a_fit_without_a_report_is_an_error(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """With the expected type."""
    with pytest.raises(TypeError, match="fit returned a str, expected a FitReport"):
        run(trial("say nothing"), workdir=tmp_path)


def test_counts_may_be_numpy_numbers(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """Although they are not JSON values."""
    store, one = RunDirectory(tmp_path), trial("count with numpy")

    store.commit(one, run(one, workdir=tmp_path / "work"))

    assert store.cost(one).n_parameters == 7
    assert store.cost(one).size_bytes == 8


def test_threads_are_pinned_inside_and_restored_after(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment variables limit libraries loaded later, threadpoolctl the others."""
    monkeypatch.setenv(THREAD_VARIABLES[0], "5")
    monkeypatch.delenv(THREAD_VARIABLES[1], raising=False)
    before = [pool["num_threads"] for pool in threadpool_info()]

    with pinned_threads(1):
        assert all(os.environ[name] == "1" for name in THREAD_VARIABLES)
        assert all(pool["num_threads"] == 1 for pool in threadpool_info())

    assert os.environ[THREAD_VARIABLES[0]] == "5"
    assert THREAD_VARIABLES[1] not in os.environ
    assert [pool["num_threads"] for pool in threadpool_info()] == before


def test_threads_are_restored_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed fit does not slow down later ones."""
    monkeypatch.setenv(THREAD_VARIABLES[0], "5")

    with pytest.raises(RuntimeError), pinned_threads(1):
        raise RuntimeError

    assert os.environ[THREAD_VARIABLES[0]] == "5"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux only")
def test_the_peak_memory_is_that_of_this_trial(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """Including memory freed before its end, without that of earlier trials."""

    def peak(what: str, number: float = 0.0) -> int:
        result = run(trial(what, number=number), workdir=tmp_path).cost.peak_memory_bytes
        assert result is not None
        return result

    plain = peak("")
    large = peak("forget", 100e6)
    again = peak("")

    assert 90e6 < large - plain < 130e6
    assert again < plain + 20e6


def test_a_fit_over_its_budget_is_recorded(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """Even if the learner does not report it."""
    over, within = (run(trial("burn", number=0.2, budget_s=budget), workdir=tmp_path).cost for budget in (0.1, 60.0))

    assert over.cut_off
    assert over.fit_cpu_s > 0.19
    assert not within.cut_off


def test_single_samples_are_timed_separately(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """The cost per call counts once for a batch and for each single sample; a search measures neither."""
    cost = run(trial("prepare each time", number=0.05), workdir=tmp_path).cost
    searched = run(dataclasses.replace(trial(), asks=("valid",)), workdir=tmp_path).cost

    assert cost.predict_ms_alone is not None
    assert 50 <= cost.predict_ms_alone < 100
    assert cost.predict_ms_per_sample < 25
    assert searched.predict_ms_alone is None


def test_a_warning_is_recorded_once(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """For the report."""
    assert run(trial("warn"), workdir=tmp_path).cost.notes == ("UserWarning: take care",)


def test_shuffled_labels_are_those_of_all_parts_and_are_stored(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    """One permutation of all samples, of the folds of the true labels."""
    samples, shuffle = tiny_images(), Shuffle(seed=3)
    labels = dict(zip(samples.ids.tolist(), shuffled_labels(samples.y, shuffle).tolist(), strict=True))
    plain = run(trial(), workdir=tmp_path / "a").predictions

    result = run(trial(shuffle=shuffle), workdir=tmp_path / "b").predictions

    assert result.ids.tolist() == plain.ids.tolist()
    assert result.valid_ids.tolist() == plain.valid_ids.tolist()
    assert result.y_true.tolist() == [labels[name] for name in result.ids.tolist()]
    assert result.valid_y_true.tolist() == [labels[name] for name in result.valid_ids.tolist()]
    assert not np.array_equal(result.y_true, plain.y_true)
    assert not np.array_equal(result.scores, plain.scores)


def test_a_class_may_be_missing_from_a_training_set_of_shuffled_labels(tmp_path: Path) -> None:
    """The class with one group moves to the test set, and traditional learners give it no probability."""
    y = np.repeat([0, 1, 0, 1, 2], 12)
    samples = dataclasses.replace(tiny_images(60), y=y, groups=np.repeat(np.arange(5), 12).astype(str))
    fold = Fold(np.r_[0:24, 48:60], np.arange(24, 36), np.arange(36, 48))
    shuffle = next(
        each
        for seed in range(100)
        if 2 not in shuffled_labels(y, each := Shuffle(seed=seed, by="group"), samples.groups)[fold.train]
    )
    task = dataclasses.replace(
        get_task("image_classification"), name="few", datasets={"few": lambda: samples}, folds=lambda s, n, seed: [fold]
    )
    fitted = Trial("few", 1, "few", "hog_svm", samples.card.fingerprint, "0", shuffle=shuffle)

    scores = run(fitted, workdir=tmp_path, task=task).predictions.scores

    assert (scores.argmax(axis=1) != 2).all()


def test_a_history_is_part_of_the_outcome(tmp_path: Path, task: Task, trial: MakeTrial) -> None:
    (tmp_path / "history.csv").write_text("epoch\n1\n")

    assert run(trial(), workdir=tmp_path).history == "epoch\n1\n"
