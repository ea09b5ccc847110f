"""The audit of the data: its findings, and results without the test samples that leaked."""

from __future__ import annotations

import numpy as np

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Heading, Row, Table, Text
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.comparing import compare_all
from visiontk.report.evidence.learner import build_test_set, measure
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import measurement, measurement_cell
from visiontk.report.sections.tuning import switched
from visiontk.report.values import Audit, Comparison, WithoutLeaks

FEWEST = 10
"""Test samples that must be left for results without leaks."""


def compute(evidence: Evidence) -> Audit | None:
    """Return the summary of the audit with the results without leaks; None without an audit."""
    if evidence.audit is None:
        return None
    return {**evidence.audit, "without_leaks": _without_leaks(evidence)}


def _without_leaks(evidence: Evidence) -> WithoutLeaks | None:
    """Return every learner and comparison without the samples that leaked; None if there are none or too few left."""
    if not evidence.learners:
        return None
    index = np.flatnonzero(~np.isin(evidence.first.ids, list(evidence.leaked)))
    n = len(evidence.first.ids)
    if len(index) == n or len(index) < FEWEST:
        return None
    learners = {name: learner.subset(index) for name, learner in evidence.learners.items()}
    first = learners[evidence.first.name]
    test_set = build_test_set(first.y, None if evidence.groups is None else evidence.groups[index])
    metric, plan = evidence.metric, evidence.plan_on(test_set)
    return {
        "n_removed": n - len(index),
        "n_left": len(index),
        "metric": evidence.task.metric,
        "learners": [
            {"name": name, **measure(metric, learner.scores_for(evidence.task.metric), test_set)}
            for name, learner in learners.items()
            if learner.probabilities or not metric.needs_probabilities
        ],
        "comparisons": compare_all(plan, learners, evidence.reference[0], evidence.primaries_among(learners)),
    }


def sentences(audit: Audit, comparisons: list[Comparison]) -> list[str]:
    """Return the warnings of the audit, and the effect of leaks on the verdicts."""
    texts = [
        f"Audit, {finding['severity']} {finding['code']}: {finding['message']}"
        for finding in audit["findings"]
        if finding["severity"] in ("error", "warning")
    ]
    again = audit["without_leaks"]
    if again is None:
        return texts
    changed = [
        f"{new['learner']} ({old['verdict']} becomes {new['verdict']})"
        for old, new in switched(comparisons, again["comparisons"])
    ]
    effect = f"the verdict changes for {', '.join(changed)}" if changed else "no verdict changes"
    n = again["n_removed"]
    return [*texts, f"Without the {n:,} tested sample{'s' * (n != 1)} that leaked, {effect}."]


def blocks(audit: Audit, page: Page) -> list[Block]:
    """Return the table of findings, and every learner with and without the samples that leaked."""
    if audit["findings"]:
        columns = [Column("severity"), Column("code"), Column("finding", "wide")]
        rows = [
            Row([Cell(verdict=each["severity"]), Cell(each["code"]), Cell(each["message"], [each["remedy"]])])
            for each in audit["findings"]
        ]
        first: list[Block] = [
            Table("Table of findings", columns, rows, look="stack"),
            Text("The page audit.html beside this report shows examples.", "note"),
        ]
    else:
        first = [Text("No check reported a problem.")]
    again = audit["without_leaks"]
    return first if again is None else [*first, *_again(again, page)]


def _again(again: WithoutLeaks, page: Page) -> list[Block]:
    after = {row["name"]: row for row in again["learners"]}
    reference = page.results["reference"]
    old, new = (
        {row["learner"]: row["verdict"] for row in rows if row["reference"] == reference}
        for rows in (page.results["comparisons"], again["comparisons"])
    )
    rows = [
        Row(
            [
                Cell(row["name"], family=row["family"]),
                measurement_cell(measurement(row, page.metric), page.kind),
                measurement_cell(after[row["name"]], page.kind),
                Cell(verdict=old.get(row["name"], "")),
                Cell(verdict=new.get(row["name"], "")),
            ]
        )
        for row in page.results["learners"]
        if row["name"] in after
    ]
    columns = [
        Column("learner"),
        Column(f"{fmt.words(page.metric)}, all", "number"),
        Column("without leaks", "number"),
        Column("verdict, all"),
        Column("without leaks"),
    ]
    n_removed = fmt.plural(again["n_removed"], "tested sample")
    lead = f"{n_removed} left out, {again['n_left']:,} remain; nothing was trained again."
    return [
        Heading("Without the samples that leaked"),
        Text(lead, "lead"),
        Table("Table of learners without leaked samples", columns, rows),
    ]


AUDIT = Section("audit", "Audit of the data", blocks, compute, "the audit of the data, where there was one")
