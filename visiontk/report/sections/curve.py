"""Learning curves: the metric against the number of training samples, and the cost of each size."""

from __future__ import annotations

import math

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block
from visiontk.report.charts.bands import Curve as Line
from visiontk.report.charts.bands import band_chart
from visiontk.report.evidence.learning_curves import learning_curves
from visiontk.report.figures import families, figure, responsive
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import SIDES, families_of
from visiontk.report.values import Crossover, Curve

MOST_CURVES = 8


def sentence(curve: Curve | None) -> str:
    """Return where the curves cross, claiming no more than the interval; empty without curves of both families."""
    return " ".join(map(_sentence, curve["crossovers"])) if curve else ""


def _sentence(crossing: Crossover) -> str:
    challenger, classical = crossing["challenger"], crossing["classical"]
    least, most = rounded(crossing["smallest"]), rounded(crossing["largest"])
    low, high = (_end(crossing[end], least, most) for end in ("low", "high"))
    interval = f"[{low} to {high}]" if low != high else f"[{low}]"
    where = f"the interval of where they cross is {interval}"
    if low == high:
        where = f"the interval of where they cross lies {'beyond' if crossing['low'] is None else 'below'} that, too"
    if not crossing["reached"] or crossing["n"] is None:
        return f"The curve of {challenger} does not reach that of {classical} by {most} training samples; {where}."
    if crossing["n"] == 0:
        return (
            f"The curve of {challenger} lies above that of {classical} at {least} training samples and more; {where}."
        )
    return (
        f"The curves of {challenger} and {classical} cross near {rounded(crossing['n'])} training samples {interval}."
    )


def _end(n: float | None, least: str, most: str) -> str:
    return f"below {least}" if n == 0 else rounded(n) if n else f"beyond {most}"


def rounded(n: float) -> str:
    """Return a count with two significant digits.

    Examples
    --------
    >>> rounded(3012.4), rounded(7.2)
    ('3,000', '7')
    """
    if n < 10:
        return f"{n:.0f}"
    unit = 10 ** (math.floor(math.log10(n)) - 1)
    return f"{round(n / unit) * unit:,.0f}"


def blocks(curve: Curve, page: Page) -> list[Block]:
    """Return the curves of all learners, with bands for those that are compared."""
    metric, families_by_name = fmt.words(page.metric), families_of(page.results)
    compared = {each[side] for each in curve["crossovers"] for side in SIDES}
    lines = [
        Line(name, families_by_name.get(name, "floor"), known, name in compared)
        for name, points in curve["learners"].items()
        if (known := [(p["n"], p["value"], p["low"], p["high"]) for p in points if p["value"] is not None])
    ]
    if not lines:
        return []
    lines = sorted(lines, key=lambda line: not line.strong)[:MOST_CURVES]
    caption = (
        f"{fmt.capitalized(metric)} on the test set against the number of training samples, on a logarithmic scale. "
        f"Smaller training sets were drawn {times(curve['draws'])}, alike for every learner; larger ones contain the "
        f"smaller ones. Bands: {page.level} intervals over test samples and draws. {sentence(curve)} In the table, the "
        "cost of twice the data is extrapolated from the last three sizes."
    )
    higher = page.results["metrics"][page.metric]["higher_is_better"]
    chart = responsive(
        band_chart,
        "curve",
        curves=lines,
        kind=page.kind,
        title=f"{metric} against the number of training samples",
        desc=f"{len(lines)} curves; the data are in the table.",
        x_label="training samples, log scale →",
        y_label=f"{metric} {'↑' if higher else '↓'}",
        place=math.log10,
        mark=lambda n: f"{n:,.0f}",
        crossings=[each["n"] for each in curve["crossovers"] if each["reached"] and each["n"]],
    )
    head = ("learner", "training samples", f"{metric} [interval]", "fit, CPU", "fits")
    legend = families(line.family for line in lines)
    return [figure("curve", chart, caption, head, _table(curve, page), legend)]


def _table(curve: Curve, page: Page) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, points in curve["learners"].items():
        rows += [
            (name, f"{p['n']:,.0f}", fmt.with_interval(p["value"], p["low"], p["high"], page.kind),
             fmt.seconds(p["fit_cpu_s"]), str(p["n_fits"]))
            for p in points
        ]  # fmt: skip
        twice = curve["extrapolation"].get(name)
        if twice and twice["fit_cpu_s"] is not None:
            rows.append((name, f"{twice['n']:,.0f}", "not measured", f"about {fmt.seconds(twice['fit_cpu_s'])}", "0"))
    return rows


def times(n: int) -> str:
    """Return a frequency in words.

    Examples
    --------
    >>> times(1), times(3)
    ('once', '3 times')
    """
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


CURVE = Section("curve", "With less data", blocks, learning_curves, "learning curves, where there are some")
