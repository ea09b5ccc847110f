"""The classes that several tables of predictions share."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from visiontk.core import Ints
from visiontk.errors import DataError
from visiontk.messages import printable, refusal
from visiontk.predictions.table import PredictionTable


class Classes(NamedTuple):
    """The classes of all tables, and those of the score columns of each table in the same words."""

    labels: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]


def ordered(labels: Iterable[str]) -> tuple[str, ...]:
    """Return classes in order: whole numbers by value, words by letter.

    Examples
    --------
    >>> ordered(["10", "2"]), ordered(["dog", "cat"])
    (('2', '10'), ('cat', 'dog'))
    """
    unique = set(labels)
    if all(re.fullmatch(r"-?\d{1,18}", label) for label in unique):
        return tuple(sorted(unique, key=int))
    return tuple(sorted(unique))


def classes_of_tables(tables: Sequence[PredictionTable], truth: Sequence[str], stated: Sequence[str] = ()) -> Classes:
    """Return the classes of several tables.

    Parameters
    ----------
    tables : sequence of PredictionTable
        One per model.
    truth : sequence of str
        True class of each sample.
    stated : sequence of str
        All classes, in order, where the user states them.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-LABELS`` for a class that one table alone knows, a true class without scores, or scores whose
        number is not that of the classes; ``E-PREDICTIONS-ONE-CLASS`` if all samples are of one class.
    """
    true = set(truth)
    if len(true) < 2:
        raise DataError(
            f"predictions: all {len(truth):,} samples have the true class {printable(next(iter(true), ''))!r}.",
            error_id="E-PREDICTIONS-ONE-CLASS",
            hint="A comparison needs samples of two classes or more.",
        )
    by_position = {table.name for table in tables if table.roles.scores and _is_positional(table, true, stated)}
    named = {table.name: _named_classes(table) for table in tables if table.name not in by_position}
    labels = tuple(stated) or ordered(true.union(*named.values()))
    if not stated:
        _refuse_strangers(tables, true, named)
    _refuse_unstated(true | set().union(*named.values()), labels, stated)
    columns, notes = {}, []
    for table in tables:
        if not table.roles.scores:
            continue
        columns[table.name] = table.score_classes
        if table.name in by_position:
            _check_width(table, labels)
            columns[table.name] = labels
            notes.append(f"{table.name}: score columns stand for {_listed(labels)}, in this order")
        _refuse_unscored(table, columns[table.name], true, truth)
    return Classes(labels, columns, tuple(notes))


def codes_of(cells: Sequence[str], labels: Sequence[str]) -> Ints:
    """Return the position of each cell among the classes."""
    index = {label: i for i, label in enumerate(labels)}
    return np.fromiter(map(index.__getitem__, cells), np.int64, len(cells))


def _is_positional(table: PredictionTable, true: set[str], stated: Sequence[str]) -> bool:
    """True if score columns are numbered from 0 while the classes are words or other numbers."""
    numbered = table.score_classes == tuple(map(str, range(len(table.score_classes))))
    return numbered and not true <= set(table.score_classes) and (not stated or set(stated) != set(table.score_classes))


def _named_classes(table: PredictionTable) -> set[str]:
    if table.roles.scores:
        return set(table.score_classes)
    return set(table.predicted or ())


def _refuse_strangers(tables: Sequence[PredictionTable], true: set[str], named: dict[str, set[str]]) -> None:
    """Refuse classes that one table alone knows, which are mostly typing errors."""
    counts = Counter(label for labels in named.values() for label in labels)
    for table in tables:
        strange = ordered(label for label in named.get(table.name, ()) if label not in true and counts[label] == 1)
        if not strange or (len(tables) == 1 and table.roles.scores):
            continue
        rows: dict[str, list[str]] = {label: [] for label in strange}
        for i, cell in enumerate(table.predicted or ()):
            if cell in rows and len(rows[cell]) < 5:
                rows[cell].append(table.frame.row(i))
        lines = []
        for label in strange:
            near = difflib.get_close_matches(label.casefold(), [each.casefold() for each in true], 1, 0.8)
            meant = next((each for each in true if near and each.casefold() == near[0]), "")
            lines.append(
                f"{printable(label)!r}"
                + (f" in {', '.join(rows[label])}" if rows[label] else "")
                + (f" (perhaps {printable(meant)!r})" if meant else "")
            )
        raise refusal(
            f"{table.frame.where}: {len(strange)} classes occur in no other table and are never true",
            lines,
            "E-PREDICTIONS-LABELS",
            "Write classes alike in all tables; or state all of them with --classes.",
        )


def _refuse_unstated(known: set[str], labels: Sequence[str], stated: Sequence[str]) -> None:
    unknown = ordered(known - set(labels))
    if unknown:
        raise DataError(
            f"classes: {_listed(unknown)} occur in the tables, but not among the stated classes {_listed(stated)}.",
            error_id="E-PREDICTIONS-LABELS",
            hint="State every class with --classes.",
        )
    if len(set(labels)) < len(labels):
        raise DataError("classes: a class is stated twice.", error_id="E-PREDICTIONS-LABELS")


def _check_width(table: PredictionTable, labels: Sequence[str]) -> None:
    width = len(table.score_classes)
    if width != len(labels):
        raise DataError(
            f"{table.frame.where}: {width} scores per sample, but there are {len(labels)} classes: {_listed(labels)}.",
            error_id="E-PREDICTIONS-LABELS",
            hint="State all classes in the order of the scores with --classes.",
        )


def _refuse_unscored(table: PredictionTable, classes: Sequence[str], true: set[str], truth: Sequence[str]) -> None:
    missing = ordered(true - set(classes))
    if missing:
        counts = Counter(truth)
        raise refusal(
            f"{table.frame.where}: no scores for {len(missing)} true classes",
            [f"{printable(label)!r}: {counts[label]:,} samples" for label in missing],
            "E-PREDICTIONS-LABELS",
            f"Its scores are for {_listed(classes)}. Write classes alike in all tables.",
        )


def _listed(labels: Iterable[str]) -> str:
    shown = [printable(label) for label in labels]
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more" if len(shown) > 10 else "")
