"""Views: another metric, unit or calibration of a finished run."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from visiontk.core import Task
from visiontk.errors import ConfigError, DataError
from visiontk.executors import Serial
from visiontk.harness.drive import Prepared, drive
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import plan
from visiontk.harness.store import RunDirectory
from visiontk.metrics import balanced_accuracy
from visiontk.report.evidence.view import View
from visiontk.report.results import compute_results
from visiontk.testing import tiny_images, tiny_task


def both() -> Task:
    """Return the tiny task with a second metric."""
    task = tiny_task()
    return dataclasses.replace(task, metrics={**task.metrics, "balanced_accuracy": balanced_accuracy})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """Twelve groups, two folds, one seed."""
    samples = tiny_images(240, groups=12)
    learners = {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 300.0}}
    experiment = Experiment("tiny", "synthetic", learners, {"n": 240, "groups": 12}, folds=2, seeds=(0,))
    prepared = Prepared(experiment, samples, plan(experiment, both(), samples, version="0.1.0"))
    return drive(prepared, both(), tmp_path_factory.mktemp("view") / "a", executor=Serial())


def test_another_metric_is_compared(run: RunDirectory) -> None:
    """Order, reference, comparisons and headline follow it, and a warning says that it was changed."""
    plain, other = compute_results(run, both()), compute_results(run, both(), view=View("balanced_accuracy"))

    assert (plain["metric"], other["metric"]) == ("accuracy", "balanced_accuracy")
    assert {row["metric"] for row in other["comparisons"]} == {"balanced_accuracy"}
    assert other["learners"][0]["metrics"] == plain["learners"][0]["metrics"]
    assert "changed after the run, from accuracy to balanced accuracy" in other["warnings"][0]
    assert "balanced_accuracy: " in other["signature"]
    assert other["signature"].endswith(" | metric or unit chosen after the run")
    assert "chosen after" not in plain["signature"]
    assert not any("changed after" in warning for warning in plain["warnings"])


def test_a_view_with_the_settings_of_the_run_changes_nothing(run: RunDirectory) -> None:
    plain, viewed = compute_results(run, both()), compute_results(run, both(), view=View("accuracy", "group"))

    assert viewed | {"created": ""} == plain | {"created": ""}


def test_samples_as_the_unit_despite_groups_give_a_warning(run: RunDirectory) -> None:
    """240 samples instead of 12 groups make the interval too narrow."""
    plain, other = compute_results(run, both()), compute_results(run, both(), view=View("", "sample"))

    assert plain["comparisons"][0]["uncertainty"]["n_units"] == 12
    assert other["comparisons"][0]["uncertainty"]["n_units"] == 240
    assert other["comparisons"][0]["uncertainty"]["unit"] == "sample"
    assert "although they come in 12 groups" in other["warnings"][0]
    assert other["dataset"]["n_groups"] is None


def test_groups_are_read_from_a_table(run: RunDirectory, tmp_path: Path) -> None:
    """A CSV column by id; its values are not stored in the result."""
    ids = np.concatenate([run.predictions(trial).ids for trial in run.trials() if trial.learner == "centroid"])
    lines = [f"{name},person {i % 30}" for i, name in enumerate(ids)]
    (tmp_path / "people.csv").write_text("\n".join(["id,person", *lines]))

    result = compute_results(run, both(), view=View("", f"{tmp_path / 'people.csv'}:person"))

    assert result["comparisons"][0]["uncertainty"]["n_units"] == 30
    assert result["dataset"]["n_groups"] == 30
    assert "person 3" not in str(result)
    assert "changed after the run, to people.csv:person" in result["warnings"][0]


def test_the_name_of_the_groups_is_accepted_as_unit(run: RunDirectory, tmp_path: Path) -> None:
    """Another name is an error."""
    shutil.copytree(run.path, tmp_path / "named")
    named = RunDirectory(tmp_path / "named")
    named.write_json("data.json", run.read_json("data.json") | {"grouped_by": "person"})

    plain, viewed = compute_results(named, both()), compute_results(named, both(), view=View("", "person"))

    assert viewed | {"created": ""} == plain | {"created": ""}
    assert "Test samples come in 12 groups by person; intervals" in " ".join(plain["warnings"])
    with pytest.raises(ConfigError, match="'patient' is not a unit"):
        compute_results(named, both(), view=View("", "patient"))


def test_folds_may_be_the_unit(run: RunDirectory) -> None:
    """Two folds are too few units for a verdict."""
    result = compute_results(run, both(), view=View("", "fold"))

    assert result["comparisons"][0]["verdict"] == "invalid"
    assert "2 groups, too few" in result["comparisons"][0]["reason"]


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (View("acuracy"), "metric: .*'acuracy'.*accuracy"),
        (View("", "person"), "group: 'person' is not a unit"),
        (View("", ":person"), "group: ':person' is not a unit"),
    ],
)
def test_an_unknown_metric_or_unit_is_an_error(run: RunDirectory, view: View, message: str) -> None:
    """The message lists the valid ones."""
    with pytest.raises(ConfigError, match=message):
        compute_results(run, both(), view=view)


def test_a_table_without_all_samples_is_an_error(run: RunDirectory, tmp_path: Path) -> None:
    """A sample without a group could neither be dropped nor form its own."""
    (tmp_path / "people.csv").write_text("id,person\n1,a\n")

    with pytest.raises(ConfigError, match=r"no person for .* of 240 test samples, such as"):
        compute_results(run, both(), view=View("", f"{tmp_path / 'people.csv'}:person"))
    with pytest.raises(DataError, match="name"):
        compute_results(run, both(), view=View("", f"{tmp_path / 'people.csv'}:name"))
