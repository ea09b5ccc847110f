"""Tables of any kind by the ending of their name: CSV, TSV, JSON lines, Parquet, and arrays as tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visiontk.data.formats.array_files import SUFFIXES as ARRAYS
from visiontk.data.formats.array_files import read_arrays
from visiontk.data.formats.header import Header
from visiontk.data.formats.json_lines import read_jsonl
from visiontk.data.formats.parquet_files import file_names, holds_files
from visiontk.data.formats.text_table import Table, missing_column, opened, read_table, unread_notes
from visiontk.errors import DataError, EnvironmentFault
from visiontk.messages import printable

JSON_LINES = (".jsonl", ".ndjson", ".json")
_LINES = 20
SUFFIXES = (".csv", ".tsv", ".tab", *JSON_LINES, ".parquet", *ARRAYS)
"""Endings of the names of tables."""


def read_rows(
    path: str | Path, *required: str, encoding: str = "utf-8", delimiter: str = ",", header: Header = "first"
) -> Table:
    r"""Table by the ending of its name: Parquet, JSON lines, arrays, else separated values as by `read_table`."""
    name = str(path).lower()
    if name.endswith(".parquet"):
        return read_parquet(path, *required)
    if name.endswith(ARRAYS):
        table = read_arrays(path)
        for column in required:
            if column not in table.columns:
                raise missing_column(printable(str(path)), column, table.columns, "Name one of these.")
        return table
    if name.endswith(JSON_LINES):
        return read_jsonl(path, *required)
    return read_table(path, *required, encoding=encoding, delimiter=delimiter, header=header)


def delimiter_of(path: str | Path, encoding: str = "utf-8") -> str:
    r"""Delimiter of a file of separated values: tab, comma, semicolon or bar, alike in its first lines if possible."""
    if str(path).lower().endswith((*JSON_LINES, ".parquet", *ARRAYS)):
        return ","
    try:
        with Path(path).expanduser().open("rb") as file:
            lines = file.read(1 << 16).decode(encoding, "replace").splitlines()[:_LINES]
    except (OSError, LookupError, ValueError):
        return ","  # the reader of the file reports the problem
    counts = {mark: [line.count(mark) for line in lines if line.strip()] for mark in ("\t", ",", ";", "|")}
    present = {mark: each for mark, each in counts.items() if each and each[0]}
    if "\t" in present and str(path).lower().endswith((".tsv", ".tab")):
        return "\t"
    # Texts hold commas, but not the same number in each line.
    return max(present, key=lambda mark: (len(set(present[mark])) == 1, present[mark][0]), default=",")


def constant_mark(path: Path) -> str:
    r"""Tab, semicolon, bar or comma that each of the first lines of a text has equally often; empty without any."""
    try:
        with path.open("rb") as file:
            lines = [
                line for line in file.read(1 << 16).decode("utf-8", "replace").splitlines()[:_LINES] if line.strip()
            ]
    except OSError:
        return ""
    counts = {mark: {line.count(mark) for line in lines} for mark in ("\t", ";", "|", ",")}
    return next((mark for mark, each in counts.items() if len(lines) > 1 and len(each) == 1 and each != {0}), "")


def read_parquet(path: str | Path, *required: str) -> Table:
    """Parquet file with every cell as text, as in a CSV file; needs the extra ``parquet``.

    Whole numbers are written without a point, null is an empty text. Numbers of classes are their names, where the file
    knows them. Columns of files are names, as in `parquet_files`; those of other lists and records are ignored. Lines
    are rows, counted from 1.
    """
    where = printable(str(path))
    with opened(path) as file:
        try:
            from pyarrow import ArrowException, types
            from pyarrow.parquet import ParquetFile
        except ImportError:
            raise EnvironmentFault(
                f"{where}: reading Parquet needs the package pyarrow.",
                error_id="E-ENV-PACKAGE",
                hint="pip install 'visiontk[parquet]', or save the table as CSV.",
            ) from None
        try:
            table = ParquetFile(file).read()
        except (ArrowException, OSError) as error:
            reason = str(error).splitlines()[0]
            raise DataError(f"{where}: not a readable Parquet file: {reason}", error_id="E-CSV-SYNTAX") from None
    names = [str(name) for name in table.column_names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"{where}: several columns have the name {', '.join(repr(printable(name)) for name in twice)}.",
            error_id="E-CSV-HEADER",
            hint="Give every column a unique name.",
        )
    where_in = Path(path).name
    files = {f.name: file_names(where_in, f.name, table.column(f.name)) for f in table.schema if holds_files(f.type)}
    files = {
        name: cells
        for name, cells in files.items()
        if sum("." in cell.rpartition("/")[2] for cell in cells) > 0.9 * len(cells)
    }
    coded = {f.name for f in table.schema if f.name not in files and not _is_text(table.column(f.name))}
    flat = [
        field.name
        for field in table.schema
        if field.name in files or not (types.is_nested(field.type) or field.name in coded)
    ]
    unread = tuple((field.name, _nested(field.type)) for field in table.schema if field.name not in flat)
    for name in required:
        if name not in flat:
            raise missing_column(where, name, flat, "Name an existing column.", unread)
    if not table.num_rows:
        raise DataError(f"{where}: no rows.", error_id="E-CSV-EMPTY")
    columns = {
        name: files[name] if name in files else [_text(value) for value in table.column(name).to_pylist()]
        for name in flat
    }
    for name, known in _class_names(table.schema.metadata or {}).items():
        if name in columns:
            columns[name] = [known.get(cell, cell) for cell in columns[name]]
    return Table(columns, list(range(1, table.num_rows + 1)), unread_notes(unread), unread)


def _is_text(cells: Any) -> bool:
    """True unless cells are bytes that are no text in UTF-8."""
    from pyarrow import ArrowInvalid, types

    if types.is_binary(cells.type) or types.is_large_binary(cells.type):
        try:
            cells.cast("string")
        except ArrowInvalid:
            return False
    return True


def _nested(form: Any) -> str:
    """Words for the content of a column that is not read, by its type of Arrow."""
    from pyarrow import types

    if types.is_binary(form) or types.is_large_binary(form):
        return "bytes that are no text in UTF-8"
    if not types.is_struct(form):
        return "lists"
    return f"records of {' and '.join(form.field(i).name for i in range(form.num_fields))}"


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, dict[str, str]]:
    """Names of classes by column and number, as stored by the library datasets of Hugging Face."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        named = {name: each["names"] for name, each in features.items() if each.get("_type") == "ClassLabel"}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
    return {name: {str(i): str(text) for i, text in enumerate(texts)} for name, texts in named.items()}


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # pandas makes floats of whole numbers where one is missing
    return str(value)
