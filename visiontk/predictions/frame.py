"""Tables in memory: named columns of texts or numbers, and the row of the file that each entry comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Strings
from visiontk.errors import DataError
from visiontk.messages import printable, refusal

Column = Sequence[str] | NDArray[Any]
"""Texts, or an array with one row per row of the table; an array of two dimensions holds scores per class."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A table in memory.

    Parameters
    ----------
    where : str
        Name of the file, or what an error calls the table.
    columns : mapping of str to Column
        By name, in the order of the table.
    rows : sequence of int
        Line of each row in its file, counted from 1; positions from 0 for arrays.
    notes : tuple of str
        Remarks on reading, for the listing of what was recognised.
    unit : str
        What `rows` counts.
    layout : str
        Name of the export format that was recognised, or an empty text.
    """

    where: str
    columns: Mapping[str, Column]
    rows: Sequence[int | str]
    notes: tuple[str, ...] = ()
    unit: str = "line"
    layout: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, position: int) -> str:
        """Return the name of a row for messages, such as ``line 3``."""
        return f"{self.unit} {self.rows[position]}"

    def texts(self, name: str) -> list[str]:
        """Return a column as texts: whole numbers without a point, missing values as empty texts."""
        column = self.columns[name]
        if isinstance(column, np.ndarray):
            return texts_of(column)
        return list(column)

    def is_text(self, name: str) -> bool:
        """True if the column was read as text and has to be parsed."""
        return not isinstance(self.columns[name], np.ndarray)

    def strings(self, name: str) -> Strings:
        """Return a column as an array of texts."""
        return np.array(self.texts(name), dtype=np.str_)

    def numbers(self, name: str) -> Floats | None:
        """Return a column as numbers, or None if a cell is not a number.

        Empty cells are NaN. Digit separators such as 1_000, which Python accepts, are not numbers.
        """
        column = self.columns[name]
        if isinstance(column, np.ndarray):
            return column.astype(np.float64) if column.dtype.kind in "fiub" else _parsed(texts_of(column))
        return _parsed(column)

    def finite(self, name: str, positions: Iterable[int] | None = None) -> Floats:
        """Return a column as finite numbers.

        Raises
        ------
        DataError
            ``E-PREDICTIONS-SCORE`` with the rows whose cells are empty, text, NaN or infinite.
        """
        values = self.numbers(name)
        if values is not None and np.isfinite(values).all():
            return values
        if values is not None:
            bad = np.flatnonzero(~np.isfinite(values.reshape(len(self), -1)).all(axis=1)).tolist()
            cells = [str(values[i]) for i in bad[:100]]
            if self.is_text(name):
                cells = [self.texts(name)[i] for i in bad[:100]]
        else:
            texts = self.texts(name)
            bad = [i for i, cell in enumerate(texts) if not _is_finite(cell)]
            cells = [texts[i] for i in bad]
        lines = [f"{self.row(i)}: {printable(cell)!r}" for i, cell in zip(bad, cells, strict=False)]
        lines += [self.row(i) for i in bad[len(lines) :]]
        raise refusal(
            f"{self.where}: column {printable(name)!r} has {len(bad):,} of {len(self):,} scores that are not finite "
            "numbers",
            lines,
            "E-PREDICTIONS-SCORE",
            "Give every row a score, or remove these rows from this table and state --on-missing drop.",
        )


def texts_of(values: NDArray[Any]) -> list[str]:
    """Return array values as the texts that a CSV file would hold.

    Examples
    --------
    >>> texts_of(np.array([1.0, np.nan, 2.5]))
    ['1', '', '2.5']
    >>> texts_of(np.array(["cat", "dog"]))
    ['cat', 'dog']
    """
    if values.dtype.kind in "US":
        return [text.decode() if isinstance(text, bytes) else text for text in values.tolist()]
    if values.dtype.kind == "b":
        return [str(int(value)) for value in values.tolist()]
    return [_text(value) for value in values.tolist()]


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _parsed(cells: Sequence[str]) -> Floats | None:
    try:
        values = np.array(cells, dtype=np.float64)
    except ValueError:
        try:
            values = np.array([cell.strip() or "nan" for cell in cells], dtype=np.float64)
        except ValueError:
            return None
    return None if any("_" in cell for cell in cells) else values


def _is_finite(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell))) and "_" not in cell
    except ValueError:
        return False


def check_lengths(where: str, columns: Mapping[str, Column]) -> int:
    """Return the common length of all columns.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-FORMAT`` if the lengths differ or there are no rows.
    """
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise refusal(
            f"{where}: columns have different lengths",
            [f"{printable(name)}: {length:,}" for name, length in lengths.items()],
            "E-PREDICTIONS-FORMAT",
            "Every column needs one value for each sample.",
        )
    if not lengths or not next(iter(lengths.values())):
        raise DataError(f"{where}: no rows.", error_id="E-PREDICTIONS-FORMAT", hint="Give a table with predictions.")
    return next(iter(lengths.values()))
