"""Problems of data: raised at the first one, or collected.

Readers refuse data at the first kind of fault, as a comparison needs. An audit reports every fault: it passes a
`Problems` collector as ``on_problem``, and readers continue with what is left. Dataset functions take the collector as
an argument outside of their public signature (`visiontk.core.dataset`), which is the schema of a config.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from visiontk.errors import DataError


class LeftOut(NamedTuple):
    """Remarks on files that are not read, and limits of the conclusions."""

    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Problem(NamedTuple):
    """The error that a reader would raise, and a line for each file, row or class concerned."""

    error: DataError
    lines: tuple[str, ...]


@dataclass
class Problems:
    """Collects read problems instead of raising.

    Examples
    --------
    >>> problems = Problems()
    >>> refuse(DataError("a.png: empty file", error_id="E-DATA-DECODE"), on_problem=problems)
    >>> [problem.error.error_id for problem in problems.problems]
    ['E-DATA-DECODE']
    """

    problems: list[Problem] = field(default_factory=list)  # in the order of reading
    files: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # readable ones, with their properties
    left_out: LeftOut = field(default_factory=LeftOut)  # files that are not read

    def add_file(self, name: str, **properties: Any) -> None:
        """Record the properties of a readable file."""
        self.files.append((name, properties))

    def rename(self, change: Callable[[str], str]) -> None:
        """Replace file names, for data about people."""
        self.problems = [
            Problem(
                type(error)(change(error.message), error_id=error.error_id, hint=change(error.hint)),
                tuple(map(change, lines)),
            )
            for error, lines in self.problems
        ]
        self.files = [(change(name), properties) for name, properties in self.files]


def refuse(error: DataError, lines: Sequence[str] = (), on_problem: Problems | None = None) -> None:
    """Raise the error, or add it to the collector, with all lines concerned, and return.

    Examples
    --------
    >>> refuse(DataError("a.png: empty file", error_id="E-DATA-DECODE"))
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: a.png: empty file
    """
    if on_problem is None:
        raise error
    on_problem.problems.append(Problem(error, tuple(lines) or (error.message,)))
