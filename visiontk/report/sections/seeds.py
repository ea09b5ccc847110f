"""The metric that is compared, of every seed."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block
from visiontk.report.charts import plots
from visiontk.report.charts.plots import Row
from visiontk.report.charts.svg import Mark
from visiontk.report.figures import families, figure, responsive
from visiontk.report.section import Page, Section

MOST_ROWS = 40


def blocks(value: None, page: Page) -> list[Block]:
    """Return a row of dots for each learner but floors."""
    metric, rows, table = fmt.words(page.metric), [], []
    for row in page.results["learners"]:
        known = [(each["seed"], each["value"]) for each in row["by_seed"] if each["value"] is not None]
        if row["family"] == "floor" or not known:
            continue
        marks = [
            Mark(v, None, None, row["family"], f"{row['name']}, seed {seed}: {fmt.value(v, page.kind)}")
            for seed, v in known
        ]
        rows.append(Row(row["name"], marks))
        table += [(row["name"], str(seed), fmt.value(v, page.kind)) for seed, v in known]
    if not rows:
        return []
    cut = f" The first {MOST_ROWS} of {len(rows)} learners." if len(rows) > MOST_ROWS else ""
    chart = responsive(plots.dot_rows, "seeds", rows=rows[:MOST_ROWS], title=f"{metric} of each seed",
                         desc=f"{len(table)} values of {len(rows)} learners.", kind=page.kind,
                         axis_title=f"{metric} →")  # fmt: skip
    caption = f"One mark for each seed: {metric} on the test set.{cut} Floors are left out."
    legend = families(mark.family for row in rows for mark in row.marks)
    return [figure("seeds", chart, caption, ("learner", "seed", metric), table, legend)]


SEEDS = Section("seeds", "Seed by seed", blocks)
