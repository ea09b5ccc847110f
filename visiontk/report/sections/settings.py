"""Settings and environment of the run, how to repeat it, and what failed."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import MOST_LINES, Block, Cell, Code, Column, Row, Table, Term, Terms
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.evidence import PREDICTIONS
from visiontk.report.section import Page, Section
from visiontk.report.signature import unsupervised
from visiontk.report.values import Failure, Results


def unsupervised_of(results: Results) -> str:
    """Return what is not known of the models that were fitted elsewhere."""
    return unsupervised({row["name"]: row["parameters"] for row in results["learners"]})


def blocks(value: None, page: Page) -> list[Block]:
    """Return settings, versions and the machine."""
    r, environment = page.results, page.results["environment"]
    search = r["search"] > 1
    readings = r["n_test_readings"]
    packages = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    made_with = [
        Term("visiontk", r["visiontk"] + (f", commit {environment['git']}" if environment["git"] else "")),
        Term("Python", environment["python"]),
        Term("platform", environment["platform"]),
        Term("processor", f"{environment['cpu']}, {fmt.plural(environment['n_cpus'], 'core')}"),
        Term("packages", packages),
    ]
    if r["dataset"]["origin"] == PREDICTIONS:
        return [Terms([Term("fits", str(r["n_done"])), Term("fitted elsewhere", unsupervised_of(r)), *made_with])]
    terms = [
        Term("preset", r["preset"]),
        Term("seeds", ", ".join(map(str, r["seeds"]))),
        Term("folds", str(r["n_folds"])),
        Term(
            f"budget of {'a learner and fold' if search else 'a fit'}",
            f"{fmt.seconds(r['budget_s'])} of processor time, {fmt.plural(r['threads'], 'thread')}",
        ),
        Term(
            "search",
            f"up to {fmt.plural(r['search'], 'configuration')} for each learner and fold" if search else "not done",
        ),
        Term(
            "test set",
            "predicted once by each fit"
            if readings is None
            else f"read {fmt.plural(readings, 'time')} in this folder by {fmt.plural(r['n_done'], 'fit')}",
        ),
        Term("trials", f"{r['n_done']} of {r['n_planned']} done"),
        *made_with,
    ]
    return [Terms(terms)]


def reproduce_blocks(value: None, page: Page) -> list[Block]:
    """Return the command that repeats the run, and its config."""
    reproduce = page.results["reproduce"]
    return [Code("command", reproduce["command"]), Code("config", reproduce["config"])]


SETTINGS = Section("settings", "Settings and environment", blocks)
REPRODUCE = Section("reproduce-run", "Reproduce", reproduce_blocks, is_open=lambda page: True)


def compute_failures(evidence: Evidence) -> list[Failure]:
    """Return the trials that failed."""
    return [
        {"learner": trial.learner, "trial": trial.name, "reason": reason}
        for trial in evidence.trials
        if (reason := evidence.store.failure(trial))
    ]


def failure_blocks(failed: list[Failure], page: Page) -> list[Block]:
    """Return the table of failures."""
    if not failed:
        return []
    rows = [Row([Cell(each["learner"]), Cell(each["trial"]), Cell(each["reason"])]) for each in failed[:MOST_LINES]]
    columns = [Column("learner"), Column("trial"), Column("reason", "wide")]
    return [Table("Failures", columns, rows, hidden=len(failed) - len(rows), hidden_noun="failure")]


FAILURES = Section(
    "failed",
    lambda page: fmt.plural(len(page.results["failed"]), "failure"),
    failure_blocks,
    compute_failures,
    is_open=lambda page: True,
)
