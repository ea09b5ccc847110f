"""Learners, metrics and datasets that packages add to a task are listed, used, or rejected one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from packages import ALL, HOST, LEARNER, PLUGIN, publish

import visiontk
from visiontk.api import Result, load
from visiontk.cli.doctor import examine
from visiontk.cli.listing import listing, print_listing
from visiontk.config import experiment
from visiontk.core import BEST_CLASSICAL, package_of
from visiontk.errors import EnvironmentFault
from visiontk.harness.drive import prepare
from visiontk.harness.store import RunDirectory
from visiontk.registry import additions, get_task, rejected_additions, stray_additions
from visiontk.strict_yaml import Document

Add = Callable[..., None]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages, one of which has a task."""
    before = set(sys.modules)
    folder = tmp_path / "site"
    publish(folder, "host_plugin", {"tasks": {"host": "host_plugin:TASK"}}, text=HOST)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(tmp_path)
    yield folder
    for name in set(sys.modules) - before:
        if name.endswith("_plugin"):
            del sys.modules[name]


@pytest.fixture
def plugin(site: Path) -> Path:
    """A package that adds a learner, a metric and a dataset to the task."""
    publish(site, "median_plugin", ALL, text=PLUGIN)
    return site


def compared(**options: Any) -> Result:
    defaults: dict[str, Any] = {"seeds": 1, "folds": 1, "out": "run", "executor": "serial"}
    result = visiontk.compare("host", **defaults | options)
    assert isinstance(result, Result)
    return result


def test_additions_are_part_of_the_task(plugin: Path) -> None:
    """They come last, so that the default dataset and metric stay the same."""
    task = get_task("host")

    assert list(task.learners) == ["prior", "centroid", "noisy_centroid", "medians"]
    assert list(task.metrics) == ["accuracy", "error_rate"]
    assert list(task.datasets) == ["synthetic", "more"]
    assert task.defaults == ("prior", "centroid", "noisy_centroid")
    assert task.reference == BEST_CLASSICAL
    assert not rejected_additions("host")


def test_a_task_is_one_object(plugin: Path) -> None:
    """Workers use it as a cache key."""
    assert get_task("host") is get_task("host")


def test_listing_additions_imports_nothing(plugin: Path) -> None:
    """Neither the package nor a framework is imported."""
    code = (
        "import sys; from visiontk.registry import additions; names = [a.name for a in additions('host')]\n"
        "assert sorted(names) == ['error_rate', 'medians', 'more'], names\n"
        "print(*[m for m in sys.modules if m.endswith('_plugin') or m in ('keras', 'tensorflow', 'sklearn', 'pytest')])"
    )

    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(plugin)},
    )  # fmt: skip

    assert process.stdout.strip() == ""


def test_a_function_of_visiontk_used_by_a_package_is_marked_for_that_task_only(site: Path) -> None:
    """The same function of visiontk's own task has no package."""
    publish(site, "loan_plugin", {"learners": {"host.logistic": "visiontk.learners.image_baselines:logistic"}})

    assert str(package_of(get_task("host").learners["logistic"])) == "loan_plugin 1.0"
    assert package_of(get_task("image_classification").learners["logistic"]) is None


def test_results_name_the_package_of_each_part(plugin: Path) -> None:
    """They are named in results.json, in the signature and in the report."""
    result = compared(learners=["prior", "centroid", "medians"], dataset="more")

    packages = {row["name"]: row["package"] for row in result.values["learners"]}
    assert packages["medians"] == {"name": "median_plugin", "version": "1.0"}
    assert packages["prior"] is None  # from visiontk, though a task of another package uses it
    assert result.values["dataset"]["package"] == {"name": "median_plugin", "version": "1.0"}
    assert result.values["metrics"]["error_rate"]["package"] == {"name": "median_plugin", "version": "1.0"}
    assert "| host_plugin 1.0 | median_plugin 1.0 |" in result.values["signature"]
    text = "From package median_plugin 1.0, not from visiontk: medians, the data (more)."
    assert text in result.values["warnings"]
    page = Path("run/report.html").read_text()
    assert text in page
    assert "from package median_plugin 1.0, not from visiontk" in page


def test_a_new_version_is_a_new_trial(plugin: Path) -> None:
    """Other learners keep their trials."""

    def keys() -> dict[str, str]:
        task, planned = experiment(Document({"task": "host", "learners": ["centroid", "medians"], "folds": 1}, {}))
        return {trial.learner: trial.key for trial in prepare(planned, task, version="0").fits}

    before = keys()
    publish(plugin, "median_plugin", ALL, version="1.1")
    after = keys()
    publish(plugin, "host_plugin", {"tasks": {"host": "host_plugin:TASK"}}, version="2.0")
    last = keys()

    assert (before["centroid"], before["medians"] == after["medians"]) == (after["centroid"], False)
    assert not set(last.values()) & set(after.values())


def test_a_version_other_than_the_planned_one_is_refused(plugin: Path) -> None:
    """A worker on another machine must not mix two versions in one result."""
    task, planned = experiment(Document({"task": "host", "learners": ["medians"], "folds": 1, "seeds": 1}, {}))
    (trial,) = prepare(planned, task, version="0").fits
    publish(plugin, "median_plugin", ALL, version="1.1")

    with pytest.raises(EnvironmentFault, match=r"medians: planned with .*median_plugin 1\.0.*median_plugin 1\.1"):
        visiontk.harness.run.run(trial, workdir=plugin / "work")


def test_loading_a_run_without_its_package_is_refused(plugin: Path) -> None:
    """The message names the missing package."""
    compared(learners=["centroid", "medians"])
    publish(plugin, "median_plugin", {})

    with pytest.raises(
        EnvironmentFault, match=r"'medians' of this run comes from package .*median_plugin 1\.0"
    ) as caught:
        load("run")

    assert caught.value.error_id == "E-PLUGIN-MISSING"


def test_a_metric_may_be_added_or_removed_after_a_run(plugin: Path) -> None:
    """Predictions are the result; metrics are computed from them."""
    publish(plugin, "median_plugin", LEARNER)
    compared()

    publish(plugin, "median_plugin", ALL)
    with_metric = load("run").values["learners"][0]["metrics"]
    publish(plugin, "median_plugin", {})
    without_metric = load("run")

    assert with_metric["error_rate"]["value"] == pytest.approx(1 - with_metric["accuracy"]["value"])
    assert list(without_metric.values["metrics"]) == ["accuracy"]
    assert without_metric.table()["learner"].tolist()


FAILING = """
from visiontk.core import Metric

def fails(y, scores, weights):
    {fault}

fragile = Metric("fragile", fails{more})
"""


@pytest.mark.parametrize(
    ("fault", "more", "reason"),
    [
        (
            "raise RuntimeError('no luck')",
            "",
            "Metric 'host.fragile' (package fragile_plugin 1.0): RuntimeError: no luck",
        ),
        ("return 0.5", "", "returned shape (), expected"),
        ("return weights[:, 0]", ", adapt=lambda y, scores: 1 / 0", "39 of 39 scores are not numbers"),
        (
            "return weights[:, 0]",
            ", adapt=lambda y, scores: lambda others: others[:1]",
            "39 of 39 scores are not numbers",
        ),
    ],
)
def test_a_failing_metric_does_not_lose_results(site: Path, fault: str, more: str, reason: str) -> None:
    """The result has the other metrics, and the reason for the missing one."""
    text = FAILING.format(fault=fault, more=more)
    publish(site, "fragile_plugin", {"metrics": {"host.fragile": "fragile_plugin:fragile"}}, text=text)

    row = compared(learners=["prior", "centroid"]).values["learners"][0]

    assert row["metrics"]["accuracy"]["value"] is not None
    assert row["metrics"]["fragile"]["value"] is None
    assert reason in row["metrics"]["fragile"]["reason"]


BROKEN = [
    ("learners", "raise RuntimeError('no libfoo')", "cannot be imported: RuntimeError: no libfoo"),
    ("learners", "import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
    ("learners", "import sys; sys.exit(3)", "cannot be imported: SystemExit: 3"),
    ("learners", "thing = (", "cannot be imported: SyntaxError"),
    ("learners", "", "has no attribute 'thing'"),
    ("learners", "thing = 3", "broken_plugin:thing is a int, not a function that returns a Learner"),
    ("learners", "def thing(): ...", "declares no family"),
    (
        "learners",
        "from visiontk.core import About, learner\n@learner(About('floor'))\ndef thing(depth): ...",
        "arguments without a default: depth",
    ),
    (
        "learners",
        "from visiontk.core import About, learner\n@learner(About('floor'))\ndef thing(depth: 'Deep' = 3): ...",
        "name 'Deep' is not defined",
    ),
    ("metrics", "def thing(y, scores, weights): ...", "is a function, not a Metric"),
    ("metrics", "from visiontk.metrics import accuracy as thing", "has the name 'accuracy'"),
    ("metrics", "from visiontk.core import Metric\nthing = Metric('thing', max, 'percent')", "has the kind 'percent'"),
    ("datasets", "thing = []", "is a list, not a function that returns Samples"),
    ("datasets", "from visiontk.learners.prior import prior as thing", "is a learner, but declared as a dataset"),
]


@pytest.mark.parametrize(("group", "text", "reason"), BROKEN, ids=[f"{row[0]}: {row[2]}"[:40] for row in BROKEN])
def test_a_broken_addition_is_rejected_with_its_reason_and_affects_nothing_else(
    plugin: Path, group: str, text: str, reason: str
) -> None:
    """The task and the other additions still work."""
    publish(plugin, "broken_plugin", {group: {"host.thing": "broken_plugin:thing"}}, text=text)

    task, rejected = get_task("host"), rejected_additions("host")

    (error,) = rejected.values()
    assert list(rejected) == [(group[:-1], "thing")]
    assert error.error_id == "E-PLUGIN-BROKEN"
    assert f"{group[:-1].capitalize()} 'host.thing' (package broken_plugin 1.0): " in error.message
    assert reason in error.message
    assert "thing" not in {*task.learners, *task.metrics, *task.datasets}
    assert "medians" in task.learners
    assert compared().exit_code == 0


def test_requesting_a_broken_addition_reports_the_reason(site: Path) -> None:
    """The message has the original error, not only that there is no such learner."""
    publish(site, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="raise OSError('gone')")

    with pytest.raises(EnvironmentFault, match="OSError: gone") as caught:
        compared(learners=["prior", "thing"])

    assert caught.value.exit_code == 6


def test_two_packages_that_add_one_name_are_both_rejected(plugin: Path) -> None:
    """The name is ambiguous; the task works without both."""
    publish(plugin, "other_plugin", LEARNER)

    with pytest.raises(EnvironmentFault) as caught:
        compared(learners=["centroid", "medians"])

    assert caught.value.error_id == "E-PLUGIN-TWICE"
    assert "one in package median_plugin 1.0, one in package other_plugin 1.0" in caught.value.message
    assert "medians" not in get_task("host").learners
    assert compared().exit_code == 0


@pytest.mark.parametrize("learners", [None, ["centroid"]])
def test_a_package_cannot_replace_a_part_of_the_task(site: Path, learners: list[str] | None) -> None:
    """Requesting it is an error that names both packages; by default the task's own is used."""
    publish(site, "greedy_plugin", {"learners": {"host.centroid": "median_plugin:medians"}}, text="")

    if learners is None:
        assert "centroid" in compared().table()["learner"].tolist()
        return
    with pytest.raises(EnvironmentFault, match=r"one in package host_plugin 1\.0, one in package greedy_plugin 1\.0"):
        compared(learners=learners)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere.thing", "no task 'nowhere' is installed"),
        ("thing", "must be task.name"),
        ("host.a.b", "must be task.name"),
        ("host.", "must be task.name"),
    ],
)
def test_additions_to_an_unknown_task_are_reported(site: Path, name: str, reason: str) -> None:
    """They are listed as broken, as they belong to no installed task."""
    publish(site, "stray_plugin", {"learners": {name: "stray_plugin:thing"}}, text="")

    ((_, error),) = stray_additions()

    assert "(package stray_plugin 1.0)" in error.message
    assert reason in error.message


def test_an_entry_without_a_function_is_reported(site: Path) -> None:
    """The entry must be module:function."""
    publish(site, "short_plugin", {"learners": {"host.thing": "short_plugin"}}, text="")

    assert "write module:function" in rejected_additions("host")["learner", "thing"].message


def test_both_executors_use_additions(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes import the planned version."""
    result = compared(learners=["medians"], executor="processes", workers=1)

    assert result.exit_code == 0, result.values["failed"]
    assert json.loads(next(Path("run/trials").glob("*/trial.json")).read_text())["packages"] == {
        "host_plugin": "1.0",
        "median_plugin": "1.0",
    }
    assert [each.name for each in additions("host")] == ["more", "medians", "error_rate"]
    assert RunDirectory(Path("run")).trials()[0].packages["median_plugin"] == "1.0"


def test_lists_show_working_broken_and_stray_additions(plugin: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has its package; output of plugins during import is suppressed."""
    publish(plugin, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="print('hello')")
    publish(plugin, "stray_plugin", {"learners": {"nowhere.thing": "stray_plugin:thing"}}, text="")

    rows = listing("learners")
    row_of_plugin = next(row for row in rows if row.get("learner") == "medians")
    print_listing("learners", rows)

    assert row_of_plugin["package"] == "median_plugin 1.0"
    assert not row_of_plugin["default"]
    printed = capsys.readouterr()
    text = " ".join(printed.out.split())
    assert "from package median_plugin 1.0" in text
    assert "thing BROKEN: Learner 'host.thing' (package broken_plugin 1.0): cannot be imported" in text
    assert "thing BROKEN: Learner 'nowhere.thing' (package stray_plugin 1.0): no task 'nowhere' is installed" in text
    assert "hello" not in printed.out
    assert [row["metric"] for row in listing("metrics", "host")] == ["accuracy", "error_rate"]
    assert [row["package"] for row in listing("datasets", "host")] == [None, "median_plugin 1.0"]


def test_the_doctor_checks_additions(plugin: Path) -> None:
    """The doctor has one row for each."""
    publish(plugin, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="")

    checks = {check["name"]: check for check in examine()["checks"]}

    assert checks["learner host.medians"]["ok"]
    assert checks["learner host.medians"]["text"] == "from package median_plugin 1.0"
    assert not checks["learner host.thing"]["ok"]
    assert "has no attribute 'thing'" in checks["learner host.thing"]["text"]
    assert checks["learner host.thing"]["hint"]
