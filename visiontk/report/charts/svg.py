"""Elements of inline SVG charts: tags, scales, ticks and the markers of the families.

Colours come from classes of the page's style sheet, so that a chart follows light and dark mode and a family has one
colour and shape in all figures. Every chart has a title and a description for screen readers. All text is escaped
here. No style attributes: the page's content security policy forbids them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from visiontk.report import formatting as fmt

CHARACTER_WIDTH = 7.3
"""Pixels at the 12 px of chart texts, in the widest of the system fonts."""

FAMILIES = ("network", "pretrained", "classical", "floor")
PAIR = {"first": "network", "second": "classical"}
"""Looks of two models whose families do not tell them apart."""


class Mark(NamedTuple):
    """A value with an optional interval; `note` is its tooltip."""

    value: float
    low: float | None
    high: float | None
    family: str
    note: str


class Box(NamedTuple):
    """A rectangle in pixels: the plotting area, or what a label or a mark covers."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Area of the intersection.

        Examples
        --------
        >>> Box(0, 0, 2, 2).overlap(Box(1, 1, 3, 3))
        1
        """
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return width * height if width > 0 and height > 0 else 0


class Scale(NamedTuple):
    """Linear scale from values in [low, high] to pixels in [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixel of a value; values outside of the range are clipped to its ends."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def tag(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """An element with escaped texts and values; underscores in attribute names become hyphens, None is left out.

    Examples
    --------
    >>> tag("text", "a < b", x=1.0, text_anchor="end")
    Markup('<text x="1" text-anchor="end">a &lt; b</text>')
    """
    pairs = "".join(
        f' {key.strip("_").replace("_", "-")}="{escape(_number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{pairs}>{''.join(escape(child) for child in children)}</{name}>")


def _number(value: str | float) -> str | float:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def svg(name: str, width: float, height: float, title: str, desc: str, *children: str) -> Markup:
    """A drawing with a title and a description for screen readers; `name` is unique on the page, sizes are pixels."""
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", desc, id=f"{name}-desc"),
        *children,
        class_="chart",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def family_class(family: str) -> str:
    """CSS class of a family; an unknown family looks like a floor.

    Examples
    --------
    >>> family_class("network"), family_class('x" onload="')
    ('network', 'floor')
    """
    family = PAIR.get(family, family)
    return family if family in FAMILIES else "floor"


def ticks(low: float, high: float, n: int = 5) -> list[float]:
    """About `n` round numbers from `low` to `high`.

    Examples
    --------
    >>> ticks(0.871, 0.938, 4)
    [0.88, 0.9, 0.92]
    >>> ticks(-1.0, 1.0)
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    if not high > low:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / n))
    step = min((m * power for m in (1, 2, 5, 10)), key=lambda s: abs((high - low) / s - n))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


def tick_labels(values: Sequence[float], kind: str) -> list[str]:
    """Labels of ticks with as many decimals as their distance needs.

    Examples
    --------
    >>> tick_labels([0.9, 0.925], "proportion"), tick_labels([0.0, 0.5], "unbounded")
    (['90.0 %', '92.5 %'], ['0.0', '0.5'])
    """
    scale, suffix = (1, "") if kind == "unbounded" else (100, " %")
    steps = [abs(b - a) * scale for a, b in itertools.pairwise(values)] or [1]
    step = min(steps)
    digits = next((d for d in range(6) if abs(round(step, d) - step) < 1e-9 * max(1, step)), 6)
    return [f"{v * scale:.{digits}f}{suffix}".replace("-", fmt.MINUS) for v in values]


def padded(values: Iterable[float | None], share: float = 0.06, least: float = 1e-3) -> tuple[float, float]:
    """Range of the known values, extended on both sides.

    Examples
    --------
    >>> padded([0.5, None, 1.5], 0.1)
    (0.4, 1.6)
    """
    known = [v for v in values if v is not None] or [0.0, 1.0]
    room = max((max(known) - min(known)) * share, least)
    return min(known) - room, max(known) + room


def marker(family: str, x: float, y: float, r: float = 5, *, faint: bool = False) -> Markup:
    """Marker of a family: disc (network), triangle (pretrained), square (classical) or diamond (floor)."""
    family = family_class(family)
    kind = f"mark {family}{' faint' if faint else ''}"
    if family == "network":
        return tag("circle", class_=kind, cx=x, cy=y, r=float(r))
    if family == "pretrained":
        corners = ((x, y - 1.2 * r), (x + 1.2 * r, y + 0.9 * r), (x - 1.2 * r, y + 0.9 * r))
        return tag("polygon", class_=kind, points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners))
    if family == "classical":
        side = 1.8 * r
        return tag("rect", class_=kind, x=x - side / 2, y=y - side / 2, width=side, height=side)
    return tag("path", class_=kind, d=f"M{x:.1f} {y - 1.3 * r:.1f}l{1.3 * r:.1f} {1.3 * r:.1f}"
               f"l{-1.3 * r:.1f} {1.3 * r:.1f}l{-1.3 * r:.1f} {-1.3 * r:.1f}z")  # fmt: skip


def whisker(mark: Mark, x: Scale, y: float) -> list[Markup]:
    """The interval of a mark as a horizontal line; empty if unknown."""
    if mark.low is None or mark.high is None:
        return []
    return [tag("line", class_=f"whisker {family_class(mark.family)}", x1=x(mark.low), x2=x(mark.high), y1=y, y2=y)]


def key_mark(family: str) -> Markup:
    """Marker of a family for a line of text; hidden from screen readers, which read the word beside it."""
    return tag("svg", marker(family, 7, 7, 4.5), class_="key", viewBox="0 0 14 14", width=14, height=14,
               aria_hidden="true")  # fmt: skip
