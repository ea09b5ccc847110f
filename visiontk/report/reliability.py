"""Reliability diagrams: for each learner that gives probabilities, what it predicted against what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.charts.svg import Axis, family_class, marker, svg, tag
from visiontk.report.figures import Results, figure, level

MOST_PANELS = 12


def reliability_chart(
    bins: Sequence[Mapping[str, Any]], *, name: str, family: str, title: str, desc: str,
    x_label: str, y_label: str, width: float = 310, height: float = 338,
) -> Markup:  # fmt: skip
    """Observed share with its interval against the mean prediction of each bin; below, how many samples it has.

    Parameters
    ----------
    bins : sequence of mapping
        Of `visiontk.report.calibration`.
    name, title, desc : str
        As in `visiontk.report.charts.svg.svg`.
    family : str
        Gives shape and colour.
    x_label, y_label : str
        What is predicted and what is observed.
    width, height : float
        In pixels.
    """
    left, right, top, bottom = 46.0, width - 10.0, 30.0, height - 88.0
    x, y = Axis(0.0, 1.0, left, right), Axis(0.0, 1.0, bottom, top)
    strip = Axis(0.0, max((b["n"] for b in bins), default=1.0) or 1.0, 0.0, 34.0)
    foot = bottom + 40.0
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        words = f"{100 * share:.0f} %"
        parts.append(tag("line", class_="grid", x1=left, x2=right, y1=y(share), y2=y(share)))
        parts.append(tag("text", words, x=left - 6, y=y(share) + 4, text_anchor="end"))
        if share in (0.0, 0.5, 1.0):
            anchor = {0.0: "start", 1.0: "end"}.get(share, "middle")
            parts.append(tag("text", words, x=x(share), y=foot + 16, text_anchor=anchor))
    parts.append(tag("line", class_="zero", x1=left, x2=right, y1=bottom, y2=top))
    for b in bins:
        n = f"{b['n']:,.0f}"
        note = f"{n} samples: predicted {_share(b['predicted'])}, observed {_observed(b)}"
        at, high = x(b["predicted"]), strip(b["n"])
        edges = x(b["low"]) + 1, x(b["high"]) - 1
        shape = [
            tag("rect", class_=f"count {family_class(family)}", x=edges[0], y=foot - high, width=edges[1] - edges[0],
                height=max(high, 1.0)),
            tag("line", class_=f"whisker {family_class(family)}", x1=at, x2=at, y1=y(b["observed_low"]),
                y2=y(b["observed_high"])),
            marker(family, at, y(b["observed"]), 4),
        ]  # fmt: skip
        parts.append(tag("g", tag("title", note), *shape))
    parts.append(tag("line", class_="axis", x1=left, x2=right, y1=foot, y2=foot))
    parts.append(tag("text", x_label, class_="axis-title", x=right, y=height - 10, text_anchor="end"))
    parts.append(tag("text", y_label, class_="axis-title", x=0, y=14))
    return svg(name, width, height, title, desc, *parts)


def reliability(results: Results) -> list[tuple[str, str, Figure]]:
    """For each learner with probabilities its name, its family and its diagram; empty where nothing was asked for."""
    labels = results["dataset"]["labels"]
    told = [item for item in results["learners"] if item.get("calibration") and item["calibration"]["bins"]]
    made = []
    for k, item in enumerate([item for item in told if item["family"] != "floor"][:MOST_PANELS]):
        bins = item["calibration"]["bins"]
        second = item["calibration"]["of"] == "second class"
        what = f"{labels[1]}" if second and len(labels) > 1 else "the likeliest class"
        chart = reliability_chart(
            bins, name=f"reliability-{k}", family=item["family"], title=f"Reliability of {item['name']}",
            desc=f"{len(bins)} bins; the data stand in the table.",
            x_label=fmt.shorten(f"predicted: {what} →", 40), y_label="how often it was so ↑",
        )  # fmt: skip
        rows = [
            (f"{100 * b['low']:.0f} to {100 * b['high']:.0f} %", f"{b['n']:,.0f}", _share(b["predicted"]), _observed(b))
            for b in bins
        ]
        came = f"share of {what}" if second else "share that was right"
        caption = (
            f"Across: predicted probability that the sample is {what}. Up: how often it was so, with "
            f"{level(results)} intervals. On the line, predictions mean what they say. Bars: samples in each bin."
        )
        made.append((item["name"], item["family"], figure(f"reliability-{k}", chart, caption,
                     ("bin", "samples", "mean prediction", came), rows)))  # fmt: skip
    return made


def _share(value: float | None) -> str:
    return fmt.value(value, "proportion")


def _observed(b: Mapping[str, Any]) -> str:
    return fmt.with_interval(b["observed"], b["observed_low"], b["observed_high"], "proportion")
