"""The result of a comparison in a terminal: table of learners, verdict, limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visiontk.api import Result
from visiontk.cli.printing import print_end
from visiontk.cli.wrapping import cut, fitted, wrapped
from visiontk.harness.models import KeptModel
from visiontk.report.blocks import texts_of
from visiontk.report.formatting import size, visible
from visiontk.report.sections.curve import sentence
from visiontk.report.sections.headline import answer
from visiontk.report.sections.prior_knowledge import prior_knowledge
from visiontk.report.tables import terminal_table
from visiontk.report.values import ClaimAnswer, Results

LONGEST_NAME = 24
"""Columns of a learner's name in the table."""

MOST_MODELS = 6
"""Kept models that are listed; more are counted."""

DROPPED_FIRST = ("per sample", "weights", "fit CPU", "family")
"""Columns of the table that narrow terminals do without; results.json has all of them."""


def print_result(result: Result, *, report: Path | None = None, took_s: float | None = None) -> None:
    """Print the table, the verdict in a sentence, its limits, and the path of the report."""
    values = result.values
    print()
    if values["claim"]:
        for line in _claim_lines(values["claim"]):
            print(line)
        print()
    for row in table(values):
        print(row)
    if values["learners"]:
        print(wrapped(visible(values["signature"]), 0, hanging=2))
        print()
    if not values["complete"]:
        _print_missing(values)
        print()
    printed: set[str] = set()
    for headline in values["headlines"]:
        print(wrapped(visible(headline["sentence"])))
        for reason in (headline["reason"], headline["uncertainty"]):
            if reason and reason not in printed:
                printed.add(reason)
                print(wrapped(f"why: {visible(reason)}", 2, hanging=4))
        if opinion := headline["second_opinion"]:
            print(wrapped(f"but: {visible(opinion)}", 2, hanging=4))
    if any(row["knew"] or row["family"] == "pretrained" for row in values["learners"]):
        print(wrapped(visible(prior_knowledge(values))))
    if learning := sentence(values["curve"]):
        print(wrapped(visible(learning)))
    for line in _model_lines(result.models):
        print(wrapped(visible(line), 0, hanging=2))
    print_end([values["dataset"]["caution"]], values["warnings"], report or result.path / "report.html", took_s)


def _model_lines(models: Sequence[KeptModel]) -> list[str]:
    """Return which fitted models were kept, and why others were not."""
    kept = [model for model in models if model["kept"]]
    lines = [f"model: {each['learner']}, in models/{each['trial']} ({size(each['bytes'])})" for each in kept]
    if len(kept) > MOST_MODELS:
        lines = [f"models: {len(kept)} fits, in models ({size(sum(each['bytes'] for each in kept))})"]
    missing = dict.fromkeys((each["learner"], each["reason"]) for each in models if not each["kept"])
    return [*lines, *(f"no model of {learner}: {reason}" for learner, reason in missing)]


def _claim_lines(claim: ClaimAnswer) -> list[str]:
    """Return a claim, its answer, and what would decide it."""
    first = f"claim, {claim['stated']}: {visible(claim['text'])}: {claim['answer'].upper()}"
    rest = filter(None, (claim["sentence"], claim["would_decide"]))
    return [wrapped(first, 0, hanging=2), *(wrapped(visible(text), 2, hanging=2) for text in rest)]


def plain_table(values: Results) -> str:
    """Return the table, the sentence and the signature as text."""
    lines = [
        *table(values),
        "",
        wrapped(visible(answer(values))),
        "",
        wrapped(visible(values["signature"]), 0, hanging=2),
    ]
    return "\n".join(lines) + "\n"


def _print_missing(values: Results) -> None:
    missing = values["n_planned"] - values["n_done"]
    n_failed = len(values["failed"])
    waiting = f", {missing - n_failed} not run yet" if missing > n_failed else ""
    print(wrapped(f"PARTIAL: {values['n_done']} of {values['n_planned']} fits done, {n_failed} failed{waiting}."))
    for failure in values["failed"]:
        print(wrapped(f"failed: {visible(failure['trial'])}: {visible(failure['reason'])}", 2, hanging=4))


def table(values: Results) -> list[str]:
    """Return a line for every learner, best first, no wider than the terminal or 100 columns."""
    if not values["learners"]:
        return []
    block = terminal_table(values)
    rows = [(cut(visible(row[0]), LONGEST_NAME), *row[1:]) for row in texts_of(block)]
    return fitted(rows, dropped=DROPPED_FIRST, right=[i for i, column in enumerate(block.columns) if column.is_number])
