"""Somebody who looks on while data are read: told every fault where a reader would stop at the first, and every file.

Readers refuse data at the first kind of fault, which is right before training. An audit wants to know all that is
wrong: within `witnessed` a reader that calls `refuse` notes the fault and goes on with what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from visiontk.errors import DataError


class Refusal(NamedTuple):
    """What a reader would have refused: the error, and a line for each file, row or class that is wrong."""

    error: DataError
    lines: tuple[str, ...]


@dataclass
class Witness:
    """What was seen while data were read.

    Parameters
    ----------
    refusals : list of Refusal
        In the order in which readers met them.
    files : list of (str, dict)
        Relative name and facts (size in bytes, width, mode, sample rate, ...) of every file that could be read.
    """

    refusals: list[Refusal] = field(default_factory=list)
    files: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def rename(self, change: Callable[[str], str]) -> None:
        """Replace what names files, as data about people go by number."""
        self.refusals = [
            Refusal(
                type(error)(change(error.message), error_id=error.error_id, hint=change(error.hint)),
                tuple(map(change, lines)),
            )
            for error, lines in self.refusals
        ]
        self.files = [(change(name), facts) for name, facts in self.files]


_WITNESS: ContextVar[Witness | None] = ContextVar("witness", default=None)


@contextmanager
def witnessed() -> Iterator[Witness]:
    """Let readers go on where they can, and see what they met.

    Examples
    --------
    >>> with witnessed() as seen:
    ...     refuse(DataError("a.png: empty file", error_id="E-DATA-DECODE"))
    >>> [refusal.error.error_id for refusal in seen.refusals]
    ['E-DATA-DECODE']
    """
    token = _WITNESS.set(Witness())
    found = _WITNESS.get()
    assert found is not None
    try:
        yield found
    finally:
        _WITNESS.reset(token)


def witness() -> Witness | None:
    """Who looks on, if anybody."""
    return _WITNESS.get()


def refuse(error: DataError, lines: Sequence[str] = ()) -> None:
    """Raise the error; or note it, where somebody looks on, and return.

    Parameters
    ----------
    error : DataError
        What is wrong.
    lines : sequence of str
        All that is wrong in this way, of which the message may name the first only.

    Examples
    --------
    >>> refuse(DataError("a.png: empty file", error_id="E-DATA-DECODE"))
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: a.png: empty file
    """
    found = _WITNESS.get()
    if found is None:
        raise error
    found.refusals.append(Refusal(error, tuple(lines) or (error.message,)))


def note_file(name: str, **facts: Any) -> None:
    """Say what is known about a file that was read."""
    found = _WITNESS.get()
    if found is not None:
        found.files.append((name, facts))
