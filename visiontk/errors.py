"""Exceptions of visiontk, with stable identifiers, hints and exit codes.

An error is printed as ``visiontk: error[ID]: message`` and a hint, without a traceback, and ends the program with the
exit code of its class. ``docs/errors.md`` lists the identifiers.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
from collections.abc import Iterable, Iterator

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_DATA = 3
EXIT_PARTIAL = 5
EXIT_ENVIRONMENT = 6
EXIT_RESUME = 7
EXIT_CHECK = 8
EXIT_DISK = 74
EXIT_BUSY = 75
EXIT_INTERRUPTED = 130


class VisiontkError(Exception):
    """An error that the user can correct.

    Parameters
    ----------
    message : str
        What is wrong with which value; what was expected.
    error_id : str
        Stable identifier such as ``E-DATA-DECODE``.
    hint : str
        What to do about it, or an empty string.

    Examples
    --------
    >>> error = DataError("a/b.png: truncated image", error_id="E-DATA-DECODE", hint="Replace the file.")
    >>> error.error_id, error.exit_code, str(error)
    ('E-DATA-DECODE', 3, 'a/b.png: truncated image')
    """

    exit_code = EXIT_BUG

    def __init__(self, message: str, *, error_id: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.error_id = error_id
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # By default, exceptions with keyword-only arguments cannot be unpickled.
        return _rebuild, (type(self), self.message, self.error_id, self.hint)

    def as_dict(self) -> dict[str, dict[str, str]]:
        """Return the JSON value that ``--json`` prints."""
        return {"error": {"id": self.error_id, "message": self.message, "hint": self.hint}}


def _rebuild(cls: type[VisiontkError], message: str, error_id: str, hint: str) -> VisiontkError:
    return cls(message, error_id=error_id, hint=hint)


class ConfigError(VisiontkError, ValueError):
    """An invalid command line, config file or argument."""

    exit_code = EXIT_USAGE


class DataError(VisiontkError, ValueError):
    """Data that cannot be used."""

    exit_code = EXIT_DATA


class EnvironmentFault(VisiontkError, RuntimeError):
    """A missing package, device or permission."""

    exit_code = EXIT_ENVIRONMENT


class ResumeError(VisiontkError, ValueError):
    """A run directory of another experiment or of other data."""

    exit_code = EXIT_RESUME


class StoreError(VisiontkError, OSError):
    """A file that cannot be written, such as on a full disk."""

    exit_code = EXIT_DISK

    def __str__(self) -> str:
        # OSError would print a tuple for some argument counts.
        return self.message


def write_failed(path: object, error: OSError) -> StoreError:
    """Return the error for a file that cannot be written, with a hint.

    Examples
    --------
    >>> write_failed("a/b", OSError(errno.ENOSPC, "No space left on device")).error_id
    'E-IO-FULL'
    """
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return StoreError(
        f"{path}: cannot be written: {error.strerror or error}",
        error_id="E-IO-FULL" if full else "E-IO-WRITE",
        hint="Free some space; then the same command resumes."
        if full
        else "Check the permissions of the folder, or choose another.",
    )


@contextlib.contextmanager
def disk_errors(path: object) -> Iterator[None]:
    """Convert an OSError within the context to a StoreError that names `path`."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise write_failed(path, error) from error


class BusyError(VisiontkError, RuntimeError):
    """A run directory in use by another process."""

    exit_code = EXIT_BUSY


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a sentence with the nearest known name, if any, and all known names.

    Examples
    --------
    >>> did_you_mean("lenet", ["hog_svm", "lenet5"])
    "Did you mean 'lenet5'? Known: hog_svm, lenet5."
    >>> did_you_mean("x", [])
    'None is known.'
    """
    names = sorted(known)
    if not names:
        return "None is known."
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    question = f"Did you mean {near[0]!r}? " if near else ""
    return f"{question}Known: {', '.join(names)}."


def unknown(kind: str, name: str, known: Iterable[str], *, where: str = "") -> ConfigError:
    """Return the error for an unknown name, with its place, the known names and the nearest one.

    Examples
    --------
    >>> str(unknown("learner", "lenet", ["lenet5"], where="configs/a.yaml:3: learners"))
    "configs/a.yaml:3: learners: No learner 'lenet'. Did you mean 'lenet5'? Known: lenet5."
    """
    prefix = f"{where}: " if where else ""
    return ConfigError(
        f"{prefix}No {kind} {name!r}. {did_you_mean(name, known)}",
        error_id=f"E-UNKNOWN-{kind.upper().replace(' ', '-')}",
    )
