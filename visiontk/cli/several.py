"""What several runs side by side show in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visiontk.api import Across
from visiontk.cli.printing import place
from visiontk.cli.wrapping import aligned, cells, cut, width, wrapped
from visiontk.report import formatting as fmt
from visiontk.report.across_tables import rows_of, signature
from visiontk.report.formatting import visible

LONGEST_NAME = 22
"""Columns of a name in the table."""


def print_across(result: Across, report: Path) -> None:
    """The table, the sentence, every two learners that are told apart, what limits it, and where the page is."""
    values = result.values
    print()
    for line in table(values):
        print(line)
    print()
    print(wrapped(visible(result.sentence)))
    distance = values["nemenyi"]["critical_difference"]
    print(wrapped(f"Nemenyi's critical difference of mean ranks: {distance:.2f}.", 2, hanging=4))
    for pair in values["pairs"]:
        if pair["verdict"] != "undecided":
            p = fmt.p_value(pair["p_adjusted"])
            told = f"{pair['learner']}, {pair['other']}: {pair['verdict']}, p {p} adjusted"
            print(wrapped(visible(told), 2, hanging=4))
    for row in values["runs"]:
        if row["caution"]:
            print(wrapped(f"caution: {visible(row['label'])}: {visible(row['caution'])}", 2, hanging=4))
    for warning in values["warnings"]:
        print(wrapped(f"note: {visible(warning)}", 2, hanging=4))
    print()
    print(f"Report: {visible(place(report))}")


def table(values: Mapping[str, Any]) -> list[str]:
    """Learners by mean rank, with as many data sets as the terminal has room for; the last column counts the others."""
    head, rows = rows_of(values)
    every = [[cut(visible(cell), LONGEST_NAME) for cell in row] for row in (head, *rows)]
    lines: list[str] = []
    for shown in range(len(head), 2, -1):
        hidden = len(head) - shown
        more = [[f"{hidden} more" if i == 0 else "…"] if hidden else [] for i in range(len(every))]
        lines = aligned([row[:shown] + rest for row, rest in zip(every, more, strict=True)], right=range(2, shown))
        if max(map(cells, lines)) <= width():
            break
    return [lines[0], "-" * max(map(cells, lines)), *lines[1:]]


def plain_across(values: Mapping[str, Any]) -> str:
    """The whole table with the sentence and the signatures."""
    head, rows = rows_of(values)
    lines = aligned([[visible(cell) for cell in row] for row in (head, *rows)], right=range(2, len(head)))
    return "\n".join([*lines, "", visible(values["headline"]["sentence"]), "", visible(signature(values)), ""])
