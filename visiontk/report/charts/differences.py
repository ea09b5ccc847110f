"""Differences of several comparisons on one axis, each with its interval and its margin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report.charts.axes import axis_label, label_column, labelled_ticks, row_layout, vertical_grid
from visiontk.report.charts.svg import CHARACTER_WIDTH, Scale, padded, svg, tag


class Lead(NamedTuple):
    """One row: the lead of the network as a share from -1 to 1; `remark` is shown where it is unknown."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    margin: float
    note: str
    remark: str = ""


def difference_chart(rows: Sequence[Lead], *, name: str, width: float, title: str, desc: str) -> Markup:
    """One row per comparison: right of zero the network is ahead, left of it the traditional method."""
    labels = [row.label for row in rows]
    margins = [end for row in rows for end in (-2 * row.margin, 2 * row.margin)]
    limits = padded([*(v for row in rows for v in (row.value, row.low, row.high)), *margins, 0.0])
    x = Scale(*limits, label_column(labels, width)[0], width - 16)
    parts, top = _sides(x(0.0), width)
    layout = row_layout(labels, width, top=top, step=34.0)
    frame = layout.frame
    for i, row in enumerate(rows):  # margins first, so that all else is drawn over them
        if row.margin:
            parts.append(tag("rect", class_="margin", x=x(-row.margin), width=x(row.margin) - x(-row.margin),
                             y=top + layout.step * i, height=layout.step))  # fmt: skip
    ticks = labelled_ticks(x, max(2, int((width - frame.left) / 90)), "bounded")
    signed = [(value, f"{'+' if value > 0 else ''}{label.removesuffix(' %')}") for value, label in ticks]
    parts += vertical_grid(x, frame, signed, "difference, points →")
    parts.append(tag("line", class_="zero", x1=x(0.0), x2=x(0.0), y1=frame.top, y2=frame.bottom))
    for i, row in enumerate(rows):
        parts += [*layout.row(i, row.label), _mark(row, x, layout.middle(i))]
    return svg(name, width, frame.bottom + 46, title, desc, *parts)


def _mark(row: Lead, x: Scale, y: float) -> Markup:
    if row.value is None:
        return tag("text", row.remark, class_="quiet", x=x.start + 6, y=y + 4)
    shapes = [tag("circle", class_="mark difference", cx=x(row.value), cy=y, r=5.0)]
    if row.low is not None and row.high is not None:
        shapes.insert(0, tag("line", class_="whisker difference", x1=x(row.low), x2=x(row.high), y1=y, y2=y))
    return tag("g", tag("title", row.note), *shapes)


def _sides(zero: float, width: float) -> tuple[list[Markup], float]:
    """Titles of both sides of zero, and the top of the first row below them."""
    left, right = "← traditional ahead", "network ahead →"
    if CHARACTER_WIDTH * len(left) < zero - 8 and CHARACTER_WIDTH * len(right) < width - zero - 8:
        places = [(left, zero - 8, "end", 13), (right, zero + 8, "start", 13)]
    else:
        places = [(left, 0.0, "start", 13), (right, width, "end", 31)]
    return [axis_label(words, at, y, anchor) for words, at, anchor, y in places], places[1][3] + 11.0
