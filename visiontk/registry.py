"""Tasks by name: found by folder and entry point without importing anything, imported when asked for.

With what other packages add to them, see `visiontk.additions`.
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
    Refusals,
    declared,
    extended,
    found_additions,
    imported,
    misplaced,
    package_behind,
    split,
)
from visiontk.core import Package, Task, from_package
from visiontk.errors import EnvironmentFault, unknown

F = TypeVar("F", bound=Callable[..., Any])


class Found(NamedTuple):
    """A task that exists by name; whether it can be imported shows when it is asked for.

    Parameters
    ----------
    name : str
        Of the folder or the entry point.
    module : str
        That is imported, such as ``visiontk.tasks.image_classification``.
    attribute : str
        In the module; the `Task`.
    origin : str
        Folder, or the distribution that declares the entry point.
    package : Package, optional
        The distribution with its version; None for a folder of visiontk.
    """

    name: str
    module: str
    attribute: str
    origin: str
    package: Package | None = None


def found_tasks() -> list[Found]:
    """Every task that is installed, by name, without importing any.

    Raises
    ------
    EnvironmentFault
        If two tasks share a name; both origins are named.

    Examples
    --------
    >>> "image_classification" in [task.name for task in found_tasks()]
    True
    """
    found = _found(declared())
    for one, other in itertools.pairwise(found):
        if one.name == other.name:
            raise _twice(one, other)
    return found


def get_task(name: str) -> Task:
    """Import the task of this name, with what other packages add to it.

    What they add and cannot be used is left out: `refused` says why.

    Raises
    ------
    ConfigError
        If there is none; the nearest name is given.
    EnvironmentFault
        If it cannot be imported, is no `Task`, or two share the name.

    Examples
    --------
    >>> get_task("image_classification").name
    'image_classification'
    """
    return _whole(name)[0]


def refused(name: str) -> Refusals:
    """Why something that a package adds to this task cannot be used, by kind and name.

    Raises
    ------
    ConfigError, EnvironmentFault
        As `get_task`.

    Examples
    --------
    >>> refused("image_classification")
    {}
    """
    return _whole(name)[1]


def additions(name: str | None = None) -> list[Addition]:
    """What packages add to this task, or to any, without importing it."""
    return [each for each in found_additions(declared()) if name in (None, each.task)]


def strays() -> list[tuple[Addition, EnvironmentFault]]:
    """What packages add to no task that is installed, and why."""
    points = declared()
    tasks = [found.name for found in _found(points)]
    return [(each, error) for each in found_additions(points) if (error := misplaced(each, tasks)) is not None]


def _whole(name: str) -> tuple[Task, Refusals]:
    points = declared()
    tasks = _found(points)
    named = [found for found in tasks if found.name == name]
    if not named:
        raise unknown("task", name, {found.name for found in tasks})
    if len(named) > 1:
        raise _twice(*named[:2])
    found = named[0]
    task = _marked(_imported(found), found.package)
    mine = [addition for addition in found_additions(points) if addition.task == name]
    origin = found.origin if found.package is None else f"package {found.package}"
    return extended(task, mine, origin) if mine else (task, {})


def _imported(found: Found) -> Task:
    try:
        task = imported(found.module, found.attribute)
    except (Exception, SystemExit) as error:
        # A plugin may fail in any way while it is imported; whatever it was is the reason to show.
        raise EnvironmentFault(
            f"Task {found.name!r} ({found.origin}) cannot be imported: {type(error).__name__}: {error}",
            error_id="E-TASK-BROKEN",
            hint="Reinstall or mend that plugin; other tasks are not affected.",
        ) from error
    if not isinstance(task, Task):
        raise EnvironmentFault(
            f"Task {found.name!r} ({found.origin}): {found.module}:{found.attribute} is a {type(task).__name__}, "
            "not a Task.",
            error_id="E-TASK-BROKEN",
        )
    if task.name != found.name:
        raise EnvironmentFault(
            f"Task {found.name!r} ({found.origin}) calls itself {task.name!r}; both names must be the same.",
            error_id="E-TASK-BROKEN",
        )
    return task


@functools.lru_cache(maxsize=64)
def _marked(task: Task, package: Package | None) -> Task:
    """The task with its functions marked as those of its package, but for what it borrows from visiontk.

    Its folds always are, so every trial of it knows the version of the package.
    """
    if package is None:
        return task

    def own(functions: Mapping[str, F]) -> dict[str, F]:
        return {
            name: function if _is_ours(function) else from_package(function, package)
            for name, function in functions.items()
        }

    return dataclasses.replace(
        task,
        folds=from_package(task.folds, package),
        datasets=own(task.datasets),
        learners=own(task.learners),
    )


def _is_ours(function: Callable[..., Any]) -> bool:
    return str(getattr(function, "__module__", "")).startswith("visiontk.")


def _found(points: Sequence[EntryPoint]) -> list[Found]:
    return sorted([*_in_folders(), *_in_entry_points(points)], key=lambda found: found[:4])


def _twice(one: Found, other: Found) -> EnvironmentFault:
    return EnvironmentFault(
        f"Two tasks are called {one.name!r}: one in {one.origin}, one in {other.origin}.",
        error_id="E-TASK-TWICE",
        hint="Uninstall one of them or rename it.",
    )


def _in_folders() -> list[Found]:
    spec = importlib.util.find_spec("visiontk.tasks")
    places = [] if spec is None else [Path(place) for place in spec.submodule_search_locations or []]
    return [
        Found(folder.name, f"visiontk.tasks.{folder.name}", "TASK", str(folder))
        for place in places
        if place.is_dir()
        for folder in place.iterdir()
        if (folder / "__init__.py").is_file()
    ]


def _in_entry_points(points: Sequence[EntryPoint]) -> list[Found]:
    found = []
    for point in points:
        if point.group != TASKS:
            continue
        module, attribute = split(point)
        package = package_behind(point)
        found.append(Found(point.name, module, attribute or "TASK", f"package {package.name}", package))
    return found
