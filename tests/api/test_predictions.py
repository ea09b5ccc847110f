"""Comparison of existing predictions: verdicts as of a run, checked against other programs."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from visiontk.api import across, load
from visiontk.api.exported_predictions import export_run
from visiontk.api.predicted import compare_predictions
from visiontk.errors import ConfigError, VisiontkError

FRAMEWORKS = ("tensorflow", "keras", "sklearn", "torch", "jax", "pandas")


def scores(y, separation, seed):
    """Probabilities of class 1 from a noisy margin."""
    margin = separation * (2 * y - 1) + np.random.default_rng(seed).normal(size=len(y))
    return 1 / (1 + np.exp(-2 * margin))


@pytest.fixture
def y():
    return np.random.default_rng(0).integers(2, size=400)


@pytest.fixture
def two(y):
    return {"resnet": scores(y, 1.2, 1), "svm": scores(y, 0.8, 2)}


def test_mcnemar_and_wilson_agree_with_statsmodels(y, two, tmp_path):
    result = compare_predictions(two, y=y, out=tmp_path / "run")

    right = {name: (p > 0.5) == y for name, p in two.items()}
    table = [[sum(right["resnet"] & right["svm"]), sum(right["resnet"] & ~right["svm"])],
             [sum(~right["resnet"] & right["svm"]), sum(~right["resnet"] & ~right["svm"])]]  # fmt: skip
    row = result.values["comparisons"][0]
    assert row["mcnemar_p"] == pytest.approx(mcnemar(table, exact=True).pvalue, rel=1e-9)
    for learner in result.values["learners"]:
        measured = learner["metrics"]["accuracy"]
        n_right = sum(right[learner["name"]])
        assert measured["value"] == n_right / 400
        expected = proportion_confint(n_right, 400, method="wilson")
        assert (measured["low"], measured["high"]) == pytest.approx(expected, rel=1e-9)


def test_the_accuracies_of_two_models_are_compared_by_a_paired_t_test(y, two, tmp_path):
    """Interval and p-value are those of one test, with half a pseudo-sample in each cell of the table."""
    result = compare_predictions(two, y=y, out=tmp_path / "run")

    right = {name: ((p > 0.5) == y).astype(float) for name, p in two.items()}
    differences = right["svm"] - right["resnet"]
    error = np.sqrt(differences.var(ddof=1) / 400 + 1 / 402**2)
    half = stats.t.ppf(0.975, 399) * error
    (row,) = result.values["comparisons"]
    assert (row["test"], row["confidence"], row["n_comparisons"]) == ("paired t", 0.95, 1)
    assert row["p_value"] == row["p_adjusted"] == pytest.approx(2 * stats.t.sf(abs(differences.mean()) / error, 399))
    expected = differences.mean() - half, differences.mean() + half
    assert (row["low"], row["high"]) == pytest.approx(expected, rel=1e-6)


def test_delong_agrees_with_placements_computed_pair_by_pair(y, two, tmp_path):
    result = compare_predictions(two, y=y, metric="auc", out=tmp_path / "run")

    placements = {}
    for name, p in two.items():
        wins = (p[y == 1][:, None] > p[y == 0]) + 0.5 * (p[y == 1][:, None] == p[y == 0])
        placements[name] = wins.mean(axis=1), wins.mean(axis=0)
    auc = {name: positives.mean() for name, (positives, _) in placements.items()}
    differences = [a - b for a, b in zip(*placements.values(), strict=True)]
    parts = [np.var(each, ddof=1) / len(each) for each in differences]
    variance = sum(parts)
    # Welch's degrees of freedom, of variances with an allowance for what few samples of a class do not show.
    parts = [v + 1 / (2 * (len(each) + 2)) ** 2 for v, each in zip(parts, differences, strict=True)]
    df = sum(parts) ** 2 / sum(v**2 / (len(each) - 1) for v, each in zip(parts, differences, strict=True))
    row = result.values["comparisons"][0]
    assert row["test"] == "DeLong"
    assert row["difference"] == pytest.approx(auc["svm"] - auc["resnet"], abs=1e-12)
    assert row["uncertainty"]["standard_error"] == pytest.approx(np.sqrt(variance), rel=1e-6)
    p_value = 2 * stats.t.sf(abs(row["difference"]) / np.sqrt(variance), df)  # t, not the normal distribution
    assert row["p_value"] == pytest.approx(p_value, rel=1e-6)
    assert {learner["name"]: learner["metrics"]["auc"]["value"] for learner in result.values["learners"]} == (
        pytest.approx(auc, abs=1e-12)
    )


def test_scores_are_not_rounded(y, tmp_path):
    """Probabilities that are equal in single precision are still ranked."""
    sure = 1 - (2 - y + np.arange(400) / 1000) * 1e-10

    values = compare_predictions(
        {"sure": sure, "half": np.full(400, 0.5)}, y=y, metric="auc", out=tmp_path / "r"
    ).values

    assert {row["name"]: row["metrics"]["auc"]["value"] for row in values["learners"]} == {"sure": 1.0, "half": 0.5}


def test_the_order_of_the_arguments_determines_the_pair(y, two, tmp_path):
    others = {"other": scores(y, 2.0, 3), "another": scores(y, 0.9, 4)}
    four = {"svm": two["svm"], "resnet": two["resnet"]} | others

    values = compare_predictions(four, y=y, out=tmp_path / "run").values

    assert values["pair"] == ["svm", "resnet"]
    assert values["reference"] == "svm"
    assert (values["headlines"][0]["challenger"], values["headlines"][0]["classical"]) == ("svm", "resnet")
    reason = "named first; the first two that are named are the pair that is compared"
    assert values["reference_reason"] == reason
    assert reason in (tmp_path / "run" / "report.html").read_text()
    assert [row["learner"] for row in values["comparisons"] if row["primary"]] == ["resnet"]
    assert {row["learner"]: row["n_comparisons"] for row in values["comparisons"]} == {
        "resnet": 1, "other": 2, "another": 2
    }  # fmt: skip


def test_other_models_do_not_change_the_comparison_of_the_first_two(y, two, tmp_path):
    """Holm's correction counted them."""
    more = two | {f"noise_{i}": scores(y, 0.05 * i, 10 + i) for i in range(4)}

    few, many = (
        compare_predictions(models, y=y, out=tmp_path / str(len(models))).values for models in (two, more)
    )  # fmt: skip

    assert many["comparisons"][0] == few["comparisons"][0]
    assert many["headlines"][0] == few["headlines"][0]


def test_a_reference_and_families_can_be_stated(y, two, tmp_path):
    values = compare_predictions(
        two, y=y, reference="svm", families={"resnet": "network", "svm": "classical"}, out=tmp_path / "run"
    ).values

    assert values["reference"] == "svm"
    assert values["reference_reason"].startswith("as requested")
    assert {row["name"]: row["family"] for row in values["learners"]} == {"resnet": "network", "svm": "classical"}
    assert values["headlines"][0]["challenger"] == "resnet"
    assert values["headlines"][0]["verdict"] == "better"


@pytest.mark.parametrize("claim", ["RESNET > svm by 1", "network > traditional by 1"])
def test_a_claim_about_predictions_is_exploratory(y, two, claim, tmp_path):
    """They may have been looked at before it was made."""
    families = {"resnet": "network", "svm": "classical"}

    result = compare_predictions(two, y=y, claim=claim, families=families, out=tmp_path / "run")

    answer = result.values["claim"]
    assert (answer["learner"], answer["reference"], answer["bound"]) == ("resnet", "svm", 0.01)
    assert (answer["stated"], answer["exploratory"]) == ("stated after the predictions existed", True)
    assert load(tmp_path / "run").values["claim"] == answer
    assert "Claim (exploratory): " in (tmp_path / "run" / "report.html").read_text()


def test_page_and_signature_list_unknown_properties(y, two, tmp_path):
    result = compare_predictions(two, y=y, out=tmp_path / "run")

    page = (tmp_path / "run" / "report.html").read_text()
    unknown = "split, tuning and number of looks at the test set not known, costs as stated or not known"
    assert unknown in result.values["signature"]
    assert f"Fitted elsewhere: {unknown}." in page
    assert "These models were fitted elsewhere" in result.values["warnings"][0]
    assert "No search for parameters" not in page
    assert "What the two cost is not known" in page
    assert "traditional" not in result.sentence


def test_groups_are_the_unit_of_independence(y, two, tmp_path):
    groups = np.repeat(np.arange(40), 10)

    values = compare_predictions(two, y=y, groups=groups, out=tmp_path / "run").values

    assert values["comparisons"][0]["uncertainty"]["unit"] == "group"
    assert values["comparisons"][0]["uncertainty"]["n_units"] == 40
    assert values["dataset"]["n_groups"] == 40


def test_several_fits_have_the_scope_of_the_procedure(y, tmp_path):
    fits = {
        name: np.stack([np.stack([1 - p, p], axis=1) for p in (scores(y, s, seed + k) for k in range(3))])
        for name, s, seed in (("resnet", 1.2, 10), ("svm", 0.8, 20))
    }

    values = compare_predictions(fits, y=y, out=tmp_path / "run").values

    assert values["headlines"][0]["scope"] == "procedure"
    assert values["seeds"] == [0, 1, 2]
    assert "3 fits of each model" in (tmp_path / "run" / "report.html").read_text()


def test_calibration_and_threshold_are_chosen_on_a_validation_set(y, two, tmp_path):
    valid_y = np.random.default_rng(5).integers(2, size=300)
    valid = {"resnet": scores(valid_y, 1.2, 6), "svm": scores(valid_y, 0.8, 7)}

    values = compare_predictions(
        two, y=y, valid=valid, valid_y=valid_y, calibration="temperature", threshold=0.9, out=tmp_path / "run"
    ).values

    assert values["dataset"]["n_valid"] == 300
    assert values["calibration"] == "temperature"
    assert "temperature calibration on valid" in values["signature"]
    assert values["probabilities"]["pair"] == ["resnet", "svm"]
    assert "sensitivity_at_95" in values["metrics"]


def test_calibration_without_a_validation_set_is_an_error(y, two, tmp_path):
    with pytest.raises(ConfigError, match="no predictions") as caught:
        compare_predictions(two, y=y, calibration="isotonic", out=tmp_path / "run")

    assert caught.value.error_id == "E-PREDICTIONS-VALID"
    assert not (tmp_path / "run").exists()


def test_classes_without_scores_have_metrics_of_decisions_only(y, two, tmp_path):
    doctors = {"ann": (two["resnet"] > 0.5).astype(int), "bob": (two["svm"] > 0.5).astype(int)}

    values = compare_predictions(doctors, y=y, out=tmp_path / "run").values

    metrics = values["learners"][0]["metrics"]
    assert metrics["auc"]["value"] is None
    assert metrics["auc"]["reason"] == "it names classes without scores"
    assert metrics["sensitivity"]["value"] is not None
    assert values["headlines"][0]["verdict"] == "better"


def test_a_metric_that_needs_scores_is_invalid_for_classes(y, two, tmp_path):
    values = compare_predictions(
        {"ann": (two["resnet"] > 0.5).astype(int), "svm": two["svm"]}, y=y, metric="auc", out=tmp_path / "run"
    ).values

    assert values["headlines"][0]["verdict"] == "invalid"
    assert "ann only names classes" in values["headlines"][0]["reason"]


def test_stated_costs_are_in_the_results(y, two, tmp_path):
    tables = {
        name: pd.DataFrame({"id": np.arange(400), "truth": y, "prob": p, "fit_s": seconds, "latency_ms": seconds / 10})
        for (name, p), seconds in zip(two.items(), (60.0, 2.0), strict=True)
    }

    values = compare_predictions(tables, out=tmp_path / "run").values

    assert {row["name"]: row["fit_cpu_s"] for row in values["learners"]} == {"resnet": 60.0, "svm": 2.0}
    assert values["headlines"][0]["fit_cost_ratio"] == 30


def test_slices_are_columns_of_the_tables(y, two, tmp_path):
    scanner = np.where(np.arange(400) < 200, "old", "new")
    tables = {name: pd.DataFrame({"id": np.arange(400), "truth": y, "prob": p, "scanner": scanner})
              for name, p in two.items()}  # fmt: skip

    values = compare_predictions(tables, slices=["scanner"], out=tmp_path / "run").values

    assert [each["column"] for each in values["slices"]] == ["scanner"]
    assert {each["name"]: each["n"] for each in values["slices"][0]["slices"]} == {"old": 200, "new": 200}


def test_the_same_predictions_use_the_same_folder(y, two, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = compare_predictions(two, y=y)
    (first.path / "mine.txt").write_text("stays")

    second = compare_predictions(two, y=y)

    assert first.path == second.path
    assert (first.path / "mine.txt").read_text() == "stays"
    assert first.path.name.startswith("predictions-")


def test_a_folder_with_other_files_is_not_changed(y, two, tmp_path):
    (tmp_path / "mine.txt").write_text("stays")

    with pytest.raises(ConfigError) as caught:
        compare_predictions(two, y=y, out=tmp_path)

    assert caught.value.error_id == "E-PREDICTIONS-OUT"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("arguments", "error_id"),
    [
        ({"reference": "svn"}, "E-PREDICTIONS-NAME"),
        ({"families": {"svn": "network"}}, "E-PREDICTIONS-NAME"),
        ({"families": {"svm": "net"}}, "E-PREDICTIONS-NAME"),
        ({"families": {"resnet": "floor"}}, "E-PREDICTIONS-NAME"),
        ({"metric": "acc"}, "E-UNKNOWN-METRIC"),
        ({"margin": 2.0}, "E-CONFIG-VALUE"),
        ({"claim": "resnet > svn"}, "E-CONFIG-CLAIM"),
        ({"claim": "network > traditional"}, "E-CONFIG-CLAIM"),
        ({"claim": "resnet beats svm"}, "E-CONFIG-CLAIM"),
        ({"claim": "resnet > svm by 2 points", "metric": "log_loss"}, "E-CONFIG-CLAIM"),
        ({"groups": "patient"}, "E-PREDICTIONS-COLUMN"),
        ({"valid": {"svm": [0.1, 0.9], "resnet": [0.1, 0.9]}, "valid_y": [0, 1]}, "E-PREDICTIONS-VALID"),
        ({"files": "nowhere"}, "E-PREDICTIONS-FILES"),
    ],
)
def test_invalid_arguments_write_no_file(y, two, arguments, error_id, tmp_path):
    with pytest.raises(VisiontkError) as caught:
        compare_predictions(two, y=y, out=tmp_path / "run", **arguments)

    assert caught.value.error_id == error_id
    assert list(tmp_path.iterdir()) == []


def test_a_single_model_is_an_error(y, two, tmp_path):
    with pytest.raises(ConfigError, match="needs two"):
        compare_predictions({"svm": two["svm"]}, y=y, out=tmp_path / "run")


def test_files_of_the_samples_are_shown_in_the_galleries(y, two, tmp_path):
    from PIL import Image

    folder = tmp_path / "files"
    folder.mkdir()
    for i in range(400):
        Image.new("L", (8, 8), i % 256).save(folder / f"s{i}.png")
    (tmp_path / "secret.png").write_bytes((folder / "s0.png").read_bytes())

    compare_predictions(two, y=y, ids=[f"s{i}" for i in range(400)], files=folder, out=tmp_path / "run")

    exhibits = json.loads((tmp_path / "run" / "exhibits.json").read_text())
    assert len(exhibits) > 10
    assert all(each["image"].startswith("data:image/png") for each in exhibits.values())


def test_an_id_never_refers_outside_the_folder_of_files(tmp_path):
    from visiontk.api.input_files import file_of

    (tmp_path / "files").mkdir()
    (tmp_path / "secret.txt").write_text("x")

    assert file_of(tmp_path / "files", "../secret.txt") is None
    assert file_of(tmp_path / "files", "../secret") is None
    assert file_of(tmp_path / "files", "a\0b") is None


def test_the_folder_is_a_run_directory(y, two, tmp_path):
    """It can be reported again, with the same numbers, or with another metric and unit."""
    first = compare_predictions(two, y=y, groups=np.arange(400) // 4, out=tmp_path / "run")

    again = load(tmp_path / "run")
    other = load(tmp_path / "run", metric="auc", group="sample")

    assert {**again.values, "created": 0} == {**first.values, "created": 0}
    assert other.values["metric"] == "auc"
    assert any("Samples are counted as if" in warning for warning in other.values["warnings"])
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "run", calibration="isotonic")
    assert caught.value.error_id == "E-PREDICTIONS-VALID"


def test_folds_of_the_tables_are_those_of_the_run(y, two, tmp_path):
    """They do not change results, and may be the unit."""
    fold = np.arange(400) % 5
    tables = {
        name: pd.DataFrame({"id": np.arange(400), "truth": y, "prob": p, "fold": fold}) for name, p in two.items()
    }

    with_folds = compare_predictions(tables, out=tmp_path / "a").values
    without = compare_predictions(two, y=y, out=tmp_path / "b").values

    assert with_folds["n_folds"] == 5
    assert [row["metrics"] for row in with_folds["learners"]] == [row["metrics"] for row in without["learners"]]
    numbers = ("difference", "low", "high", "p_value", "fold_test")
    assert {key: with_folds["comparisons"][0][key] for key in numbers} == {
        key: without["comparisons"][0][key] for key in numbers
    }
    by_fold = load(tmp_path / "a", group="fold").values
    assert by_fold["comparisons"][0]["uncertainty"]["n_units"] == 5


def test_names_of_models_never_refer_outside_a_folder(y, two, tmp_path):
    odd = {"../resnet": two["resnet"], "a/b <i>": (two["svm"] > 0.5).astype(int)}
    compare_predictions(odd, y=y, out=tmp_path / "run")

    paths = export_run(tmp_path / "run", tmp_path / "tables")
    again = compare_predictions(dict(zip(sorted(odd), paths, strict=True)), out=tmp_path / "b")

    assert {path.parent for path in paths} == {tmp_path / "tables"}
    assert "<i>" not in (tmp_path / "run" / "report.html").read_text()
    assert [row["metrics"]["accuracy"]["value"] for row in again.values["learners"]] == [
        row["metrics"]["accuracy"]["value"] for row in load(tmp_path / "run").values["learners"]
    ]


def test_several_data_sets_are_ranked(tmp_path):
    runs = []
    for k in range(3):
        y = np.random.default_rng(k).integers(2, size=200)
        models = {name: scores(y, s, 10 * s + k) for name, s in (("resnet", 3), ("svm", 2), ("knn", 1))}
        runs.append(compare_predictions(models, y=y, name=f"set {k}", out=tmp_path / str(k)).path)

    assert {row["name"] for row in across(runs).values["learners"]} == {"resnet", "svm", "knn"}


PROGRAM = """
import sys
import numpy as np
from visiontk.api.predicted import compare_predictions
y = np.arange(200) % 2
a, b = y * 0.6 + 0.2, np.linspace(0, 1, 200)
result = compare_predictions({"a": a, "b": b}, y=y, out=sys.argv[1])
print(*(name for name in sys.argv[2:] if name in sys.modules))
"""


def test_a_page_needs_no_framework(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path / "run", *FRAMEWORKS], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""
    assert (tmp_path / "run" / "report.html").is_file()


def test_the_mean_of_two_learners_needs_scores(y, two, tmp_path):
    """Classes alone have no mean."""
    classes = {name: (p > 0.5).astype(int) for name, p in two.items()}

    with_scores = compare_predictions(two, y=y, out=tmp_path / "scores").values["disagreement"]
    with_classes = compare_predictions(classes, y=y, out=tmp_path / "classes").values["disagreement"]

    assert with_scores["mean_correct"] is not None
    assert with_classes["mean_correct"] is None
    assert "mean of their standardised scores" not in (tmp_path / "classes" / "report.html").read_text()
