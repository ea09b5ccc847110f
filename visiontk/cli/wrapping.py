"""Text for terminals of any width: cut, wrapped and in columns."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import TextIO

WIDEST = 100
"""Columns of a table or paragraph where nothing says how wide the terminal is, and at most."""

NARROWEST = 30


def width() -> int:
    """Columns to write in: those of the terminal, from 30 to 100; 100 in a pipe."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def columns_of(stream: TextIO) -> int:
    """Columns of the terminal behind a stream, which may be another than that of standard output."""
    try:
        found = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        found = 0
    return found or shutil.get_terminal_size().columns


def cells(text: str) -> int:
    """Columns that a text takes: two for a wide character, none for one that combines.

    Examples
    --------
    >>> cells("cat"), cells("猫"), cells("e\u0301")
    (3, 2, 1)
    """
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, columns: int) -> str:
    """The text in at most so many columns, with an ellipsis where something is left out.

    Examples
    --------
    >>> cut("kmeans_patches", 8), cut("prior", 8), cut("猫猫猫", 5)
    ('kmeans_…', 'prior', '猫猫…')
    """
    if cells(text) <= columns:
        return text
    while text and cells(text) > columns - 1:
        text = text[:-1]
    return text + "…"


def wrapped(text: str, indent: int = 0, *, hanging: int | None = None, columns: int | None = None) -> str:
    """A paragraph in lines that fit; a word that is too long stays whole, as it may be a path.

    Parameters
    ----------
    text : str
        One paragraph; blanks within a line are kept.
    indent : int
        Blanks before the first line.
    hanging : int, optional
        Blanks before the others, by default the same.
    columns : int, optional
        By default `width`.

    Examples
    --------
    >>> print(wrapped("one two three four five", 2, hanging=4, columns=14))
      one two
        three four
        five
    """
    return textwrap.fill(
        text,
        columns or width(),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if hanging is None else hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def aligned(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), gap: int = 2) -> list[str]:
    """Rows of cells as lines of one width a column.

    Examples
    --------
    >>> aligned([("learner", "s"), ("prior", "0.1")], right=[1])
    ['learner    s', 'prior    0.1']
    """
    widths = [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        padded = []
        for i, cell in enumerate(row):
            blanks = " " * (widths[i] - cells(cell))
            padded.append(blanks + cell if i in right else cell + blanks)
        lines.append((" " * gap).join(padded).rstrip())
    return lines


def is_live(stream: TextIO | None) -> bool:
    """Whether lines on this stream can be overwritten: a terminal that knows how."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb" and sys.platform != "win32"
