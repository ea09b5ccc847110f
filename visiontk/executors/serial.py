"""Trials one after the other in this process, for debugging."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from visiontk.core import Task, Trial
from visiontk.executors.attempt import attempt
from visiontk.harness.executor import Ended, FollowUp, Tick, no_follow_up, no_tick
from visiontk.harness.store import RunDirectory


@dataclass(frozen=True)
class Serial:
    """Executor in this process. A fit over its budget is recorded, not stopped."""

    slots: int = 1

    def __call__(
        self,
        trials: Sequence[Trial],
        store: RunDirectory,
        *,
        task: Task | None = None,
        tick: Tick = no_tick,
        then: FollowUp = no_follow_up,
    ) -> Generator[Ended, None, None]:
        """Run trials; `task` replaces the task that they name."""
        waiting = deque(trials)
        while waiting:
            trial = waiting.popleft()
            tick([trial])
            reason = attempt(trial, store, task=task)
            waiting.extend(then(trial))
            yield Ended(trial, reason)
