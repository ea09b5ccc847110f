"""Trials in a process of their own: ``python -m visiontk.harness.worker RUN`` reads one per line.

A program instead of a forked or spawned Python function: the caller's script is not imported again,
so `visiontk.compare` works in a plain script and a notebook, and thread counts are in the
environment before the first import.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import IO, NoReturn

from visiontk.core import Task, Trial
from visiontk.errors import StoreError, VisiontkError
from visiontk.harness.run import run
from visiontk.harness.store import RunDirectory, write_file


def attempt(trial: Trial, store: RunDirectory, *, task: Task | None = None) -> str:
    """Run a trial and store what came out: predictions, or the reason why there are none.

    Returns
    -------
    str
        Empty if the trial is done, otherwise the reason in one line.

    Raises
    ------
    StoreError
        If the disk does not take the result: no other trial would fare better.
    """
    try:
        outcome = run(trial, workdir=store.workdir(trial), task=task, reading=lambda: store.note_reading(trial))
        store.commit(trial, outcome)
    except StoreError:
        raise
    except (Exception, SystemExit) as error:
        # A learner may fail in any way; one that does must not end the others' comparison.
        reason = reason_of(error)
        write_file(store.path / "logs" / f"crash-{trial.key}.txt", traceback.format_exc())
        store.fail(trial, reason)
        return reason
    return ""


def reason_of(error: BaseException) -> str:
    """One line that says why a trial failed.

    Examples
    --------
    >>> reason_of(ZeroDivisionError("division by zero"))
    'ZeroDivisionError: division by zero'
    """
    if isinstance(error, VisiontkError):
        return error.message
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "out of memory"
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"


def main() -> None:
    """Say ``{"ready"}``; answer each trial on standard input with ``{"key", "reason"}`` or ``{"key", "error"}``."""
    store = RunDirectory(Path(sys.argv[1]))
    # Whatever a learner prints or reads must not get between trials and answers.
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    trials: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, trials), daemon=True).start()
    answers.write('{"ready": true}\n')
    while line := trials.get():
        trial = Trial.from_json(line)
        try:
            answer = {"key": trial.key, "reason": attempt(trial, store)}
        except StoreError as error:
            answer = {"key": trial.key, "error": error.message, "id": error.error_id, "hint": error.hint}
        answers.write(json.dumps(answer) + "\n")
    _end(0)


def _listen(requests: IO[str], trials: queue.SimpleQueue[str]) -> None:
    for line in requests:
        if line.strip() == "end":
            trials.put("")
            return
        trials.put(line)
    _end(1)  # the driver is gone: nobody will read the result, and a checkpoint keeps what was done


def _end(code: int) -> NoReturn:
    """End at once, with whatever learners have started and left."""
    sys.stdout.flush()
    if os.getpgrp() == os.getpid():  # a group of its own, as executors start it
        os.killpg(0, signal.SIGKILL)
    os._exit(code)


if __name__ == "__main__":
    main()
