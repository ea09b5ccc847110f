"""``visiontk show``: runs and data, without training and without writing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visiontk import api

Call = Callable[..., Any]


@pytest.fixture
def run(call: Call) -> Path:
    """A finished run of two learners."""
    ended = call(
        "compare", "image_classification", "--preset", "quick", "--learners", "prior,logistic", "--executor", "serial",
        "--out", "run",
    )  # fmt: skip
    assert ended.code == 0
    return Path("run")


def test_a_run_is_shown_from_its_stored_results(call: Call, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Table, verdict and warnings as after the comparison; nothing is computed."""
    monkeypatch.setattr("visiontk.api.run_result.compute_results", None)

    ended = call("show", "run")

    values = json.loads((run / "results.json").read_bytes())
    assert ended.code == 0
    assert values["headline"]["sentence"].split()[0] in ended.out
    assert "logistic" in ended.out
    assert "prior" in ended.out
    assert json.loads(call("show", "run", "--json").out) == values


def test_results_that_are_not_current_are_computed(call: Call, run: Path) -> None:
    """Damaged, of another version, or of fewer fits than there are."""
    whole = (run / "results.json").read_bytes()
    for change in (b"", json.dumps(json.loads(whole) | {"n_done": 1}).encode()):
        (run / "results.json").write_bytes(change)

        ended = call("show", "run")

        assert ended.code == 0
        assert json.loads((run / "results.json").read_bytes())["n_done"] == 2


def test_a_folder_of_data_is_shown_as_it_is_recognised(call: Call, tmp_path: Path) -> None:
    """Kind, classes, groups and split: what a dry run says of the data, and nothing of learners."""
    for label in ("cat", "dog"):
        for i in range(10):
            path = tmp_path / "pets" / label / f"{i}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    ended = call("show", "pets")

    assert ended.code == 0
    assert "task: audio_classification" in ended.out
    assert "samples: 20 of 2 classes: cat 10, dog 10." in ended.out
    assert "split policy: " in ended.out
    assert "learners" not in ended.out
    assert {path.name for path in tmp_path.iterdir()} == {"pets"}


def test_a_path_that_is_neither_is_refused(call: Call) -> None:
    """With what can be shown."""
    ended = call("show", "nowhere")

    assert ended.code == 2
    assert "error[E-RUN-PATH]: nowhere: no such folder." in ended.err


def test_a_comparison_is_saved_as_a_config_and_runs(call: Call, run: Path) -> None:
    """With --dry-run alone, and beside a run."""
    options = ("--preset", "quick", "--learners", "prior,logistic")
    planned = call("compare", "image_classification", *options, "--dry-run", "--save", "planned.yaml")
    ran = call(
        "compare", "image_classification", *options, "--executor", "serial", "--out", "run", "--save", "ran.yaml"
    )

    assert (planned.code, ran.code) == (0, 0)
    assert "Config: planned.yaml" in planned.out
    assert Path("planned.yaml").read_text() == Path("ran.yaml").read_text()
    experiment = api.Request("planned.yaml", {}).read()[1]
    assert experiment == api.Request("run/experiment.yaml", {}).read()[1]
