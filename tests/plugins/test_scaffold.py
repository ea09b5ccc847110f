"""New task packages work unedited."""

from __future__ import annotations

import ast
import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from visiontk.errors import ConfigError, StoreError
from visiontk.registry import installed_tasks
from visiontk.scaffold import KINDS, LIKE, write_package
from visiontk.testing.checks import plain_checks

PIP = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    before = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("visiontk_my_"):
            del sys.modules[name]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_has_valid_files_without_placeholders(kind: str, place: Path) -> None:
    folder = write_package("my_domain", kind)

    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == [
        "README.md", "pyproject.toml", "tests/test_my_domain.py", "visiontk_my_domain/__init__.py",
        "visiontk_my_domain/data.py", "visiontk_my_domain/learners.py", "visiontk_my_domain/py.typed",
    ]  # fmt: skip
    for path in folder.rglob("*"):
        if path.is_file():
            assert "$" not in path.read_text()
    for path in folder.rglob("*.py"):
        ast.parse(path.read_text())
    assert [entry.name for entry in place.iterdir()] == ["my_domain"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_passes_its_linter(kind: str, place: Path) -> None:
    folder = write_package("my_domain", kind)

    for command in (["check"], ["format", "--check"]):
        process = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", str(folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert process.returncode == 0, process.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_package_passes_the_checks_that_fit_nothing(
    kind: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow test below runs the checks that fit."""
    folder = write_package(f"my_{kind}", kind)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))

    task = import_module(f"visiontk_my_{kind}").TASK

    assert task.name == f"my_{kind}"
    for check in plain_checks():
        check(task)


@pytest.mark.slow
def test_a_new_package_passes_mypy(place: Path) -> None:
    """In strict mode, with the settings of the package."""
    root = str(Path(__file__).parents[2])
    errors = {}

    for kind in KINDS:
        folder = write_package("my_domain", kind, out=place / kind)
        process = subprocess.run(
            [sys.executable, "-m", "mypy", "--follow-imports=silent", "visiontk_my_domain", "tests"], cwd=folder,
            env=os.environ | {"MYPYPATH": root, "MYPY_CACHE_DIR": str(place / "cache")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        errors[kind] = process.stdout if process.returncode else ""

    assert errors == dict.fromkeys(KINDS, "")


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("like", ["facial_expression", "audio_classification", "text_classification"])
def test_a_new_task_can_be_installed_listed_compared_and_checked(like: str, tmp_path: Path) -> None:
    """The unedited package is installed by pip and used in separate processes."""

    def visiontk(*command: str, code: int = 0) -> Any:
        process = subprocess.run(
            [sys.executable, "-m", "visiontk", *command, "--json"], cwd=tmp_path, capture_output=True, text=True,
            check=False, env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), *sys.path[1:]])},
        )  # fmt: skip
        assert process.returncode == code, process.stdout + process.stderr
        return json.loads(process.stdout)

    visiontk("task", "new", "my_domain", "--like", like)
    subprocess.run([*PIP, "--target", "site", "./my_domain"], cwd=tmp_path, check=True, capture_output=True)

    assert {"my_domain"} <= {row["task"] for row in visiontk("list")}
    result = visiontk("compare", "my_domain", "--preset", "quick", "--out", "run")
    assert {row["family"] for row in result["learners"]} == {"network", "classical", "floor"}
    floor = next(row for row in result["learners"] if row["family"] == "floor")["metrics"]["accuracy"]["value"]
    weak = {row["name"]: row["metrics"]["accuracy"] for row in result["learners"] if row["family"] != "floor"}
    assert {name: value for name, value in weak.items() if value["low"] <= floor} == {}
    assert "From package visiontk-my-domain 0.1.0" in " ".join(result["warnings"])
    checked = visiontk("task", "check", "my_domain")
    assert [row for row in checked["checks"] if row["result"] != "holds"] == []


@pytest.mark.parametrize(
    ("name", "error_id", "message"),
    [
        ("My-Domain", "E-NEW-NAME", "Such as my_domain."),
        ("2d_scans", "E-NEW-NAME", "Such as my_domain."),
        ("class", "E-NEW-NAME", "Such as my_domain."),
        ("", "E-NEW-NAME", "Such as my_domain."),
        ("ä", "E-NEW-NAME", "Such as my_domain."),
        ("../up", "E-NEW-NAME", "Such as up."),
        ("x" * 41, "E-NEW-NAME", "Such as my_domain."),
        ("image_classification", "E-NEW-TAKEN", "there is a task 'image_classification'"),
        ("imageclassification", "E-NEW-TAKEN", "there is a task 'image_classification'"),
        ("all", "E-NEW-TAKEN", "means something else"),
    ],
)
def test_invalid_names_are_refused(name: str, error_id: str, message: str, place: Path) -> None:
    """The message has the conflicting task or a valid suggestion; nothing is written."""
    with pytest.raises(ConfigError) as caught:
        write_package(name)

    assert caught.value.error_id == error_id
    assert message in f"{caught.value.message} {caught.value.hint}"
    assert not list(place.iterdir())


def test_a_name_whose_package_is_installed_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two packages of one name would shadow each other."""
    (place / "site").mkdir()
    (place / "site" / "visiontk_birds.py").touch()
    monkeypatch.syspath_prepend(place / "site")

    with pytest.raises(ConfigError, match="a package visiontk_birds is installed"):
        write_package("birds")


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")])
def test_existing_files_and_folders_are_not_overwritten(make: Callable[[Path], None], place: Path) -> None:
    """An empty folder or a broken link is not overwritten either."""
    make(place / "there")

    with pytest.raises(ConfigError, match="exists already; nothing was written") as caught:
        write_package("my_domain", out=place / "there")

    assert caught.value.error_id == "E-NEW-EXISTS"
    assert [entry.name for entry in place.iterdir()] == ["there"]


def test_a_failed_write_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a partial package nor a temporary folder remains."""

    def full(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)

    with pytest.raises(StoreError) as caught:
        write_package("my_domain")

    assert caught.value.error_id == "E-IO-FULL"
    assert not list(place.iterdir())


def test_every_task_of_visiontk_has_templates() -> None:
    """A misspelt kind suggests the nearest name."""
    own = {task.name for task in installed_tasks() if task.package is None}

    assert own <= set(LIKE)
    with pytest.raises(ConfigError, match="Did you mean 'images'"):
        write_package("my_domain", "image")
