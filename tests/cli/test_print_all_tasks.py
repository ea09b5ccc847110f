"""All tasks on the command line: what is printed, and the code at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from visiontk import registry
from visiontk.cli.print_all_tasks import table
from visiontk.cli.wrapping import cells
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.task_rows import empty_row

Call = Callable[..., Any]
QUICK = ("compare", "all", "--preset", "quick", "--executor", "serial")

PLUGIN = """
import dataclasses
from visiontk.core import Card
from visiontk.testing import tiny_images, tiny_task

def risky():
    samples = tiny_images(90)
    return dataclasses.replace(samples, card=dataclasses.replace(samples.card, caution="Not for \\x1b[31mpatients."))

ONE = dataclasses.replace(tiny_task(), name="one")
RISKY = dataclasses.replace(tiny_task(), name="risky", datasets={"scans": risky})
"""


@pytest.fixture(autouse=True)
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two working tasks and a broken one; those in folders are hidden."""
    folder = tmp_path / "site" / "pair_plugin-1.0.dist-info"
    folder.mkdir(parents=True)
    (tmp_path / "site" / "pair_plugin.py").write_text(PLUGIN)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: pair-plugin\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[visiontk.tasks]\none = pair_plugin:ONE\nrisky = pair_plugin:RISKY\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(registry, "_in_folders", list)
    yield folder / "entry_points.txt"
    sys.modules.pop("pair_plugin", None)


def test_all_tasks_are_compared_and_the_answer_printed(call: Call) -> None:
    """A row each, one sentence, cautions, warnings, and the path of the page."""
    ended = call(*QUICK)

    assert ended.code == 0
    assert "2 tasks, 6 fits, at most 1 min of CPU time per fit: one, risky." in ended.err
    assert "one    synthetic" in ended.out
    assert "of 2 domains the network is better, in" in ended.out
    assert "caution: Not for \\u001b[31mpatients." in ended.out
    assert f"Report: {Path.cwd() / 'runs/all-quick/report.html'}" in ended.out
    assert max(map(len, ended.out.splitlines()[:-1])) <= 100


def test_standard_output_has_only_json(call: Call) -> None:
    """The value of all.json."""
    ended = call(*QUICK, "--json")

    assert json.loads(ended.out) == json.loads(Path("runs/all-quick/all.json").read_text())
    assert not ended.err


def test_a_broken_task_is_reported_before_and_after_and_exits_with_five(call: Call, tasks: Path) -> None:
    """Its reason stands beside the rows of the others."""
    tasks.write_text(tasks.read_text() + "gone = pair_plugin:GONE\n")

    ended = call(*QUICK)

    assert ended.code == 5
    assert "gone cannot be run: Task 'gone'" in ended.err
    assert "has no attribute 'GONE'" in ended.out.replace("\n    ", " ")
    assert "PARTIAL: 6 of 6 planned fits done, 0 failed; 1 domain without results." in ended.out


def test_the_same_command_goes_on(call: Call) -> None:
    """Nothing is fitted twice."""
    call(*QUICK)

    ended = call(*QUICK)

    assert "6 of them are done already in runs/all-quick." in ended.err


def test_a_folder_of_all_is_reported_anew(call: Call) -> None:
    """From its predictions, as JSON, or as a page elsewhere."""
    call(*QUICK, "--out", "there")

    ended = call("report", "there", "--output", "page.html")

    assert ended.code == 0
    assert "domains the network is better" in Path("page.html").read_text()
    assert json.loads(call("report", "there", "--json").out)["complete"] is True


@pytest.mark.parametrize(
    "words", [("--learners", "prior"), ("--dataset", "synthetic"), ("--set", "learners.prior.x=1"), ("--task", "one")]
)
def test_what_differs_from_task_to_task_is_refused(call: Call, words: tuple[str, str]) -> None:
    """With a message, the code for usage, and nothing written."""
    ended = call("compare", "all", *words)

    assert ended.code == 2
    assert "error[E-CONFIG-ALL]" in ended.err
    assert not Path("runs").exists()


def test_a_folder_called_all_can_still_be_compared(call: Call) -> None:
    """By its path."""
    Path("all").mkdir()

    ended = call("compare", "./all", "--preset", "quick")

    assert ended.code == 2
    assert "No task reads folders." in ended.err, "neither of the two does; it was not taken for the word"


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_the_table_fits(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs, metric and data are left out first; the verdict stays."""
    monkeypatch.setenv("COLUMNS", str(columns))
    learner = {"name": "expression_cnn", "value": 0.824, "low": 0.774, "high": 0.864, "fit_cpu_s": 20.5,
               "predict_ms_per_sample": 1.0}  # fmt: skip
    row = empty_row("facial", summary="", folder="a", status="waiting") | {
        "status": "done", "outcome": "undecided", "dataset": "synthetic", "synthetic": True, "kind": "bounded",
        "metric": "balanced_accuracy", "network": learner, "classical": learner | {"name": "hog"}, "difference": 0.055,
        "low": -0.008, "high": 0.117,
    }  # fmt: skip

    lines = table(all_tasks([row], preset="quick", settings={}, command=""))

    assert max(map(cells, lines)) <= max(columns, 95)
    assert "undecided" in lines[2]
    assert ("fit CPU" in lines[0]) == (columns > 120)
