"""Classes from label texts, refused if labels are missing, almost equal or all the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from visiontk.core import PARTS, Ints, Strings
from visiontk.data.checks.problems import Problems, refuse
from visiontk.errors import ConfigError, DataError
from visiontk.messages import Lines, numbered, printable, refusal

RareClass = Literal["refuse", "drop"]
"""Treatment of classes with too few training samples."""

# "No value" in spreadsheets, pandas, R, SQL and Python. Lower-case "none" and "na" may be classes.
_MISSING = {"", "nan", "NaN", "NAN", "-nan", "None", "null", "NULL", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>"}


def classes_of(
    values: Sequence[str], where: str, *, lines: Lines | None = None, on_problem: Problems | None = None
) -> tuple[tuple[str, ...], Ints]:
    """Sorted labels, and the class of every row.

    Parameters
    ----------
    values : sequence of str
        One label a row. Numbers are texts too: "0", "2" and "5" are three classes.
    where : str
        The file, named in errors.
    lines : sequence of int, optional
        Line of each row in the file; by default rows are counted from 1.
    on_problem : Problems, optional
        Collects problems.

    Returns
    -------
    tuple of str, ndarray of int64 of shape (n,)
        Labels in Unicode's composed form (NFC); targets are positions in them.

    Raises
    ------
    DataError
        ``E-LABEL-MISSING`` for rows without a label, such as empty, ``NaN`` or ``NA``; ``E-LABEL-TWINS`` for
        labels that differ only in case, spaces, the form of Unicode or the spelling of a number;
        ``E-LABEL-SINGLE`` for one class only.

    Examples
    --------
    >>> labels, y = classes_of(["dog", "cat", "dog"], "pets.csv")
    >>> labels, y.tolist()
    (('cat', 'dog'), [1, 0, 1])
    """
    lines = range(1, len(values) + 1) if lines is None else lines
    missing = [line for value, line in zip(values, lines, strict=True) if is_missing(value)]
    if missing:
        refuse(
            DataError(
                f"{where}: {len(missing)} of {len(values)} rows have no label, in lines {numbered(missing)}.",
                error_id="E-LABEL-MISSING",
                hint="Label these rows or remove them; a class cannot be called NaN, NA, None or null.",
            ),
            [f"line {line}" for line in missing],
            on_problem,
        )
    names = sorted(set(values))
    refuse_twins(names, where, on_problem=on_problem)
    if len(names) < 2:
        only = f"only class {printable(names[0])!r} ({len(values)} rows)" if names else "no rows"
        error = DataError(f"{where}: {only}; at least two classes are needed.", error_id="E-LABEL-SINGLE")
        refuse(error, on_problem=on_problem)
    composed = {name: unicodedata.normalize("NFC", name) for name in names}
    labels = sorted(set(composed.values()))
    place = {name: labels.index(label) for name, label in composed.items()}
    return tuple(labels), np.array([place[value] for value in values], dtype=np.int64)


def check_classes(
    y: Ints,
    labels: Sequence[str],
    where: str,
    least: int,
    on_problem: Problems | None = None,
    *,
    is_split: bool = False,
) -> None:
    """Refuse data in which a class has too few training samples.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        Classes of the training samples.
    labels : sequence of str
        The text of each class.
    where : str
        The file or folder, named in the error.
    least : int
        Smallest number of samples of a class.
    on_problem : Problems, optional
        Collects problems.
    is_split : bool
        True if these are the training samples of a given split, so that no folds are made of them.

    Raises
    ------
    DataError
        ``E-SPLIT-CLASS``, naming every class that has too few.

    Examples
    --------
    >>> check_classes(np.array([0, 0, 1]), ("cat", "dog"), "pets.csv", 2)
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: pets.csv: 1 class has fewer than 2 training samples:
      dog: 1
      hint: Add samples.
    """
    counts = np.bincount(y, minlength=len(labels))
    scarce = [f"{printable(label)}: {n}" for label, n in zip(labels, counts.tolist(), strict=True) if n < least]
    if scarce:
        have = "1 class has" if len(scarce) == 1 else f"{len(scarce)} classes have"
        some = "no training sample" if least == 1 else f"fewer than {least} training samples"
        text = f"{where}: {have} {some}"
        refuse(refusal(text, scarce, "E-SPLIT-CLASS", _ways_out(counts, least, is_split)), scarce, on_problem)


FEWEST, FOLDS = 3, 5
"""Samples of a class below which no folds can be made, and the usual number of folds."""


def _ways_out(counts: Ints, least: int, is_split: bool) -> str:
    """Return what can be done about rare classes; each way leads to a comparison."""
    ways, smallest = ["Add samples"], int(counts.min())
    if (counts >= least).sum() >= 2:
        ways.append("leave these classes out with `on_rare_class: drop`")
    if smallest >= (2 if is_split else FEWEST):
        folds = f" and --folds {smallest}" if smallest < FOLDS and not is_split else ""
        ways.append(f"accept them with `min_per_class: {smallest}`{folds}")
    return ", or ".join(ways) + "."


def check_parts(
    y: Ints,
    labels: Sequence[str],
    parts: Strings | None,
    where: str,
    least: int,
    what: str,
    on_rare_class: RareClass = "refuse",
    on_problem: Problems | None = None,
) -> list[str]:
    """Refuse classes with too few training samples, and a split without training or test set.

    Arguments are as for `check_classes`, but of all samples; `what` is the singular noun for a sample in messages.
    Returns a note on the classes without test samples, if any. With ``on_rare_class="drop"`` small classes are
    accepted.

    Examples
    --------
    >>> parts = np.array(["train", "train", "test"])
    >>> check_parts(np.array([0, 1, 0]), ("cat", "dog"), parts, "pets.csv", 1, "image")
    ['classes without test samples: dog']
    """
    if on_rare_class not in ("refuse", "drop"):
        raise ConfigError(f"on_rare_class: {on_rare_class!r}, expected refuse or drop.", error_id="E-CONFIG-RANGE")
    if parts is None or not PARTS & set(parts.tolist()):
        if on_rare_class == "refuse":
            check_classes(y, labels, where, least, on_problem)
        return []
    lacking = sorted({"train", "test"} - set(parts.tolist()))
    if lacking:
        error = DataError(
            f"{where}: no {what} is in {' or '.join(lacking)}.",
            error_id="E-SPLIT-PARTS",
            hint="A split has train, test and perhaps valid; for a table, --split none makes a new split.",
        )
        refuse(error, on_problem=on_problem)
    if on_rare_class == "refuse":
        check_classes(y[parts == "train"], labels, where, least, on_problem, is_split=True)
    tested = set(y[parts == "test"].tolist())
    missing = [printable(label) for i, label in enumerate(labels) if i not in tested]
    return [f"classes without test samples: {', '.join(missing)}"] if missing else []


def is_missing(value: str) -> bool:
    """True if a cell is empty, blank or a word for a missing value such as ``NaN`` or ``NULL``."""
    return value.strip() in _MISSING


def refuse_twins(
    names: Iterable[str],
    where: str,
    *,
    hint: str = "Give one of each the name of the other.",
    on_problem: Problems | None = None,
) -> None:
    """Refuse different spellings of one name: ``E-LABEL-TWINS``.

    Examples
    --------
    >>> refuse_twins(["Cat", "cat ", "dog"], "pets.csv")
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: pets.csv: classes that differ only in case, spaces or the form of Unicode:
      'Cat', 'cat '
      hint: Give one of each the name of the other.
    """
    alike: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        alike.setdefault(_plain(name), []).append(name)
    twins = [", ".join(map(ascii, group)) for group in alike.values() if len(group) > 1]
    if twins:
        what = f"{where}: classes that differ only in case, spaces or the form of Unicode"
        refuse(refusal(what, twins, "E-LABEL-TWINS", hint), twins, on_problem)


def _plain(name: str) -> str:
    words = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    # 1, 01 and 1.0 are one number.
    number = re.fullmatch(r"([+-]?)0*(\d+?)(?:\.0*)?", words)
    return words if number is None else number[1].strip("+") + number[2]
