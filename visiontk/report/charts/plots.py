"""Charts as inline SVG: rows of dots, lines, bars. How they are drawn stands in `visiontk.report.charts.svg`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.svg import CHARACTER, Axis, Mark, family_class, marker, padded, svg, tag, tick_labels, ticks


class Row(NamedTuple):
    """A labelled row of marks."""

    label: str
    marks: Sequence[Mark]


class Line(NamedTuple):
    """A line through points; `note` is its tooltip."""

    xs: Sequence[float]
    ys: Sequence[float]
    dashed: bool
    note: str


def dot_rows(
    rows: Sequence[Row], *, name: str, width: float, title: str, desc: str, kind: str, axis_title: str,
    spread: bool = False,
) -> Markup:  # fmt: skip
    """One row per label with dots, each with its interval if it has one, over a common axis.

    Parameters
    ----------
    rows : sequence of Row
        From top to bottom.
    name, title, desc : str
        As in `svg`.
    width : float
        In pixels; the height follows from the number of rows.
    kind : {"proportion", "bounded", "unbounded"}
        Of the values.
    axis_title : str
        Of the values.
    spread : bool
        Whether the marks of a row are drawn one under the other, so that intervals do not cover each other.
    """
    most = max(8, int(0.36 * width / CHARACTER))
    left = 14 + CHARACTER * min(most, max((len(row.label) for row in rows), default=0))
    step, top = (30.0 if spread else 26.0), 8.0
    bottom = top + step * len(rows)
    low, high = padded(v for row in rows for m in row.marks for v in (m.value, m.low, m.high))
    if kind != "unbounded":
        low, high = max(low, 0.0), min(high, 1.0)
    x = Axis(low, high if high > low else low + 1e-3, left, width - 16)
    parts = []
    values = ticks(x.low, x.high, max(2, int((width - left) / 110)))
    for value, label in zip(values, tick_labels(values, kind), strict=True):
        parts.append(tag("line", class_="grid", x1=x(value), x2=x(value), y1=top, y2=bottom))
        parts.append(tag("text", label, x=x(value), y=bottom + 18, text_anchor="middle"))
    for i, row in enumerate(rows):
        middle = top + step * (i + 0.5)
        parts.append(tag("line", class_="row", x1=0, x2=width, y1=top + step * (i + 1), y2=top + step * (i + 1)))
        parts.append(tag("text", tag("title", row.label), fmt.shorten(row.label, most), x=left - 12, y=middle + 4,
                         text_anchor="end"))  # fmt: skip
        lifts = [8 * (j - (len(row.marks) - 1) / 2) for j in range(len(row.marks))]
        if not spread:
            lifts = _apart([x(mark.value) for mark in row.marks])
        for mark, lift in zip(row.marks, lifts, strict=True):
            y = middle + lift
            shape = [marker(mark.family, x(mark.value), y, 4)]
            if mark.low is not None and mark.high is not None:
                shape.insert(0, tag("line", class_=f"whisker {family_class(mark.family)}", x1=x(mark.low),
                                    x2=x(mark.high), y1=y, y2=y))  # fmt: skip
            parts.append(tag("g", tag("title", mark.note), *shape))
    parts.append(tag("text", axis_title, class_="axis-title", x=width - 16, y=bottom + 38, text_anchor="end"))
    return svg(name, width, bottom + 46, title, desc, *parts)


def _apart(at: Sequence[float]) -> list[float]:
    """How far to lift each dot of a row so that dots at the same place stay visible.

    Examples
    --------
    >>> _apart([10.0, 50.0, 11.0, 12.0])
    [0.0, 0.0, -7.0, 7.0]
    """
    lifts: list[float] = []
    for i, place in enumerate(at):
        used = {lift for other, lift in zip(at[:i], lifts, strict=True) if abs(other - place) < 8}
        lifts.append(next((lift for lift in (0.0, -7.0, 7.0) if lift not in used), 0.0))
    return lifts


def lines(
    series: Sequence[Line],
    *,
    name: str,
    title: str,
    desc: str,
    kind: str,
    family: str = "network",
    y_range: tuple[float, float] | None = None,
    width: float = 310,
    height: float = 190,
) -> Markup:
    """Thin lines over epochs: one panel of a row of small multiples.

    Parameters
    ----------
    series : sequence of Line
        Drawn on top of each other.
    name, title, desc : str
        As in `svg`; the title is also written above the panel.
    kind : {"proportion", "bounded", "unbounded"}
        Of the values.
    family : str
        Gives the colour.
    y_range : (float, float), optional
        A scale shared with other panels; by default the range of these lines.
    width, height : float
        In pixels.
    """
    low, high = y_range or padded(v for line in series for v in line.ys)
    last = max((v for line in series for v in line.xs), default=1)
    first = min((v for line in series for v in line.xs), default=0)
    left, right, top, bottom = 46.0, width - 8.0, 28.0, height - 26.0
    x, y = Axis(first, max(last, first + 1), left, right), Axis(low, high, bottom, top)
    parts = [tag("text", title, class_="axis-title", x=0, y=13)]
    values = ticks(low, high, 4)
    for value, label in zip(values, tick_labels(values, kind), strict=True):
        parts.append(tag("line", class_="grid", x1=left, x2=right, y1=y(value), y2=y(value)))
        parts.append(tag("text", label, x=left - 6, y=y(value) + 4, text_anchor="end"))
    for epoch, anchor in ((first, "start"), (last, "end")):
        parts.append(tag("text", f"epoch {epoch:.0f}", x=x(epoch), y=height - 8, text_anchor=anchor))
    for line in series:
        points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in zip(line.xs, line.ys, strict=True))
        parts.append(tag("polyline", tag("title", line.note), points=points,
                         class_=f"line {family_class(family)}{' dashed' if line.dashed else ''}"))  # fmt: skip
    return svg(name, width, height, title, desc, *parts)


def interval_bar(mark: Mark, axis: tuple[float, float], reference: float | None) -> Markup:
    """A dot with its interval for a table cell; a thin line marks the reference. The cell says the numbers."""
    x = Axis(*axis, 6, 124)
    parts = [tag("line", class_="row", x1=0, x2=130, y1=9, y2=9)]
    if reference is not None:
        parts.append(tag("line", class_="zero", x1=x(reference), x2=x(reference), y1=0, y2=18))
    if mark.low is not None and mark.high is not None and mark.high > axis[0]:
        ends = {"x1": x(mark.low), "x2": x(mark.high)}
        parts.append(tag("line", class_=f"whisker {family_class(mark.family)}", y1=9, y2=9, **ends))
    if mark.value < axis[0]:
        parts.append(tag("path", class_="off", d="M9 5L4 9L9 13"))
    elif mark.value > axis[1]:
        parts.append(tag("path", class_="off", d="M121 5L126 9L121 13"))
    else:
        parts.append(marker(mark.family, x(mark.value), 9, 4))
    return tag("svg", *parts, class_="bar", viewBox="0 0 130 18", width=130, height=18, aria_hidden="true")


def difference_bar(mark: Mark, reach: float, margin: float | None) -> Markup:
    """A difference with its interval around zero for a table cell; the band is the margin of equivalence."""
    x = Axis(-reach, reach, 4, 156)
    parts = []
    if margin:
        parts.append(tag("rect", class_="margin", x=x(-margin), width=x(margin) - x(-margin), y=0, height=18))
    parts.append(tag("line", class_="zero", x1=80, x2=80, y1=0, y2=18))
    if mark.low is not None and mark.high is not None:
        ends = {"x1": x(mark.low), "x2": x(mark.high)}
        parts.append(tag("line", class_=f"whisker {family_class(mark.family)}", y1=9, y2=9, **ends))
    if abs(mark.value) > reach:
        parts.append(tag("path", class_="off", d="M9 5L4 9L9 13" if mark.value < 0 else "M151 5L156 9L151 13"))
    else:
        parts.append(marker(mark.family, x(mark.value), 9, 4))
    return tag("svg", *parts, class_="bar", viewBox="0 0 160 18", width=160, height=18, aria_hidden="true")


def share_bars(parts: Sequence[tuple[str, int, str]], *, name: str, width: float, title: str, desc: str) -> Markup:
    """Counts as a bar that is divided in proportion, and a second bar that enlarges all but the first part.

    Parameters
    ----------
    parts : sequence of (text, count, class)
        The class colours the part.
    name, title, desc : str
        As in `svg`.
    width : float
        In pixels.

    Examples
    --------
    >>> "both right" in share_bars([("both right", 9, "agree"), ("both wrong", 1, "wrong")],
    ...                            name="f", width=300, title="t", desc="d")
    True
    """
    total = sum(count for _, count, _ in parts) or 1
    head_label, head, head_class = parts[0]
    rest = total - head
    cut = width * head / total
    drawn = [
        tag("rect", tag("title", f"{head_label}: {head}"), class_=head_class, x=0, y=24, width=cut, height=30),
        tag("text", f"{head_label} {head:,} ({100 * head / total:.1f} %)", x=0, y=14),
        tag("text", f"all {total:,}", class_="quiet", x=width, y=14, text_anchor="end"),
    ]
    if rest:
        drawn.append(tag("path", class_="zoom", d=f"M{cut:.1f} 54L0 92H{width:.0f}L{width:.0f} 54z"))
    at, zoomed = cut, 0.0
    for i, (label, count, kind) in enumerate(parts[1:]):
        drawn.append(tag("rect", class_=kind, x=at, y=24, width=width * count / total, height=30))
        at += width * count / total
        if not rest:
            continue
        wide = width * count / rest
        drawn.append(tag("rect", tag("title", f"{label}: {count}"), class_=kind, x=zoomed, y=92, width=wide, height=38))
        level = 150 + 20 * i
        drawn.append(tag("rect", class_=kind, x=0, y=level - 10, width=12, height=12))
        words = f"{label} {count:,} ({100 * count / total:.1f} % of all, {100 * count / rest:.0f} % of these {rest:,})"
        short_words = f"{label} {count:,} ({100 * count / total:.1f} %)"
        drawn.append(tag("text", words if CHARACTER * len(words) < width - 20 else short_words, x=20, y=level))
        if wide > CHARACTER * (len(f"{count:,}") + 1):
            drawn.append(tag("text", f"{count:,}", class_="inside", x=zoomed + wide / 2, y=116, text_anchor="middle"))
        zoomed += wide
    return svg(name, width, 150 + 20 * (len(parts) - 1) - 8 if rest else 60, title, desc, *drawn)
