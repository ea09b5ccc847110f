"""Recognition of a table: its columns, labels, groups and split. No file that it names is opened.

Every guess is reported as a `DetectedSetting` with the option that overrides it; if two readings are equally likely,
the user is asked.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from visiontk.core import PARTS
from visiontk.core.scripts import spaceless_note
from visiontk.data.checks.labels import classes_of
from visiontk.data.formats import tables
from visiontk.data.formats.text_table import NO_HEADER, Table, columns_of, texts_in, unread_notes
from visiontk.data.layouts.manifest import Manifest, groups_in, read_manifest, split_in
from visiontk.data.layouts.named_files import locate_rows
from visiontk.data.layouts.part_names import parts_by_name
from visiontk.data.layouts.part_tables import join_tables, read_part_tables
from visiontk.data.options import NamedFiles, TableColumns, TableFormat
from visiontk.data.privacy import numbered_errors
from visiontk.data.readers.labelled_files import identifier
from visiontk.data.readers.pixel_tables import ids_of
from visiontk.data.recognise import columns
from visiontk.data.recognise.file_places import ids_of_files, place_of
from visiontk.data.recognise.grouping import NO_GROUP, check_one_side, group_by_names
from visiontk.data.recognise.kinds import KINDS, MIXED, Kinds, kinds_in
from visiontk.data.recognise.records import DetectedSetting, Overrides, Recognised
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable

IN_FILES = DetectedSetting("group", "", "each file names its patient", "--group COLUMN")
"""Group of DICOM files without a column for it; read from the files later."""


def recognise_table(
    path: str, overrides: Overrides, *, kinds: Kinds = KINDS, private: Collection[str] = ()
) -> Recognised:
    r"""A table (CSV, TSV, JSON lines or Parquet) whose rows hold texts or name files, with a label for each.

    Messages repeat no file name of the `private` kinds.
    """
    where = printable(path)
    table, ignored, joined = _read(path, overrides, where)
    table, pixels = (table, None) if overrides.text else columns.pixels_of(table, overrides.path)
    place: list[DetectedSetting] = []
    if pixels is None:
        files, kind, place = _input(table, Path(path), overrides, kinds, where)
    else:
        files, kind = pixels, "images"
    overrides = overrides._replace(private=overrides.private or kind in private)
    named = kind != "texts" and pixels is None
    label, group, split, time = _roles(table, files, kind if named else "texts", overrides, where)
    names = {"label": label.value, "group": group.value, "part": split.value, "time": time}
    used = {*columns_of(files.value), *names.values(), *overrides.slices}
    notes = [*unread_notes(table.unread), *columns.notes_on(table, used), *ignored]
    if named and not split.value and not time:
        notes += _unused_split(table.columns[files.value])
    settings = (
        *(*_header(table, overrides), *joined),
        *(files, *place, label, _shown(group), split._replace(value=split.value or time or "none")),
        *(DetectedSetting("slice", name, "as given; no learner sees it", "") for name in overrides.slices),
    )
    if not named:
        names["text" if kind == "texts" else "path"] = files.value
        notes += spaceless_note(texts_in(table, files.value)) if kind == "texts" else []
        ids = [str(line) for line in table.lines] if kind == "texts" else ids_of(table)
        labels, y = classes_of(table.columns[label.value], where, lines=table.lines)
        table_columns = _columns(names)
        groups, parts = groups_in(table, table_columns, where), split_in(table, table_columns, where)
    else:
        names |= {"path": files.value, "files": place[0].value if place else ""}
        manifest = _manifest(path, names, overrides)
        ids = [identifier(name) for name in manifest.names]
        notes += [note for note in manifest.notes if note not in notes]
        labels, y, groups, parts = manifest.labels, manifest.y, manifest.groups, manifest.parts
    check_one_side(groups, parts, group, where)
    return Recognised(
        kind, "table", names, np.array(ids, dtype=np.str_), labels, y, groups, parts, settings, tuple(notes)
    )


def _read(path: str, overrides: Overrides, where: str) -> tuple[Table, tuple[str, ...], list[DetectedSetting]]:
    """The table, or those of a folder joined; notes on those that are not used; and the names of those that are."""
    form = {name: getattr(overrides, name) for name in ("encoding", "delimiter", "header")}
    if not Path(path).is_dir():
        return tables.read_rows(path, **form), (), []
    parts = read_part_tables(Path(path), **form)
    if not parts:
        raise DataError(f"{where}: no table of a training set.", error_id="E-CSV-FILE", hint="Name a table.")
    train = join_tables([each for each in parts if each.part == "train"]).table
    label = overrides.label
    if not label:
        lacking = {name for each in parts for name in train.columns if name not in each.table.columns}
        with contextlib.suppress(ConfigError):
            label = columns.label_of(train, "", set(), where).value
        label = lacking.pop() if len(lacking) == 1 else label
    joined = join_tables(parts, label)
    names = ", ".join(map(printable, joined.names[:5])) + (", …" if len(joined.names) > 5 else "")
    return joined.table, joined.notes, [DetectedSetting("tables", names, "their names are those of a split", "")]


def _header(table: Table, overrides: Overrides) -> list[DetectedSetting]:
    """Setting that says that the first line is data."""
    way = "" if overrides.header == "none" else "--set dataset.header=first"
    notes = [note.removeprefix(NO_HEADER) for note in table.notes if note.startswith(NO_HEADER)]
    return [DetectedSetting("header", "none", re.sub(r" \((.*)\): ", r"\1; ", note), way) for note in notes]


def _roles(
    table: Table, files: DetectedSetting, kind: str, overrides: Overrides, where: str
) -> tuple[DetectedSetting, DetectedSetting, DetectedSetting, str]:
    """Columns of label, group, split and time; the group may be a part of file names."""
    taken = set(columns_of(files.value))
    split, time = columns.split_of(table, overrides, taken | {overrides.label}, where)
    if kind != "texts":
        _one_split(table.columns[files.value], split, table, overrides, where)
    taken |= {split.value, time}
    label = columns.label_of(table, overrides.label, taken, where)
    classes = table.columns[label.value]
    group = columns.group_of(table, overrides.group, taken | {label.value}, classes, where, files=kind != "texts")
    if kind == "DICOM files" and (group is None or not group.value):
        group = IN_FILES
    elif group is None and kind != "texts":
        parts = [cell.strip() for cell in table.columns[split.value]] if split.value else None
        spec, group = group_by_names(table.columns[files.value], classes, overrides, parts=parts, where=where)
        group = group._replace(value=spec)
    elif group is None:
        group = NO_GROUP._replace(value="")
    _refuse_shared_columns(
        where, **{files.name: files.value}, label=label.value, group=group.value, split=split.value, time=time
    )
    return label, group, split, time


def _refuse_shared_columns(where: str, **roles: str) -> None:
    """Refuse a column with two roles."""
    first: dict[str, str] = {}
    for role, column in roles.items():
        if column and first.setdefault(column, role) != role:
            raise ConfigError(
                f"{where}: column {printable(column)!r} cannot be {first[column]} and {role}.",
                error_id="E-CONFIG-VALUE",
                hint=f"Name another column with --{role} or --{first[column]}.",
            )


def _shown(group: DetectedSetting) -> DetectedSetting:
    """The group as printed."""
    return group._replace(value=group.value or ("the patient" if group is IN_FILES else "none"))


def _columns(names: Mapping[str, str]) -> TableColumns:
    return TableColumns(names["label"], names["group"], names["part"], names["time"])


def _manifest(path: str, names: Mapping[str, str], overrides: Overrides) -> Manifest:
    with numbered_errors() if overrides.private else contextlib.nullcontext():
        table_format = TableFormat(overrides.encoding, overrides.delimiter, overrides.header)
        return read_manifest(path, NamedFiles(names["path"], names["files"]), _columns(names), table_format)


def _input(
    table: Table, path: Path, overrides: Overrides, kinds: Kinds, where: str
) -> tuple[DetectedSetting, str, list[DetectedSetting]]:
    """Column of the samples, their kind, and the folder of the files if it is not that of the table."""
    if overrides.text and overrides.path:
        raise ConfigError(
            f"{where}: --text {overrides.text} and --path {overrides.path}: samples are texts or files, not both.",
            error_id="E-CONFIG-VALUE",
        )
    if not overrides.text:
        by_column = {name: kinds_in(cells, kinds) for name, cells in table.columns.items()}
        n_files = {name: counts.total() for name, counts in by_column.items()}
        files = columns.path_of(table, overrides.path, n_files, where) or ids_of_files(table, path, overrides.files)
        if files is not None:
            cells = table.columns[files.value]
            place = place_of(cells, path, overrides.files, where)
            counts = by_column[files.value]
            if not counts:
                counts = kinds_in(locate_rows(table, cells, path, place[0].value if place else "").names, kinds)
            present = [kind for kind, n in counts.most_common() if n >= MIXED * counts.total()]
            if len(present) > 1:
                raise ConfigError(
                    f"{where}: column {files.value!r} names {' and '.join(present)}; one comparison is about one kind.",
                    error_id="E-GUESS-KIND",
                    hint="Make one table for each.",
                )
            if not present or present == ["texts"]:
                raise ConfigError(
                    f"{where}: column {files.value!r} names {'text files' if present else 'no files of a known kind'}.",
                    error_id="E-GUESS-INPUT",
                    hint="Put the texts themselves into a column and name it with --text, or use one folder of .txt "
                    "files for each class."
                    if present
                    else f"Known are {' '.join(s for suffixes in kinds.values() for s in suffixes)}.",
                )
            return files, present[0], place
    return columns.text_of(table, overrides.text, where), "texts", []


def _unused_split(files: Sequence[str]) -> list[str]:
    """Note on folders of the files that may be a split."""
    tops = {file.replace("\\", "/").split("/")[0] for file in files}
    parts = parts_by_name(tops)
    if len(parts) != len(tops) or not {"train", "test"} <= set(parts.values()):
        return []
    listed = ", ".join(printable(name) for name in sorted(tops))
    return [f"the files are in folders {listed}, which are not used as a split: --split names a column for it"]


def _one_split(files: Sequence[str], split: DetectedSetting, table: Table, overrides: Overrides, where: str) -> None:
    """Refuse a column and folders with different splits."""
    names = [file.replace("\\", "/").split("/")[0] for file in files]
    parts = parts_by_name(names)
    tops = [parts.get(name, "") for name in names]
    if overrides.split or not split.value or not PARTS & set(tops):
        return
    values = [value.strip() for value in table.columns[split.value]]
    parts = parts_by_name(values)
    named = [parts.get(value, value) for value in values]
    differ = [line for top, part, line in zip(tops, named, table.lines, strict=True) if top and top != part]
    if differ:
        raise ConfigError(
            f"{where}: column {split.value!r} and the folders of the files split in two ways; {len(differ)} rows "
            f"differ, the first in line {differ[0]}.",
            error_id="E-SPLIT-TWICE",
            hint=f"--split {printable(split.value)} uses the column; --split none makes a new split.",
        )
