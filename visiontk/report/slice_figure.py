"""Slices by column on the page: for each column a figure of the two in the headline and a table of all learners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.figures import Results, champions, kind_of, level
from visiontk.report.headline import FEW_OF_A_CLASS
from visiontk.report.unit_figure import MOST_COLUMNS, Part, part_figure

MOST_SHOWN = 12
"""Columns of samples on the page; the others are in results.json."""

MOST_OF_NAME = 60
TOO_FEW = "too few to say"


class SliceTable(NamedTuple):
    """One column: where it comes from, its figure if anything is known, and its table.

    ``head`` has family and name of each learner; a row has its name, counts, the difference with its interval, p-values
    and verdict, and a cell for each learner; where ``few`` is not empty it has only counts.
    """

    title: str
    about: str
    picture: Figure | None
    head: Sequence[tuple[str, str]]
    rows: Sequence[Mapping[str, Any]]
    hidden: int


class SliceSection(NamedTuple):
    """What the section says before its columns, the two that it compares, and the columns; how many are not shown."""

    lead: str
    network: str
    groups: bool
    columns: Sequence[SliceTable]
    hidden: int


def slice_section(results: Results) -> SliceSection | None:
    """The section of slices; None where nobody asked for one."""
    columns = results.get("slices")
    if not columns:
        return None
    found = results["headline"]
    rows = [row for column in columns for row in column["slices"]]
    n_tested = sum(row["p_adjusted"] is not None for row in rows)
    n_short = sum(not row["few"] and row["n_rarest"] < FEW_OF_A_CLASS for row in rows)
    if n_short and kind_of(results) == "bounded":
        short = (
            f" In {n_short} of {len(rows)} slices a class has fewer than {FEW_OF_A_CLASS} samples or none: what is "
            "averaged over classes leaves out those without any, and its intervals are too short."
        )
    else:
        short = ""
    lead = (
        f"Difference: {found['network']} minus {found['classical']}, the two of the headline. P values are corrected "
        f"(Holm) for the number of slices that could be compared, {n_tested}: who looks at many finds differences that "
        "are not there. Slices of different columns hold the same samples, so they do not confirm each other. Whether "
        f"one slice differs from another was not tested, even where one has a verdict and the other has none.{short}"
    )
    if not n_tested:
        lead = f"No difference could be told in any slice.{short}"
    tables = [_table(results, column, i) for i, column in enumerate(columns[:MOST_SHOWN])]
    groups = any(column["unit"] == "group" for column in columns)
    return SliceSection(lead, found["network"] or "the network", groups, tables, len(columns) - len(tables))


def _table(results: Results, column: Mapping[str, Any], place: int) -> SliceTable:
    kind, pair = kind_of(results), champions(results)
    told = {learner["name"] for row in column["slices"] for learner in row["learners"]}
    shown = [item for item in results["learners"] if item["name"] in told]
    kept = shown[:MOST_COLUMNS]
    rows, parts = [], []
    for row in column["slices"]:
        by_name = {learner["name"]: learner for learner in row["learners"]}
        cells = [_cell(by_name.get(item["name"]), kind) for item in kept]
        rows.append({**row, "name": fmt.shorten(row["name"], MOST_OF_NAME), "cells": cells, **_difference(row, kind)})
        parts.append(Part(row["name"], row["n"], [by_name.get(item["name"]) for item in pair]))
    drawn = [part for part in parts if any(f is not None and f["value"] is not None for f in part.found)]
    picture = None
    if drawn:
        metric, title = fmt.words(results["metric"]), fmt.shorten(column["column"], MOST_OF_NAME)
        caption = (
            f"{metric[:1].upper()}{metric[1:]} in each slice by {title}, with the {level(results)} interval that more "
            f"{column['unit']}s of the same slice would have."
        )
        if len(drawn) < len(parts):
            caption += f" {len(parts) - len(drawn)} of {len(parts)} slices are not drawn, as there are too few to say."
        picture = part_figure(results, f"slices-{place + 1}", "slice", pair, drawn, caption)
    head = [(item["family"], item["name"]) for item in kept]
    return SliceTable(fmt.shorten(column["column"], MOST_OF_NAME), _about(column), picture, head, rows,
                      len(shown) - len(kept))  # fmt: skip


def _about(column: Mapping[str, Any]) -> str:
    source = (
        f"A column of {fmt.shorten(column['table'], MOST_OF_NAME)}" if column["table"] else "A column of your table"
    )
    ranges = ", cut at the quartiles of the test samples" if column["kind"] == "ranges" else ""
    return f"{source}{ranges}; chosen {column['chosen']} the run."


def _cell(found: Mapping[str, Any] | None, kind: str) -> Mapping[str, Any]:
    if found is None or found["value"] is None:
        return {"sort": "", "value": fmt.UNKNOWN, "interval": ""}
    low, high = found["low"], found["high"]
    return {
        "sort": found["value"],
        "value": fmt.value(found["value"], kind, low, high),
        "interval": fmt.interval(low, high, kind),
    }


def _difference(row: Mapping[str, Any], kind: str) -> dict[str, str]:
    low, high = row["low"], row["high"]
    if row["difference"] is None:
        return {"less": TOO_FEW if row["few"] else fmt.UNKNOWN, "less_interval": row["few"] or row["reason"]}
    return {
        "less": fmt.difference(row["difference"], kind, low, high) + fmt.unit(kind),
        "less_interval": fmt.interval(low, high, kind, signed=True),
    }
