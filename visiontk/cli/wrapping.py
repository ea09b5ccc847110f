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
"""Largest width of a table or paragraph, also used where the width of the terminal is unknown."""

NARROWEST = 30


def width() -> int:
    """Return the width for text: that of the terminal, from 30 to 100; 100 in a pipe."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def columns_of(stream: TextIO) -> int:
    """Return the width of the terminal behind a stream, which may differ from that of standard output."""
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return columns or shutil.get_terminal_size().columns


def cells(text: str) -> int:
    """Return the columns that a text takes: two for a wide character, none for a combining one.

    Examples
    --------
    >>> cells("cat"), cells("猫"), cells("e\u0301")
    (3, 2, 1)
    """
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, columns: int) -> str:
    """Cut a text to a number of columns, with an ellipsis if something is left out."""
    if cells(text) <= columns:
        return text
    while text and cells(text) > columns - 1:
        text = text[:-1]
    return text + "…"


def wrapped(text: str, indent: int = 0, *, hanging: int | None = None, columns: int | None = None) -> str:
    """Wrap a paragraph; a word that is too long stays whole, as it may be a path.

    `indent` and `hanging` are the blanks before the first and the following lines, by default the same; blanks within a
    line stay.
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
    """Align rows of cells in columns."""
    widths = [max(cells(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        padded = []
        for i, cell in enumerate(row):
            blanks = " " * (widths[i] - cells(cell))
            padded.append(blanks + cell if i in right else cell + blanks)
        lines.append((" " * gap).join(padded).rstrip())
    return lines


def fitted(rows: Sequence[Sequence[str]], *, dropped: Sequence[str], right: Sequence[int] = ()) -> list[str]:
    """Align rows below their head and a rule; on narrow terminals without some columns, at last with smaller gaps."""
    for n_dropped, gap in [*((n, 2) for n in range(len(dropped) + 1)), (len(dropped), 1)]:
        shown = [i for i, name in enumerate(rows[0]) if name not in dropped[:n_dropped]]
        aligned_right = [place for place, i in enumerate(shown) if i in right]
        lines = aligned([[row[i] for i in shown] for row in rows], right=aligned_right, gap=gap)
        if max(map(cells, lines)) <= width():
            break
    return ruled(lines)


def ruled(lines: Sequence[str]) -> list[str]:
    """Draw a rule below the first line of a table."""
    return [lines[0], "-" * max(map(cells, lines)), *lines[1:]]


def is_live(stream: TextIO | None) -> bool:
    """Return True if lines on this stream can be overwritten: a terminal with cursor control."""
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb" and sys.platform != "win32"
