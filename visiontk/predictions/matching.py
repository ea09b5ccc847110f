"""Matching of samples across tables by their ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Ints, Strings
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable, refusal


class Fit(NamedTuple):
    """Rows of a table that one fit of a model predicted, in the order of their sorted ids."""

    name: str
    ids: Strings
    rows: Ints


def fits_of(ids: Strings, seeds: Sequence[str] | None, where: str, row: Callable[[int], str]) -> tuple[Fit, ...]:
    """Return the fits of a table, each with every id once.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-IDS`` for ids that occur twice in a fit.

    Examples
    --------
    >>> fits = fits_of(np.array(["b", "a", "a", "b"]), ["0", "0", "1", "1"], "a.csv", str)
    >>> [(fit.name, fit.ids.tolist(), fit.rows.tolist()) for fit in fits]
    [('0', ['a', 'b'], [1, 0]), ('1', ['a', 'b'], [2, 3])]
    """
    if seeds is None:
        return (_sorted_fit("", ids, np.arange(len(ids)), where, row),)
    names, codes = np.unique(np.array(seeds), return_inverse=True)
    ordered = sorted(range(len(names)), key=lambda i: (len(names[i]), names[i]))
    return tuple(_sorted_fit(str(names[i]), ids, np.flatnonzero(codes == i), where, row) for i in ordered)


def _sorted_fit(name: str, ids: Strings, rows: Ints, where: str, row: Callable[[int], str]) -> Fit:
    order = np.argsort(ids[rows], kind="stable")
    rows = rows[order].astype(np.int64)
    names = ids[rows]
    again = np.flatnonzero(names[1:] == names[:-1])
    if len(again):
        lines = [f"{printable(str(names[i]))!r}: {row(int(rows[i]))} and {row(int(rows[i + 1]))}" for i in again]
        of = f" of fit {printable(name)!r}" if name else ""
        raise refusal(
            f"{where}: {len(again):,} ids occur more than once{of}",
            lines,
            "E-PREDICTIONS-IDS",
            "Give each sample one row; several fits of one model need a column of seeds (--column seed=NAME).",
        )
    return Fit(name, names, rows)


class Common(NamedTuple):
    """The samples that all tables have, and remarks on those that were dropped."""

    ids: Strings
    notes: tuple[str, ...]


def common_ids(by_table: Mapping[str, Sequence[Strings]], *, on_missing: str, positions: Sequence[str] = ()) -> Common:
    """Return the ids that all tables have.

    Parameters
    ----------
    by_table : mapping of str to sequence of ndarray of str
        By the name of the table, the sorted ids of each fit.
    on_missing : {"refuse", "drop"}
        Treatment of ids that a table lacks.
    positions : sequence of str
        Tables that have no ids, so that their samples are matched by position.

    Raises
    ------
    ConfigError
        ``E-CONFIG-VALUE`` for another value of `on_missing`.
    DataError
        ``E-PREDICTIONS-IDS`` if tables have different ids (with ``refuse``) or none in common.

    Examples
    --------
    >>> tables = {"a.csv": [np.array(["1", "2"])], "b.csv": [np.array(["2", "3"])]}
    >>> common_ids(tables, on_missing="drop").notes
    ('2 of 3 samples dropped that a table lacks: a.csv lacks 1, b.csv lacks 1',)
    """
    if on_missing not in ("refuse", "drop"):
        raise ConfigError(f"on_missing: {on_missing!r} is unknown.", error_id="E-CONFIG-VALUE", hint="refuse or drop.")
    everything = [(where, ids) for where, fits in by_table.items() for ids in fits]
    first = everything[0][1]
    if all(np.array_equal(ids, first) for _, ids in everything):
        return Common(first, ())
    union, shared = first, first
    for _, ids in everything[1:]:
        union = np.union1d(union, ids)
        shared = np.intersect1d(shared, ids, assume_unique=True)
    lacking: dict[str, NDArray[np.str_]] = {}
    for where, ids in everything:
        missing = np.setdiff1d(union, ids, assume_unique=True)
        if len(missing):
            lacking[where] = np.union1d(lacking[where], missing) if where in lacking else missing
    if on_missing == "drop" and len(shared):
        of_each = ", ".join(f"{where} lacks {len(missing):,}" for where, missing in lacking.items())
        return Common(
            shared, (f"{len(union) - len(shared):,} of {len(union):,} samples dropped that a table lacks: {of_each}",)
        )
    lines = [
        f"{where} lacks {len(missing):,} of {len(union):,}, such as "
        + ", ".join(repr(printable(name)) for name in missing[:5].tolist())
        for where, missing in lacking.items()
    ]
    hint = (
        "Compare all models on the same samples; --on-missing drop leaves out those that a table lacks, and says so."
        if len(shared)
        else "No id occurs in all tables: ids must be written alike, such as 7 and not 007."
    )
    if positions:
        hint += f" {' and '.join(positions)} has no column of ids; name it with --column id=NAME."
    raise DataError(
        refusal("predictions: the tables hold different samples", lines, "E-PREDICTIONS-IDS").message,
        error_id="E-PREDICTIONS-IDS",
        hint=hint,
    )


def rows_of(fit: Fit, ids: Strings) -> Ints:
    """Return the rows of a fit for sorted ids, all of which it has."""
    if len(fit.ids) == len(ids):
        return fit.rows
    return fit.rows[np.searchsorted(fit.ids, ids)]
