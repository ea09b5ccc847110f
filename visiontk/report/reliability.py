"""Reliability diagrams of all learners that give probabilities."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.charts.reliability import Bin, reliability_chart
from visiontk.report.figures import Results, figure, level

MOST_PANELS = 12


def reliability(results: Results) -> list[tuple[str, str, Figure]]:
    """Name, family and reliability diagram of each learner with probabilities; floors are left out."""
    labels = results["dataset"]["labels"]
    learners = [item for item in results["learners"] if item.get("calibration") and item["calibration"]["bins"]]
    figures = []
    for k, item in enumerate([item for item in learners if item["family"] != "floor"][:MOST_PANELS]):
        bins = [Bin(*(b[field] for field in Bin._fields)) for b in item["calibration"]["bins"]]
        second = item["calibration"]["of"] == "second class"
        what = f"{labels[1]}" if second and len(labels) > 1 else "the likeliest class"
        chart = reliability_chart(
            bins, name=f"reliability-{k}", family=item["family"], title=f"Reliability of {item['name']}",
            desc=f"{len(bins)} bins; the data are in the table.",
            x_label=fmt.shorten(f"predicted: {what} →", 40), y_label="observed frequency ↑",
        )  # fmt: skip
        rows = [
            (f"{100 * b.low:.0f} to {100 * b.high:.0f} %", f"{b.n:,.0f}", b.predicted_text, b.observed_text)
            for b in bins
        ]
        observed = f"share of {what}" if second else "share that was right"
        caption = (
            f"Horizontal axis: predicted probability that the sample is {what}. Vertical axis: how often that was "
            f"true, with {level(results)} intervals. On the diagonal, predictions are calibrated. Bars: bin sizes."
        )
        figures.append((item["name"], item["family"], figure(f"reliability-{k}", chart, caption,
                        ("bin", "samples", "mean prediction", observed), rows)))  # fmt: skip
    return figures
