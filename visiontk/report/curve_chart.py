"""The learning curves as a figure: metric against number of training samples, and what each size cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.charts.bands import Curve, band_chart
from visiontk.report.curves import sentence
from visiontk.report.figures import Results, families, figure, kind_of, level, responsive

MOST_CURVES = 8


def curve_figure(results: Results) -> Figure | None:
    """Curves of all learners, with bands for the two that are compared; None without a learning curve."""
    found = results.get("curve")
    if not found:
        return None
    kind, called = kind_of(results), fmt.words(results["metric"])
    pair = [found["crossover"][key] for key in ("network", "classical")] if found["crossover"] else []
    by_name = {item["name"]: item["family"] for item in results["learners"]}
    curves, rows = [], []
    for name, points in found["learners"].items():
        known = [(p["n"], p["value"], p["low"], p["high"]) for p in points if p["value"] is not None]
        family = by_name.get(name, "floor")
        if known:
            curves.append(Curve(name, family, known, name in pair))
        rows += [
            (name, f"{p['n']:,.0f}", fmt.with_interval(p["value"], p["low"], p["high"], kind),
             fmt.seconds(p["fit_cpu_s"]), str(p["n_fits"]))
            for p in points
        ]  # fmt: skip
        twice = found["twice"].get(name)
        if twice and twice["fit_cpu_s"] is not None:
            rows.append((name, f"{twice['n']:,.0f}", "not measured", f"about {fmt.seconds(twice['fit_cpu_s'])}", "0"))
    if not curves:
        return None
    curves = sorted(curves, key=lambda curve: not curve.strong)[:MOST_CURVES]
    caption = (
        f"{called[:1].upper()}{called[1:]} on the test part against the number of training samples, on a logarithmic "
        f"scale. The smaller parts were drawn {times(found['draws'])}, alike for every learner; larger ones hold the "
        f"smaller ones. Bands: {level(results)} intervals over test samples and draws. {sentence(found)} In the table, "
        "what twice the data would cost is continued from the last three sizes."
    )
    picture = responsive(
        band_chart,
        "curve",
        curves=curves,
        kind=kind,
        title=f"{called} against the number of training samples",
        desc=f"{len(curves)} curves; the data stand in the table.",
        x_label="training samples, log scale →",
        y_label=f"{called} {'↑' if results['metrics'][results['metric']]['higher_is_better'] else '↓'}",
        place=math.log10,
        mark=lambda n: f"{n:,.0f}",
        crossing=_crossing(found["crossover"]),
    )
    head = ("learner", "training samples", f"{called} [interval]", "fit, CPU", "fits")
    return figure("curve", picture, caption.strip(), head, rows, families(curve.family for curve in curves))


def times(n: int) -> str:
    """How often, in words."""
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _crossing(found: Mapping[str, Any] | None) -> float | None:
    return found["n"] if found and found["reached"] and found["n"] else None
