"""Comparison of every task on its first data set."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import visiontk
from visiontk import registry
from visiontk.api import AllTasksResult, RequestAll, load, run_all_tasks
from visiontk.api.all_tasks_result import folder_of
from visiontk.errors import BusyError, ConfigError, EnvironmentFault, ResumeError, StoreError
from visiontk.harness import drive
from visiontk.harness.experiment import ALL_TASKS
from visiontk.harness.progress import Progress
from visiontk.harness.store import RunDirectory

PLUGIN = """
import dataclasses
from visiontk.core import About, learner
from visiontk.testing import tiny_images, tiny_task
from visiontk.testing.tiny import centroid, noisy_centroid, prior


@learner(About("classical"))
def failing():
    raise RuntimeError("never works")


def empty():
    raise KeyError("no such column")


BASE = tiny_task()
ONE = dataclasses.replace(BASE, name="one", datasets={"synthetic": lambda: tiny_images(90)})
TWO = dataclasses.replace(BASE, name="two", datasets={"other": lambda: tiny_images(90, seed=1), "third": tiny_images})
FAILS = dataclasses.replace(BASE, name="fails", learners={"prior": prior, "noisy_centroid": noisy_centroid,
                                                          "centroid": centroid, "failing": failing})
LOST = dataclasses.replace(BASE, name="lost", datasets={"synthetic": empty})
"""

Install = Callable[..., None]
CompareAll = Callable[..., AllTasksResult]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs these tasks of the plugin; tasks in folders are hidden."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "many_plugin.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setattr(registry, "_in_folders", list)
    monkeypatch.chdir(tmp_path)

    def install(**tasks: str) -> None:
        folder = site / "many_plugin-1.0.dist-info"
        folder.mkdir(exist_ok=True)
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: many-plugin\nVersion: 1.0\n")
        points = "\n".join(f"{name} = many_plugin:{value}" for name, value in tasks.items())
        (folder / "entry_points.txt").write_text(f"[visiontk.tasks]\n{points}\n")

    yield install
    sys.modules.pop("many_plugin", None)


@pytest.fixture
def compare_all() -> CompareAll:
    """Return a function that compares all tasks, in this process by default."""

    def compare(**options: Any) -> AllTasksResult:
        result = visiontk.compare("all", **{"preset": "quick", "out": "run", "executor": "serial"} | options)
        assert isinstance(result, AllTasksResult)
        return result

    return compare


def test_every_task_is_run_on_its_first_data_set(install: Install, compare_all: CompareAll) -> None:
    """Each in an ordinary run directory, beside the page and all.json."""
    install(one="ONE", two="TWO")

    result = compare_all()

    assert result.exit_code == 0
    assert [(row["task"], row["dataset"]) for row in result.values["tasks"]] == [("one", "synthetic"), ("two", "other")]
    assert {"one", "two", "all.json", "report.html"} <= {path.name for path in Path("run").iterdir()}
    assert {"results.json", "report.html", "experiment.yaml"} <= {path.name for path in Path("run/one").iterdir()}
    assert result.values == json.loads(Path("run/all.json").read_text())


def test_a_notebook_shows_the_sentence(install: Install, compare_all: CompareAll) -> None:
    """Not the whole of all.json."""
    install(one="ONE")

    result = compare_all()

    assert repr(result) == f"<AllTasksResult in {result.path}: {result.sentence}>"


def test_rows_are_read_from_the_results_of_the_runs(install: Install, compare_all: CompareAll) -> None:
    install(one="ONE")

    result = compare_all()

    own = json.loads(Path("run/one/results.json").read_text())
    (row,) = result.values["tasks"]
    assert row["sentence"] == own["headlines"][0]["sentence"]
    assert row["difference"] == own["headlines"][0]["difference"]
    assert result.results["one"].values == own


def test_a_task_alone_gives_the_same_result(install: Install, compare_all: CompareAll) -> None:
    """With the same trials."""
    install(one="ONE", two="TWO")
    result = compare_all()

    alone = visiontk.compare("one", preset="quick", out="alone", executor="serial")

    costs = ["fit_cpu_s", "predict_ms_per_sample"]
    assert alone.table().drop(columns=costs).equals(result.results["one"].table().drop(columns=costs))
    assert {p.name for p in Path("alone/trials").iterdir()} == {p.name for p in Path("run/one/trials").iterdir()}


@pytest.mark.slow
def test_workers_run_every_task(install: Install, compare_all: CompareAll) -> None:
    install(one="ONE", two="TWO")

    assert compare_all(executor="processes", workers=2).exit_code == 0


def test_broken_and_failing_tasks_are_shown_and_the_others_compared(install: Install, compare_all: CompareAll) -> None:
    """One cannot be imported, one has no data, one has a learner that fails."""
    install(one="ONE", gone="GONE", lost="LOST", fails="FAILS")

    result = compare_all()

    rows = {row["task"]: row for row in result.values["tasks"]}
    assert result.exit_code == 5
    assert {name: row["status"] for name, row in rows.items()} == {
        "one": "done", "gone": "failed", "lost": "failed", "fails": "partial"
    }  # fmt: skip
    assert "no attribute 'GONE'" in rows["gone"]["reason"]
    assert rows["lost"]["reason"] == "KeyError: 'no such column'"
    assert rows["fails"]["n_failed"] == 1
    page = Path("run/report.html").read_text()
    assert "no such column" in page
    assert 'href="fails/report.html"' in page


def test_an_error_in_a_report_only_affects_one_task(
    install: Install, compare_all: CompareAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its traceback is saved."""
    install(one="ONE", two="TWO")
    import visiontk.api.request as request

    true = request.compute_results

    def results(store: RunDirectory, task: Any, **rest: Any) -> Any:
        if task.name == "one":
            raise ZeroDivisionError("in a metric")
        return true(store, task, **rest)

    monkeypatch.setattr(request, "compute_results", results)

    result = compare_all()

    rows = {row["task"]: row for row in result.values["tasks"]}
    assert rows["one"]["reason"] == "ZeroDivisionError: in a metric"
    assert rows["two"]["status"] == "done"
    assert "Traceback" in Path("run/logs/one.txt").read_text()


@pytest.mark.parametrize("error", [StoreError("full", error_id="E-IO-FULL"), BusyError("busy", error_id="E-RUN-BUSY")])
def test_a_full_disk_ends_the_comparison(
    install: Install, compare_all: CompareAll, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Every other task would fail too."""
    install(one="ONE", two="TWO")

    def fail(*args: Any, **named: Any) -> None:
        raise error

    monkeypatch.setattr("visiontk.api.all_tasks.run_comparison", fail)

    with pytest.raises(type(error)):
        compare_all()


def test_an_interrupted_comparison_resumes(
    install: Install, compare_all: CompareAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an interruption in the second task, the page is marked; no fit of the first is repeated."""
    install(one="ONE", two="TWO")
    import visiontk.api.all_tasks as combined

    true = combined.run_comparison

    def stop(prepared: Any, task: Any, *args: Any, **named: Any) -> Any:
        if task.name == "two":
            raise KeyboardInterrupt
        return true(prepared, task, *args, **named)

    monkeypatch.setattr(combined, "run_comparison", stop)
    with pytest.raises(KeyboardInterrupt):
        compare_all()
    stopped = json.loads(Path("run/all.json").read_text())
    before = {path: path.stat().st_mtime_ns for path in Path().glob("run/one/trials/*/*")}
    monkeypatch.setattr(combined, "run_comparison", true)

    result = compare_all()

    assert [row["status"] for row in stopped["tasks"]] == ["done", "waiting"]
    assert "not run yet" in stopped["headline"]["sentence"]
    assert result.exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in Path().glob("run/one/trials/*/*")} == before


@pytest.mark.parametrize(
    "options",
    [{"learners": ["prior"]}, {"dataset": "synthetic"}, {"reference": "centroid"}, {"task": "one"}],
    ids=lambda options: next(iter(options)),
)
def test_settings_specific_to_a_task_are_an_error(
    install: Install, compare_all: CompareAll, options: dict[str, Any]
) -> None:
    """With what can be set, before files are written."""
    install(one="ONE", two="TWO")

    with pytest.raises(ConfigError, match=next(iter(options))) as caught:
        compare_all(**options)

    assert caught.value.error_id == "E-CONFIG-ALL"
    assert all(name in caught.value.message for name in ALL_TASKS)
    assert not Path("run").exists()


@pytest.mark.parametrize("override", ["learners.prior.x=1", "dataset.size=3", "reference=a", "nonsense"])
def test_overrides_specific_to_a_task_are_an_error(override: str) -> None:
    """Others apply to all tasks."""
    with pytest.raises(ConfigError, match="not for all tasks"):
        RequestAll({}, [override])

    assert RequestAll({"seeds": 2}, ["max_train=50", "preset=quick"]).preset == "quick"


@pytest.mark.parametrize(
    "options",
    [{"preset": "fast"}, {"seeds": 0}, {"margin": 2.0}, {"budget": "soon"}, {"executor": "threads"}, {"workers": 0}],
)
def test_an_invalid_setting_is_an_error_of_the_comparison(
    install: Install, compare_all: CompareAll, options: dict[str, Any]
) -> None:
    """Not a failure of every task."""
    install(one="ONE", gone="GONE")

    with pytest.raises(ConfigError):
        compare_all(**options)
    assert not Path("run").exists()


def test_if_no_task_can_be_run_the_reason_is_raised(install: Install, compare_all: CompareAll) -> None:
    install(gone="GONE")

    with pytest.raises(EnvironmentFault, match="GONE"):
        compare_all()

    assert not Path("run").exists()


def test_settings_apply_to_every_task(install: Install, compare_all: CompareAll) -> None:
    """Seeds and training samples."""
    install(one="ONE", two="TWO")

    result = compare_all(seeds=2, max_train=30)

    for run in result.results.values():
        assert run.values["seeds"] == [0, 1]
        assert run.values["max_train"] == 30
    command = result.values["reproduce"]["command"]
    assert command == "visiontk compare all --preset quick --seeds 2 --max-train 30 --out run"


def test_the_directory_of_a_single_run_is_an_error(install: Install, compare_all: CompareAll) -> None:
    """Its files would be lost."""
    install(one="ONE")
    visiontk.compare("one", preset="quick", out="run", executor="serial")

    with pytest.raises(ResumeError, match="holds the run of one task"):
        compare_all()


def test_a_second_comparison_in_the_same_folder_is_an_error(install: Install, compare_all: CompareAll) -> None:
    """It names the process that holds the folder."""
    install(one="ONE")

    with RunDirectory(Path("run").absolute()).locked(), pytest.raises(BusyError):
        compare_all()


def test_a_moved_folder_can_be_reported(install: Install, compare_all: CompareAll) -> None:
    """From predictions; failed tasks retain their reason."""
    install(one="ONE", two="TWO", lost="LOST")
    first = compare_all()
    Path("run").rename("there")
    Path("there/one/results.json").unlink()

    again = load("there")

    assert isinstance(again, AllTasksResult)
    assert again.sentence == first.sentence
    assert again.values["tasks"] == first.values["tasks"]


@pytest.mark.parametrize(
    "content", ["[]", '{"preset": "quick"}', '{"preset": 1, "settings": 1, "reproduce": 1, "tasks": [{}]}']
)
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, content: str) -> None:
    """Not a KeyError."""
    (tmp_path / "all.json").write_text(content)

    with pytest.raises(ResumeError) as caught:
        load(tmp_path)

    assert caught.value.error_id == "E-RUN-DAMAGED"


def test_the_tables_have_the_documented_columns(install: Install, compare_all: CompareAll) -> None:
    """One row per task, including those without results."""
    install(one="ONE", lost="LOST")

    result = compare_all()

    for table, method in ((result.table(), AllTasksResult.table), (result.verdicts(), AllTasksResult.verdicts)):
        assert table["task"].tolist() == ["lost", "one"]
        assert all(f"``{name}``" in (method.__doc__ or "") for name in table.columns)
    assert result.table().set_index("task").loc["one", "network"] == "noisy_centroid"
    assert result.verdicts().set_index("task").loc["lost", "outcome"] == "failed"


def test_progress_counts_over_all_tasks(install: Install) -> None:
    """It never decreases, and ends with the total."""
    install(one="ONE", two="TWO")
    request = RequestAll({"preset": "quick"})
    seen: list[Progress] = []

    run_all_tasks(request.prepare(), request, out="run", executor="serial", show=seen.append)

    assert [p.n_done for p in seen] == sorted(p.n_done for p in seen)
    assert {p.n_planned for p in seen} == {6}
    assert seen[-1].n_done == 6
    assert any("two: centroid seed 0" in p.running for p in seen)


def test_resumed_progress_begins_with_finished_fits(install: Install, compare_all: CompareAll) -> None:
    install(one="ONE", two="TWO")
    compare_all()
    request = RequestAll({"preset": "quick"})
    seen: list[Progress] = []

    run_all_tasks(request.prepare(), request, out="run", executor="serial", show=seen.append)

    assert {p.n_done for p in seen} == {6}


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/b", ".hidden", "", "logs", "x" * 300, "a b", "naïve"])
def test_no_name_of_a_task_leads_out_of_the_folder(name: str) -> None:
    """An entry point may have any name."""
    folder = folder_of(name)

    assert folder.startswith("task-")
    assert folder == folder_of(name)
    assert "/" not in folder


def test_data_are_read_once_before_anything_is_trained(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the last task therefore occurs at the beginning."""
    install(one="ONE", two="TWO")
    read: list[str] = []
    true = drive.prepare

    def note(experiment: Any, task: Any, **rest: Any) -> Any:
        read.append(task.name)
        return true(experiment, task, **rest)

    monkeypatch.setattr(drive, "prepare", note)
    RequestAll({"preset": "quick"}).prepare()

    assert read == ["one", "two"]
