"""Every learner but floors compared with the reference."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Row, Table, Text
from visiontk.report.charts import plots
from visiontk.report.charts.svg import Mark
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.comparing import compare_all, fold_test
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import difference_cell, families_of
from visiontk.report.sections.learners import LEARNERS, MOST_LEARNERS
from visiontk.report.values import Comparison

MOST_COMPARISONS = 2 * MOST_LEARNERS


def compute(evidence: Evidence) -> list[Comparison]:
    """Return the comparisons in the order of the table of learners."""
    reference, learners = evidence.reference[0], evidence.learners
    if reference is None:
        return []
    rows = compare_all(evidence.task, learners, learners[reference], evidence.test_set, evidence.settings.margin)
    for row in rows:
        pair = learners[row["learner"]], learners[reference]
        row["fold_test"] = (
            None
            if row["difference"] is None or not evidence.n_train  # not known
            else fold_test(evidence.metric, evidence.task.metric, *pair, evidence.n_train)
        )
    table = evidence.value(LEARNERS) or []
    place = {row["name"]: i for i, row in enumerate(table)}
    return sorted(rows, key=lambda row: place[row["learner"]])


def blocks(rows: list[Comparison], page: Page) -> list[Block]:
    """Return the table of comparisons, and below it the remarks that all of them share."""
    if not rows:
        return [Text("Nothing was compared.")]
    remarks = [_remarks(row) for row in rows]
    common = [remark for remark in remarks[0] if all(remark in each for each in remarks)] if len(remarks) > 1 else []
    families = families_of(page.results)
    ends = [
        abs(end)
        for row in rows
        if families.get(row["learner"]) != "floor"
        for end in (row["difference"], row["low"], row["high"])
        if end is not None
    ]
    margin = page.results["margin"]
    scale = 1.05 * max([*ends, 2 * (margin or 0.0), 1e-6])
    shown = [
        _row(row, page, families.get(row["learner"], "floor"), scale, [each for each in own if each not in common])
        for row, own in zip(rows[:MOST_COMPARISONS], remarks, strict=False)
    ]
    columns = [
        Column("learner"),
        Column("difference", "beside", "descending"),
        Column("verdict"),
        Column("p", "number", "ascending", "of no difference"),
        Column("adjusted p", "number", "ascending", "for the number of comparisons"),
        Column("about", "nowrap", "ascending", "scope of the claim"),
        Column("reason", "wide"),
    ]
    table = Table("Table of comparisons", columns, shown, name="comparisons", look="stack", sortable=True,
                  hidden=max(0, len(rows) - MOST_COMPARISONS), hidden_noun="comparison")  # fmt: skip
    notes = [Text(remark, "note") for remark in (_legend(page), *common)]
    return [table, *notes, Text(page.results["signature"], "signature")]


def _row(row: Comparison, page: Page, family: str, scale: float, remarks: list[str]) -> Row:
    difference = difference_cell(row, page.kind, unit=True)
    if row["difference"] is not None:
        mark = Mark(row["difference"], row["low"], row["high"], family, "")
        difference = difference._replace(bar=plots.difference_bar(mark, scale, page.results["margin"]))
    against = [] if row["reference"] == page.results["reference"] else [f"against {row['reference']}"]
    return Row(
        [
            Cell(row["learner"], against, family=family, sort=row["learner"]),
            difference,
            Cell(verdict=row["verdict"]),
            Cell(fmt.p_value(row["p_value"]), sort=row["p_value"]),
            Cell(fmt.p_value(row["p_adjusted"]), sort=row["p_adjusted"]),
            Cell(row["scope"] or ""),
            Cell(row["reason"] or "", remarks),
        ]
    )


def _remarks(row: Comparison) -> list[str]:
    """Return sources of the uncertainty, the test over folds, and the name of the test."""
    texts = [
        row["uncertainty"]["text"] if row["uncertainty"] else "",
        test["text"] if (test := row.get("fold_test")) else "",
        f"Test: {row['test']}." if row["test"] else "",
    ]
    return [text for text in texts if text]


def _legend(page: Page) -> str:
    margin, bounded = page.results["margin"], page.kind != "unbounded"
    band = ""
    if margin is not None:
        size = f"±{100 * margin if bounded else margin:.3g}{' points' if bounded else ''}"
        band = f", the band is the margin that was set as negligible ({size})"
    return (
        f"Bars: the difference with its {page.level} interval; the thin line is no difference{band}. "
        "An arrow points to what is off the scale."
    )


def _title(page: Page) -> str:
    reference = page.results["reference"]
    return f"Comparisons with {reference}" if reference else "Comparisons"


COMPARISONS = Section("comparisons", _title, blocks, compute)
