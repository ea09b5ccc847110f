"""Reliability diagrams: predicted probabilities against observed shares, bin by bin."""

from __future__ import annotations

import numpy as np

from visiontk.core import Floats, Ints, Strings
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Figure, Fold, Heading, Panels, Text
from visiontk.report.charts.reliability import bin_texts, reliability_chart
from visiontk.report.figures import figure
from visiontk.report.section import Page, Section
from visiontk.report.sections.calibration_methods import table_blocks
from visiontk.report.values import Bin, Calibration, LearnerRow
from visiontk.stats import wilson

N_BINS = 10
MOST_PANELS = 12
SHOWN_PANELS = 3


def reliability_bins(y: Ints, scores: Floats, groups: Strings | Ints | None = None) -> Calibration:
    """Return the reliability diagram [1]_ of one learner: bins of equal width, each with Wilson's interval [2]_.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True classes.
    scores : ndarray of float, shape (n_seeds, n, n_classes)
        Probabilities. Seeds are pooled; intervals count every sample once, not once a seed.
    groups : ndarray of shape (n,), optional
        Intervals count these instead of samples.

    Returns
    -------
    Calibration
        ``of``: the probability of the second of two classes, or that the likeliest of several is right. ``n`` of a bin
        is a mean over seeds; bins without samples are left out.

    References
    ----------
    .. [1] DeGroot and Fienberg (1983), The comparison and evaluation of forecasters, The Statistician 32, 12.
    .. [2] Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209.
    """
    n_seeds, n, n_classes = scores.shape
    if n_classes == 2:
        predicted, occurred = scores[:, :, 1], np.broadcast_to(y == 1, (n_seeds, n))
    else:
        predicted, occurred = scores.max(axis=2), scores.argmax(axis=2) == y
    place = np.clip((predicted * N_BINS).astype(np.int64), 0, N_BINS - 1)
    bins: list[Bin] = []
    for i in range(N_BINS):
        inside = place == i
        if not inside.any():
            continue
        n_units = float(inside.sum() / n_seeds)
        if groups is not None:
            n_units = float(np.mean([len(np.unique(groups[of_seed])) for of_seed in inside if of_seed.any()]))
        observed = float(occurred[inside].mean())
        low, high = wilson(observed * n_units, n_units)
        bins.append(
            {
                "low": i / N_BINS,
                "high": (i + 1) / N_BINS,
                "n": float(inside.sum() / n_seeds),
                "predicted": float(predicted[inside].mean()),
                "observed": observed,
                "observed_low": low,
                "observed_high": high,
            }
        )
    return {"of": "second class" if n_classes == 2 else "likeliest class", "bins": bins}


def blocks(value: None, page: Page) -> list[Block]:
    """Return a diagram for each learner with probabilities, and what each calibration would give."""
    shown = [row for row in page.results["learners"] if row["calibration"] and row["calibration"]["bins"]]
    shown = [row for row in shown if row["family"] != "floor"][:MOST_PANELS]
    offered = table_blocks(page.results["probabilities"], page)
    if not shown and not offered:
        return []
    inside: list[Block] = []
    if ranking := [row["name"] for row in page.results["learners"] if not row["calibration"]]:
        verb = "gives scores, not probabilities, so it appears" if len(ranking) == 1 else (
            "give scores, not probabilities, so they appear")  # fmt: skip
        inside.append(Text(f"{fmt.listed(ranking)} {verb} only after calibration.", "lead"))
    if shown:
        panels = [(Heading(row["name"], row["family"]), _diagram(row, k, page)) for k, row in enumerate(shown)]
        inside += [Text(_caption(shown[0], page), "lead"), Panels(panels[:SHOWN_PANELS])]
        if more := panels[SHOWN_PANELS:]:
            inside.append(Fold(fmt.plural(len(more), "more learner"), [Panels(more)]))
    return inside + offered


def _diagram(row: LearnerRow, k: int, page: Page) -> Figure:
    bins, event = _calibration(row)["bins"], _event(row, page)
    chart = reliability_chart(
        bins, name=f"reliability-{k}", family=row["family"], title=f"Reliability of {row['name']}",
        desc=f"{len(bins)} bins; the data are in the table.",
        x_label=fmt.shorten(f"predicted: {event} →", 40), y_label="observed frequency ↑",
    )  # fmt: skip
    rows = [(f"{100 * b['low']:.0f} to {100 * b['high']:.0f} %", f"{b['n']:,.0f}", *bin_texts(b)) for b in bins]
    observed = f"share of {event}" if _calibration(row)["of"] == "second class" else "share that was right"
    return figure(f"reliability-{k}", chart, "", ("bin", "samples", "mean prediction", observed), rows)


def _caption(row: LearnerRow, page: Page) -> str:
    return (
        f"Horizontal axis: predicted probability of {_event(row, page)}. Vertical axis: its observed frequency, with "
        f"{page.level} intervals. On the diagonal, probabilities are calibrated. Bars: samples in each bin."
    )


def _event(row: LearnerRow, page: Page) -> str:
    labels = page.results["dataset"]["labels"]
    return labels[1] if _calibration(row)["of"] == "second class" and len(labels) > 1 else "the likeliest class"


def _calibration(row: LearnerRow) -> Calibration:
    return row["calibration"] or {"of": "likeliest class", "bins": []}


RELIABILITY = Section("reliability", "Calibration of the probabilities", blocks)
