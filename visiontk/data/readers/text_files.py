"""The user's texts: tables, JSON lines, class folders of text files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from visiontk.core import AboutData, Card, Samples, dataset, flat
from visiontk.data.checks.labels import classes_of
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.json_lines import read_jsonl
from visiontk.data.formats.text_table import Table, columns_of, texts_in
from visiontk.data.layouts.class_folders import check_layout, groups_within, read_layout
from visiontk.data.layouts.left_out import left_out
from visiontk.data.layouts.manifest import groups_in, split_in
from visiontk.data.layouts.part_tables import read_user_table
from visiontk.data.options import ClassOptions, FolderOptions, TableColumns, TableFormat, TextOptions, check_options
from visiontk.data.readers.labelled_files import identifier
from visiontk.data.readers.texts import list_texts, read_texts, text_samples
from visiontk.messages import printable


class _Source(NamedTuple):
    """A table of texts, and the names of its columns."""

    table: Table
    path: str
    text_column: str
    columns: TableColumns


@dataset(AboutData("texts", "table"))
@flat()
def text_table(
    columns: TableColumns,
    texts: TextOptions,
    classes: ClassOptions,
    table_format: TableFormat,
    path: str = "",
    text_column: str = "text",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    r"""Texts and their classes in the columns of a table: CSV, or Parquet by the ending of its name.

    Parameters
    ----------
    path : str
        The table, or a folder of tables named train, valid and test; the first line of CSV names the columns.
    text_column : str
        Column of the texts; ``title + description`` reads two columns as one text.

    Returns
    -------
    Samples
        Ids are line numbers.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        ``E-CSV-*`` and ``E-LABEL-*`` for the table, ``E-GROUP-MISSING`` and ``E-SPLIT-PARTS`` for its
        columns, ``E-TEXT-*`` for the texts, ``E-SPLIT-CLASS`` for small classes.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.csv").write_text("text,label\n" + "barks,dog\nmews,cat\n" * 5)
    ...     samples = text_table(f"{folder}/a.csv")
    >>> samples.labels, samples.ids[0].item(), samples.take([0]).tolist()
    (('cat', 'dog'), '2', ['barks'])
    """
    needed = _needed(text_column, columns)
    table = read_user_table(path, *needed, label=columns.label_column, **vars(table_format))
    return _samples(_Source(table, path, text_column, columns), texts, classes, on_problem)


@dataset(AboutData("texts", "lines"))
@flat()
def text_lines(
    columns: TableColumns,
    texts: TextOptions,
    classes: ClassOptions,
    path: str = "",
    text_column: str = "text",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    r"""Texts and their classes in a file with one JSON object a line.

    Parameters
    ----------
    path : str
        The file, in UTF-8. Its keys are the columns. Numbers as labels are texts: 1 is "1".
    text_column : str
        Column of the texts; ``title + description`` reads two columns as one text.

    Returns
    -------
    Samples
        Ids are line numbers.

    Raises
    ------
    ConfigError, DataError
        As `text_table`, with ``E-JSONL-*`` in place of most of ``E-CSV-*``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.jsonl").write_text('{"text": "barks", "label": 1}\n{"text": "mews", "label": 0}\n' * 5)
    ...     text_lines(f"{folder}/a.jsonl").labels
    ('0', '1')
    """
    table = read_jsonl(path, *_needed(text_column, columns))
    return _samples(_Source(table, path, text_column, columns), texts, classes, on_problem)


@dataset(AboutData("texts", "folder"))
@flat()
def text_folder(
    texts: TextOptions,
    classes: ClassOptions,
    folders: FolderOptions,
    path: str = "",
    encoding: str = "utf-8",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """Text files in class folders, ``path/<class>/**/*.txt``, or such folders within train, valid and test.

    If no file ends in ``.txt``, those without an ending are read.

    Parameters
    ----------
    path : str
        The folder. Nothing in it is changed; hidden files and symbolic links are ignored.
    encoding : str
        Of the files.

    Returns
    -------
    Samples
        Ids are relative paths.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        ``E-DATA-EMPTY``, ``E-LABEL-SINGLE``, ``E-LABEL-TWINS``, ``E-SPLIT-CLASS``, ``E-SPLIT-PARTS`` for
        folders; ``E-TEXT-*`` for files, every one with bytes of another encoding listed at once.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("cat", "dog"):
    ...         Path(folder, name).mkdir()
    ...         for i in range(5):
    ...             _ = Path(folder, name, f"{i}.txt").write_text(f"I am a {name}, number {i}.")
    ...     samples = text_folder(folder)
    >>> samples.labels, samples.ids[0].item(), samples.take([0]).tolist()
    (('cat', 'dog'), 'cat/0.txt', ['I am a cat, number 0.'])
    """
    check_options(texts, classes)
    listing = list_texts(path)
    root = Path(path).expanduser().absolute()
    where = printable(str(root))
    layout = read_layout(listing, where, on_problem, label=folders.label, split=folders.split)
    check_layout(listing, layout, where, classes.min_per_class, "text", classes.on_rare_class, on_problem)
    lost = left_out(listing, layout, where)
    if on_problem is not None:
        on_problem.left_out = lost
    known = sorted(set(layout.classes))
    content = read_texts(root, layout.files, encoding=encoding, on_problem=on_problem)
    names = tuple(map(identifier, layout.files))
    return text_samples(
        Card(printable(root.name), "", notes=lost.notes, warnings=lost.warnings),
        content,
        np.array([known.index(name) for name in layout.classes], dtype=np.int64),
        tuple(map(identifier, known)),
        names=names,
        ids=names,
        groups=groups_within(layout, folders.group, where),
        parts=None if layout.parts is None else np.array(layout.parts, dtype=np.str_),
        options=texts,
        classes=classes,
        on_problem=on_problem,
    )


def _needed(text_column: str, columns: TableColumns) -> list[str]:
    names = (
        *columns_of(text_column),
        columns.label_column,
        columns.group_column,
        columns.part_column,
        columns.time_column,
    )
    return [name for name in names if name]


def _samples(source: _Source, texts: TextOptions, classes: ClassOptions, on_problem: Problems | None) -> Samples:
    table, columns = source.table, source.columns
    where = printable(str(source.path))
    labels, y = classes_of(table.columns[columns.label_column], where, lines=table.lines, on_problem=on_problem)
    return text_samples(
        Card(printable(Path(source.path).stem), "", grouped_by=columns.group_column, notes=table.notes),
        texts_in(table, source.text_column),
        y,
        labels,
        names=[f"line {line}" for line in table.lines],
        ids=[str(line) for line in table.lines],
        groups=groups_in(table, columns, where, on_problem),
        parts=split_in(table, columns, where),
        options=texts,
        classes=classes,
        on_problem=on_problem,
    )
