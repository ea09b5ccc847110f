"""Trials in several worker processes with pinned threads; a worker that dies takes only its own trial with it."""

from __future__ import annotations

import contextlib
import selectors
from collections import Counter, deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from visiontk.core import Task, Trial
from visiontk.errors import StoreError
from visiontk.executors.worker_process import WorkerProcess
from visiontk.harness.executor import Ended, FollowUp, Tick, no_follow_up, no_tick
from visiontk.harness.store import RunDirectory

RECYCLE = 24
"""Trials after which a worker is replaced: the memory of frameworks grows with every fit."""

ATTEMPTS = 2
"""Attempts at a trial whose worker dies; the second resumes from the last checkpoint."""


@dataclass(frozen=True)
class Processes:
    """Executor with worker processes."""

    slots: int = 2

    def __call__(
        self,
        trials: Sequence[Trial],
        store: RunDirectory,
        *,
        task: Task | None = None,
        tick: Tick = no_tick,
        then: FollowUp = no_follow_up,
    ) -> Generator[Ended, None, None]:
        """Run trials; workers load the task by the name in the trials."""
        with contextlib.closing(_WorkerPool(trials, store, self.slots, then)) as pool:
            while pool.is_busy():
                pool.start_workers()
                tick(pool.running())
                yield from pool.ended()


class _WorkerPool:
    """Workers, the trials that wait for them, and the number of attempts at each."""

    def __init__(self, trials: Sequence[Trial], store: RunDirectory, size: int, then: FollowUp) -> None:
        self.store = store
        self.size = size
        self.then = then
        self.waiting = deque(trials)
        self.attempts: Counter[str] = Counter()
        self.workers: list[WorkerProcess] = []
        self.selector = selectors.DefaultSelector()

    def is_busy(self) -> bool:
        return bool(self.waiting or self.workers)

    def running(self) -> list[Trial]:
        return [worker.trial for worker in self.workers if worker.trial is not None]

    def start_workers(self) -> None:
        """Start workers until every slot is taken or no trial waits."""
        while self.waiting and len(self.workers) < self.size:
            worker = WorkerProcess(self.store, self.waiting[0].threads)
            self.workers.append(worker)
            self.selector.register(worker, selectors.EVENT_READ)
            worker.start(self.waiting.popleft())

    def ended(self) -> list[Ended]:
        """Return the trials that have ended, after waiting at most half a second for one."""
        # Polled before the pipes: a worker that has exited by now and has nothing to read will never send anything,
        # even if a process that it left behind keeps its pipe open.
        exited = [worker for worker in self.workers if worker.has_exited()]
        readable = [key.fileobj for key, _ in self.selector.select(timeout=0.5)]
        ended: list[Ended] = []
        for worker in list(self.workers):
            if worker in readable:
                ended += self._receive(worker)
            elif worker in exited:
                ended += self._handle_exit(worker)
            elif reason := worker.limit_exceeded():
                ended.append(self._fail(worker, reason))
        return ended

    def close(self) -> None:
        for worker in list(self.workers):
            self._remove(worker)
        self.selector.close()

    def _receive(self, worker: WorkerProcess) -> list[Ended]:
        messages = worker.receive()
        if messages is None:
            return self._handle_exit(worker)
        ended: list[Ended] = []
        for message in messages:
            if "ready" in message:
                worker.ready = True
                continue
            assert worker.trial is not None
            if "error" in message:
                worker.trial = None
                raise StoreError(message["error"], error_id=message["id"], hint=message["hint"])
            # Before checking whether a trial waits: a worker that stops takes its imported frameworks along.
            ended.append(self._end(worker.trial, message["reason"]))
            worker.trial = None
            worker.n_done += 1
            if self.waiting and worker.n_done < RECYCLE:
                worker.start(self.waiting.popleft())
            else:
                self._remove(worker)
        return ended

    def _end(self, trial: Trial, reason: str) -> Ended:
        self.waiting.extend(self.then(trial))
        return Ended(trial, reason)

    def _handle_exit(self, worker: WorkerProcess) -> list[Ended]:
        """Retry the trial of a worker that died, or record its failure."""
        trial = worker.trial
        assert trial is not None  # a worker without a trial is removed at once
        if fault := worker.startup_error():
            raise fault
        self.attempts[trial.key] += 1
        if self.store.is_done(trial) or self.attempts[trial.key] >= ATTEMPTS:
            return [self._fail(worker, worker.exit_reason())]
        self._remove(worker)
        self.waiting.appendleft(trial)
        return []

    def _fail(self, worker: WorkerProcess, reason: str) -> Ended:
        trial = worker.trial
        assert trial is not None
        self._remove(worker)
        if self.store.is_done(trial):  # the worker ended after storing its result
            return self._end(trial, "")
        self.store.fail(trial, reason)
        return self._end(trial, reason)

    def _remove(self, worker: WorkerProcess) -> None:
        self.workers.remove(worker)
        self.selector.unregister(worker)
        worker.stop()
