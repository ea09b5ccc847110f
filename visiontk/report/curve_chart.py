"""The learning curves as a figure: metric against number of training samples, and what each size cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from visiontk.report import text
from visiontk.report.curves import sentence
from visiontk.report.drawing import (
    CHARACTER,
    Axis,
    family_class,
    marker,
    padded,
    svg,
    tag,
    tick_labels,
    ticks,
)
from visiontk.report.figures import Figure, Results, families, figure, kind_of, level, responsive

MOST_CURVES = 8


class Curve(NamedTuple):
    """One learner: its points (n, value, low, high) by rising n; strong ones have bands and names."""

    label: str
    family: str
    points: Sequence[tuple[float, float, float | None, float | None]]
    strong: bool


def curve_figure(results: Results) -> Figure | None:
    """Curves of all learners, with bands for the two that are compared; None without a learning curve."""
    found = results.get("curve")
    if not found:
        return None
    kind, called = kind_of(results), text.words(results["metric"])
    pair = [found["crossover"][key] for key in ("network", "classical")] if found["crossover"] else []
    by_name = {item["name"]: item["family"] for item in results["learners"]}
    curves, rows = [], []
    for name, points in found["learners"].items():
        known = [(p["n"], p["value"], p["low"], p["high"]) for p in points if p["value"] is not None]
        family = by_name.get(name, "floor")
        if known:
            curves.append(Curve(name, family, known, name in pair))
        rows += [
            (name, f"{p['n']:,.0f}", text.with_interval(p["value"], p["low"], p["high"], kind),
             text.seconds(p["fit_cpu_s"]), str(p["n_fits"]))
            for p in points
        ]  # fmt: skip
        twice = found["twice"].get(name)
        if twice and twice["fit_cpu_s"] is not None:
            rows.append((name, f"{twice['n']:,.0f}", "not measured", f"about {text.seconds(twice['fit_cpu_s'])}", "0"))
    if not curves:
        return None
    curves = sorted(curves, key=lambda curve: not curve.strong)[:MOST_CURVES]
    caption = (
        f"{called[:1].upper()}{called[1:]} on the test part against the number of training samples, on a logarithmic "
        f"scale. The smaller parts were drawn {_times(found['draws'])}, alike for every learner; larger ones hold the "
        f"smaller ones. Bands: {level(results)} intervals over test samples and draws. {sentence(found)} In the table, "
        "what twice the data would cost is continued from the last three sizes."
    )
    picture = responsive(
        curve_chart,
        "curve",
        curves=curves,
        kind=kind,
        title=f"{called} against the number of training samples",
        desc=f"{len(curves)} curves; the data stand in the table.",
        crossing=_crossing(found["crossover"]),
    )
    head = ("learner", "training samples", f"{called} [interval]", "fit, CPU", "fits")
    return figure("curve", picture, caption.strip(), head, rows, families(curve.family for curve in curves))


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _crossing(found: Mapping[str, Any] | None) -> float | None:
    return found["n"] if found and found["reached"] and found["n"] else None


def curve_chart(
    curves: Sequence[Curve], *, name: str, width: float, title: str, desc: str, kind: str, crossing: float | None
) -> Markup:
    """Lines over a logarithmic axis; strong ones with a band and their name at the right end.

    Parameters
    ----------
    curves : sequence of Curve
        At least one, with points at n > 0.
    name, title, desc : str
        As in `svg`.
    width : float
        In pixels.
    kind : {"proportion", "bounded", "unbounded"}
        Of the metric.
    crossing : float or None
        Where a thin line stands.
    """
    height = 360.0 if width > 500 else 280.0
    room = CHARACTER * max((len(curve.label) for curve in curves), default=0) + 12 if width > 500 else 10
    left, right, top, bottom = 58.0, width - room, 20.0, height - 46
    # Bands of few fits may be very wide: the lines decide the scale, the bands may leave it.
    values = [value for curve in curves for _, value, _, _ in curve.points]
    low, high = padded(values, 0.25)
    if kind != "unbounded":
        low, high = max(low, 0.0), min(high, 1.0)
    y = Axis(low, high, bottom, top)
    sizes = sorted({n for curve in curves for n, _, _, _ in curve.points})
    x = Axis(*padded((math.log10(n) for n in sizes), 0.03, 0.02), left, right)
    parts: list[Markup] = []
    marks = ticks(y.low, y.high, 5)
    for value, label in zip(marks, tick_labels(marks, kind), strict=True):
        parts.append(tag("line", class_="grid", x1=left, x2=right, y1=y(value), y2=y(value)))
        parts.append(tag("text", label, x=left - 8, y=y(value) + 4, text_anchor="end"))
    parts.append(tag("line", class_="axis", x1=left, x2=right, y1=bottom, y2=bottom))
    parts += _size_axis(sizes, x, bottom)
    parts.append(tag("text", "training samples, log scale →", class_="axis-title", x=right, y=height - 6,
                     text_anchor="end"))  # fmt: skip
    for curve in curves:
        if curve.strong:
            parts += _band(curve, x, y)
    if crossing is not None:
        at = x(math.log10(crossing))
        parts.append(tag("line", tag("title", f"the curves cross near {crossing:,.0f}"), class_="zero", x1=at, x2=at,
                         y1=top, y2=bottom))  # fmt: skip
    labels: list[tuple[float, str, bool]] = []
    for curve in reversed(curves):
        places = [(x(math.log10(n)), y(value)) for n, value, _, _ in curve.points]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        parts.append(tag("polyline", tag("title", curve.label), points=points,
                         class_=f"line {family_class(curve.family)}{'' if curve.strong else ' faint'}"))  # fmt: skip
        for (n, value, lower, upper), (a, b) in zip(curve.points, places, strict=True):
            note = f"{curve.label}, {n:,.0f}: {text.with_interval(value, lower, upper, kind)}"
            parts.append(tag("g", tag("title", note), marker(curve.family, a, b, 4, faint=not curve.strong)))
        labels.append((places[-1][1], curve.label, curve.strong))
    if width > 500:
        parts += _names(labels, right + 10, top, bottom)
    return svg(name, width, height, title, desc, *parts)


def _size_axis(sizes: Sequence[float], x: Axis, bottom: float) -> list[Markup]:
    parts, used = [], -1e9
    for n in sizes:
        at, label = x(math.log10(n)), f"{n:,.0f}"
        half = CHARACTER * len(label) / 2
        parts.append(tag("line", class_="tick", x1=at, x2=at, y1=bottom, y2=bottom + 5))
        if at - half > used + 6:
            parts.append(tag("text", label, x=at, y=bottom + 19, text_anchor="middle"))
            used = at + half
    return parts


def _band(curve: Curve, x: Axis, y: Axis) -> list[Markup]:
    known = [(x(math.log10(n)), low, high) for n, _, low, high in curve.points if low is not None and high is not None]
    if len(known) < 2:
        return []
    upper = [f"{at:.1f},{y(high):.1f}" for at, _, high in known]
    lower = [f"{at:.1f},{y(low):.1f}" for at, low, _ in reversed(known)]
    return [tag("polygon", points=" ".join(upper + lower), class_=f"band {family_class(curve.family)}")]


def _names(labels: Sequence[tuple[float, str, bool]], left: float, top: float, bottom: float) -> list[Markup]:
    """Names beside the ends of their curves, moved apart where they would cover each other."""
    parts, used = [], top - 16
    for level_, label, strong in sorted(labels):
        at = max(level_, used + 15)
        used = at
        parts.append(tag("text", label, class_=f"label{' strong' if strong else ''}", x=left, y=min(at, bottom) + 4))
    return parts
