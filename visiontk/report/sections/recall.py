"""Recall by class: the two of the headline as a figure, every learner as a table."""

from __future__ import annotations

import numpy as np

from visiontk.core import Ints
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Figure, Row, Table, Text
from visiontk.report.charts import plots
from visiontk.report.charts.plots import Row as DotRow
from visiontk.report.charts.svg import Mark
from visiontk.report.evidence.learner import TestSet
from visiontk.report.figures import MOST_DATA_ROWS, figure, responsive
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import champions, measurement_cell
from visiontk.report.sections.confusion import MOST_CLASSES
from visiontk.report.values import LearnerRow, Recall
from visiontk.stats import wilson

MOST_ROWS = 60
MOST_COLUMNS = 12


def recall_by_class(predicted: Ints, test_set: TestSet, n_classes: int) -> list[Recall]:
    """Return the recall of each class over all seeds, with Wilson's interval that counts units of independence."""
    rows: list[Recall] = []
    for c in range(n_classes):
        members = test_set.y == c
        n_units = int(members.sum()) if test_set.groups is None else len(np.unique(test_set.groups[members]))
        if not n_units:
            rows.append({"value": None, "low": None, "high": None, "n": 0})
            continue
        value = float((predicted[:, members] == c).mean())
        low, high = wilson(value * n_units, n_units)
        rows.append({"value": value, "low": low, "high": high, "n": int(members.sum())})
    return rows


def figure_blocks(value: None, page: Page) -> list[Block]:
    """Return the recall of the two of the headline, classes with the largest difference first."""
    pair = [row for row in champions(page.results) if row["recall"]]
    return [_figure(pair, page)] if pair else []


def _figure(pair: list[LearnerRow], page: Page) -> Figure:
    labels = page.results["dataset"]["labels"]
    by_class = [(label, [_of_class(row, i) for row in pair]) for i, label in enumerate(labels)]
    by_class.sort(key=lambda entry: -_gap(entry[1]))
    rows = [DotRow(label, _marks(label, recalls, pair)) for label, recalls in by_class[:MOST_CLASSES]]
    table = [
        (label, _count(recalls), *(_share(each) for each in recalls)) for label, recalls in by_class[:MOST_DATA_ROWS]
    ]
    names = " and ".join(row["name"] for row in pair)
    cut = len(labels) > len(rows)
    only = f" The {MOST_CLASSES} of {len(labels):,} classes with the largest difference." if cut else ""
    caption = (
        f"Recall by class: the share of each class's test samples that {names} recognised, with {page.level} "
        f"intervals. Classes in which they differ most come first.{only} Differences between classes were not tested."
    )
    chart = responsive(plots.dot_rows, "recall", rows=rows,
                         title=f"Recall by class of {names}", desc=f"{len(rows)} classes; the data are in the table.",
                         kind="proportion", axis_title="recall →", spread=True)  # fmt: skip
    result = figure("recall", chart, caption, ("class", "test samples", *(row["name"] for row in pair)), table,
                    [(row["family"], row["name"]) for row in pair])  # fmt: skip
    return result._replace(hidden=len(labels) - len(result.rows))


def _marks(label: str, recalls: list[Recall | None], pair: list[LearnerRow]) -> list[Mark]:
    return [
        Mark(each["value"], each["low"], each["high"], row["family"], f"{row['name']}, {label}: {_share(each)}")
        for row, each in zip(pair, recalls, strict=True)
        if each is not None and each["value"] is not None
    ]


def _of_class(row: LearnerRow, i: int) -> Recall | None:
    return row["recall"][i] if i < len(row["recall"]) else None


def _gap(recalls: list[Recall | None]) -> float:
    known = [each["value"] for each in recalls if each and each["value"] is not None]
    return abs(known[0] - known[1]) if len(known) == 2 else -1.0


def _count(recalls: list[Recall | None]) -> str:
    return next((f"{each['n']:,}" for each in recalls if each), fmt.UNKNOWN)


def _share(recall: Recall | None) -> str:
    if recall is None:
        return fmt.UNKNOWN
    return fmt.with_interval(recall["value"], recall["low"], recall["high"], "proportion")


def table_blocks(value: None, page: Page) -> list[Block]:
    """Return the recall of every class, the class with the fewest test samples first, and of every learner."""
    learners = [row for row in page.results["learners"] if row["recall"] and row["family"] != "floor"][:MOST_COLUMNS]
    if not learners:
        return []
    labels = page.results["dataset"]["labels"]
    counts = [next((row["recall"][i]["n"] for row in learners if i < len(row["recall"])), 0)
              for i in range(len(labels))]  # fmt: skip
    order = sorted(range(len(labels)), key=lambda i: (counts[i], i))[:MOST_ROWS]
    rows = [
        Row(
            [
                Cell(labels[i]),
                Cell(f"{counts[i]:,}"),
                *(measurement_cell(_of_class(row, i), "proportion") for row in learners),
            ]
        )
        for i in order
    ]
    columns = [Column("class"), Column("test samples", "number")]
    columns += [Column(row["name"], "number", family=row["family"]) for row in learners]
    groups = " Intervals count groups." if page.results["dataset"]["n_groups"] else ""
    lead = (
        "The share of each class's test samples that were recognised by the largest score, with "
        f"{page.level} intervals; classes with few samples first.{groups}"
    )
    table = Table("Table by class", columns, rows, hidden=max(0, len(labels) - MOST_ROWS))
    return [Text(lead, "lead"), table, Text(page.results["signature"], "signature")]


RECALL_FIGURE = Section("classes", "Class by class", figure_blocks)
RECALL_TABLE = Section("recall", "Recall of every class", table_blocks)
