"""Handle of a worker process in the driver: start, send trials, receive messages, enforce limits, stop."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import cast

import psutil
from typing_extensions import TypedDict

from visiontk.core import Trial
from visiontk.errors import EnvironmentFault, write_failed
from visiontk.harness.store import RunDirectory
from visiontk.harness.threads import process_environment

GRACE = 1.5
"""A fit that does not stop at its budget is killed at this multiple of it, plus `SLACK_S`."""

SLACK_S = 60.0
"""Allowance for reading data and importing frameworks, which are not part of a fit."""

STALL_S = 600.0
"""A worker that uses less than one CPU second in this time is stuck."""

POLL_S = 1.0
"""Interval between two checks of the CPU time of a worker."""


class Message(TypedDict, total=False):
    """A line from a worker: ready for trials, or the end of a trial, or an error of the disk."""

    ready: bool
    key: str
    reason: str
    error: str
    id: str
    hint: str


class WorkerProcess:
    """A running worker process, with its log in the run directory.

    `threads` per fit are set in its environment before the first import.
    """

    def __init__(self, store: RunDirectory, threads: int) -> None:
        self.trial: Trial | None = None
        self.n_done = 0
        self.ready = False
        self._rest = b""
        self._polled_at = 0.0
        self._cpu_at_start: float | None = None
        self._active_at, self._active_cpu = 0.0, 0.0
        self._log = store.path / "logs" / f"worker-{os.getpid()}-{time.monotonic_ns()}.txt"
        self._process = _start(store.path.absolute(), self._log, threads)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout

    def fileno(self) -> int:
        """Return the descriptor of its output pipe, so that a selector can wait for messages."""
        return self._stdout.fileno()

    def has_exited(self) -> bool:
        """Return True if the process has ended; messages may still be unread."""
        return self._process.poll() is not None

    def start(self, trial: Trial) -> None:
        """Send it a trial."""
        self.trial = trial
        self._cpu_at_start, self._polled_at = None, time.monotonic()
        self._send(trial.to_json())

    def receive(self) -> list[Message] | None:
        """Wait for messages and return those since the last call; None if the process has ended."""
        # Not readline: a second line would hide in a buffer where no selector sees it.
        data = os.read(self.fileno(), 65536)
        if not data:
            return None
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [cast(Message, json.loads(line)) for line in lines]

    def limit_exceeded(self) -> str:
        """Return why the running trial must be stopped, or an empty string."""
        now = time.monotonic()
        if self.trial is None or now - self._polled_at < POLL_S:
            return ""
        self._polled_at = now
        used = self._cpu_s()
        if self._cpu_at_start is None:
            self._cpu_at_start, self._active_cpu, self._active_at = used, used, now
        if used - self._active_cpu > 1:
            self._active_cpu, self._active_at = used, now
        spent, budget = used - self._cpu_at_start, self.trial.budget_s
        if spent > GRACE * budget + SLACK_S:
            return f"ended after {spent:.0f} CPU s: the budget is {budget:.0f} CPU s per fit"
        if now - self._active_at > STALL_S:
            return f"ended after {now - self._active_at:.0f} s without progress: it waited for something"
        return ""

    def stop(self) -> None:
        """End an idle worker; kill a busy one (its checkpoints remain) and every process that it started."""
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
        """Return why the process ended unexpectedly."""
        code = self._process.wait()
        if code == -signal.SIGKILL:
            return "the worker was killed twice (signal 9): most often memory ran out"
        if code < 0:
            return f"the worker crashed twice (signal {-code})"
        return f"the worker exited twice (exit code {code})"

    def startup_error(self) -> EnvironmentFault | None:
        """Return the error that kept the process from becoming ready, or None if it was ready."""
        code = self._process.wait()
        if self.ready or code < 0:
            return None
        try:
            lines = self._log.read_text("utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return EnvironmentFault(
            f"Worker processes cannot start (exit code {code}): {lines[-1] if lines else 'no message'}",
            error_id="E-ENV-WORKER",
            hint=f"{self._log} has the details; visiontk doctor checks the installation.",
        )

    def _send(self, line: str) -> None:
        data = line.encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):  # a worker that died is noticed when its messages are read
            while data:
                data = data[os.write(self._stdin.fileno(), data) :]

    def _cpu_s(self) -> float:
        """Return the CPU seconds of the process and its descendants."""
        total = 0.0
        with contextlib.suppress(psutil.Error):
            own = psutil.Process(self._process.pid)
            for process in (own, *own.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    total += times.user + times.system
        return total


def _start(run: Path, log: Path, threads: int) -> subprocess.Popen[bytes]:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.open("wb")
    except OSError as error:
        raise write_failed(log, error) from error
    with file:
        try:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "visiontk.executors.worker", str(run)],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=process_environment(threads),
                start_new_session=True,  # Ctrl-C reaches only the driver, which decides
            )
        except OSError as error:
            raise EnvironmentFault(
                f"No worker process can be started: {error.strerror or error}", error_id="E-ENV-WORKER"
            ) from error
