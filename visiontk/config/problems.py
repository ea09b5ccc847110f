"""Problems of a config, each with its key; all are reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from visiontk.strict_yaml import Key

LONGEST_VALUE = 60
"""Characters of a value in a message."""


WRONG = "E-CONFIG-VALUE"
"""Error of a config where no problem has a more special one."""


class Problem(NamedTuple):
    """A problem of a config: its key and what is wrong."""

    key: Key
    text: str
    error_id: str = WRONG


def located(problem: Problem, lines: Mapping[Key, int], where: str) -> str:
    """Return a problem with file and line, if known."""
    path = list(problem.key)
    while path and tuple(path) not in lines:
        path.pop()
    line = f":{lines[tuple(path)]}" if path and where else ""
    prefix = f"{where}{line}: " if where else ""
    return f"{prefix}{'.'.join(problem.key)}: {problem.text}"


def short(value: Any) -> str:
    """Return a value for a message, cut if it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}…"
