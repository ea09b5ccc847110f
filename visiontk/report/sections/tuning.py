"""Searches for parameters: what each learner tried, spent and gained; verdicts as configured and as tuned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Heading, Row, Table, Text
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.comparing import compare_all, difference_of
from visiontk.report.evidence.learner import LearnerEvidence, interval, interval_of, measure
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import difference_cell, families_of, gain_cell, measurement_cell
from visiontk.report.values import Comparison, Configured, Gain, Tuning

STOPPED = {
    "configurations": "all were tried",
    "budget": "the time was up",
    "space": "nothing new was left",
    "group": "one group in valid",
    "failed": "the default failed",
}
"""Reasons why a search ended, in words."""


def compute(evidence: Evidence) -> dict[str, Tuning]:
    """Return the searches of every learner that was searched for; empty without a search."""
    searches, configured = evidence.searches, evidence.configured
    if not searches.complete:
        return {}
    return {
        name: searches.describe(name, _gain(evidence, learner, configured[name]))
        for name, learner in evidence.learners.items()
        if name in searches.by_learner and name in configured
    }


def compute_as_configured(evidence: Evidence) -> list[Comparison]:
    """Return the comparisons of the learners as configured; empty without a search."""
    learners = evidence.configured
    if not evidence.value(TUNING):
        return []
    plan = evidence.plan_on(evidence.test_set)
    return compare_all(plan, learners, evidence.reference[0], evidence.primaries_among(learners))


def _gain(evidence: Evidence, tuned: LearnerEvidence, configured: LearnerEvidence) -> tuple[Configured, Gain]:
    result = measure(evidence.metric, configured.scores_for(evidence.task.metric), evidence.test_set)
    before: Configured = {**interval(result), "valid": configured.valid}
    if {trial.key for trial in tuned.trials} == {trial.key for trial in configured.trials}:
        reason = "every fold retained the default: the same fits"
        return before, {"value": 0.0, "low": None, "high": None, "reason": reason}
    gain = difference_of(evidence.task, tuned, configured, evidence.test_set)
    if isinstance(gain, str):
        return before, {"value": None, "low": None, "high": None, "reason": gain}
    return before, {**interval_of(gain), "reason": ""}


def switched(
    as_configured: Sequence[Comparison], comparisons: Sequence[Comparison]
) -> list[tuple[Comparison, Comparison]]:
    """Return each comparison as configured and as tuned whose two verdicts differ."""
    before = {_question(row): row for row in as_configured}
    pairs = [(before[_question(row)], row) for row in comparisons if _question(row) in before]
    return [(old, new) for old, new in pairs if old["verdict"] != new["verdict"]]


def _question(row: Comparison) -> tuple[str, ...]:
    """Return what identifies a comparison: a primary one by its family, whoever was chosen."""
    return ("primary", *row["primary"]["families"]) if row["primary"] else (row["learner"], row["reference"])


def blocks(tuning: dict[str, Tuning], page: Page) -> list[Block]:
    """Return the table of searches, and the comparisons as configured beside those as tuned."""
    if not tuning:
        return []
    lead = (
        "The table above shows the tuned learners. Gains are differences on the same test samples; tuning can lose. "
        "The choice is no test: of 20 equally good configurations another one than the default is chosen in about "
        "64 % of searches."
    )
    return [
        Text(lead, "lead"),
        search_table(tuning, page),
        *_verdicts(page),
        Text(page.results["signature"], "signature"),
    ]


def search_table(tuning: Mapping[str, Tuning], page: Page) -> Table:
    """Return one row a learner: as configured, tuned, gain, configurations tried, time, reason to end, choice."""
    columns = [
        Column("learner"),
        Column("as configured", "number", "descending"),
        Column("tuned", "number", "descending"),
        Column("gain", "number", "descending"),
        Column("tried", "number", "descending", "configurations on each fold, the default included"),
        Column("search, CPU", "number", "ascending", "processor time of all fits of the search"),
        Column("ended as"),
        Column("chosen", "wide"),
    ]
    rows = [_row(page, name, tuning[name]) for name in families_of(page.results) if name in tuning]
    return Table("Table of searches", columns, rows, name="tuning", sortable=True)


def _row(page: Page, name: str, tuning: Tuning) -> Row:
    learner = next(row for row in page.results["learners"] if row["name"] == name)
    configured, gain = tuning["configured"], gain_cell(tuning["gain"], page.kind)
    if tuning["gain"]["low"] is None and tuning["gain"]["value"] == 0:
        gain = gain._replace(small=["the same fits"])
    least, most = min(tuning["n_tried"]), max(tuning["n_tried"])
    cpu = sum(tuning["cpu_s"])
    return Row(
        [
            Cell(name, family=learner["family"], sort=name),
            measurement_cell(configured, page.kind),
            measurement_cell(learner["metrics"][page.metric], page.kind),
            gain,
            Cell(str(least) if least == most else f"{least} to {most}", sort=most),
            Cell(fmt.seconds(cpu), sort=cpu),
            Cell(", ".join(dict.fromkeys(STOPPED.get(reason, reason) for reason in tuning["stopped"]))),
            Cell("", _chosen(tuning)),
        ]
    )


def _chosen(tuning: Tuning) -> list[str]:
    """Return the chosen values, one line for all folds that chose the same."""
    folds: dict[str, list[int]] = {}
    for fold, values in enumerate(tuning["chosen"], 1):
        words = ", ".join(f"{fmt.words(name)} {value}" for name, value in (values or {}).items())
        folds.setdefault(words or "no parameters", []).append(fold)
    if len(folds) == 1:
        return [f"{'all folds: ' if len(tuning['chosen']) > 1 else ''}{words}" for words in folds]
    return [f"fold{'s' * (len(alike) > 1)} {', '.join(map(str, alike))}: {words}" for words, alike in folds.items()]


def _verdicts(page: Page) -> list[Block]:
    before = {_question(row): row for row in page.results["as_configured"]}
    families = families_of(page.results)
    rows = [
        Row(
            [
                Cell(row["learner"], family=families.get(row["learner"], "floor"), sort=row["learner"]),
                difference_cell(before[_question(row)], page.kind),
                Cell(verdict=before[_question(row)]["verdict"]),
                difference_cell(row, page.kind),
                Cell(verdict=row["verdict"]),
            ]
        )
        for row in page.results["comparisons"]
        if _question(row) in before
    ]
    if not rows:
        return []
    columns = [Column("learner"), Column("as configured", "number", "descending"), Column("verdict"),
               Column("tuned", "number", "descending"), Column("verdict")]  # fmt: skip
    table = Table("Comparisons as configured and as tuned", columns, rows, name="as-configured", sortable=True)
    return [Heading(f"Compared with {page.results['reference']}"), table]


TUNING = Section("tuning", "As configured and as tuned", blocks, compute, "by learner, where there was a search")
AS_CONFIGURED = Section(
    "as_configured",
    "As configured",
    compute=compute_as_configured,
    holds="where there was a search, `comparisons` of the learners as configured",
)
