"""Datasets that read the user's files, by their declarations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from visiontk.core import AboutData, about_data
from visiontk.data.recognise.kinds import KINDS, Kinds
from visiontk.errors import ConfigError, EnvironmentFault
from visiontk.registry import get_task, installed_tasks


class UserReader(NamedTuple):
    """A dataset of a task, and its declaration."""

    task: str
    dataset: str
    about: AboutData


def user_readers() -> list[UserReader]:
    """All datasets that read the user's files; broken plugins are ignored."""
    readers: list[UserReader] = []
    for each in installed_tasks():
        with contextlib.suppress(EnvironmentFault):
            datasets = get_task(each.name).datasets
            declared = [UserReader(each.name, name, about_data(function)) for name, function in datasets.items()]
            readers += [reader for reader in declared if reader.about.form != "published"]
    return readers


def kinds_of(readers: Iterable[UserReader]) -> Kinds:
    """Endings of file names by kind, with those that plugins declare."""
    declared = {reader.about.reads: reader.about.suffixes for reader in readers if reader.about.suffixes}
    return {**declared, **KINDS}


def private_kinds(readers: Sequence[UserReader]) -> frozenset[str]:
    """Kinds of files whose names no message repeats: the general reader is private, or without one any reader."""
    kinds = {reader.about.reads for reader in readers}
    return frozenset(kind for kind in kinds if any(reader.about.private for reader in _likely(kind, readers)))


def choose(kind: str, readers: Sequence[UserReader]) -> UserReader:
    """The reader of the general task for a kind, or the only one; E-CONFIG-TASK if there are none or several."""
    likely = _likely(kind, readers)
    tasks = sorted({reader.task for reader in likely})
    if len(tasks) == 1:
        return likely[0]
    raise ConfigError(
        f"Several tasks could compare {kind}: {', '.join(tasks)}." if tasks else f"No task compares {kind}.",
        error_id="E-CONFIG-TASK",
        hint="Choose one with --task." if tasks else "visiontk list shows the tasks.",
    )


def _likely(kind: str, readers: Sequence[UserReader]) -> list[UserReader]:
    able = [reader for reader in readers if reader.about.reads == kind]
    return [reader for reader in able if reader.about.general] or able
