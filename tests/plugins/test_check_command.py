"""The contract check: every fault of a plugin is reported, and a crash affects nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packages import ALL, HOST, PLUGIN, publish

from visiontk.cli.contract_check import CheckDisplay, check_contract
from visiontk.errors import ConfigError, EnvironmentFault
from visiontk.testing import Step, run_check, steps
from visiontk.testing.checks import fitting_checks, plain_checks
from visiontk.testing.contract import OF_DATASETS, OF_LEARNERS, OF_METRICS
from visiontk.testing.remedies import REMEDIES

PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "median-plugin"
version = "1.0"

[project.entry-points."visiontk.learners"]
"host.medians" = "median_plugin:medians"
"image_classification.medians" = "median_plugin:medians"

[project.entry-points."visiontk.metrics"]
"host.error_rate" = "median_plugin:error_rate"

[project.entry-points."visiontk.datasets"]
"host.more" = "median_plugin:more"

[tool.setuptools]
py-modules = ["median_plugin"]
"""
PIP = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]

RunDirectory = Callable[..., Any]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages, one of which has a task."""
    folder = tmp_path / "site"
    publish(folder, "host_plugin", {"tasks": {"host": "host_plugin:TASK"}}, text=HOST)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *sys.path[1:]]))
    monkeypatch.chdir(tmp_path)
    return folder


def visiontk(*arguments: str, code: int = 0) -> Any:
    """Run a command in a separate process and return its JSON value."""
    process = subprocess.run(
        [sys.executable, "-m", "visiontk", *arguments, "--json"], capture_output=True, text=True, check=False
    )
    assert process.returncode == code, process.stdout + process.stderr
    return json.loads(process.stdout)


def test_every_check_has_a_remedy_and_a_subject() -> None:
    names = {check.__name__ for check in (*plain_checks(), *fitting_checks())}

    assert set(REMEDIES) == names
    assert {*OF_DATASETS, *OF_LEARNERS, *OF_METRICS} == {check.__name__ for check in plain_checks()}


def test_check_names_are_displayed_as_sentences() -> None:
    """Commas and capitals are restored."""
    assert [Step("x", check.__name__).sentence for check in plain_checks()][-1] == "Trials survive pickle and JSON"


def test_steps_can_be_filtered() -> None:
    """By a word of the name, and by speed."""
    fast, slow = (steps("image_classification", speed=speed) for speed in ("fast", "slow"))

    assert [step.check for step in fast] == [check.__name__ for check in plain_checks()]
    assert [step.check for step in slow] == [check.__name__ for check in fitting_checks()]
    assert {step.check for step in steps("image_classification", only="SEED")} == {
        "same_seed_gives_same_scores",
        "only_seeded_learners_depend_on_the_seed",
    }
    assert [step.check for step in steps("image_classification.accuracy")] == list(OF_METRICS)
    assert [step.check for step in steps("image_classification.mnist")] == list(OF_DATASETS)


@pytest.mark.parametrize(
    ("subject", "only", "text"),
    [
        ("image_clasification", "", "Did you mean 'image_classification'"),
        ("image_classification.hogsvm", "", "Did you mean 'hog_svm'"),
        ("image_classification", "nonsense", "no check of image_classification contains this"),
    ],
)
def test_unknown_subjects_and_checks_suggest_the_nearest_name(subject: str, only: str, text: str) -> None:
    """The error is raised before a process is started."""
    with pytest.raises(ConfigError, match=text):
        check_contract(subject, only=only, display=CheckDisplay(quiet=True))


@pytest.mark.slow
def test_the_example_in_the_documentation_satisfies_the_contract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its two code blocks form a working learner."""
    page = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text().partition("## Adding one thing to a task")[2]
    (text,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    project = tomllib.loads(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0])["project"]
    publish(tmp_path, "naive_bayes_images", {
        group.removeprefix("visiontk."): points for group, points in project["entry-points"].items()
    }, text=text)  # fmt: skip
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path[1:]]))

    for step in steps("image_classification.naive_bayes"):
        run_check(step)


@pytest.mark.slow
def test_a_real_package_is_listed_compared_and_checked(site: Path, tmp_path: Path) -> None:
    """The package is installed by pip from its project file."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / "median_plugin.py").write_text(PLUGIN)
    subprocess.run([*PIP, "--target", site, "--upgrade", project], check=True, capture_output=True)

    rows = {(row["task"], row["learner"]): row for row in visiontk("list", "learners")}
    result = visiontk("compare", "host", "--preset", "quick", "--learners", "prior,centroid,medians", "--out", "run")
    image = visiontk("task", "check", "image_classification.medians")
    complete = visiontk("task", "check", "host")

    assert rows["image_classification", "medians"]["package"] == rows["host", "medians"]["package"]
    assert rows["host", "medians"]["package"] in ("median-plugin 1.0", "median_plugin 1.0")
    assert not rows["host", "medians"]["default"]
    assert "error_rate" in {row["metric"] for row in visiontk("list", "metrics", "--task", "host")}
    assert "more" in {row["dataset"] for row in visiontk("list", "datasets", "--task", "host")}
    assert next(row for row in result["learners"] if row["name"] == "medians")["package"]["version"] == "1.0"
    for value in (image, complete):
        assert [row for row in value["checks"] if row["result"] != "holds"] == []
    assert {row["subject"] for row in complete["checks"]} == {"host", "host.more"}


FAULTS = {
    "ignores its seed": ("default_rng(seed)", "default_rng(0)", "only_seeded_learners_depend_on_the_seed"),
    "other scores with the same seed": ("default_rng(seed)", "default_rng()", "same_seed_gives_same_scores"),
    "change with the targets": (
        "        return scores / scores.sum",
        "        scores[np.arange(len(samples)), samples.y] += 1\n        return scores / scores.sum",
        "predictions_do_not_depend_on_targets",
    ),
    "change with the other samples": (
        "scores = np.exp(distance.min(axis=1, keepdims=True) - distance)",
        "scores = np.exp(distance.mean(axis=0) - distance)",
        "predictions_do_not_depend_on_other_samples",
    ),
    "do not sum to 1": (
        "return scores / scores.sum(axis=1, keepdims=True)",
        "return scores",
        "scores_are_finite_and_have_the_right_shape",
    ),
    "imports sklearn": ("import numpy as np", "import numpy as np\nimport sklearn", "importing_the_task_loads_no"),
    "no References section": (".. [1] Tukey", "Tukey", "every_learner_cites_a_source"),
    "no entry for jitter": ("    jitter : float\n", "", "every_parameter_is_described"),
    "jitter of learner medians is unbounded": ("Annotated[float, Ge(0)]", "float", "every_number_of_a_learner"),
    "gives other scores": (
        "x = self.seen(train)",
        "x = self.seen(train) + 50 * (workdir / 'begun').exists(); (workdir / 'begun').touch(); "
        "__import__('time').sleep(0.3)",
        "a_resumed_trial_equals_an_uninterrupted_one",
    ),
    "the process ended with code 7": (
        "        x = self.seen(train)",
        "        __import__('os')._exit(7)\n        x = self.seen(train)",
        "scores_are_finite_and_have_the_right_shape",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("reason", FAULTS)
def test_every_fault_of_a_learner_is_reported(reason: str, site: Path) -> None:
    """The matching check fails with a reason and a remedy; the exit code is 8."""
    old, new, check = FAULTS[reason]
    assert old in PLUGIN
    publish(site, "median_plugin", ALL, text=PLUGIN.replace(old, new))

    value = visiontk("task", "check", "host.medians", code=8)

    failed = {row["check"]: row for row in value["checks"] if row["result"] == "fails"}
    (row,) = (row for name, row in failed.items() if name.startswith(check))
    assert reason in row["reason"]
    assert row["remedy"]
    assert not value["holds"]
    assert len(value["checks"]) == len(OF_LEARNERS) + len(fitting_checks())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ("import nowhere_to_be_found", "median_plugin:medians", "No module named 'nowhere_to_be_found'"),
        (PLUGIN, "median_plugin:error_rate", "is a Metric, not a function that returns a Learner"),
        (PLUGIN, "median_plugin:median", "has no attribute 'median'"),
    ],
)
def test_an_unusable_addition_is_reported_and_the_task_still_works(
    text: str, value: str, reason: str, site: Path
) -> None:
    """Checking it by name is an error; for the task it is one failed check."""
    publish(site, "median_plugin", {"learners": {"host.medians": value}}, text=text)

    error = visiontk("task", "check", "host.medians", code=6)["error"]
    complete = visiontk("task", "check", "host", "--fast", code=8)
    (row,) = (row for row in visiontk("list", "learners", "--task", "host") if "broken" in row)

    assert error["id"] == "E-PLUGIN-BROKEN"
    assert [each["subject"] for each in complete["checks"] if each["result"] == "fails"] == ["host.medians"]
    for message in (error["message"], complete["checks"][0]["reason"], row["broken"]):
        assert "(package median_plugin 1.0)" in message
        assert reason in message
    assert visiontk("compare", "host", "--preset", "quick", "--executor", "serial")["complete"]


@pytest.mark.slow
def test_results_can_be_printed_as_text(site: Path) -> None:
    """There is one line per check, failures have a reason and a remedy, and the last line has a count."""
    publish(site, "median_plugin", ALL, text=PLUGIN.replace("default_rng(seed)", "default_rng(0)"))

    process = subprocess.run(
        [sys.executable, "-m", "visiontk", "task", "check", "host.medians", "--only", "seed"],
        capture_output=True, text=True, check=False, env=os.environ | {"COLUMNS": "100"},
    )  # fmt: skip

    assert process.returncode == 8
    assert " s  Same seed gives same scores" in process.stdout
    assert "FAILS" in process.stdout
    assert "medians ignores its seed: declare About(..., seeded=False)" in process.stdout
    assert "To do: Pass seed to everything random" in process.stdout
    assert "1 of 2 checks fails." in process.stdout
    assert not process.stderr


def test_a_task_that_cannot_be_imported_is_an_environment_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has the reason."""
    publish(tmp_path, "broken_plugin", {"tasks": {"broken": "broken_plugin:TASK"}}, text="raise OSError('no disk')")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(EnvironmentFault, match="OSError: no disk"):
        check_contract("broken", display=CheckDisplay(quiet=True))
