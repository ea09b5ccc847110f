"""The primary comparison of a run, from the choice on each fold to sentence, table, page and terminal."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.api import Result
from visiontk.cli.print_result import print_result
from visiontk.core import Task
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.outcome import Cost, Outcome, Predictions
from visiontk.harness.store import RunDirectory
from visiontk.report.evidence.view import View
from visiontk.report.pages.single import render
from visiontk.report.results import compute_results
from visiontk.testing import tiny_task
from visiontk.testing.tiny import centroid, noisy_centroid, prior

TASK = dataclasses.replace(
    tiny_task(),
    learners={"svm": centroid, "knn": centroid, "bad": centroid, "net": noisy_centroid, "wide": noisy_centroid,
              "prior": prior},
)  # fmt: skip

Shares = Mapping[str, tuple[list[float], float]]
"""Of each learner: its accuracies on the validation sets, and that on every test set."""


def finished_run(path: Path, shares: Shares, task: Task = TASK, **settings: Any) -> RunDirectory:
    """Run these learners on as many folds as there are validation sets, and replace their predictions."""
    n_folds = len(next(iter(shares.values()))[0])
    learners: dict[str, dict[str, Any]] = {name: {} for name in shares}
    experiment = Experiment("tiny", "synthetic", learners, {"n": 300}, folds=n_folds, **settings)
    store = drive(prepare(experiment, task, version="0"), task, path, executor=Serial())
    for trial in store.trials():
        known, (valid, test) = store.predictions(trial), shares[trial.learner]
        rng = np.random.default_rng([list(TASK.learners).index(trial.learner), trial.fold, trial.seed])
        new = Predictions(
            known.ids, known.y_true, scores(known.y_true, test, rng),
            known.valid_ids, known.valid_y_true, scores(known.valid_y_true, valid[trial.fold], rng),
        )  # fmt: skip
        shutil.rmtree(store.folder(trial))
        store.commit(trial, Outcome(new, Cost(fit_cpu_s=2.0, fit_wall_s=2.0, predict_ms_per_sample=0.5)))
    return store


def scores(y: Any, share: float, rng: np.random.Generator) -> Any:
    wrong = rng.permutation(len(y)) >= round(share * len(y))
    return np.eye(3)[np.where(wrong, (y + 1) % 3, y)]


MIXED: Shares = {
    "svm": ([0.9, 0.9, 0.9, 0.5, 0.5], 0.75),
    "knn": ([0.6, 0.6, 0.6, 0.7, 0.7], 0.80),
    "net": ([0.9, 0.9, 0.9, 0.9, 0.6], 0.92),
    "wide": ([0.8, 0.8, 0.8, 0.8, 0.8], 0.97),
    "prior": ([0.3] * 5, 0.3),
}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return results where folds chose different learners of both families."""
    return dict(compute_results(finished_run(tmp_path_factory.mktemp("run") / "run", MIXED), TASK))


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_each_fold_chose_by_its_own_validation_set(mixed: dict[str, Any]) -> None:
    """The best learners on the test sets are chosen only where they are the best on the validation set."""
    headline = mixed["headlines"][0]

    assert headline["challenger_by_fold"] == ["net"] * 4 + ["wide"]
    assert headline["classical_by_fold"] == ["svm"] * 3 + ["knn"] * 2
    assert (headline["challenger"], headline["classical"]) == ("net", "svm")
    row = mixed["comparisons"][0]
    assert row["primary"]["learner_value"] == pytest.approx((4 * 0.92 + 0.97) / 5, abs=0.01)
    assert row["primary"]["reference_value"] == pytest.approx((3 * 0.75 + 2 * 0.80) / 5, abs=0.01)
    assert (row["difference"], row["low"], row["high"]) == tuple(headline[key] for key in ("difference", "low", "high"))


def test_names_and_counts_are_in_sentence_page_and_terminal(
    mixed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader knows who was chosen where."""
    sentence = mixed["headlines"][0]["sentence"]
    page = words(render(mixed, {}))  # type: ignore[arg-type]
    print_result(Result(Path("run"), mixed))  # type: ignore[arg-type]

    assert "the network chosen on each fold (net in 4 of 5 folds) is better than the traditional method chosen on" in (
        sentence
    )
    assert "each fold (svm in 3 of 5 folds) by" in sentence
    assert sentence in page
    assert "Best network: net in 4 of 5 folds, wide in 1." in page
    assert "Best traditional: svm in 3 of 5 folds, knn in 2." in page
    assert "best network compared with best traditional" in page
    assert "the network that does best on your validation data (mostly net)" in page
    assert "only best network right" in page
    assert "(net in 4 of 5 folds)" in " ".join(capsys.readouterr().out.split())


def test_the_page_names_the_confidence_of_every_interval(mixed: dict[str, Any]) -> None:
    """95 % of the primary one, 1 - 0.05/3 of the three others."""
    page = words(render(mixed, {}))  # type: ignore[arg-type]

    assert (
        "Bars: the difference with the interval that decides, at 95 % for the primary comparison, at 98.33 % for each "
        "of the 3 others, so that all 3 hold together with 95 %; the thin line is no difference" in page
    )
    assert [row["confidence"] for row in mixed["comparisons"][1:]] == [pytest.approx(1 - 0.05 / 3)] * 3
    assert (
        "net represents its family in 4 of 5 folds, as chosen on the validation set; on the test set, wide has the "
        "best value."
    ) in mixed["warnings"]
    assert mixed["signature"].count("primary comparison alone, 3 others by Bonferroni") == 1


def test_every_learner_is_compared_with_the_one_chosen_most_often(mixed: dict[str, Any]) -> None:
    """Its name is that of no mixture, and the reason says how often it was chosen."""
    assert [(row["learner"], row["reference"]) for row in mixed["comparisons"]] == [
        ("best network", "best traditional"), ("wide", "svm"), ("net", "svm"), ("knn", "svm")
    ]  # fmt: skip
    assert mixed["reference_reason"] == "best traditional learner on the validation sets in 3 of 5 folds"


def test_samples_on_which_the_two_disagree_are_those_of_the_choice_of_each_fold(mixed: dict[str, Any]) -> None:
    """Their counts give the difference of the headline."""
    counts, headline = mixed["disagreement"], mixed["headlines"][0]

    assert (counts["only_challenger"] - counts["only_classical"]) / counts["n"] == pytest.approx(headline["difference"])


NUMBERS = ("verdict", "difference", "low", "high", "p_value", "reason", "second_opinion", "error_ratio")


def test_the_headline_does_not_depend_on_a_bad_baseline(tmp_path: Path) -> None:
    """Under Holm's correction the same numbers were "better" in one run and "undecided" in another."""
    pair: Shares = {"svm": ([0.8], 0.80), "net": ([0.9], 0.90)}
    more = {**pair, "bad": ([0.4], 0.4), "wide": ([0.5], 0.85), "knn": ([0.5], 0.5), "prior": ([0.3], 0.3)}

    few, many = (
        compute_results(finished_run(tmp_path / str(len(shares)), shares), TASK) for shares in (pair, more)
    )  # fmt: skip

    assert {key: few["headlines"][0][key] for key in NUMBERS} == {key: many["headlines"][0][key] for key in NUMBERS}  # type: ignore[literal-required]
    assert few["comparisons"] == many["comparisons"][:1]
    assert (few["margin"], few["margin_reason"]) == (many["margin"], many["margin_reason"])
    assert [row["n_comparisons"] for row in many["comparisons"]] == [1, 3, 3, 3]


def test_a_named_reference_takes_the_place_of_the_choice_of_its_family(tmp_path: Path) -> None:
    """Also if it is the worst; a network turns the comparison, and the headline stays network minus traditional."""
    of_svm, of_wide = (
        compute_results(finished_run(tmp_path / name, MIXED, reference=name), TASK) for name in ("svm", "wide")
    )

    assert of_svm["headlines"][0]["classical_by_fold"] == ["svm"] * 5
    assert of_svm["headlines"][0]["challenger_by_fold"] == ["net"] * 4 + ["wide"]
    assert (of_svm["comparisons"][0]["learner"], of_svm["comparisons"][0]["reference"]) == ("best network", "svm")
    assert of_wide["headlines"][0]["challenger_by_fold"] == ["wide"] * 5
    assert of_wide["headlines"][0]["classical_by_fold"] == ["svm"] * 3 + ["knn"] * 2
    row = of_wide["comparisons"][0]
    assert (row["learner"], row["reference"], row["verdict"]) == ("best traditional", "wide", "worse")
    assert of_wide["headlines"][0]["verdict"] == "better"
    assert of_wide["headlines"][0]["difference"] == -row["difference"]  # type: ignore[operator]
    assert (
        "wide is better than the traditional method chosen on each fold (svm in 3 of 5 folds) by"
        in (of_wide["headlines"][0]["sentence"])
    )


def test_a_view_chooses_again_by_its_metric(tmp_path: Path) -> None:
    """As a comparison planned with that metric would have; the warning of a view stays."""
    store = finished_run(tmp_path / "run", MIXED)

    view = compute_results(store, TASK, view=View(metric="balanced_accuracy"))

    assert view["comparisons"][0]["metric"] == "balanced_accuracy"
    assert view["comparisons"][0]["primary"] is not None
    assert len(view["headlines"][0]["challenger_by_fold"] or []) == 5
    assert "metric or unit chosen after the run" in view["signature"]


@pytest.mark.parametrize(("n_groups", "verdict"), [(1, "invalid"), (2, "invalid"), (3, "better")])
def test_few_groups_of_a_class_are_in_sentence_and_warning(tmp_path: Path, n_groups: int, verdict: str) -> None:
    """However many samples they hold."""
    store = finished_run(tmp_path / "run", {"svm": ([0.5], 0.3), "net": ([0.9], 1.0)})
    known = store.predictions(store.trials()[0])
    who = [f"d{i % n_groups}" if y == 2 else f"p{i % 20}" for i, y in enumerate(known.y_true)]
    rows = "".join(f"{name},{person}\n" for name, person in zip(known.ids, who, strict=True))
    (tmp_path / "people.csv").write_text(f"id,who\n{rows}")
    view = View(metric="balanced_accuracy", group=f"{tmp_path / 'people.csv'}:who")

    value = compute_results(store, TASK, view=view)

    assert value["dataset"]["test_units"][2] == n_groups
    assert value["headlines"][0]["verdict"] == verdict
    (warning,) = [text for text in value["warnings"] if text.startswith("Class ")]
    groups = f"{n_groups} test group{'s' * (n_groups > 1)}"
    if verdict == "invalid":
        assert value["headlines"][0]["sentence"] == (
            f"On synthetic data, no verdict on net and svm: the test set has {n_groups} group{'s' * (n_groups > 1)} of "
            "class disc, too few for an interval of balanced accuracy, which takes 3 of each class."
        )
        assert warning == f"Class disc has {groups}: too few for an interval of balanced accuracy."
    else:
        assert warning.startswith(
            f"Class disc has {groups}: little follows from so few, so intervals of balanced accuracy"
        )
