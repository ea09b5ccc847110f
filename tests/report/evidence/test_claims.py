"""A claim counts as stated beforehand only if it, and all that it depends on, stood before the test set was read."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from visiontk.core import Task
from visiontk.errors import ConfigError
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.store import RunDirectory
from visiontk.metrics import balanced_accuracy, log_loss
from visiontk.report.evidence.view import View
from visiontk.report.results import compute_results
from visiontk.report.values import ClaimAnswer
from visiontk.testing import tiny_task

CLAIM = "network > traditional by 2"
BEFORE, AFTER = "stated before the test set was read", "stated after the test set was read"


def task() -> Task:
    tiny = tiny_task()
    more = {"balanced_accuracy": balanced_accuracy, "log_loss": log_loss}
    return dataclasses.replace(tiny, metrics={**tiny.metrics, **more})


def run(path: Path, **change: Any) -> RunDirectory:
    learners = {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 300.0}}
    experiment = Experiment("tiny", "synthetic", learners, folds=1, claim=CLAIM)
    prepared = prepare(dataclasses.replace(experiment, **change), task(), version="0.1.0")
    return drive(prepared, task(), path, executor=Serial())


def answer(store: RunDirectory, **view: Any) -> ClaimAnswer | None:
    return compute_results(store, task(), view=View(**view))["claim"]


def stated(store: RunDirectory, **view: Any) -> tuple[str, bool]:
    result = answer(store, **view)
    assert result is not None
    return result["stated"], result["exploratory"]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("claims") / "planned").path


@pytest.fixture
def store(planned: Path, tmp_path: Path) -> RunDirectory:
    """A copy of a run with a claim that was stated beforehand."""
    return RunDirectory(Path(shutil.copytree(planned, tmp_path / "run")))


def test_a_claim_of_the_first_run_is_stated_beforehand(store: RunDirectory) -> None:
    results = compute_results(store, task())

    assert results["claim"] is not None
    assert results["claim"]["text"] == CLAIM
    assert (results["claim"]["stated"], results["claim"]["exploratory"]) == (BEFORE, False)
    assert not results["claim"]["sentence"].startswith("Exploratory")
    assert not any("claim" in warning for warning in results["warnings"])
    assert f"claim {BEFORE}: {CLAIM}" in results["signature"]


def test_without_a_claim_there_is_no_answer(tmp_path: Path) -> None:
    assert answer(run(tmp_path, claim="")) is None


def test_the_same_command_again_changes_nothing(store: RunDirectory) -> None:
    run(store.path)

    assert stated(store) == (BEFORE, False)


@pytest.mark.parametrize("claim", ["network > traditional", "network >= traditional within 2", "centroid > prior by 2"])
def test_a_claim_that_is_changed_on_resume_is_exploratory(store: RunDirectory, claim: str) -> None:
    run(store.path, claim=claim)
    results = compute_results(store, task())

    assert stated(store) == (AFTER, True)
    assert results["claim"] is not None
    assert results["claim"]["sentence"].startswith("Exploratory: the claim that ")
    assert any(warning.startswith(f"The claim was {AFTER}, so that its") for warning in results["warnings"])
    assert f"claim {AFTER}" in results["signature"]


def test_a_claim_that_is_added_on_resume_is_exploratory(tmp_path: Path) -> None:
    run(tmp_path, claim="")
    run(tmp_path)

    assert stated(RunDirectory(tmp_path)) == (AFTER, True)


def test_a_claim_that_is_taken_up_again_was_stated_beforehand(store: RunDirectory) -> None:
    run(store.path, claim="network > traditional")
    run(store.path)

    assert stated(store) == (BEFORE, False)


def test_more_seeds_after_a_look_at_the_answer_make_it_exploratory(store: RunDirectory) -> None:
    run(store.path, seeds=(0, 1))

    assert stated(store) == (f"{BEFORE}, but settings were changed afterwards: seeds", True)


def test_threads_and_margin_do_not_matter_to_a_claim(store: RunDirectory) -> None:
    run(store.path, margin=0.05, threads=2)

    assert stated(store) == (BEFORE, False)


@pytest.mark.parametrize("damage", ["", "[1", "- 1"])
def test_without_the_planned_settings_nothing_counts_as_stated_beforehand(store: RunDirectory, damage: str) -> None:
    (store.path / "planned.yaml").write_text(damage)

    assert stated(store) == (AFTER, True)


def test_a_claim_of_a_report_is_exploratory(store: RunDirectory) -> None:
    assert stated(store, claim="network > traditional by 3") == (AFTER, True)


def test_the_claim_of_the_run_in_other_words_stays_that_of_the_run(store: RunDirectory) -> None:
    assert stated(store, claim="TRADITIONAL < network by 2.0 points") == (BEFORE, False)


def test_a_claim_has_no_answer_under_another_metric(store: RunDirectory) -> None:
    """It is stated anew, in the unit of that metric."""
    assert answer(store, metric="log_loss") is None
    assert stated(store, metric="balanced_accuracy", claim=CLAIM)[1]
    again = answer(store, metric="log_loss", claim="network > traditional by 2")
    assert again is not None
    assert (again["metric"], again["bound"], again["exploratory"]) == ("log_loss", 2.0, True)


def test_another_unit_of_independence_makes_a_claim_exploratory(store: RunDirectory) -> None:
    assert stated(store, group="fold") == (f"{BEFORE}, but what is compared was changed afterwards", True)


def test_a_claim_of_a_report_that_cannot_be_tested_is_refused(store: RunDirectory) -> None:
    with pytest.raises(ConfigError, match="--claim: 'network > svm': 'svm' is not compared"):
        answer(store, claim="network > svm")
