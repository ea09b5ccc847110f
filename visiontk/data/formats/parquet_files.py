"""Files inside of Parquet tables, as in datasets of Hugging Face: a column of bytes, or of bytes and path.

Such a file is named ``table.parquet/COLUMN/ROW.ending``, with rows counted from 0.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from visiontk.errors import DataError

HEAD = 352
"""Bytes at the beginning of a file that tell its kind."""

KNOWN = (
    (b"\x89PNG", ".png"), (b"\xff\xd8\xff", ".jpg"), (b"GIF8", ".gif"), (b"BM", ".bmp"), (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"), (b"fLaC", ".flac"), (b"OggS", ".ogg"), (b"ID3", ".mp3"), (b"\xff\xfb", ".mp3"),
    (b"\x1f\x8b", ".nii.gz"),
)  # fmt: skip
"""Beginnings of files, and their endings."""


def is_in_parquet(path: str) -> bool:
    """True if a path is that of a file inside of an existing Parquet table."""
    table, column, row = _split(path)
    return bool(column and row) and Path(table).is_file()


def read_in_parquet(path: str, name: str) -> bytes:
    """Bytes of a file inside of a Parquet table; DataError ``E-DATA-DECODE`` if there is none."""
    table, column, row = _split(path)
    try:
        cell = _column(table, unquote(column), Path(table).stat().st_mtime_ns)[int(row.partition(".")[0])].as_py()
    except (IndexError, KeyError, ValueError, OSError):
        raise DataError(f"{name}: no such file in the Parquet table", error_id="E-DATA-DECODE") from None
    content = cell.get("bytes") if isinstance(cell, dict) else cell
    return content or b""


def file_names(table: str, column: str, cells: Any) -> list[str]:
    """Names of the files in a column of bytes or records; of records without bytes, their paths.

    Parameters
    ----------
    table, column : str
        Names of file and column.
    cells : pyarrow.ChunkedArray
        Of binary, or of records of bytes and path.

    Returns
    -------
    list of str
        Relative to the folder of the table; empty for null.
    """
    from pyarrow import compute, types

    record = types.is_struct(cells.type)
    contents = compute.struct_field(cells, "bytes") if record else cells
    paths = compute.struct_field(cells, "path").to_pylist() if record else [None] * len(cells)
    heads = compute.binary_slice(contents, 0, HEAD).to_pylist()
    place = f"{table}/{quote(column, safe='')}"
    return [
        f"{place}/{row:06d}{_ending(head, path or '')}" if head else path or ""
        for row, (head, path) in enumerate(zip(heads, paths, strict=True))
    ]


def holds_files(kind: Any) -> bool:
    """True if a type of Arrow is one of files: binary, or records of bytes and path."""
    from pyarrow import types

    if types.is_binary(kind) or types.is_large_binary(kind):
        return True
    return bool(types.is_struct(kind)) and {"bytes", "path"} <= {kind.field(i).name for i in range(kind.num_fields)}


def _ending(content: bytes, path: str) -> str:
    if content[:4] == b"RIFF":
        return ".webp" if content[8:12] == b"WEBP" else ".wav"
    if content[128:132] == b"DICM":
        return ".dcm"
    if content[344:347] in (b"n+1", b"ni1"):
        return ".nii"
    return next((ending for mark, ending in KNOWN if content.startswith(mark)), Path(path).suffix)


def _split(path: str) -> tuple[str, str, str]:
    """Table, column and row of a path; empty texts if it is none of a table."""
    head, row = os.path.split(path)
    table, column = os.path.split(head)
    return (table, column, row) if table.lower().endswith(".parquet") else ("", "", "")


@lru_cache(maxsize=4)
def _column(table: str, column: str, changed: int) -> Any:
    """A column of a Parquet file; `changed` is the time of its last change, so that a new content is read again."""
    from pyarrow.parquet import read_table

    return read_table(table, columns=[column]).column(0)
