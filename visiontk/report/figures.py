"""Figures of a page: drawings for several widths, their captions and the tables of their data.

Captions describe the drawing. They never say which learner is ahead: only the verdicts of the results do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from markupsafe import Markup

from visiontk.report.blocks import Figure
from visiontk.report.charts import svg

SIZES = {"wide": 1136.0, "medium": 700.0, "narrow": 360.0}
"""Widths in pixels: a desktop, paper or a tablet, a phone."""

MOST_DATA_ROWS = 300
LEGENDS = {"first": "named first", "second": "named second", "unstated": "others"}


def responsive(draw: Callable[..., Markup], name: str, **arguments: Any) -> Markup:
    """Draw a chart for each of the `SIZES`; the style sheet shows the one that fits, at its full text size."""
    return Markup().join(
        svg.tag("div", draw(name=f"{name}-{size}", width=width, **arguments), class_=size)
        for size, width in SIZES.items()
    )


def figure(name: str, chart: Markup, caption: str, head: Sequence[str], rows: Iterable[Sequence[str]],
           legend: Sequence[tuple[str, str]] = ()) -> Figure:  # fmt: skip
    """Return a `Figure` whose table is cut after `MOST_DATA_ROWS` rows."""
    table = list(rows)
    hidden = max(0, len(table) - MOST_DATA_ROWS)
    return Figure(name, chart, caption, head, table[:MOST_DATA_ROWS], hidden, legend)


def families(present: Iterable[str]) -> list[tuple[str, str]]:
    """Return the legend of a figure in which these families occur."""
    names = set(present)
    return [(family, LEGENDS.get(family, family)) for family in (*svg.FAMILIES, *LEGENDS) if family in names]
