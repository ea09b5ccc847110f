"""The figures of the page: from results to a drawing, a caption and the table of its data.

Captions say what is drawn and how to read it. They never say who is ahead: that is said only by
the verdicts of the results.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.charts import plots, svg
from visiontk.report.charts.plots import Line, Row
from visiontk.report.charts.svg import Mark

Results = Mapping[str, Any]

SIZES = {"wide": 1136.0, "medium": 700.0, "narrow": 360.0}  # pixels: a desk, paper or a tablet, a phone
MOST_CLASSES = 20
MOST_DATA_ROWS = 300
MOST_DOT_ROWS = 40
MOST_PANELS = 24
MOST_EPOCHS = 120
MOST_CONFUSIONS = 12


class Confusion(NamedTuple):
    """Counts of one learner: a matrix of cells, or the most frequent confusions where it would be too large."""

    learner: str
    family: str
    labels: Sequence[str]
    cells: Sequence[Sequence[tuple[int, str, int]]]
    pairs: Sequence[tuple[str, str, int, str]]


def responsive(draw: Callable[..., Markup], name: str, **rest: Any) -> Markup:
    """The same chart drawn for each of the `SIZES`; the style sheet shows the one that fits, at its full text size."""
    return Markup().join(
        svg.tag("div", draw(name=f"{name}-{size}", width=width, **rest), class_=size) for size, width in SIZES.items()
    )


def figure(name: str, picture: Markup, caption: str, head: Sequence[str], rows: Iterable[Sequence[str]],
           legend: Sequence[tuple[str, str]] = ()) -> Figure:  # fmt: skip
    """A `Figure` whose table is cut after `MOST_DATA_ROWS` rows."""
    table = list(rows)
    hidden = max(0, len(table) - MOST_DATA_ROWS)
    return Figure(name, picture, caption, head, table[:MOST_DATA_ROWS], hidden, legend)


def families(present: Iterable[str]) -> list[tuple[str, str]]:
    """The legend of a figure in which these families occur."""
    found = set(present)
    return [(family, family) for family in svg.FAMILIES if family in found]


def kind_of(results: Results, metric: str | None = None) -> str:
    """Kind of a metric, by default of the one that is compared."""
    return str(results["metrics"].get(metric or results["metric"], {}).get("kind", "unbounded"))


def cell(learner: Results, metric: str) -> Results:
    """Value, interval and reason of a metric of a learner; unknown where it was not computed."""
    found = learner["metrics"].get(metric) or {}
    return {key: found.get(key) for key in ("value", "low", "high", "reason")}


def champions(results: Results) -> list[Results]:
    """The network and the classical learner that the headline compares, or the first one of each family."""
    found = []
    for family in ("network", "classical"):
        named = results["headline"][family]
        of_family = [item for item in results["learners"] if item["family"] == family]
        chosen = [item for item in results["learners"] if item["name"] == named] or of_family
        found += chosen[:1]
    return found


def level(results: Results) -> str:
    """The confidence level in words."""
    return f"{100 * (results['confidence'] or 0.95):.3g} %"


def disagreement(results: Results) -> Figure | None:
    """Test samples by who was right, as a divided bar and its enlargement."""
    d = results["disagreement"]
    if not d or not d["n"]:
        return None
    parts = [
        ("both right", int(d["both_right"]), "part agree"),
        (f"only {d['network']} right", int(d["only_network"]), "part network"),
        (f"only {d['classical']} right", int(d["only_classical"]), "part classical"),
        ("both wrong", int(d["both_wrong"]), "part wrong"),
    ]
    caption = (
        f"The {d['n']:,} test samples by who was right, for seed {d['seed']}. Widths are proportional to counts; "
        "the lower bar enlarges the samples that at least one of the two got wrong."
    )
    picture = responsive(
        plots.share_bars, "disagreement", parts=parts,
        title="Who was right", desc="; ".join(f"{label}: {n}" for label, n, _ in parts) + ".",
    )  # fmt: skip
    head = ("", f"{d['classical']} right", f"{d['classical']} wrong")
    rows = [
        (f"{d['network']} right", f"{d['both_right']:,}", f"{d['only_network']:,}"),
        (f"{d['network']} wrong", f"{d['only_classical']:,}", f"{d['both_wrong']:,}"),
    ]
    return figure("disagreement", picture, caption, head, rows)


def recall(results: Results) -> Figure | None:
    """Share of each class that the champions found, with intervals, largest difference first."""
    labels = results["dataset"]["labels"]
    pair = [item for item in champions(results) if item["recall"]]
    if not pair:
        return None
    by_class = []
    for i, label in enumerate(labels):
        found = [item["recall"][i] if i < len(item["recall"]) else None for item in pair]
        known = [f["value"] for f in found if f and f["value"] is not None]
        gap = abs(known[0] - known[1]) if len(known) == 2 else -1.0
        by_class.append((gap, label, found))
    by_class.sort(key=lambda entry: -entry[0])
    rows, table = [], []
    for k, (_, label, found) in enumerate(by_class):
        texts = [_share(f) for f in found]
        n = next((f["n"] for f in found if f), None)
        if k < MOST_DATA_ROWS:
            table.append((label, fmt.UNKNOWN if n is None else f"{n:,}", *texts))
        if k < MOST_CLASSES:
            marks = [
                Mark(f["value"], f["low"], f["high"], item["family"], f"{item['name']}, {label}: {words}")
                for item, f, words in zip(pair, found, texts, strict=True)
                if f and f["value"] is not None
            ]
            rows.append(Row(label, marks))
    names = " and ".join(item["name"] for item in pair)
    cut = len(labels) > len(rows)
    only = f" The {MOST_CLASSES} of {len(labels):,} classes with the largest difference." if cut else ""
    caption = (
        f"Recall by class: the share of each class's test samples that {names} recognised, with {level(results)} "
        f"intervals. Classes in which they differ most come first.{only} Differences between classes were not tested."
    )
    picture = responsive(plots.dot_rows, "recall", rows=rows,
                         title=f"Recall by class of {names}", desc=f"{len(rows)} classes; the data stand in the table.",
                         kind="proportion", axis_title="recall →", spread=True)  # fmt: skip
    made = figure("recall", picture, caption, ("class", "test samples", *(item["name"] for item in pair)), table,
                  [(item["family"], item["name"]) for item in pair])  # fmt: skip
    return made._replace(hidden=len(labels) - len(made.rows))


def _share(found: Results | None) -> str:
    if not found:
        return fmt.UNKNOWN
    return fmt.with_interval(found["value"], found["low"], found["high"], "proportion")


def seeds(results: Results) -> Figure | None:
    """The metric of every seed, one row per learner."""
    kind, rows, table = kind_of(results), [], []
    for learner in results["learners"]:
        known = [s for s in learner["by_seed"] if s["value"] is not None]
        if learner["family"] == "floor" or not known:
            continue
        notes = [f"{learner['name']}, seed {s['seed']}: {fmt.value(s['value'], kind)}" for s in known]
        marks = [Mark(s["value"], None, None, learner["family"], n) for s, n in zip(known, notes, strict=True)]
        rows.append(Row(learner["name"], marks))
        table += [(learner["name"], str(s["seed"]), fmt.value(s["value"], kind)) for s in known]
    if not rows:
        return None
    cut = f" The first {MOST_DOT_ROWS} of {len(rows)} learners." if len(rows) > MOST_DOT_ROWS else ""
    picture = responsive(plots.dot_rows, "seeds",
                         rows=rows[:MOST_DOT_ROWS], title=f"{fmt.words(results['metric'])} of each seed",
                         desc=f"{len(table)} values of {len(rows)} learners.", kind=kind,
                         axis_title=f"{fmt.words(results['metric'])} →")  # fmt: skip
    caption = f"One mark for each seed: {fmt.words(results['metric'])} on the test part.{cut} Floors are left out."
    legend = families(mark.family for row in rows for mark in row.marks)
    return figure("seeds", picture, caption, ("learner", "seed", fmt.words(results["metric"])), table, legend)


def histories(results: Results) -> list[tuple[str, Figure]]:
    """For each network its loss and its metric on the valid part by epoch, one thin line for each fit."""
    networks = [item for item in results["learners"] if item["histories"]][:MOST_PANELS]
    wanted = f"valid_{results['metric']}"
    every = [h["columns"].get(wanted) or () for item in networks for h in item["histories"]]
    shared = svg.padded([v for column in every for v in column])
    made = []
    for k, learner in enumerate(networks):
        losses, scores, table = [], [], []
        for history in learner["histories"]:
            columns = history["columns"]
            epochs = columns.get("epoch") or list(range(1, 1 + max((len(c) for c in columns.values()), default=0)))
            fit = f"seed {history['seed']}, fold {history['fold']}"
            losses += _line(epochs, columns.get("loss"), False, f"{fit}, train")
            losses += _line(epochs, columns.get("valid_loss"), True, f"{fit}, valid")
            scores += _line(epochs, columns.get(wanted), False, fit)
            table += [
                (fit, f"{epoch:g}", *(_plain(columns.get(c), i) for c in ("loss", "valid_loss", wanted)))
                for i, epoch in enumerate(epochs)
                if epoch is not None
            ]
        panels = Markup()
        if losses:
            panels += plots.lines(losses, name=f"loss-{k}", title="loss", desc=f"{len(losses)} lines by epoch.",
                                   kind="unbounded", family=learner["family"])  # fmt: skip
        if scores:
            panels += plots.lines(scores, name=f"score-{k}", title=f"{fmt.words(results['metric'])} on valid",
                                   desc=f"{len(scores)} lines by epoch.", kind=kind_of(results),
                                   family=learner["family"], y_range=shared)  # fmt: skip
        caption = "Solid: train. Dashed: valid. One line for each fit."
        head = ("fit", "epoch", "loss", "valid loss", fmt.words(wanted))
        made.append((learner["name"], figure(f"history-{k}", panels, caption, head, table)))
    return made


def _line(epochs: Sequence[float], column: Sequence[float] | None, dashed: bool, note: str) -> list[Line]:
    known = [(e, v) for e, v in zip(epochs, column or (), strict=False) if e is not None and v is not None]
    if not known:
        return []
    step = -(-len(known) // MOST_EPOCHS)
    kept = known[::step] if known[-1] in known[::step] else [*known[::step], known[-1]]
    return [Line([e for e, _ in kept], [v for _, v in kept], dashed, note)]


def _plain(column: Sequence[float] | None, i: int) -> str:
    known = column[i] if column and i < len(column) else None
    return fmt.UNKNOWN if known is None else f"{known:.4g}"


def confusions(results: Results) -> list[Confusion]:
    """What was taken for what: champions first, then the others in the order of the table."""
    labels = results["dataset"]["labels"]
    first = champions(results)
    order = first + [item for item in results["learners"] if item not in first]
    most = MOST_CONFUSIONS if len(labels) <= 500 else 2
    made = []
    for learner in [item for item in order if item["confusion"]][:most]:
        matrix = learner["confusion"]
        if len(labels) <= MOST_CLASSES:
            made.append(Confusion(learner["name"], learner["family"], labels, [_heat(row) for row in matrix], ()))
        else:
            pairs = _most_confused(matrix, labels)
            made.append(Confusion(learner["name"], learner["family"], labels, (), pairs))
    return made


def _heat(row: Sequence[int]) -> list[tuple[int, str, int]]:
    """Count, share of the row in percent, and a shade from 0 to 10 (by square root: few errors stay visible)."""
    total = sum(int(n) for n in row)
    shares = [int(n) / total if total else 0.0 for n in row]
    words = ["< 1 %" if 0 < s < 0.01 else f"{100 * s:.0f} %" for s in shares]
    return [(int(n), w, math.ceil(10 * s**0.5)) for n, w, s in zip(row, words, shares, strict=True)]


def _most_confused(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> list[tuple[str, str, int, str]]:
    best: list[tuple[int, int, int]] = []
    for i, row in enumerate(matrix):
        errors = list(row)
        errors[i] = 0
        least = best[0][0] if len(best) == MOST_CLASSES else 0
        if max(errors) <= least:
            continue
        for j, n in enumerate(errors):
            if n > least:
                (heapq.heappush if len(best) < MOST_CLASSES else heapq.heappushpop)(best, (int(n), -i, -j))
    found = [(-i, -j, n) for n, i, j in sorted(best, reverse=True)]
    return [(labels[i], labels[j], n, f"{100 * n / max(1, sum(matrix[i])):.1f} %") for i, j, n in found]
