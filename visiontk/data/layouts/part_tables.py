"""Folders with a table for each part of a split, such as train.csv and test.csv, or metadata.csv in train and test."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from visiontk.data.checks.labels import is_missing
from visiontk.data.formats.header import Header
from visiontk.data.formats.tables import SUFFIXES, delimiter_of, read_rows
from visiontk.data.formats.text_table import Table, missing_column
from visiontk.data.layouts.named_files import part_in
from visiontk.errors import DataError
from visiontk.messages import printable

MOST_TABLES = 200
"""More tables in a folder are samples, such as recordings of sensors."""

DEEPEST = 2
"""Folders around a table within the folder, such as data and train."""

PART_COLUMNS = ("split", "part", "subset")
"""Column of the parts of joined tables: the first that they do not have."""

VALID_AS_TEST = "the validation set is the test set, as no other is labelled"
"""Note on a split without a labelled test set."""

ENTRIES = "submission"
"""Part of the names of tables for answers to a competition."""


class PartTable(NamedTuple):
    """A table in a folder."""

    name: str  # relative to the folder, with forward slashes
    part: str  # of a split, by its name or that of its folder; empty for none
    table: Table


class Joined(NamedTuple):
    """Tables of one form, joined; or the only one of them that can be used."""

    table: Table
    names: tuple[str, ...]  # of the joined tables
    notes: tuple[str, ...] = ()  # on tables that are not used


def table_names(folder: Path) -> list[str]:
    """Tables in a folder, else those in the folders inside, without those for answers to a competition."""
    level = [folder]
    for _ in range(DEEPEST + 1):
        entries = sorted(entry for place in level for entry in place.iterdir() if not entry.name.startswith("."))
        tables = [entry for entry in entries if _is_table(entry)]
        names = [entry.relative_to(folder).as_posix() for entry in tables if ENTRIES not in entry.name.lower()]
        if names:
            return _of_one_form(names) if len(names) <= MOST_TABLES else []
        level = [entry for entry in entries if entry.is_dir() and not entry.is_symlink() and entry.name != "__MACOSX"]
    return []


def read_part_tables(
    folder: Path, *, encoding: str = "utf-8", delimiter: str = ",", header: Header = "first"
) -> list[PartTable]:
    """Tables of a folder by the part of the split; none if no training set is among them."""
    names = table_names(folder)
    parts = {name: part_in(Path(name).name) or part_in(str(Path(name).parent)) for name in names}
    if "train" not in parts.values():
        return []
    named = [name for name in names if parts[name]]
    return [PartTable(name, parts[name], _read(folder / name, encoding, delimiter, header)) for name in named]


def join_tables(tables: Sequence[PartTable], label: str = "") -> Joined:
    """One table with a column of the parts, of all tables with the column `label` and classes in it.

    Only columns that all of them have are kept. Without a labelled test set the validation set takes its place.
    """
    unlabelled = [each for each in tables if label and not _is_labelled(each.table, label)]
    used = [each for each in tables if each not in unlabelled]
    notes = [f"{printable(each.name)} ignored: no {printable(label)}" for each in unlabelled]
    parts = {each.part for each in used}
    if "test" not in parts and "valid" in parts:
        used = [each._replace(part="test" if each.part == "valid" else each.part) for each in used]
        notes.append(VALID_AS_TEST)
    if len(used) == 1:
        own = used[0].table
        table = Table(own.columns, own.lines, (*own.notes, *notes), own.unread, ((used[0].name, len(own)),))
        return Joined(table, (used[0].name,), tuple(notes))
    shared = [name for name in used[0].table.columns if all(name in each.table.columns for each in used)]
    columns = {name: [cell for each in used for cell in each.table.columns[name]] for name in shared}
    if len({each.part for each in used}) > 1:
        column = next(name for name in PART_COLUMNS if name not in columns)
        columns[column] = [each.part for each in used for _ in each.table.lines]
    lines = [f"{line} of {each.name}" for each in used for line in each.table.lines]
    kept = dict.fromkeys(note for each in used for note in each.table.notes)
    sources = tuple((each.name, len(each.table)) for each in used)
    return Joined(
        Table(columns, lines, (*kept, *notes), sources=sources), tuple(each.name for each in used), tuple(notes)
    )


def read_user_table(
    path: str | Path,
    *required: str,
    label: str = "",
    encoding: str = "utf-8",
    delimiter: str = ",",
    header: Header = "first",
) -> Table:
    """A table, or those of a folder joined, with these columns."""
    root = Path(path).expanduser()
    needed = [name for name in (label, *required) if name]
    if not str(path) or not root.is_dir():
        return read_rows(path, *needed, encoding=encoding, delimiter=delimiter, header=header)
    where = printable(str(path))
    tables = read_part_tables(root, encoding=encoding, delimiter=delimiter, header=header)
    if not tables:
        raise DataError(
            f"{where}: a folder without a table for the training set, such as train.csv.",
            error_id="E-CSV-FILE",
            hint="Name a table, or a folder of tables train and test.",
        )
    table = join_tables(tables, label).table
    for name in needed:
        if name not in table.columns:
            raise missing_column(where, name, table.columns, "Name a column that all tables have.")
    return table


def _is_table(path: Path) -> bool:
    """True for tables; of NumPy's arrays those of all inputs, which stand for those of classes too.

    A file ``.json`` is often something else, such as settings, and read only if it is named.
    """
    name = path.name.lower()
    if name.endswith(".json"):
        return False
    inputs = not name.endswith(".npy") or name in ("x.npy", "x_train.npy", "images.npy", "train_images.npy")
    return name.endswith(SUFFIXES) and inputs and path.is_file()


def _read(path: Path, encoding: str, delimiter: str, header: Header) -> Table:
    own = delimiter_of(path, encoding) if delimiter == "," else delimiter
    return read_rows(path, encoding=encoding, delimiter=own, header=header)


def _of_one_form(names: Sequence[str]) -> list[str]:
    """Tables of the ending with most parts, as the same rows are often published in several forms."""
    by_ending = {ending: [name for name in names if name.lower().endswith(ending)] for ending in SUFFIXES}
    parts = {
        ending: {part for name in some if (part := part_in(Path(name).name) or part_in(str(Path(name).parent)))}
        for ending, some in by_ending.items()
    }
    best = max(SUFFIXES, key=lambda ending: len(parts[ending]))
    return by_ending[best] if "train" in parts[best] else list(names)


def _is_labelled(table: Table, label: str) -> bool:
    """True if a table has classes; -1 stands for none in benchmarks."""
    cells = set(table.columns.get(label, ()))
    return bool(cells) and cells != {"-1"} and not all(map(is_missing, cells))
