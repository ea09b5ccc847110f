"""Charts of dots in rows, of lines over epochs, and bars for table cells, as inline SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report.charts.axes import axis_label, horizontal_grid, labelled_ticks, row_layout, vertical_grid
from visiontk.report.charts.svg import (
    CHARACTER_WIDTH,
    Box,
    Mark,
    Scale,
    family_class,
    marker,
    padded,
    svg,
    tag,
    whisker,
)


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
    """One labelled row of dots per item, each dot with its interval if known, over a common axis.

    `kind` (proportion, bounded or unbounded) is that of the values. If `spread` is True, the marks of a row are drawn
    below each other, so that intervals do not overlap. The height follows from the number of rows.
    """
    layout = row_layout([row.label for row in rows], width, top=8.0, step=30.0 if spread else 26.0)
    frame = layout.frame
    low, high = padded(v for row in rows for m in row.marks for v in (m.value, m.low, m.high))
    if kind != "unbounded":
        low, high = max(low, 0.0), min(high, 1.0)
    x = Scale(low, high if high > low else low + 1e-3, frame.left, frame.right)
    n = max(2, int((width - frame.left) / 110))
    parts = vertical_grid(x, frame, labelled_ticks(x, n, kind), axis_title)
    for i, row in enumerate(rows):
        parts += layout.row(i, row.label)
        offsets = [8 * (j - (len(row.marks) - 1) / 2) for j in range(len(row.marks))]
        if not spread:
            offsets = _offsets([x(mark.value) for mark in row.marks])
        for mark, offset in zip(row.marks, offsets, strict=True):
            y = layout.middle(i) + offset
            parts.append(
                tag("g", tag("title", mark.note), *whisker(mark, x, y), marker(mark.family, x(mark.value), y, 4))
            )
    return svg(name, width, frame.bottom + 46, title, desc, *parts)


def _offsets(xs: Sequence[float]) -> list[float]:
    """Vertical offset of each dot of a row, so that dots at the same place stay visible.

    Examples
    --------
    >>> _offsets([10.0, 50.0, 11.0, 12.0])
    [0.0, 0.0, -7.0, 7.0]
    """
    offsets: list[float] = []
    for i, x in enumerate(xs):
        used = {offset for other, offset in zip(xs[:i], offsets, strict=True) if abs(other - x) < 8}
        offsets.append(next((offset for offset in (0.0, -7.0, 7.0) if offset not in used), 0.0))
    return offsets


def lines(
    series: Sequence[Line], *, name: str, title: str, desc: str, kind: str, family: str = "network",
    y_range: tuple[float, float] | None = None, width: float = 310, height: float = 190,
) -> Markup:  # fmt: skip
    """Thin lines over epochs: one panel of a row of small multiples, with its title above.

    `y_range` is shared with other panels; by default it is that of these lines.
    """
    epochs = [v for line in series for v in line.xs]
    first, last = min(epochs, default=0), max(epochs, default=1)
    frame = Box(46.0, 28.0, width - 8.0, height - 26.0)
    x = Scale(first, max(last, first + 1), frame.left, frame.right)
    y = Scale(*(y_range or padded(v for line in series for v in line.ys)), frame.bottom, frame.top)
    parts = [axis_label(title, 0, 13), *horizontal_grid(y, frame, labelled_ticks(y, 4, kind), gap=6)]
    for epoch, anchor in ((first, "start"), (last, "end")):
        parts.append(tag("text", f"epoch {epoch:.0f}", x=x(epoch), y=height - 8, text_anchor=anchor))
    for line in series:
        points = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in zip(line.xs, line.ys, strict=True))
        parts.append(tag("polyline", tag("title", line.note), points=points,
                         class_=f"line {family_class(family)}{' dashed' if line.dashed else ''}"))  # fmt: skip
    return svg(name, width, height, title, desc, *parts)


def interval_bar(mark: Mark, limits: tuple[float, float], reference: float | None) -> Markup:
    """A dot with its interval for a table cell that also has the numbers; a thin line marks the reference."""
    x = Scale(*limits, 6, 124)
    parts = [tag("line", class_="row", x1=0, x2=130, y1=9, y2=9)]
    if reference is not None:
        parts.append(tag("line", class_="zero", x1=x(reference), x2=x(reference), y1=0, y2=18))
    return _bar([*parts, *_mark_or_arrow(mark, x, 130)], 130)


def difference_bar(mark: Mark, reach: float, margin: float | None) -> Markup:
    """A difference with its interval around zero for a table cell; the band is the margin of equivalence."""
    x = Scale(-reach, reach, 4, 156)
    parts = []
    if margin:
        parts.append(tag("rect", class_="margin", x=x(-margin), width=x(margin) - x(-margin), y=0, height=18))
    parts.append(tag("line", class_="zero", x1=80, x2=80, y1=0, y2=18))
    return _bar([*parts, *_mark_or_arrow(mark, x, 160)], 160)


def _mark_or_arrow(mark: Mark, x: Scale, width: int) -> Iterator[Markup]:
    """A mark with its interval; an arrow at the edge where its value is out of range."""
    if mark.high is not None and mark.high > x.low:
        yield from whisker(mark, x, 9)
    if mark.value < x.low:
        yield tag("path", class_="off", d="M9 5L4 9L9 13")
    elif mark.value > x.high:
        yield tag("path", class_="off", d=f"M{width - 9} 5L{width - 4} 9L{width - 9} 13")
    else:
        yield marker(mark.family, x(mark.value), 9, 4)


def _bar(parts: Sequence[Markup], width: int) -> Markup:
    return tag("svg", *parts, class_="bar", viewBox=f"0 0 {width} 18", width=width, height=18, aria_hidden="true")


def share_bars(parts: Sequence[tuple[str, int, str]], *, name: str, width: float, title: str, desc: str) -> Markup:
    """Counts as a bar divided in proportion, and a second bar that enlarges all but the first part.

    A part is (text, count, CSS class).

    Examples
    --------
    >>> "both right" in share_bars([("both right", 9, "agree"), ("both wrong", 1, "wrong")],
    ...                            name="f", width=300, title="t", desc="d")
    True
    """
    total = sum(count for _, count, _ in parts) or 1
    first_label, first, first_class = parts[0]
    rest = total - first
    x = width * first / total
    shapes = [
        tag("rect", tag("title", f"{first_label}: {first}"), class_=first_class, x=0, y=24, width=x, height=30),
        tag("text", f"{first_label} {first:,} ({100 * first / total:.1f} %)", x=0, y=14),
        tag("text", f"all {total:,}", class_="quiet", x=width, y=14, text_anchor="end"),
    ]
    if rest:
        shapes.append(tag("path", class_="zoom", d=f"M{x:.1f} 54L0 92H{width:.0f}L{width:.0f} 54z"))
    for _, count, kind in parts[1:]:
        shapes.append(tag("rect", class_=kind, x=x, y=24, width=width * count / total, height=30))
        x += width * count / total
    if rest:
        shapes += _enlarged(parts[1:], total, rest, width)
    return svg(name, width, 150 + 20 * (len(parts) - 1) - 8 if rest else 60, title, desc, *shapes)


def _enlarged(parts: Sequence[tuple[str, int, str]], total: int, rest: int, width: float) -> Iterator[Markup]:
    """The second bar of `share_bars`, with a legend below."""
    x = 0.0
    for i, (label, count, kind) in enumerate(parts):
        size, y = width * count / rest, 150 + 20 * i
        yield tag("rect", tag("title", f"{label}: {count}"), class_=kind, x=x, y=92, width=size, height=38)
        yield tag("rect", class_=kind, x=0, y=y - 10, width=12, height=12)
        long = f"{label} {count:,} ({100 * count / total:.1f} % of all, {100 * count / rest:.0f} % of these {rest:,})"
        short = f"{label} {count:,} ({100 * count / total:.1f} %)"
        yield tag("text", long if CHARACTER_WIDTH * len(long) < width - 20 else short, x=20, y=y)
        if size > CHARACTER_WIDTH * (len(f"{count:,}") + 1):
            yield tag("text", f"{count:,}", class_="inside", x=x + size / 2, y=116, text_anchor="middle")
        x += size
