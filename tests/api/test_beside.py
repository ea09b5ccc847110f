"""Comparison of an external model with the learners of a run, on the same test samples."""

import csv

import pytest

from visiontk.api import compare
from visiontk.api.beside import compare_beside
from visiontk.api.exported_predictions import export_predictions
from visiontk.errors import ConfigError, DataError
from visiontk.harness.store import RunDirectory
from visiontk.registry import get_task


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "digits"
    compare("image_classification", learners=["prior", "logistic"], preset="quick", reference="logistic", out=folder,
            executor="serial", audit=False)  # fmt: skip
    return folder


@pytest.fixture
def predictions(run, tmp_path):
    """Predicted classes for the test samples of the run, of which every tenth is wrong."""
    store = RunDirectory(run)
    (table, *_) = export_predictions(store, get_task("image_classification"), tmp_path / "tables")
    with table.open() as file:
        rows = list(csv.DictReader(file))
    lines = [f"{row['id']},{(int(row['truth']) + (i % 10 == 0)) % 10}\n" for i, row in enumerate(rows)]
    path = tmp_path / "mine.csv"
    path.write_text("id,prediction\n" + "".join(lines))
    return path


def test_an_external_model_is_compared_with_the_reference_of_the_run(run, predictions, tmp_path):
    result = compare_beside(run, {"mine": predictions}, out=tmp_path / "out")

    values = result.values
    rows = {row["name"]: row for row in values["learners"]}
    assert values["pair"] == ["mine", "logistic"]
    assert rows["mine"]["metrics"]["accuracy"]["value"] == pytest.approx(0.9, abs=0.01)
    assert rows["mine"]["fit_cpu_s"] is None
    assert rows["logistic"]["fit_cpu_s"] > 0
    assert {name: row["family"] for name, row in rows.items()} == {
        "mine": "unstated",
        "logistic": "classical",
        "prior": "floor",
    }
    assert values["warnings"][0].startswith("mine was fitted elsewhere")
    assert "of mine: split, tuning" in values["signature"]
    assert "of mine: split, tuning" in (tmp_path / "out" / "report.html").read_text()


def test_ids_that_do_not_match_are_listed_in_the_error(run, predictions, tmp_path):
    lines = predictions.read_text().splitlines(keepends=True)
    (tmp_path / "part.csv").write_text("".join([*lines[:-1], "nobody,3\n"]))

    with pytest.raises(DataError, match="'nobody'") as caught:
        compare_beside(run, {"mine": tmp_path / "part.csv"}, out=tmp_path / "out")

    assert caught.value.error_id == "E-PREDICTIONS-IDS"
    assert not (tmp_path / "out").exists()


def test_the_name_of_a_learner_of_the_run_is_an_error(run, predictions, tmp_path):
    with pytest.raises(ConfigError, match="is called 'prior' too"):
        compare_beside(run, {"prior": predictions}, out=tmp_path / "out")
