"""The learners: what they are, where they come from, their settings and costs."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Term, Terms
from visiontk.report.section import Page, Section
from visiontk.report.sections.learners import MOST_LEARNERS
from visiontk.report.values import LearnerRow

MOST_NOTES = 8


def blocks(value: None, page: Page) -> list[Block]:
    """Return a card for each learner."""
    return [Terms([_card(row, page) for row in page.results["learners"][:MOST_LEARNERS]], "cards")]


def _card(row: LearnerRow, page: Page) -> Term:
    package = row["package"]
    settings = ", ".join(f"{key} = {'auto' if value is None else value}" for key, value in row["parameters"].items())
    facts = [
        settings or "no parameters",
        fmt.plural(row["layers"], "learned layer") if row["layers"] else "",
        fmt.plural(row["n_trials"], "trial"),
        f"{fmt.words(page.metric)} on valid {fmt.value(row['valid'], page.kind)}" if row["valid"] is not None else "",
        f"{fmt.seconds(row['fit_wall_s'])} by the clock",
        f"peak memory {fmt.size(row['peak_memory_bytes'])}",
    ]
    small = [
        f"from package {package['name']} {package['version']}, not from visiontk" if package else "",
        *row["notes"][:MOST_NOTES],
        " · ".join(filter(None, facts)),
    ]
    return Term(row["name"], row["summary"] or "", list(filter(None, small)), row["source"] or "", row["family"])


LEARNER_CARDS = Section("learner-cards", "The learners: what they are, where they come from", blocks)
