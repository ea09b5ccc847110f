"""What limits the conclusions from several runs, in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from visiontk.report.formatting import p_value, words
from visiontk.stats.across import LEVEL
from visiontk.stats.friedman import datasets_needed

Row = Mapping[str, Any]


def one_unit(rows: Sequence[Row]) -> bool:
    """Whether differences on all data sets may be ranked together: of one metric, or all in points."""
    return len({row["metric"] for row in rows}) == 1 or all(row["kind"] != "unbounded" for row in rows)


def warnings_of(value: Mapping[str, Any], every: Sequence[Row]) -> list[str]:
    """The warnings.

    Parameters
    ----------
    value : mapping
        Of `visiontk.report.across.across`, but for these.
    every : sequence of mapping
        The value of ``results.json`` of each run.
    """
    rows = value["runs"]
    told = [_few(value), _unfinished(rows)]
    if quick := _which(rows, lambda row: row["preset"] == "quick"):
        told.append(f"Quick preset, a rough picture and no result: {quick}.")
    if drawn := _which(rows, lambda row: row["synthetic"]):
        told.append(f"Drawn by a program, so that nothing on them is measured on the real world: {drawn}.")
    if value["metric"]:
        told.append(
            f"The metric, {words(value['metric'])}, was chosen for all runs when they were put together: who tries "
            "several and tells of one finds differences that are not there."
        )
    if len({row["metric"] for row in rows}) > 1:
        of = "; ".join(f"{row['label']} {words(row['metric'])}" for row in rows)
        told.append(f"Metrics differ: {of}. Ranks do not mind; signed ranks take points of all of them for alike.")
    if value["left_out"]:
        names = "; ".join(f"{row['name']} {row['reason']}" for row in value["left_out"])
        told.append(f"Left out, as ranks need a value on every data set: {names}.")
    told += [_seeds(rows), _effort(rows), _settings(value, every), _leaks(rows, every), value["families"]["text"]]
    return [text for text in told if text]


def _few(value: Mapping[str, Any]) -> str:
    """Where not even full agreement could show anything."""
    n, k, smallest = len(value["runs"]), len(value["learners"]), value["friedman"]["smallest"]
    if smallest >= LEVEL:
        return (
            f"With so many ties {n} data sets can show nothing: full agreement would give p = {p_value(smallest)} in "
            "Friedman's test."
        )
    if not one_unit(value["runs"]):
        return (
            "No two learners are tested against each other: differences of metrics without a common unit cannot be "
            "ranked together. One metric for all runs (--metric) would do."
        )
    least = min(pair["smallest"] for pair in value["pairs"])
    if least < LEVEL:
        return ""
    needed = datasets_needed(k)
    return (
        f"{n} data sets cannot tell two of {k} learners apart: if all agreed, signed ranks would give p = "
        f"{p_value(least)} after Holm's correction for {len(value['pairs'])} pairs. {needed} or more without "
        "ties could."
    )


def _which(rows: Sequence[Row], holds: Any) -> str:
    return ", ".join(row["label"] for row in rows if holds(row))


def _unfinished(rows: Sequence[Row]) -> str:
    parts = [
        f"{row['label']} ({row['n_done']} of {row['n_planned']} fits done, {row['n_failed']} failed)"
        for row in rows
        if row["status"] != "done"
    ]
    return f"Not finished: {', '.join(parts)}. What follows may change." if parts else ""


def _seeds(rows: Sequence[Row]) -> str:
    counts = [len(row["seeds"]) for row in rows]
    if single := _which(rows, lambda row: len(row["seeds"]) == 1):
        return f"One seed: {single}. There a rank is that of a single fit and may be another when fitted anew."
    if len(set(counts)) > 1:
        return (
            f"Seeds differ, from {min(counts)} to {max(counts)}: values of few seeds are less sure, which ranks ignore."
        )
    return ""


def _effort(rows: Sequence[Row]) -> str:
    kinds = {"budget": "budget_s", "search": "trials", "number of training samples": "max_train"}
    unlike = [word for word, name in kinds.items() if len({row[name] for row in rows}) > 1]
    return f"Not the same in all runs: {', '.join(unlike)}; the signatures have them." if unlike else ""


def _settings(value: Mapping[str, Any], every: Sequence[Row]) -> str:
    """Learners of one name that were not the same everywhere."""
    unlike = []
    for learner in value["learners"]:
        rows = [row for results in every for row in results["learners"] if row["name"] == learner["name"]]
        if len({json.dumps([row["set_by_hand"], row.get("package")], sort_keys=True, default=str) for row in rows}) > 1:
            unlike.append(learner["name"])
    if not unlike:
        return ""
    return f"Of one name, but not set alike or not from one package in all runs: {', '.join(unlike)}."


def _leaks(rows: Sequence[Row], every: Sequence[Row]) -> str:
    found = [
        f"{row['label']} ({n:,})"
        for row, results in zip(rows, every, strict=True)
        if results.get("audit") and (n := sum(results["audit"]["n_leaked"].values()))
    ]
    return f"Tested samples that leaked count here as in the runs: {', '.join(found)}." if found else ""
