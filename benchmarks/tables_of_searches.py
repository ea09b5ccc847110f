"""Tables of docs/results.md for runs with a search for parameters or a learning curve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visiontk.report import formatting as fmt
from visiontk.report.curve_chart import times
from visiontk.report.curves import sentence
from visiontk.report.tuning_table import against_rows, tuning_rows

Values = Mapping[str, Any]


def searched(values: Values) -> list[str]:
    """Return the table of learners as configured and as tuned; empty without a search."""
    rows = tuning_rows(values)
    if not rows:
        return []
    first = next(iter(values["tuning"].values()))
    lines = [
        f"As configured and as tuned: up to {first['n_most']} configurations or "
        f"{fmt.seconds(first['budget_s'])} of CPU time for each learner and fold, chosen on the "
        "validation set; gains are on the same test samples.",
        "",
        "| learner | as configured | tuned | gain, points | tried on each fold | search, CPU | ended as | chosen |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        pairs = [" ".join(pair) for pair in (row.given, row.tuned, row.gain)]
        chosen = "; ".join(line.replace("|", "\\|") for line in row.chosen)
        lines.append(f"| `{row.name}` | {' | '.join(pairs)} | {row.n_tried} | {row.cpu} | {row.ended} | {chosen} |")
    changed = [
        f"`{row.name}` {' '.join(row.given[:2])}, {row.given[2]}"
        for row in against_rows(values)
        if row.given[2] != row.tuned[2]
    ]
    if changed:
        lines += ["", f"As configured, the verdict on `{values['reference']}` differs: {'; '.join(changed)}."]
    return [*lines, ""]


def overview(runs: Mapping[str, Values]) -> list[str]:
    """Return one row per run with a search: the learners of its headline, as configured and as "
    "tuned, and the verdict.
    """
    rows = []
    for name, values in runs.items():
        tuning, headline = values.get("tuning") or {}, values["headline"]
        if not tuning:
            continue
        first, by_name = next(iter(tuning.values())), {row.name: row for row in tuning_rows(values)}
        cells = [
            f"`{learner}` {' '.join(by_name[learner].given)} → {' '.join(by_name[learner].tuned)}"
            if learner in by_name
            else "none"
            for learner in (headline["classical"], headline["network"])
        ]
        kind = values["metrics"][values["metric"]]["kind"]
        low, high = headline["low"], headline["high"]
        apart = f"{fmt.difference(headline['difference'], kind)} {fmt.interval(low, high, kind, signed=True)}"
        budget = f"{first['n_most']} configurations or {fmt.seconds(first['budget_s'])}"
        verdict = {"better": "network better", "worse": "traditional better"}
        rows.append(f"| `{name}` | {budget} | {fmt.words(values['metric'])} | {' | '.join(cells)} | {apart} "
                    f"| {verdict.get(headline['verdict'], headline['verdict'])} |")  # fmt: skip
    if not rows:
        return []
    return [
        "## As configured and as tuned",
        "",
        "Equal searches for both families: the same number of configurations, or the same CPU time, "
        "for each learner and fold, the configured one first, compared on the validation set. Shown "
        "is the best of each family on the validation set; the sections list every learner.",
        "",
        "| data | each search | metric | best traditional | best network | difference, tuned | verdict |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def crossings(runs: Mapping[str, Values]) -> list[str]:
    """Return one row per run with a learning curve: the crossover of the families."""
    curves = [(name, values["curve"]) for name, values in runs.items() if values.get("curve")]
    rows = [f"| `{name}` | {sentence(curve)} |" for name, curve in curves if sentence(curve)]
    return ["## With less data", "", "| data | where the curves cross |", "|---|---|", *rows, ""] if rows else []


def curve(values: Values) -> list[str]:
    """Return the learning curves of a run as a table; empty without one."""
    curves = values.get("curve")
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
        f"{times(curves['draws'])} "
        "on each fold):",
        "",
        f"| samples | {' | '.join(heads)} |",
        "|" + "---|" * (1 + len(heads)),
    ]
    for n in sorted(by_size):
        points = [by_size[n].get(name) for name in names]
        cells = [fmt.with_interval(p["value"], p["low"], p["high"], kind) if p else "" for p in points]
        costs = [fmt.seconds(p["fit_cpu_s"]) if p else "" for p in points]
        lines.append(f"| {n:,} | {' | '.join([*cells, *costs])} |")
    twice = [curves["twice"][name] for name in names]
    costs_twice = [f"about {fmt.seconds(each['fit_cpu_s'])}" if each["fit_cpu_s"] is not None else "" for each in twice]
    lines.append(f"| {twice[0]['n']:,.0f}, continued | {' | '.join(['' for _ in names] + costs_twice)} |")
    return [*lines, ""]
