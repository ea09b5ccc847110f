"""Exceptions of visiontk, with stable identifiers, hints and exit codes.

An error is printed as ``visiontk: error[ID]: message`` and a hint, without a traceback, and ends the program with the
exit code of its class. ``docs/errors.md`` lists the identifiers.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

EXIT_DONE = 0
EXIT_BUG = 1
EXIT_USAGE = 2
EXIT_DATA = 3
EXIT_MODEL = 4
EXIT_PARTIAL = 5
EXIT_ENVIRONMENT = 6
EXIT_RESUME = 7
EXIT_CHECK = 8
EXIT_DISK = 74
EXIT_BUSY = 75
EXIT_INTERRUPTED = 130


class VisiontkError(Exception):
    """An error that the user can correct.

    As text, it is the message and the hint as arguments of Python functions; the command line prints both as options.

    Parameters
    ----------
    message : str
        What is wrong with which value; what was expected.
    error_id : str
        Stable identifier such as ``E-DATA-DECODE``.
    hint : str
        What to do about it, or an empty string. A parameter of a dataset is written in backticks, as in a config.
    lines : sequence of str
        Every file, row or class concerned, where the message names only the first.

    Examples
    --------
    >>> error = DataError("a.png: empty", error_id="E-DATA-DECODE", hint="Mend it, or use `on_bad_file: skip`.")
    >>> error.error_id, error.exit_code, error.as_dict()["error"]["hint"]
    ('E-DATA-DECODE', 3, 'Mend it, or use --set dataset.on_bad_file=skip.')
    >>> print(error)
    a.png: empty
      hint: Mend it, or use dataset={"on_bad_file": "skip"}.
    """

    exit_code = EXIT_BUG

    def __init__(self, message: str, *, error_id: str, hint: str = "", lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.error_id = error_id
        self.hint = hint
        self.lines = tuple(lines)

    def __str__(self) -> str:
        return in_python(self.message + (f"\n  hint: {self.hint}" if self.hint else ""))

    def __reduce__(self) -> tuple[object, ...]:
        # By default, exceptions with keyword-only arguments cannot be unpickled.
        return _rebuild, (type(self), self.message, self.error_id, self.hint, self.lines)

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return the JSON value that ``--json`` prints."""
        value = {"id": self.error_id, "message": as_options(self.message), "hint": as_options(self.hint)}
        return {"error": value | ({"lines": list(self.lines)} if self.lines else {})}


def _rebuild(cls: type[VisiontkError], message: str, error_id: str, hint: str, lines: tuple[str, ...]) -> VisiontkError:
    return cls(message, error_id=error_id, hint=hint, lines=lines)


_PARAMETER = re.compile(r"`([a-z_]+): ([^`\n]+)`")
_OPTION = re.compile(
    r"--(label|group|split|time|text|path|task|dataset|folds|seeds|metric|threshold)\b"
    r"(?:[ =](?!(?:or|and|for|if|is|to|with|says?)\b)('[^'\n]*'|[^\s,;()]*[^\s,;:().]))?"
)


def as_options(text: str) -> str:
    """Return a text whose parameters of datasets, such as ```leak: warn```, are options of the command line.

    Examples
    --------
    >>> as_options("Use `delimiter: ;` or --group none.")
    "Use --set 'dataset.delimiter=;' or --group none."
    """
    return _PARAMETER.sub(lambda match: f"--set {shlex.quote(f'dataset.{match[1]}={match[2]}')}", text)


def in_python(text: str) -> str:
    """Return a text whose options and parameters of datasets are arguments of `visiontk.compare`.

    Examples
    --------
    >>> in_python("Use `min_per_class: 2`, or choose --group name:2  (9 groups).")
    'Use dataset={"min_per_class": 2}, or choose group="name:2"  (9 groups).'
    """

    def parameter(match: re.Match[str]) -> str:
        plain = re.fullmatch(r'\d+|true|false|null|".*"', match[2])
        value = match[2] if plain else f'"{match[2]}"'
        value = {"true": "True", "false": "False", "null": "None"}.get(value, value)
        return f'dataset={{"{match[1]}": {value}}}'

    def option(match: re.Match[str]) -> str:
        return match[1] if match[2] is None else f'{match[1]}="{match[2].strip(chr(39))}"'

    return _OPTION.sub(option, _PARAMETER.sub(parameter, text))


class ConfigError(VisiontkError, ValueError):
    """An invalid command line, config file or argument."""

    exit_code = EXIT_USAGE


class DataError(VisiontkError, ValueError):
    """Data that cannot be used."""

    exit_code = EXIT_DATA


class ModelError(VisiontkError, ValueError):
    """A saved model that was changed or cut, or that another version made."""

    exit_code = EXIT_MODEL


class EnvironmentFault(VisiontkError, RuntimeError):
    """A missing package, device or permission."""

    exit_code = EXIT_ENVIRONMENT


class ResumeError(VisiontkError, ValueError):
    """A run directory of another experiment or of other data."""

    exit_code = EXIT_RESUME


class StoreError(VisiontkError, OSError):
    """A file that cannot be written, such as on a full disk."""

    exit_code = EXIT_DISK


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
