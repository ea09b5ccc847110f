"""Split by time: the test set is later than the training set, as in use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from visiontk.core import Strings
from visiontk.errors import DataError
from visiontk.messages import Lines, printable, refusal

LATEST = 5
"""The latest of five rows are the test set, as many as in splits without time."""

LATE = 8
"""The latest of eight of the other rows are the validation set."""


def parts_by_time(values: Sequence[str], where: str, *, lines: Lines | None = None) -> Strings:
    """Part of each row: the latest fifth is the test set, the latest eighth of the rest the validation set.

    Values are dates or times in ISO 8601, such as 2026-11-22 or 2026-11-22T18:30, or numbers, such as years. Rows of
    one time stay together, so parts may be slightly larger. `lines` are those of the rows, by default from 1.

    References
    ----------
    .. [1] Kapoor and Narayanan (2023), Leakage and the reproducibility crisis in machine-learning-based science,
       Patterns 4, 100804: testing on data older than the training set is a leak.
    """
    lines = range(1, len(values) + 1) if lines is None else lines
    times = [parse_time(value) for value in values]
    bad = [f"line {line}: {printable(value)!r}" for value, line, time in zip(values, lines, times, strict=True)
           if time is None]  # fmt: skip
    if bad:
        raise refusal(
            f"{where}: {len(bad)} of {len(values)} rows have no valid time",
            bad,
            "E-TIME-FORMAT",
            "Write dates as 2026-11-22, times as 2026-11-22T18:30, or plain numbers.",
        )
    order = np.array(times, dtype=np.float64)
    rising = np.sort(order)
    n_test = max(len(order) // LATEST, 1)
    tested = order >= rising[-n_test]
    rest = np.sort(order[~tested])
    if len(np.unique(rest)) < 2:
        raise DataError(
            f"{where}: {len(np.unique(order))} different times; a split by time into training, validation and test "
            "set needs at least three.",
            error_id="E-SPLIT-PARTS",
            hint="Name a column with finer times, or none.",
        )
    # The earliest rows stay in the training set, whatever the ties.
    limit = max(rest[-max(len(rest) // LATE, 1)], np.unique(rest)[1])
    return np.where(tested, "test", np.where(order >= limit, "valid", "train")).astype(np.str_)


def parse_time(text: str) -> float | None:
    """Time as an increasing number, or None."""
    text = text.strip()
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        return number if np.isfinite(number) else None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
