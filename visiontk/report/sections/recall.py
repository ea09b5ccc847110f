"""Recall by class: the two of the headline as a figure, every learner as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visiontk.core import Ints
from visiontk.report.blocks import Block, Cell, Column, Figure, Row, Table, Text
from visiontk.report.evidence.learner import TestSet
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import champions, measurement_cell
from visiontk.report.sections.confusion import MOST_CLASSES
from visiontk.report.sections.units import Part, part_figure
from visiontk.report.values import Interval, LearnerRow, Recall
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
    parts = [_part(label, [_of_class(row, i) for row in pair]) for i, label in enumerate(labels)]
    parts.sort(key=lambda part: -_gap(part.results))
    names = " and ".join(row["name"] for row in pair)
    cut = len(labels) > MOST_CLASSES
    only = f" The {MOST_CLASSES} of {len(labels):,} classes with the largest difference." if cut else ""
    caption = (
        f"Recall by class: the share of each class's test samples that {names} recognised, with {page.level} "
        f"intervals. Classes in which they differ most come first.{only} Differences between classes were not tested."
    )
    return part_figure(
        page, "recall", "class", pair, parts, caption, metric="recall", kind="proportion", most=MOST_CLASSES
    )


def _part(label: str, recalls: list[Recall | None]) -> Part:
    return Part(label, next((each["n"] for each in recalls if each), None), recalls)


def _of_class(row: LearnerRow, i: int) -> Recall | None:
    return row["recall"][i] if i < len(row["recall"]) else None


def _gap(recalls: Sequence[Interval | None]) -> float:
    known = [each["value"] for each in recalls if each and each["value"] is not None]
    return abs(known[0] - known[1]) if len(known) == 2 else -1.0


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
