"""Processors and threads: what this process may use, and what each fit gets."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VISIONTK_THREADS")


def n_cpus() -> int:
    """Return the number of processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextlib.contextmanager
def pinned_threads(n: int) -> Iterator[None]:
    """Limit BLAS, OpenMP and TensorFlow to `n` threads within the context.

    threadpoolctl limits the libraries that are loaded; those loaded later read the environment variables. The network
    learner reads ``VISIONTK_THREADS``.
    """
    from threadpoolctl import threadpool_limits

    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(n)))
    try:
        with threadpool_limits(n):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def process_environment(threads: int) -> dict[str, str]:
    """Return the environment of a process that fits learners: threads pinned, and the import path of this process."""
    pinned = dict.fromkeys(THREAD_VARIABLES, str(threads))
    # An empty entry means the current folder; in PYTHONPATH it would mean nothing.
    path = os.pathsep.join(str(entry or Path.cwd()) for entry in sys.path)
    return {"TF_CPP_MIN_LOG_LEVEL": "2"} | os.environ | pinned | {"PYTHONPATH": path}
