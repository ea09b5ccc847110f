"""What a comparison shows in a terminal: live progress, or plain lines in a pipe, and the final table."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from visiontk.api import Result
from visiontk.api.user_data import UserData
from visiontk.cli.planned import limits, recognised_lines
from visiontk.cli.printing import place
from visiontk.cli.wrapping import aligned, cells, columns_of, cut, is_live, width, wrapped
from visiontk.executors import executor_of
from visiontk.harness.drive import Prepared
from visiontk.harness.progress import Progress
from visiontk.harness.store import RunDirectory
from visiontk.report import formatting as fmt
from visiontk.report.curves import sentence
from visiontk.report.formatting import visible

CLEAR = "\r\x1b[K"
PIPE_S = 15.0
"""Seconds between progress lines where no terminal shows them."""

LONGEST_NAME = 24
"""Columns of a learner's name in the table."""

DROPPED_FIRST = ("per sample", "weights", "fit CPU", "family")
"""Columns of the table that narrow terminals do without; results.json has them all."""


class Display:
    """Progress of a run on standard error, so that standard output holds the result alone.

    Parameters
    ----------
    quiet : bool
        Say nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.live = is_live(sys.stderr) and not quiet
        self.told_at = -PIPE_S
        self.told = -1
        self.started = time.monotonic()

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live:
            self._write(CLEAR)

    def took_s(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self.started

    def say(self, line: str) -> None:
        """One line that stays."""
        self._write((CLEAR if self.live else "") + visible(line) + "\n")

    def recognised(self, own: UserData | None) -> None:
        """What a folder or table of the user's own was taken for, and how to say otherwise."""
        if own is None:
            return
        notes = (
            own.recognised.notes if own.recognised and own.recognised.form == "table" else ()
        )  # of a folder they come with its card
        for row in [*recognised_lines([choice._asdict() for choice in own.settings]), *(f"note: {n}." for n in notes)]:
            self.say(wrapped(row, 0, hanging=2))

    def planned(self, value: Mapping[str, Any]) -> None:
        """What is worth knowing of a plan for data of the user's own, beside what every comparison says."""
        split = value["split"]
        self.say(wrapped(f"split policy: {split['policy']}: {split['why']}.", 0, hanging=2))
        for row in limits(value):
            self.say(wrapped(row, 0, hanging=2))

    def plan(self, prepared: Prepared, out: Path, *, executor: str, workers: int | None) -> None:
        """What is going to be done, with what, and how long it could take."""
        store = RunDirectory(out)
        pending = [trial for trial in prepared.trials if not store.is_done(trial)]
        for line in plan_lines(prepared, len(pending), out, executor=executor, workers=workers):
            self.say(wrapped(line, 0, hanging=2))
        for note in prepared.samples.card.notes:
            self.say(wrapped(f"note: {note}", 2, hanging=4))

    def show(self, progress: Progress) -> None:
        """Where the run stands; called about twice a second."""
        now = time.monotonic()
        if self.live:
            # One column less: writing into the last one may already begin a new line.
            self._write(CLEAR + cut(visible(line(progress)), columns_of(sys.stderr) - 1))
            return
        ended = progress.n_done + progress.n_failed
        due = now - self.told_at >= PIPE_S and (ended < progress.n_planned or self.told < ended)
        if due or (ended == progress.n_planned and ended != self.told):
            self.say(line(progress))
            self.told_at, self.told = now, ended

    def _write(self, text: str) -> None:
        if self.quiet:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (BrokenPipeError, ValueError):
            self.quiet = True  # nobody listens any more: no reason to stop


def plan_lines(prepared: Prepared, n_pending: int, out: Path, *, executor: str, workers: int | None) -> list[str]:
    """What is going to be done, in sentences."""
    experiment, samples, trials = prepared
    counts = f"{len(samples):,} samples, {samples.n_classes} classes"
    drawn = ", drawn by a program" if samples.card.synthetic else ""
    names = ", ".join(experiment.learners)
    parts = [_several(len(experiment.learners), "learner"), _several(experiment.folds or 1, "fold")]
    parts.append(_several(len(experiment.seeds), "seed"))
    plan = f"{_several(len(trials), 'fit')} ({', '.join(parts)}; {experiment.preset} preset): {names}."
    if experiment.trials > 1:
        plan += (
            f" Then a search: up to {experiment.trials} configurations for each learner and fold, judged by valid, "
            f"within {fmt.seconds(experiment.budget_s)} of CPU time; the best is fitted with every seed and tested."
        )
    lines = [f"{experiment.task} on {experiment.dataset}: {counts}{drawn}.", plan]
    if n_pending < len(trials):
        n_done = len(trials) - n_pending
        lines.append(f"{n_done} of them {'is' if n_done == 1 else 'are'} done already in {visible(str(out))}.")
    if n_pending:
        team = min(executor_of(executor, workers=workers, threads=experiment.threads).slots, n_pending)
        longest = -(-n_pending // team) * experiment.budget_s
        lines.append(
            f"{_several(team, 'worker')}, {_several(experiment.threads, 'thread')} per fit, at most "
            f"{fmt.seconds(experiment.budget_s)} of CPU time per fit: about {fmt.seconds(longest)} "
            "if every fit needed all of it; most need far less."
            if experiment.trials == 1
            else f"{_several(team, 'worker')}, {_several(experiment.threads, 'thread')} per fit."
        )
    return lines


def line(progress: Progress) -> str:
    """One line about a run.

    Examples
    --------
    >>> line(Progress(3, 0, 12, ("lenet5 seed 0 (epoch 2/10)",), 125.0))
    '[███░░░░░░░░░] 3/12 fits, about 2 min 5 s left: lenet5 seed 0 (epoch 2/10)'
    """
    ended = progress.n_done + progress.n_failed
    bar = 12
    full = round(bar * ended / max(progress.n_planned, 1))
    failed = f", {progress.n_failed} failed" if progress.n_failed else ""
    left = ""
    if progress.left_s is not None and progress.running:
        left = f", about {fmt.seconds(progress.left_s)} left" if progress.left_s >= 10 else ", seconds left"
    running = f": {'; '.join(progress.running)}" if progress.running else ""
    return f"[{'█' * full}{'░' * (bar - full)}] {ended}/{progress.n_planned} fits{failed}{left}{running}"


def print_result(result: Result, *, report: Path | None = None, took_s: float | None = None) -> None:
    """The table, the verdict in a sentence, what limits it, and where the report is."""
    values = result.values
    print()
    for row in table(values):
        print(row)
    if values["learners"]:
        print(wrapped(visible(values["signature"]), 0, hanging=2))
        print()
    if not values["complete"]:
        _print_missing(values)
        print()
    print(wrapped(visible(result.sentence)))
    for said in (values["headline"].get("reason"), values["headline"].get("uncertainty")):
        if said:
            print(wrapped(f"why: {visible(said)}", 2, hanging=4))
    if learning := sentence(values.get("curve")):
        print(wrapped(visible(learning)))
    if values["dataset"]["caution"]:
        print(wrapped(f"caution: {visible(values['dataset']['caution'])}", 2, hanging=4))
    for warning in values["warnings"]:
        print(wrapped(f"note: {visible(warning)}", 2, hanging=4))
    print()
    if took_s is not None:
        print(f"Took {fmt.seconds(took_s)}.")
    print(f"Report: {visible(place(report or result.path / 'report.html'))}")


def plain_table(values: Mapping[str, Any]) -> str:
    """The table, the sentence and the signature as a text."""
    lines = [
        *table(values),
        "",
        wrapped(visible(values["headline"]["sentence"])),
        "",
        wrapped(visible(values["signature"]), 0, hanging=2),
    ]
    return "\n".join(lines) + "\n"


def _print_missing(values: Mapping[str, Any]) -> None:
    missing = values["n_planned"] - values["n_done"]
    n_failed = len(values["failed"])
    waiting = f", {missing - n_failed} not run yet" if missing > n_failed else ""
    print(wrapped(f"PARTIAL: {values['n_done']} of {values['n_planned']} fits done, {n_failed} failed{waiting}."))
    for failure in values["failed"]:
        print(wrapped(f"failed: {visible(failure['trial'])}: {visible(failure['reason'])}", 2, hanging=4))


def table(values: Mapping[str, Any]) -> list[str]:
    """A line for every learner, best first, no wider than the terminal nor 100 columns."""
    if not values["learners"]:
        return []
    metric = values["metric"]
    kind = values["metrics"][metric]["kind"]
    verdicts = {row["learner"]: row["verdict"] for row in values["comparisons"]}
    columns: dict[str, list[str]] = {}
    for row in values["learners"]:
        found = row["metrics"][metric]
        shown = {
            "learner": cut(visible(row["name"]), LONGEST_NAME),
            "family": row["family"],
            metric: fmt.value(found["value"], kind, found["low"], found["high"]),
            "95 % interval": fmt.interval(found["low"], found["high"], kind),
            "fit CPU": fmt.seconds(row["fit_cpu_s"]),
            "per sample": f"{fmt.milliseconds(row['predict_ms_per_sample'])} ms",
            "weights": fmt.short(row["n_parameters"]) if row["family"] == "network" else "",
            "verdict": "reference" if row["name"] == values["reference"] else verdicts.get(row["name"], ""),
        }
        for name, cell in shown.items():
            columns.setdefault(name, [name]).append(cell)
    right = {metric, "fit CPU", "per sample", "weights"}
    # First with all columns, then without one after the other, at last with less room between them.
    for n_dropped, gap in [*((n, 2) for n in range(len(DROPPED_FIRST) + 1)), (len(DROPPED_FIRST), 1)]:
        kept = {name: column for name, column in columns.items() if name not in DROPPED_FIRST[:n_dropped]}
        rows = list(zip(*kept.values(), strict=True))
        lines = aligned(rows, right=[i for i, name in enumerate(kept) if name in right], gap=gap)
        widest = max(cells(line) for line in lines)
        if widest <= width():
            break
    return [lines[0], "-" * widest, *lines[1:]]


def _several(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("s" if n != 1 else "")
