"""The report: one self-contained HTML file, from results and pictures to a text.

What was decided is not computed here: verdicts and the headline come with the results, and every
name in them is data, never markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from visiontk.report import figures
from visiontk.report import formatting as fmt
from visiontk.report.audit_table import audited
from visiontk.report.charts import plots, svg
from visiontk.report.charts.svg import Mark
from visiontk.report.cost_figure import cost, other_costs
from visiontk.report.curve_chart import curve_figure
from visiontk.report.decision import decision
from visiontk.report.ensemble import together
from visiontk.report.galleries import galleries
from visiontk.report.metric_tables import every_metric, every_recall
from visiontk.report.offered_table import offered_table
from visiontk.report.pages.template import fill_template
from visiontk.report.reliability import reliability
from visiontk.report.selective_chart import selective_figure
from visiontk.report.slice_figure import slice_section
from visiontk.report.tuning_table import against_rows, tuning_rows
from visiontk.report.unit_figure import unit_figure, unit_table

ORIGINS = {
    "public": "public data",
    "embedded": "embedded: shipped inside a package",
    "synthetic": "synthetic",
    "own": "your own",
}
SCOPES = {"fitted models": "as fitted here, on new samples", "procedure": "also when fitted anew"}
_SPLIT = re.compile(r"(\[[^\[\]]{1,40}\])")  # intervals, which no line break should divide
MOST_LEARNERS = 300
MOST_METRICS = 3
MOST_LINES = 200
SHOWN_PANELS = 3


def render(results: dict[str, Any], exhibits: Mapping[str, Any]) -> str:
    """The report as the text of one HTML file that loads nothing.

    Parameters
    ----------
    results : dict
        Schema 1, as in ``results.json``. Numbers that are unknown, NaN or infinite are shown as n/a.
    exhibits : mapping
        For ids of samples, what `visiontk.report.exhibits.exhibit` makes of them. Anything else is
        left out.

    Returns
    -------
    str
        Below 10 MB for any number of classes, learners, pictures and sounds: long lists are cut and say so.
    """
    shown = fmt.clean(results)
    drawn = shown["dataset"]["synthetic"]
    return fill_template("single.html", r=shown, drawn=drawn, **_context(shown, results, exhibits), **_limits(shown))


def _context(shown: dict[str, Any], raw: dict[str, Any], exhibits: Mapping[str, Any]) -> dict[str, Any]:
    """All that the template shows beside the results themselves."""
    kind = figures.kind_of(shown)
    headline = shown["headline"]
    return {
        "date": fmt.date(shown["created"]),
        "kind": kind,
        "level": figures.level(shown),
        "alpha": f"{1 - (shown['confidence'] or 0.95):.2g}",
        "sentence": _SPLIT.split(headline["sentence"]),
        "decision": decision(shown),
        "facts": _facts(headline, kind, shown["metric"]),
        "origin": ORIGINS.get(shown["dataset"]["origin"], shown["dataset"]["origin"]),
        "pending": max(0, (shown["n_planned"] or 0) - (shown["n_done"] or 0) - len(raw["failed"])),
        "many_metrics": len({c["metric"] for c in shown["comparisons"]}) > 1,
        "metrics": [shown["metric"], *(m for m in shown["metrics"] if m != shown["metric"])][:MOST_METRICS],
        "direction": {m: "descending" if v["higher_is_better"] else "ascending" for m, v in shown["metrics"].items()},
        "learners": _learners(shown),
        **_comparisons(shown),
        "cost": cost(shown),
        "other_costs": other_costs(shown),
        "disagreement": figures.disagreement(shown),
        "together": together(shown),
        "audit": audited(shown),
        "galleries": galleries(shown, raw, exhibits),
        "recall": figures.recall(shown),
        "units": unit_figure(shown),
        "unit_table": unit_table(shown),
        "slices": slice_section(shown),
        "reliability": reliability(shown),
        "offered": offered_table(shown),
        "selective": selective_figure(shown),
        "tuning": tuning_rows(shown),
        "against": against_rows(shown),
        "curve": curve_figure(shown),
        "every_metric": every_metric(shown),
        "every_recall": every_recall(shown),
        "adapted": ", ".join(fmt.words(name) for name, m in shown["metrics"].items() if m.get("adapted")),
        "confusions": figures.confusions(shown),
        "histories": figures.histories(shown),
        "seeds": figures.seeds(shown),
        "counts": _counts(shown["dataset"]),
        "data": _data(shown),
    }


def _limits(shown: dict[str, Any]) -> dict[str, Any]:
    """How many entries of each long list are not on the page."""
    return {
        "most_lines": MOST_LINES,
        "shown_panels": SHOWN_PANELS,
        "hidden_metrics": max(0, len(shown["metrics"]) - MOST_METRICS),
        "hidden_learners": max(0, len(shown["learners"]) - MOST_LEARNERS),
        "hidden_comparisons": max(0, len(shown["comparisons"]) - 2 * MOST_LEARNERS),
    }


def _facts(headline: Mapping[str, Any], kind: str, metric: str) -> list[tuple[str, str, str]]:
    """The headline's numbers: what, value, interval or remark."""
    facts = []
    if headline["difference"] is not None:
        value = fmt.difference(headline["difference"], kind, headline["low"], headline["high"]) + fmt.unit(kind)
        interval = fmt.interval(headline["low"], headline["high"], kind, signed=True)
        facts.append((f"{fmt.words(metric)}, network minus traditional", value, interval))
    for key, label in (("fit_cost_ratio", "processor time to fit"), ("predict_cost_ratio", "time to predict")):
        if headline[key] is not None:
            facts.append((label, fmt.ratio(headline[key]), f"that of {headline['classical'] or 'the reference'}"))
    if headline["scope"]:
        facts.append(("scope of the claim", headline["scope"], SCOPES.get(headline["scope"], "")))
    return facts


def _learners(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the table of learners."""
    metric, kind = shown["metric"], figures.kind_of(shown)
    higher = shown["metrics"].get(metric, {}).get("higher_is_better", True)
    names = [metric, *(m for m in shown["metrics"] if m != metric)][:MOST_METRICS]
    against = {c["learner"]: c for c in reversed(shown["comparisons"])
               if c["metric"] == metric and c["reference"] == shown["reference"]}  # fmt: skip
    cells = [figures.cell(item, metric) for item in shown["learners"] if item["family"] != "floor"]
    axis = svg.padded([c[key] for c in cells for key in ("value", "low", "high")])
    reference = next((item for item in shown["learners"] if item["name"] == shown["reference"]), None)
    mark = figures.cell(reference, metric)["value"] if reference else None
    rows = []
    for item in shown["learners"][:MOST_LEARNERS]:
        main, versus = figures.cell(item, metric), against.get(item["name"])
        bar = None
        if main["value"] is not None:
            bar = plots.interval_bar(Mark(main["value"], main["low"], main["high"], item["family"], ""), axis, mark)
        rows.append(
            item
            | {
                "bar": bar,
                "cells": [_metric_cell(figures.cell(item, m), figures.kind_of(shown, m)) for m in names],
                "versus": versus and _versus(versus, kind),
                "notes": item.get("notes") or [],
                "on_valid": None if item["valid"] is None else fmt.value(item["valid"], kind),
                "is_reference": item["name"] == shown["reference"],
                "settings": ", ".join(
                    f"{k} = {'auto' if v is None else v}" for k, v in (item["parameters"] or {}).items()
                ),
            }
        )
    # Whatever order the results came in: first by value, what is unknown last, never first.
    sign = -1 if higher else 1
    known = [r for r in rows if r["cells"][0]["sort"] is not None]
    known.sort(key=lambda r: float(sign * r["cells"][0]["sort"]))
    return known + [r for r in rows if r["cells"][0]["sort"] is None]


def _metric_cell(found: Mapping[str, Any], kind: str) -> dict[str, Any]:
    if found["value"] is None:
        reason = f"({found['reason']})" if found["reason"] else ""
        return {"sort": None, "value": fmt.UNKNOWN, "interval": reason}
    return {
        "sort": found["value"],
        "value": fmt.value(found["value"], kind, found["low"], found["high"]),
        "interval": fmt.interval(found["low"], found["high"], kind),
    }


def _versus(comparison: Mapping[str, Any], kind: str) -> dict[str, Any]:
    low, high = comparison["low"], comparison["high"]
    return dict(comparison) | {
        "value": fmt.difference(comparison["difference"], kind, low, high),
        "unit": fmt.unit(kind) if comparison["difference"] is not None else "",
        "interval": fmt.interval(low, high, kind, signed=True),
    }


def _comparisons(shown: dict[str, Any]) -> dict[str, Any]:
    """Rows of the table of comparisons, each with a bar on the scale of its metric, and what is true of all of them."""
    families = {item["name"]: item["family"] for item in shown["learners"]}
    reach: dict[str, float] = {}
    for c in shown["comparisons"]:
        if families.get(c["learner"]) != "floor":
            ends = [abs(c[key]) for key in ("difference", "low", "high") if c[key] is not None]
            reach[c["metric"]] = max([reach.get(c["metric"], 0.0), *ends])
    rows = []
    remarks = [_remarks(c) for c in shown["comparisons"]]
    common = [remark for remark in remarks[0] if all(remark in each for each in remarks)] if len(remarks) > 1 else []
    for c, own in zip(shown["comparisons"][: 2 * MOST_LEARNERS], remarks, strict=False):
        family = families.get(c["learner"], "floor")
        bar = None
        if c["difference"] is not None:
            margin = shown["margin"] if c["metric"] == shown["metric"] else None
            scale = 1.05 * max(reach.get(c["metric"], 0.0), 2 * (margin or 0.0), 1e-6)
            bar = plots.difference_bar(Mark(c["difference"], c["low"], c["high"], family, ""), scale, margin)
        rest = [remark for remark in own if remark not in common]
        rows.append(_versus(c, figures.kind_of(shown, c["metric"])) | {"bar": bar, "family": family, "remarks": rest})
    return {"comparisons": rows, "common_remarks": common}


def _remarks(comparison: Mapping[str, Any]) -> list[str]:
    """What a comparison says beside its reason: where its uncertainty comes from, a second opinion, the test."""
    told = [(comparison.get(key) or {}).get("text") for key in ("uncertainty", "second_opinion")]
    test = f"Test: {comparison['test']}." if comparison["test"] else None
    return [remark for remark in (*told, test) if remark]


def _counts(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """Samples of each class in each part, the largest classes first where there are too many."""
    labels, parts = dataset["labels"], dataset["counts"] or {}
    columns = [parts.get(part) or [] for part in ("train", "valid", "test")]
    rows = [(label, *(c[i] if i < len(c) else None for c in columns)) for i, label in enumerate(labels)]
    if len(rows) > 2 * figures.MOST_CLASSES:
        rows.sort(key=lambda row: -(row[1] or 0))
    train: Sequence[int] = columns[0] or [0]
    kept = rows[: 2 * figures.MOST_CLASSES]
    table = [(row[0], *(fmt.UNKNOWN if n is None else f"{n:,}" for n in row[1:])) for row in kept]
    least, most = f"{min(train):,}", f"{max(train):,}"
    spread = f"{least} training samples each" if least == most else f"{least} to {most} training samples"
    return {"rows": table, "hidden": len(rows) - len(kept), "spread": spread}


def _data(shown: dict[str, Any]) -> dict[str, Any]:
    """What the tables show, as JSON for programs that read the page."""
    keep = ("name", "family", "metrics", "fit_cpu_s", "predict_ms_per_sample", "n_parameters", "size_bytes")
    top = ("schema", "visiontk", "task", "created", "metric", "reference", "seeds", "complete", "headline", "signature")
    return {key: shown[key] for key in top} | {
        "dataset": {key: shown["dataset"][key] for key in ("name", "fingerprint", "origin", "synthetic")},
        "learners": [{key: item[key] for key in keep} for item in shown["learners"][:MOST_LEARNERS]],
        "comparisons": shown["comparisons"][: 2 * MOST_LEARNERS],
    }
