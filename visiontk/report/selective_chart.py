"""The risk-coverage curves as a figure, and as a table of all learners."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.charts.bands import Curve, band_chart
from visiontk.report.figures import Results, champions, families, figure, level, responsive

MOST_CURVES = 8


def selective_figure(results: Results) -> Figure | None:
    """Curves of all learners but the floor, with bands for the two that are compared."""
    told = [item for item in results["learners"] if item.get("selective") and item["family"] != "floor"]
    if not told:
        return None
    strong = {item["name"] for item in champions(results)}
    curves, rows = [], []
    for item in told:
        points = [p for p in reversed(item["selective"]["curve"]) if p["value"] is not None]
        ends = [(p["coverage"], p["value"], p["low"], p["high"]) for p in points]
        curves.append(Curve(item["name"], item["family"], ends, item["name"] in strong))
        rows += [(item["name"], _percent(p["coverage"]), _words(p)) for p in points]
        rows.append((item["name"], "mean over all", _words(item["selective"]["area"])))
    curves = sorted((curve for curve in curves if curve.points), key=lambda curve: not curve.strong)[:MOST_CURVES]
    if not curves:
        return None
    caption = (
        "Right: the share of the test samples that a learner answers, those it is surest of first. Up: the share of "
        "its answers that are wrong. A curve that falls steeply to the left belongs to a learner that knows when it "
        f"does not know. Bands: {level(results)} intervals over test samples for these fitted models, point by point; "
        "differences between curves were not tested."
    )
    picture = responsive(
        band_chart, "selective", curves=curves, kind="proportion", title="mistakes among the surest answers",
        desc=f"{len(curves)} curves; the data stand in the table.", x_label="share that is answered →",
        y_label="wrong answers ↓",
        mark=_percent,
    )  # fmt: skip
    head = ("learner", "answered", "wrong [interval]")
    return figure("selective", picture, caption, head, rows, families(curve.family for curve in curves))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _words(found: Results) -> str:
    return fmt.with_interval(found["value"], found["low"], found["high"], "proportion")
