"""Progress of a run: counts of trials, what is running, and the estimated time left."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from visiontk.core import Trial
from visiontk.harness.store import RunDirectory
from visiontk.harness.tuning import Tuning


class Progress(NamedTuple):
    """Trials done, failed and planned, names of the running ones, and seconds left (None: unknown)."""

    n_done: int
    n_failed: int
    n_planned: int
    running: tuple[str, ...]
    left_s: float | None


ShowProgress = Callable[[Progress], None]


class ProgressMonitor:
    """Counts trials, adds those that follow from a search, and estimates the time left.

    `n_known` counts the trials known so far, done ones included; those of `pending` are not done, and `slots` of them
    run at the same time.
    """

    def __init__(
        self,
        store: RunDirectory,
        n_known: int,
        pending: Sequence[Trial],
        slots: int,
        show: ShowProgress,
        tuning: Tuning | None = None,
    ) -> None:
        self.store = store
        self.tuning = tuning
        self.n_known = n_known
        self.waiting = {trial.key: trial for trial in pending}
        self.n_waiting = Counter(trial.learner for trial in pending)
        self.slots = slots
        self.show = show
        self.n_failed = 0
        self.started: dict[str, float] = {}
        self.first_step: dict[str, tuple[float, float]] = {}
        self.durations: dict[str, list[float]] = {}

    def report(self, running: Sequence[Trial]) -> None:
        """Show the progress while these trials run."""
        now = time.monotonic()
        fractions = {}
        names = []
        for trial in running:
            self.started.setdefault(trial.key, now)
            fraction, text = fit_progress(self.store.workdir(trial))
            fractions[trial.key] = fraction
            names.append(f"{trial.name} ({text})" if text else trial.name)
        n_done = self.n_known - len(self.waiting) - self.n_failed
        n_planned = self.n_known + sum(self._n_expected().values())
        self.show(Progress(n_done, self.n_failed, n_planned, tuple(names), self._left(now, fractions)))

    def then(self, trial: Trial) -> Sequence[Trial]:
        """Return the new trials that follow from one that has ended."""
        more = [] if self.tuning is None else [each for each in self.tuning.then(trial) if each.key not in self.waiting]
        self.waiting |= {each.key: each for each in more}
        self.n_known += len(more)
        self.n_waiting.update(each.learner for each in more)
        return more

    def ended(self, trial: Trial, reason: str) -> None:
        """Record that a trial has ended."""
        self.waiting.pop(trial.key)
        self.n_waiting[trial.learner] -= 1
        self.n_failed += bool(reason)
        took = time.monotonic() - self.started.pop(trial.key, time.monotonic())
        self.durations.setdefault(trial.learner, []).append(took)

    def _n_expected(self) -> Counter[str]:
        return Counter() if self.tuning is None else Counter(self.tuning.n_expected())

    def _left(self, now: float, fractions: dict[str, float]) -> float | None:
        """Seconds left; None until each remaining learner has finished a fit or made two steps of one."""
        known = {name: float(np.mean(values)) for name, values in self.durations.items()}
        for key, fraction in fractions.items():
            # Measured from the first step on: imports before it do not count as speed.
            first, done = self.first_step.setdefault(key, (now, fraction)) if fraction else (now, fraction)
            if fraction > done:
                duration = first - self.started[key] + (now - first) / (fraction - done) * (1 - done)
                known.setdefault(self.waiting[key].learner, duration)
        remaining = self._n_expected()
        remaining.update(self.n_waiting)
        if not set(+remaining) <= set(known):
            return None
        total = sum(n * known[learner] for learner, n in (+remaining).items())
        for key in fractions:
            total -= min(now - self.started[key], 0.98 * known[self.waiting[key].learner])
        return total / self.slots


def fit_progress(workdir: Path) -> tuple[float, str]:
    """Return the finished fraction of a running fit, in [0, 1], and its text; 0 and empty if it wrote none."""
    try:
        value: dict[str, Any] = json.loads((workdir / "progress.json").read_bytes())
        fraction, text = float(value["done"]) / float(value["total"]), str(value["text"])
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return 0.0, ""
    return (fraction if 0 <= fraction <= 1 else 0.0), text
