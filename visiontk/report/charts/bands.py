"""A chart of curves with bands, such as learning curves and risk-coverage curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.svg import (
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


class Curve(NamedTuple):
    """One learner: its points (n, value, low, high) in the order of the line; strong ones have bands and names."""

    label: str
    family: str
    points: Sequence[tuple[float, float, float | None, float | None]]
    strong: bool


def band_chart(
    curves: Sequence[Curve], *, name: str, width: float, title: str, desc: str, kind: str, x_label: str, y_label: str,
    place: Callable[[float], float] = float, mark: Callable[[float], str] = str, crossing: float | None = None,
) -> Markup:  # fmt: skip
    """Lines with points; strong ones have a band, and their name at the right end.

    Parameters
    ----------
    curves : sequence of Curve
        At least one, with points.
    name, title, desc : str
        As in `svg`.
    width : float
        In pixels.
    kind : {"proportion", "bounded", "unbounded"}
        Of what is drawn upwards.
    x_label, y_label : str
        Of what is drawn to the right and upwards.
    place, mark : callable
        Of a value to the right: where it stands, such as its logarithm, and how it is written.
    crossing : float or None
        Where a thin line stands.
    """
    height = 360.0 if width > 500 else 280.0
    room = CHARACTER * max((len(curve.label) for curve in curves), default=0) + 12 if width > 500 else 10
    left, right, top, bottom = 58.0, width - room, 34.0, height - 46
    # Bands of few fits may be very wide: the lines decide the scale, the bands may leave it.
    values = [value for curve in curves for _, value, _, _ in curve.points]
    low, high = padded(values, 0.25)
    if kind != "unbounded":
        low, high = max(low, 0.0), min(high, 1.0)
    y = Axis(low, high, bottom, top)
    sizes = sorted({n for curve in curves for n, _, _, _ in curve.points})
    x = Axis(*padded((place(n) for n in sizes), 0.03, 0.02), left, right)
    parts: list[Markup] = [tag("text", y_label, class_="axis-title", x=0, y=14)]
    marks = ticks(y.low, y.high, 5)
    for value, label in zip(marks, tick_labels(marks, kind), strict=True):
        parts.append(tag("line", class_="grid", x1=left, x2=right, y1=y(value), y2=y(value)))
        parts.append(tag("text", label, x=left - 8, y=y(value) + 4, text_anchor="end"))
    parts.append(tag("line", class_="axis", x1=left, x2=right, y1=bottom, y2=bottom))
    parts += _marks([(x(place(n)), mark(n)) for n in sizes], bottom)
    parts.append(tag("text", x_label, class_="axis-title", x=right, y=height - 6,
                     text_anchor="end"))  # fmt: skip
    for curve in curves:
        if curve.strong:
            parts += _band(curve, lambda n: x(place(n)), y)
    if crossing is not None:
        at = x(place(crossing))
        parts.append(tag("line", tag("title", f"the curves cross near {mark(crossing)}"), class_="zero", x1=at, x2=at,
                         y1=top, y2=bottom))  # fmt: skip
    labels: list[tuple[float, str, bool]] = []
    for curve in reversed(curves):
        places = [(x(place(n)), y(value)) for n, value, _, _ in curve.points]
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        parts.append(tag("polyline", tag("title", curve.label), points=points,
                         class_=f"line {family_class(curve.family)}{'' if curve.strong else ' faint'}"))  # fmt: skip
        for (n, value, lower, upper), (a, b) in zip(curve.points, places, strict=True):
            note = f"{curve.label}, {mark(n)}: {fmt.with_interval(value, lower, upper, kind)}"
            parts.append(tag("g", tag("title", note), marker(curve.family, a, b, 4, faint=not curve.strong)))
        labels.append((places[-1][1], curve.label, curve.strong))
    if width > 500:
        parts += _names(labels, right + 10, top, bottom)
    return svg(name, width, height, title, desc, *parts)


def _marks(marks: Sequence[tuple[float, str]], bottom: float) -> list[Markup]:
    """Ticks, each with its label where there is room for it."""
    parts, used = [], -1e9
    for at, label in marks:
        half = CHARACTER * len(label) / 2
        parts.append(tag("line", class_="tick", x1=at, x2=at, y1=bottom, y2=bottom + 5))
        if at - half > used + 6:
            parts.append(tag("text", label, x=at, y=bottom + 19, text_anchor="middle"))
            used = at + half
    return parts


def _band(curve: Curve, x: Callable[[float], float], y: Axis) -> list[Markup]:
    known = [(x(n), low, high) for n, _, low, high in curve.points if low is not None and high is not None]
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
