"""Separated values without quotes, read by splitting the whole text at once.

A file that holds a quote, a blank line, a row of another length, a NUL or bytes that are not UTF-8 is left to the
strict reader `visiontk.data.formats.tables.read_rows`, which reads or refuses it with line numbers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from visiontk.data.formats.tables import delimiter_of, read_rows
from visiontk.messages import printable
from visiontk.predictions.frame import Frame

BOM = b"\xef\xbb\xbf"
MAX_BYTES = 2 << 30


def read_separated(path: Path, *, encoding: str = "utf-8", delimiter: str = "") -> Frame:
    """Return the columns of a CSV or TSV file as texts.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        Python's name of the encoding.
    delimiter : str
        One character; by default the one that separates the names in the first line.

    Raises
    ------
    ConfigError, DataError
        As `visiontk.data.formats.text_table.read_table`.
    """
    delimiter = delimiter or delimiter_of(path, encoding)
    quick = _split(path, delimiter) if encoding == "utf-8" else None
    if quick is not None:
        return quick
    table = read_rows(path, encoding=encoding, delimiter=delimiter)
    return Frame(printable(str(path)), table.columns, table.lines, table.notes)


def _split(path: Path, delimiter: str) -> Frame | None:
    """Return the table, or None where only the strict reader can tell what is in it."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_BYTES:
            return None
        content = path.read_bytes()
        separator = delimiter.encode("ascii")
    except (OSError, ValueError):
        return None
    if b'"' in content or b"\0" in content or len(separator) != 1:
        return None
    content = content.removeprefix(BOM).replace(b"\r\n", b"\n").rstrip(b"\n")
    if b"\r" in content or not content or b"\n" not in content:
        return None
    codes = np.frombuffer(content, np.uint8)
    ends = np.append(np.flatnonzero(codes == ord("\n")), len(codes))
    marks = np.flatnonzero(codes == separator[0])
    width = content[: ends[0]].count(separator) + 1
    if len(marks) != len(ends) * (width - 1):
        return None
    # Every line must hold as many separators as the first one, and no line may be blank.
    if not (np.diff(np.searchsorted(marks, ends), prepend=0) == width - 1).all() or (np.diff(ends) <= 1).any():
        return None
    del codes, marks
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    n_rows = len(ends) - 1
    cells = text.replace("\n", delimiter).split(delimiter)
    names = [name.strip() for name in cells[:width]]
    if len(set(names)) < width:
        return None
    columns = {name: cells[width + i :: width] for i, name in enumerate(names)}
    return Frame(printable(str(path)), columns, range(2, n_rows + 2))
