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
    noisy = tiny.learners["noisy_centroid"]
    return dataclasses.replace(
        tiny, metrics={**tiny.metrics, **more}, learners={**tiny.learners, "noisier_centroid": noisy}
    )


def run(path: Path, **change: Any) -> RunDirectory:
    learners = {name: {} for name in ("prior", "centroid")} | {
        "noisy_centroid": {"noise": 100.0}, "noisier_centroid": {"noise": 1000.0},
    }  # fmt: skip
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


def compared(store: RunDirectory, **view: Any) -> tuple[str, str, list[str]]:
    """Return the learner, the reference and the named ones of the primary comparison."""
    row = next(row for row in compute_results(store, task(), view=View(**view))["comparisons"] if row["primary"])
    return row["learner"], row["reference"], row["primary"]["requested"] if row["primary"] else []


CHOSEN = ("noisy_centroid", "centroid", [])
"""The primary comparison of a run whose claim names no learner."""


def test_a_claim_about_both_families_has_the_interval_of_the_primary_comparison(store: RunDirectory) -> None:
    results = compute_results(store, task())
    primary, claim = next(row for row in results["comparisons"] if row["primary"]), results["claim"]

    assert claim is not None
    assert compared(store) == CHOSEN
    assert [primary[key] for key in ("learner", "reference", "difference", "low", "high", "confidence")] == [
        claim[key] for key in ("learner", "reference", "difference", "low", "high", "confidence")
    ]


@pytest.mark.parametrize(
    ("claim", "learner", "reference", "named"),
    [
        ("noisier_centroid > noisy_centroid", "noisier_centroid", "noisy_centroid", 2),
        ("noisier_centroid = centroid within 2", "noisier_centroid", "centroid", 2),
        ("centroid > noisier_centroid by 2", "noisier_centroid", "centroid", 2),
        ("noisier_centroid > traditional", "noisier_centroid", "centroid", 1),
        ("traditional >= noisier_centroid within 2", "noisier_centroid", "centroid", 1),
        ("centroid > network", "noisy_centroid", "centroid", 1),
    ],
)
def test_a_claim_made_beforehand_about_learners_is_the_primary_comparison(
    tmp_path: Path, claim: str, learner: str, reference: str, named: int
) -> None:
    results = compute_results(run(tmp_path, claim=claim), task())
    row, answer = results["comparisons"][0], results["claim"]
    headline = results["headlines"][0]

    assert answer is not None
    assert row["primary"] is not None
    assert (row["learner"], row["reference"], len(row["primary"]["requested"])) == (learner, reference, named)
    assert (row["confidence"], row["n_comparisons"]) == (0.95, 1)
    sign = 1 if answer["learner"] == learner else -1
    assert sorted(sign * (answer[end] or 0) for end in ("low", "high")) == [row["low"], row["high"]]
    assert (headline["challenger"], headline["classical"]) == (learner, reference)
    assert results["reference"] == reference
    assert (results["pair"] is not None) == (named == 2)
    for name in row["primary"]["requested"]:
        assert f"best network, {name}" not in headline["sentence"]
        assert f"traditional method, {name}" not in headline["sentence"]


@pytest.mark.parametrize("claim", ["centroid > prior by 10", "network > prior by 10", "prior = traditional within 2"])
def test_a_claim_about_a_floor_leaves_the_primary_comparison_as_it_is(tmp_path: Path, claim: str) -> None:
    store = run(tmp_path, claim=claim)

    assert compared(store) == CHOSEN
    assert stated(store) == (BEFORE, False)


def test_a_claim_made_afterwards_never_changes_the_primary_comparison(store: RunDirectory) -> None:
    late = "noisier_centroid > noisy_centroid"

    assert compared(store, claim=late) == CHOSEN
    run(store.path, claim=late)

    assert compared(store) == CHOSEN


def test_the_primary_comparison_of_the_first_claim_stays(tmp_path: Path) -> None:
    """Also when the claim is changed or taken back, or another metric is looked at."""
    store = run(tmp_path, claim="noisier_centroid > noisy_centroid by 2 points")
    before = compared(store)

    for claim in ("network > traditional", ""):
        run(tmp_path, claim=claim)

        assert compared(store) == compared(store, metric="log_loss") == before


def test_a_requested_reference_takes_the_place_of_its_family_in_a_claim(tmp_path: Path) -> None:
    store = run(tmp_path, reference="noisier_centroid")

    result = answer(store)

    assert result is not None
    assert (result["learner"], result["reference"]) == ("noisier_centroid", "centroid")


def test_a_learner_without_finished_trials_leaves_a_claim_without_an_answer(store: RunDirectory) -> None:
    trial = next(trial for trial in store.trials() if trial.learner == "centroid")
    shutil.rmtree(store.folder(trial))

    result = answer(store)

    assert result is not None
    assert (result["answer"], result["difference"], result["learner"]) == ("not shown", None, None)
    assert result["sentence"] == (
        "The claim that network is better than traditional by more than 2 points of accuracy has no answer: "
        "the best traditional method is not known."
    )
