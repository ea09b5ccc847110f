"""Several runs on the command line: page, tables, JSON, errors and exit codes."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import visiontk
from visiontk import registry
from visiontk.errors import ConfigError
from visiontk.harness.store import RunDirectory

Call = Callable[..., Any]

PLUGIN = """
import dataclasses
from visiontk.core import About, learner
from visiontk.metrics import log_loss
from visiontk.testing import tiny_images, tiny_task
from visiontk.testing.tiny import centroid, noisy_centroid, prior


@learner(About("classical"))
def noisier():
    return noisy_centroid(noise=400.0)


def synthetic(seed: int = 0):
    return tiny_images(60, seed=seed)


TASK = dataclasses.replace(
    tiny_task(), name="small", datasets={"synthetic": synthetic},
    learners={"prior": prior, "centroid": centroid, "noisy_centroid": noisy_centroid, "noisier": noisier},
    metrics=tiny_task().metrics | {"log_loss": log_loss}, defaults=("prior", "centroid", "noisy_centroid", "noisier"),
)
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three runs on synthetic data, and one with fewer learners."""
    site = tmp_path_factory.mktemp("site")
    folder = site / "small_plugin-1.0.dist-info"
    folder.mkdir()
    (site / "small_plugin.py").write_text(PLUGIN)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: small-plugin\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[visiontk.tasks]\nsmall = small_plugin:TASK\n")
    root = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(site)
        patched.setattr(registry, "_in_folders", list)
        for name, seed, learners in [("a", 0, None), ("b", 1, None), ("c", 2, None), ("few", 3, ["prior", "centroid"])]:
            visiontk.compare("small", dataset={"name": "synthetic", "seed": seed}, learners=learners, seeds=1, folds=1,
                             out=root / name, executor="serial", audit=False)  # fmt: skip
        yield root
    sys.modules.pop("small_plugin", None)


@pytest.fixture
def local_runs(runs: Path, tmp_path: Path, call: Call) -> None:
    """Copies of the runs in the current folder of `call`."""
    shutil.copytree(runs, tmp_path, dirs_exist_ok=True)


@pytest.mark.usefixtures("local_runs")
def test_several_runs_give_one_page(call: Call) -> None:
    """A table, the sentence, warnings, and the path of the page."""
    result = call("report", "a", "b", "c")

    assert result.code == 0
    assert "Over 3 data sets" in result.out
    assert "note: Synthetic data" in result.out
    assert "prior" not in result.out.split("Report")[0]
    assert f"Report: {Path.cwd() / 'across.html'}" in result.out
    assert max(map(len, result.out.splitlines()[:-1])) <= 100
    assert "visiontk report a b c" in Path("across.html").read_text()


@pytest.mark.usefixtures("local_runs")
def test_standard_output_has_only_json(call: Call) -> None:
    """The value of the page."""
    result = call("report", "a", "b", "c", "--json", "--output", "sub/page.html")

    assert [row["folder"] for row in json.loads(result.out)["runs"]] == ["a", "b", "c"]
    assert Path("sub/page.html").exists()
    assert not result.err


@pytest.mark.usefixtures("local_runs")
@pytest.mark.parametrize(
    ("form", "expected"),
    [("text", "mean rank"), ("markdown", "| --- | --- | ---: |"), ("latex", r"\begin{tabular}{llrrrr}"),
     ("csv", "learner,family,mean_rank")],
)  # fmt: skip
def test_every_format_of_the_table_is_printed_or_written(call: Call, form: str, expected: str) -> None:
    """Without a page."""
    result = call("report", "a", "b", "c", "--format", form)
    call("report", "a", "b", "c", "--format", form, "--output", "table")

    assert expected in result.out
    assert Path("table").read_text().strip() == result.out.strip()
    assert not Path("across.html").exists()
    assert result.out.count("small/1") == 3


@pytest.mark.usefixtures("local_runs")
def test_a_metric_may_be_chosen_for_all_runs(call: Call) -> None:
    """It is ranked, gives a warning and is part of the command; the results of the runs do not change."""
    before = json.loads(Path("a/results.json").read_text())["metric"]

    ranking = json.loads(call("report", "a", "b", "c", "--metric", "log_loss", "--json").out)

    assert {row["metric"] for row in ranking["runs"]} == {"log_loss"}
    assert ranking["reproduce"]["command"] == "visiontk report a b c --metric log_loss"
    assert any("was chosen for this report" in text for text in ranking["warnings"])
    assert json.loads(Path("a/results.json").read_text())["metric"] == before != "log_loss"


@pytest.mark.usefixtures("local_runs")
@pytest.mark.parametrize(
    ("arguments", "error_id", "message"),
    [
        (["a", "b"], "E-REPORT-FEW", "3 learners ran on each of 2 data sets"),
        (["a", "b", "few"], "E-REPORT-FEW", "1 learner ran on each of 3 data sets: centroid."),
        (["a", "b", "a"], "E-REPORT-SAME", "a and a: both are of the data"),
        (["a", "b", "nowhere"], "E-RUN-PATH", "nowhere: no such folder."),
        (["a", "b", "a/plan.json"], "E-RUN-PATH", "a/plan.json: a file, not a run directory."),
        (["a", "b", "c", "--group", "fold"], "E-REPORT-SEVERAL", "--group: for one run only, not for 3."),
        (["a", "b", "c", "--metric", "acuracy"], "E-UNKNOWN-METRIC", "a: --metric: No metric 'acuracy'."),
        (["a", "b", "c", "--format", "pdf"], "E-UNKNOWN-FORMAT", "pdf"),
    ],
)
def test_runs_that_cannot_be_ranked_are_an_error(call: Call, arguments: list[str], error_id: str, message: str) -> None:
    """One message, exit code 2, and no file is written."""
    result = call("report", *arguments)

    assert (result.code, result.out) == (2, "")
    assert f"error[{error_id}]" in result.err
    assert message in result.err
    assert not Path("across.html").exists()


@pytest.mark.usefixtures("local_runs")
def test_a_folder_of_several_tasks_is_not_a_run(call: Call) -> None:
    """Its folders are."""
    Path("a/all.json").write_text("{}")

    result = call("report", "a", "b", "c")

    assert (result.code, "error[E-REPORT-ALL]: a: holds several tasks." in result.err) == (2, True)


@pytest.mark.usefixtures("local_runs")
def test_partial_runs_exit_with_five(call: Call) -> None:
    """Their page is marked."""
    before = json.loads(Path("b/results.json").read_text())
    store = RunDirectory(Path("b"))
    shutil.rmtree(next(store.folder(trial) for trial in store.trials() if trial.learner == "prior"))

    result = call("report", "a", "b", "c")

    assert before["complete"]
    assert result.code == 5
    assert "Not finished: synthetic (b) (3 of 4 fits done, 0 failed)." in result.out.replace("\n    ", " ")
    assert "PARTIAL" in Path("across.html").read_text()


@pytest.mark.usefixtures("local_runs", "call")
def test_the_python_function_gives_the_same_ranking(capsys: pytest.CaptureFixture[str]) -> None:
    """Tables for pandas, the sentence, the page."""
    ranking = visiontk.across(["a", "b", "c"])

    table, verdicts = ranking.table(), ranking.verdicts()
    assert table.columns.tolist() == [
        "learner", "family", "mean_rank", "synthetic (a)", "synthetic (b)", "synthetic (c)", "synthetic (a)_rank",
        "synthetic (b)_rank",
        "synthetic (c)_rank",
    ]  # fmt: skip
    assert table["mean_rank"].is_monotonic_increasing
    assert table["mean_rank"].sum() == pytest.approx(6)
    assert len(verdicts) == 3
    assert set(verdicts["verdict"]) == {"undecided"}
    assert ranking.sentence.startswith("Over 3 data sets")
    assert ranking.report().read_text().lstrip().startswith("<!doctype html>")
    assert ranking.exit_code == 0
    with pytest.raises(ConfigError, match="no such folder"):
        visiontk.across(["a", "b", "gone"])


@pytest.mark.usefixtures("local_runs")
@pytest.mark.parametrize("columns", [40, 60, 100])
def test_the_table_fits_the_terminal(call: Call, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data sets without room are counted; mean ranks stay."""
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = call("report", "a", "b", "c").out.split("\n\n")[0].strip("\n").splitlines()

    assert max(map(len, lines)) <= max(columns, 45)
    assert "mean rank" in lines[0]
    assert ("more" in lines[0]) == (columns < 100)
