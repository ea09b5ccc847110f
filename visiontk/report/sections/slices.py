"""Results by column: a figure of the two in the headline and a table of all learners for each."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Direction, Figure, Heading, Row, Table, Text
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.slicing import slice_results
from visiontk.report.evidence.view import MULTIPLE_LOOKS
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import champions, difference_cell, measurement_cell
from visiontk.report.sections.headline import FEW_OF_A_CLASS, names_of
from visiontk.report.sections.units import MOST_COLUMNS, Part, part_figure
from visiontk.report.values import LearnerRow, Slice, SliceColumn

MOST_SHOWN = 12
"""Columns on the page; the others are in results.json."""

MOST_OF_NAME = 60
TOO_FEW = "too few samples"


def compute(evidence: Evidence) -> list[SliceColumn]:
    """Return one entry a column; empty without columns."""
    return slice_results(
        evidence.task,
        evidence.learners,
        evidence.groups,
        evidence.columns,
        primary=evidence.primary,
        margin=evidence.margin.value,
    )


def chosen_after(columns: list[SliceColumn]) -> str:
    """Return the warning about columns that were chosen after the run, or an empty text."""
    after = [
        f"{each['column']} of {each['table']}" if each["table"] else each["column"]
        for each in columns
        if each["chosen"] == "after"
    ]
    return f"Slices were chosen after the run, by {' and '.join(after)}: {MULTIPLE_LOOKS}" if after else ""


def blocks(columns: list[SliceColumn], page: Page) -> list[Block]:
    """Return a figure and a table for each column."""
    if not columns:
        return []
    shown = columns[:MOST_SHOWN]
    inside = [block for i, column in enumerate(shown, 1) for block in _column(column, page, i)]
    if hidden := len(columns) - len(shown):
        verb = "is" if hidden == 1 else "are"
        inside.append(Text(f"{fmt.plural(hidden, 'more column')} {verb} in results.json.", "note"))
    return [Text(lead(columns, page), "lead"), *inside, Text(page.results["signature"], "signature")]


def lead(columns: list[SliceColumn], page: Page) -> str:
    """Return what a reader of all slices must know."""
    rows = [row for column in columns for row in column["slices"]]
    n_tested = sum(row["p_adjusted"] is not None for row in rows)
    n_short = sum(not row["too_few"] and row["n_rarest"] < FEW_OF_A_CLASS for row in rows)
    short = ""
    if n_short and page.results["metrics"][page.results["metric"]]["by_class"]:
        short = (
            f" In {n_short} of {len(rows)} slices a class has fewer than {FEW_OF_A_CLASS} {columns[0]['unit']}s or "
            "none: averages over classes leave out those without any, and their intervals are too short."
        )
    if not n_tested:
        return f"No slice has a difference that could be tested.{short}"
    challenger, classical = names_of(page.results["headlines"][0])
    return (
        f"Difference: {challenger} minus {classical}, the two of the headline. Intervals and "
        f"p values are corrected for the number of slices that could be compared, {n_tested}: many comparisons find "
        "differences that are not there. Slices of different columns contain the same samples, so they do not confirm "
        "each other. Whether one slice differs from another was not tested, even where one has a verdict and the other "
        f"has none.{short}"
    )


def _column(column: SliceColumn, page: Page, place: int) -> list[Block]:
    title = fmt.shorten(column["column"], MOST_OF_NAME)
    figure = _figure(column, page, place, title)
    drawing: list[Block] = [] if figure is None else [figure]
    return [Heading(title), Text(_about(column), "note"), *drawing, _table(column, page, place, title)]


def _figure(column: SliceColumn, page: Page, place: int, title: str) -> Figure | None:
    pair, parts = champions(page.results), []
    for row in column["slices"]:
        by_name = {each["name"]: each for each in row["learners"]}
        parts.append(Part(row["name"], row["n"], [by_name.get(each["name"]) for each in pair]))
    known = [part for part in parts if any(each is not None and each["value"] is not None for each in part.results)]
    if not known:
        return None
    caption = (
        f"{fmt.capitalized(fmt.words(page.metric))} in each slice by {title}, with the {page.level} interval for more "
        f"{column['unit']}s of the same slice."
    )
    if len(known) < len(parts):
        caption += f" {len(parts) - len(known)} of {len(parts)} slices are left out, as they have too few samples."
    return part_figure(page, f"slices-{place}", "slice", pair, known, caption)


def _table(column: SliceColumn, page: Page, place: int, title: str) -> Table:
    present = {each["name"] for row in column["slices"] for each in row["learners"]}
    learners = [row for row in page.results["learners"] if row["name"] in present]
    shown = learners[:MOST_COLUMNS]
    groups = column["unit"] == "group"
    headline = page.results["headlines"][0]
    higher = page.results["metrics"][page.metric]["higher_is_better"]
    first: Direction = "descending" if higher else "ascending"
    columns = [
        Column("slice"),
        Column("test samples", "number", "descending"),
        *([Column("groups", "number", "descending")] if groups else []),
        Column("difference", "number", "descending"),
        Column("adjusted p", "number", "ascending", "for the number of slices"),
        Column(f"verdict on {names_of(headline)[0] if headline['challenger'] else 'the network'}"),
        *(Column(row["name"], "number", first, family=row["family"]) for row in shown),
    ]
    rows = [_row(row, page, shown, groups=groups) for row in column["slices"]]
    return Table(f"Slices by {title}", columns, rows, name=f"slices-{place}", sortable=True,
                 hidden=len(learners) - len(shown), hidden_noun="learner")  # fmt: skip


def _row(row: Slice, page: Page, learners: list[LearnerRow], *, groups: bool) -> Row:
    by_name = {each["name"]: each for each in row["learners"]}
    known, names = row["p_adjusted"] is not None, [each["name"] for each in learners]
    return Row(
        [
            Cell(fmt.shorten(row["name"], MOST_OF_NAME)),
            Cell(f"{row['n']:,}", sort=row["n"]),
            *([Cell(f"{row['n_units']:,}", sort=row["n_units"])] if groups else []),
            _difference(row, page),
            Cell(fmt.p_value(row["p_adjusted"]) if known else "", sort=row["p_adjusted"]),
            Cell(verdict=row["verdict"] or ""),
            *(Cell() if row["too_few"] else measurement_cell(by_name.get(name), page.kind) for name in names),
        ]
    )


def _difference(row: Slice, page: Page) -> Cell:
    if row["difference"] is None:
        return Cell(TOO_FEW if row["too_few"] else fmt.UNKNOWN, [row["too_few"] or row["reason"]], quiet=True)
    return difference_cell(row, page.kind, unit=True)


def _about(column: SliceColumn) -> str:
    table = column["table"]
    source = f"A column of {fmt.shorten(table, MOST_OF_NAME)}" if table else "A column of your table"
    ranges = ", cut at the quartiles of the test samples" if column["kind"] == "ranges" else ""
    return f"{source}{ranges}; chosen {column['chosen']} the run."


SLICES = Section("slices", "By column", blocks, compute, "one entry a column that was named")
