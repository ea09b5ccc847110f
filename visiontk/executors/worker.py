"""Program of a worker process: ``python -m visiontk.executors.worker RUN`` reads one trial per line.

A program rather than a forked or spawned Python function: the caller's script is not imported again, so
`visiontk.compare` works in a plain script and a notebook, and thread counts are in the environment before the first
import.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import IO, NoReturn

from visiontk.core import Trial
from visiontk.errors import StoreError
from visiontk.executors.attempt import attempt
from visiontk.harness.store import RunDirectory


def main() -> None:
    """Send ``{"ready"}``, then answer each trial with ``{"key", "reason"}`` or ``{"key", "error", "id", "hint"}``."""
    store = RunDirectory(Path(sys.argv[1]))
    # Learners may print and read; neither must get between trials and messages.
    requests, messages = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    with Path(os.devnull).open() as null:
        os.dup2(null.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    trials: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read_trials, args=(requests, trials), daemon=True).start()
    messages.write('{"ready": true}\n')
    while line := trials.get():
        trial = Trial.from_json(line)
        try:
            message = {"key": trial.key, "reason": attempt(trial, store)}
        except StoreError as error:
            message = {"key": trial.key, "error": error.message, "id": error.error_id, "hint": error.hint}
        messages.write(json.dumps(message) + "\n")
    _exit(0)


def _read_trials(requests: IO[str], trials: queue.SimpleQueue[str]) -> None:
    for line in requests:
        if line.strip() == "end":
            trials.put("")
            return
        trials.put(line)
    _exit(1)  # the driver is gone: the result would never be read, and a checkpoint keeps what was done


def _exit(code: int) -> NoReturn:
    """End at once, with every process that learners have started and left."""
    sys.stdout.flush()
    if os.getpgrp() == os.getpid():  # a separate process group, as WorkerProcess starts it
        os.killpg(0, signal.SIGKILL)
    os._exit(code)


if __name__ == "__main__":
    main()
