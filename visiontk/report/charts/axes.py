"""Axes shared by the charts: grid lines, ticks, labels of ticks and rows, titles of axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.svg import CHARACTER_WIDTH, Box, Scale, tag, tick_labels, ticks

Label = tuple[float, str]
"""A value, or a pixel, and the text at it."""


def labelled_ticks(scale: Scale, n: int, kind: str) -> list[Label]:
    """About `n` round values of a scale with their labels."""
    values = ticks(scale.low, scale.high, n)
    return list(zip(values, tick_labels(values, kind), strict=True))


def horizontal_grid(y: Scale, frame: Box, labels: Iterable[Label], gap: float = 8.0) -> list[Markup]:
    """Horizontal grid lines at values, their labels on the left."""
    parts = []
    for value, label in labels:
        parts.append(tag("line", class_="grid", x1=frame.left, x2=frame.right, y1=y(value), y2=y(value)))
        parts.append(tag("text", label, x=frame.left - gap, y=y(value) + 4, text_anchor="end"))
    return parts


def vertical_grid(x: Scale, frame: Box, labels: Iterable[Label], title: str) -> list[Markup]:
    """Vertical grid lines at values, their labels and the title of the axis below."""
    parts = []
    for value, label in labels:
        parts.append(tag("line", class_="grid", x1=x(value), x2=x(value), y1=frame.top, y2=frame.bottom))
        parts.append(tag("text", label, x=x(value), y=frame.bottom + 18, text_anchor="middle"))
    return [*parts, axis_label(title, frame.right, frame.bottom + 38, "end")]


def axis_label(words: str, x: float, y: float, anchor: str | None = None) -> Markup:
    """The title of an axis."""
    return tag("text", words, class_="axis-title", x=x, y=y, text_anchor=anchor)


def xy_axes(
    y: Scale, frame: Box, y_labels: Iterable[Label], x_labels: Iterable[Label], x_title: str, y_title: str
) -> list[Markup]:
    """Both axes of a chart: a grid of `y`, and ticks below at pixels, which have a label where there is room.

    34 pixels above and 46 below the frame are used for titles and labels.
    """
    return [
        axis_label(y_title, 0, 14),
        *horizontal_grid(y, frame, y_labels),
        tag("line", class_="axis", x1=frame.left, x2=frame.right, y1=frame.bottom, y2=frame.bottom),
        *_ticks_below(frame.bottom, x_labels),
        axis_label(x_title, frame.right, frame.bottom + 40, "end"),
    ]


def _ticks_below(bottom: float, labels: Iterable[Label]) -> list[Markup]:
    parts, used = [], -1e9
    for at, label in labels:
        half = CHARACTER_WIDTH * len(label) / 2
        parts.append(tag("line", class_="tick", x1=at, x2=at, y1=bottom, y2=bottom + 5))
        if at - half > used + 6:
            parts.append(tag("text", label, x=at, y=bottom + 19, text_anchor="middle"))
            used = at + half
    return parts


class RowLayout(NamedTuple):
    """Layout of a chart of labelled rows over a common horizontal axis; labels have at most `longest` characters."""

    frame: Box
    step: float
    longest: int

    def middle(self, i: int) -> float:
        """Vertical centre of a row."""
        return self.frame.top + self.step * (i + 0.5)

    def row(self, i: int, label: str) -> list[Markup]:
        """The line below a row, and its label."""
        y = self.middle(i)
        return [
            tag("line", class_="row", x1=0, x2=self.frame.right + 16, y1=y + self.step / 2, y2=y + self.step / 2),
            row_label(label, self.longest, self.frame.left - 12, y),
        ]


def row_layout(labels: Sequence[str], width: float, *, top: float, step: float) -> RowLayout:
    """Layout of rows with these labels; 46 pixels below the frame are used by the axis."""
    left, longest = label_column(labels, width)
    return RowLayout(Box(left, top, width - 16, top + step * len(labels)), step, longest)


def label_column(labels: Sequence[str], width: float, share: float = 0.36, gap: float = 14.0) -> tuple[float, int]:
    """Left edge of the plotting area beside labels of rows, and how many characters of them fit."""
    longest = max(8, int(share * width / CHARACTER_WIDTH))
    return gap + CHARACTER_WIDTH * min(longest, max(map(len, labels), default=0)), longest


def row_label(label: str, longest: int, x: float, y: float, kind: str | None = None) -> Markup:
    """The label of a row, right-aligned at `x`; its tooltip is the whole label."""
    words = fmt.shorten(label, longest)
    return tag("text", tag("title", label), words, x=x, y=y + 4, text_anchor="end", class_=kind)
