"""Slices of the test set by a column, with a guard for small slices and a correction for many comparisons.

A mean over all samples hides groups that fare badly. But many slices show differences that are not there: small slices
have no number, and the intervals of all slices of all columns hold together (Bonferroni).
"""

from __future__ import annotations

import itertools
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric, Strings, Task
from visiontk.harness.plan import MIN_TEST_UNITS
from visiontk.report.evidence.choice import Primary
from visiontk.report.evidence.comparing import difference_of
from visiontk.report.evidence.learner import LearnerEvidence, build_test_set, finite, interval, measure, units_by_class
from visiontk.report.evidence.slice_columns import Column
from visiontk.report.values import Slice, SliceColumn
from visiontk.stats import Difference, conclude, simultaneous
from visiontk.stats.units import FEWEST_OF_A_CLASS

FEWEST_SAMPLES = 30
"""Test samples below which a slice has no number.

With 30 samples the interval of an accuracy of 80 % is 28 points wide; and the intervals of differences were measured
from 30 samples on (docs/statistics.md).
"""

FEWEST_GROUPS = MIN_TEST_UNITS
"""Groups below which a slice of data with groups has no number, as the whole test set has none."""

MOST_SLICES = 20
"""Values of a column that have separate slices; with more, the last slice holds the rarest ones together.

More would leave few samples to each, and make the correction so strict that nothing could be shown.
"""

MANY_NUMBERS = 10
"""Distinct numbers above which a column is cut at its quartiles."""

NONE, OTHER = "(none)", "(other)"


class Cut(NamedTuple):
    """Names of slices and the slice of each test sample."""

    kind: Literal["values", "ranges"]
    names: list[str]
    number: Ints


def cut(values: Sequence[str]) -> Cut:
    """Cut a column into slices.

    Numbers of which there are more than `MANY_NUMBERS` are cut at their quartiles into at most four ranges. Of more
    than `MOST_SLICES` other values the most frequent have separate slices. Samples without a value come last.
    """
    from visiontk.data.checks.labels import is_missing

    cells = [unicodedata.normalize("NFC", value.strip()) for value in values]
    known = np.array([not is_missing(cell) for cell in cells], dtype=bool)
    if not known.any():
        return Cut("values", [NONE], np.zeros(len(cells), np.int64))
    present = [cell for cell, there in zip(cells, known, strict=True) if there]
    numbers = _numbers(present)
    kind: Literal["values", "ranges"] = "values"
    if numbers is not None and len(np.unique(numbers)) > MANY_NUMBERS:
        kind, (names, inner) = "ranges", _ranges(numbers)
    else:
        names, inner = _frequent(present)
    number = np.full(len(cells), len(names), np.int64)
    number[known] = inner
    return Cut(kind, [*names, NONE] if not known.all() else names, number)


def _numbers(cells: Sequence[str]) -> Floats | None:
    """Return finite numbers, or None if a cell is something else."""
    try:
        numbers = np.array([float(cell) for cell in cells if "_" not in cell], dtype=np.float64)
    except ValueError:
        return None
    return numbers if len(numbers) == len(cells) and np.isfinite(numbers).all() else None


def _ranges(values: Floats) -> tuple[list[str], Ints]:
    # Quartiles that occur among the values; where many are equal, there are fewer ranges.
    ends = np.unique(np.quantile(values, (0.25, 0.5, 0.75), method="inverted_cdf"))
    ends = ends[ends < values.max()]
    ends = ends if len(ends) else np.unique(values)[-2:-1]
    number = np.searchsorted(ends, values, side="left")
    # The fewest digits that separate the same samples.
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
    # A value that reads like one of our names is quoted.
    names = [repr(cell) if cell in (NONE, OTHER) else cell for cell in ordered]
    return [*names, OTHER] if len(counts) > len(ordered) else names, np.array(
        [place.get(cell, len(ordered)) for cell in cells], np.int64
    )


def slice_results(
    task: Task,
    learners: Mapping[str, LearnerEvidence],
    groups: NDArray[Any] | None,
    columns: Sequence[Column],
    *,
    primary: Primary | None,
    margin: float,
) -> list[SliceColumn]:
    """Return the results of every slice, with the difference of the two sides of the first comparison."""
    if not columns or not learners:
        return []
    ids = next(iter(learners.values())).ids.tolist()
    unit: Literal["sample", "group"] = "sample" if groups is None else "group"
    results: list[SliceColumn] = []
    tested: list[tuple[Slice, Difference]] = []
    for column in columns:
        pieces = cut([column.values.get(name, "") for name in ids])
        rows = []
        for i, name in enumerate(pieces.names):
            row, difference = _slice(name, np.flatnonzero(pieces.number == i), task, learners, groups, primary)
            rows.append(row)
            if difference is not None:
                tested.append((row, difference))
        results.append({
            "column": column.name, "table": column.table or None, "chosen": column.chosen, "kind": pieces.kind,
            "unit": unit, "slices": rows,
        })  # fmt: skip
    _judge(tested, task.metrics[task.metric], margin, unit)
    return results


def too_few(metric: Metric, y: Ints, groups: Strings | Ints | None) -> str:
    """Return the reason why a slice has no number, or an empty text.

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
    # The share of right answers and a mean loss are defined for one class; averages over classes are not.
    if not metric.averages_classes:
        return ""
    units = units_by_class(y, groups)
    if len(units) < 2:
        return "one class only"
    if min(units.values()) < FEWEST_OF_A_CLASS:
        return f"fewer than {FEWEST_OF_A_CLASS} {'sample' if groups is None else 'group'}s of a class"
    return ""


def _slice(
    name: str,
    index: Ints,
    task: Task,
    learners: Mapping[str, LearnerEvidence],
    groups: NDArray[Any] | None,
    primary: Primary | None,
) -> tuple[Slice, Difference | None]:
    """Return a slice with every learner's value, and the difference of the pair, which is not judged yet."""
    metric, every = task.metrics[task.metric], next(iter(learners.values())).y
    y, inner = every[index], None if groups is None else groups[index]
    row: Slice = {
        "name": name,
        "n": len(index),
        "n_units": len(index) if inner is None else len(np.unique(inner)),
        "n_rarest": min(units_by_class(y, inner).get(int(c), 0) for c in np.unique(every)),
        "too_few": too_few(metric, y, inner),
        "learners": [],
        "difference": None,
        "low": None,
        "high": None,
        "p_value": None,
        "p_adjusted": None,
        "verdict": None,
        "reason": "",
    }
    if row["too_few"]:
        return row, None
    parts = {name: learner.subset(index) for name, learner in learners.items()}
    test_set = build_test_set(y, inner)
    row["learners"] = [
        {"name": part.name, **interval(measure(metric, part.scores_for(task.metric), test_set))}
        for part in parts.values()
        if part.probabilities or not metric.needs_probabilities
    ]
    difference: Difference | str = "There is nothing to compare."
    if primary is not None:
        challenger, classical = (side.learner.subset(index) for side in (primary.challenger, primary.classical))
        difference = difference_of(task, challenger, classical, test_set)
    if isinstance(difference, str):
        row["reason"] = difference
        return row, None
    return row, difference


def _judge(
    tested: Sequence[tuple[Slice, Difference]], metric: Metric, margin: float, unit: Literal["sample", "group"]
) -> None:
    """Write differences and verdicts into the slices, corrected for all slices of all columns together."""
    k = max(len(tested), 1)
    for row, plain in tested:
        difference = plain.at(simultaneous(k))
        judgement = conclude(
            difference, margin=margin, higher_is_better=metric.higher_is_better, n_comparisons=k, unit=unit
        )
        row["difference"], row["low"], row["high"] = map(finite, (difference.value, difference.low, difference.high))
        row["p_value"], row["p_adjusted"] = finite(difference.p_value), finite(min(1.0, k * difference.p_value))
        row["verdict"], row["reason"] = judgement.verdict, judgement.reason
