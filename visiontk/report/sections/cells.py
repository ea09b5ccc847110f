"""Cells and lookups that several sections share."""

from __future__ import annotations

from collections.abc import Mapping

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Cell
from visiontk.report.values import Comparison, Interval, LearnerRow, Measurement, Results, Slice

UNKNOWN: Measurement = {"value": None, "low": None, "high": None}


def measurement(row: LearnerRow, metric: str) -> Measurement:
    """Return a metric of a learner; unknown where it was not computed."""
    return row["metrics"].get(metric) or UNKNOWN


def measurement_cell(result: Measurement, kind: str) -> Cell:
    """Return a cell with a value and its interval, or the reason for no value."""
    value, low, high = result["value"], result["low"], result["high"]
    if value is None:
        reason = result.get("reason")
        return Cell(fmt.UNKNOWN, [f"({reason})"] if reason else [], strong=True)
    return Cell(fmt.value(value, kind, low, high), [fmt.interval(low, high, kind)], value, strong=True)


def interval_cell(result: Interval | None, kind: str) -> Cell:
    """Return a cell with a value and its interval; unknown for None."""
    if result is None:
        return measurement_cell(UNKNOWN, kind)
    return measurement_cell({"value": result["value"], "low": result["low"], "high": result["high"]}, kind)


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
    """Return the network and the traditional learner of the headline, or the first of each family."""
    rows = []
    for family in ("network", "classical"):
        named = results["headline"]["network" if family == "network" else "classical"]
        of_family = [row for row in results["learners"] if row["family"] == family]
        rows += ([row for row in results["learners"] if row["name"] == named] or of_family)[:1]
    return rows


def families_of(results: Results) -> Mapping[str, str]:
    """Return the family of each learner."""
    return {row["name"]: row["family"] for row in results["learners"]}
