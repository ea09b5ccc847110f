"""One attempt at a trial: run it, and store its predictions or the reason of its failure."""

from __future__ import annotations

import traceback

from visiontk.core import Task, Trial
from visiontk.errors import StoreError, VisiontkError
from visiontk.harness.files import write_file
from visiontk.harness.models import is_candidate
from visiontk.harness.run import run
from visiontk.harness.store import RunDirectory


def attempt(trial: Trial, store: RunDirectory, *, task: Task | None = None) -> str:
    """Run a trial, store its predictions, and return the reason in one line if it failed, else "".

    A result that cannot be written raises StoreError: every other trial would fail too.
    """
    try:
        outcome = run(
            trial,
            workdir=store.workdir(trial),
            task=task,
            reading=lambda: store.note_reading(trial),
            keep=is_candidate(trial, store),
        )
        store.commit(trial, outcome)
    except StoreError:
        raise
    except (Exception, SystemExit) as error:
        # A learner may fail in any way and must not end the comparison of the others.
        reason = reason_of(error)
        write_file(store.path / "logs" / f"crash-{trial.key}.txt", traceback.format_exc())
        store.fail(trial, reason)
        return reason
    return ""


def reason_of(error: BaseException) -> str:
    """Return in one line why a trial failed.

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
