"""Folders with tables: whether folders or a table name the classes, and which table."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from visiontk.data.layouts.named_files import FOUND, part_in
from visiontk.data.layouts.part_tables import table_names
from visiontk.data.recognise.records import DetectedSetting, Overrides
from visiontk.errors import ConfigError, DataError, VisiontkError
from visiontk.messages import printable, typed

if TYPE_CHECKING:
    from visiontk.api.user_data import UserData

NO_CLASSES = {"E-DATA-EMPTY", "E-LABEL-SINGLE", "E-SPLIT-PARTS", "E-SPLIT-CLASS", "E-CLASS-UNREAD", "E-GUESS-INPUT"}
"""Errors about class folders after which a table in the folder may name the classes."""

OF_SAMPLES = {"E-CSV-ENCODING", "E-LABEL-FORM", "E-LABEL-NUMBER", "E-LABEL-MISSING", "E-LABEL-TWINS",
              "E-GUESS-KIND", "E-MANIFEST-MISSING", "E-MANIFEST-TWICE", "E-SPLIT-TWICE", "E-SPLIT-PARTS",
              "E-GROUP-MISSING"}  # fmt: skip
"""Errors about tables of samples; others are about tables of something else."""

METADATA = "metadata"
"""Name of the table of a folder in the layout of Hugging Face, which takes precedence over folders."""

LISTED = 10


def choose_form(
    path: Path, overrides: Overrides, by_folders: Callable[[bool], UserData], by_table: Callable[[Path], UserData]
) -> UserData:
    """The data of a folder by its class folders, or by a table in it.

    A table is used if columns are requested, if it is called ``metadata``, if there are no class folders, or if it
    names the same files and has other classes than the folders. `by_folders` is called with False to read no classes
    from the names of files: only without a table these are.
    """
    names = _names(path)
    if not names or re.fullmatch(r"(folder|name):\d+", overrides.label):
        return by_folders(True)
    requested = any((overrides.label, overrides.time, overrides.text, overrides.path, overrides.files))
    if requested or any(Path(name).stem.casefold() == METADATA for name in names):
        return _by_tables(path, names, by_table)
    try:
        folders = by_folders(False)
    except (ConfigError, DataError) as error:
        if error.error_id not in NO_CLASSES:
            raise
        return _instead(path, names, by_folders, by_table, error)
    return _other_classes(folders, path, names, by_table) or folders


def _names(path: Path) -> list[str]:
    try:
        return table_names(path)
    except OSError:  # the reader of the folder reports the problem
        return []


def _instead(
    path: Path,
    names: Sequence[str],
    by_folders: Callable[[bool], UserData],
    by_table: Callable[[Path], UserData],
    error: VisiontkError,
) -> UserData:
    """The tables, where class folders are refused; their error if it is about samples, or no folder holds any."""
    try:
        return _by_tables(path, names, by_table)
    except (ConfigError, DataError) as other:
        if _is_about_samples(other) or "looked for" in error.message:
            raise
        with contextlib.suppress(DataError):
            return by_folders(True)
        if _is_damaged(other) or other.error_id == "E-LABEL-SINGLE":
            error.hint += f" If a table names the classes: visiontk compare {typed(path / names[0])}."
        raise error from None


def _by_tables(path: Path, names: Sequence[str], by_table: Callable[[Path], UserData]) -> UserData:
    """The tables of a split, or the only table that is about samples."""
    first: VisiontkError | None = None
    if len(names) > 1 and any(part_in(Path(name).name) or part_in(str(Path(name).parent)) for name in names):
        try:
            return by_table(path)
        except (ConfigError, DataError) as error:
            if _is_about_samples(error) and error.error_id != "E-GUESS-KIND":
                raise
            first = error
    results: dict[str, UserData] = {}
    questions: dict[str, VisiontkError] = {}
    for name in names[: LISTED + 1]:
        try:
            results[name] = by_table(path / name)
        except (ConfigError, DataError) as error:
            first = first or error
            if _is_about_samples(error):
                questions[name] = error
    if len(questions) == 1 and not results:
        raise questions.popitem()[1]
    if results and not questions and len({_content(own) for own in results.values()}) == 1:
        name, own = next(iter(results.items()))
        return own._replace(settings=(*own.settings[:1], _chosen(name, len(names)), *own.settings[1:]))
    if not results and not questions:
        assert first is not None
        raise first
    options = [f"visiontk compare {typed(path / name)}" for name in names if name in (*results, *questions)]
    raise ConfigError(
        f"{printable(str(path))}: several tables. Which one is it?\n" + "\n".join(options),
        error_id="E-GUESS-INPUT",
        hint="Repeat the command with one of them.",
    )


def _is_about_samples(error: VisiontkError) -> bool:
    """True if a table names or holds samples, but a question or its classes are in the way."""
    asks = any(line.startswith(("--", "visiontk compare ")) for line in error.message.splitlines())
    return asks or error.error_id in OF_SAMPLES


def _is_damaged(error: VisiontkError) -> bool:
    return error.error_id.split("-")[1] in ("CSV", "JSONL")


def _content(own: UserData) -> tuple[object, ...]:
    """Samples and classes, by which one table in several forms is known; of texts with the name of the table."""
    data = own.recognised
    path = Path(own.document["dataset"]["path"])
    if data is None:
        return (path,)
    name = path.stem if data.kind == "texts" else ""
    return (data.kind, name, tuple(_places(own)), data.labels, tuple(data.y.tolist()))


def _places(own: UserData) -> list[str]:
    """Absolute names of the files, or ids of other samples."""
    data, path = own.recognised, Path(own.document["dataset"]["path"])
    assert data is not None
    if data.kind == "texts" or "pixels" in data.columns.get("path", ""):
        return [str(each) for each in data.ids]
    root = Path(data.columns.get("files") or (path if path.is_dir() else path.parent))
    return [str(root / name) for name in data.ids.tolist()]


def _chosen(name: str, n: int) -> DetectedSetting:
    reason = "the only table in the folder" if n == 1 else "the only table with samples and classes"
    return DetectedSetting("table", printable(name), reason, "")


def _other_classes(
    folders: UserData, path: Path, names: Sequence[str], by_table: Callable[[Path], UserData]
) -> UserData | None:
    """The data of a table that names the files of the folders with other classes; None if there is none."""
    try:
        own = _by_tables(path, names, by_table)
    except VisiontkError:
        return None
    first, second = folders.recognised, own.recognised
    if first is None or second is None or first.kind != second.kind or second.kind == "texts":
        return None
    place = {name: i for i, name in enumerate(_places(folders))}
    shared = [(i, place[name]) for i, name in enumerate(_places(own)) if name in place]
    pairs = {(int(second.y[i]), int(first.y[j])) for i, j in shared}
    if len(shared) < len(second.ids):
        return None
    if len(pairs) > len({a for a, _ in pairs}) or len(pairs) > len({b for _, b in pairs}):
        why = DetectedSetting(
            "classes", "those of the table", "they are not the folders of the files that it names", ""
        )
    elif first.parts is None and second.parts is not None and len(shared) >= FOUND * len(first.ids):
        why = DetectedSetting("classes", "the folders, as in the table", "which names the split", "")
    else:
        return None
    return own._replace(settings=(*own.settings[:1], why, *own.settings[1:]))
