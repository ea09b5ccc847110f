"""A line on standard error that is overwritten in a terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from visiontk.cli.wrapping import columns_of, cut, is_live
from visiontk.report.formatting import visible

CLEAR = "\r\x1b[K"


class LiveLine:
    """Progress on standard error, so that standard output holds the result alone; `quiet` shows nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.live = is_live(sys.stderr) and not quiet

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live:
            self.write(CLEAR)

    def overwrite(self, text: str) -> None:
        """Show a text in place of the one before."""
        # One column less: writing into the last one may already begin a new line.
        self.write(CLEAR + cut(visible(text), columns_of(sys.stderr) - 1))

    def write(self, text: str) -> None:
        """Write to standard error, unless its reader is gone, which is no reason to stop."""
        if self.quiet:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (BrokenPipeError, ValueError):
            self.quiet = True
