"""All tasks on the command line: output and exit codes."""

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


def test_all_tasks_are_compared_and_the_result_printed(call: Call) -> None:
    """One row each, one sentence, cautions, warnings, and the path of the page."""
    result = call(*QUICK)

    assert result.code == 0
    assert "2 tasks, 6 fits, at most 1 min of CPU time per fit: one, risky." in result.err
    assert "one    synthetic" in result.out
    assert "of 2 domains the network is better, in" in result.out
    assert "caution: Not for \\u001b[31mpatients." in result.out
    assert f"Report: {Path.cwd() / 'runs/all-quick/report.html'}" in result.out
    assert max(map(len, result.out.splitlines()[:-1])) <= 100


def test_standard_output_has_only_json(call: Call) -> None:
    """The value of all.json."""
    result = call(*QUICK, "--json")

    assert json.loads(result.out) == json.loads(Path("runs/all-quick/all.json").read_text())
    assert not result.err


def test_a_broken_task_is_reported_before_and_after_and_exits_with_five(call: Call, tasks: Path) -> None:
    """Its reason is printed with the rows of the others."""
    tasks.write_text(tasks.read_text() + "gone = pair_plugin:GONE\n")

    result = call(*QUICK)

    assert result.code == 5
    assert "gone cannot be run: Task 'gone'" in result.err
    assert "has no attribute 'GONE'" in result.out.replace("\n    ", " ")
    assert "PARTIAL: 6 of 6 planned fits done, 0 failed; 1 domain without results." in result.out


def test_the_same_command_resumes(call: Call) -> None:
    """No fit is repeated."""
    call(*QUICK)

    result = call(*QUICK)

    assert "6 of them are done already in runs/all-quick." in result.err


def test_a_finished_folder_of_all_tasks_can_be_reported(call: Call) -> None:
    """From its predictions, as JSON or as a page elsewhere."""
    call(*QUICK, "--out", "there")

    result = call("report", "there", "--output", "page.html")

    assert result.code == 0
    assert "domains the network is better" in Path("page.html").read_text()
    assert json.loads(call("report", "there", "--json").out)["complete"] is True


@pytest.mark.parametrize(
    "arguments",
    [("--learners", "prior"), ("--dataset", "synthetic"), ("--set", "learners.prior.x=1"), ("--task", "one")],
)
def test_settings_specific_to_a_task_are_an_error(call: Call, arguments: tuple[str, str]) -> None:
    """One message, exit code 2, and no file is written."""
    result = call("compare", "all", *arguments)

    assert result.code == 2
    assert "error[E-CONFIG-ALL]" in result.err
    assert not Path("runs").exists()


def test_a_folder_called_all_can_still_be_compared(call: Call) -> None:
    """A path with a slash is not the keyword."""
    Path("all").mkdir()

    result = call("compare", "./all", "--preset", "quick")

    assert result.code == 2
    assert "No task reads folders." in result.err, "a path is not the keyword all"


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_the_table_fits_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs, metric and data are dropped first; the verdict stays."""
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
