"""Parts of messages: unprintable characters escaped, long lists cut and counted."""

from __future__ import annotations

from collections.abc import Sequence

from visiontk.errors import DataError

Lines = Sequence[int | str]
"""Lines of a file, or with the names of several files."""

LISTED = 20
"""Number of files, rows or classes that an error names; the rest are counted."""


def refusal(what: str, lines: list[str], error_id: str, hint: str = "") -> DataError:
    """A DataError that lists the first 20 of many lines and counts the rest.

    Examples
    --------
    >>> print(refusal("a.csv: 2 rows have no label", ["line 3", "line 9"], "E-LABEL-MISSING"))
    a.csv: 2 rows have no label:
      line 3
      line 9
    """
    rest = len(lines) - LISTED
    listed = "".join(f"\n  {line}" for line in lines[:LISTED]) + (f"\n  and {rest} more" if rest > 0 else "")
    return DataError(f"{what}:{listed}", error_id=error_id, hint=hint)


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
