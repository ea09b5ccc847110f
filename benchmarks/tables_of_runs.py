"""Tables of docs/results.md for one run: learners, comparisons, units, recall, optimistic splits."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from published_results import Entry

from visiontk.report import formatting as fmt

Values = Mapping[str, Any]


def metric_cell(values: Values, row: Values, metric: str) -> str:
    """Format a metric with its interval."""
    cell, kind = row["metrics"].get(metric), values["metrics"].get(metric, {}).get("kind", "bounded")
    if cell is None or cell["value"] is None:
        return fmt.UNKNOWN
    if kind == "unbounded":
        return fmt.with_interval(cell["value"], cell["low"], cell["high"], kind)
    return f"**{100 * cell['value']:.2f} %** [{100 * cell['low']:.2f}, {100 * cell['high']:.2f}]"


def set_by_hand(values: Values) -> list[str]:
    """Return the settings of the config that differ from the defaults."""
    settings = [
        f"`{row['name']}` {', '.join(f'{key} {value}' for key, value in row['set_by_hand'].items())}"
        for row in values["learners"]
        if row["set_by_hand"]
    ]
    return [f"Set by hand: {'; '.join(settings)}. All else are defaults.", ""] if settings else []


def learners(values: Values, entry: Entry) -> list[str]:
    """Return the table of learners: the compared metric, further metrics, costs."""
    more = [name for name in entry.more if name in values["metrics"] and name != values["metric"]]
    heads = [fmt.words(values["metric"]), *(fmt.words(name) for name in more)]
    lines = [
        f"| learner | family | {' | '.join(heads)} | by seed | CPU per fit | ms per sample | weights | peak memory |",
        "|" + "---|" * (7 + len(heads)),
    ]
    kind = values["metrics"][values["metric"]]["kind"]
    for row in values["learners"]:
        cells = [
            metric_cell(values, row, values["metric"]),
            *(metric_cell(values, row, name).replace("*", "") for name in more),
        ]
        by_seed = ", ".join(
            fmt.UNKNOWN
            if each["value"] is None
            else f"{each['value'] if kind == 'unbounded' else 100 * each['value']:.2f}"
            for each in row["by_seed"]
        )
        weights = fmt.short(row["n_parameters"]) if row["family"] in ("network", "pretrained") else ""
        lines.append(
            f"| `{row['name']}` | {row['family']} | {' | '.join(cells)} | {by_seed} | {fmt.seconds(row['fit_cpu_s'])} "
            f"| {fmt.milliseconds(row['predict_ms_per_sample'])} | {weights} | {fmt.size(row['peak_memory_bytes'])} |"
        )
    adapted = [fmt.words(name) for name in more if values["metrics"][name].get("adapted")]
    if adapted:
        lines += ["", f"At an operating point chosen by each fit on its validation set: {', '.join(adapted)}."]
    return lines


def comparisons(values: Values) -> list[str]:
    """Return the table of comparisons with the reference."""
    kind = values["metrics"][values["metric"]]["kind"]
    scale, unit = (1, "") if kind == "unbounded" else (100, "points of ")
    of_margin = "" if kind == "unbounded" else " point" if values["margin"] == 0.01 else " points"
    lines = [
        f"The primary comparison, then all others with `{values['reference']}` ({values['reference_reason']}), in "
        f"{unit}{fmt.words(values['metric'])}; the margin is {scale * values['margin']:.3g}{of_margin} "
        f"({values['margin_reason']}). Each interval decides at its confidence:",
        "",
        "| learner | difference | confidence | p | verdict | test |",
        "|---|---|---|---|---|---|",
    ]
    for row in values["comparisons"]:
        gap, level = fmt.UNKNOWN, ""
        if None not in (row["difference"], row["low"], row["high"]):
            gap = f"{scale * row['difference']:+.2f} [{scale * row['low']:+.2f}, {scale * row['high']:+.2f}]"
            level = f"{100 * row['confidence']:.4g} %"
        who = f"**`{row['learner']}` against `{row['reference']}`**" if row["primary"] else f"`{row['learner']}`"
        lines.append(f"| {who} | {gap} | {level} | {fmt.p_value(row['p_value'])} | {row['verdict']} | {row['test']} |")
    opinions = [
        f"`{row['learner']}`: {row['second_opinion']}" for row in values["comparisons"] if row["second_opinion"]
    ]
    return [*lines, *(["", *opinions] if opinions else [])]


def by_unit(values: Values) -> list[str]:
    """Return one row per learner with one column per group or fold, their mean and the worst."""
    units, kind = values["units"], values["metrics"][values["metric"]]["kind"]
    heads = [f"{name} ({n:,})" for name, n in zip(units["names"], units["n"], strict=True)]
    lines = [
        f"By {units['kind']}, in {fmt.words(values['metric'])}, each with the interval that more samples of the same "
        f"{units['kind']} would have:",
        "",
        f"| learner | {' | '.join(heads)} | mean | worst |",
        "|" + "---|" * (3 + len(units["names"])),
    ]
    higher = values["metrics"][values["metric"]]["higher_is_better"]
    for row in values["learners"]:
        if not row["by_group"]:
            continue
        cells = [fmt.with_interval(each["value"], each["low"], each["high"], kind) for each in row["by_group"]]
        known = [each["value"] for each in row["by_group"] if each["value"] is not None]
        ends = (sum(known) / len(known), min(known) if higher else max(known)) if known else (None, None)
        lines.append(f"| `{row['name']}` | {' | '.join(cells)} | {' | '.join(fmt.value(end, kind) for end in ends)} |")
    return lines


def recalls(values: Values) -> list[str]:
    """Return one row per class, the rarest first, with one column per learner."""
    rows = [row for row in values["learners"] if row["family"] != "floor" and row["recall"]]
    labels = values["dataset"]["labels"]
    what = "persons" if values["dataset"]["n_groups"] else "samples"
    lines = [
        f"Recall of every class, the rarest first; intervals count {what}:",
        "",
        f"| class | test samples | {' | '.join(_code(row['name']) for row in rows)} |",
        "|" + "---|" * (2 + len(rows)),
    ]
    for i in sorted(range(len(labels)), key=lambda i: rows[0]["recall"][i]["n"] if rows else 0):
        cells = [_share(row["recall"][i]) for row in rows]
        lines.append(f"| {labels[i]} | {rows[0]['recall'][i]['n'] if rows else 0:,} | {' | '.join(cells)} |")
    return lines


def _share(recall: Values) -> str:
    return fmt.with_interval(recall["value"], recall["low"], recall["high"], "proportion")


def _code(name: str) -> str:
    return f"`{name}`"


def flattery(honest: str, one: str, flattering: str, other: str) -> str:
    """Return the page of the second data set with a table of how much its split overestimates each learner.

    Values are those of the tables of learners on both pages. The interval of the difference is computed from those of
    the two values, as if the two test sets were independent: Zou and Donner (2008), Construction of confidence limits
    about effect measures, Statistics in Medicine 27, 1693 (after Newcombe 1998). They share images, so it is
    conservative.
    """
    heading = f"## How much `{flattering}` overestimates"
    (metric, known), (_, there) = shown_values(one), shown_values(other)
    lines = [
        heading,
        "",
        f"Split by person (`{honest}`) and by image, in {metric}. The interval of the difference is computed from "
        "those of the two values as if their test sets were independent (Zou and Donner 2008); they share images, so "
        "it is conservative.",
        "",
        "| learner | by person | by image | overestimated by, points |",
        "|---|---|---|---|",
    ]
    for name in known:
        if name in there:
            low, high = unpaired(there[name], known[name])
            gap = f"{there[name]['value'] - known[name]['value']:+.1f} [{low:+.1f}, {high:+.1f}]"
            lines.append(f"| `{name}` | {_points(known[name])} | {_points(there[name])} | {gap} |")
    return "\n".join([other.partition(heading)[0].rstrip(), "", *lines, ""])


def shown_values(page: str) -> tuple[str, dict[str, dict[str, float]]]:
    """Return the metric of the table of learners, and by learner its value and interval in percent."""
    head, known = re.search(r"\| learner \| family \| ([^|]+) \|", page), {}
    row = r"^\| `(\w+)` \| \w+ \| \*\*([\d.]+) %\*\* \[([\d.]+), ([\d.]+)\]"
    for name, value, low, high in re.findall(row, page, re.MULTILINE):
        known[name] = {"value": float(value), "low": float(low), "high": float(high)}
    return (head[1] if head else ""), known


def _points(value: Values) -> str:
    return f"**{value['value']:.2f} %** [{value['low']:.2f}, {value['high']:.2f}]"


def unpaired(a: Values, b: Values) -> tuple[float, float]:
    """Return the interval of a - b from the intervals of both.

    Examples
    --------
    >>> low, high = unpaired({"value": 0.8, "low": 0.7, "high": 0.9}, {"value": 0.5, "low": 0.4, "high": 0.6})
    >>> round(low, 3), round(high, 3)
    (0.159, 0.441)
    """
    gap = a["value"] - b["value"]
    below = math.hypot(a["value"] - a["low"], b["high"] - b["value"])
    above = math.hypot(a["high"] - a["value"], b["value"] - b["low"])
    return gap - below, gap + above
