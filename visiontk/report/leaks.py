"""What leaks do to the verdict: every learner and comparison again, without the tested samples that leaked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from visiontk.report.evidence.record import Record, TestSet, only

KINDS = {"exact": "exact copies", "near": "near duplicates"}

FEWEST = 10
"""Tested samples that must be left, or nothing is computed."""

MEANT = ("severity", "code", "title", "message", "count", "share", "remedy", "lines", "numbers")


def summary_of(audit: Mapping[str, Any]) -> dict[str, Any]:
    """What ``results.json`` keeps of an audit: findings without examples, and how many samples leaked.

    Examples
    --------
    >>> found = summary_of({"findings": [], "counts": {"error": 0}, "leaks": {"exact": ["a"], "near": []}})
    >>> found["n_leaked"]
    {'exact': 1, 'near': 0}
    """
    leaks = audit.get("leaks") or {}
    return {
        "counts": dict(audit["counts"]),
        "findings": [{key: finding[key] for key in MEANT} for finding in audit["findings"]],
        "n_leaked": {kind: len(leaks.get(kind, ())) for kind in KINDS},
        "without_leaks": None,
    }


def without(
    records: Mapping[str, Record],
    leaked: Sequence[str],
    build_test_set: Callable[[Record], TestSet],
) -> tuple[dict[str, Record], TestSet] | None:
    """The records of all learners without some tested samples, and what statistics need of the rest.

    None where none of these samples was tested, or too few are left.
    """
    first = next(iter(records.values()))
    kept = np.flatnonzero(~np.isin(first.ids, list(leaked)))
    if len(kept) == len(first.ids) or len(kept) < FEWEST:
        return None
    fewer = {name: only(record, kept) for name, record in records.items()}
    return fewer, build_test_set(next(iter(fewer.values())))


def sentences(audit: Mapping[str, Any], comparisons: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a reader of the verdict must know of the audit."""
    texts = [
        f"Audit, {finding['severity']} {finding['code']}: {finding['message']}"
        for finding in audit["findings"]
        if finding["severity"] in ("error", "warning")
    ]
    again = audit["without_leaks"]
    if again is None:
        return texts
    before = {row["learner"]: row["verdict"] for row in comparisons}
    changed = [
        f"{row['learner']} ({before[row['learner']]} becomes {row['verdict']})"
        for row in again["comparisons"]
        if row["verdict"] != before.get(row["learner"])
    ]
    effect = f"the verdict changes for {', '.join(changed)}" if changed else "no verdict changes"
    n = again["n_removed"]
    return [*texts, f"Without the {n:,} tested sample{'s' * (n != 1)} that leaked, {effect}."]
