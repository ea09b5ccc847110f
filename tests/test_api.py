"""Comparison as a Python function."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visiontk
from visiontk.api import COSTS, VERDICTS, Result, default_out, load
from visiontk.api.user_data import recognise
from visiontk.core import Task
from visiontk.errors import ConfigError, DataError, ResumeError
from visiontk.harness.experiment import Experiment
from visiontk.registry import get_task, installed_tasks

PLUGIN = """
import dataclasses
from visiontk.core import About, AboutData, dataset, learner
from visiontk.testing import tiny_images, tiny_task


@learner(About("classical"))
def broken():
    raise RuntimeError("never works")


@dataset(AboutData("plain things", "folder"))
def folder(path: str = ""):
    return tiny_images(64)


@dataset(AboutData("images", "folder"))
def images(path: str = ""):
    return tiny_images(64)


TASK = dataclasses.replace(
    tiny_task(), name="plain", learners={**tiny_task().learners, "broken": broken},
    datasets={**tiny_task().datasets, "folder": folder, "images": images},
    defaults=("prior", "centroid", "noisy_centroid"),
)
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed plugin: the tiny task, a learner that fails, and a dataset that reads folders."""
    folder = tmp_path / "site"
    metadata = folder / "plain_plugin-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "plain_plugin.py").write_text(PLUGIN)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plain-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[visiontk.tasks]\nplain = plain_plugin:TASK\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.chdir(tmp_path)
    yield folder
    sys.modules.pop("plain_plugin", None)


@pytest.fixture
def plain(site: Path) -> Callable[..., Result]:
    """Return a function that compares on the plugin, in this process by default."""

    def compare(target: str | Path = "plain", **options: Any) -> Result:
        return visiontk.compare(target, **{"seeds": 2, "folds": 1, "out": "run", "executor": "serial"} | options)

    return compare


def test_a_comparison_returns_results_and_writes_a_report(plain: Callable[..., Result]) -> None:
    result = plain()

    assert result.exit_code == 0
    assert "noisy_centroid" in result.sentence or "centroid" in result.sentence
    assert {"results.json", "report.html", "experiment.yaml", "trials"} <= {path.name for path in Path("run").iterdir()}


def test_a_claim_is_an_argument_of_compare_and_load(plain: Callable[..., Result]) -> None:
    planned = plain(claim="traditional > network by 1").values["claim"]
    late = load("run", claim="traditional > network by 2")

    assert planned is not None
    assert (planned["learner"], planned["reference"], planned["exploratory"]) == ("centroid", "noisy_centroid", False)
    assert isinstance(late, Result)
    assert late.values["claim"] is not None
    assert late.values["claim"]["exploratory"]


def test_a_notebook_shows_sentence_and_table(plain: Callable[..., Result]) -> None:
    """Not results.json, which has thousands of numbers."""
    result = plain()

    assert repr(result) == f"<Result in {result.path}: {result.sentence}>"
    assert "<td>centroid</td>" in result._repr_html_()
    assert {"compare", "across", "Result"} <= set(dir(visiontk))


def test_both_executors_give_the_same_table(plain: Callable[..., Result]) -> None:
    """Except for times."""
    costs = ["fit_cpu_s", "predict_ms_per_sample"]

    serial, processes = plain(out="a"), plain(out="b", executor="processes", workers=2)

    assert serial.table().drop(columns=costs).equals(processes.table().drop(columns=costs))
    assert serial.verdicts().equals(processes.verdicts())


def test_the_tables_have_the_documented_columns(plain: Callable[..., Result]) -> None:
    """In their order, best learner first, without floors among the verdicts."""
    result = plain()

    table, verdicts = result.table(), result.verdicts()

    assert list(table) == ["learner", "family", "accuracy", "accuracy_low", "accuracy_high", *COSTS]
    assert table["accuracy"].is_monotonic_decreasing
    assert set(table["learner"]) == {"prior", "centroid", "noisy_centroid"}
    assert ((table["accuracy_low"] <= table["accuracy"]) & (table["accuracy"] <= table["accuracy_high"])).all()
    assert list(verdicts) == list(VERDICTS)
    assert verdicts[["learner", "reference"]].to_numpy().tolist() == [["noisy_centroid", "centroid"]]
    assert all(f"``{name}``" in (Result.verdicts.__doc__ or "") for name in VERDICTS)
    assert all(f"``{name}``" in (Result.table.__doc__ or "") for name in COSTS)


def test_a_comparison_with_failed_trials_is_partial(plain: Callable[..., Result]) -> None:
    """The others are compared; the failure has its reason."""
    result = plain(learners=["prior", "centroid", "broken"])

    assert result.exit_code == 5
    assert set(result.table()["learner"]) == {"prior", "centroid"}
    assert {row["reason"] for row in result.values["failed"]} == {"RuntimeError: never works"}


def test_a_comparison_in_which_all_trials_fail_has_empty_tables(plain: Callable[..., Result]) -> None:
    """With their columns, so that scripts continue."""
    result = plain(learners="broken")

    assert result.exit_code == 5
    assert result.table().shape == (0, 10)
    assert list(result.verdicts()) == list(VERDICTS)


def test_a_loaded_run_gives_the_same_results(plain: Callable[..., Result]) -> None:
    """Computed from predictions, also after it was moved and without its earlier results."""
    before = plain()
    shutil.move("run", "moved")
    Path("moved/results.json").write_text("{")

    after = load("moved")

    for name in ("learners", "comparisons", "complete", "reference", "dataset"):
        assert after.values[name] == before.values[name]
    assert "moved/experiment.yaml" in after.values["reproduce"]["command"]
    assert after.report().read_text().lstrip().startswith("<!doctype html>")


@pytest.mark.skipif(not hasattr(os, "seteuid") or os.geteuid() != 0, reason="acts as another user")
def test_a_read_only_run_can_be_loaded(plain: Callable[..., Result], tmp_path: Path) -> None:
    """The report is written elsewhere."""
    plain()
    Path("run").chmod(0o555)
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.geteuid() and parent.stat().st_mode & 0o005 != 0o005:
            parent.chmod(0o755)
    os.seteuid(65534)
    try:
        result = load(tmp_path / "run")
    finally:
        os.seteuid(0)

    assert result.exit_code == 0
    assert result.report(tmp_path / "elsewhere.html").exists()


def test_a_missing_or_incomplete_run_is_an_error(tmp_path: Path) -> None:
    """A path that does not exist, and a run without its plan."""
    with pytest.raises(ConfigError, match="nothing: no such folder"):
        load(tmp_path / "nothing")
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(ResumeError, match=r"plan\.json: missing"):
        load(tmp_path)


def test_the_command_in_the_results_repeats_the_run(plain: Callable[..., Result]) -> None:
    """The stored config is the target and the run its output, so no fit is repeated."""
    first = plain()
    before = {path: path.stat().st_mtime_ns for path in Path("run/trials").rglob("*.npz")}

    again = visiontk.compare("run/experiment.yaml", out="run", executor="serial")

    assert first.values["reproduce"]["command"] == "visiontk compare run/experiment.yaml --out run"
    assert again.values["learners"] == first.values["learners"]
    assert {path: path.stat().st_mtime_ns for path in Path("run/trials").rglob("*.npz")} == before


@pytest.mark.parametrize(
    ("target", "error_id", "text"),
    [
        ("plaine", "E-UNKNOWN-TASK", "Did you mean 'plain'"),
        ("", "E-UNKNOWN-TASK", "No task ''"),
        ("no/such/folder", "E-CONFIG-PATH", "no such folder"),
        ("notes.txt", "E-CONFIG-PATH", "a file that is neither a config"),
        ("nothing.yaml", "E-CONFIG-FILE", "No such file"),
    ],
)
def test_an_unknown_target_is_an_error_with_suggestions(
    plain: Callable[..., Result], target: str, error_id: str, text: str
) -> None:
    """No file is written."""
    Path("notes.txt").touch()

    with pytest.raises(ConfigError, match=text) as caught:
        plain(target)

    assert caught.value.error_id == error_id
    assert caught.value.hint or "Known:" in caught.value.message
    assert not Path("run").exists()


def test_a_folder_is_read_by_the_requested_task(plain: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "flowers").mkdir()

    result = plain(tmp_path / "flowers", task="plain")

    assert result.values["dataset"]["name"] == "folder"


@pytest.mark.parametrize(
    ("files", "task"),
    [
        (["cat/a.PNG", "dog/b.jpg", "dog/notes.txt"], "image_classification"),
        (["yes/a.wav", "no/b.flac", "cover.png"], "audio_classification"),
        (["pos/a.txt", "neg/b.txt"], "text_classification"),
    ],
)
def test_the_files_of_a_folder_choose_the_task(site: Path, tmp_path: Path, files: list[str], task: str) -> None:
    """The most frequent kind decides; specialised tasks for images must be requested."""
    if task not in {entry.name for entry in installed_tasks()}:
        pytest.skip(f"{task} is not installed")
    for name in files:
        (tmp_path / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / name).write_bytes(b"")

    assert recognise(str(tmp_path / "own"), {}).document["task"] == task


def test_a_folder_of_unknown_files_is_an_error_that_lists_tasks(site: Path, tmp_path: Path) -> None:
    (tmp_path / "own" / "a.xyz").parent.mkdir()
    (tmp_path / "own" / "a.xyz").write_bytes(b"")

    with pytest.raises(DataError, match=r"no images, recordings or texts; looked for .bmp .* found 1 ") as caught:
        visiontk.compare(tmp_path / "own", out="run")

    assert "image_classification" in caught.value.hint
    assert "plain" in caught.value.hint


def test_a_broken_plugin_does_not_prevent_reading_a_folder(
    plain: Callable[..., Result], site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "plain_plugin.py").write_text("raise RuntimeError('broken')")
    Path("flowers").mkdir()

    with pytest.raises(DataError, match="flowers"):  # the remaining reader rejects the empty folder
        visiontk.compare("flowers", out="run", executor="serial")


def test_a_setting_that_contradicts_the_target_is_an_error(plain: Callable[..., Result]) -> None:
    Path("flowers").mkdir()

    with pytest.raises(ConfigError, match="'image_classification' given, but the target names the task 'plain'"):
        plain(task="image_classification")
    with pytest.raises(ConfigError, match="'synthetic' given, but the folder 'flowers' is the data already"):
        plain("flowers", dataset="synthetic", task="plain")


def test_an_invalid_setting_leaves_no_directory(plain: Callable[..., Result]) -> None:
    """Settings are checked before files are written."""
    for options in ({"workers": 0}, {"executor": "threads"}, {"seeds": 0}, {"learners": ["centroit"]}):
        with pytest.raises(ConfigError):
            plain(**options)

    assert not Path("run").exists()


SCRIPT = """
import visiontk
print("the script is run")
result = visiontk.compare("plain", seeds=1, folds=1, out="run", workers=2)
print(result.exit_code, len(result.table()))
"""


@pytest.mark.slow
def test_a_script_needs_no_main_guard(site: Path, tmp_path: Path) -> None:
    """Workers do not import the script."""
    (tmp_path / "script.py").write_text(SCRIPT)

    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["the script is run", "0 3"]


@pytest.mark.slow
def test_a_linear_model_beats_the_prior_on_digits(tmp_path: Path) -> None:
    result = visiontk.compare(
        "image_classification", learners=["prior", "logistic"], preset="quick", out=tmp_path, executor="serial"
    )

    table = result.table().set_index("learner")
    assert list(table.index) == ["logistic", "prior"]
    assert table.loc["logistic", "accuracy_low"] > 0.85
    assert table.loc["prior", "accuracy_high"] < 0.3
    assert np.isfinite(table["fit_cpu_s"]).all()


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "runs/plain-synthetic"),
        ({"preset": "quick"}, "runs/plain-synthetic-quick"),
        ({"dataset": "folder", "dataset_parameters": {"path": "/data/leaves"}}, "runs/plain-folder-leaves"),
    ],
)
def test_the_default_directory_depends_on_task_data_and_preset(change: dict[str, Any], name: str) -> None:
    """The same command therefore resumes its run."""
    experiment = Experiment(**{"task": "plain", "dataset": "synthetic", "learners": {}} | change)

    assert default_out(experiment) == Path(name)


def test_the_plugin_has_a_task(site: Path) -> None:
    """The tests above depend on it."""
    assert isinstance(get_task("plain"), Task)


def create_images_of_people(root: Path) -> None:
    for label in "ab":
        for person in ("al", "bo", "cy", "di", "ed"):
            for i in range(3):
                path = root / label / f"{label}_{person}_{i}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()


def test_groups_that_a_plugin_cannot_use_are_an_error(plain: Callable[..., Result]) -> None:
    """The user states that there are no groups, or chooses another task."""
    create_images_of_people(Path("flowers"))

    with pytest.raises(ConfigError, match="Task 'plain' has no setting for group 'name:2'") as caught:
        plain("flowers", task="plain")

    assert "--group none" in caught.value.hint
    assert plain("flowers", task="plain", group="none").exit_code == 0


@pytest.mark.parametrize("option", ["label", "group", "split", "time", "text", "path"])
def test_columns_of_own_tables_are_arguments(option: str, tmp_path: Path) -> None:
    rows = [f"it barks {i} times,{'ab'[i % 2]}" for i in range(20)]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows]))

    with pytest.raises(DataError, match=f"{option}: no column 'nothing'"):
        visiontk.compare(tmp_path / "a.csv", **{option: "nothing"})
