"""The negative control on the command line."""

import json
from pathlib import Path

import pytest

import visiontk
from visiontk.report.results import read_results

CONFIG = """
task: image_classification
dataset: {name: digits}
preset: quick
folds: 3
max_train: 300
learners: {prior: {}, logistic: {}, hog_svm: {}}
negative_control: true
"""


def test_a_dry_run_counts_the_fits_on_shuffled_labels(call) -> None:
    """One more of each learner and fold, with the first seed."""
    arguments = ("compare", "image_classification", "--learners", "prior,logistic", "--seeds", "2", "--folds", "3")

    text = call(*arguments, "--negative-control", "--dry-run").out
    value = json.loads(call(*arguments, "--negative-control", "--dry-run", "--json").out)

    assert "fits: 12 (2 learners (prior, logistic), 3 folds, once as they ignore the seed; 6 on shuffled labels; " in (
        " ".join(text.split())
    )
    assert (value["n_fits"], value["n_study_fits"]) == (12, {"shuffled_labels": 6})
    assert "shuffled" not in call(*arguments, "--dry-run").out


@pytest.mark.slow
def test_a_control_of_embedded_data_is_calm(call, tmp_path: Path) -> None:
    """From a config; traditional learners read digits, and shuffled labels of digits as often as by chance."""
    Path("my.yaml").write_text(CONFIG)

    result = call("compare", "my.yaml", "--out", "run", "--no-audit")

    assert result.code == 0
    assert "LEAK" not in result.out
    results = read_results(tmp_path / "run")
    (row,) = results["negative_control"]["families"]
    assert row["family"] == "classical"
    assert row["low"] < 0 < row["high"]
    assert row["value"] == pytest.approx(0.1, abs=0.03)
    assert max(each["metrics"]["accuracy"]["value"] for each in results["learners"]) > 0.9
    assert visiontk.load("run").table()["n_trials"].tolist() == [3, 3, 3]
    assert visiontk.verify("run", learners=["prior"], executor="serial").values["outcome"] == "identical"
    assert "Negative control: shuffled labels" in Path("run/report.html").read_text()
