"""Protocol of executors, which run trials and leave the results in a run directory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple, Protocol

from visiontk.core import Task, Trial
from visiontk.harness.store import RunDirectory

Tick = Callable[[Sequence[Trial]], None]
"""Called about twice a second, or before each trial, with the running trials."""

FollowUp = Callable[[Trial], Sequence[Trial]]
"""Called once with each trial that has ended; the trials it returns are run after the others."""


class Ended(NamedTuple):
    """A trial that has ended, and why it failed (empty if it is done)."""

    trial: Trial
    reason: str


def no_tick(running: Sequence[Trial]) -> None:
    """Show no progress."""


def no_follow_up(trial: Trial) -> Sequence[Trial]:
    """Return no further trials."""
    return ()


class Executor(Protocol):
    """Runs trials, `slots` at a time, and yields each as it ends."""

    @property
    def slots(self) -> int:
        """Number of trials that run at the same time."""

    def __call__(
        self,
        trials: Sequence[Trial],
        store: RunDirectory,
        *,
        task: Task | None = None,
        tick: Tick = no_tick,
        then: FollowUp = no_follow_up,
    ) -> Generator[Ended, None, None]:
        """Run trials, started in this order; `task` replaces the task that they name, if they run in this process."""
