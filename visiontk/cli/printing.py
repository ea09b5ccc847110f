"""Printing of results; a pipe that is closed early is not an error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO


def print_json(value: Any) -> None:
    """Print one JSON value without NaN."""
    print(json.dumps(value, indent=1, allow_nan=False))


def place(path: Path) -> str:
    """Return an absolute path without ``..``; symbolic links stay as the user knows them."""
    whole = path.absolute()
    return str(whole.resolve() if ".." in whole.parts else whole)


def print_end(cautions: Iterable[str], warnings: Iterable[str], report: Path, took_s: float | None = None) -> None:
    """Print the limits of a result, the time it took and the path of its report."""
    from visiontk.cli.wrapping import wrapped
    from visiontk.report.formatting import seconds, visible

    for kind, texts in (("caution", cautions), ("note", warnings)):
        for text in filter(None, texts):
            print(wrapped(f"{kind}: {visible(text)}", 2, hanging=4))
    print()
    if took_s is not None:
        print(f"Took {seconds(took_s)}.")
    print(f"Report: {visible(place(report))}")


def shown(show: Callable[[], None]) -> None:
    """Print a result; a pipe that is closed early is not an error."""
    with suppress(BrokenPipeError):
        show()
        sys.stdout.flush()
        return
    silence(sys.stdout)


def silence(stream: TextIO) -> None:
    """Discard pending output, so that the interpreter ends without an error."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
