"""What other packages add to a task: a learner, a metric or a dataset, each declared by one entry point.

The groups are ``visiontk.learners``, ``visiontk.metrics`` and ``visiontk.datasets``; the name of an entry is
``task.name``. Nothing is imported to list them. One that cannot be used is refused with its reason, and the task goes
on without it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib
import importlib.metadata
import operator
import os
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

import numpy as np

from visiontk.core import Floats, Ints, Metric, Package, Task, about, from_package, parameters
from visiontk.errors import DataError, EnvironmentFault

TASKS = "visiontk.tasks"
"""The group of entry points for whole tasks."""

KINDS = {"learner": "visiontk.learners", "metric": "visiontk.metrics", "dataset": "visiontk.datasets"}
"""What can be added, and the group of entry points for it."""

Refusals = Mapping[tuple[str, str], EnvironmentFault]
"""By kind and name: why something that a package adds cannot be used."""


class Addition(NamedTuple):
    """Something that a package adds to a task; whether it can be used shows when the task is asked for.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    task : str
        The first half of the entry's name; empty if the name is not ``task.name``.
    name : str
        The second half.
    module, attribute : str
        What the entry refers to.
    package : Package
        That declares it.
    """

    kind: str
    task: str
    name: str
    module: str
    attribute: str
    package: Package

    @property
    def title(self) -> str:
        """For messages: what it is and where it comes from."""
        whole = f"{self.task}.{self.name}" if self.task else self.name
        return f"{self.kind.capitalize()} {whole!r} (package {self.package})"


def declared() -> list[EntryPoint]:
    """Every entry point in a group of ours. The metadata of all distributions are read again only after a change."""
    places = tuple(map(_state, sys.path))
    return list(_declared(places, tuple(map(_state, _declarations(places)))))


State = tuple[str | int, ...]
"""What tells whether a file or a folder was changed: its path, and where it exists device, inode, size and time."""


def _state(path: str) -> State:
    try:
        found = os.stat(path or ".")  # noqa: PTH116 - of hundreds of files, for which a Path takes as long again
    except (OSError, ValueError):
        return (path,)
    return path, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


@functools.lru_cache(maxsize=4)
def _declarations(places: tuple[State, ...]) -> tuple[str, ...]:
    """Files in which distributions at these places declare entry points, if they do."""
    found: list[str] = []
    for path, *known in places:
        if known:  # else it is not there, or in a folder that may not be read
            with contextlib.suppress(OSError):
                found += (str(folder / "entry_points.txt") for folder in Path(str(path)).glob("*.*-info"))
    return tuple(found)


@functools.lru_cache(maxsize=4)
def _declared(places: tuple[State, ...], declarations: tuple[State, ...]) -> tuple[EntryPoint, ...]:
    points = importlib.metadata.entry_points()
    return tuple(point for group in (TASKS, *KINDS.values()) for point in points.select(group=group))


def found_additions(points: Sequence[EntryPoint]) -> list[Addition]:
    """Everything that these entry points add to tasks, without importing any of it."""
    kinds = {group: kind for kind, group in KINDS.items()}
    return sorted(_addition(kinds[point.group], point) for point in points if point.group in kinds)


def package_behind(point: EntryPoint) -> Package:
    """The distribution that declares an entry point.

    Examples
    --------
    >>> package_behind(EntryPoint("a", "b:c", "d"))
    Package(name='b', version='unknown')
    """
    if point.dist is None:
        return Package(split(point)[0].partition(".")[0], "unknown")
    return Package(point.dist.name, point.dist.version)


def split(point: EntryPoint) -> tuple[str, str]:
    """Module and attribute of an entry point; not by its own properties, which raise for a value that names none."""
    module, _, attribute = (word.strip() for word in point.value.partition("[")[0].partition(":"))
    return module, attribute


def _addition(kind: str, point: EntryPoint) -> Addition:
    task, _, name = point.name.partition(".")
    if not (task.isidentifier() and name.isidentifier()):
        task, name = "", point.name
    return Addition(kind, task, name, *split(point), package_behind(point))


def misplaced(addition: Addition, tasks: Sequence[str]) -> EnvironmentFault | None:
    """Why something is added to no task at all, or None."""
    if not addition.task:
        return _broken(
            addition, "the name of its entry point must be task.name, such as 'image_classification.my_learner'"
        )
    return None if addition.task in tasks else _broken(addition, f"no task {addition.task!r} is installed")


def extended(task: Task, additions: Sequence[Addition], origin: str) -> tuple[Task, Refusals]:
    """The task with what packages add to it, and why the rest of it cannot be used.

    Learners that were added compete when they are named; metrics come last, so the one that is compared stays.

    Parameters
    ----------
    task : Task
        As its author wrote it.
    additions : sequence of Addition
        For this task.
    origin : str
        Where the task comes from, for messages.
    """
    refused: dict[tuple[str, str], EnvironmentFault] = {}
    sound: list[tuple[Addition, Hashable]] = []
    owner = {
        (kind, name): origin
        for kind, names in (("learner", task.learners), ("metric", task.metrics), ("dataset", task.datasets))
        for name in names
    }
    for addition in additions:
        key = (addition.kind, addition.name)
        if key in owner:
            refused[key] = _twice(addition, owner[key])
            continue
        owner[key] = f"package {addition.package}"
        try:
            sound.append((addition, load(addition)))
        except EnvironmentFault as error:
            refused[key] = error
    usable = tuple(pair for pair in sound if (pair[0].kind, pair[0].name) not in refused)
    return (_joined(task, usable) if usable else task), refused


def load(addition: Addition) -> Hashable:
    """Import what was added.

    Raises
    ------
    EnvironmentFault
        If it cannot be imported or is not what it is declared to be.
    """
    if not addition.attribute:
        raise _broken(addition, f"the entry point names the module {addition.module!r} only; write module:function")
    try:
        thing = imported(addition.module, addition.attribute)
    except (Exception, SystemExit) as error:
        # A plugin may fail in any way while it is imported; whatever it was is the reason to show.
        raise _broken(addition, f"cannot be imported: {type(error).__name__}: {error}") from error
    wrong = _wrong(addition, thing)
    if wrong:
        raise _broken(addition, f"{addition.module}:{addition.attribute} {wrong}")
    assert isinstance(thing, Hashable)
    return thing


def imported(module: str, attribute: str) -> Any:
    """What a plugin's entry point refers to; raises whatever its import raises.

    What it prints goes to standard error: standard output is for results.
    """
    with contextlib.redirect_stdout(sys.stderr):
        return operator.attrgetter(attribute)(importlib.import_module(module))


def _wrong(addition: Addition, thing: Any) -> str:
    """Why this is nothing of its kind, or an empty text."""
    what = f"is a {type(thing).__name__}, not a"
    if addition.kind == "metric":
        if not isinstance(thing, Metric):
            return f"{what} Metric"
        if thing.kind not in get_args(get_type_hints(Metric)["kind"]):
            return f"is of kind {thing.kind!r}, which is none of {', '.join(get_args(get_type_hints(Metric)['kind']))}"
        return "" if thing.name == addition.name else f"calls itself {thing.name!r}; both names must be the same"
    if not callable(thing) or isinstance(thing, Metric) or not _has_hash(thing):
        return f"{what} function that returns {'a Learner' if addition.kind == 'learner' else 'Samples'}"
    if addition.kind == "dataset" and hasattr(thing, "about"):
        return "is a learner, but declared as a dataset"
    try:
        if addition.kind == "learner":
            about(thing)
        parameters(thing)
        get_type_hints(thing, include_extras=True)
    except Exception as error:  # annotations are evaluated, and may fail in any way
        return f"cannot be called from a config: {error}"
    return ""


def _has_hash(thing: object) -> bool:
    return isinstance(thing, Hashable)


@functools.lru_cache(maxsize=64)
def _joined(task: Task, sound: tuple[tuple[Addition, Any], ...]) -> Task:
    # Kept: workers read data once for each task that they meet, and the same task must be the same value.
    def of(kind: str) -> dict[str, Any]:
        return {one.name: from_package(thing, one.package) for one, thing in sound if one.kind == kind}

    return dataclasses.replace(
        task,
        learners={**task.learners, **of("learner")},
        datasets={**task.datasets, **of("dataset")},
        metrics={**task.metrics, **{one.name: _guarded(thing, one) for one, thing in sound if one.kind == "metric"}},
        defaults=task.defaults or tuple(task.learners),
    )


def _guarded(metric: Metric, addition: Addition) -> Metric:
    """The metric, whose faults are data errors: it is computed when everything was trained, and must not end that."""

    def fault(what: str) -> DataError:
        return DataError(f"{addition.title}: {what}", error_id="E-METRIC-FAILED")

    def function(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
        try:
            found = np.asarray(metric.function(y_true, scores, weights), dtype=np.float64)
        except DataError:
            raise
        except Exception as error:  # it may fail in any way
            raise fault(f"{type(error).__name__}: {error}") from error
        if found.shape != (len(weights),):
            raise fault(f"gives shape {found.shape}, expected {(len(weights),)}.")
        return found

    return dataclasses.replace(
        metric,
        function=from_package(function, addition.package),
        adapt=None if metric.adapt is None else _guarded_adapt(metric.adapt),
    )


def _guarded_adapt(
    adapt: Callable[[Ints, Floats], Callable[[Floats], Floats]],
) -> Callable[[Ints, Floats], Callable[[Floats], Floats]]:
    def guarded(y_true: Ints, scores: Floats) -> Callable[[Floats], Floats]:
        def adapted(others: Floats) -> Floats:
            try:
                found = np.asarray(adapt(y_true, scores)(others), dtype=np.float64)
            except Exception:  # whoever computes a metric refuses scores that are no numbers, and says so
                found = np.empty(0)
            return found if found.shape == others.shape else np.full(others.shape, np.nan)

        return adapted

    return guarded


def _broken(addition: Addition, reason: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"{addition.title}: {reason}",
        error_id="E-PLUGIN-BROKEN",
        hint="Reinstall or mend that package; the rest of the task is not affected.",
    )


def _twice(addition: Addition, other: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"Two {addition.kind}s of task {addition.task!r} are called {addition.name!r}: one in {other}, one in package "
        f"{addition.package}.",
        error_id="E-PLUGIN-TWICE",
        hint="Uninstall one of the packages, or rename what it adds.",
    )
