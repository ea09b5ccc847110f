"""Selective prediction: the error rate if a person answered the samples that a learner is least sure of."""

from __future__ import annotations

from visiontk.report.blocks import Block, Text
from visiontk.report.charts.bands import Curve, band_chart
from visiontk.report.evidence.learner import LearnerEvidence, TestSet, interval_of
from visiontk.report.figures import families, figure, responsive
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import champions, interval_text
from visiontk.report.values import LearnerRow, Selective
from visiontk.stats.selective import COVERAGES, risk_coverage

MOST_CURVES = 8


def risk_coverage_curve(learner: LearnerEvidence, test_set: TestSet) -> Selective:
    """Return the risk-coverage curve of one learner, and the area under it."""
    if not learner.ranked:
        return {"curve": [], "area": {"value": None, "low": None, "high": None}}
    result = risk_coverage(test_set.y, learner.scores, test_set.weights, test_set.groups)
    return {
        "curve": [
            {"coverage": share, **interval_of(risk)} for share, risk in zip(COVERAGES, result.risks, strict=True)
        ],
        "area": interval_of(result.area),
    }


def blocks(value: None, page: Page) -> list[Block]:
    """Return the curves of all learners but floors, with bands for the two of the headline."""
    learners = [row for row in page.results["learners"] if row["family"] != "floor"]
    strong = {row["name"] for row in champions(page.results)}
    curves = [curve for row in learners if (curve := _curve(row, strong)).points]
    curves = sorted(curves, key=lambda curve: not curve.strong)[:MOST_CURVES]
    if not curves:
        return []
    caption = (
        "Horizontal axis: the share of the test samples that a learner answers, the surest ones first. Vertical axis: "
        "the share of its answers that are wrong. A curve that falls steeply to the left belongs to a learner that "
        f"knows when it does not know. Bands: {page.level} intervals over test samples for these fitted models, point "
        "by point; differences between curves were not tested."
    )
    chart = responsive(
        band_chart, "selective", curves=curves, kind="proportion", title="errors among the surest answers",
        desc=f"{len(curves)} curves; the data are in the table.", x_label="share that is answered →",
        y_label="wrong answers ↓", mark=_percent,
    )  # fmt: skip
    rows = [cells for row in learners for cells in _table(row)]
    head = ("learner", "answered", "wrong [interval]")
    drawing = figure("selective", chart, caption, head, rows, families(curve.family for curve in curves))
    return [drawing, Text(page.results["signature"], "signature")]


def _curve(row: LearnerRow, strong: set[str]) -> Curve:
    points = [
        (point["coverage"], point["value"], point["low"], point["high"])
        for point in reversed(row["selective"]["curve"])
        if point["value"] is not None
    ]
    return Curve(row["name"], row["family"], points, row["name"] in strong)


def _table(row: LearnerRow) -> list[tuple[str, str, str]]:
    points = [point for point in reversed(row["selective"]["curve"]) if point["value"] is not None]
    rows = [(row["name"], _percent(point["coverage"]), interval_text(point, "proportion")) for point in points]
    return [*rows, (row["name"], "mean over all", interval_text(row["selective"]["area"], "proportion"))]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


SELECTIVE = Section("selective", "Selective prediction: if unsure answers went to a person", blocks)
