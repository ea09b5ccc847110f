"""Output of visiontk list."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from visiontk.cli import listing as module
from visiontk.cli.listing import KINDS
from visiontk.core import About, Learner, learner
from visiontk.errors import EnvironmentFault
from visiontk.registry import get_task
from visiontk.testing import tiny_task
from visiontk.testing.tiny import centroid

Call = Callable[..., Any]


@pytest.mark.parametrize("columns", [40, 100])
@pytest.mark.parametrize("kind", KINDS)
def test_every_list_fits_the_terminal(kind: str, columns: int, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a word longer than a line may exceed it."""
    monkeypatch.setenv("COLUMNS", str(columns))

    result = call("list", kind)

    assert result.code == 0
    assert not [line for line in result.out.splitlines() if len(line) > columns and " " in line.strip()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_is_available_as_json(kind: str, call: Call) -> None:
    """Standard output has nothing else."""
    rows = json.loads(call("list", kind, "--json").out)

    assert rows
    assert all(isinstance(row, dict) for row in rows)


def test_the_list_of_learners_has_every_attribute(call: Call) -> None:
    """Family, size, source and parameters with defaults; default learners are marked."""
    text = call("list", "learners").out

    assert "* lenet5           network    7 layers, " in text
    assert "  resnet50         network    50 layers, " in text
    assert "Cox (1958)" in text
    assert "c=500.0" in text


def test_a_list_of_an_unknown_task_is_an_error(call: Call) -> None:
    """With the nearest name."""
    result = call("list", "learners", "--task", "image_clasification")

    assert result.code == 2
    assert "Did you mean 'image_classification'?" in result.err
    assert not result.out


def test_an_unknown_list_is_an_error(call: Call) -> None:
    """With the nearest one."""
    result = call("list", "learnrs")

    assert result.code == 2
    assert "visiontk: error[E-UNKNOWN-LIST]: No list 'learnrs'. Did you mean 'learners'?" in result.err


def test_the_list_of_datasets_has_actual_and_expected_paths(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data" / "mnist").mkdir(parents=True)
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path / "data"))

    text = call("list", "datasets").out
    rows = {row["dataset"]: row["folder"] for row in json.loads(call("list", "datasets", "--json").out)}

    assert rows["mnist"] == str(tmp_path / "data" / "mnist")
    assert rows["cifar10"] is None
    assert "digits  (default)" in text
    assert f"{tmp_path / 'data' / 'DATASET'}" in text


def test_embedded_data_are_listed_with_licence_and_citation(call: Call) -> None:
    text = " ".join(call("list", "datasets", "--task", "audio_classification").out.split())
    rows = {row["dataset"]: row for row in json.loads(call("list", "datasets", "--json").out)}

    assert "embedded, licence CC BY-SA 4.0; cite Jackson et al. (2018)" in text
    assert rows["pneumoniamnist_part"]["licence"] == "CC BY 4.0"
    assert rows["instruments"]["licence"] is None


def test_a_broken_task_is_listed_with_its_reason(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:

    def broken(name: str) -> Any:
        raise EnvironmentFault(f"Task {name!r}: no module named 'x'", error_id="E-TASK-BROKEN")

    monkeypatch.setattr(module, "get_task", broken)

    result = call("list")

    assert result.code == 0
    assert "image_classification  BROKEN: Task 'image_classification': no module named 'x'" in result.out


def test_the_default_learners_are_marked(call: Call) -> None:
    """Those compared if no learner is named."""
    rows = json.loads(call("list", "learners", "--task", "image_classification", "--json").out)

    assert [row["learner"] for row in rows if row["default"]] == list(get_task("image_classification").defaults)


def test_a_pretrained_learner_is_listed_with_its_source_data(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside its family."""

    @learner(About("pretrained", pretrained_on="ImageNet-1k"))
    def features() -> Learner:
        """Features of another network."""
        return centroid()

    task = dataclasses.replace(tiny_task(), learners={"features": features})
    monkeypatch.setattr(module, "get_task", lambda name: task)
    monkeypatch.setattr(module, "installed_tasks", lambda: [SimpleNamespace(name="tiny", origin="test")])

    assert "features         pretrained on ImageNet-1k" in call("list", "learners").out
