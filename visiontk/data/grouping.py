"""What belongs together, read from the names of files: one patient, one speaker, one recording.

A group is never learnt and tested at once. Names often say which group a file is of; whether they do is guessed here
(`guess`), and what was chosen is read strictly (`groups_of`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from visiontk.core import Strings
from visiontk.data.images import shown
from visiontk.data.refusals import refusal
from visiontk.errors import ConfigError

WORDS = frozenset(
    [
        "patient",
        "subject",
        "speaker",
        "person",
        "participant",
        "individual",
        "animal",
        "donor",
        "family",
        "household",
        "writer",
        "author",
        "singer",
        "group",
        "groups",
        "patients",
        "speakers",
    ]
)
"""Words that are only ever said of what belongs together, in names of files and of columns."""

_FORM = re.compile(r"name|folder|name:([1-9][0-9]?)")
_MARKS = re.compile(r"[-_. @]+")


class Guess(NamedTuple):
    """One reading of file names as groups.

    Parameters
    ----------
    spec : str
        As for `groups_of`.
    groups : ndarray of str, shape (n,)
        The group of each file.
    sure : bool
        Whether it may be taken without asking.
    why : str
        What speaks for it, for people.
    """

    spec: str
    groups: Strings
    sure: bool
    why: str

    def named(self, *, quiet: bool = False) -> str:
        """How many groups there are and, unless `quiet`, the first few.

        Examples
        --------
        >>> Guess("name:2", np.array(["theo", "lucas", "theo"]), True, "").named()
        '2 groups: lucas, theo'
        """
        names = sorted(set(self.groups.tolist()))
        listed = f": {', '.join(map(shown, names[:4]))}{', …' if len(names) > 4 else ''}"
        return f"{len(names):,} groups{'' if quiet else listed}"


def is_spec(text: str) -> bool:
    """Whether a text says which part of file names is the group: ``name``, ``name:2``, ``folder``."""
    return _FORM.fullmatch(text) is not None


def groups_of(files: Sequence[str], spec: str, where: str, *, outer: int = 0) -> Strings:
    """The group of each file by its name.

    Parameters
    ----------
    files : sequence of str
        Relative names with forward slashes.
    spec : str
        ``name:2`` is the second part of the name without its ending, parts being parted by ``-``, ``_``, ``.``,
        ``@`` or blanks; ``name`` is the name without its last number; ``folder`` is the folder of the file.
    where : str
        Folder or table, named in errors.
    outer : int
        How many outer folders, such as those of split and class, ``folder`` leaves out.

    Raises
    ------
    ConfigError
        ``E-GROUP-NAME`` if `spec` is of another form.
    DataError
        ``E-GROUP-MISSING`` for files that have no such part.

    Examples
    --------
    >>> groups_of(["7/7_jackson_32.wav", "0/0_theo_1.wav"], "name:2", "digits").tolist()
    ['jackson', 'theo']
    >>> groups_of(["sad/Tony_Blair_0012.png"], "name", "faces").tolist()
    ['Tony_Blair']
    >>> groups_of(["ill/p7/1.png"], "folder", "scans", outer=1).tolist()
    ['p7']
    """
    found = _FORM.fullmatch(spec)
    if found is None:
        raise ConfigError(
            f"group: {spec!r} given; expected name:2 (the second part of each file name), name (the name without its "
            "last number) or folder.",
            error_id="E-GROUP-NAME",
        )
    groups = [_folder(file, outer) if spec == "folder" else _part(file, found[1]) for file in files]
    lacking = [shown(file) for file, group in zip(files, groups, strict=True) if not group]
    if lacking:
        raise refusal(
            f"{where}: {len(lacking)} of {len(files)} files have no group by {spec!r}",
            lacking,
            "E-GROUP-MISSING",
            "Name them like the others, or say what else is the group: name, name:2, folder or none.",
        )
    return np.array(groups, dtype=np.str_)


def parts_of(file: str) -> list[str]:
    """The parts of a file's name, without folders and ending.

    Examples
    --------
    >>> parts_of("ill/patient-12_scan 3.png")
    ['patient', '12', 'scan', '3']
    """
    return [part for part in _MARKS.split(_stem(file)) if part]


def guess(files: Sequence[str], classes: Sequence[str], *, outer: int = 0) -> list[Guess]:
    """Readings of the file names as groups, the likeliest first; one at most is sure, and then it is the only one.

    Parameters
    ----------
    files, outer
        As for `groups_of`.
    classes : sequence of str
        The class of each file: what only repeats the class is no group.

    Returns
    -------
    list of Guess
        Empty if nothing repeats within or across classes but counters, classes and fixed words.

    Examples
    --------
    >>> names = [f"{d}/{d}_{who}_{i}.wav" for d in range(3) for who in ("theo", "lucas", "anna") for i in range(4)]
    >>> [(found.spec, found.sure) for found in guess(names, [name[0] for name in names])]
    [('name:2', True)]
    """
    found = [*_by_folder(files, classes, outer), *_by_name(files, classes)]
    named = [one for one in found if one.why.startswith("it follows")]
    found = _different(named or found)
    if len(found) > 1:
        found = [one._replace(sure=False) for one in found]
    return found


def _by_folder(files: Sequence[str], classes: Sequence[str], outer: int) -> list[Guess]:
    inner = [_folder(file, outer) for file in files]
    if not any(inner):
        return []
    groups = np.array(inner, dtype=np.str_)
    if not _repeats(groups, classes, within=False):
        return []
    return [Guess("folder", groups, all(inner), "files of a class lie in further folders")] if all(inner) else []


def _by_name(files: Sequence[str], classes: Sequence[str]) -> list[Guess]:
    names = [parts_of(file) for file in files]
    if not names or not all(names):
        return []
    lengths = {len(parts) for parts in names}
    found = []
    for k in range(min(lengths)):
        column = [parts[k] for parts in names]
        if all(len(parts) == k + 1 and parts[k].isdigit() for parts in names):
            continue  # the last number counts files
        before = {parts[k - 1].casefold() for parts in names} if k else set()
        follows = before and before <= WORDS
        if len(lengths) > 1 and not follows:
            continue  # parts of names of unlike length do not mean the same
        worded = sum(_is_word(value) for value in set(column)) > len(set(column)) / 2
        groups = np.array(column, dtype=np.str_)
        if follows and len(set(column)) > 1:
            found.append(Guess(f"name:{k + 1}", groups, True, f"it follows the word {min(before)!r} in each name"))
        elif _repeats(groups, classes, within=not worded):
            why = "words" if worded else "numbers"
            found.append(Guess(f"name:{k + 1}", groups, worded, f"these {why} recur in the file names"))
    if len(lengths) > 1 and not found:
        groups = np.array([_part(file, None) for file in files], dtype=np.str_)
        if all(groups) and _repeats(groups, classes, within=False):
            found.append(Guess("name", groups, True, "names but for their last number recur"))
    return found


def _repeats(groups: Strings, classes: Sequence[str], *, within: bool) -> bool:
    """Whether these could be groups: several, most of them of several files, and not just one for each class."""
    sizes = Counter(groups.tolist())
    if len(sizes) < 2 or len(sizes) > 0.67 * len(groups):
        return False
    of_class: dict[str, set[str]] = {}
    for group, label in zip(groups.tolist(), classes, strict=True):
        of_class.setdefault(label, set()).add(group)
    if all(len(found) == 1 for found in of_class.values()):
        return False
    if not within:
        return True
    # Numbers that count the files of each class recur from class to class, but not within one.
    pairs = Counter(zip(groups.tolist(), classes, strict=True))
    return len(pairs) <= 0.67 * len(groups)


def _different(found: Iterable[Guess]) -> list[Guess]:
    """Readings that part the files in different ways: a folder p7 with files p7_1, p7_2 is one reading."""
    kept: dict[bytes, Guess] = {}
    for one in found:
        _, first, number = np.unique(one.groups, return_index=True, return_inverse=True)
        kept.setdefault(first[number].tobytes(), one)
    return list(kept.values())


def _is_word(part: str) -> bool:
    return sum(character.isalpha() for character in part) >= 1 and len(part) > 1


def _stem(file: str) -> str:
    name = file.rsplit("/", 1)[-1]
    return name.removesuffix(".gz").rsplit(".", 1)[0]


def _folder(file: str, outer: int) -> str:
    return "/".join(file.split("/")[outer:-1])


def _part(file: str, number: str | None) -> str:
    if number is None:
        return re.sub(r"[-_. @]*\d+$", "", _stem(file)) or _stem(file)
    parts = parts_of(file)
    return parts[int(number) - 1] if len(parts) >= int(number) else ""
