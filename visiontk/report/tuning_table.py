"""The table of what the search for parameters gave each learner: as configured, as tuned, tried and spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from visiontk.report import formatting as fmt
from visiontk.report.figures import Results, kind_of

ENDS = {
    "configurations": "all were tried",
    "budget": "the time was up",
    "space": "nothing new was left",
    "group": "one group in valid",
    "failed": "the default failed",
}
"""Why searches end, in words."""


class TuningRow(NamedTuple):
    """One learner. Pairs are (value, interval)."""

    name: str
    family: str
    given: tuple[str, str]
    tuned: tuple[str, str]
    gain: tuple[str, str]
    n_tried: str
    cpu: str
    ended: str
    chosen: Sequence[str]


def tuning_rows(results: Results) -> list[TuningRow]:
    """One row for each learner that was searched for, in the order of the table of learners."""
    kind = kind_of(results, results["metric"])
    rows = []
    for item in results["learners"]:
        found = (results.get("tuning") or {}).get(item["name"])
        if found is None:
            continue
        gain = found["gain"]
        low, high = gain["low"], gain["high"]
        rows.append(
            TuningRow(
                item["name"],
                item["family"],
                _pair(found["given"], kind),
                _pair(item["metrics"][results["metric"]], kind),
                (
                    fmt.difference(gain["value"], kind, low, high),
                    "the same fits"
                    if low is None and gain["value"] == 0
                    else fmt.interval(low, high, kind, signed=True),
                ),
                _span(found["n_tried"]),
                fmt.seconds(sum(found["cpu_s"])),
                ", ".join(dict.fromkeys(ENDS.get(why, why) for why in found["stopped"])),
                _chosen(found),
            )
        )
    return rows


class Against(NamedTuple):
    """A comparison with the reference twice, as (difference, interval, verdict): as configured, and as tuned."""

    name: str
    family: str
    given: tuple[str, str, str]
    tuned: tuple[str, str, str]


def against_rows(results: Results) -> list[Against]:
    """One row for each learner that is compared; empty without a search."""
    kind = kind_of(results, results["metric"])
    before = {row["learner"]: row for row in results.get("as_configured") or ()}
    families = {item["name"]: item["family"] for item in results["learners"]}
    return [
        Against(row["learner"], families.get(row["learner"], "floor"), _verdict(before[row["learner"]], kind),
                _verdict(row, kind))
        for row in results["comparisons"]
        if row["learner"] in before
    ]  # fmt: skip


def _verdict(row: Mapping[str, Any], kind: str) -> tuple[str, str, str]:
    low, high = row["low"], row["high"]
    return (
        fmt.difference(row["difference"], kind, low, high),
        fmt.interval(low, high, kind, signed=True),
        row["verdict"],
    )


def _pair(found: Mapping[str, Any], kind: str) -> tuple[str, str]:
    value, low, high = found["value"], found["low"], found["high"]
    return fmt.value(value, kind, low, high), fmt.interval(low, high, kind)


def _span(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    return str(least) if least == most else f"{least} to {most}"


def _chosen(found: Mapping[str, Any]) -> list[str]:
    """The chosen values, one line for all folds that chose the same."""
    folds: dict[str, list[int]] = {}
    for fold, values in enumerate(found["chosen"], 1):
        said = ", ".join(f"{fmt.words(name)} {value}" for name, value in (values or {}).items())
        folds.setdefault(said or "no parameters", []).append(fold)
    if len(folds) == 1:
        return [f"{'all folds: ' if len(found['chosen']) > 1 else ''}{said}" for said in folds]
    return [f"fold{'s' * (len(mine) > 1)} {', '.join(map(str, mine))}: {said}" for said, mine in folds.items()]
