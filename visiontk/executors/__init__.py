"""Executors: trials in this process one after the other, or in several worker processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from visiontk.errors import ConfigError, unknown
from visiontk.executors.processes import Processes
from visiontk.executors.serial import Serial
from visiontk.harness.executor import Executor
from visiontk.harness.threads import n_cpus

__all__ = ["EXECUTORS", "ExecutorName", "Processes", "Serial", "check_executor", "executor_of"]

ExecutorName = Literal["serial", "processes"]

EXECUTORS: Mapping[str, Callable[[int], Executor]] = {"serial": lambda slots: Serial(), "processes": Processes}
"""Constructors by name, called with the number of slots."""


def check_executor(name: str, workers: int | None) -> None:
    """Validate the name of an executor and a number of workers."""
    if name not in EXECUTORS:
        raise unknown("executor", name, EXECUTORS)
    if workers is not None and workers < 1:
        raise ConfigError(f"workers: {workers} given; expected 1 or more.", error_id="E-CONFIG-VALUE")


def executor_of(name: str, *, workers: int | None = None, threads: int = 1) -> Executor:
    """Return the executor of this name; by default as many workers as processors divided by `threads` per fit.

    Examples
    --------
    >>> executor_of("processes", workers=3).slots, executor_of("serial", workers=3).slots
    (3, 1)
    """
    check_executor(name, workers)
    return EXECUTORS[name](max(1, n_cpus() // threads) if workers is None else workers)
