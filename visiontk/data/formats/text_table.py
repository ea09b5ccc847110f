"""CSV tables of texts, read strictly: every cell is a string, every row knows its line in the file."""

from __future__ import annotations

import codecs
import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.data.formats.header import Header, is_data, numbered_names
from visiontk.errors import ConfigError, DataError, did_you_mean
from visiontk.messages import Lines, numbered, printable, refusal

MAX_FILE_BYTES = 2 << 30
"""Larger files are refused: a table is held in memory."""

MAX_CELL = 1 << 24
"""Characters of one cell; above, a quote was surely never closed."""

_GUESSED = (";", "\t", "|", ",")


NO_HEADER = "the first line names no columns"
"""Beginning of the note on a table without names of columns."""


class Table(NamedTuple):
    """Columns of texts.

    Parameters
    ----------
    columns : dict of str to list of str
        By name, in the order of the file; all of one length. Cells are as in the file: nothing is stripped.
    lines : sequence of int or str
        Line in the file where each row begins, counted from 1; of joined tables with the name, as ``3 of train.csv``.
    notes : tuple of str
        Ignored rows and characters, for a card.
    unread : tuple of pairs of str
        Columns whose cells are no texts or numbers, with what they hold, such as lists.
    sources : tuple of (str, int)
        Of joined tables the name of each, relative to their folder, and its number of rows.
    """

    columns: dict[str, list[str]]
    lines: Lines
    notes: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    sources: tuple[tuple[str, int], ...] = ()

    def __len__(self) -> int:
        return len(self.lines)


def read_table(
    path: str | Path,
    *required: str,
    encoding: str = "utf-8",
    delimiter: str = ",",
    header: Sequence[str] | Header | None = None,
) -> Table:
    r"""A CSV file, by RFC 4180: quotes are doubled within quotes, and a quoted cell may have line ends.

    Parameters
    ----------
    path : path-like
        The file.
    *required : str
        Columns that must be there.
    encoding : str
        Python's name of it. A byte order mark of UTF-8 is ignored.
    delimiter : str
        One character.
    header : sequence of str or {"auto", "first", "none"}, optional
        Names of the columns of a file whose first line is data; "none" names them ``column_1``, ``column_2`` and so
        on; by default ("first") the first line names them; "auto" decides by its look, see `is_data`.

    Returns
    -------
    Table
        All columns; blank lines are ignored and counted.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE`` for an argument that cannot be.
    DataError
        ``E-CSV-FILE``, ``E-CSV-ENCODING``, ``E-CSV-SYNTAX`` (a quote never closed, a NUL, a cell beyond
        `MAX_CELL`), ``E-CSV-HEADER`` (a name twice), ``E-CSV-COLUMN`` (a column that is not there),
        ``E-CSV-RAGGED`` (rows of other lengths), ``E-CSV-EMPTY`` or ``E-DATA-HUGE``, with line numbers.

    References
    ----------
    .. [1] Shafranovich (2005), Common format and MIME type for comma-separated values (CSV) files, RFC 4180.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.csv")
    ...     _ = path.write_text('text,label\n"barks, loudly",dog\n')
    ...     read_table(path, "text", "label").columns
    {'text': ['barks, loudly'], 'label': ['dog']}
    """
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise ConfigError(f"delimiter: {delimiter!r}, expected one character.", error_id="E-CONFIG-RANGE")
    where = printable(str(path))
    text, notes = decoded(content_of(path), where, encoding)
    rows, lines, blank = _rows(text, where, delimiter)
    if rows and delimiter.join(rows[0]).strip().casefold() == f"sep={delimiter}":
        rows, lines = rows[1:], lines[1:]
        notes.append("first line sep= of a spreadsheet ignored")
    if not rows and (header is None or isinstance(header, str)):
        raise DataError(f"{where}: no rows.", error_id="E-CSV-EMPTY")
    reason = is_data(rows) if header == "auto" else "as given" if header == "none" else ""
    if reason:
        names = numbered_names(len(rows[0]))
        notes.append(f"{NO_HEADER} ({reason}): columns are {names[0]} to {names[-1]}")
    elif header is None or isinstance(header, str):
        names, rows, lines = [name.strip() for name in rows[0]], rows[1:], lines[1:]
    else:
        names = list(header)
    names, rows, unnamed = _without_unnamed(names, rows)
    _check_header(names, required, where, delimiter)
    if not rows:
        raise DataError(f"{where}: no rows below the names of the columns.", error_id="E-CSV-EMPTY")
    _refuse_ragged(rows, lines, len(names), where)
    if unnamed:
        notes.append(f"{unnamed} columns without name and values ignored")
    if blank:
        notes.append(f"{blank} blank lines ignored")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return Table(columns, lines, tuple(notes))


JOIN = " + "
"""Between the names of columns whose texts are read as one."""


def columns_of(name: str) -> list[str]:
    """Columns of a text, such as ``title + description``.

    Examples
    --------
    >>> columns_of("title + description"), columns_of("text")
    (['title', 'description'], ['text'])
    """
    return name.split(JOIN)


def texts_in(table: Table, name: str) -> list[str]:
    r"""Texts of a column, or of several as one, each on lines of its own.

    Examples
    --------
    >>> texts_in(Table({"title": ["Rain"], "body": ["It rains."]}, [2]), "title + body")
    ['Rain\nIt rains.']
    """
    parts = [table.columns[each] for each in columns_of(name)]
    return ["\n".join(cell for cell in cells if cell) for cells in zip(*parts, strict=True)]


def texts_of(values: Sequence[str], where: str, *, lines: Lines | None = None) -> NDArray[Any]:
    r"""Texts for `Samples`, in Unicode's composed form (NFC).

    Parameters
    ----------
    values : sequence of str
        One text a row.
    where : str
        The file, named in errors.
    lines : sequence of int, optional
        Line of each row in the file; by default rows are counted from 1.

    Returns
    -------
    ndarray of shape (n,), dtype object
        Of Python strings.

    Raises
    ------
    DataError
        ``E-TEXT-ENCODING`` for lone surrogates, which no encoding can write.

    References
    ----------
    .. [1] Unicode Standard Annex 15, Unicode normalization forms.

    Examples
    --------
    >>> len(texts_of(["cafe\u0301"], "a.csv")[0])
    4
    """
    refuse_surrogates(values, range(1, len(values) + 1) if lines is None else lines, where)
    texts = np.empty(len(values), dtype=object)
    texts[:] = [unicodedata.normalize("NFC", value) for value in values]
    return texts


def content_of(path: str | Path) -> bytes:
    """Content of a regular file of at most `MAX_FILE_BYTES`."""
    with opened(path) as file:
        return file.read()


@contextmanager
def opened(path: str | Path) -> Iterator[BinaryIO]:
    """Open a regular file of at most `MAX_FILE_BYTES`."""
    if not str(path):
        raise ConfigError("path: empty; it must name a file.", error_id="E-CONFIG-PATH")
    where, path = printable(str(path)), Path(path).expanduser()
    try:
        # Only a regular file: opening a pipe would wait for ever.
        if not path.is_file():
            what = "a folder, expected a file" if path.is_dir() else "no such file"
            raise DataError(f"{where}: {what}.", error_id="E-CSV-FILE", hint="Check the path.")
        if path.stat().st_size > MAX_FILE_BYTES:
            size = f"{path.stat().st_size} bytes, the limit is {MAX_FILE_BYTES}"
            raise DataError(f"{where}: file of {size}.", error_id="E-DATA-HUGE", hint="Make several files of it.")
        with path.open("rb") as file:
            yield file
    except PermissionError:
        raise DataError(f"{where}: permission denied.", error_id="E-DATA-PERM") from None
    except DataError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{where}: {reason}.", error_id="E-CSV-FILE") from None


def decoded(content: bytes, where: str, encoding: str) -> tuple[str, list[str]]:
    """Text of a file, and notes on ignored characters."""
    try:
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        raise ConfigError(
            f"encoding: {encoding!r} is unknown.", error_id="E-CONFIG-RANGE", hint="Such as utf-8, latin-1 or utf-16."
        ) from None
    if name == "utf-8":
        _refuse_wide(content, where)
    notes = []
    if name == "utf-8" and content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :]
        notes.append("byte order mark ignored")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{where}: line {line}, byte 0x{content[error.start]:02X} is not {encoding}.",
            error_id="E-CSV-ENCODING",
            hint="Use `encoding: latin-1`, or whatever the file was written in, or save it as UTF-8.",
        ) from None
    except (LookupError, ValueError) as error:  # a codec that is not one of texts
        raise ConfigError(f"encoding: {encoding!r}: {error}.", error_id="E-CONFIG-RANGE") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(f"{where}: line {line} has a NUL character: no text file.", error_id="E-CSV-SYNTAX")
    return text, notes


def _refuse_wide(content: bytes, where: str) -> None:
    """Name UTF-16 where the bytes show it: every other one of Latin text is zero."""
    head = content[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    mark = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if mark or (len(head) > 8 and max(even, odd) > 0.4 * len(head) / 2 and min(even, odd) == 0):
        little = head.startswith(codecs.BOM_UTF16_LE) or odd > even
        name = "utf-16" if mark else "utf-16-le" if little else "utf-16-be"
        raise DataError(
            f"{where}: line 1, byte 0x{head[0]:02X}: looks like UTF-16, not UTF-8.",
            error_id="E-CSV-ENCODING",
            hint=f"Use `encoding: {name}`, or save the file as UTF-8.",
        )


@contextmanager
def _cell_limit() -> Iterator[None]:
    before = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _rows(text: str, where: str, delimiter: str) -> tuple[list[list[str]], list[int], int]:
    """Rows, the lines where they begin, and how many blank lines there were."""
    # newline="": the reader must see line ends within quotes as they are.
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    blank, begin = 0, 1
    with _cell_limit():
        try:
            for row in reader:
                if row:
                    rows.append(row)
                    lines.append(begin)
                else:
                    blank += 1
                begin = reader.line_num + 1
        except csv.Error as error:
            raise _syntax(error, where, begin, reader.line_num, len(rows)) from None
    return rows, lines, blank


def _syntax(error: csv.Error, where: str, begin: int, line: int, n: int) -> DataError:
    until = f" to {line}" if line > begin else ""
    reason = str(error)
    if "unexpected end of data" in reason:
        reason = "a quote is never closed"
    elif "field larger" in reason:
        reason = f"a cell of more than {MAX_CELL} characters: a quote is never closed"
    return DataError(
        f"{where}: line {begin}{until}: {reason} ({n} rows before).",
        error_id="E-CSV-SYNTAX",
        hint='A quote within a quoted cell is written twice: "a ""b"" c".',
    )


def _without_unnamed(names: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]], int]:
    """Columns without those that have neither name nor values, and their number; several others get numbers."""
    unnamed = {i for i, name in enumerate(names) if not name}
    if len(unnamed) < 2 and not (unnamed and len(names) - 1 in unnamed):
        return names, rows, 0
    empty = {i for i in unnamed if not any(len(row) == len(names) and row[i].strip() for row in rows)}
    rest = sorted(unnamed - empty)
    names = [f"column {i + 1}" if i in rest[1:] else name for i, name in enumerate(names)]
    if not empty:
        return names, rows, 0
    n = len(names)
    kept = [i for i in range(n) if i not in empty]
    return [names[i] for i in kept], [[row[i] for i in kept] if len(row) == n else row for row in rows], len(empty)


def _check_header(names: list[str], required: Sequence[str], where: str, delimiter: str) -> None:
    twice = [name for name, n in Counter(names).items() if n > 1]
    if twice:
        raise DataError(
            f"{where}: the first line names {', '.join(repr(printable(name)) for name in twice)} more than once.",
            error_id="E-CSV-HEADER",
            hint="Give every column a unique name.",
        )
    for name in required:
        if name not in names:
            other = next((mark for mark in _GUESSED if len(names) == 1 and mark != delimiter and mark in names[0]), "")
            hint = (
                f"Use `delimiter: {_quoted(other)}`."
                if other
                else "Name the column that is meant, or mend the first line."
            )
            raise missing_column(where, name, names, hint)


def unread_notes(unread: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Notes on columns that are not read.

    Examples
    --------
    >>> unread_notes([("picture", "records of bytes and path")])
    ('column picture is ignored, as it holds records of bytes and path',)
    """
    return tuple(f"column {printable(name)} is ignored, as it holds {what}" for name, what in unread)


def _quoted(mark: str) -> str:
    """A delimiter as in a config."""
    return {"|": '"|"', "\t": r"\t"}.get(mark, mark)


def missing_column(
    where: str, name: str, known: Iterable[str], hint: str, unread: Sequence[tuple[str, str]] = ()
) -> DataError:
    """The error for a column that is not among those of a table, or is one of those that cannot be read."""
    if name in dict(unread):
        return DataError(
            f"{where}: column {printable(name)!r} holds {dict(unread)[name]}, which are not read.",
            error_id="E-CSV-COLUMN",
            hint="Write one text or number into each cell, such as the name of a file or of a class.",
        )
    message = f"{where}: no column {name!r}. {did_you_mean(name, [printable(each) for each in known])}"
    return DataError(message, error_id="E-CSV-COLUMN", hint=hint)


def _refuse_ragged(rows: list[list[str]], lines: list[int], width: int, where: str) -> None:
    ragged = [f"line {line}: {len(row)} cells" for row, line in zip(rows, lines, strict=True) if len(row) != width]
    if ragged:
        raise refusal(
            f"{where}: {len(ragged)} of {len(rows)} rows do not have {width} cells",
            ragged,
            "E-CSV-RAGGED",
            "Put cells that hold the delimiter in quotes.",
        )


def refuse_surrogates(values: Sequence[str], lines: Lines, where: str) -> None:
    """Refuse texts with lone surrogates."""
    bad = [line for value, line in zip(values, lines, strict=True) if not _encodable(value)]
    if bad:
        raise DataError(
            f"{where}: lone surrogates, which are not characters, in lines {numbered(bad)}.",
            error_id="E-TEXT-ENCODING",
            hint="The texts were cut within a character or escaped wrongly; write them again as UTF-8.",
        )


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
