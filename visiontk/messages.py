"""Parts of messages: unprintable characters escaped, long lists cut and counted."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Sequence

from visiontk.errors import DataError

Lines = Sequence[int | str]
"""Lines of a file, or with the names of several files."""

LISTED = 20
"""Number of files, rows or classes that an error names; the rest are counted."""

ALIKE, FEW = 3, 5
"""Of more than `FEW` lines that differ in names and numbers alone, `ALIKE` are listed."""


def refusal(what: str, lines: list[str], error_id: str, hint: str = "") -> DataError:
    """A DataError that lists the first of many lines, at most 20 and three of one kind, and counts the rest.

    Its `lines` are all of them.

    Examples
    --------
    >>> print(refusal("a.csv: 2 rows have no label", ["line 3", "line 9"], "E-LABEL-MISSING"))
    a.csv: 2 rows have no label:
      line 3
      line 9
    """
    counts = Counter(map(_kind, lines))
    seen: Counter[str] = Counter()
    shown: list[str] = []
    for line in lines:
        kind = _kind(line)
        seen[kind] += 1
        if len(shown) < LISTED and (counts[kind] <= FEW or seen[kind] <= ALIKE):
            shown.append(line)
    rest = len(lines) - len(shown)
    listed = "".join(f"\n  {line}" for line in shown) + (f"\n  and {rest:,} more" if rest > 0 else "")
    return DataError(f"{what}:{listed}", error_id=error_id, hint=hint, lines=lines)


def _kind(line: str) -> str:
    """The reason in a line, without numbers and paths: lines of one reason are near-identical."""
    return re.sub(r"\S*[/\\]\S*|\d+", "0", line.partition(": ")[2])


def typed(path: object) -> str:
    """A path as it can be typed on the command line.

    Examples
    --------
    >>> typed("my pets/a.csv")
    "'my pets/a.csv'"
    """
    return shlex.quote(printable(str(path)))


def option(name: str, value: str) -> str:
    """An option of the command line as it can be typed.

    Examples
    --------
    >>> option("label", "the class"), option("group", "-x")
    ("--label 'the class'", '--group=-x')
    """
    word = typed(value)
    return f"--{name}={word}" if value.startswith("-") else f"--{name} {word}"


def numbered(lines: Lines) -> str:
    """Line numbers for a message: the first 20, and how many more there are.

    Examples
    --------
    >>> numbered([3, 9])
    '3, 9'
    """
    rest = len(lines) - LISTED
    return ", ".join(map(str, lines[:LISTED])) + (f" and {rest} more" if rest > 0 else "")


def printable(text: str) -> str:
    r"""Text with everything that is not printable escaped, for messages.

    Examples
    --------
    >>> print(printable("a\tb"))
    a\tb
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    # os.fsdecode gives undecodable bytes as lone surrogates from U+DC80.
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()
