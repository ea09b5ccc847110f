"""Printing of results: a reader that closes a pipe early changes nothing about them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO


def print_text(text: str) -> None:
    """A text and the end of its line."""
    print(text)


def print_json(value: Any) -> None:
    """One JSON value; it has no NaN."""
    print(json.dumps(value, indent=1, allow_nan=False))


def place(path: Path) -> str:
    """Where a file lies, from the root; without detours, and with the links that the user knows."""
    whole = path.absolute()
    return str(whole.resolve() if ".." in whole.parts else whole)


def shown(show: Callable[[], None]) -> None:
    """Print a result; who closes the pipe early changes nothing about it."""
    with suppress(BrokenPipeError):
        show()
        sys.stdout.flush()
        return
    silence(sys.stdout)


def silence(stream: TextIO) -> None:
    """Send what is still to be written nowhere, so that the end of the interpreter does not complain."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
