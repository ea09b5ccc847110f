"""Terminal output of a comparison of all tasks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visiontk.api import AllTasksResult
from visiontk.api.all_tasks import Member
from visiontk.api.all_tasks_result import folder_of
from visiontk.cli.printing import print_end
from visiontk.cli.wrapping import cut, fitted, wrapped
from visiontk.harness.store import RunDirectory
from visiontk.report import formatting as fmt
from visiontk.report.formatting import visible
from visiontk.report.several.all_tasks import progress
from visiontk.report.several.records import AllTasks, Learner, Scratch, TaskRow
from visiontk.report.several.task_rows import OUTCOME_WORDS

LONGEST_NAME = 22
"""Columns of a name in the table."""

DROPPED_FIRST = ("fit CPU", "metric", "data")
"""Columns that narrow terminals leave out, in this order; all.json has them all."""


def plan_lines(members: Sequence[Member], out: Path) -> list[str]:
    """The planned work, in sentences."""
    ready = [member for member in members if member.prepared]
    planned = [(member, trial) for member in ready for trial in (member.prepared.fits if member.prepared else ())]
    n_done = sum(RunDirectory(out / folder_of(member.name)).is_done(trial) for member, trial in planned)
    budget = max((trial.budget_s for _, trial in planned), default=0.0)
    lines = [
        f"{len(ready)} tasks, {len(planned)} fits, at most {fmt.seconds(budget)} of CPU time per fit: "
        f"{', '.join(member.name for member in ready)}."
    ]
    if n_done:
        lines.append(f"{n_done} of them {'is' if n_done == 1 else 'are'} done already in {visible(str(out))}.")
    lines += [f"{member.name} cannot be run: {visible(member.reason)}" for member in members if not member.prepared]
    return [wrapped(line, 0, hanging=2) for line in lines]


def print_all_tasks(result: AllTasksResult, *, report: Path | None = None, took_s: float | None = None) -> None:
    """Print the table of all tasks, the sentence, the warnings and the path of the page."""
    values = result.values
    print()
    for line in table(values):
        print(line)
    print()
    for row in values["tasks"]:
        if row["reason"]:
            print(wrapped(f"{row['task']}: {visible(row['reason'])}", 2, hanging=4))
        if row["scratch"]:
            verdict = OUTCOME_WORDS[row["scratch"]["outcome"]]
            print(wrapped(f"{row['task']}, network from scratch: {_difference(row, row['scratch'])}, {verdict}", 2))
    if not values["complete"]:
        print(wrapped(f"PARTIAL: {progress(values)}"))
        print()
    print(wrapped(visible(result.sentence)))
    cautions = dict.fromkeys(row["caution"] for row in values["tasks"])
    print_end(cautions, values["warnings"], report or result.path / "report.html", took_s)


def table(values: AllTasks) -> list[str]:
    """One line per task, if possible no wider than the terminal."""
    rows = [_cells(row) for row in values["tasks"]]
    if not any(row["pretrained"] for row in rows):
        rows = [{name: cell for name, cell in row.items() if name != "pretrained"} for row in rows]
    return fitted([list(rows[0]), *(list(row.values()) for row in rows)], dropped=DROPPED_FIRST) if rows else []


def _cells(row: TaskRow) -> dict[str, str]:
    kind = row["kind"] or "unbounded"
    learners = row["classical"], row["network"], row["pretrained"]
    cost = [fmt.seconds(learner["fit_cpu_s"]) for learner in learners if learner]
    return {
        "task": cut(visible(row["task"]), LONGEST_NAME),
        "data": cut(visible(row["dataset"]), LONGEST_NAME) + (" (synthetic)" if row["synthetic"] else ""),
        "metric": cut(visible(row["metric"]), LONGEST_NAME),
        "traditional": _learner(row["classical"], kind),
        "network": _learner(row["network"], kind),
        "pretrained": _learner(row["pretrained"], kind),
        "difference": _difference(row, row),
        "verdict": OUTCOME_WORDS[row["outcome"]],
        "fit CPU": " / ".join(cost),
    }


def _difference(row: TaskRow, answer: TaskRow | Scratch) -> str:
    """The difference of one of the answers of a row, with its interval."""
    kind, low, high = row["kind"] or "unbounded", answer["low"], answer["high"]
    lead = fmt.difference(answer["difference"], kind, low, high) if answer["difference"] is not None else ""
    return f"{lead} {fmt.interval(low, high, kind, signed=True)}".strip()


def _learner(learner: Learner | None, kind: str) -> str:
    if learner is None:
        return ""
    value = fmt.value(learner["value"], kind, learner["low"], learner["high"])
    return f"{cut(visible(learner['name']), LONGEST_NAME)} {value}"
