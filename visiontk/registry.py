"""Installed tasks: listed by folder and entry point without imports, imported by name with the additions of packages.

See `visiontk.additions`.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import itertools
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from visiontk.additions import (
    TASKS,
    Addition,
    Rejections,
    declared_additions,
    entry_points,
    extended,
    import_object,
    package_of_entry_point,
    split_value,
    stray_error,
)
from visiontk.core import Package, Task, from_package
from visiontk.errors import EnvironmentFault, unknown

F = TypeVar("F", bound=Callable[..., Any])


class InstalledTask(NamedTuple):
    """An installed task, not imported."""

    name: str  # of the folder or the entry point
    module: str  # such as visiontk.tasks.image_classification
    attribute: str  # name of the `Task` in the module
    origin: str  # folder, or the distribution that declares the entry point
    package: Package | None = None  # the distribution; None for a folder of visiontk


def installed_tasks() -> list[InstalledTask]:
    """Return all installed tasks by name, without importing any; two of one name are an error with both origins."""
    tasks = _installed(entry_points())
    for one, other in itertools.pairwise(tasks):
        if one.name == other.name:
            raise _duplicate(one, other)
    return tasks


def get_task(name: str) -> Task:
    """Import the task of this name, with the additions of other packages.

    Additions that cannot be used are left out; `rejected_additions` gives the reasons.
    """
    return _with_additions(name)[0]


def rejected_additions(name: str) -> Rejections:
    """Return why additions to this task cannot be used, by kind and name."""
    return _with_additions(name)[1]


def additions(name: str | None = None) -> list[Addition]:
    """Return the additions of packages to this task, or to all tasks, without importing them."""
    return [each for each in declared_additions(entry_points()) if name in (None, each.task)]


def stray_additions() -> list[tuple[Addition, EnvironmentFault]]:
    """Return the additions that belong to no installed task, with the reasons."""
    points = entry_points()
    tasks = [task.name for task in _installed(points)]
    return [(each, error) for each in declared_additions(points) if (error := stray_error(each, tasks)) is not None]


def _with_additions(name: str) -> tuple[Task, Rejections]:
    points = entry_points()
    tasks = _installed(points)
    matches = [task for task in tasks if task.name == name]
    if not matches:
        raise unknown("task", name, {task.name for task in tasks})
    if len(matches) > 1:
        raise _duplicate(*matches[:2])
    installed = matches[0]
    task = _marked(_imported(installed), installed.package)
    added = [addition for addition in declared_additions(points) if addition.task == name]
    origin = installed.origin if installed.package is None else f"package {installed.package}"
    return extended(task, added, origin) if added else (task, {})


def _imported(installed: InstalledTask) -> Task:
    where = f"Task {installed.name!r} ({installed.origin})"
    try:
        task = import_object(installed.module, installed.attribute)
    except (Exception, SystemExit) as error:
        # A plugin may fail in any way while it is imported; the message shows the reason.
        raise EnvironmentFault(
            f"{where} cannot be imported: {type(error).__name__}: {error}",
            error_id="E-TASK-BROKEN",
            hint="Reinstall or repair that plugin; other tasks are not affected.",
        ) from error
    if not isinstance(task, Task):
        raise EnvironmentFault(
            f"{where}: {installed.module}:{installed.attribute} is a {type(task).__name__}, not a Task.",
            error_id="E-TASK-BROKEN",
        )
    if task.name != installed.name:
        raise EnvironmentFault(
            f"{where} has the name {task.name!r}; both names must be the same.",
            error_id="E-TASK-BROKEN",
        )
    return task


@functools.lru_cache(maxsize=64)
def _marked(task: Task, package: Package | None) -> Task:
    """Mark the functions of a task with its package, except those imported from visiontk.

    The folds are always marked, so that every trial records the version of the package.
    """
    if package is None:
        return task

    def marked(functions: Mapping[str, F]) -> dict[str, F]:
        return {
            name: function if _is_ours(function) else from_package(function, package)
            for name, function in functions.items()
        }

    return dataclasses.replace(
        task,
        folds=from_package(task.folds, package),
        datasets=marked(task.datasets),
        learners=marked(task.learners),
    )


def _is_ours(function: Callable[..., Any]) -> bool:
    return str(getattr(function, "__module__", "")).startswith("visiontk.")


def _installed(points: Sequence[EntryPoint]) -> list[InstalledTask]:
    return sorted([*_in_folders(), *_in_entry_points(points)], key=lambda task: task[:4])


def _duplicate(one: InstalledTask, other: InstalledTask) -> EnvironmentFault:
    return EnvironmentFault(
        f"Two tasks have the name {one.name!r}: one in {one.origin}, one in {other.origin}.",
        error_id="E-TASK-TWICE",
        hint="Uninstall one of them or rename it.",
    )


def _in_folders() -> list[InstalledTask]:
    spec = importlib.util.find_spec("visiontk.tasks")
    parents = [] if spec is None else [Path(path) for path in spec.submodule_search_locations or []]
    return [
        InstalledTask(folder.name, f"visiontk.tasks.{folder.name}", "TASK", str(folder))
        for parent in parents
        if parent.is_dir()
        for folder in parent.iterdir()
        if (folder / "__init__.py").is_file()
    ]


def _in_entry_points(points: Sequence[EntryPoint]) -> list[InstalledTask]:
    tasks = []
    for point in points:
        if point.group != TASKS:
            continue
        module, attribute = split_value(point)
        package = package_of_entry_point(point)
        tasks.append(InstalledTask(point.name, module, attribute or "TASK", f"package {package.name}", package))
    return tasks
