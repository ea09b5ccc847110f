"""Training histories: loss and metric of networks by epoch."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Figure, Heading, Panels, Text
from visiontk.report.charts import plots, svg
from visiontk.report.charts.plots import Line
from visiontk.report.figures import figure
from visiontk.report.section import Page, Section
from visiontk.report.values import LearnerRow

MOST_PANELS = 24
MOST_EPOCHS = 120
Values = Sequence[float | None]


def blocks(value: None, page: Page) -> list[Block]:
    """Return a panel for each network, one thin line for each fit."""
    networks = [row for row in page.results["learners"] if row["histories"]][:MOST_PANELS]
    if not networks:
        return []
    on_valid, metric = f"valid_{page.metric}", fmt.words(page.metric)
    every = [history["columns"].get(on_valid, []) for row in networks for history in row["histories"]]
    scale = svg.padded([v for column in every for v in column])
    lead = f"Loss and {metric} by epoch. The scale of {metric} is common to all networks, that of the loss is not."
    panels = [(Heading(row["name"], row["family"]), _figure(row, k, page, scale)) for k, row in enumerate(networks)]
    return [Text(lead, "lead"), Panels(panels)]


def _figure(row: LearnerRow, k: int, page: Page, scale: tuple[float, float]) -> Figure:
    on_valid = f"valid_{page.metric}"
    losses, scores, table = [], [], []
    for history in row["histories"]:
        columns = history["columns"]
        longest = max((len(column) for column in columns.values()), default=0)
        epochs: Values = columns.get("epoch") or [float(epoch) for epoch in range(1, 1 + longest)]
        fit = f"seed {history['seed']}, fold {history['fold']}"
        losses += _line(epochs, columns.get("loss"), f"{fit}, train", dashed=False)
        losses += _line(epochs, columns.get("valid_loss"), f"{fit}, valid", dashed=True)
        scores += _line(epochs, columns.get(on_valid), fit, dashed=False)
        table += [
            (fit, f"{epoch:g}", *(_number(columns.get(name), i) for name in ("loss", "valid_loss", on_valid)))
            for i, epoch in enumerate(epochs)
            if epoch is not None
        ]
    panels = Markup()
    if losses:
        panels += plots.lines(losses, name=f"loss-{k}", title="loss", desc=f"{len(losses)} lines by epoch.",
                              kind="unbounded", family=row["family"])  # fmt: skip
    if scores:
        panels += plots.lines(scores, name=f"score-{k}", title=f"{fmt.words(page.metric)} on valid",
                              desc=f"{len(scores)} lines by epoch.", kind=page.kind, family=row["family"],
                              y_range=scale)  # fmt: skip
    caption = "Solid: training set. Dashed: validation set. One line for each fit."
    head = ("fit", "epoch", "loss", "valid loss", fmt.words(on_valid))
    return figure(f"history-{k}", panels, caption, head, table)


def _line(epochs: Values, column: Values | None, note: str, *, dashed: bool) -> list[Line]:
    known = [(e, v) for e, v in zip(epochs, column or (), strict=False) if e is not None and v is not None]
    if not known:
        return []
    step = -(-len(known) // MOST_EPOCHS)
    shown = known[::step] if known[-1] in known[::step] else [*known[::step], known[-1]]
    return [Line([e for e, _ in shown], [v for _, v in shown], dashed, note)]


def _number(column: Values | None, i: int) -> str:
    value = column[i] if column and i < len(column) else None
    return fmt.UNKNOWN if value is None else f"{value:.4g}"


HISTORIES = Section("histories", "Training histories", blocks)
