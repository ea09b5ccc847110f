"""Every metric of every learner, with intervals."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Row, Table, Text
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import measurement, measurement_cell
from visiontk.report.sections.learners import MOST_METRICS
from visiontk.report.values import MetricInfo

MOST_ROWS = 60
MOST_COLUMNS = 12


def blocks(value: None, page: Page) -> list[Block]:
    """Return one row a learner, one column a metric."""
    metrics, learners = page.results["metrics"], page.results["learners"]
    names = list(metrics)[:MOST_COLUMNS]
    columns = [
        Column("learner"),
        *(Column(fmt.words(name), "number", note=_note(metrics[name])) for name in names),
    ]
    rows = [
        Row(
            [
                Cell(row["name"], family=row["family"]),
                *(measurement_cell(measurement(row, name), page.kind_of(name)) for name in names),
            ]
        )
        for row in learners[:MOST_ROWS]
    ]
    adapted = ", ".join(fmt.words(name) for name, info in metrics.items() if info["adapted"])
    operating = f" At an operating point that each fit chose on its validation set: {adapted}." if adapted else ""
    return [
        Text(f"On the test set, with {page.level} intervals.{operating}", "lead"),
        Table("Table by learner", columns, rows, hidden=max(0, len(learners) - MOST_ROWS)),
        Text(page.results["signature"], "signature"),
    ]


def _note(info: MetricInfo) -> str:
    direction = "higher is better" if info["higher_is_better"] else "lower is better"
    chosen = "; operating point chosen on the validation set" if info["adapted"] else ""
    unknown = f"; {info['n_excluded']:,} unknown test samples excluded" if info["n_excluded"] else ""
    return direction + chosen + unknown


def _has_more(page: Page) -> bool:
    """Return True if the table of learners does not show all metrics."""
    return len(page.results["metrics"]) > MOST_METRICS


EVERY_METRIC = Section("metrics", "Every metric", blocks, is_open=_has_more)
