"""Differences of several comparisons on one axis, each with its interval and its margin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.svg import CHARACTER, Axis, padded, svg, tag, tick_labels, ticks


class Lead(NamedTuple):
    """A row: how far the network is ahead, as a share from -1 to 1; `remark` where that is not known."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    margin: float
    note: str
    remark: str = ""


def difference_chart(rows: Sequence[Lead], *, name: str, width: float, title: str, desc: str) -> Markup:
    """One row a comparison: right of zero the network is ahead, left of it the traditional method; one mark for all.

    Parameters
    ----------
    rows : sequence of Lead
        From top to bottom.
    name, title, desc : str
        As in `visiontk.report.charts.svg.svg`.
    width : float
        In pixels; the height follows from the number of rows.
    """
    most = max(8, int(0.36 * width / CHARACTER))
    left = 14 + CHARACTER * min(most, max((len(row.label) for row in rows), default=0))
    step = 34.0
    margins = [end for row in rows for end in (-2 * row.margin, 2 * row.margin)]
    x = Axis(*padded([*(v for row in rows for v in (row.value, row.low, row.high)), *margins, 0.0]), left, width - 16)
    sides, top = _sides(x(0.0), width)
    bottom = top + step * len(rows)
    parts = list(sides)
    values = ticks(x.low, x.high, max(2, int((width - left) / 90)))
    labels = [label.removesuffix(" %") for label in tick_labels(values, "bounded")]
    for i, row in enumerate(rows):  # the zones lie under everything else
        if row.margin:
            parts.append(tag("rect", class_="margin", x=x(-row.margin), width=x(row.margin) - x(-row.margin),
                             y=top + step * i, height=step))  # fmt: skip
    for value, label in zip(values, labels, strict=True):
        signed = f"+{label}" if value > 0 else label
        parts.append(tag("line", class_="grid", x1=x(value), x2=x(value), y1=top, y2=bottom))
        parts.append(tag("text", signed, x=x(value), y=bottom + 18, text_anchor="middle"))
    parts.append(tag("line", class_="zero", x1=x(0.0), x2=x(0.0), y1=top, y2=bottom))
    for i, row in enumerate(rows):
        y = top + step * (i + 0.5)
        parts.append(tag("line", class_="row", x1=0, x2=width, y1=y + step / 2, y2=y + step / 2))
        parts.append(tag("text", tag("title", row.label), fmt.shorten(row.label, most), x=left - 12, y=y + 4,
                         text_anchor="end"))  # fmt: skip
        if row.value is None:
            parts.append(tag("text", row.remark, class_="quiet", x=left + 6, y=y + 4))
            continue
        shape = [tag("circle", class_="mark difference", cx=x(row.value), cy=y, r=5.0)]
        if row.low is not None and row.high is not None:
            shape.insert(0, tag("line", class_="whisker difference", x1=x(row.low), x2=x(row.high), y1=y, y2=y))
        parts.append(tag("g", tag("title", row.note), *shape))
    parts.append(
        tag("text", "difference, points →", class_="axis-title", x=width - 16, y=bottom + 38, text_anchor="end")
    )
    return svg(name, width, bottom + 46, title, desc, *parts)


def _sides(zero: float, width: float) -> tuple[list[Markup], float]:
    """What either side of zero means, in the same type, and where the rows begin below it."""
    left, right = "← traditional ahead", "network ahead →"
    if CHARACTER * len(left) < zero - 8 and CHARACTER * len(right) < width - zero - 8:
        places = [(left, zero - 8, "end", 13), (right, zero + 8, "start", 13)]
    else:
        places = [(left, 0.0, "start", 13), (right, width, "end", 31)]
    texts = [tag("text", words, class_="axis-title", x=at, y=y, text_anchor=anchor) for words, at, anchor, y in places]
    return texts, places[1][3] + 11.0
