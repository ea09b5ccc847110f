"""The metric that is compared against costs: time to fit, time to predict, size, memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Figure, Heading, Panels, Text
from visiontk.report.charts.cost import Point, cost_chart
from visiontk.report.charts.svg import Mark
from visiontk.report.figures import families, figure, responsive
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import champions, interval_text, measurement
from visiontk.report.values import LearnerRow


class CostAxis(NamedTuple):
    """A cost: its title, its value of a learner, how that is written, and the marks of its logarithmic axis."""

    title: str
    of: Callable[[LearnerRow], float | None]
    write: Callable[[float | None], str]
    marks: Mapping[float, str]
    least: float


TIMES = {1e-4: "0.1 ms", 1e-3: "1 ms", 1e-2: "10 ms", 0.1: "0.1 s", 1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min",
         3600: "1 h", 36_000: "10 h", 360_000: "100 h", 3_600_000: "1000 h"}  # fmt: skip
MILLISECONDS = {1e-4: "0.1 µs", 1e-3: "1 µs", 1e-2: "10 µs", 0.1: "0.1 ms", 1: "1 ms", 10: "10 ms", 100: "0.1 s",
                1000: "1 s", 10_000: "10 s", 100_000: "100 s"}  # fmt: skip
BYTES = {1e2: "100 B", 1e3: "1 kB", 1e4: "10 kB", 1e5: "100 kB", 1e6: "1 MB", 1e7: "10 MB", 1e8: "100 MB",
         3e8: "300 MB", 1e9: "1 GB", 3e9: "3 GB", 1e10: "10 GB", 1e11: "100 GB", 1e12: "1 TB"}  # fmt: skip

FIT = CostAxis("processor time of one fit", lambda row: row["fit_cpu_s"], fmt.seconds, TIMES, 1e-4)
OTHERS = {
    "predict_ms_per_sample": CostAxis(
        "time to predict a sample, all at once", lambda row: row["predict_ms_per_sample"], fmt.milliseconds,
        MILLISECONDS, 1e-4),
    "predict_ms_alone": CostAxis(
        "time to predict one sample alone", lambda row: row["predict_ms_alone"], fmt.milliseconds, MILLISECONDS, 1e-4),
    "size_bytes": CostAxis("size of the saved learner", lambda row: row["size_bytes"], fmt.size, BYTES, 100.0),
    "peak_memory_bytes": CostAxis(
        "peak memory of its process", lambda row: row["peak_memory_bytes"], fmt.size, BYTES, 100.0),
}  # fmt: skip


def cost_figure(page: Page) -> Figure | None:
    """Return the metric that is compared, with its interval, against CPU seconds of a fit."""
    return _figure(page, FIT, "cost")


def blocks(value: None, page: Page) -> list[Block]:
    """Return the same against each other cost that at least two learners have."""
    figures = [(axis.title, _figure(page, axis, f"cost-{cost}")) for cost, axis in OTHERS.items()]
    panels = [(Heading(title), each) for title, each in figures if each is not None]
    lead = "As in the first figure: pale marks have a rival that is at least as good for the same cost or less."
    return [Text(lead, "lead"), Panels(panels)] if panels else []


def _figure(page: Page, axis: CostAxis, name: str) -> Figure | None:
    metric, small = fmt.words(page.metric), axis is not FIT
    learners = page.results["learners"]
    strong = {row["name"] for row in champions(page.results)}
    points = [point for row in learners if (point := _point(row, page, axis, strong)) is not None]
    floors = [mark for row in learners if (mark := _floor(row, page)) is not None] + _ceiling(page)
    if (small and len(points) < 2) or not (points or floors):
        return None
    higher = page.results["metrics"][page.metric]["higher_is_better"]
    desc = f"{len(points)} learners, from the first in the table: {'; '.join(p.note for p in points[:5])}."
    draw = functools.partial(
        cost_chart, points=points, floors=floors, title=f"{metric} against the {axis.title}", desc=desc, kind=page.kind,
        marks=axis.marks, y_label=f"{metric} {'↑' if higher else '↓'}",
        x_label=f"{'' if small else axis.title + ', '}log scale →", higher=higher,
    )  # fmt: skip
    head = ("learner", "family", f"{metric} [interval]", axis.title if small else "fit, CPU")
    rows = [(row["name"], row["family"], _words(row, page), axis.write(axis.of(row))) for row in learners]
    if small:
        return figure(name, draw(name=name, width=310.0, height=300.0), "", head, rows)
    caption = (
        f"Each mark is a learner: {metric} on the test set, with its {page.level} interval, against the {axis.title} "
        f"(logarithmic scale). {'Higher' if higher else 'Lower'} is preferred, left is cheaper. Pale marks: some other "
        "learner has a preferred or equal value for the same cost or less. The thin line joins those without such a "
        "rival."
    )
    legend = families([*(p.family for p in points), *(f.family for f in floors)])
    return figure(name, responsive(draw, name, height=430.0), caption, head, rows, legend)


def _point(row: LearnerRow, page: Page, axis: CostAxis, strong: set[str]) -> Point | None:
    shown, paid = measurement(row, page.metric), axis.of(row)
    if shown["value"] is None or paid is None or row["family"] == "floor":
        return None
    note = f"{row['name']}: {_words(row, page)}, {axis.write(paid)}"
    return Point(row["name"], row["family"], max(paid, axis.least), shown["value"], shown["low"], shown["high"],
                 row["name"] in strong, note)  # fmt: skip


def _floor(row: LearnerRow, page: Page) -> Mark | None:
    shown = measurement(row, page.metric)
    value, low, high = shown["value"], shown["low"], shown["high"]
    if value is None or row["family"] != "floor":
        return None
    return Mark(value, low, high, "floor", f"floor {row['name']} {fmt.value(value, page.kind, low, high)}")


def _ceiling(page: Page) -> list[Mark]:
    """Return the ceiling of the accuracy, if that is compared."""
    value = page.results["ceiling"]
    if value is None or value["value"] is None or page.metric != "accuracy":
        return []
    return [Mark(value["value"], None, None, "ceiling", f"ceiling {fmt.value(value['value'], page.kind)}")]


def _words(row: LearnerRow, page: Page) -> str:
    return interval_text(measurement(row, page.metric), page.kind)


COSTS = Section("other-costs", "Other costs", blocks)
