"""Learners, metrics and datasets that other packages add to a task, each by an entry point.

The groups are ``visiontk.learners``, ``visiontk.metrics`` and ``visiontk.datasets``; an entry has the name
``task.name``. Listing imports nothing. An addition that cannot be used is rejected with its reason, and the task works
without it.
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
"""Kinds of additions, with the group of entry points of each."""

Rejections = Mapping[tuple[str, str], EnvironmentFault]
"""Reasons why additions cannot be used, by kind and name."""


class Addition(NamedTuple):
    """An addition of a package to a task, not imported."""

    kind: str  # a key of `KINDS`
    task: str  # first part of the entry's name; empty if the name is not ``task.name``
    name: str  # second part
    module: str  # value of the entry, before the colon
    attribute: str
    package: Package  # which declares it

    @property
    def title(self) -> str:
        """Kind, name and package, for messages."""
        name = f"{self.task}.{self.name}" if self.task else self.name
        return f"{self.kind.capitalize()} {name!r} (package {self.package})"


def entry_points() -> list[EntryPoint]:
    """Return all entry points in groups of visiontk; the metadata are cached until a file or folder changes."""
    folders = tuple(map(_state, sys.path))
    return list(_entry_points(folders, tuple(map(_state, _entry_point_files(folders)))))


State = tuple[str | int, ...]
"""Path, and if it exists device, inode, size and time: differs after a change."""


def _state(path: str) -> State:
    try:
        stat = os.stat(path or ".")  # noqa: PTH116 - for hundreds of files; a Path doubles the time
    except (OSError, ValueError):
        return (path,)
    return path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


@functools.lru_cache(maxsize=4)
def _entry_point_files(folders: tuple[State, ...]) -> tuple[str, ...]:
    """Return the paths at which distributions in these folders may declare entry points."""
    paths: list[str] = []
    for path, *known in folders:
        if known:  # else missing or unreadable
            with contextlib.suppress(OSError):
                paths += (str(folder / "entry_points.txt") for folder in Path(str(path)).glob("*.*-info"))
    return tuple(paths)


@functools.lru_cache(maxsize=4)
def _entry_points(folders: tuple[State, ...], files: tuple[State, ...]) -> tuple[EntryPoint, ...]:
    points = importlib.metadata.entry_points()
    return tuple(point for group in (TASKS, *KINDS.values()) for point in points.select(group=group))


def declared_additions(points: Sequence[EntryPoint]) -> list[Addition]:
    """Return the additions among these entry points, without importing them."""
    kinds = {group: kind for kind, group in KINDS.items()}
    return sorted(_addition(kinds[point.group], point) for point in points if point.group in kinds)


def package_of_entry_point(point: EntryPoint) -> Package:
    """Return the distribution that declares an entry point.

    Examples
    --------
    >>> package_of_entry_point(EntryPoint("a", "b:c", "d"))
    Package(name='b', version='unknown')
    """
    if point.dist is None:
        return Package(split_value(point)[0].partition(".")[0], "unknown")
    return Package(point.dist.name, point.dist.version)


def split_value(point: EntryPoint) -> tuple[str, str]:
    """Return module and attribute of an entry point; its own properties raise for a malformed value."""
    module, _, attribute = (word.strip() for word in point.value.partition("[")[0].partition(":"))
    return module, attribute


def _addition(kind: str, point: EntryPoint) -> Addition:
    task, _, name = point.name.partition(".")
    if not (task.isidentifier() and name.isidentifier()):
        task, name = "", point.name
    return Addition(kind, task, name, *split_value(point), package_of_entry_point(point))


def stray_error(addition: Addition, tasks: Sequence[str]) -> EnvironmentFault | None:
    """Return why an addition belongs to none of these tasks, or None if it belongs to one."""
    if not addition.task:
        return _broken(
            addition, "the name of its entry point must be task.name, such as 'image_classification.my_learner'"
        )
    return None if addition.task in tasks else _broken(addition, f"no task {addition.task!r} is installed")


def extended(task: Task, additions: Sequence[Addition], origin: str) -> tuple[Task, Rejections]:
    """Return the task with the usable additions, and why the others were rejected; `origin` is for messages.

    Added learners are compared only if named; added metrics come last, so the compared one stays the same.
    """
    rejected: dict[tuple[str, str], EnvironmentFault] = {}
    loaded: list[tuple[Addition, Hashable]] = []
    owner = {
        (kind, name): origin
        for kind, names in (("learner", task.learners), ("metric", task.metrics), ("dataset", task.datasets))
        for name in names
    }
    for addition in additions:
        key = (addition.kind, addition.name)
        if key in owner:
            rejected[key] = _duplicate(addition, owner[key])
            continue
        owner[key] = f"package {addition.package}"
        try:
            loaded.append((addition, load(addition)))
        except EnvironmentFault as error:
            rejected[key] = error
    usable = tuple(pair for pair in loaded if (pair[0].kind, pair[0].name) not in rejected)
    return (_joined(task, usable) if usable else task), rejected


def load(addition: Addition) -> Hashable:
    """Import an addition; EnvironmentFault if it cannot be imported or is not of its kind."""
    if not addition.attribute:
        raise _broken(addition, f"the entry point names only the module {addition.module!r}; write module:function")
    try:
        thing = import_object(addition.module, addition.attribute)
    except (Exception, SystemExit) as error:
        # A plugin may fail in any way while it is imported; the message shows the reason.
        raise _broken(addition, f"cannot be imported: {type(error).__name__}: {error}") from error
    if problem := _problem(addition, thing):
        raise _broken(addition, f"{addition.module}:{addition.attribute} {problem}")
    assert isinstance(thing, Hashable)
    return thing


def import_object(module: str, attribute: str) -> Any:
    """Import an object of a plugin; raises whatever the import raises.

    Its output goes to standard error: standard output is for results.
    """
    with contextlib.redirect_stdout(sys.stderr):
        return operator.attrgetter(attribute)(importlib.import_module(module))


def _problem(addition: Addition, thing: Any) -> str:
    """Return why an object is not of the declared kind, or an empty string."""
    prefix = f"is a {type(thing).__name__}, not a"
    if addition.kind == "metric":
        if not isinstance(thing, Metric):
            return f"{prefix} Metric"
        kinds = get_args(get_type_hints(Metric)["kind"])
        if thing.kind not in kinds:
            return f"has the kind {thing.kind!r}, expected one of {', '.join(kinds)}"
        return "" if thing.name == addition.name else f"has the name {thing.name!r}; both names must be the same"
    if not callable(thing) or isinstance(thing, Metric) or not _is_hashable(thing):
        return f"{prefix} function that returns {'a Learner' if addition.kind == 'learner' else 'Samples'}"
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


def _is_hashable(thing: object) -> bool:
    return isinstance(thing, Hashable)


@functools.lru_cache(maxsize=64)
def _joined(task: Task, usable: tuple[tuple[Addition, Any], ...]) -> Task:
    # Cached: workers read data once per task, and the same task must be the same object.
    def of(kind: str) -> dict[str, Any]:
        return {one.name: from_package(thing, one.package) for one, thing in usable if one.kind == kind}

    return dataclasses.replace(
        task,
        learners={**task.learners, **of("learner")},
        datasets={**task.datasets, **of("dataset")},
        metrics={**task.metrics, **{one.name: _guarded(thing, one) for one, thing in usable if one.kind == "metric"}},
        defaults=task.defaults or tuple(task.learners),
    )


def _guarded(metric: Metric, addition: Addition) -> Metric:
    """Wrap a metric so that its failures are data errors: it is computed after training, which must not be lost."""

    def error_of(problem: str) -> DataError:
        return DataError(f"{addition.title}: {problem}", error_id="E-METRIC-FAILED")

    def function(y_true: Ints, scores: Floats, weights: Floats) -> Floats:
        try:
            values = np.asarray(metric.function(y_true, scores, weights), dtype=np.float64)
        except DataError:
            raise
        except Exception as error:  # a plugin may fail in any way
            raise error_of(f"{type(error).__name__}: {error}") from error
        if values.shape != (len(weights),):
            raise error_of(f"returned shape {values.shape}, expected {(len(weights),)}.")
        return values

    return dataclasses.replace(
        metric,
        function=from_package(function, addition.package),
        adapt=None if metric.adapt is None else _guarded_adapt(metric.adapt),
    )


def _guarded_adapt(
    adapt: Callable[[Ints, Floats], Callable[[Floats], Floats]],
) -> Callable[[Ints, Floats], Callable[[Floats], Floats]]:
    def guarded(valid_y_true: Ints, valid_scores: Floats) -> Callable[[Floats], Floats]:
        def adapted(scores: Floats) -> Floats:
            try:
                values = np.asarray(adapt(valid_y_true, valid_scores)(scores), dtype=np.float64)
            except Exception:  # scores that are not numbers are reported when the metric is computed
                values = np.empty(0)
            return values if values.shape == scores.shape else np.full(scores.shape, np.nan)

        return adapted

    return guarded


def _broken(addition: Addition, reason: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"{addition.title}: {reason}",
        error_id="E-PLUGIN-BROKEN",
        hint="Reinstall or repair that package; the rest of the task is not affected.",
    )


def _duplicate(addition: Addition, other: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"Two {addition.kind}s of task {addition.task!r} have the name {addition.name!r}: one in {other}, one in "
        f"package {addition.package}.",
        error_id="E-PLUGIN-TWICE",
        hint="Uninstall one of the packages, or rename its addition.",
    )
