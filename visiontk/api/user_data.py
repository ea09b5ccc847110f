"""A folder or table of the user's own: what it is taken for, and the config that says so."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from visiontk import strict_yaml
from visiontk.core import Card, Samples, Task, parameters
from visiontk.data.formats import tables
from visiontk.data.layouts.class_folders import Listing
from visiontk.data.privacy import numbered_errors
from visiontk.data.recognise.columns import Choice, Overrides
from visiontk.data.recognise.user_data import (
    KINDS,
    Found,
    is_table,
    kinds_in,
    mixed,
    recognise_folder,
    recognise_table,
    survey,
)
from visiontk.errors import ConfigError, DataError, EnvironmentFault
from visiontk.messages import printable
from visiontk.registry import get_task, installed_tasks

OPTIONS = ("label", "group", "split", "time", "text", "path")
"""Settings that say what a folder or table holds; they become parameters of its dataset."""

GENERAL = {
    "pictures": "image_classification",
    "sounds": "audio_classification",
    "texts": "text_classification",
    "DICOM files": "medical_imaging",
    "NIfTI volumes": "medical_imaging",
}
"""Which task compares files of a kind if nobody says; special ones are asked for by name."""

_TABLES = {"DICOM files": "dicom", "NIfTI volumes": "nifti"}
_ANSWERED = {"label_column": "label", "group_column": "group", "patient_column": "group", "part_column": "split",
             "time_column": "time", "text_column": "text", "path_column": "path", "group": "group",
             "encoding": "encoding", "delimiter": "delimiter", "on_rare_class": "on_rare_class"}  # fmt: skip


class UserData(NamedTuple):
    """A folder or table, recognised.

    Parameters
    ----------
    document : dict
        The beginning of a config: task and dataset.
    found : Found or None
        What lies there; None where only the task knows, as it reads files of a kind of its own.
    choices : tuple of Choice
        Of task and data, for people.
    """

    document: dict[str, Any]
    found: Found | None
    choices: tuple[Choice, ...]

    def samples(self) -> Samples:
        """Samples as they will be, but for their inputs: enough to plan with."""
        assert self.found is not None
        found = self.found
        return Samples(
            ids=found.ids,
            y=found.y,
            labels=found.labels,
            read=_unread,
            card=Card(printable(Path(self.document["dataset"]["path"]).name), "not read yet", notes=found.notes),
            groups=found.groups,
            parts=found.parts,
        )


class Unread(Exception):
    """A plan asked for inputs, which nobody has read yet."""


def is_own(target: str) -> bool:
    """Whether a target is a folder or a table; configs and tasks are not asked about here."""
    if not target:
        return False
    path = Path(target).expanduser()
    with contextlib.suppress(OSError, ValueError):
        return path.is_dir() or (is_table(path) and path.is_file())
    return False


def recognise(target: str, settings: Mapping[str, Any], overrides: Sequence[str] = ()) -> UserData:
    """What a folder or table is taken for.

    Parameters
    ----------
    target : str
        For which `is_own` holds.
    settings : mapping
        ``task`` and those of `OPTIONS`, where given.
    overrides : sequence of str
        ``key=value``; those of the dataset's columns are answers too.

    Raises
    ------
    ConfigError, DataError
        Whatever is open, contradictory or missing, with what to type.
    """
    path = Path(target).expanduser().resolve()
    if "dataset" in settings:
        form = "folder" if path.is_dir() else "table"
        raise ConfigError(
            f"dataset: {settings['dataset']!r} given, but the {form} {target!r} is the data already.",
            error_id="E-CONFIG-VALUE",
            hint="Leave one of them out.",
        )
    asked = settings.get("task")
    answers = _answers(path, settings, overrides)._replace(quiet=asked is not None and get_task(asked).about_patients)
    with numbered_errors() if answers.quiet else contextlib.nullcontext():
        return _table(path, asked, answers) if path.is_file() else _folder(path, asked, answers)


def _folder(path: Path, asked: str | None, answers: Overrides) -> UserData:
    able = _able("folder")
    if not able:
        raise ConfigError("No task reads folders.", error_id="E-CONFIG-TASK", hint="visiontk list shows the tasks.")
    chosen = asked or (able[0] if len(able) == 1 else None)
    try:
        listing = survey(str(path))
    except DataError as error:
        if error.error_id != "E-DATA-EMPTY" or (chosen and chosen not in GENERAL.values()):
            return _by_task_alone(path, chosen, error)
        raise DataError(
            error.message,
            error_id="E-DATA-EMPTY",
            hint="Name a folder of class folders, or a table"
            + (f"; for files of another kind, a task that reads them with --task: {', '.join(able)}." if able else "."),
        ) from None
    kind, why = _kind(path, listing, chosen)
    if kind in _TABLES:
        raise ConfigError(
            f"{printable(str(path))}: {len(listing.files)} {kind}, which are compared by a table that names them.",
            error_id="E-GUESS-INPUT",
            hint="Write a table with columns path, label and patient into the folder, and compare that: "
            f"visiontk compare {path.name}/labels.csv.",
        )
    name = chosen or _general(kind, able)
    try:
        found = recognise_folder(listing, str(path), kind, answers)
    except DataError as error:
        raise _with_table(error, path) from None
    return _own(path, name, "folder", found, why if not asked else "as you said", able, answers)


def _table(path: Path, asked: str | None, answers: Overrides) -> UserData:
    try:
        found = recognise_table(str(path), answers)
    except DataError as error:
        raise _with_remedy(error, path) from None
    lines = str(path).lower().endswith(tables.JSON_LINES)
    dataset = _TABLES.get(found.kind) or ("jsonl" if lines and found.kind == "texts" else "csv")
    able = _able(dataset)
    name = asked or _general(found.kind, able)
    why = "as you said" if asked else f"for {found.kind}"
    return _own(path, name, dataset, found, why, able, answers)


def _own(
    path: Path, name: str, dataset: str, found: Found, why: str, able: Sequence[str], answers: Overrides
) -> UserData:
    task = get_task(name)
    column = "text_column" if found.kind == "texts" else "path_column"
    if dataset not in task.datasets or (found.form == "table" and column not in parameters(task.datasets[dataset])):
        raise ConfigError(
            f"Task {name!r} reads no {'folders' if dataset == 'folder' else f'tables of {found.kind}'}.",
            error_id="E-CONFIG-TASK",
            hint=f"Name another task with --task: {', '.join(able)}." if able else "Leave --task out.",
        )
    chosen = {"name": dataset, "path": str(path), **_parameters(task, dataset, found, answers)}
    others = [other for other in able if other != name and _may_read(other, found.kind)]
    option = f"--task {' or '.join(others)}" if others and why != "as you said" else ""
    choices = (
        Choice("data", f"{len(found.y):,} {found.kind}", f"a {found.form}", ""),
        Choice("task", name, why, option),
        *found.choices,
    )
    return UserData({"task": name, "dataset": chosen}, found, choices)


def _parameters(task: Task, dataset: str, found: Found, answers: Overrides) -> dict[str, Any]:
    """What was found, as arguments of the dataset's function; those that are as by default are left out."""
    known = parameters(task.datasets[dataset])
    given: dict[str, Any] = {f"{name}_column": value for name, value in found.columns.items()}
    if found.form == "folder":
        given = {"group": found.columns["group"]}
    else:
        given |= {"encoding": answers.encoding, "delimiter": answers.delimiter}
    if "patient_column" in known and "group_column" not in known:
        given["patient_column"] = given.pop("group_column", "")
    defaults = {"encoding": "utf-8", "delimiter": ","}
    lacking = [name for name, value in given.items() if name not in known and value != defaults.get(name, "")]
    if lacking:
        what = lacking[0].removesuffix("_column").replace("patient", "group").replace("part", "split")
        raise ConfigError(
            f"Task {task.name!r} cannot be told of {what} {given[lacking[0]]!r}: its dataset {dataset!r} has no "
            f"parameter {lacking[0]!r}.",
            error_id="E-CONFIG-TASK",
            hint="Leave --time out, or name another task."
            if what == "time"
            else f"Go on without: --{what} none."
            if what in ("group", "split")
            else "Save the table as CSV with commas, in UTF-8.",
        )
    return {name: value for name, value in given.items() if name in known and value != known[name]}


def _answers(path: Path, settings: Mapping[str, Any], overrides: Sequence[str]) -> Overrides:
    given: dict[str, Any] = {name: str(settings[name]) for name in OPTIONS if settings.get(name) is not None}
    for override in overrides:
        key, _, value = override.partition("=")
        outer, _, name = key.strip().partition(".")
        if outer == "dataset" and name in _ANSWERED:
            said = strict_yaml.read(value, where=f"--set {key}").value if value.strip() else "none"
            given.setdefault(_ANSWERED[name], str(said) or "none")
    empty = [name for name, value in given.items() if not value]
    if empty:
        raise ConfigError(f"--{empty[0]}: empty; name a column.", error_id="E-CONFIG-VALUE")
    if path.is_file() and "delimiter" not in given:
        given["delimiter"] = tables.delimiter_of(path, given.get("encoding", "utf-8"))
    return Overrides(**given, slices=tuple(settings.get("slices") or ()))


def _able(dataset: str) -> list[str]:
    """Tasks with a dataset of this name."""
    able = []
    for found in installed_tasks():
        with contextlib.suppress(EnvironmentFault):  # a broken plugin is no reason to refuse a sound one
            if dataset in get_task(found.name).datasets:
                able.append(found.name)
    return able


def _kind(path: Path, listing: Listing, task: str | None) -> tuple[str, str]:
    """Which files of a folder are compared, and why."""
    counts = kinds_in(listing.files)
    named = [kind for kind in counts if GENERAL[kind] == task]
    if named:
        return max(named, key=lambda kind: counts[kind]), "as you said"
    wanted = [kind for kind, general in GENERAL.items() if general == task and kind not in _TABLES]
    several = mixed(listing.files)
    if wanted and task != GENERAL["DICOM files"]:
        raise DataError(
            f"{printable(str(path))}: no {wanted[0]}, which {task} compares; found "
            f"{', '.join(f'{n:,} {kind}' for kind, n in counts.most_common())}.",
            error_id="E-DATA-EMPTY",
            hint="Leave --task out, or name another.",
        )
    if task is not None:
        pictures = [kind for kind in several if _may_read(task, kind)]
        return (pictures or several)[0], "as you said"
    if len(several) > 1:
        raise ConfigError(
            f"{printable(str(path))}: {' and '.join(f'{counts[kind]:,} {kind}' for kind in several)}; one comparison "
            "is "
            "about one kind of files.",
            error_id="E-GUESS-KIND",
            hint="Say which: " + ", ".join(f"--task {GENERAL[kind]} for the {kind}" for kind in several) + ".",
        )
    return several[0], f"for {several[0]}"


def _may_read(task: str, kind: str) -> bool:
    """Whether a task may be one for files of this kind: general ones are for theirs only."""
    own = [one for one, general in GENERAL.items() if general == task]
    return kind in own or (not set(own) & {"pictures", "sounds", "texts"} and kind not in ("sounds", "texts"))


def _general(kind: str, able: Sequence[str]) -> str:
    if GENERAL[kind] in able:
        return GENERAL[kind]
    if len(able) == 1:
        return able[0]
    raise ConfigError(
        f"Several tasks could compare {kind}: {', '.join(able)}." if able else f"No task compares {kind}.",
        error_id="E-CONFIG-TASK",
        hint="Say which with --task.",
    )


def _by_task_alone(path: Path, task: str | None, error: DataError) -> UserData:
    """A folder of files that only its task knows."""
    if error.error_id != "E-DATA-EMPTY" or task is None:
        raise error
    document = {"task": task, "dataset": {"name": "folder", "path": str(path)}}
    return UserData(document, None, (Choice("task", task, "which knows its files", ""),))


def _with_table(error: DataError, path: Path) -> DataError:
    """The error about class folders, with the tables that lie in the folder."""
    tables = sorted(file.name for file in path.iterdir() if is_table(file) and file.is_file())
    if tables and error.error_id in ("E-DATA-EMPTY", "E-LABEL-SINGLE"):
        error.hint += f" If a table names the classes: visiontk compare {path.name}/{printable(tables[0])}."
    return error


def _with_remedy(error: DataError, path: Path) -> DataError:
    """The error about a table, with what to type."""
    if error.error_id == "E-CSV-ENCODING":
        likely = found[1] if (found := re.search(r"encoding: ([\w-]+)", error.hint)) else "latin-1"
        error.hint += f" On the command line: --set dataset.encoding={likely}."
    elif error.error_id == "E-LABEL-SINGLE":
        error.hint = "Name another column of classes with --label."
    elif error.error_id == "E-MANIFEST-MISSING":
        error.hint += _where_else(error, path.parent)
    return error


def _where_else(error: DataError, folder: Path) -> str:
    """Where files that a table names lie, if that is one folder below the table."""
    name = error.message.splitlines()[1].partition(": ")[2] if "\n" in error.message else ""
    inside = [inner.name for inner in folder.iterdir() if name and inner.is_dir() and (inner / name).is_file()]
    return f" Or did you mean those in {printable(inside[0])}/? Then put the table there." if inside else ""


def _unread(index: object) -> Any:
    raise Unread


__all__ = ["GENERAL", "KINDS", "OPTIONS", "Unread", "UserData", "is_own", "recognise"]
