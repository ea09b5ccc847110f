"""Results of slices: the test samples of one value of a column, such as one scanner or short texts.

A mean over all samples hides who is served badly. But who looks at many slices finds differences that are not there:
small slices have no number, and the p-values of all slices of all columns are corrected together.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from visiontk.core import Floats, Ints, Metric, Strings, Task
from visiontk.harness.plan import MIN_TEST_UNITS
from visiontk.report.compared import difference_of
from visiontk.report.evidence.record import Record, TestSet, finite, measured, only
from visiontk.report.evidence.slice_columns import Column
from visiontk.stats import Difference, conclude, holm

FEWEST_SAMPLES = 30
"""Test samples below which a slice has no number.

With 30 samples the interval of an accuracy of 80 % is 28 points wide, so that less says next to nothing; and the
intervals of differences were measured from 30 samples on (docs/statistics.md).
"""

FEWEST_GROUPS = MIN_TEST_UNITS
"""Groups below which a slice of data with groups has no number, as the whole test part has none."""

MOST_SLICES = 20
"""Values of a column that have slices of their own; with more, the last slice holds the rarest ones together.

More would leave few samples to each, and make the correction for many looks so strict that nothing could be shown.
"""

MANY_NUMBERS = 10
"""Different numbers above which a column is measured, not counted, and is cut at the quartiles."""

NONE, OTHER = "(none)", "(other)"


class Slices(NamedTuple):
    """Names of slices and, for each test sample, the number of its own; ``kind`` is values or ranges."""

    kind: str
    names: list[str]
    number: Ints


def cut(values: Sequence[str]) -> Slices:
    """The slices of a column.

    Numbers of which there are more than `MANY_NUMBERS` are cut at their quartiles into at most four ranges. Of more
    than `MOST_SLICES` other values the most frequent keep slices of their own. Samples without a value come last.

    Parameters
    ----------
    values : sequence of str
        Of each test sample; empty or such as NaN where it has none.

    Examples
    --------
    >>> cut(["f", "m", "", "f"]).names
    ['f', 'm', '(none)']
    >>> cut([str(age) for age in range(20, 60)]).names
    ['up to 29', 'above 29 to 39', 'above 39 to 49', 'above 49']
    """
    from visiontk.data.checks.labels import is_missing

    cells = [unicodedata.normalize("NFC", value.strip()) for value in values]
    known = np.array([not is_missing(cell) for cell in cells], dtype=bool)
    if not known.any():
        return Slices("values", [NONE], np.zeros(len(cells), np.int64))
    present = [cell for cell, there in zip(cells, known, strict=True) if there]
    numbers = _numbers(present)
    if numbers is not None and len(np.unique(numbers)) > MANY_NUMBERS:
        kind, (names, inner) = "ranges", _ranges(numbers)
    else:
        kind, (names, inner) = "values", _frequent(present)
    number = np.full(len(cells), len(names), np.int64)
    number[known] = inner
    return Slices(kind, [*names, NONE] if not known.all() else names, number)


def _numbers(cells: Sequence[str]) -> Floats | None:
    """Finite numbers, or None where a cell is something else."""
    try:
        found = np.array([float(cell) for cell in cells if "_" not in cell], dtype=np.float64)
    except ValueError:
        return None
    return found if len(found) == len(cells) and np.isfinite(found).all() else None


def _ranges(values: Floats) -> tuple[list[str], Ints]:
    # Quartiles that occur among the values; where many are equal, there are fewer ranges.
    ends = np.unique(np.quantile(values, (0.25, 0.5, 0.75), method="inverted_cdf"))
    ends = ends[ends < values.max()]
    ends = ends if len(ends) else np.unique(values)[-2:-1]
    number = np.searchsorted(ends, values, side="left")
    # The fewest digits that tell the same samples apart.
    for digits in range(3, 18):
        words = [f"{end:.{digits}g}" for end in ends]
        if np.array_equal(np.searchsorted([float(word) for word in words], values, side="left"), number):
            break
    names = [f"up to {words[0]}", *(f"above {low} to {high}" for low, high in itertools.pairwise(words))]
    return [*names, f"above {words[-1]}"], number.astype(np.int64)


def _frequent(cells: Sequence[str]) -> tuple[list[str], Ints]:
    counts = Counter(cells)
    numbers = _numbers(list(counts))
    ordered = sorted(counts) if numbers is None else [list(counts)[i] for i in np.argsort(numbers, kind="stable")]
    if len(counts) > MOST_SLICES:
        frequent = set(sorted(ordered, key=lambda cell: -counts[cell])[: MOST_SLICES - 1])
        ordered = [cell for cell in ordered if cell in frequent]
    place = {cell: i for i, cell in enumerate(ordered)}
    # A value that is called as one of ours is not one of ours.
    names = [repr(cell) if cell in (NONE, OTHER) else cell for cell in ordered]
    return [*names, OTHER] if len(counts) > len(ordered) else names, np.array(
        [place.get(cell, len(ordered)) for cell in cells], np.int64
    )


def slices_of(
    task: Task,
    records: Mapping[str, Record],
    groups: Strings | Ints | None,
    columns: Sequence[Column],
    *,
    headline: Mapping[str, Any],
    margin: float,
    build_test_set: Callable[[Record, Any], TestSet],
) -> list[dict[str, Any]]:
    """The value of ``slices`` in ``results.json``: one entry a column.

    Parameters
    ----------
    task : Task
        Whose first metric is compared.
    records : mapping of str to Record
        Predictions of every learner, of the same test samples.
    groups : ndarray of shape (n,) or None
        Unit of independence of each.
    columns : sequence of Column
        By which to slice.
    headline : mapping
        Its ``network`` and ``classical`` are compared: chosen by valid, or named by the user.
    margin : float
        A difference of no practical importance.
    build_test_set : callable
        What statistics need of a part of the records and its groups.
    """
    if not columns or not records:
        return []
    pair = headline["network"], headline["classical"]
    first, unit = next(iter(records.values())), "sample" if groups is None else "group"
    found: list[dict[str, Any]] = []
    tested: list[tuple[dict[str, Any], Difference]] = []
    for column in columns:
        sliced = cut([column.values.get(name, "") for name in first.ids.tolist()])
        rows = []
        for i, name in enumerate(sliced.names):
            kept = np.flatnonzero(sliced.number == i)
            row, compared = _slice(
                name, kept, task, records, None if groups is None else groups[kept], pair, build_test_set
            )
            rows.append(row)
            if compared is not None:
                tested.append((row, compared))
        heading = {"column": column.name, "table": column.table or None, "chosen": column.chosen, "kind": sliced.kind}
        found.append(heading | {"unit": unit, "slices": rows})
    _judge(tested, task.metrics[task.metric], margin, unit)
    return found


def too_few(metric: Metric, y: Ints, groups: Strings | Ints | None) -> str:
    """Why nothing is said of a slice, or an empty text.

    Examples
    --------
    >>> from visiontk.metrics import accuracy
    >>> too_few(accuracy, np.zeros(12, np.int64), None)
    'fewer than 30 samples'
    """
    if len(y) < FEWEST_SAMPLES:
        return f"fewer than {FEWEST_SAMPLES} samples"
    if groups is not None and len(np.unique(groups)) < FEWEST_GROUPS:
        return f"fewer than {FEWEST_GROUPS} groups"
    # The share of right answers and a mean loss are defined for one class; what weighs classes is not.
    if metric.kind == "bounded" and len(np.unique(y)) < 2:
        return "one class only"
    return ""


def _slice(
    name: str,
    kept: Ints,
    task: Task,
    records: Mapping[str, Record],
    groups: Strings | Ints | None,
    pair: tuple[str | None, str | None],
    build_test_set: Callable[[Record, Any], TestSet],
) -> tuple[dict[str, Any], Difference | None]:
    """Counts of a slice and, where they suffice, every learner's value and the difference, which is not judged yet."""
    metric = task.metrics[task.metric]
    whole = next(iter(records.values())).y
    y = whole[kept]
    row: dict[str, Any] = {
        "name": name,
        "n": len(kept),
        "n_units": len(kept) if groups is None else len(np.unique(groups)),
        "n_rarest": int(np.bincount(y, minlength=whole.max() + 1)[np.unique(whole)].min()),
        "few": too_few(metric, y, groups),
        "learners": [],
    }
    row |= dict.fromkeys(("difference", "low", "high", "p_value", "p_adjusted", "verdict")) | {"reason": ""}
    if row["few"]:
        return row, None
    parts = {name: only(record, kept) for name, record in records.items()}
    test_set = build_test_set(next(iter(parts.values())), groups)
    for name, part in parts.items():
        if part.probabilities or not metric.needs_probabilities:
            found = measured(metric, part.scores_for(task.metric), test_set)
            row["learners"].append({"name": name} | {key: found[key] for key in ("value", "low", "high")})
    compared: Difference | str = "There is nothing to compare."
    if pair[0] in parts and pair[1] in parts:
        compared = difference_of(task, parts[str(pair[0])], parts[str(pair[1])], test_set)
    if isinstance(compared, str):
        row["reason"] = compared
        return row, None
    return row, compared


def _judge(tested: Sequence[tuple[dict[str, Any], Difference]], metric: Metric, margin: float, unit: str) -> None:
    """Write the differences and their verdicts into the rows, corrected for all slices of all columns together."""
    adjusted = holm([found.p_value for _, found in tested])
    for (row, found), p in zip(tested, adjusted.tolist(), strict=True):
        judgement = conclude(
            found,
            p,
            margin=margin,
            higher_is_better=metric.higher_is_better,
            n_comparisons=len(tested),
            unit=unit,
        )
        row |= {"difference": finite(found.value), "low": finite(found.low), "high": finite(found.high)}
        row |= {"p_value": finite(found.p_value), "p_adjusted": finite(p)}
        row |= {"verdict": judgement.verdict, "reason": judgement.reason}


def chosen_after(columns: Sequence[Mapping[str, Any]]) -> str:
    """The warning on columns that were chosen after the run, or an empty text."""
    after = [_named(each) for each in columns if each["chosen"] == "after"]
    if not after:
        return ""
    return (
        f"Slices were chosen after the run, by {' and '.join(after)}: who tries several and tells of one finds "
        "differences that are not there."
    )


def _named(column: Mapping[str, Any]) -> str:
    return f"{column['column']} of {column['table']}" if column["table"] else str(column["column"])
