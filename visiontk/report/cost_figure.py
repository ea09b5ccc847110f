"""The metric that is compared against what it costs: time to fit, time to predict, size, memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.charts.cost import Point, cost_chart
from visiontk.report.charts.svg import Mark
from visiontk.report.figures import Results, cell, champions, families, figure, kind_of, level, responsive


class Price(NamedTuple):
    """A cost: what it is called, how a value is written, and where the marks of its logarithmic axis stand."""

    title: str
    write: Callable[[float | None], str]
    marks: Mapping[float, str]
    least: float


TIMES = {1e-4: "0.1 ms", 1e-3: "1 ms", 1e-2: "10 ms", 0.1: "0.1 s", 1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min",
         3600: "1 h", 36_000: "10 h", 360_000: "100 h", 3_600_000: "1000 h"}  # fmt: skip
MILLISECONDS = {1e-4: "0.1 µs", 1e-3: "1 µs", 1e-2: "10 µs", 0.1: "0.1 ms", 1: "1 ms", 10: "10 ms", 100: "0.1 s",
                1000: "1 s", 10_000: "10 s", 100_000: "100 s"}  # fmt: skip
BYTES = {1e2: "100 B", 1e3: "1 kB", 1e4: "10 kB", 1e5: "100 kB", 1e6: "1 MB", 1e7: "10 MB", 1e8: "100 MB",
         3e8: "300 MB", 1e9: "1 GB", 3e9: "3 GB", 1e10: "10 GB", 1e11: "100 GB", 1e12: "1 TB"}  # fmt: skip

FIT = Price("processor time of one fit", fmt.seconds, TIMES, 1e-4)
OTHERS: Mapping[str, Price] = {
    "predict_ms_per_sample": Price("time to predict a sample, all at once", fmt.milliseconds, MILLISECONDS, 1e-4),
    "predict_ms_alone": Price("time to predict one sample alone", fmt.milliseconds, MILLISECONDS, 1e-4),
    "size_bytes": Price("size of the saved learner", fmt.size, BYTES, 100.0),
    "peak_memory_bytes": Price("peak memory of its process", fmt.size, BYTES, 100.0),
}


def cost(results: Results) -> Figure | None:
    """The metric that is compared, with its interval, against CPU seconds of a fit."""
    return _figure(results, "fit_cpu_s", FIT, "cost")


def other_costs(results: Results) -> list[tuple[str, Figure]]:
    """The same against each other cost that at least two learners have."""
    made = [(price.title, _figure(results, key, price, f"cost-{key}")) for key, price in OTHERS.items()]
    return [(title, found) for title, found in made if found is not None]


def _figure(results: Results, key: str, price: Price, name: str) -> Figure | None:
    metric, kind = results["metric"], kind_of(results)
    called, small = fmt.words(metric), price is not FIT
    strong = {item["name"] for item in champions(results)}
    points, floors, rows = [], [], []
    for learner in results["learners"]:
        shown, paid = cell(learner, metric), learner.get(key)
        words = fmt.with_interval(shown["value"], shown["low"], shown["high"], kind)
        rows.append((learner["name"], learner["family"], words, price.write(paid)))
        if shown["value"] is None:
            continue
        if learner["family"] == "floor":
            short = f"floor {learner['name']} {fmt.value(shown['value'], kind, shown['low'], shown['high'])}"
            floors.append(Mark(shown["value"], shown["low"], shown["high"], "floor", short))
        elif paid is not None:
            note = f"{learner['name']}: {words}, {price.write(paid)}"
            points.append(Point(learner["name"], learner["family"], max(paid, price.least), shown["value"],
                                shown["low"], shown["high"], learner["name"] in strong, note))  # fmt: skip
    if (small and len(points) < 2) or not (points or floors):
        return None
    higher = bool(results["metrics"].get(metric, {}).get("higher_is_better", True))
    title = f"{called} against the {price.title}"
    desc = f"{len(points)} learners, from the first in the table: {'; '.join(p.note for p in points[:5])}."
    draw = functools.partial(
        cost_chart, points=points, floors=floors, title=title, desc=desc, kind=kind, marks=price.marks,
        y_label=f"{called} {'↑' if higher else '↓'}", x_label=f"{'' if small else price.title + ', '}log scale →",
        higher=higher,
    )  # fmt: skip
    head = ("learner", "family", f"{called} [interval]", price.title if small else "fit, CPU")
    if small:
        return figure(name, draw(name=name, width=310.0, height=300.0), "", head, rows)
    caption = (
        f"Each mark is a learner: {called} on the test part, with its {level(results)} interval, against the "
        f"{price.title} (logarithmic scale). {'Higher' if higher else 'Lower'} is preferred, left is cheaper. Pale "
        "marks: some other learner has a preferred or equal value for the same cost or less. "
        "The thin line joins those without such a rival."
    )
    legend = families([*(p.family for p in points), *(f.family for f in floors)])
    return figure(name, responsive(draw, name, height=430.0), caption, head, rows, legend)
