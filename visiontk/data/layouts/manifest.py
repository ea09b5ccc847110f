"""Tables whose rows name files, with a label and perhaps a group and a part of the split."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from visiontk.core import Ints, Strings
from visiontk.data.checks.labels import classes_of, is_missing
from visiontk.data.checks.problems import Problems, refuse
from visiontk.data.formats.text_table import Table
from visiontk.data.layouts.file_groups import groups_of, is_spec
from visiontk.data.layouts.named_files import Located, is_outside, locate_rows
from visiontk.data.layouts.part_names import parts_by_name
from visiontk.data.layouts.part_tables import read_user_table
from visiontk.data.layouts.time_split import parts_by_time
from visiontk.data.options import NamedFiles, TableColumns, TableFormat
from visiontk.errors import ConfigError, DataError
from visiontk.messages import Lines, numbered, printable, refusal

DEFAULT_FILES, DEFAULT_COLUMNS, DEFAULT_FORMAT = NamedFiles(), TableColumns(), TableFormat()


class Manifest(NamedTuple):
    """Files with their classes, groups and parts, as listed in a table.

    Parameters
    ----------
    root : Path
        The folder of the files, absolute.
    names : tuple of str
        Files relative to `root`, with forward slashes, in the order of the table.
    labels : tuple of str
        The text of each class, sorted.
    y : ndarray of int64, shape (n,)
        Class of each file.
    groups, parts : ndarray of str of shape (n,), or None
        As in `Samples`.
    notes : tuple of str
        Ignored and corrected cells, for a card.
    """

    root: Path
    names: tuple[str, ...]
    labels: tuple[str, ...]
    y: Ints
    groups: Strings | None
    parts: Strings | None
    notes: tuple[str, ...]

    def only(self, kept: Sequence[int]) -> Manifest:
        """The files at these positions."""
        index = np.asarray(kept, dtype=np.int64)
        return self._replace(
            names=tuple(self.names[i] for i in kept),
            y=self.y[index],
            groups=None if self.groups is None else self.groups[index],
            parts=None if self.parts is None else self.parts[index],
        )


def read_manifest(
    path: str | Path,
    named: NamedFiles = DEFAULT_FILES,
    columns: TableColumns = DEFAULT_COLUMNS,
    table_format: TableFormat = DEFAULT_FORMAT,
    on_problem: Problems | None = None,
) -> Manifest:
    r"""Table whose rows name files in a folder or below, by default its own.

    Parameters
    ----------
    path : path-like
        The table: CSV, or by the ending of its name JSON lines or Parquet; or a folder of tables, as for
        `read_user_table`.
    named : NamedFiles
        Column of the files, and their folder. As for `locate_files`, names may be absolute, lack the ending, or have
        leading folders of another computer.
    columns : TableColumns
        Columns of class, group, part and time. Where no column has the name of the group, ``name:2``, ``name`` or
        ``folder`` is a part of the name of each file, as for `groups_of`.
    table_format : TableFormat
        As for `read_table`.
    on_problem : Problems, optional
        Collects problems; the result then holds the first row of every existing file.

    Returns
    -------
    Manifest
        No file is opened.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        ``E-CSV-*`` and ``E-LABEL-*`` for the table; ``E-MANIFEST-PATH`` for files outside of the folder;
        ``E-MANIFEST-MISSING`` for missing files, all at once; ``E-MANIFEST-TWICE`` for a file in
        two rows; ``E-GROUP-MISSING`` and ``E-SPLIT-PARTS`` for cells without a group or part.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a.png", "b.png"):
    ...         Path(folder, name).touch()
    ...     _ = Path(folder, "pets.csv").write_text("path,label\na.png,dog\nb.png,cat\n")
    ...     manifest = read_manifest(Path(folder, "pets.csv"))
    >>> manifest.names, manifest.labels, manifest.y.tolist()
    (('a.png', 'b.png'), ('cat', 'dog'), [1, 0])
    """
    if not str(path):
        raise ConfigError(
            "path: empty; it must name a CSV file whose rows name files.",
            error_id="E-CONFIG-PATH",
            hint="Give the file, such as path: pets/pets.csv, with columns path and label.",
        )
    where = printable(str(path))
    read = partial(read_user_table, path, label=columns.label_column, **vars(table_format))
    table = read(named.path_column)
    group = columns.group_column
    by_name = is_spec(group) and group not in table.columns
    needed = [name for name in ("" if by_name else group, columns.part_column, columns.time_column) if name]
    if not set(needed) <= set(table.columns):
        table = read(*needed)  # raises: it names the columns
    labels, y = classes_of(table.columns[columns.label_column], where, lines=table.lines, on_problem=on_problem)
    parts = split_in(table, columns, where)
    place = Path(path).expanduser().absolute()
    folder = place if place.is_dir() else place.parent
    root = Path(named.files_folder).expanduser().absolute() if named.files_folder else folder
    located = locate_rows(table, table.columns[named.path_column], place, named.files_folder)
    names, notes = _names(located, table.columns[named.path_column], table.lines, root, where, on_problem)
    groups = groups_of(names, group, where) if by_name else groups_in(table, columns, where, on_problem)
    manifest = Manifest(root, names, labels, y, groups, parts, (*table.notes, *notes))
    if on_problem is None:
        return manifest
    first = {name: i for i, name in reversed(list(enumerate(names))) if name}
    return manifest.only(sorted(first.values()))


def groups_in(table: Table, columns: TableColumns, where: str, on_problem: Problems | None = None) -> Strings | None:
    """Group of each row, or None without a column of groups; DataError ``E-GROUP-MISSING`` for empty cells."""
    if not columns.group_column:
        return None
    values = table.columns[columns.group_column]
    missing = [line for value, line in zip(values, table.lines, strict=True) if is_missing(value)]
    if missing:
        error = DataError(
            f"{where}: {len(missing)} rows have no {columns.group_column}, in lines {numbered(missing)}.",
            error_id="E-GROUP-MISSING",
            hint="Name the group of each row, or give each a separate group.",
        )
        refuse(error, [f"line {line}" for line in missing], on_problem)
    return np.array([unicodedata.normalize("NFC", value.strip()) for value in values], dtype=np.str_)


def split_in(table: Table, columns: TableColumns, where: str) -> Strings | None:
    """Part of each row, by a column of parts or of times; None if neither is named."""
    part_column, time_column = columns.part_column, columns.time_column
    if part_column and time_column:
        raise ConfigError(
            f"{where}: split by the column {part_column!r} and by the times in {time_column!r}: name one of them.",
            error_id="E-CONFIG-RANGE",
        )
    if time_column:
        return parts_by_time(table.columns[time_column], where, lines=table.lines)
    return parts_in(table, part_column, where) if part_column else None


def parts_in(table: Table, column: str, where: str) -> Strings:
    """Part of each row under visiontk's names, or DataError ``E-SPLIT-PARTS``."""
    values = [value.strip() for value in table.columns[column]]
    missing = [line for value, line in zip(values, table.lines, strict=True) if is_missing(value)]
    parts = parts_by_name(values)
    if missing or (parts and set(parts) != set(values)):
        present = ", ".join(repr(printable(value)) for value in sorted(set(values))[:20])
        lines = f" (none in lines {numbered(missing)})" if missing else ""
        raise DataError(
            f"{where}: column {column} has the parts {present}{lines}; expected train, test and perhaps valid, or the "
            "names of folds.",
            error_id="E-SPLIT-PARTS",
            hint="Give every row a part, or make a new split with --split none.",
        )
    return np.array([parts.get(value, value) for value in values], dtype=np.str_)


def _names(
    located: Located, cells: Sequence[str], lines: Lines, root: Path, where: str, on_problem: Problems | None
) -> tuple[tuple[str, ...], list[str]]:
    """Every file relative to the root, and notes on how names were completed."""
    real = os.path.realpath(root)
    names, respelt = located.names, located.respelt
    outside: list[str] = []
    missing: list[str] = []
    for name, cell, line in zip(names, cells, lines, strict=True):
        if name == "":
            missing.append(f"line {line}: {printable(cell) or 'no name'}")
        elif not _inside(name, root, real):
            outside.append(f"line {line}: {printable(cell)}")
    if outside:
        raise refusal(
            f"{where}: {len(outside)} of {len(cells)} files lie outside of {printable(str(root))}",
            outside,
            "E-MANIFEST-PATH",
            "Name the folder that holds all files with --files (files_folder in a config).",
        )
    if missing:
        what = f"{where}: {len(missing)} of {len(cells)} files are missing"
        hint = f"They were sought in {printable(str(root))}: if they lie elsewhere, name that folder with --files "
        hint += "(files_folder in a config). Else add these files, or remove their rows."
        refuse(refusal(what, missing, "E-MANIFEST-MISSING", hint), missing, on_problem)
    _refuse_twice(names, lines, where, on_problem)
    spelled = [f"{respelt} file names spelled differently on the disk"] if respelt else []
    return tuple(names), [*spelled, *located.notes]


def _inside(name: str, root: Path, real: str) -> bool:
    if is_outside(name):
        return False
    return os.path.realpath(root / name).startswith(real.rstrip("/") + "/")


def _refuse_twice(names: list[str], lines: Lines, where: str, on_problem: Problems | None) -> None:
    twice = {name for name, n in Counter(names).items() if n > 1 and name}
    if not twice:
        return
    rows: dict[str, list[Any]] = {}
    for name, line in zip(names, lines, strict=True):
        if name in twice:
            rows.setdefault(name, []).append(line)
    twins = [f"{printable(name)}: lines {numbered(places)}" for name, places in rows.items()]
    what = f"{where}: {len(rows)} files are in more than one row"
    refuse(refusal(what, twins, "E-MANIFEST-TWICE", "Keep one row for each file."), twins, on_problem)
