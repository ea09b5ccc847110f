"""Critical-difference diagram of Demsar (2006): mean ranks on an axis, bars over ranks that do not differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report.charts.axes import label_column, row_label
from visiontk.report.charts.svg import Scale, marker, svg, tag


class Ranked(NamedTuple):
    """A learner and its mean rank."""

    name: str
    family: str
    mean_rank: float


def rank_chart(
    learners: Sequence[Ranked], cliques: Sequence[tuple[float, float]], critical: float, *, name: str, width: float,
    title: str, desc: str,
) -> Markup:  # fmt: skip
    """Names below each other on the left, by mean rank: no two lines cross, and the chart fits on a phone.

    `cliques` are the first and last mean rank under each bar; the critical difference is a scale above the axis.
    """
    left, longest = label_column([each.name for each in learners], width, 0.34, 16.0)
    x = Scale(1.0, float(max(2, len(learners))), left + 12, width - 44)
    axis = 56.0
    top = axis + 28 + 11 * len(cliques)
    places = [(each, x(each.mean_rank), top + 26.0 * i) for i, each in enumerate(learners)]
    parts = [*_critical_difference(x, critical, 18.0), *_axis(x, axis, len(learners))]
    for _, at, y in places:
        points = f"{at:.1f},{axis:.1f} {at:.1f},{y:.1f} {left:.1f},{y:.1f}"
        parts.append(tag("polyline", class_="leader", points=points))
    for each, at, y in places:  # after all lines, which a label covers
        note = tag("title", f"{each.name}: mean rank {each.mean_rank:.2f}")
        parts.append(row_label(each.name, longest, left - 6, y, "label"))
        parts.append(tag("text", f"{each.mean_rank:.2f}", x=at + 10, y=y + 4, class_="label"))
        parts.append(tag("g", note, marker(each.family, at, y)))
    for i, (first, last) in enumerate(cliques):
        # Longer than the ranks it joins, as is customary: bars that begin at one rank stay visible.
        start, end = x(first) - 6, x(last) + 6
        parts.append(tag("rect", tag("title", f"mean ranks {first:.2f} to {last:.2f}: no significant difference"),
                         class_="mark difference", x=start, width=end - start, y=axis + 14 + 11.0 * i, height=6.0,
                         rx=3))  # fmt: skip
    return svg(name, width, top + 26.0 * (len(learners) - 1) + 18, title, desc, *parts)


def _axis(x: Scale, y: float, n: int) -> list[Markup]:
    """The axis of ranks from 1 to `n`, with as many labels as there is room for."""
    parts = [tag("line", class_="axis", x1=x.start, x2=x.end, y1=y, y2=y)]
    step = max(1, -(-n // max(2, int((x.end - x.start) / 26))))
    for rank in range(1, n + 1, step):
        parts.append(tag("line", class_="tick", x1=x(rank), x2=x(rank), y1=y - 5, y2=y))
        parts.append(tag("text", str(rank), x=x(rank), y=y - 9, text_anchor="middle"))
    return parts


def _critical_difference(x: Scale, critical: float, y: float) -> list[Markup]:
    """The critical difference as a length, cut off at the end of the axis."""
    is_cut = 1 + critical > x.high
    end = x(1 + critical)
    ends = [x.start] if is_cut else [x.start, end]
    parts = [tag("line", class_="whisker difference", x1=x.start, x2=end, y1=y + 6, y2=y + 6)]
    parts += [tag("line", class_="whisker difference", x1=at, x2=at, y1=y + 2, y2=y + 10) for at in ends]
    words = f"critical difference {critical:.2f}" + (", longer than the axis" if is_cut else "")
    return [*parts, tag("text", words, x=x.start, y=y - 5)]
