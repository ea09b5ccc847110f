"""Interruption of a trial by a signal, at a moment from which it can be resumed in the same process."""

from __future__ import annotations

import gc
import signal
import sys
from pathlib import Path
from types import FrameType

from visiontk.core import Task, Trial
from visiontk.harness.run import run

RETRY_S = 0.005
"""Delay after which an interrupt at an unsuitable moment is repeated."""


def interrupted_after(seconds: float, trial: Trial, workdir: Path, task: Task) -> bool:
    """Run a trial and interrupt it after some seconds; return True if it was interrupted before its end."""
    if not hasattr(signal, "setitimer"):
        return False

    delivered = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal delivered
        if not _may_be_interrupted(frame):
            signal.setitimer(signal.ITIMER_REAL, RETRY_S)
            return
        delivered = True
        raise KeyboardInterrupt

    # A callback of the garbage collector would swallow the interrupt.
    collecting = gc.isenabled()
    gc.disable()
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        run(trial, workdir=workdir, task=task)
    except KeyboardInterrupt:
        return True
    except SystemError:
        # Raised by Python if the interrupt occurs in compiled code, such as TensorFlow's while it traces.
        if not delivered:
            raise
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if collecting:
            gc.enable()
    return False


def _may_be_interrupted(frame: FrameType | None) -> bool:
    """Return True if an interrupt here affects only the fit.

    The process continues, so the next fit would inherit a half-finished import, a context that is being entered or
    left, or a graph that TensorFlow is tracing.
    """
    while frame is not None:
        code = frame.f_code
        if code.co_name in ("__enter__", "__exit__") or code.co_filename.startswith("<frozen importlib"):
            return False
        frame = frame.f_back
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is None or bool(tensorflow.executing_eagerly())
