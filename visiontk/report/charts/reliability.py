"""Reliability diagram of one learner: observed frequency against predicted probability."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.charts.axes import axis_label, horizontal_grid
from visiontk.report.charts.svg import Box, Scale, family_class, marker, svg, tag
from visiontk.report.values import Bin


def bin_texts(b: Bin) -> tuple[str, str]:
    """Mean prediction, and observed frequency with its interval, in percent."""
    observed = fmt.with_interval(b["observed"], b["observed_low"], b["observed_high"], "proportion")
    return fmt.value(b["predicted"], "proportion"), observed


def reliability_chart(
    bins: Sequence[Bin], *, name: str, family: str, title: str, desc: str,
    x_label: str, y_label: str, width: float = 310, height: float = 338,
) -> Markup:  # fmt: skip
    """Observed frequency with its interval against the mean prediction of each bin; below, bars of bin sizes."""
    frame = Box(46.0, 30.0, width - 10.0, height - 88.0)
    x, y = Scale(0.0, 1.0, frame.left, frame.right), Scale(0.0, 1.0, frame.bottom, frame.top)
    size = Scale(0.0, max((b["n"] for b in bins), default=1.0) or 1.0, 0.0, 34.0)
    foot = frame.bottom + 40.0
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    parts = horizontal_grid(y, frame, [(share, f"{100 * share:.0f} %") for share in shares], gap=6)
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        parts.append(tag("text", f"{100 * share:.0f} %", x=x(share), y=foot + 16, text_anchor=anchor))
    parts.append(tag("line", class_="zero", x1=frame.left, x2=frame.right, y1=frame.bottom, y2=frame.top))
    for b in bins:
        note = f"{b['n']:,.0f} samples: predicted {{}}, observed {{}}".format(*bin_texts(b))
        left, right, bar = x(b["low"]) + 1, x(b["high"]) - 1, size(b["n"])
        shape = [
            tag("rect", class_=f"count {family_class(family)}", x=left, y=foot - bar, width=right - left,
                height=max(bar, 1.0)),
            tag("line", class_=f"whisker {family_class(family)}", x1=x(b["predicted"]), x2=x(b["predicted"]),
                y1=y(b["observed_low"]), y2=y(b["observed_high"])),
            marker(family, x(b["predicted"]), y(b["observed"]), 4),
        ]  # fmt: skip
        parts.append(tag("g", tag("title", note), *shape))
    parts.append(tag("line", class_="axis", x1=frame.left, x2=frame.right, y1=foot, y2=foot))
    parts.append(axis_label(x_label, frame.right, height - 10, "end"))
    parts.append(axis_label(y_label, 0, 14))
    return svg(name, width, height, title, desc, *parts)
