"""Where trials run: in this process one after the other, or in several worker processes.

An executor is a function of trials and a run directory that yields ``(trial, reason)`` as they end;
the results are in the run directory.
"""

from __future__ import annotations

import contextlib
import selectors
from collections import Counter, deque
from collections.abc import Callable, Generator, Sequence
from typing import Literal

from visiontk.core import Task, Trial
from visiontk.errors import StoreError
from visiontk.harness.store import RunDirectory
from visiontk.harness.worker import attempt
from visiontk.harness.worker_process import WorkerProcess

ExecutorName = Literal["serial", "processes"]

Tick = Callable[[Sequence[Trial]], None]
"""Called now and then with the trials that are running, to show progress."""

Ended = tuple[Trial, str]
"""A trial that is over, and why it failed; an empty text if it is done."""

FollowUp = Callable[[Trial], Sequence[Trial]]
"""Called once with each trial that is over; what it returns is run too."""


def nothing_more(trial: Trial) -> Sequence[Trial]:
    """No trial follows from another one."""
    return ()


RECYCLE = 24
"""Trials after which a worker is replaced: memory of frameworks grows with every fit."""

ATTEMPTS = 2
"""How often a trial is begun whose worker dies."""


def execute(
    executor: ExecutorName,
    trials: Sequence[Trial],
    store: RunDirectory,
    *,
    task: Task,
    workers: int,
    tick: Tick = lambda running: None,
    then: FollowUp = nothing_more,
) -> Generator[Ended, None, None]:
    """Run trials by the executor of this name; worker processes find the task by theirs."""
    if executor == "serial":
        return serial(trials, store, task=task, tick=tick, then=then)
    return processes(trials, store, workers=workers, tick=tick, then=then)


def serial(
    trials: Sequence[Trial],
    store: RunDirectory,
    *,
    task: Task | None = None,
    tick: Tick = lambda running: None,
    then: FollowUp = nothing_more,
) -> Generator[Ended, None, None]:
    """One after the other in this process: for debugging. A fit over its budget is noted, not ended.

    `task` takes the place of the one that the trials name, for one that is not installed.
    """
    waiting = deque(trials)
    while waiting:
        trial = waiting.popleft()
        tick([trial])
        reason = attempt(trial, store, task=task)
        waiting.extend(then(trial))
        yield trial, reason


def processes(
    trials: Sequence[Trial],
    store: RunDirectory,
    *,
    workers: int = 2,
    tick: Tick = lambda running: None,
    then: FollowUp = nothing_more,
) -> Generator[Ended, None, None]:
    """In worker processes with pinned threads; one that dies takes only its own trial with it.

    A trial whose worker died is tried once more, from its last checkpoint, and then counted as failed.

    Parameters
    ----------
    trials : sequence of Trial
        Started in this order.
    store : RunDirectory
        Where results go.
    workers : int
        Processes at a time, 1 or more.
    tick : callable
        Called about twice a second.
    then : callable
        Called once with each trial that is over; what it returns is run after the others.

    Raises
    ------
    StoreError
        If the disk does not take results.
    EnvironmentFault
        If worker processes cannot start.
    """
    with contextlib.closing(_Team(trials, store, workers, then)) as team:
        while team.is_busy():
            team.start_workers()
            tick(team.running())
            yield from team.ended()


class _Team:
    """Workers, the trials that wait for them, and how often each was tried."""

    def __init__(self, trials: Sequence[Trial], store: RunDirectory, size: int, then: FollowUp) -> None:
        self.store = store
        self.size = size
        self.then = then
        self.waiting = deque(trials)
        self.tried: Counter[str] = Counter()
        self.members: list[WorkerProcess] = []
        self.selector = selectors.DefaultSelector()

    def is_busy(self) -> bool:
        return bool(self.waiting or self.members)

    def running(self) -> list[Trial]:
        return [worker.trial for worker in self.members if worker.trial is not None]

    def start_workers(self) -> None:
        """Start workers while there is work for them."""
        while self.waiting and len(self.members) < self.size:
            worker = WorkerProcess(self.store, self.waiting[0].threads)
            self.members.append(worker)
            self.selector.register(worker, selectors.EVENT_READ)
            worker.start(self.waiting.popleft())

    def ended(self) -> list[Ended]:
        """Trials that are over, after waiting at most half a second for one."""
        # Asked before the pipes: one that is gone now and has nothing to say then will never say anything,
        # even if a process that it left behind holds its pipe open.
        gone = [worker for worker in self.members if worker.is_gone()]
        heard = [key.fileobj for key, _ in self.selector.select(timeout=0.5)]
        over: list[Ended] = []
        for worker in list(self.members):
            if worker in heard:
                over += self._receive(worker)
            elif worker in gone:
                over += self._handle_exit(worker)
            elif reason := worker.limit_exceeded():
                over.append(self._fail(worker, reason))
        return over

    def close(self) -> None:
        for worker in list(self.members):
            self._dismiss(worker)
        self.selector.close()

    def _receive(self, worker: WorkerProcess) -> list[Ended]:
        answers = worker.answers()
        if answers is None:
            return self._handle_exit(worker)
        over: list[Ended] = []
        for answer in answers:
            if "ready" in answer:
                worker.ready = True
                continue
            assert worker.trial is not None
            if "error" in answer:
                worker.trial = None
                raise StoreError(answer["error"], error_id=answer["id"], hint=answer["hint"])
            # Before it is asked whether anything waits: a worker that goes takes its imported frameworks along.
            over.append(self._over(worker.trial, answer.get("reason", "")))
            worker.trial = None
            worker.n_done += 1
            if self.waiting and worker.n_done < RECYCLE:
                worker.start(self.waiting.popleft())
            else:
                self._dismiss(worker)
        return over

    def _over(self, trial: Trial, reason: str) -> Ended:
        self.waiting.extend(self.then(trial))
        return trial, reason

    def _handle_exit(self, worker: WorkerProcess) -> list[Ended]:
        """A worker has died: its trial is tried again, or over."""
        trial = worker.trial
        assert trial is not None  # one without a trial is dismissed at once
        if fault := worker.startup_error():
            raise fault
        self.tried[trial.key] += 1
        if self.store.is_done(trial) or self.tried[trial.key] >= ATTEMPTS:
            return [self._fail(worker, worker.exit_reason())]
        self._dismiss(worker)
        self.waiting.appendleft(trial)
        return []

    def _fail(self, worker: WorkerProcess, reason: str) -> Ended:
        trial = worker.trial
        assert trial is not None
        self._dismiss(worker)
        if self.store.is_done(trial):  # it died or was ended after its last step
            return self._over(trial, "")
        self.store.fail(trial, reason)
        return self._over(trial, reason)

    def _dismiss(self, worker: WorkerProcess) -> None:
        self.members.remove(worker)
        self.selector.unregister(worker)
        worker.stop()
