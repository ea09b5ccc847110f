"""Tables of docs/results.md for runs with a search for parameters or a learning curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Cell
from visiontk.report.section import Page
from visiontk.report.sections.cells import difference_cell
from visiontk.report.sections.curve import sentence, times
from visiontk.report.sections.tuning import search_table, switched
from visiontk.report.values import Results

Values = Mapping[str, Any]


def _page(values: Values) -> Page:
    results = cast(Results, values)
    return Page(results, results)


def searched(values: Values) -> list[str]:
    """Every learner as configured and as tuned, what it gained, tried and spent; nothing without a search."""
    if not values["tuning"]:
        return []
    page = _page(values)
    first = next(iter(values["tuning"].values()))
    lines = [
        f"As configured and as tuned: up to {first['n_most']} configurations or {fmt.seconds(first['budget_s'])} of "
        "CPU time for each learner and fold, chosen on the validation set; gains are on the same test samples.",
        "",
        "| learner | as configured | tuned | gain, points | tried on each fold | search, CPU | ended as | chosen |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in search_table(values["tuning"], page).rows:
        name, *cells, chosen = row.cells
        words = "; ".join(line.replace("|", "\\|") for line in chosen.small)
        lines.append(f"| `{name.text}` | {' | '.join(map(_words, cells))} | {words} |")
    changed = [
        f"`{old['learner']}` {_words(difference_cell(old, page.kind))}, {old['verdict']}"
        for old, _ in switched(values["as_configured"], values["comparisons"])
    ]
    if changed:
        lines += ["", f"As configured, the verdict on `{values['reference']}` differs: {'; '.join(changed)}."]
    return [*lines, ""]


def _words(cell: Cell) -> str:
    return " ".join([cell.text, *cell.small]).strip()


def searched_pair(values: Values) -> tuple[str, list[str]]:
    """Return the budget of each search, and cells of the two of the headline, as configured and as tuned."""
    tuning, headline = values["tuning"], values["headlines"][-1]
    first = next(iter(tuning.values()))
    by_name = {row.cells[0].text: row.cells for row in search_table(tuning, _page(values)).rows}
    cells = [
        f"`{who}` {_words(by_name[who][1])} → {_words(by_name[who][2])}" if who in by_name else "none"
        for who in (headline["classical"], headline["challenger"])
    ]
    return f"{first['n_most']} configurations or {fmt.seconds(first['budget_s'])}", cells


def crossing(values: Values) -> str:
    """Return the sentence on where the families cross; empty without a learning curve."""
    return sentence(values["curve"]) or "" if values["curve"] else ""


def curve(values: Values) -> list[str]:
    """The metric of every learner by number of training samples, where they cross, what it cost; else nothing."""
    curves = values["curve"]
    if not curves:
        return []
    kind = values["metrics"][values["metric"]]["kind"]
    names = list(curves["learners"])
    by_size: dict[int, dict[str, Values]] = {}
    for name in names:
        for point in curves["learners"][name]:
            by_size.setdefault(round(point["n"]), {})[name] = point
    heads = [f"`{name}`" for name in names] + [f"CPU of `{name}`" for name in names]
    lines = [
        f"**{sentence(curves)}**" if sentence(curves) else "",
        "",
        f"By number of training samples ({fmt.words(values['metric'])}; smaller training sets drawn "
        f"{times(curves['draws'])} on each fold):",
        "",
        f"| samples | {' | '.join(heads)} |",
        "|" + "---|" * (1 + len(heads)),
    ]
    for n in sorted(by_size):
        points = [by_size[n].get(name) for name in names]
        cells = [fmt.with_interval(p["value"], p["low"], p["high"], kind) if p else "" for p in points]
        costs = [fmt.seconds(p["fit_cpu_s"]) if p else "" for p in points]
        lines.append(f"| {n:,} | {' | '.join([*cells, *costs])} |")
    twice = [curves["extrapolation"][name] for name in names]
    costs_of_twice = [
        f"about {fmt.seconds(each['fit_cpu_s'])}" if each["fit_cpu_s"] is not None else "" for each in twice
    ]
    lines.append(f"| {twice[0]['n']:,.0f}, continued | {' | '.join(['' for _ in names] + costs_of_twice)} |")
    return [*lines, ""]
