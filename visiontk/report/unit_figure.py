"""The figure and the table of groups or published folds: who is served how well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.charts import plots
from visiontk.report.charts.plots import Row
from visiontk.report.charts.svg import Mark
from visiontk.report.figures import Results, champions, figure, kind_of, level, responsive

MOST_COLUMNS = 12


class Part(NamedTuple):
    """A part of the test samples: its name, how many they are, and what each learner reached; None where unknown."""

    name: str
    n: int
    found: Sequence[Mapping[str, Any] | None]


class UnitTable(NamedTuple):
    """One row a unit, one column a learner; the last row is the mean over units, without an interval."""

    head: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, str, Sequence[str]]]
    hidden: int


def unit_figure(results: Results) -> Figure | None:
    """The metric that is compared within each unit, of the two learners in the headline; None without units."""
    units = results.get("units")
    pair = [item for item in champions(results) if item.get("by_group")]
    if not units or not pair:
        return None
    what, metric = units["kind"], fmt.words(results["metric"])
    caption = (
        f"{metric[:1].upper()}{metric[1:]} within each {what} of the test samples, with the {level(results)} interval "
        f"that more samples of the same {what} would have. Differences between {what}s were not tested."
    )
    rows = [Part(name, units["n"][i], [item["by_group"][i] for item in pair]) for i, name in enumerate(units["names"])]
    return part_figure(results, "units", what, pair, rows, caption)


def part_figure(
    results: Results, name: str, what: str, pair: Sequence[Results], parts: Sequence[Part], caption: str
) -> Figure:
    """A row of dots for each part of the test samples.

    Parameters
    ----------
    results : mapping
        The value of ``results.json``.
    name : str
        Of the figure, unlike those of others on the page.
    what : str
        What one part is called, such as group.
    pair : sequence of mapping
        Learners, each with its name and family.
    parts : sequence of Part
        With as many values as there are learners.
    caption : str
        Below the figure.
    """
    kind, metric, rows, table = kind_of(results), fmt.words(results["metric"]), [], []
    for part in parts:
        texts = [fmt.UNKNOWN if f is None else _words(f, kind) for f in part.found]
        table.append((part.name, f"{part.n:,}", *texts))
        marks = [
            Mark(f["value"], f["low"], f["high"], item["family"], f"{item['name']}, {part.name}: {words}")
            for item, f, words in zip(pair, part.found, texts, strict=True)
            if f is not None and f["value"] is not None
        ]
        rows.append(Row(part.name, marks))
    picture = responsive(plots.dot_rows, name, rows=rows, title=f"{metric} by {what}",
                         desc=f"{len(rows)} {what}s; the data stand in the table.", kind=kind,
                         axis_title=f"{metric} →", spread=True)  # fmt: skip
    legend = [(item["family"], item["name"]) for item in pair]
    return figure(name, picture, caption, (what, "test samples", *(item["name"] for item in pair)), table, legend)


def unit_table(results: Results) -> UnitTable | None:
    """The metric of every learner within each unit."""
    units = results.get("units")
    told = [item for item in results["learners"] if item.get("by_group")]
    if not units or not told:
        return None
    kind, kept = kind_of(results), told[:MOST_COLUMNS]
    rows = [
        (name, f"{units['n'][i]:,}", [_words(item["by_group"][i], kind) for item in kept])
        for i, name in enumerate(units["names"])
    ]
    means = []
    for item in kept:
        known = [f["value"] for f in item["by_group"] if f["value"] is not None]
        means.append(fmt.value(sum(known) / len(known) if known else None, kind))
    rows.append((f"mean of {units['kind']}s", "", means))
    return UnitTable([(item["family"], item["name"]) for item in kept], rows, len(told) - len(kept))


def _words(found: Mapping[str, Any], kind: str) -> str:
    return fmt.with_interval(found["value"], found["low"], found["high"], kind)
