"""Tables whose first line is data and names no columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Literal

Header = Literal["auto", "first", "none"]
"""First line of a table: names of columns, data, or one of them by its look."""

SEEN = 1000
"""Rows from which the look of a column is judged."""

_WORDS = (
    "id index idx no nr number name text texts sentence question review content message body document comment "
    "title description label labels class classes target category y emotion expression sentiment diagnosis "
    "finding species genre topic intent path paths file filename filepath image images img picture audio clip "
    "sound video split part partition subset set usage fold folds group patient subject speaker person user "
    "author age sex gender date time year pixels score rating stars value type language source url answer "
)
_KNOWN = frozenset(_WORDS.split())
_FILE = re.compile(r"\S.*\.[a-z][a-z0-9]{1,5}(\.gz)?", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)


def is_data(rows: Sequence[Sequence[str]]) -> str:
    """Reason why the first row looks like data; empty if it seems to name the columns.

    It does if a cell of it is a value of its column in other rows, or a number or name of a file like all others, and
    no cell is a usual name of a column or unlike its column.

    Examples
    --------
    >>> is_data([["ham", "see you at five"], ["spam", "you have won"], ["ham", "good night"]])
    'cell 1 is also a value in other rows'
    >>> is_data([["kind", "text"], ["spam", "you have won"], ["ham", "good night"]])
    ''
    """
    first, rest = [cell.strip() for cell in rows[0]], list(islice(rows, 1, SEEN))
    if len(rest) < 2 or any(len(row) != len(first) for row in rest[:20]):
        return ""
    if _counts(first):
        return ""
    reasons: list[str] = []
    for k, cell in enumerate(first):
        column = [value for row in rest if len(row) > k and (value := row[k].strip())]
        verdict = _judge(cell, column)
        if verdict is None or (_plain(cell) in _KNOWN and cell not in column):
            return ""
        reasons += [f"cell {k + 1} is {verdict}"] * bool(verdict)
    return reasons[0] if reasons else ""


def numbered_names(n: int) -> list[str]:
    """Names of the columns of a table that names none.

    Examples
    --------
    >>> numbered_names(2)
    ['column_1', 'column_2']
    """
    return [f"column_{k + 1}" for k in range(n)]


def _judge(cell: str, column: Sequence[str]) -> str | None:
    """Reason why a cell is a value of its column; empty if it may be; None if it is its name."""
    if not column:
        return "" if cell == "" else None
    if cell == "":
        return None  # the column of row numbers that pandas writes has no name
    for form, what in ((_NUMBER, "a number like all below it"), (_FILE, "the name of a file like all below it")):
        if all(form.fullmatch(value) for value in column):
            return what if form.fullmatch(cell) else None
    distinct = len(set(column))
    if cell in column and distinct <= max(len(column) / 2, 2):
        return "also a value in other rows"
    return ""


def _counts(cells: Sequence[str]) -> bool:
    """True for 0, 1, 2, ... or 1, 2, 3, ..., which pandas writes as names."""
    return len(cells) > 1 and any(list(cells) == [str(start + k) for k in range(len(cells))] for start in (0, 1))


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?:_?(?:id|name|path|idx))$", "", re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_"))
