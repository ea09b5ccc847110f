"""Cells and lookups that several sections share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Cell
from visiontk.report.values import (
    CHALLENGERS,
    MIXED,
    Comparison,
    Family,
    Interval,
    LearnerRow,
    Measurement,
    Results,
    Slice,
)

SIDES: tuple[Literal["challenger", "classical"], ...] = ("challenger", "classical")
UNKNOWN: Measurement = {"value": None, "low": None, "high": None}


def measurement(row: LearnerRow, metric: str) -> Measurement:
    """Return a metric of a learner; unknown where it was not computed."""
    return row["metrics"].get(metric) or UNKNOWN


def measurement_cell(result: Interval | None, kind: str) -> Cell:
    """Return a cell with a value and its interval, or the reason for no value."""
    result = result or UNKNOWN
    value, low, high = result["value"], result["low"], result["high"]
    if value is None:
        reason = result.get("reason")
        return Cell(fmt.UNKNOWN, [f"({reason})"] if reason else [], strong=True)
    return Cell(fmt.value(value, kind, low, high), [fmt.interval(low, high, kind)], value, strong=True)


def interval_text(result: Interval | None, kind: str) -> str:
    """Return a value with its interval; unknown for None."""
    result = result or UNKNOWN
    return fmt.with_interval(result["value"], result["low"], result["high"], kind)


def difference_cell(row: Comparison | Slice, kind: str, *, unit: bool = False) -> Cell:
    """Return a cell with a difference and its interval, with its unit if `unit`."""
    cell = gain_cell({"value": row["difference"], "low": row["low"], "high": row["high"]}, kind)
    return cell._replace(unit=fmt.unit(kind)) if unit and row["difference"] is not None else cell


def gain_cell(result: Interval, kind: str) -> Cell:
    """Return a cell with a signed number and its interval."""
    value, low, high = result["value"], result["low"], result["high"]
    return Cell(
        fmt.difference(value, kind, low, high), [fmt.interval(low, high, kind, signed=True)], value, strong=True
    )


def champions(results: Results) -> list[LearnerRow]:
    """Return the learners of the headlines, the traditional one last; without a headline, the first of each family."""
    headlines = results["headlines"]
    names = [*(each["challenger"] for each in headlines), headlines[0]["classical"]]
    rows = {row["name"]: row for row in results["learners"]}
    known = [rows[name] for name in dict.fromkeys(names) if name in rows]
    families: tuple[Family, ...] = (*CHALLENGERS, "classical")
    return known or [row for family in families if (row := champion(results, family)) is not None]


def champion(results: Results, family: Family) -> LearnerRow | None:
    """Return a family's side of the headlines; without one, the first learner of the family in the table."""
    side: Literal["challenger", "classical"] = "classical" if family == "classical" else "challenger"
    names = [
        each[side]
        for each in results["headlines"]
        if family == "classical" or (family == "pretrained") == ("pretrained" in each["families"][:1])
    ]
    of_headlines = (row for row in results["learners"] if row["name"] in names)
    return next(of_headlines, None) or next((row for row in results["learners"] if row["family"] == family), None)


def families_of(results: Results) -> Mapping[str, str]:
    """Return the family of each learner, and of each side of the primary comparison."""
    mixed: dict[str, str] = {name: family for family, name in MIXED.items()}
    return mixed | {row["name"]: row["family"] for row in results["learners"]}
