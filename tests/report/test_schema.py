"""Schemas and tables of keys: made from the types, shipped, documented, and true of real values."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from visiontk.report.schema import DOCUMENT, SCHEMAS, VALUES, json_schema, schema_text, with_tables
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.ranking import rank_learners
from visiontk.report.several.records import AllTasks, Ranking
from visiontk.report.several.task_rows import empty_row, task_row

Value = dict[str, Any]
HINT = "python -m visiontk.report.schema writes it"


@pytest.mark.parametrize("name", VALUES)
def test_the_shipped_schema_is_that_of_the_type(name: str) -> None:
    """It is a file beside the code, for programs that do not import it."""
    assert (SCHEMAS / f"{name}.schema.json").read_text() == schema_text(VALUES[name]), HINT


def test_the_documentation_has_the_keys_of_the_types() -> None:
    """Its tables are written, not typed."""
    assert DOCUMENT.read_text() == with_tables(DOCUMENT.read_text()), HINT


def errors(record: type, value: object) -> list[str]:
    jsonschema = pytest.importorskip("jsonschema", reason="checks against an independent package")
    return [error.message for error in jsonschema.Draft202012Validator(json_schema(record)).iter_errors(value)]


def test_values_of_all_tasks_follow_their_schema(results: Value) -> None:
    """With a run, a failed task and one that waits."""
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


def test_a_key_of_another_name_or_type_is_an_error(runs: Callable[..., Any]) -> None:
    """At any depth."""
    ranking = rank_learners(runs(4))
    renamed, retyped = copy.deepcopy(ranking), copy.deepcopy(ranking)
    renamed["friedman"]["p"] = 0.5  # type: ignore[typeddict-unknown-key]
    retyped["pairs"][0]["n"] = "3"  # type: ignore[typeddict-item]

    assert errors(Ranking, renamed) == ["Additional properties are not allowed ('p' was unexpected)"]
    assert errors(Ranking, retyped) == ["'3' is not valid under any of the given schemas"]
