"""Progress of a run: one live line in a terminal, plain lines in a pipe."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visiontk.api.user_data import UserData
from visiontk.cli.live_line import CLEAR, LiveLine
from visiontk.cli.print_preview import counted_fits, limits, recognised_lines, rounded
from visiontk.cli.wrapping import wrapped
from visiontk.executors import executor_of
from visiontk.harness.drive import Prepared
from visiontk.harness.plan import fits_of_studies, fitted_once
from visiontk.harness.progress import Progress
from visiontk.harness.store import RunDirectory
from visiontk.report import formatting as fmt
from visiontk.report.formatting import visible

PIPE_S = 15.0
"""Seconds between progress lines where no terminal shows them."""


class Display(LiveLine):
    """Progress of a run."""

    def __init__(self, *, quiet: bool = False) -> None:
        super().__init__(quiet=quiet)
        self.shown_at = -PIPE_S
        self.n_shown = -1
        self.noted: set[str] = set()
        self.started = time.monotonic()

    def took_s(self) -> float:
        """Return the seconds since the command began."""
        return time.monotonic() - self.started

    def say(self, line: str) -> None:
        """Print a line that remains."""
        self.write((CLEAR if self.live else "") + visible(line) + "\n")

    def recognised(self, user_data: UserData | None) -> None:
        """Say what a folder or table of the user is recognised as, and how to change it."""
        if user_data is None:
            return
        # Notes of a folder come with its card.
        notes = user_data.recognised.notes if user_data.recognised and user_data.recognised.form == "table" else ()
        rows = recognised_lines([choice._asdict() for choice in user_data.settings])
        self.noted = set(notes)
        for row in [*rows, *(f"note: {note}." for note in notes)]:
            self.say(wrapped(row, 0, hanging=2))

    def planned(self, value: Mapping[str, Any]) -> None:
        """Say the split and the limits of a comparison of data of the user."""
        split = value["split"]
        self.say(wrapped(f"split policy: {split['policy']}: {split['why']}.", 0, hanging=2))
        for row in limits(value):
            self.say(wrapped(row, 0, hanging=2))

    def plan(
        self, prepared: Prepared, out: Path, *, executor: str, workers: int | None, rough_s: float | None = None
    ) -> None:
        """Say what will be run, on which data, and how long it could take."""
        store = RunDirectory(out)
        pending = [trial for trial in prepared.fits if not store.is_done(trial)]
        for line in plan_lines(prepared, len(pending), out, executor=executor, workers=workers, rough_s=rough_s):
            self.say(wrapped(line, 0, hanging=2))
        for note in prepared.samples.card.notes:
            if note in self.noted:
                continue
            self.say(wrapped(f"note: {note}", 2, hanging=4))

    def show(self, progress: Progress) -> None:
        """Show the state of the run; called about twice a second."""
        now = time.monotonic()
        if self.live:
            self.overwrite(line(progress))
            return
        ended = progress.n_done + progress.n_failed
        due = now - self.shown_at >= PIPE_S and (ended < progress.n_planned or self.n_shown < ended)
        if due or (ended == progress.n_planned and ended != self.n_shown):
            self.say(line(progress))
            self.shown_at, self.n_shown = now, ended


def plan_lines(
    prepared: Prepared, n_pending: int, out: Path, *, executor: str, workers: int | None, rough_s: float | None = None
) -> list[str]:
    """Return the plan of a run in sentences."""
    experiment, samples, trials = prepared
    counts = f"{len(samples):,} samples, {samples.n_classes} classes"
    synthetic = ", synthetic" if samples.card.synthetic else ""
    names = ", ".join(experiment.learners)
    n_seeds = len(experiment.seeds)
    counts_of_fits = counted_fits(
        len(experiment.learners),
        experiment.folds or 1,
        n_seeds,
        fitted_once(trials, n_seeds),
        fits_of_studies(trials),
    )
    plan = f"{fmt.plural(len(trials), 'fit')} ({counts_of_fits}; {experiment.preset} preset): {names}."
    if experiment.search > 1:
        plan += (
            f" Then a search: up to {experiment.search} configurations for each learner and fold, judged on the "
            f"validation set, within {fmt.seconds(experiment.budget)} of CPU time; the best is fitted with every "
            "seed and tested."
        )
    lines = [f"{experiment.task} on {experiment.dataset}: {counts}{synthetic}.", plan]
    if n_pending < len(trials):
        n_done = len(trials) - n_pending
        lines.append(f"{n_done} of them {'is' if n_done == 1 else 'are'} done already in {visible(str(out))}.")
    if n_pending:
        team = min(executor_of(executor, workers=workers, threads=experiment.threads).slots, n_pending)
        usual = "most need far less" if rough_s is None else f"roughly {rounded(rough_s)} as such fits usually take"
        longest = -(-n_pending // team) * experiment.budget
        lines.append(
            f"{fmt.plural(team, 'worker')}, {fmt.plural(experiment.threads, 'thread')} per fit, at most "
            f"{fmt.seconds(experiment.budget)} of CPU time per fit: about {fmt.seconds(longest)} "
            f"if every fit needed all of it; {usual}."
            if experiment.search == 1
            else f"{fmt.plural(team, 'worker')}, {fmt.plural(experiment.threads, 'thread')} per fit."
        )
    return lines


def line(progress: Progress) -> str:
    """Return one line about the state of a run."""
    ended = progress.n_done + progress.n_failed
    bar = 12
    full = round(bar * ended / max(progress.n_planned, 1))
    failed = f", {progress.n_failed} failed" if progress.n_failed else ""
    left = ""
    if progress.left_s is not None and progress.running:
        left = f", about {fmt.seconds(progress.left_s)} left" if progress.left_s >= 10 else ", seconds left"
    running = f": {'; '.join(progress.running)}" if progress.running else ""
    return f"[{'█' * full}{'░' * (bar - full)}] {ended}/{progress.n_planned} fits{failed}{left}{running}"
