"""Schemas and tables of keys: generated from the types, shipped, documented, and satisfied by real values."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import jsonschema
import pytest
from typing_extensions import TypedDict

from visiontk.errors import ResumeError
from visiontk.executors import Serial
from visiontk.harness.drive import Prepared, drive
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import plan
from visiontk.harness.store import RunDirectory
from visiontk.report.blocks import Block, Text
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.view import View
from visiontk.report.pages.single import render
from visiontk.report.results import compute_results, read_results
from visiontk.report.schema import DOCUMENT, SCHEMAS, VALUES, json_schema, results_type, schema_text, with_tables
from visiontk.report.section import Page, Section
from visiontk.report.sections import DETAILS, MAIN
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.ranking import rank_learners
from visiontk.report.several.records import AllTasks, Ranking
from visiontk.report.several.task_rows import empty_row, task_row
from visiontk.report.values import Results
from visiontk.testing import tiny_images, tiny_task

Value = dict[str, Any]
HINT = "python -m visiontk.report.schema writes it"


@pytest.mark.parametrize("name", VALUES)
def test_the_shipped_schema_is_up_to_date(name: str) -> None:
    """Programs that do not import visiontk read the file."""
    assert (SCHEMAS / f"{name}.schema.json").read_text() == schema_text(VALUES[name]), HINT


def test_the_documented_keys_are_up_to_date() -> None:
    """The tables are generated from the types."""
    assert DOCUMENT.read_text() == with_tables(DOCUMENT.read_text()), HINT


def errors(record: type, value: object) -> list[str]:
    return [error.message for error in jsonschema.Draft202012Validator(json_schema(record)).iter_errors(value)]


def test_values_of_all_tasks_follow_their_schema(results: Value) -> None:
    """With a finished, a failed and a pending task."""
    rows = [
        task_row(results, summary="", folder="a"),
        empty_row("b", summary="", folder="b", status="failed", reason="broken"),
        empty_row("c", summary="", folder="c", status="waiting"),
    ]

    assert errors(AllTasks, all_tasks(rows, preset="quick", settings={"seeds": 3}, command="")) == []


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_rankings_follow_their_schema(runs: Callable[..., Any], metric: str) -> None:
    """With tested pairs, and with pairs that cannot be tested."""
    some = runs(7, learners=("resnet8", "lenet5", "small_cnn"))
    some[0][1]["metric"] = metric

    assert errors(Ranking, rank_learners(some)) == []


def test_a_renamed_or_mistyped_key_is_an_error(runs: Callable[..., Any]) -> None:
    """At any depth."""
    ranking = rank_learners(runs(4))
    renamed, retyped = copy.deepcopy(ranking), copy.deepcopy(ranking)
    renamed["friedman"]["p"] = 0.5  # type: ignore[typeddict-unknown-key]
    retyped["pairs"][0]["n"] = "3"  # type: ignore[typeddict-item]

    assert errors(Ranking, renamed) == ["Additional properties are not allowed ('p' was unexpected)"]
    assert errors(Ranking, retyped) == ["'3' is not valid under any of the given schemas"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """A finished run of one fold."""
    samples = tiny_images(120)
    learners: dict[str, dict[str, Any]] = {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 300.0}}
    experiment = Experiment("tiny", "synthetic", learners, {"n": 120}, folds=1, seeds=(0,))
    prepared = Prepared(experiment, samples, plan(experiment, tiny_task(), samples, version="0.1.0"))
    return drive(prepared, tiny_task(), tmp_path_factory.mktemp("schema") / "a", executor=Serial())


def test_the_schema_accepts_results(run: RunDirectory, extras: Value) -> None:
    """Of a run, and of the tests of the page."""
    schema = json_schema(results_type())

    jsonschema.validate(json.loads(json.dumps(compute_results(run, tiny_task()), allow_nan=False)), schema)
    jsonschema.validate(json.loads(json.dumps(extras)), schema)
    claimed = compute_results(run, tiny_task(), view=View(claim="network > traditional by 2"))
    assert claimed["claim"] is not None
    jsonschema.validate(json.loads(json.dumps(claimed, allow_nan=False)), schema)


@pytest.mark.parametrize(
    "place", [(), ("dataset",), ("learners", 0), ("learners", 0, "recall", 0), ("headlines", 0), ("claim",)]
)
def test_a_misspelt_key_is_rejected(extras: Value, place: tuple[str | int, ...]) -> None:
    """At the top and inside."""
    inside: Any = extras
    for key in place:
        inside = inside[key]
    inside["mistyped"] = 1

    with pytest.raises(jsonschema.ValidationError, match="mistyped"):
        jsonschema.validate(extras, json_schema(results_type()))


def test_sections_return_the_declared_types() -> None:
    """Therefore mypy checks the keys of every section."""
    fields = get_type_hints(Results)

    for section in MAIN + DETAILS:
        if section.compute:
            assert get_type_hints(section.compute)["return"] in (fields[section.name], fields[section.name] | None)


@pytest.mark.parametrize(("text", "expected"), [("{", "damaged"), ('{"schema": 1}', "dataset: Field required")])
def test_damaged_results_are_rejected(tmp_path: Path, text: str, expected: str) -> None:
    """When the JSON is read."""
    (tmp_path / "results.json").write_text(text)

    with pytest.raises(ResumeError, match=expected) as caught:
        read_results(tmp_path)

    assert caught.value.error_id == "E-RUN-DAMAGED"


def test_stored_results_are_read_back_unchanged(tmp_path: Path, run: RunDirectory) -> None:
    results = compute_results(run, tiny_task())
    RunDirectory(tmp_path).write_json("results.json", results)

    assert read_results(tmp_path) == results


class Toy(TypedDict):
    """Number of test samples."""

    n_tested: int


def compute_toy(evidence: Evidence) -> Toy | None:
    """Count the test samples."""
    return {"n_tested": len(evidence.first.ids)}


def toy_blocks(value: Toy, page: Page) -> list[Block]:
    """Return a block that shows the number."""
    return [Text(f"Exactly {value['n_tested']} were tested.")]


TOY = Section("toy", "A toy", toy_blocks, compute_toy, "the number of test samples")


def test_an_added_section_is_in_results_page_and_schema(run: RunDirectory) -> None:
    """One more line in the list of sections is enough."""
    sections = (*MAIN, TOY)

    results = compute_results(run, tiny_task(), sections=(*sections, *DETAILS))
    page = render(results, {}, main=sections)
    schema = json_schema(results_type((*sections, *DETAILS)))

    n = results["dataset"]["n_test"]
    assert json.loads(json.dumps(results))["toy"] == {"n_tested": n}
    assert f'<section id="toy">\n<h2>A toy</h2>\n<p>Exactly {n} were tested.</p>' in page
    jsonschema.validate(results, schema)
    with pytest.raises(jsonschema.ValidationError, match="toy"):
        jsonschema.validate(results, json_schema(results_type()))
