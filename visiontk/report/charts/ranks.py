"""The critical-difference diagram of Demsar (2006): mean ranks on an axis, bars over those that are not told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.svg import CHARACTER, Axis, marker, svg, tag


class Ranked(NamedTuple):
    """A learner and its mean rank."""

    name: str
    family: str
    mean_rank: float


def rank_chart(
    learners: Sequence[Ranked],
    cliques: Sequence[tuple[float, float]],
    critical: float,
    *,
    name: str,
    width: float,
    title: str,
    desc: str,
) -> Markup:
    """All names on the left, below each other by rank, so that no line crosses another and a phone has room.

    Parameters
    ----------
    learners : sequence of Ranked
        By rising mean rank.
    cliques : sequence of (float, float)
        First and last mean rank under each bar.
    critical : float
        The critical difference, drawn as a scale above the axis.
    name, title, desc : str
        As in `visiontk.report.charts.svg.svg`.
    width : float
        In pixels; the height follows from the number of learners and bars.
    """
    most = max(8, int(0.34 * width / CHARACTER))
    left = 16 + CHARACTER * min(most, max((len(each.name) for each in learners), default=0))
    x = Axis(1.0, float(max(2, len(learners))), left + 12, width - 44)
    parts = _scale(x, critical, 18.0)
    axis = 56.0
    parts.append(tag("line", class_="axis", x1=x.start, x2=x.end, y1=axis, y2=axis))
    step = max(1, -(-len(learners) // max(2, int((x.end - x.start) / 26))))
    for rank in range(1, len(learners) + 1, step):
        parts.append(tag("line", class_="tick", x1=x(rank), x2=x(rank), y1=axis - 5, y2=axis))
        parts.append(tag("text", str(rank), x=x(rank), y=axis - 9, text_anchor="middle"))
    bars, rows = axis + 14, axis + 28 + 11 * len(cliques)
    places = [(each, x(each.mean_rank), rows + 26.0 * i) for i, each in enumerate(learners)]
    for _, at, y in places:
        points = f"{at:.1f},{axis:.1f} {at:.1f},{y:.1f} {left:.1f},{y:.1f}"
        parts.append(tag("polyline", class_="leader", points=points))
    for each, at, y in places:  # after all lines, which a label covers
        shown = tag("title", f"{each.name}: mean rank {each.mean_rank:.2f}")
        parts.append(tag("text", tag("title", each.name), fmt.shorten(each.name, most), x=left - 6, y=y + 4,
                         text_anchor="end", class_="label"))  # fmt: skip
        parts.append(tag("text", f"{each.mean_rank:.2f}", x=at + 10, y=y + 4, class_="label"))
        parts.append(tag("g", shown, marker(each.family, at, y)))
    for i, (first, last) in enumerate(cliques):
        # A little longer than the ranks it joins, as is the custom: bars that begin at one rank stay visible.
        start, end = x(first) - 6, x(last) + 6
        parts.append(tag("rect", tag("title", f"mean ranks {first:.2f} to {last:.2f} are not told apart"),
                         class_="mark difference", x=start, width=end - start, y=bars + 11.0 * i, height=6.0,
                         rx=3))  # fmt: skip
    return svg(name, width, rows + 26.0 * (len(learners) - 1) + 18, title, desc, *parts)


def _scale(x: Axis, critical: float, y: float) -> list[Markup]:
    """The critical difference as a length, cut where it is longer than the axis."""
    cut = 1 + critical > x.high
    end = x(1 + critical)
    ends = [x.start] if cut else [x.start, end]
    parts = [tag("line", class_="whisker difference", x1=x.start, x2=end, y1=y + 6, y2=y + 6)]
    parts += [tag("line", class_="whisker difference", x1=at, x2=at, y1=y + 2, y2=y + 10) for at in ends]
    words = f"critical difference {critical:.2f}" + (", more than fits" if cut else "")
    return [*parts, tag("text", words, x=x.start, y=y - 5)]
