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
from packages import HOST, SOUND, publish

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

ALL = {
    "learners": {"host.medians": "sound_plugin:medians"},
    "metrics": {"host.error_rate": "sound_plugin:error_rate"},
    "datasets": {"host.more": "sound_plugin:more"},
}
LEARNER = {"learners": {"host.medians": "sound_plugin:medians"}}

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
def sound(site: Path) -> Path:
    """A package that adds one of each kind to the task."""
    publish(site, "sound_plugin", ALL, text=SOUND)
    return site


def compared(**options: Any) -> Result:
    defaults: dict[str, Any] = {"seeds": 1, "folds": 1, "out": "run", "executor": "serial"}
    result = visiontk.compare("host", **defaults | options)
    assert isinstance(result, Result)
    return result


def test_additions_are_part_of_the_task(sound: Path) -> None:
    """Listed last, so that the first dataset and metric stay the same."""
    task = get_task("host")

    assert list(task.learners) == ["prior", "centroid", "noisy_centroid", "medians"]
    assert list(task.metrics) == ["accuracy", "error_rate"]
    assert list(task.datasets) == ["synthetic", "more"]
    assert task.defaults == ("prior", "centroid", "noisy_centroid")
    assert task.reference == BEST_CLASSICAL
    assert not rejected_additions("host")


def test_a_task_is_one_object(sound: Path) -> None:
    """Workers cache data by it."""
    assert get_task("host") is get_task("host")


def test_listing_additions_imports_nothing(sound: Path) -> None:
    """Neither the package nor a framework."""
    code = (
        "import sys; from visiontk.registry import additions; names = [a.name for a in additions('host')]\n"
        "assert sorted(names) == ['error_rate', 'medians', 'more'], names\n"
        "print(*[m for m in sys.modules if m.endswith('_plugin') or m in ('keras', 'tensorflow', 'sklearn', 'pytest')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(sound)},
    )  # fmt: skip

    assert done.stdout.strip() == ""


def test_a_function_of_visiontk_is_marked_only_in_the_package_that_uses_it(site: Path) -> None:
    """The original stays unmarked."""
    publish(site, "loan_plugin", {"learners": {"host.logistic": "visiontk.learners.image_baselines:logistic"}})

    assert str(package_of(get_task("host").learners["logistic"])) == "loan_plugin 1.0"
    assert package_of(get_task("image_classification").learners["logistic"]) is None


def test_results_name_the_package_of_each_part(sound: Path) -> None:
    """In results.json, in the signature, and at the top of the report."""
    result = compared(learners=["prior", "centroid", "medians"], dataset="more")

    packages = {row["name"]: row["package"] for row in result.values["learners"]}
    assert packages["medians"] == {"name": "sound_plugin", "version": "1.0"}
    assert packages["prior"] is None  # from visiontk, though a task of another package uses it
    assert result.values["dataset"]["package"] == {"name": "sound_plugin", "version": "1.0"}
    assert result.values["metrics"]["error_rate"]["package"] == {"name": "sound_plugin", "version": "1.0"}
    assert "| host_plugin 1.0 | sound_plugin 1.0 |" in result.values["signature"]
    text = "From package sound_plugin 1.0, not from visiontk: medians, the data (more)."
    assert text in result.values["warnings"]
    page = Path("run/report.html").read_text()
    assert text in page
    assert "from package sound_plugin 1.0, not from visiontk" in page


def test_a_new_version_is_a_new_trial(sound: Path) -> None:
    """Of the additions of the package only."""

    def keys() -> dict[str, str]:
        task, planned = experiment(Document({"task": "host", "learners": ["centroid", "medians"], "folds": 1}, {}))
        return {trial.learner: trial.key for trial in prepare(planned, task, version="0").fits}

    before = keys()
    publish(sound, "sound_plugin", ALL, version="1.1")
    after = keys()
    publish(sound, "host_plugin", {"tasks": {"host": "host_plugin:TASK"}}, version="2.0")
    last = keys()

    assert (before["centroid"], before["medians"] == after["medians"]) == (after["centroid"], False)
    assert not set(last.values()) & set(after.values())


def test_another_version_than_the_planned_one_is_refused(sound: Path) -> None:
    """A worker on another machine must not mix two versions in one result."""
    task, planned = experiment(Document({"task": "host", "learners": ["medians"], "folds": 1, "seeds": 1}, {}))
    (trial,) = prepare(planned, task, version="0").fits
    publish(sound, "sound_plugin", ALL, version="1.1")

    with pytest.raises(EnvironmentFault, match=r"medians: planned with .*sound_plugin 1\.0.*sound_plugin 1\.1"):
        visiontk.harness.run.run(trial, workdir=sound / "work")


def test_a_run_whose_package_was_removed_names_it(sound: Path) -> None:
    """Its predictions exist, but not the code behind them."""
    compared(learners=["centroid", "medians"])
    publish(sound, "sound_plugin", {})

    with pytest.raises(
        EnvironmentFault, match=r"'medians' of this run comes from package .*sound_plugin 1\.0"
    ) as caught:
        load("run")

    assert caught.value.error_id == "E-PLUGIN-MISSING"


def test_a_metric_may_be_added_or_removed_after_a_run(sound: Path) -> None:
    """Predictions are the result; metrics are computed from them."""
    publish(sound, "sound_plugin", LEARNER)
    compared()

    publish(sound, "sound_plugin", ALL)
    with_it = load("run").values["learners"][0]["metrics"]
    publish(sound, "sound_plugin", {})
    without = load("run")

    assert with_it["error_rate"]["value"] == pytest.approx(1 - with_it["accuracy"]["value"])
    assert list(without.values["metrics"]) == ["accuracy"]
    assert without.table()["learner"].tolist()


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
    """The table has the other metrics, and the reason for this one."""
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
    sound: Path, group: str, text: str, reason: str
) -> None:
    """The task and other additions still work."""
    publish(sound, "broken_plugin", {group: {"host.thing": "broken_plugin:thing"}}, text=text)

    task, rejected = get_task("host"), rejected_additions("host")

    (error,) = rejected.values()
    assert list(rejected) == [(group[:-1], "thing")]
    assert error.error_id == "E-PLUGIN-BROKEN"
    assert f"{group[:-1].capitalize()} 'host.thing' (package broken_plugin 1.0): " in error.message
    assert reason in error.message
    assert "thing" not in {*task.learners, *task.metrics, *task.datasets}
    assert "medians" in task.learners
    assert compared().exit_code == 0


def test_requesting_a_broken_addition_gives_its_reason(site: Path) -> None:
    """Not only that there is no such learner."""
    publish(site, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="raise OSError('gone')")

    with pytest.raises(EnvironmentFault, match="OSError: gone") as caught:
        compared(learners=["prior", "thing"])

    assert caught.value.exit_code == 6


def test_two_packages_that_add_one_name_are_both_rejected(sound: Path) -> None:
    """As it is ambiguous; the task works without both."""
    publish(sound, "other_plugin", LEARNER)

    with pytest.raises(EnvironmentFault) as caught:
        compared(learners=["centroid", "medians"])

    assert caught.value.error_id == "E-PLUGIN-TWICE"
    assert "one in package other_plugin 1.0, one in package sound_plugin 1.0" in caught.value.message
    assert "medians" not in get_task("host").learners
    assert compared().exit_code == 0


@pytest.mark.parametrize("learners", [None, ["centroid"]])
def test_a_package_cannot_replace_a_part_of_the_task(site: Path, learners: list[str] | None) -> None:
    """Requested by name, it is an error that names both owners; otherwise the task's own is used."""
    publish(site, "greedy_plugin", {"learners": {"host.centroid": "sound_plugin:medians"}}, text="")

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
def test_additions_to_no_task_are_reported(site: Path, name: str, reason: str) -> None:
    """As broken, since they are part of no task."""
    publish(site, "stray_plugin", {"learners": {name: "stray_plugin:thing"}}, text="")

    ((_, error),) = stray_additions()

    assert "(package stray_plugin 1.0)" in error.message
    assert reason in error.message


def test_an_entry_without_a_function_is_reported(site: Path) -> None:
    """It must be module:function."""
    publish(site, "short_plugin", {"learners": {"host.thing": "short_plugin"}}, text="")

    assert "write module:function" in rejected_additions("host")["learner", "thing"].message


def test_both_executors_use_additions(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers import them in the planned version."""
    result = compared(learners=["medians"], executor="processes", workers=1)

    assert result.exit_code == 0, result.values["failed"]
    assert json.loads(next(Path("run/trials").glob("*/trial.json")).read_text())["packages"] == {
        "host_plugin": "1.0",
        "sound_plugin": "1.0",
    }
    assert [each.name for each in additions("host")] == ["more", "medians", "error_rate"]
    assert RunDirectory(Path("run")).trials()[0].packages["sound_plugin"] == "1.0"


def test_lists_show_additions_broken_and_stray_ones(sound: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With their packages; the output of plugins during import is not part of the list."""
    publish(sound, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="print('hello')")
    publish(sound, "stray_plugin", {"learners": {"nowhere.thing": "stray_plugin:thing"}}, text="")

    rows = listing("learners")
    with_sound = next(row for row in rows if row.get("learner") == "medians")
    print_listing("learners", rows)

    assert with_sound["package"] == "sound_plugin 1.0"
    assert not with_sound["default"]
    printed = capsys.readouterr()
    text = " ".join(printed.out.split())
    assert "from package sound_plugin 1.0" in text
    assert "thing BROKEN: Learner 'host.thing' (package broken_plugin 1.0): cannot be imported" in text
    assert "thing BROKEN: Learner 'nowhere.thing' (package stray_plugin 1.0): no task 'nowhere' is installed" in text
    assert "hello" not in printed.out
    assert [row["metric"] for row in listing("metrics", "host")] == ["accuracy", "error_rate"]
    assert [row["package"] for row in listing("datasets", "host")] == [None, "sound_plugin 1.0"]


def test_the_doctor_checks_additions(sound: Path) -> None:
    """One row for each."""
    publish(sound, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="")

    checks = {check["name"]: check for check in examine()["checks"]}

    assert checks["learner host.medians"]["ok"]
    assert checks["learner host.medians"]["text"] == "from package sound_plugin 1.0"
    assert not checks["learner host.thing"]["ok"]
    assert "has no attribute 'thing'" in checks["learner host.thing"]["text"]
    assert checks["learner host.thing"]["hint"]
