"""Installed tasks: listed without imports, imported by name."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from visiontk.errors import ConfigError, EnvironmentFault
from visiontk.registry import get_task, installed_tasks

SOUND = """
import dataclasses
from visiontk.testing import tiny_task

TASK = dataclasses.replace(tiny_task(), name="{name}")
"""

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a plugin of one module as pip does."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)

    def install(name: str, text: str | None = None, *, module: str = "", value: str = "") -> None:
        module = module or f"{name}_plugin"
        (tmp_path / f"{module}.py").write_text(SOUND.format(name=name) if text is None else text)
        folder = tmp_path / f"{module}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[visiontk.tasks]\n{name} = {value or f'{module}:TASK'}\n")

    yield install
    for name in set(sys.modules) - before:
        if name.endswith("_plugin"):
            del sys.modules[name]


def test_listing_tasks_imports_none(tmp_path: Path, install: Install) -> None:
    """Neither those in folders nor those of other packages, and no framework."""
    install("foreign")
    code = (
        "import sys; from visiontk.registry import installed_tasks; names = [t.name for t in installed_tasks()]\n"
        "assert {'foreign', 'image_classification'} <= set(names), names\n"
        "print(*[m for m in sys.modules if m.startswith('visiontk.tasks.') or m.endswith('_plugin')"
        " or m in ('keras', 'tensorflow', 'sklearn', 'pytest')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip

    assert done.stdout.strip() == ""


def test_a_plugin_is_listed_with_its_origin(install: Install) -> None:
    """Its name is that of its entry point."""
    install("foreign")

    (entry,) = (each for each in installed_tasks() if each.name == "foreign")

    assert entry.origin == "package foreign_plugin"
    assert get_task("foreign").name == "foreign"


def test_changes_while_the_program_runs_take_effect(install: Install, tmp_path: Path) -> None:
    """A package is installed, changed and removed, as in a notebook."""

    def ours() -> set[str]:
        return {matches.name for matches in installed_tasks() if matches.package is not None}

    before = ours()
    install("foreign")
    with_one = ours()
    place = tmp_path / "foreign_plugin-1.0.dist-info" / "entry_points.txt"
    place.write_text("[visiontk.tasks]\nalien = foreign_plugin:TASK\n")
    changed = ours()
    shutil.rmtree(place.parent)

    assert (with_one - before, changed - before, ours() - before) == ({"foreign"}, {"alien"}, set())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can change its user")
def test_unreadable_folders_are_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The import system skips them too."""
    (tmp_path / "closed" / "inner").mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    monkeypatch.syspath_prepend(tmp_path / "closed" / "inner")
    monkeypatch.syspath_prepend(tmp_path / "closed")

    os.seteuid(65534)
    try:
        matches = {each.name for each in installed_tasks()}
    finally:
        os.seteuid(0)

    assert "image_classification" in matches


def test_metadata_are_cached(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a hundred packages, reading them takes most of the time of a list."""
    install("foreign")
    for _ in range(2):  # the import writes compiled files beside the module, which changes the folder once
        get_task("foreign")
    calls: list[None] = []
    read = importlib.metadata.entry_points

    def counted() -> importlib.metadata.EntryPoints:
        calls.append(None)
        return read()

    monkeypatch.setattr(importlib.metadata, "entry_points", counted)

    for _ in range(3):
        assert get_task("foreign").name == "foreign"

    assert calls == []


def test_the_attribute_may_be_left_out_or_nested(install: Install) -> None:
    """Entry points allow both."""
    install("short", value="short_plugin")
    install(
        "nested", "class Inner:" + SOUND.format(name="nested").replace("\n", "\n    "), value="nested_plugin:Inner.TASK"
    )

    assert get_task("short").name == "short"
    assert get_task("nested").name == "nested"


def test_two_tasks_of_one_name_are_an_error_with_both_origins(install: Install) -> None:
    install("twin", module="one_plugin")
    install("twin", module="two_plugin")

    for call in (installed_tasks, lambda: get_task("twin")):
        with pytest.raises(EnvironmentFault, match=r"'twin': one in package one_plugin, one in package two_plugin"):
            call()


def test_a_plugin_cannot_replace_a_task_of_visiontk(install: Install) -> None:
    """The error names the folder and the package."""
    install("image_classification")

    with pytest.raises(EnvironmentFault, match="package image_classification_plugin") as caught:
        get_task("image_classification")

    assert caught.value.error_id == "E-TASK-TWICE"
    assert os.path.join("tasks", "image_classification") in caught.value.message  # noqa: PTH118


def test_two_tasks_of_one_name_do_not_affect_others(install: Install) -> None:
    install("twin", module="one_plugin")
    install("twin", module="two_plugin")

    assert get_task("image_classification").name == "image_classification"


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ("raise RuntimeError('no libfoo')", "", "cannot be imported: RuntimeError: no libfoo"),
        ("import nowhere_to_be_found", "", "ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("import sys; sys.exit(3)", "", "cannot be imported: SystemExit: 3"),
        ("TASK = (", "", "cannot be imported: SyntaxError"),
        ("", "", "has no attribute 'TASK'"),
        ("TASK = 3", "", "broken_plugin:TASK is a int, not a Task"),
        (SOUND.format(name="somebody"), "", "has the name 'somebody'"),
        ("", "gone_plugin:TASK", "No module named 'gone_plugin'"),
        ("", "not a module!:TASK", "cannot be imported"),
    ],
)
def test_a_broken_plugin_is_reported_and_affects_no_other(install: Install, text: str, value: str, reason: str) -> None:
    """It is listed; its import gives the reason; the others work."""
    install("broken", text, value=value)
    install("sound")

    with pytest.raises(EnvironmentFault, match=r"'broken' \(package broken_plugin\)") as caught:
        get_task("broken")

    assert reason in caught.value.message
    assert caught.value.error_id == "E-TASK-BROKEN"
    assert {"broken", "sound", "image_classification"} <= {matches.name for matches in installed_tasks()}
    assert get_task("sound").name == "sound"


def test_an_unknown_task_is_an_error_with_the_nearest_name() -> None:
    """The message also lists all known names."""
    with pytest.raises(ConfigError, match="Did you mean 'image_classification'") as caught:
        get_task("image_clasification")

    assert caught.value.exit_code == 2


PYPROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "leaf-shapes"
version = "0.1"

[project.entry-points."visiontk.tasks"]
leaves = "leaf_shapes:TASK"

[tool.setuptools]
py-modules = ["leaf_shapes"]
"""

SCRIPT = """
import visiontk

result = visiontk.compare("leaves", seeds=1, folds=1, out="run", workers=1)
assert result.exit_code == 0, result.values["failed"]
print(sorted(result.table()["learner"]))
"""


@pytest.mark.slow
def test_a_package_installed_by_pip_is_compared(tmp_path: Path) -> None:
    """A real plugin, from its project file to its results, in worker processes."""
    project, site = tmp_path / "project", tmp_path / "site"
    project.mkdir()
    (project / "pyproject.toml").write_text(PYPROJECT)
    (project / "leaf_shapes.py").write_text(SOUND.format(name="leaves"))
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run([*pip, "--target", site, project], check=True, capture_output=True, text=True)

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['centroid', 'noisy_centroid', 'prior']"
