"""Chart of a metric against cost, with labels where there is room for them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.axes import labelled_ticks, xy_axes
from visiontk.report.charts.svg import CHARACTER_WIDTH, Box, Mark, Scale, family_class, marker, padded, svg, tag

MOST_LABELS, MOST_LABELS_NARROW = 16, 10
"""With more points than this, only strong and undominated ones are labelled."""


class Point(NamedTuple):
    """A learner in the chart of metric against cost."""

    label: str
    family: str
    x: float
    y: float
    low: float | None
    high: float | None
    strong: bool
    note: str


class Spot(NamedTuple):
    """A point on the drawing, in pixels."""

    point: Point
    x: float
    y: float
    is_dominated: bool

    @property
    def faint(self) -> bool:
        """True if a dominated point is drawn in pale colours."""
        return self.is_dominated and not self.point.strong


def dominated(points: Sequence[Point], higher: bool = True) -> list[bool]:
    """True for each point that another point Pareto-dominates: no worse in value and cost, better in one of them.

    Examples
    --------
    >>> point = Point("a", "network", 1.0, 0.9, None, None, False, "")
    >>> dominated([point, point._replace(x=2.0), point._replace(x=3.0, y=0.95)])
    [False, True, False]
    """
    sign = 1 if higher else -1
    pairs = [(p.x, sign * p.y) for p in points]
    return [any(x <= px and y >= py and (x, y) != (px, py) for x, y in pairs) for px, py in pairs]


def _label_boxes(x: float, y: float, width: float) -> list[tuple[Box, str, bool]]:
    """Candidate places for a label around a point, by preference: box, text anchor, True with a leader line."""
    places = []
    for ring, (dx, dy) in enumerate(((10, 16), (20, 30), (32, 46), (44, 64))):
        for side, lift in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1)):
            if ring and not lift:
                continue
            left = x + dx if side > 0 else x - dx - width if side < 0 else x - width / 2
            middle = y + lift * dy * (0.8 if side else 1)
            box = Box(left, middle - 8, left + width, middle + 8)
            places.append((box, "start" if side > 0 else "end" if side < 0 else "middle", ring > 0))
    return places


def place_labels(
    anchors: Sequence[tuple[float, float, float]], obstacles: Sequence[Box], frame: Box, n_needed: int = 0
) -> list[tuple[Box, str, bool] | None]:
    """Greedy placement of the labels of points, so that they cover neither each other nor an obstacle.

    `anchors` are the pixels (x, y) of points and the widths of their labels, by decreasing importance; the first
    `n_needed` labels are placed even where they cover something, and all within `frame`. For each point the result has
    the box, the text anchor, and True if it needs a leader line; None for a label without room.
    """
    placed: list[tuple[Box, str, bool] | None] = []
    labels: list[Box] = []
    for i, (x, y, width) in enumerate(anchors):
        # A label may cover a few square pixels of an interval, but no marker and no word.
        best, best_cost = None, math.inf if i < n_needed else 60.0
        for preference, place in enumerate(_label_boxes(x, y, width)):
            box = place[0]
            if box.left < frame.left or box.right > frame.right or box.top < frame.top or box.bottom > frame.bottom:
                continue
            cost = preference + sum(9 * box.overlap(b) for b in labels) + sum(2 * box.overlap(b) for b in obstacles)
            if cost < best_cost:
                best, best_cost = place, cost
        placed.append(best)
        if best:
            labels.append(best[0])
    return placed


def cost_chart(
    points: Sequence[Point], floors: Sequence[Mark], *, name: str, width: float, height: float, title: str, desc: str,
    kind: str, y_label: str, x_label: str, marks: Mapping[float, str], higher: bool = True,
) -> Markup:  # fmt: skip
    """A metric with its interval against cost on a logarithmic axis; floors and a ceiling are horizontal lines.

    Dominated learners are faint. A floor far from all other values is drawn in a separate strip beyond a break of the
    axis, so that the others stay apart. `marks` are the labels of the horizontal axis, by increasing cost; `higher` is
    True if larger values are preferred.
    """
    low, high = padded([v for p in points for v in (p.y, p.low, p.high)], 0.08)
    span = high - low
    far = [f for f in floors if not low - span < f.value < high + span] if points else []
    near = [f for f in floors if f not in far]
    far = [f for f in far if f.family != "ceiling"]
    if near:
        low, high = padded([low, high, *(f.value for f in near)], 0.02)
    if kind != "unbounded":
        low, high = max(low, -0.02), min(high, 1 + 0.03 * (high - low))
    below = bool(far) and far[0].value < low
    frame = Box(58, 34, width - 14, height - 46)
    strip = 40.0 if far else 0.0
    y = Scale(low, high, frame.bottom - (strip if below else 0), frame.top + (0 if below else strip))
    x = Scale(*padded((math.log10(p.x) for p in points), 0.1, 0.25), frame.left, frame.right)
    at = [(x(math.log10(cost)), label) for cost, label in marks.items() if x.low <= math.log10(cost) <= x.high]
    parts = xy_axes(y, frame, labelled_ticks(y, 5 if height > 300 else 4, kind), at, x_label, y_label)

    flags = dominated(points, higher)
    spots = [Spot(p, x(math.log10(p.x)), y(p.y), flag) for p, flag in zip(points, flags, strict=True)]
    floor_parts, obstacles = _floor_lines(near, far, y, frame, below)
    front_parts, front_boxes = _front([(spot.x, spot.y) for spot in spots if not spot.is_dominated])
    parts += floor_parts + front_parts
    for spot in sorted(spots, key=lambda spot: (not spot.faint, spot.point.strong)):
        shape, boxes = _mark(spot, y)
        parts.append(shape)
        obstacles += boxes
    obstacles += front_boxes

    most = MOST_LABELS if width > 500 else MOST_LABELS_NARROW
    order = sorted(spots, key=lambda spot: (not spot.point.strong, spot.is_dominated))
    if len(points) > most:
        order = [spot for spot in order if spot.point.strong or not spot.is_dominated][:most]
    room = Box(frame.left + 2, frame.top - 12, width, frame.bottom - (strip if below else 2))
    return svg(name, width, height, title, desc, *parts, *_labels(order, obstacles, room))


def _mark(spot: Spot, y: Scale) -> tuple[Markup, list[Box]]:
    """The marker of a point with its interval and tooltip, and what they cover."""
    p, px, py = spot.point, spot.x, spot.y
    shape = [marker(p.family, px, py, 7 if p.strong else 5, faint=spot.faint)]
    covered = [Box(px - 7, py - 7, px + 7, py + 7)]
    if p.low is not None and p.high is not None:
        kind = f"whisker {family_class(p.family)}{' faint' if spot.faint else ''}"
        shape.insert(0, tag("line", class_=kind, x1=px, x2=px, y1=y(p.low), y2=y(p.high)))
        covered.append(Box(px - 2, min(y(p.low), y(p.high)), px + 2, max(y(p.low), y(p.high))))
    return tag("g", tag("title", p.note), *shape), covered


def _floor_lines(
    near: Sequence[Mark], far: Sequence[Mark], y: Scale, frame: Box, below: bool
) -> tuple[list[Markup], list[Box]]:
    """Lines of the floors, and what their texts cover; one line beyond a break for all that are off the scale."""
    lines = [(y(f.value), f.note) for f in near]
    parts = []
    if far:
        level = frame.bottom - 14 if below else frame.top + 14
        note = "; ".join(f.note for f in far)
        whole = f"{note} (off the scale)"
        # Without room for the words, only the break of the axis says that it is off the scale.
        lines.append((level, whole if CHARACTER_WIDTH * len(whole) < frame.right - frame.left else note))
        parts.append(tag("path", class_="break", d=f"M{frame.left - 6:.1f} {level - 16:.1f}l12 -5m-12 10l12 -5"))
    covered = []
    for level, note in lines:
        words = fmt.shorten(note, int((frame.right - frame.left) / CHARACTER_WIDTH))
        parts.append(tag("line", tag("title", note), class_="floor-line", x1=frame.left, x2=frame.right,
                         y1=level, y2=level))  # fmt: skip
        parts.append(tag("text", words, class_="quiet", x=frame.right, y=level - 6, text_anchor="end"))
        covered.append(Box(frame.right - CHARACTER_WIDTH * len(words), level - 18, frame.right, level + 2))
        covered.append(Box(frame.left, level - 1, frame.right, level + 1))
    return parts, covered


def _front(spots: Sequence[tuple[float, float]]) -> tuple[list[Markup], list[Box]]:
    """The Pareto front as a thin stair through undominated points, and what it covers."""
    stair = sorted(spots)
    if len(stair) < 2:
        return [], []
    path = f"M{stair[0][0]:.1f} {stair[0][1]:.1f}"
    covered = []
    for (x0, y0), (x1, y1) in itertools.pairwise(stair):
        path += f"H{x1:.1f}V{y1:.1f}"
        covered += [Box(x0, y0 - 1, x1, y0 + 1), Box(x1 - 1, min(y0, y1), x1 + 1, max(y0, y1))]
    return [tag("path", class_="front", d=path)], covered


def _labels(spots: Sequence[Spot], obstacles: Sequence[Box], room: Box) -> list[Markup]:
    """Names of points where there is room for them, with a thin line where a name stands apart."""
    names = [fmt.shorten(spot.point.label, 26) for spot in spots]
    anchors = [
        (spot.x, spot.y, CHARACTER_WIDTH * len(name) * (1.08 if spot.point.strong else 1))
        for name, spot in zip(names, spots, strict=True)
    ]
    places = place_labels(anchors, obstacles, room, sum(spot.point.strong for spot in spots))
    parts = []
    for name, spot, place in zip(names, spots, places, strict=True):
        if place is None:
            continue
        box, anchor, leader = place
        at = {"start": box.left, "end": box.right, "middle": (box.left + box.right) / 2}[anchor]
        middle = (box.top + box.bottom) / 2
        if leader:
            edge = box.bottom - 3 if middle < spot.y else box.top + 3
            parts.append(tag("line", class_="leader", x1=spot.x, y1=spot.y, x2=at, y2=edge))
        kind = "label strong" if spot.point.strong else "label quiet" if spot.faint else "label"
        parts.append(tag("text", name, class_=kind, x=at, y=middle + 4, text_anchor=anchor))
    return parts
