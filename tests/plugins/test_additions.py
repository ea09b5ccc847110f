"""Learners, metrics and datasets that packages add to a task: found, used, told, and refused one by one."""

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
    """A place for packages, with a task of one of them."""
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
    given: dict[str, Any] = {"seeds": 1, "folds": 1, "out": "run", "executor": "serial"}
    found = visiontk.compare("host", **given | options)
    assert isinstance(found, Result)
    return found


def test_what_is_added_takes_part_in_the_task(sound: Path) -> None:
    """After what the task has: the first dataset and the metric that is compared stay."""
    task = get_task("host")

    assert list(task.learners) == ["prior", "centroid", "noisy_centroid", "medians"]
    assert list(task.metrics) == ["accuracy", "error_rate"]
    assert list(task.datasets) == ["synthetic", "more"]
    assert task.defaults == ("prior", "centroid", "noisy_centroid")
    assert task.reference == BEST_CLASSICAL
    assert not rejected_additions("host")


def test_one_task_is_one_value(sound: Path) -> None:
    """Workers keep what they read by it."""
    assert get_task("host") is get_task("host")


def test_nothing_is_imported_to_find_it(sound: Path) -> None:
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


def test_what_a_package_borrows_stays_unmarked(site: Path) -> None:
    """A learner of ours that a package adds elsewhere is marked there, and nowhere else."""
    publish(site, "loan_plugin", {"learners": {"host.logistic": "visiontk.learners.image_baselines:logistic"}})

    assert str(package_of(get_task("host").learners["logistic"])) == "loan_plugin 1.0"
    assert package_of(get_task("image_classification").learners["logistic"]) is None


def test_results_say_where_everything_came_from(sound: Path) -> None:
    """In results.json, in the signature, and at the head of the report."""
    result = compared(learners=["prior", "centroid", "medians"], dataset="more")

    packages = {row["name"]: row["package"] for row in result.values["learners"]}
    assert packages["medians"] == {"name": "sound_plugin", "version": "1.0"}
    assert packages["prior"] is None  # it is ours, though a task of another package uses it
    assert result.values["dataset"]["package"] == {"name": "sound_plugin", "version": "1.0"}
    assert result.values["metrics"]["error_rate"]["package"] == {"name": "sound_plugin", "version": "1.0"}
    assert "| host_plugin 1.0 | sound_plugin 1.0 |" in result.values["signature"]
    told = "From package sound_plugin 1.0, not from visiontk: medians, the data (more)."
    assert told in result.values["warnings"]
    page = Path("run/report.html").read_text()
    assert told in page
    assert "from package sound_plugin 1.0, not from visiontk" in page


def test_a_new_version_is_a_new_trial(sound: Path) -> None:
    """For what the package adds, and for nothing else."""

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


def test_another_version_than_was_planned_is_refused(sound: Path) -> None:
    """A worker on another machine must not mix two versions in one result."""
    task, planned = experiment(Document({"task": "host", "learners": ["medians"], "folds": 1, "seeds": 1}, {}))
    (trial,) = prepare(planned, task, version="0").fits
    publish(sound, "sound_plugin", ALL, version="1.1")

    with pytest.raises(EnvironmentFault, match=r"medians: planned with .*sound_plugin 1\.0.*sound_plugin 1\.1"):
        visiontk.harness.run.run(trial, workdir=sound / "work")


def test_a_run_whose_package_is_gone_names_it(sound: Path) -> None:
    """Its predictions are there, but nobody knows what made them."""
    compared(learners=["centroid", "medians"])
    publish(sound, "sound_plugin", {})

    with pytest.raises(
        EnvironmentFault, match=r"'medians' of this run comes from package .*sound_plugin 1\.0"
    ) as caught:
        load("run")

    assert caught.value.error_id == "E-PLUGIN-MISSING"


def test_a_metric_is_computed_for_runs_of_before_and_missed_by_none(sound: Path) -> None:
    """Predictions are the result: a metric may come and go."""
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
def test_a_metric_that_fails_costs_no_results(site: Path, fault: str, more: str, reason: str) -> None:
    """Everything was trained: the table has the others, and says why this one is missing."""
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
def test_what_is_broken_is_refused_with_its_reason_and_disturbs_nothing(
    sound: Path, group: str, text: str, reason: str
) -> None:
    """The task works without it, and so does what others add."""
    publish(sound, "broken_plugin", {group: {"host.thing": "broken_plugin:thing"}}, text=text)

    task, out = get_task("host"), rejected_additions("host")

    (error,) = out.values()
    assert list(out) == [(group[:-1], "thing")]
    assert error.error_id == "E-PLUGIN-BROKEN"
    assert f"{group[:-1].capitalize()} 'host.thing' (package broken_plugin 1.0): " in error.message
    assert reason in error.message
    assert "thing" not in {*task.learners, *task.metrics, *task.datasets}
    assert "medians" in task.learners
    assert compared().exit_code == 0


def test_asking_for_what_is_broken_says_why(site: Path) -> None:
    """Not merely that there is no such learner."""
    publish(site, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="raise OSError('gone')")

    with pytest.raises(EnvironmentFault, match="OSError: gone") as caught:
        compared(learners=["prior", "thing"])

    assert caught.value.exit_code == 6


def test_two_packages_that_add_one_name_are_both_refused(sound: Path) -> None:
    """Nobody knows which one was meant; the task works without either."""
    publish(sound, "other_plugin", LEARNER)

    with pytest.raises(EnvironmentFault) as caught:
        compared(learners=["centroid", "medians"])

    assert caught.value.error_id == "E-PLUGIN-TWICE"
    assert "one in package other_plugin 1.0, one in package sound_plugin 1.0" in caught.value.message
    assert "medians" not in get_task("host").learners
    assert compared().exit_code == 0


@pytest.mark.parametrize("learners", [None, ["centroid"]])
def test_a_package_replaces_nothing_that_the_task_has(site: Path, learners: list[str] | None) -> None:
    """Where the name is asked for, both owners are named; otherwise the task's own stays."""
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
def test_what_belongs_to_no_task_is_told(site: Path, name: str, reason: str) -> None:
    """It is listed as broken, as nobody would find it otherwise."""
    publish(site, "stray_plugin", {"learners": {name: "stray_plugin:thing"}}, text="")

    ((_, error),) = stray_additions()

    assert "(package stray_plugin 1.0)" in error.message
    assert reason in error.message


def test_an_entry_of_a_module_alone_is_told(site: Path) -> None:
    """Nobody knows which of its functions was meant."""
    publish(site, "short_plugin", {"learners": {"host.thing": "short_plugin"}}, text="")

    assert "write module:function" in rejected_additions("host")["learner", "thing"].message


def test_both_executors_find_what_was_added(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers import it themselves, in the version that was planned."""
    result = compared(learners=["medians"], executor="processes", workers=1)

    assert result.exit_code == 0, result.values["failed"]
    assert json.loads(next(Path("run/trials").glob("*/trial.json")).read_text())["packages"] == {
        "host_plugin": "1.0",
        "sound_plugin": "1.0",
    }
    assert [each.name for each in additions("host")] == ["more", "medians", "error_rate"]
    assert RunDirectory(Path("run")).trials()[0].packages["sound_plugin"] == "1.0"


def test_lists_show_what_was_added_what_is_broken_and_what_belongs_nowhere(
    sound: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its package; what a plugin prints while it is imported is no part of the list."""
    publish(sound, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="print('hello')")
    publish(sound, "stray_plugin", {"learners": {"nowhere.thing": "stray_plugin:thing"}}, text="")

    rows = listing("learners")
    with_sound = next(row for row in rows if row.get("learner") == "medians")
    print_listing("learners", rows)

    assert with_sound["package"] == "sound_plugin 1.0"
    assert not with_sound["default"]
    said = capsys.readouterr()
    text = " ".join(said.out.split())
    assert "from package sound_plugin 1.0" in text
    assert "thing BROKEN: Learner 'host.thing' (package broken_plugin 1.0): cannot be imported" in text
    assert "thing BROKEN: Learner 'nowhere.thing' (package stray_plugin 1.0): no task 'nowhere' is installed" in text
    assert "hello" not in said.out
    assert [row["metric"] for row in listing("metrics", "host")] == ["accuracy", "error_rate"]
    assert [row["package"] for row in listing("datasets", "host")] == [None, "sound_plugin 1.0"]


def test_the_doctor_looks_at_what_was_added(sound: Path) -> None:
    """Sound or not, each is one finding."""
    publish(sound, "broken_plugin", {"learners": {"host.thing": "broken_plugin:thing"}}, text="")

    checks = {check["name"]: check for check in examine()["checks"]}

    assert checks["learner host.medians"]["ok"]
    assert checks["learner host.medians"]["text"] == "from package sound_plugin 1.0"
    assert not checks["learner host.thing"]["ok"]
    assert "has no attribute 'thing'" in checks["learner host.thing"]["text"]
    assert checks["learner host.thing"]["hint"]
