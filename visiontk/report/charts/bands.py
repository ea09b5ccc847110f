"""Curves with confidence bands, such as learning curves and risk-coverage curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.axes import labelled_ticks, xy_axes
from visiontk.report.charts.svg import CHARACTER_WIDTH, Box, Scale, family_class, marker, padded, svg, tag


class Curve(NamedTuple):
    """One learner: its points (x, value, low, high) from left to right; strong ones have bands and names."""

    label: str
    family: str
    points: Sequence[tuple[float, float, float | None, float | None]]
    strong: bool


def band_chart(
    curves: Sequence[Curve], *, name: str, width: float, title: str, desc: str, kind: str, x_label: str, y_label: str,
    place: Callable[[float], float] = float, mark: Callable[[float], str] = str, crossings: Sequence[float] = (),
) -> Markup:  # fmt: skip
    """One or more curves with points; strong ones have a band, and their name at the right end.

    `kind` is that of the values on the vertical axis. `place` transforms the horizontal axis, such as by a logarithm,
    and `mark` formats its labels. At each of `crossings` stands a thin vertical line.
    """
    wide = width > 500
    height = 360.0 if wide else 280.0
    room = CHARACTER_WIDTH * max((len(curve.label) for curve in curves), default=0) + 12 if wide else 10
    frame = Box(58.0, 34.0, width - room, height - 46)
    # Bands of few fits may be very wide: the lines decide the range, the bands may leave it.
    low, high = padded([value for curve in curves for _, value, _, _ in curve.points], 0.25)
    if kind != "unbounded":
        low, high = max(low, 0.0), min(high, 1.0)
    y = Scale(low, high, frame.bottom, frame.top)
    values = sorted({n for curve in curves for n, _, _, _ in curve.points})
    scale = Scale(*padded((place(n) for n in values), 0.03, 0.02), frame.left, frame.right)

    def x(value: float) -> float:
        return scale(place(value))

    parts = xy_axes(y, frame, labelled_ticks(y, 5, kind), [(x(n), mark(n)) for n in values], x_label, y_label)
    for curve in curves:
        if curve.strong:
            parts += _band(curve, x, y)
    for crossing in crossings:
        parts.append(tag("line", tag("title", f"the curves cross near {mark(crossing)}"), class_="zero",
                         x1=x(crossing), x2=x(crossing), y1=frame.top, y2=frame.bottom))  # fmt: skip
    for curve in reversed(curves):
        parts += _curve(curve, x, y, mark, kind)
    if wide:
        ends = [(y(curve.points[-1][1]), curve.label, curve.strong) for curve in curves]
        parts += _names(ends, frame.right + 10, frame.top, frame.bottom)
    return svg(name, width, height, title, desc, *parts)


def _curve(
    curve: Curve, x: Callable[[float], float], y: Scale, mark: Callable[[float], str], kind: str
) -> list[Markup]:
    """The line of a curve, and a marker with a tooltip at each of its points."""
    places = [(x(n), y(value)) for n, value, _, _ in curve.points]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    parts = [tag("polyline", tag("title", curve.label), points=points,
                 class_=f"line {family_class(curve.family)}{'' if curve.strong else ' faint'}")]  # fmt: skip
    for (n, value, low, high), (a, b) in zip(curve.points, places, strict=True):
        note = f"{curve.label}, {mark(n)}: {fmt.with_interval(value, low, high, kind)}"
        parts.append(tag("g", tag("title", note), marker(curve.family, a, b, 4, faint=not curve.strong)))
    return parts


def _band(curve: Curve, x: Callable[[float], float], y: Scale) -> list[Markup]:
    known = [(x(n), low, high) for n, _, low, high in curve.points if low is not None and high is not None]
    if len(known) < 2:
        return []
    upper = [f"{at:.1f},{y(high):.1f}" for at, _, high in known]
    lower = [f"{at:.1f},{y(low):.1f}" for at, low, _ in reversed(known)]
    return [tag("polygon", points=" ".join(upper + lower), class_=f"band {family_class(curve.family)}")]


def _names(ends: Sequence[tuple[float, str, bool]], left: float, top: float, bottom: float) -> list[Markup]:
    """Names beside the ends of their curves, moved apart where they would overlap."""
    parts, last = [], top - 16
    for y, label, strong in sorted(ends):
        last = max(y, last + 15)
        parts.append(tag("text", label, class_=f"label{' strong' if strong else ''}", x=left, y=min(last, bottom) + 4))
    return parts
