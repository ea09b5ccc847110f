"""Predictions of a run, written as tables and read back."""

import pytest

from visiontk.api import compare
from visiontk.api.exported_predictions import export_predictions
from visiontk.api.predicted import compare_predictions
from visiontk.api.predictions_task import metrics_of
from visiontk.errors import ConfigError
from visiontk.harness.store import RunDirectory
from visiontk.registry import get_task

TASKS = ("image_classification", "text_classification", "audio_classification", "facial_expression", "medical_imaging")
NUMBERS = ("difference", "low", "high", "p_value", "p_adjusted", "verdict", "test", "scope")


def exported(run, task, folder):
    paths = export_predictions(RunDirectory(run), get_task(task), folder)
    test = {path.stem: path for path in paths if path.parent == folder}
    valid = {path.stem: path for path in paths if path.parent != folder}
    return test, valid


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_exported_predictions_give_the_same_results(name, tmp_path):
    task = get_task(name)
    names = [each for each, factory in task.learners.items() if factory.about.family == "classical"][:2]
    run = compare(name, learners=names, preset="quick", seeds=2, out=tmp_path / "run", executor="serial", audit=False)

    test, valid = exported(tmp_path / "run", name, tmp_path / "tables")
    again = compare_predictions(
        {each: test[each] for each in names},
        valid={each: valid[each] for each in names} if valid else None,
        metric=run.values["metric"],
        reference=run.values["reference"],
        out=tmp_path / "again",
    ).values

    same = [
        each
        for each, metric in metrics_of(len(again["dataset"]["labels"]), has_valid=bool(valid)).items()
        if task.metrics.get(each) == metric
    ]
    assert run.values["metric"] in same
    rows = {row["name"]: row["metrics"] for row in again["learners"]}
    for row in run.values["learners"]:
        assert {each: rows[row["name"]][each] for each in same} == {each: row["metrics"][each] for each in same}
    (compared,), (before,) = again["comparisons"], run.values["comparisons"]
    assert {key: compared[key] for key in NUMBERS} == {key: before[key] for key in NUMBERS}


def test_existing_tables_are_not_replaced(tmp_path):
    compare("image_classification", learners=["prior"], preset="quick", out=tmp_path / "run", executor="serial",
            audit=False)  # fmt: skip
    test, valid = exported(tmp_path / "run", "image_classification", tmp_path / "tables")

    assert test["prior"].read_text().splitlines()[0].startswith("id,truth,seed,fold,prob_0,prob_1")
    assert set(valid) == {"prior"}
    with pytest.raises(ConfigError, match="exists already"):
        exported(tmp_path / "run", "image_classification", tmp_path / "tables")
