"""A worker process as the driver sees it: started with pinned threads, given trials, heard, watched, ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from visiontk.core import Trial
from visiontk.errors import EnvironmentFault, write_failed
from visiontk.harness.run import THREAD_VARIABLES
from visiontk.harness.store import RunDirectory

GRACE = 1.5
"""A fit that does not stop at its budget by itself is ended at this multiple of it, plus `SLACK_S`."""

SLACK_S = 60.0
"""For reading data and importing frameworks, which are no part of a fit."""

STALL_S = 600.0
"""A worker that uses less than a CPU second in this time waits for something that will not come."""

LOOK_S = 1.0
"""Between two looks at what a worker has used."""


class WorkerProcess:
    """A worker process.

    Parameters
    ----------
    store : RunDirectory
        Where its results and what it prints go.
    threads : int
        Per fit; in the environment before the first import.

    Raises
    ------
    StoreError
        If its log cannot be written.
    EnvironmentFault
        If no process can be started.
    """

    def __init__(self, store: RunDirectory, threads: int) -> None:
        self.trial: Trial | None = None
        self.n_done = 0
        self.ready = False
        self._rest = b""
        self._looked_at = 0.0
        self._used_before: float | None = None
        self._moved_at, self._moved_used = 0.0, 0.0
        self._log = store.path / "logs" / f"worker-{os.getpid()}-{time.monotonic_ns()}.txt"
        self._process = _start(store.path.absolute(), self._log, threads)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout

    def fileno(self) -> int:
        """Of the pipe with its answers, so that a selector can wait for them."""
        return self._stdout.fileno()

    def is_gone(self) -> bool:
        """Whether the process has ended; something it said may still be unread."""
        return self._process.poll() is not None

    def start(self, trial: Trial) -> None:
        """Give it a trial."""
        self.trial = trial
        self._used_before, self._looked_at = None, time.monotonic()
        self._send(trial.to_json())

    def answers(self) -> list[dict[str, Any]] | None:
        """What it has said since the last call, waiting for something; None if it has ended."""
        # Not readline: a second line would hide in a buffer where no selector sees it.
        data = os.read(self.fileno(), 65536)
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def limit_exceeded(self) -> str:
        """Why the trial that it runs must be ended, or an empty text."""
        now = time.monotonic()
        if self.trial is None or now - self._looked_at < LOOK_S:
            return ""
        self._looked_at = now
        used = self._cpu_s()
        if self._used_before is None:
            self._used_before, self._moved_used, self._moved_at = used, used, now
        if used - self._moved_used > 1:
            self._moved_used, self._moved_at = used, now
        spent, budget = used - self._used_before, self.trial.budget_s
        if spent > GRACE * budget + SLACK_S:
            return f"ended after {spent:.0f} CPU s: the budget is {budget:.0f} CPU s per fit"
        if now - self._moved_at > STALL_S:
            return f"ended after {now - self._moved_at:.0f} s without progress: it waited for something"
        return ""

    def stop(self) -> None:
        """Let an idle worker go; kill a busy one (its checkpoints stay) and whatever it started."""
        if self.trial is None:
            self._send("end")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._stdin.close()
        self._stdout.close()
        with contextlib.suppress(OSError):
            if not self._log.stat().st_size:
                self._log.unlink()

    def exit_reason(self) -> str:
        """Why the process ended by itself, in words."""
        code = self._process.wait()
        if code == -signal.SIGKILL:
            return "the worker was killed twice (signal 9): most often memory ran out"
        if code < 0:
            return f"the worker crashed twice (signal {-code})"
        return f"the worker ended by itself twice (exit code {code})"

    def startup_error(self) -> EnvironmentFault | None:
        """The fault that kept the process from ever becoming ready, if it did not."""
        code = self._process.wait()
        if self.ready or code < 0:
            return None
        try:
            said = self._log.read_text("utf-8", errors="replace").strip().splitlines()
        except OSError:
            said = []
        return EnvironmentFault(
            f"Worker processes cannot start (exit code {code}): {said[-1] if said else 'they say nothing'}",
            error_id="E-ENV-WORKER",
            hint=f"{self._log} has the details; visiontk doctor looks at the installation.",
        )

    def _send(self, line: str) -> None:
        data = line.encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):  # a worker that died is noticed where its answer is read
            while data:
                data = data[os.write(self._stdin.fileno(), data) :]

    def _cpu_s(self) -> float:
        """CPU seconds of the process and all that it started."""
        total = 0.0
        with contextlib.suppress(psutil.Error):
            own = psutil.Process(self._process.pid)
            for process in (own, *own.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    total += times.user + times.system
        return total


def surroundings(threads: int) -> dict[str, str]:
    """Environment of a process that fits learners: threads pinned, and the same modules found as here."""
    pinned = dict.fromkeys(THREAD_VARIABLES, str(threads))
    # An empty entry means the current folder; in PYTHONPATH it would mean nothing.
    path = os.pathsep.join(str(entry or Path.cwd()) for entry in sys.path)
    return {"TF_CPP_MIN_LOG_LEVEL": "2"} | os.environ | pinned | {"PYTHONPATH": path}


def _start(run: Path, log: Path, threads: int) -> subprocess.Popen[bytes]:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.open("wb")
    except OSError as error:
        raise write_failed(log, error) from error
    with file:
        try:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "visiontk.harness.worker", str(run)],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=surroundings(threads),
                start_new_session=True,  # Ctrl-C reaches the driver alone, and the driver decides
            )
        except OSError as error:
            raise EnvironmentFault(
                f"No worker process can be started: {error.strerror or error}", error_id="E-ENV-WORKER"
            ) from error
