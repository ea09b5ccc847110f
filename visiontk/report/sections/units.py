"""Results of each group, such as a speaker, or of each published fold: a mean hides groups that fare badly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from visiontk.core import Floats, Ints, Metric, Strings
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Figure, Row, Table, Text
from visiontk.report.charts import plots
from visiontk.report.charts.plots import Row as DotRow
from visiontk.report.charts.svg import Mark
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.learner import build_test_set, interval, measure
from visiontk.report.figures import figure, responsive
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import champions, interval_text
from visiontk.report.values import Interval, LearnerRow, Units, UnitValue

N_RESAMPLES = 500
MOST_COLUMNS = 12


class UnitIndex(NamedTuple):
    """The unit of each test sample: its ``number``, shape (n,), an index of `names`."""

    kind: Literal["group", "fold"]
    names: list[str]
    number: Ints


class Part(NamedTuple):
    """A part of the test samples: its name, its size, and the result of each learner, None where unknown."""

    name: str
    n: int | None
    results: Sequence[Interval | None]


def units_of(evidence: Evidence) -> UnitIndex | None:
    """Return groups if they are few, else published folds if there are some, else None."""
    if not evidence.learners:
        return None
    data, groups = evidence.data, evidence.groups
    if (names := data["group_names"]) and len(names) > 1 and groups is not None:
        return UnitIndex("group", names, groups.astype(np.int64))
    if (names := data["fold_names"]) and len(names) > 1:
        return UnitIndex("fold", names, evidence.first.folds)
    return None


def compute(evidence: Evidence) -> Units | None:
    """Return names and sizes of the units."""
    units = units_of(evidence)
    if units is None:
        return None
    counts = np.bincount(units.number, minlength=len(units.names))
    return {"kind": units.kind, "names": list(units.names), "n": [int(n) for n in counts]}


def by_unit(
    metric: Metric, y: Ints, scores: Floats, units: UnitIndex, groups: Strings | Ints | None
) -> list[UnitValue]:
    """Return a metric of one learner within each unit, with the interval for more samples of the same unit.

    `y` has the shape (n,), `scores` (n_seeds, n, n_classes). `groups` are resampled within a fold; within a group,
    samples are. Values are None where the metric is undefined, as it may be without a class.
    """
    rows: list[UnitValue] = []
    for i, name in enumerate(units.names):
        index = np.flatnonzero(units.number == i)
        result: Interval = {"value": None, "low": None, "high": None}
        if len(index):
            inner = groups[index].astype(np.str_) if groups is not None and units.kind == "fold" else None
            result = interval(measure(metric, scores[:, index], build_test_set(y[index], inner, N_RESAMPLES)))
        rows.append({"name": name, "n": len(index), **result})
    return rows


def blocks(units: Units, page: Page) -> list[Block]:
    """Return the two of the headline as a figure, and every learner as a table."""
    noun, metric = units["kind"], fmt.words(page.metric)
    pair = [row for row in champions(page.results) if row["by_group"]]
    if not pair:
        return []
    caption = (
        f"{fmt.capitalized(metric)} within each {noun} of the test samples, with the {page.level} interval for more "
        f"samples of the same {noun}. Differences between {noun}s were not tested."
    )
    parts = [Part(name, units["n"][i], [row["by_group"][i] for row in pair]) for i, name in enumerate(units["names"])]
    return [
        part_figure(page, "units", noun, pair, parts, caption),
        _table(units, page),
        Text(page.results["signature"], "signature"),
    ]


def part_figure(
    page: Page, name: str, noun: str, learners: Sequence[LearnerRow], parts: Sequence[Part], caption: str,
    *, metric: str = "", kind: str = "", most: int | None = None,
) -> Figure:  # fmt: skip
    """Return a row of dots for each part of the test samples, such as a group; one dot for each learner.

    Metric and kind are by default those of the page; `most` parts are drawn, and all are in the table.
    """
    metric, kind = metric or fmt.words(page.metric), kind or page.kind
    rows, table = [], []
    for part in parts:
        texts = [fmt.UNKNOWN if each is None else interval_text(each, kind) for each in part.results]
        table.append((part.name, fmt.UNKNOWN if part.n is None else f"{part.n:,}", *texts))
        marks = [
            Mark(each["value"], each["low"], each["high"], row["family"], f"{row['name']}, {part.name}: {words}")
            for row, each, words in zip(learners, part.results, texts, strict=True)
            if each is not None and each["value"] is not None
        ]
        rows.append(DotRow(part.name, marks))
    rows = rows[:most]
    chart = responsive(plots.dot_rows, name, rows=rows, title=f"{metric} by {noun}",
                         desc=f"{len(rows)} {noun}s; the data are in the table.", kind=kind,
                         axis_title=f"{metric} →", spread=True)  # fmt: skip
    legend = [(row["family"], row["name"]) for row in learners]
    return figure(name, chart, caption, (noun, "test samples", *(row["name"] for row in learners)), table, legend)


def _table(units: Units, page: Page) -> Table:
    """Return one row a unit, one column a learner; the last row is the mean over units, without an interval."""
    learners = [row for row in page.results["learners"] if row["by_group"]]
    shown = learners[:MOST_COLUMNS]
    rows = [
        Row(
            [
                Cell(name),
                Cell(f"{units['n'][i]:,}"),
                *(Cell(interval_text(row["by_group"][i], page.kind)) for row in shown),
            ]
        )
        for i, name in enumerate(units["names"])
    ]
    rows.append(Row([Cell(f"mean of {units['kind']}s"), Cell(), *(_mean(row, page) for row in shown)], marked=True))
    columns = [Column(units["kind"]), Column("test samples", "number")]
    columns += [Column(row["name"], "number", family=row["family"]) for row in shown]
    return Table(f"Every learner by {units['kind']}", columns, rows, hidden=len(learners) - len(shown),
                 hidden_noun="learner")  # fmt: skip


def _mean(row: LearnerRow, page: Page) -> Cell:
    known = [each["value"] for each in row["by_group"] if each["value"] is not None]
    return Cell(fmt.value(sum(known) / len(known) if known else None, page.kind))


def _title(page: Page) -> str:
    units = page.results["units"]
    return f"{units['kind'].capitalize()} by {units['kind']}" if units else "By group"


UNITS = Section("units", _title, blocks, compute, "groups, or else published folds, where there are 2 to 50")
