"""The chart of metric against cost, with names where there is room for them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.svg import (
    CHARACTER,
    Axis,
    Box,
    Mark,
    family_class,
    marker,
    padded,
    svg,
    tag,
    tick_labels,
    ticks,
)


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


def dominated(points: Sequence[Point], higher: bool = True) -> list[bool]:
    """For each point, whether another one is at least as good and as cheap, and more so in one of the two.

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
    """Places for a label around a point, the preferred one first: box, text anchor, whether it needs a leader."""
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
    """Where to write the label of each point so that nothing is covered.

    Parameters
    ----------
    anchors : sequence of (x, y, width)
        Pixel of each point and the width of its label, the most important first.
    obstacles : sequence of Box
        Markers and intervals that no label should cover.
    frame : Box
        No label reaches out of it.
    n_needed : int
        So many of the first are placed where they cover least, even if that is something.

    Returns
    -------
    list
        For each point the box, the text anchor and whether a thin line must lead to it; None for a
        label that has no room.
    """
    placed: list[tuple[Box, str, bool] | None] = []
    taken: list[Box] = []
    for i, (x, y, width) in enumerate(anchors):
        best, best_cost = (
            None,
            math.inf if i < n_needed else 60.0,
        )  # a few square pixels of a whisker may be covered, no marker and no word
        for preference, place in enumerate(_label_boxes(x, y, width)):
            box = place[0]
            if box.left < frame.left or box.right > frame.right or box.top < frame.top or box.bottom > frame.bottom:
                continue
            cost = preference + sum(9 * box.overlap(b) for b in taken) + sum(2 * box.overlap(b) for b in obstacles)
            if cost < best_cost:
                best, best_cost = place, cost
        placed.append(best)
        if best:
            taken.append(best[0])
    return placed


def cost_chart(
    points: Sequence[Point],
    floors: Sequence[Mark],
    *,
    name: str,
    width: float,
    height: float,
    title: str,
    desc: str,
    kind: str,
    y_label: str,
    x_label: str,
    marks: Mapping[float, str],
    higher: bool = True,
    most_labels: int | None = None,
) -> Markup:
    """A metric with its interval against cost on a logarithmic axis; floors are horizontal lines.

    Learners that another one beats in both are lighter. A floor far away from everything else is
    drawn in a strip of its own, below a break of the axis, so that the others stay apart.

    Parameters
    ----------
    points : sequence of Point
        With ``x > 0``.
    floors : sequence of Mark
        Values of learners that ignore their input.
    name, title, desc : str
        As in `svg`.
    width, height : float
        In pixels.
    kind : {"proportion", "bounded", "unbounded"}
        Of the metric.
    y_label, x_label : str
        What the axes show.
    marks : mapping of float to str
        Costs that are written at the axis.
    higher : bool
        Whether larger values are preferred.
    most_labels : int, optional
        With more points than this, only strong and undominated ones are labelled; by default 16, or 10
        on a narrow drawing.
    """
    low, high = padded([v for p in points for v in (p.y, p.low, p.high)], 0.08)
    span = high - low
    far = [f for f in floors if not low - span < f.value < high + span] if points else []
    near = [f for f in floors if f not in far]
    if near:
        low, high = padded([low, high, *(f.value for f in near)], 0.02)
    if kind != "unbounded":
        low, high = max(low, -0.02), min(high, 1 + 0.03 * (high - low))
    below = bool(far) and far[0].value < low
    frame = Box(58, 34, width - 14, height - 46)
    strip = 40.0 if far else 0.0
    y = Axis(low, high, frame.bottom - (strip if below else 0), frame.top + (0 if below else strip))
    x = Axis(*padded((math.log10(p.x) for p in points), 0.1, 0.25), frame.left, frame.right)
    faint = dominated(points, higher)
    spots = [(x(math.log10(p.x)), y(p.y)) for p in points]

    parts = [tag("text", y_label, class_="axis-title", x=0, y=14)]
    parts += _value_grid(y, frame, kind, 5 if height > 300 else 4)
    parts += _cost_axis(x, frame, marks)
    parts.append(tag("text", x_label, class_="axis-title", x=frame.right, y=height - 6, text_anchor="end"))
    floor_parts, obstacles = _floor_lines(near, far, y, frame, below)
    front_parts, front_boxes = _front([spot for spot, dull in zip(spots, faint, strict=True) if not dull])
    parts += floor_parts + front_parts
    obstacles += front_boxes
    pale = [dull and not p.strong for p, dull in zip(points, faint, strict=True)]
    for i in sorted(range(len(points)), key=lambda i: (not pale[i], points[i].strong)):
        p, (px, py), dull = points[i], spots[i], pale[i]
        shape = [marker(p.family, px, py, 7 if p.strong else 5, faint=dull)]
        obstacles.append(Box(px - 7, py - 7, px + 7, py + 7))
        if p.low is not None and p.high is not None:
            kind_of_bar = f"whisker {family_class(p.family)}{' faint' if dull else ''}"
            shape.insert(0, tag("line", class_=kind_of_bar, x1=px, x2=px, y1=y(p.low), y2=y(p.high)))
            obstacles.append(Box(px - 2, min(y(p.low), y(p.high)), px + 2, max(y(p.low), y(p.high))))
        parts.append(tag("g", tag("title", p.note), *shape))

    if most_labels is None:
        most_labels = 16 if width > 500 else 10
    order = sorted(range(len(points)), key=lambda i: (not points[i].strong, faint[i]))
    if len(points) > most_labels:
        order = [i for i in order if points[i].strong or not faint[i]][:most_labels]
    room = Box(frame.left + 2, frame.top - 12, width, frame.bottom - (strip if below else 2))
    chosen = [(points[i], spots[i], pale[i]) for i in order]
    return svg(name, width, height, title, desc, *parts, *_labels(chosen, obstacles, room))


def _value_grid(y: Axis, frame: Box, kind: str, n: int) -> list[Markup]:
    values, parts = ticks(y.low, y.high, n), []
    for value, label in zip(values, tick_labels(values, kind), strict=True):
        parts.append(tag("line", class_="grid", x1=frame.left, x2=frame.right, y1=y(value), y2=y(value)))
        parts.append(tag("text", label, x=frame.left - 8, y=y(value) + 4, text_anchor="end"))
    return parts


def _cost_axis(x: Axis, frame: Box, marks: Mapping[float, str]) -> list[Markup]:
    parts = [tag("line", class_="axis", x1=frame.left, x2=frame.right, y1=frame.bottom, y2=frame.bottom)]
    used = -1e9
    for cost, label in marks.items():
        if x.low <= math.log10(cost) <= x.high:
            at, half = x(math.log10(cost)), CHARACTER * len(label) / 2
            parts.append(tag("line", class_="tick", x1=at, x2=at, y1=frame.bottom, y2=frame.bottom + 5))
            if at - half > used + 6:
                parts.append(tag("text", label, x=at, y=frame.bottom + 19, text_anchor="middle"))
                used = at + half
    return parts


def _floor_lines(
    near: Sequence[Mark], far: Sequence[Mark], y: Axis, frame: Box, below: bool
) -> tuple[list[Markup], list[Box]]:
    """Lines of the floors and what their texts cover; one line, beyond a break, for all that are off the scale."""
    lines = [(y(f.value), f.note) for f in near]
    parts = []
    if far:
        level = frame.bottom - 14 if below else frame.top + 14
        note = "; ".join(f.note for f in far)
        whole = f"{note} (off the scale)"
        # The break in the axis says it too, where there is no room for the words.
        lines.append((level, whole if CHARACTER * len(whole) < frame.right - frame.left else note))
        parts.append(tag("path", class_="break", d=f"M{frame.left - 6:.1f} {level - 16:.1f}l12 -5m-12 10l12 -5"))
    covered = []
    for level, note in lines:
        words = fmt.shorten(note, int((frame.right - frame.left) / CHARACTER))
        parts.append(tag("line", tag("title", note), class_="floor-line", x1=frame.left, x2=frame.right,
                         y1=level, y2=level))  # fmt: skip
        parts.append(tag("text", words, class_="quiet", x=frame.right, y=level - 6, text_anchor="end"))
        covered.append(Box(frame.right - CHARACTER * len(words), level - 18, frame.right, level + 2))
        covered.append(Box(frame.left, level - 1, frame.right, level + 1))
    return parts, covered


def _front(spots: Sequence[tuple[float, float]]) -> tuple[list[Markup], list[Box]]:
    """A thin stair through the points that no other one dominates, and what it covers."""
    stair = sorted(spots)
    if len(stair) < 2:
        return [], []
    path = f"M{stair[0][0]:.1f} {stair[0][1]:.1f}"
    covered = []
    for (x0, y0), (x1, y1) in itertools.pairwise(stair):
        path += f"H{x1:.1f}V{y1:.1f}"
        covered += [Box(x0, y0 - 1, x1, y0 + 1), Box(x1 - 1, min(y0, y1), x1 + 1, max(y0, y1))]
    return [tag("path", class_="front", d=path)], covered


def _labels(
    chosen: Sequence[tuple[Point, tuple[float, float], bool]], obstacles: Sequence[Box], room: Box
) -> list[Markup]:
    """Names of points where there is room for them, with a thin line where a name stands apart."""
    names = [fmt.shorten(p.label, 26) for p, _, _ in chosen]
    anchors = [
        (*spot, CHARACTER * len(name) * (1.08 if p.strong else 1))
        for name, (p, spot, _) in zip(names, chosen, strict=True)
    ]
    places = place_labels(anchors, obstacles, room, sum(p.strong for p, _, _ in chosen))
    parts = []
    for name, (p, (px, py), dull), place in zip(names, chosen, places, strict=True):
        if place is None:
            continue
        box, anchor, leader = place
        at = {"start": box.left, "end": box.right, "middle": (box.left + box.right) / 2}[anchor]
        middle = (box.top + box.bottom) / 2
        if leader:
            edge = box.bottom - 3 if middle < py else box.top + 3
            parts.append(tag("line", class_="leader", x1=px, y1=py, x2=at, y2=edge))
        kind = "label strong" if p.strong else "label quiet" if dull else "label"
        parts.append(tag("text", name, class_=kind, x=at, y=middle + 4, text_anchor=anchor))
    return parts
