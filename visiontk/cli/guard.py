"""Guard of every command: signals, streams, and one clear message with an exit code for every error."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TextIO

from visiontk.cli.printing import silence
from visiontk.errors import EXIT_BUG, EXIT_DISK, EXIT_DONE, EXIT_INTERRUPTED, VisiontkError

PLAIN = {"…": "...", "−": "-", "—": "-", "–": "-", "×": "x", "█": "#", "░": "-", "·": "-", "’": "'", "▲": "^", "▼": "v"}
"""Replacements for characters that an encoding lacks; others become escapes."""

DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG}


class Stopped(KeyboardInterrupt):
    """A signal to end the process."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def guarded(call: Callable[[], int], *, debug: bool, as_json: bool, resume_hint: str = "") -> int:
    """Return the exit code of a call; print one clear message for an error."""
    try:
        code = call()
        sys.stdout.flush()
    except VisiontkError as error:
        return _report_error(error.as_dict()["error"], error, error.exit_code, debug=debug, as_json=as_json)
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, Stopped) else signal.SIGINT
        how = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        value = {
            "id": "E-INTERRUPTED",
            "message": f"Stopped by {how}.",
            "hint": resume_hint,
        }
        code = EXIT_INTERRUPTED if number == signal.SIGINT else 128 + number
        return _report_error(value, error, code, debug=debug, as_json=as_json)
    except BrokenPipeError:
        silence(sys.stdout)  # the pipe was closed early
        return EXIT_DONE
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            return _bug(error, debug=debug, as_json=as_json)
        where = f"{error.filename}: " if error.filename else ""
        value = {
            "id": "E-IO-FULL" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "E-IO-WRITE",
            "message": f"{where}{error.strerror}",
            "hint": resume_hint,
        }
        if not where:  # standard output itself cannot be written
            silence(sys.stdout)
        return _report_error(value, error, EXIT_DISK, debug=debug, as_json=as_json and bool(where))
    except Exception as error:
        return _bug(error, debug=debug, as_json=as_json)
    return code


def _bug(error: Exception, *, debug: bool, as_json: bool) -> int:
    path = _save_crash()
    value = {
        "id": "E-BUG",
        "message": f"{type(error).__name__}: {error}",
        "hint": "This is a bug of visiontk; please report it. "
        + (f"The details are in {path}." if path else "The same command with --debug shows the details."),
    }
    return _report_error(value, error, EXIT_BUG, debug=debug, as_json=as_json)


def _report_error(value: dict[str, Any], error: BaseException, code: int, *, debug: bool, as_json: bool) -> int:
    from visiontk.report.formatting import visible

    with suppress(BrokenPipeError):
        if debug:
            traceback.print_exception(error)
        if as_json:
            print(json.dumps({"error": value}))
            sys.stdout.flush()
            return code
        lines = visible(value["message"]).splitlines() or [""]
        # Several problems of one config are printed below each other.
        print(f"visiontk: error[{value['id']}]: {lines[0]}", *lines[1:], sep="\n  ", file=sys.stderr)
        if value["hint"]:
            print(f"  hint: {visible(value['hint'])}", file=sys.stderr)
    return code


def _save_crash() -> str:
    """Write the traceback to a file and return its path; an empty text if that fails."""
    import tempfile

    with suppress(OSError):
        handle, name = tempfile.mkstemp(prefix="visiontk-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(traceback.format_exc())
        return name
    return ""


@contextmanager
def streams() -> Iterator[None]:
    """Set signals and standard streams for the command line, and restore them at the end."""
    codecs.register_error("visiontk", _plain)
    for name in ("stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, io.StringIO())
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="visiontk")
    before = {}
    with suppress(ValueError):  # only the main thread may
        before = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            # Python's own handler would print a traceback for a Ctrl-C while the interpreter ends.
            signal.signal(number, signal.SIG_DFL if handler is signal.default_int_handler else handler)


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop orderly; the second time at once. Workers end on their own when their driver is gone."""
    signal.signal(signal.SIGINT, _at_once)
    signal.signal(signal.SIGTERM, _at_once)
    raise Stopped(number)


def _at_once(number: int, frame: FrameType | None) -> None:
    with suppress(OSError):
        os.write(2, b"\nvisiontk: stopped at once.\n")
    os._exit(128 + number)


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """Error handler of codecs: replace a character that the encoding lacks, or escape it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    text = "".join(PLAIN.get(c) or c.encode("ascii", "backslashreplace").decode() for c in lacking)
    return text, error.end
