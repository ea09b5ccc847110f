"""`visiontk compare --predictions`: models fitted elsewhere, from the command line."""

import json

import numpy as np
import pytest

from visiontk.cli import main
from visiontk.cli.predictions_command import models
from visiontk.errors import ConfigError


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """Tables of two models in the current folder, with one patient for every four samples."""
    monkeypatch.chdir(tmp_path)
    y = np.random.default_rng(0).integers(2, size=200)
    truth = [f"s{i},{c},p{i // 4}\n" for i, c in enumerate(y)]
    (tmp_path / "truth.csv").write_text("id,truth,patient\n" + "".join(truth))
    for name, separation, seed in (("net", 1.3, 1), ("svm", 0.8, 2)):
        margin = separation * (2 * y - 1) + np.random.default_rng(seed).normal(size=200)
        rows = [f"s{i},{float(1 / (1 + np.exp(-m)))!r}\n" for i, m in enumerate(margin.tolist())]
        (tmp_path / f"{name}.csv").write_text("id,prob\n" + "".join(rows))
    return tmp_path


def run(*words, code=0):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert ended.value.code == code


def test_a_comparison_prints_columns_table_and_verdict(tables, capsys):
    run("compare", "--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--family", "net=network",
        "--metric", "auc", "--out", "out")  # fmt: skip

    printed = capsys.readouterr()
    assert "net: score: prob (by its name)" in printed.err
    assert "of AUC" in printed.out
    assert "split, tuning and number of looks" in " ".join(printed.out.split())
    assert (tables / "out" / "report.html").is_file()


def test_a_claim_is_answered_before_the_table(tables, capsys):
    run("compare", "--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--claim", "net > svm by 1",
        "--out", "out")  # fmt: skip

    printed = capsys.readouterr().out
    assert printed.lstrip().startswith("claim, stated after the predictions existed: net > svm by 1: ")
    assert "Exploratory: the claim that net is better than svm by more than 1 point" in printed.partition("fit CPU")[0]
    values = json.loads((tables / "out" / "results.json").read_text())
    assert "--claim 'net > svm by 1'" in values["reproduce"]["command"]


def test_the_page_has_the_command_that_repeats_it(tables, capsys):
    words = [
        "compare",
        "--predictions",
        "a=net.csv",
        "svm.csv",
        "--group",
        "none",
        "--truth",
        "truth.csv",
        "--out",
        "out",
    ]
    run(*words)

    page = json.loads((tables / "out" / "results.json").read_text())
    assert page["reproduce"]["command"] == f"visiontk {' '.join(words)}"


def test_groups_are_recognised_or_stated(tables, capsys):
    for words, unit in (([], "group"), (["--group", "none"], "sample")):
        run("compare", "--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--json", *words)

        value = json.loads(capsys.readouterr().out)
        assert value["comparisons"][0]["uncertainty"]["unit"] == unit


def test_the_table_is_available_in_every_format_and_as_json(tables, capsys):
    run("compare", "--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--out", "out")
    for form, sign in (
        ("text", "verdict"),
        ("markdown", "| learner |"),
        ("latex", r"\begin{tabular}"),
        ("csv", "p_adj"),
    ):
        capsys.readouterr()
        run("report", "out", "--format", form)
        assert sign in capsys.readouterr().out
    run("report", "out", "--metric", "log_loss", "--json")
    assert json.loads(capsys.readouterr().out)["metric"] == "log_loss"


def test_exported_predictions_are_read_back(tables, capsys):
    run("compare", "--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--json", "--out", "out")
    before = json.loads(capsys.readouterr().out)
    run("report", "out", "--predictions", "tables")
    assert capsys.readouterr().out.split() == ["tables/net.csv", "tables/svm.csv"]

    run("compare", "--predictions", "tables/net.csv", "tables/svm.csv", "--json", "--out", "again")

    again = json.loads(capsys.readouterr().out)
    assert again["comparisons"] == before["comparisons"]
    assert [row["metrics"] for row in again["learners"]] == [row["metrics"] for row in before["learners"]]


def test_a_model_is_compared_with_the_learners_of_a_run(tables, capsys):
    words = ("--preset", "quick", "--learners", "prior,logistic", "--executor", "serial", "--no-audit", "--out", "run")
    run("compare", "image_classification", *words)
    run("report", "run", "--predictions", "tables")
    rows = [line.split(",")[:2] for line in (tables / "tables" / "prior.csv").read_text().splitlines()[1:]]
    (tables / "mine.csv").write_text("id,prediction\n" + "".join(f"{name},{truth}\n" for name, truth in rows))
    capsys.readouterr()

    run("compare", "image_classification", *words, "--also", "mine.csv")

    printed = " ".join(capsys.readouterr().out.split())
    assert "mine is better than logistic" in printed
    assert "of mine: split, tuning and number of looks at the test set not known" in printed
    assert (tables / "run-with-mine" / "report.html").is_file()


def test_a_comparison_of_predictions_cannot_be_verified(tables, capsys):
    run("compare", "--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--out", "out")

    run("verify", "out", code=2)

    assert "fitted elsewhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "error_id", "code"),
    [
        (["--predictions", "net.csv", "svm.csv", "--seeds", "3"], "E-USAGE", 2),
        (["x", "--predictions", "net.csv", "svm.csv"], "E-USAGE", 2),
        (["image_classification", "--truth", "truth.csv"], "E-USAGE", 2),
        (["image_classification", "--also", "net.csv", "--metric", "auc"], "E-USAGE", 2),
        (["image_classification", "--also", "net.csv", "--dry-run"], "E-USAGE", 2),
        (["all", "--also", "net.csv"], "E-USAGE", 2),
        (["--predictions", "net.csv", "svm.csv", "--family", "net"], "E-USAGE", 2),
        (["--predictions", "net.csv", "net.csv", "--truth", "truth.csv"], "E-PREDICTIONS-NAME", 2),
        (["--predictions", "net.csv", "--truth", "truth.csv"], "E-PREDICTIONS-NAME", 2),
        (["--predictions", "net.csv", "svm.csv"], "E-PREDICTIONS-TRUTH", 3),
        (["--predictions", "net.csv", "svn.csv", "--truth", "truth.csv"], "E-CSV-FILE", 3),
        (["--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--valid", "net.csv"],
         "E-PREDICTIONS-VALID", 2),
        (["--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--calibration", "isotonic"],
         "E-PREDICTIONS-VALID", 2),
        (["--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--column", "truht=x"],
         "E-PREDICTIONS-COLUMN", 2),
        (["--predictions", "net.csv", "svm.csv", "--truth", "truth.csv", "--claim", "net > svm > x"],
         "E-CONFIG-CLAIM", 2),
    ],
)  # fmt: skip
def test_every_error_has_one_message_and_writes_no_file(words, error_id, code, tables, capsys):
    before = sorted(path.name for path in tables.iterdir())

    run("compare", *words, "--json", code=code)

    assert json.loads(capsys.readouterr().out)["error"]["id"] == error_id
    assert sorted(path.name for path in tables.iterdir()) == before


def test_models_are_named_after_their_files_unless_stated(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b.csv").write_text("")

    assert models(["x/net.csv", "svm=y.npz", "a=b.csv"]) == {"net": "x/net.csv", "svm": "y.npz", "a=b": "a=b.csv"}
    with pytest.raises(ConfigError, match="two models are called 'net'"):
        models(["x/net.csv", "y/net.csv"])
