"""The result of a comparison in a terminal: table of learners, verdict, limits."""

from __future__ import annotations

from pathlib import Path

from visiontk.api import Result
from visiontk.cli.printing import place
from visiontk.cli.wrapping import aligned, cells, cut, width, wrapped
from visiontk.report import formatting as fmt
from visiontk.report.blocks import texts_of
from visiontk.report.formatting import visible
from visiontk.report.sections.curve import sentence
from visiontk.report.tables import terminal_table
from visiontk.report.values import Results

LONGEST_NAME = 24
"""Columns of a learner's name in the table."""

DROPPED_FIRST = ("per sample", "weights", "fit CPU", "family")
"""Columns of the table that narrow terminals do without; results.json has all of them."""


def print_result(result: Result, *, report: Path | None = None, took_s: float | None = None) -> None:
    """Print the table, the verdict in a sentence, its limits, and the path of the report."""
    values = result.values
    print()
    for row in table(values):
        print(row)
    if values["learners"]:
        print(wrapped(visible(values["signature"]), 0, hanging=2))
        print()
    if not values["complete"]:
        _print_missing(values)
        print()
    print(wrapped(visible(result.sentence)))
    for reason in (values["headline"]["reason"], values["headline"]["uncertainty"]):
        if reason:
            print(wrapped(f"why: {visible(reason)}", 2, hanging=4))
    if learning := sentence(values["curve"]):
        print(wrapped(visible(learning)))
    if values["dataset"]["caution"]:
        print(wrapped(f"caution: {visible(values['dataset']['caution'])}", 2, hanging=4))
    for warning in values["warnings"]:
        print(wrapped(f"note: {visible(warning)}", 2, hanging=4))
    print()
    if took_s is not None:
        print(f"Took {fmt.seconds(took_s)}.")
    print(f"Report: {visible(place(report or result.path / 'report.html'))}")


def plain_table(values: Results) -> str:
    """Return the table, the sentence and the signature as text."""
    lines = [
        *table(values),
        "",
        wrapped(visible(values["headline"]["sentence"])),
        "",
        wrapped(visible(values["signature"]), 0, hanging=2),
    ]
    return "\n".join(lines) + "\n"


def _print_missing(values: Results) -> None:
    missing = values["n_planned"] - values["n_done"]
    n_failed = len(values["failed"])
    waiting = f", {missing - n_failed} not run yet" if missing > n_failed else ""
    print(wrapped(f"PARTIAL: {values['n_done']} of {values['n_planned']} fits done, {n_failed} failed{waiting}."))
    for failure in values["failed"]:
        print(wrapped(f"failed: {visible(failure['trial'])}: {visible(failure['reason'])}", 2, hanging=4))


def table(values: Results) -> list[str]:
    """Return a line for every learner, best first, no wider than the terminal or 100 columns."""
    if not values["learners"]:
        return []
    block = terminal_table(values)
    titles = [column.title for column in block.columns]
    # First with all columns, then fewer and fewer, at last with smaller gaps.
    for n_dropped, gap in [*((n, 2) for n in range(len(DROPPED_FIRST) + 1)), (len(DROPPED_FIRST), 1)]:
        shown = [i for i, title in enumerate(titles) if title not in DROPPED_FIRST[:n_dropped]]
        rows = [(cut(visible(row[0]), LONGEST_NAME), *row[1:]) for row in texts_of(block, shown)]
        right = [place for place, i in enumerate(shown) if block.columns[i].is_number]
        lines = aligned(rows, right=right, gap=gap)
        widest = max(cells(line) for line in lines)
        if widest <= width():
            break
    return [lines[0], "-" * widest, *lines[1:]]
