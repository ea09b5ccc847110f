"""Tables with every metric of every learner, and the recall of every class: nothing is left to results.json alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from visiontk.report import formatting as fmt
from visiontk.report.figures import Results, cell, kind_of

MOST_ROWS = 60
MOST_COLUMNS = 12


class MetricTable(NamedTuple):
    """Cells are (value, interval or reason); ``notes`` belong to the heads."""

    head: Sequence[str]
    notes: Sequence[str]
    rows: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]
    hidden: int


def every_metric(results: Results) -> MetricTable:
    """One row a learner, one column a metric."""
    names = list(results["metrics"])[:MOST_COLUMNS]
    rows = []
    for item in results["learners"][:MOST_ROWS]:
        cells = [_cell(cell(item, name), kind_of(results, name)) for name in names]
        rows.append((item["name"], item["family"], cells))
    notes = [_note(results["metrics"][name]) for name in names]
    return MetricTable(names, notes, rows, max(0, len(results["learners"]) - MOST_ROWS))


def every_recall(results: Results) -> MetricTable | None:
    """One row a class, the one with the fewest test samples first, one column a learner; None without classes."""
    learners = [item for item in results["learners"] if item["recall"] and item["family"] != "floor"][:MOST_COLUMNS]
    if not learners:
        return None
    labels = results["dataset"]["labels"]
    counts = [next((item["recall"][i]["n"] for item in learners if i < len(item["recall"])), 0) for i in _range(labels)]
    order = sorted(_range(labels), key=lambda i: (counts[i], i))[:MOST_ROWS]
    rows = []
    for i in order:
        found = [item["recall"][i] if i < len(item["recall"]) else {} for item in learners]
        rows.append((labels[i], f"{counts[i]:,}", [_cell(f, "proportion") for f in found]))
    head = [item["name"] for item in learners]
    return MetricTable(head, [item["family"] for item in learners], rows, max(0, len(labels) - MOST_ROWS))


def _range(labels: Sequence[str]) -> range:
    return range(len(labels))


def _cell(found: Mapping[str, Any], kind: str) -> tuple[str, str]:
    value, low, high = (found.get(key) for key in ("value", "low", "high"))
    if value is None:
        return fmt.UNKNOWN, f"({found['reason']})" if found.get("reason") else ""
    return fmt.value(value, kind, low, high), fmt.interval(low, high, kind)


def _note(metric: Mapping[str, Any]) -> str:
    direction = "higher is better" if metric["higher_is_better"] else "lower is better"
    chosen = "; operating point chosen on valid" if metric.get("adapted") else ""
    unknown = f"; {n:,} unknown test samples excluded" if (n := metric.get("n_excluded")) else ""
    return direction + chosen + unknown
