"""Classes from the texts that name them: sorted, and refused where they are missing, alike or alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from visiontk.core import PARTS, Ints, Strings
from visiontk.data.checks.problems import refuse
from visiontk.errors import ConfigError, DataError
from visiontk.messages import numbered, printable, refusal

RareClass = Literal["refuse", "drop"]
"""Whether a class with too few samples to learn from ends the work, or is left out."""

# How spreadsheets, pandas, R, SQL and Python write "no value". Lower-case "none" and "na" may be classes.
_MISSING = {"", "nan", "NaN", "NAN", "-nan", "None", "null", "NULL", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>"}


def classes_of(
    values: Sequence[str], where: str, *, lines: Sequence[int] | None = None
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
        )
    found = sorted(set(values))
    refuse_twins(found, where)
    if len(found) < 2:
        only = f"only class {printable(found[0])!r} ({len(values)} rows)" if found else "no rows"
        refuse(DataError(f"{where}: {only}; at least two classes are needed.", error_id="E-LABEL-SINGLE"))
    composed = {name: unicodedata.normalize("NFC", name) for name in found}
    labels = sorted(set(composed.values()))
    place = {name: labels.index(label) for name, label in composed.items()}
    return tuple(labels), np.array([place[value] for value in values], dtype=np.int64)


def check_classes(y: Ints, labels: Sequence[str], where: str, least: int) -> None:
    """Refuse data in which a class has too few samples.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        Classes of the samples to learn from.
    labels : sequence of str
        The text of each class.
    where : str
        The file or folder, named in the error.
    least : int
        Smallest number of samples of a class.

    Raises
    ------
    DataError
        ``E-SPLIT-CLASS``, naming every class that has too few.

    Examples
    --------
    >>> check_classes(np.array([0, 0, 1]), ("cat", "dog"), "pets.csv", 2)
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: pets.csv: 1 class has fewer than 2 samples to learn from:
      dog: 1
    """
    counts = np.bincount(y, minlength=len(labels))
    scarce = [f"{printable(label)}: {n}" for label, n in zip(labels, counts.tolist(), strict=True) if n < least]
    if scarce:
        have = "1 class has" if len(scarce) == 1 else f"{len(scarce)} classes have"
        some = "no sample" if least == 1 else f"fewer than {least} samples"
        what = f"{where}: {have} {some} to learn from"
        hint = (
            "Nobody can know a class that was never learnt: add samples of it to train, or set on_rare_class: drop."
            if least == 1
            else "Add samples, lower min_per_class, or leave these classes out with on_rare_class: drop."
        )
        refuse(refusal(what, scarce, "E-SPLIT-CLASS", hint), scarce)


def check_parts(
    y: Ints,
    labels: Sequence[str],
    parts: Strings | None,
    where: str,
    least: int,
    what: str,
    on_rare_class: RareClass = "refuse",
) -> list[str]:
    """Refuse classes too small to learn and a split without train or test.

    Parameters
    ----------
    y, labels, where, least
        As for `check_classes`, but of all samples.
    parts : ndarray of str of shape (n,), or None
        As in `Samples`.
    what : str
        What a sample is, such as "picture"; for messages.
    on_rare_class : {"refuse", "drop"}
        With "drop" classes may be too small: `learnable` leaves them out.

    Returns
    -------
    list of str
        A note on the classes that are never tested, or none.

    Raises
    ------
    ConfigError
        ``E-CONFIG-RANGE`` for another word.
    DataError
        ``E-SPLIT-CLASS`` or ``E-SPLIT-PARTS``.

    Examples
    --------
    >>> parts = np.array(["train", "train", "test"])
    >>> check_parts(np.array([0, 1, 0]), ("cat", "dog"), parts, "pets.csv", 1, "picture")
    ['classes without a picture in test: dog']
    """
    if on_rare_class not in ("refuse", "drop"):
        raise ConfigError(f"on_rare_class: {on_rare_class!r}, expected refuse or drop.", error_id="E-CONFIG-RANGE")
    if parts is None or not PARTS & set(parts.tolist()):
        if on_rare_class == "refuse":
            check_classes(y, labels, where, least)
        return []
    lacking = sorted({"train", "test"} - set(parts.tolist()))
    if lacking:
        refuse(
            DataError(
                f"{where}: no {what} is in {' or '.join(lacking)}.",
                error_id="E-SPLIT-PARTS",
                hint="A split has train, test and perhaps valid; or leave part_column out, then visiontk splits.",
            )
        )
    if on_rare_class == "refuse":
        check_classes(y[parts == "train"], labels, where, least)
    tested = set(y[parts == "test"].tolist())
    missing = [printable(label) for i, label in enumerate(labels) if i not in tested]
    return [f"classes without a {what} in test: {', '.join(missing)}"] if missing else []


def is_missing(value: str) -> bool:
    """Whether a cell says that there is no value: empty, blank, or a word for it such as ``NaN`` or ``NULL``."""
    return value.strip() in _MISSING


def refuse_twins(names: Iterable[str], where: str, *, hint: str = "Give one of each the name of the other.") -> None:
    """Refuse names that a person would take for one.

    Raises
    ------
    DataError
        ``E-LABEL-TWINS``.

    Examples
    --------
    >>> refuse_twins(["Cat", "cat ", "dog"], "pets.csv")
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: pets.csv: classes that differ only in case, spaces or the form of Unicode:
      'Cat', 'cat '
    """
    alike: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        alike.setdefault(_plain(name), []).append(name)
    twins = [", ".join(map(ascii, group)) for group in alike.values() if len(group) > 1]
    if twins:
        what = f"{where}: classes that differ only in case, spaces or the form of Unicode"
        refuse(refusal(what, twins, "E-LABEL-TWINS", hint), twins)


def _plain(name: str) -> str:
    words = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    # 1, 01 and 1.0 are one number.
    number = re.fullmatch(r"([+-]?)0*(\d+?)(?:\.0*)?", words)
    return words if number is None else number[1].strip("+") + number[2]
