"""The audit in the report: its findings, and every learner with and without the samples that leaked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visiontk.report import figures
from visiontk.report import formatting as fmt

LOOKS = {"error": "invalid", "warning": "warning", "note": "undecided"}
"""The look of a severity on the page: an alarm, a caution, a remark."""


def audited(shown: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the page shows of the audit; None for a run without one."""
    audit = shown.get("audit")
    if not audit:
        return None
    again = audit["without_leaks"]
    return {
        "findings": [dict(each) | {"look": LOOKS.get(each["severity"], "invalid")} for each in audit["findings"]],
        "again": None if again is None else dict(again) | {"rows": _rows(shown, again)},
    }


def _rows(shown: Mapping[str, Any], again: Mapping[str, Any]) -> list[dict[str, Any]]:
    metric, kind = shown["metric"], figures.kind_of(shown)
    after = {row["name"]: row for row in again["learners"]}
    before = {row["learner"]: row["verdict"] for row in shown["comparisons"] if row["metric"] == metric}
    then = {row["learner"]: row["verdict"] for row in again["comparisons"]}
    rows = []
    for item in shown["learners"]:
        if item["name"] not in after:
            continue
        old, new = figures.cell(item, metric), after[item["name"]]
        rows.append(
            {
                "name": item["name"],
                "family": item["family"],
                "before": fmt.value(old["value"], kind, old["low"], old["high"]),
                "before_interval": fmt.interval(old["low"], old["high"], kind),
                "after": fmt.value(new["value"], kind, new["low"], new["high"]),
                "after_interval": fmt.interval(new["low"], new["high"], kind),
                "verdict_before": before.get(item["name"], ""),
                "verdict_after": then.get(item["name"], ""),
            }
        )
    return rows
