"""Trials that failed, and why."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import MOST_LINES, Block, Cell, Column, Row, Table
from visiontk.report.evidence import Evidence
from visiontk.report.section import Page, Section
from visiontk.report.values import Failure


def compute(evidence: Evidence) -> list[Failure]:
    """Return the trials that failed."""
    return evidence.failed


def blocks(failed: list[Failure], page: Page) -> list[Block]:
    """Return the table of failures."""
    if not failed:
        return []
    rows = [Row([Cell(each["learner"]), Cell(each["trial"]), Cell(each["reason"])]) for each in failed[:MOST_LINES]]
    columns = [Column("learner"), Column("trial"), Column("reason", "wide")]
    return [Table("Failures", columns, rows, hidden=len(failed) - len(rows), hidden_noun="failure")]


def _title(page: Page) -> str:
    return fmt.plural(len(page.results["failed"]), "failure")


FAILURES = Section("failed", _title, blocks, compute, is_open=lambda page: True)
