"""Runs in which a pretrained learner takes part: two questions, each with an answer of its own."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.api import Result, compare
from visiontk.api.preview import warnings_on
from visiontk.cli.print_all_tasks import table
from visiontk.cli.print_result import print_result
from visiontk.core import About, FitReport, Learner, Samples, Task, learner
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.outcome import Cost, Outcome, Predictions
from visiontk.harness.store import RunDirectory
from visiontk.report import writers
from visiontk.report.evidence.view import View
from visiontk.report.pages.all_tasks import render_all_tasks
from visiontk.report.pages.single import render
from visiontk.report.results import compute_results
from visiontk.report.section import Page
from visiontk.report.sections.curve import sentence
from visiontk.report.sections.headline import answer
from visiontk.report.sections.negative_control import NEGATIVE_CONTROL
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.task_rows import family_test, lead_of, task_row
from visiontk.report.tables import full_table, readable_table
from visiontk.studies import STUDIES
from visiontk.testing import tiny_images, tiny_task
from visiontk.testing.tiny import centroid, noisy_centroid, prior

SOURCE = "ImageNet-1k"
KNEW = f"{SOURCE} (1.28 million photos, 1,000 classes), 224 x 224 pixels"


@learner(About("pretrained", pretrained_on=SOURCE))
def features(noise: float = 5.0) -> Learner:
    """Features of another network [1]_."""
    return noisy_centroid(noise)


def seen(n: int = 300) -> Samples:
    """Images that are known to be in the source data."""
    samples = tiny_images(n)
    return dataclasses.replace(samples, card=dataclasses.replace(samples.card, seen_in=(SOURCE,)))


TASK = dataclasses.replace(
    tiny_task(),
    datasets={"synthetic": tiny_images, "seen": seen},
    learners={"svm": centroid, "net": noisy_centroid, "features": features, "tuned": features, "prior": prior},
)
SHARES = {"svm": 0.8, "net": 0.78, "features": 0.97, "prior": 0.3}


def finished(path: Path, shares: Mapping[str, float] = SHARES, *, done: bool = True, **settings: Any) -> RunDirectory:
    """Run these learners on one split, and replace their predictions by others with these shares of right ones."""
    experiment = Experiment("tiny", **{"dataset": "synthetic", "learners": {name: {} for name in shares},
                                       "dataset_parameters": {"n": 300}, "folds": 1} | settings)  # fmt: skip
    store = drive(prepare(experiment, TASK, version="0", studies=STUDIES), TASK, path, executor=Serial())
    for trial in store.trials():
        known, rng = store.predictions(trial), np.random.default_rng(list(TASK.learners).index(trial.learner))
        if not trial.is_compared:
            continue
        new = Predictions(
            known.ids, known.y_true, scores(known.y_true, shares[trial.learner], rng),
            known.valid_ids, known.valid_y_true, scores(known.valid_y_true, shares[trial.learner], rng),
        )  # fmt: skip
        shutil.rmtree(store.folder(trial))
        pretrained = TASK.learners[trial.learner] is features
        cost = Cost(2.0, 2.0, 0.5, knew=KNEW if pretrained else "", input_size="224 x 224" if pretrained else "12 x 12")
        store.commit(trial, Outcome(new, cost))
    return store


def scores(y: Any, share: float, rng: np.random.Generator) -> Any:
    wrong = rng.permutation(len(y)) >= round(share * len(y))
    return np.eye(3)[np.where(wrong, (y + 1) % 3, y)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    return finished(tmp_path_factory.mktemp("run") / "run")


@pytest.fixture(scope="module")
def value(store: RunDirectory) -> dict[str, Any]:
    return dict(compute_results(store, TASK))


@pytest.fixture(scope="module")
def invalid(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """A run on samples that the pretrained learner has seen."""
    return finished(tmp_path_factory.mktemp("seen") / "run", dataset="seen")


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split()).replace("] ;", "];")


def test_two_questions_share_the_five_percent(value: dict[str, Any]) -> None:
    """The pretrained learner comes first; each interval is at 97.5 %, each p-value times two."""
    first, second = value["headlines"]
    rows = [row for row in value["comparisons"] if row["primary"]]

    assert [each["families"] for each in value["headlines"]] == [["pretrained", "classical"], ["network", "classical"]]
    assert (first["challenger"], second["challenger"], first["classical"]) == ("features", "net", "svm")
    assert (first["verdict"], second["verdict"]) == ("better", "undecided")
    assert [(row["confidence"], row["n_comparisons"]) for row in rows] == [(0.975, 2)] * 2
    assert second["p_value"] == min(1.0, 2 * rows[1]["p_value"]) == rows[1]["p_adjusted"]
    assert "2 primary by Bonferroni" in value["signature"]
    assert rows[0]["reason"].startswith("The 97.5 % interval (95 % for 2 comparisons) of the difference")


def test_each_answer_names_the_kinds_of_its_two_learners(value: dict[str, Any]) -> None:
    """A network from scratch is called that where a pretrained learner takes part, too."""
    first, second = (each["sentence"] for each in value["headlines"])

    assert "the pretrained learner, features, is better than the traditional method, svm," in first
    assert "undecided whether the network from scratch, net, or the traditional method, svm, is better" in second
    assert answer(value) == f"{first} {second}"  # type: ignore[arg-type]


def test_a_question_that_is_not_answered_yet_keeps_its_share(tmp_path: Path) -> None:
    """The number of planned comparisons does not depend on which fits have failed."""
    store = finished(tmp_path / "run")
    for trial in store.trials():
        if trial.learner == "net":
            shutil.rmtree(store.folder(trial))

    value = compute_results(store, TASK)

    assert [each["confidence"] for each in value["headlines"]] == [0.975]
    assert value["headlines"][0]["families"] == ["pretrained", "classical"]


def test_a_pretrained_learner_alone_is_tested_at_five_percent(tmp_path: Path) -> None:
    """Without a network there is one question."""
    value = compute_results(finished(tmp_path / "run", {"svm": 0.8, "features": 0.97}), TASK)

    assert [(each["challenger"], each["confidence"]) for each in value["headlines"]] == [("features", 0.95)]
    assert "primary comparison alone" in value["signature"]


def test_page_and_terminal_show_both_answers(value: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """With the verdicts, what to use, what each network knew before, and at what size it sees images."""
    html = render(value, {})  # type: ignore[arg-type]
    page = words(html)
    first_screen = page[: page.index("Press a heading to sort.")]
    print_result(Result(Path("run"), value))  # type: ignore[arg-type]
    terminal = " ".join(capsys.readouterr().out.split())

    for each in value["headlines"]:
        assert each["sentence"] in first_screen
        assert each["sentence"] in terminal
    known = "Pretrained on ImageNet-1k (224 x 224 pixels): features."
    assert f"{known} From scratch (12 x 12 pixels): net." in first_screen
    assert known in terminal
    assert "Use features: it is better by" in first_screen
    assert first_screen.index("What should I use?") < first_screen.index("Is a network from scratch worth it?")
    assert "Without pretrained weights: these data do not decide between the two" in first_screen
    assert "features minus svm" in first_screen
    assert "net minus svm" in first_screen
    assert f"knew {KNEW}" in page
    assert '<polygon class="mark pretrained"' in html


def test_figures_have_the_family_in_their_legend(value: dict[str, Any]) -> None:
    """With a colour and a shape of its own."""
    html = render(value, {})  # type: ignore[arg-type]
    cost = html[html.index('id="cost-') :]

    assert 'class="mark pretrained"' in cost
    assert re.search(r"</svg>pretrained<", cost)
    assert "part pretrained" in html[html.index('id="disagreement') :]


def test_tables_hold_both_answers(value: dict[str, Any]) -> None:
    """In Markdown, LaTeX and CSV."""
    readable, text = readable_table(value), answer(value)  # type: ignore[arg-type]
    verdicts = {row.cells[0].text: row.cells[-1].text for row in readable.rows}

    assert verdicts == {"features": "better", "svm": "reference", "net": "undecided", "prior": ""}
    assert "| features | pretrained |" in writers.markdown(readable, text, "signature")
    assert writers.markdown_cell(value["headlines"][1]["sentence"]) in writers.markdown(readable, text, "signature")
    assert "features & pretrained" in writers.latex(readable, text, "signature")
    assert "\nfeatures,pretrained," in writers.csv_text(full_table(value), "signature")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "sides"),
    [("pretrained > traditional by 2", ("features", "svm")), ("pretrained > network", ("features", "net"))],
)
def test_a_claim_may_name_the_family(store: RunDirectory, claim: str, sides: tuple[str, str]) -> None:
    value = compute_results(store, TASK, view=View(claim=claim))

    assert value["claim"] is not None
    assert (value["claim"]["learner"], value["claim"]["reference"]) == sides
    assert value["claim"]["answer"] == "supported"
    assert "the best pretrained learner, features," in value["claim"]["sentence"]


def test_a_claim_made_beforehand_about_a_network_and_the_pretrained_family(tmp_path: Path) -> None:
    """It is the only primary comparison, in the order of the claim."""
    value = compute_results(finished(tmp_path / "run", claim="pretrained > net"), TASK)

    (headline,) = value["headlines"]
    assert (headline["challenger"], headline["classical"]) == ("features", "net")
    assert headline["families"] == ["pretrained", "network"]
    assert headline["verdict"] == "better"
    assert "the pretrained learner, features, is better than net by" in headline["sentence"]


def test_a_pretrained_reference_takes_the_place_of_its_family(tmp_path: Path) -> None:
    """The other question stays as it is."""
    shares = {**SHARES, "tuned": 0.99}
    value = compute_results(finished(tmp_path / "run", shares, reference="features"), TASK)
    first, second = value["headlines"]

    assert (first["challenger"], first["verdict"]) == ("features", "better")
    row = value["comparisons"][0]
    assert (row["learner"], row["reference"], row["verdict"]) == ("svm", "features", "worse")
    assert (second["challenger"], second["classical"]) == ("net", "svm")


def test_samples_seen_in_pretraining_leave_no_verdict(invalid: RunDirectory) -> None:
    """Neither as a headline, nor in another comparison; the network from scratch has one."""
    value = compute_results(invalid, TASK)
    first, second = value["headlines"]

    assert first["verdict"] == "invalid"
    assert first["sentence"] == (
        "On synthetic data, no verdict on features and svm: seen in pretraining: features learnt from ImageNet-1k, "
        "which is known to contain these samples."
    ).replace("On synthetic data", f"On {value['dataset']['title']} (synthetic data)")
    assert (first["difference"], first["p_value"]) == (None, None)
    assert second["verdict"] == "undecided"
    assert second["confidence"] == 0.975
    assert value["warnings"][0].startswith("features has seen these samples in pretraining: ImageNet-1k is known to")
    page = words(render(value, {}))
    assert "no verdict on features and svm: seen in pretraining" in page
    assert "Use features" not in page
    assert "Without pretrained weights: these data do not decide" in page


def test_a_plan_warns_of_samples_seen_in_pretraining() -> None:
    """Before anything is fitted."""
    learners: dict[str, dict[str, Any]] = {"svm": {}, "features": {}}
    plans = [Experiment("tiny", name, learners, {"n": 300}) for name in ("seen", "synthetic")]
    prepared = [prepare(plan, TASK, version="0") for plan in plans]

    assert [warnings_on(TASK, each) for each in prepared] == [
        [
            "features has seen these samples in pretraining (ImageNet-1k), so there will be no verdict on it: "
            "leave it out"
        ],
        [],
    ]


def test_a_claim_about_a_learner_that_saw_the_samples_has_no_answer(invalid: RunDirectory) -> None:
    value = compute_results(invalid, TASK, view=View(claim="pretrained > traditional"))

    assert value["claim"] is not None
    assert "has no answer: seen in pretraining" in value["claim"]["sentence"]


def test_learners_that_saw_other_data_have_a_verdict(invalid: RunDirectory) -> None:
    """Only the source data that the card names count."""
    other = learner(About("pretrained", pretrained_on="AudioSet"))(lambda noise=5.0: noisy_centroid(noise))
    task: Task = dataclasses.replace(TASK, learners={**TASK.learners, "features": other})

    assert compute_results(invalid, task)["headlines"][0]["verdict"] == "better"


def test_a_row_of_all_tasks_holds_both_answers(value: dict[str, Any]) -> None:
    """The first one is the outcome; tests of families over several data sets are about networks from scratch."""
    row = task_row(value, summary="", folder="run")  # type: ignore[arg-type]

    assert (row["outcome"], row["challenger"]) == ("pretrained", "pretrained")
    assert [row[side]["name"] for side in ("pretrained", "network", "classical")] == ["features", "net", "svm"]  # type: ignore[index, literal-required]
    assert row["scratch"] is not None
    assert row["scratch"]["outcome"] == "undecided"
    assert lead_of(row) == value["headlines"][0]["difference"]
    assert lead_of(row, scratch=True) == value["headlines"][1]["difference"]
    alone = {**row, "scratch": None}
    assert lead_of(alone, scratch=True) is None  # type: ignore[arg-type]
    test = family_test([row, row, alone], "data set")  # type: ignore[list-item]
    assert test["n"] == 2
    assert "about networks from scratch and traditional methods in general" in test["text"]


def test_a_row_of_models_without_families_holds_the_two_that_were_named(tmp_path: Path) -> None:
    """As network and traditional, in the order in which they were named."""
    y = np.arange(300) % 3
    models = {name: scores(y, share, np.random.default_rng(0)) for name, share in (("b", 0.9), ("a", 0.8))}

    row = task_row(compare(predictions=models, y=y, out=tmp_path / "run").values, summary="", folder="run")

    assert row["network"] is not None
    assert row["classical"] is not None
    assert (row["network"]["name"], row["pretrained"], row["classical"]["name"]) == ("b", None, "a")


def test_the_page_of_all_tasks_shows_both_answers(value: dict[str, Any]) -> None:
    """A column for the family, and both leads; without a pretrained learner there is neither."""
    row = task_row(value, summary="", folder="run")  # type: ignore[arg-type]
    plain = row | {"pretrained": None, "challenger": "network", "scratch": None, "outcome": "undecided", "sentence": ""}
    both, none = (
        all_tasks([each], preset="standard", settings={}, command="visiontk compare all") for each in (row, plain)
    )
    page, terminal = words(render_all_tasks(both)), table(both)

    assert "in 1 the pretrained learner (1 on synthetic data), in 0 the traditional method." in page
    assert "best pretrained" in page
    assert "from scratch: −1.7 points" in page
    assert "undecided" in page
    assert "pretrained better" in page
    assert "pretrained" in terminal[0]
    assert "features 96.7 %" in terminal[2]
    assert "best pretrained" not in words(render_all_tasks(none))
    assert "pretrained" not in "".join(table(none))


def test_the_negative_control_has_the_family(tmp_path: Path) -> None:
    """Each of three families at 1 - 0.05 / 3."""
    store = finished(tmp_path / "run", negative_control=True)

    value = compute_results(store, TASK)

    control = value["negative_control"]
    assert control is not None
    assert [row["family"] for row in control["families"]] == ["network", "pretrained", "classical"]
    assert control["confidence"] == pytest.approx(1 - 0.05 / 3)
    assert "pretrained" in [row.cells[0].text for row in NEGATIVE_CONTROL.blocks(control, Page(value, value))[1].rows]


def test_each_challenger_has_a_crossing_of_its_own(tmp_path: Path) -> None:
    """Of its learning curve with that of the traditional learner."""
    value = compute_results(finished(tmp_path / "run", curve=1), TASK)

    curve = value["curve"]
    assert curve is not None
    assert [(each["challenger"], each["classical"]) for each in curve["crossovers"]] == [
        ("features", "svm"), ("net", "svm"),
    ]  # fmt: skip
    assert {"features", "net"} <= set(re.findall(r"The curves? of (\w+)", sentence(curve)))


def test_models_that_were_fitted_elsewhere_may_be_pretrained(tmp_path: Path) -> None:
    """As stated; the pair that is named stays the only comparison, and a claim may name the family."""
    y = np.arange(300) % 3
    models = {
        name: scores(y, share, np.random.default_rng(i))
        for i, (name, share) in enumerate([("vit", 0.95), ("svm", 0.8)])
    }
    families = {"vit": "pretrained", "svm": "classical"}

    result = compare(
        predictions=models, y=y, families=families, claim="pretrained > traditional by 2", out=tmp_path / "run"
    )

    (headline,) = result.values["headlines"]
    assert (headline["families"], headline["confidence"]) == (["pretrained", "classical"], 0.95)
    assert result.values["claim"]["answer"] == "supported"
    page = result.report().read_text(encoding="utf-8")
    assert "Pretrained: vit." in words(page)
    assert 'class="mark pretrained"' in page
    assert "From scratch" not in words(page[page.index("<body") : page.index("What to do")])


def test_the_report_of_a_fit_is_empty_about_other_data_by_default() -> None:
    """Empty for learners from scratch."""
    assert (FitReport().knew, FitReport().input_size) == ("", "")
