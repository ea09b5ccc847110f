"""Rows and tables of interval_coverage.py, and the file that stores finished rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from visiontk.core import Metric

COVERAGE = ("covered", "too high", "too low", "mean width")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def percent(share: Any) -> str:
    """Format a proportion with one decimal, the precision of 2,000 cases."""
    return f"{100 * float(share):.1f} %"


def judged(covered: float) -> str:
    """Format the coverage of a 95 % interval; outside of 93 to 97 % with a word that says so.

    Examples
    --------
    >>> judged(0.95), judged(0.899), judged(0.985)
    ('95.0 %', '89.9 % short', '98.5 % wide')
    """
    covered = round(covered, 3)
    return percent(covered) + (" short" if covered < 0.93 else " wide" if covered > 0.97 else "")


def coverage_cells(intervals: Sequence[Any], truth: float, metric: Metric) -> list[str]:
    """Cells of `COVERAGE`: how often the intervals hold the truth or lie above or below it, and their mean width."""
    low, high = np.array([(each.low, each.high) for each in intervals]).T
    above, below = np.mean(low > truth), np.mean(high < truth)
    width = np.mean(high - low)
    size = f"{width:.2f}" if metric.kind == "unbounded" else f"{100 * width:.1f}"
    return [judged(1 - above - below), percent(above), percent(below), size]


def stored_or_measured(name: str, measure: Callable[[], Any], store: Path | None) -> Any:
    """Return the stored result of this name, or compute and store it."""
    stored = json.loads(store.read_text(encoding="utf-8")) if store and store.exists() else {}
    if name not in stored:
        stored[name] = measure()
        if store:
            store.write_text(json.dumps(stored), encoding="utf-8")
    return stored[name]
