"""Groups by the names of files: one patient, one speaker, one recording.

A group is never in the training set and the test set. Names of files often contain the group: `guess` detects it, and
`groups_of` reads it strictly.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from visiontk.core import Strings
from visiontk.errors import ConfigError
from visiontk.messages import printable, refusal

WORDS = frozenset(
    {"patient", "patients", "subject", "speaker", "speakers", "person", "participant", "individual", "animal", "donor"}
    | {"family", "household", "writer", "author", "singer", "actor", "client", "lesion", "group", "groups"}
)
"""Words that always denote groups, in names of files and of columns."""

FOLLOWS = "it follows the word"
SURE_FROM = 5
"""Number of different words from which on they are groups without asking."""

FEWEST = 3
"""Training, validation and test set need one group each."""

MOST_OF = 0.67
"""Groups per file above which names hardly recur."""

LARGEST = 0.5
"""Share of the files from which on one group is too large: most files have the same word, such as image."""

ALIKE = 0.9
"""Share of the files in the largest group of their class from which on the groups are the classes."""

_STEM_WORDS = (
    "img image images photo photos picture pictures pic pics foto fotos bild imagen imagem dsc dscn dscf dscp "
    "dcim pxl mvi mov vid video pict sam cimg gopr gh dji sdc csc hpim imag wp screenshot screen shot capture "
    "scan scanned download downloads downloaded unnamed untitled file frame frames copy new edited thumb whatsapp "
    "snapchat received signal telegram fb facebook instagram shutterstock istock istockphoto gettyimages "
    "depositphotos pexels unsplash pixabay stock maxresdefault hqdefault rec recording audio voice clip sound "
    "track sample data 微信图片 图片 写真 사진 изображение фото"
)
_STEMS = frozenset(_STEM_WORDS.split())
"""Beginnings of file names that cameras, telephones, browsers and stock agencies write."""

_FORM = re.compile(r"name|folder|(?:name|folder):([1-9][0-9]?)")
_MARKS = re.compile(r"[-_. @()\[\]]+")


class Guess(NamedTuple):
    """One interpretation of file names as groups."""

    spec: str  # as for `groups_of`
    groups: Strings  # of each file
    sure: bool  # may be used without asking
    reason: str  # evidence for it, for messages

    def summary(self, *, private: bool = False) -> str:
        """Number of groups and, unless `private`, the first few.

        Examples
        --------
        >>> Guess("name:2", np.array(["theo", "lucas", "theo"]), True, "").summary()
        '2 groups: lucas, theo'
        """
        names = sorted(set(self.groups.tolist()))
        listed = f": {', '.join(map(printable, names[:4]))}{', …' if len(names) > 4 else ''}"
        return f"{len(names):,} groups{'' if private else listed}"


def is_spec(text: str) -> bool:
    """True if a text names a part of file names: ``name``, ``name:2``, ``folder``, ``folder:1``."""
    return _FORM.fullmatch(text) is not None


def groups_of(files: Sequence[str], spec: str, where: str, *, outer: int = 0) -> Strings:
    """Group of each file by its name.

    `spec` is ``name:2``, the second part of the name without its ending, parts being separated by ``-``, ``_``, ``.``,
    ``@``, brackets or blanks; ``name``, the name without its last number; ``folder``, the folder of the file without
    the `outer` first ones, such as those of split and class; or ``folder:1``, the outermost folder.

    Examples
    --------
    >>> groups_of(["7/7_jackson_32.wav", "0/0_theo_1.wav"], "name:2", "digits").tolist()
    ['jackson', 'theo']
    >>> groups_of(["sad/Tony_Blair_0012.png"], "name", "faces").tolist()
    ['Tony_Blair']
    >>> groups_of(["ill/p7/1.png"], "folder", "scans", outer=1).tolist()
    ['p7']
    """
    form = _FORM.fullmatch(spec)
    if form is None:
        raise ConfigError(
            f"group: {spec!r} given; expected name:2 (the second part of each file name), name (the name without its "
            "last number), folder or folder:1.",
            error_id="E-GROUP-NAME",
            hint="Columns are for tables; none stands for no group.",
        )
    groups = [_group(file, spec, form[1], outer) for file in files]
    lacking = [printable(file) for file, group in zip(files, groups, strict=True) if not group]
    if lacking:
        raise refusal(
            f"{where}: {len(lacking)} of {len(files)} files have no group by {spec!r}",
            lacking,
            "E-GROUP-MISSING",
            "Rename them like the others, or choose another group: name, name:2, folder or none.",
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
    """Interpretations of the file names as groups, the likeliest first; if one is sure, it is the only one.

    A part that only repeats the class is not a group. Empty if only counters, classes and fixed words recur.

    Examples
    --------
    >>> people = ("anna", "george", "jackson", "lucas", "theo")
    >>> names = [f"{digit}/{digit}_{who}_{i}.wav" for digit in range(3) for who in people for i in range(4)]
    >>> [(each.spec, each.sure) for each in guess(names, [name[0] for name in names])]
    [('name:2', True)]
    """
    by_name, counters = _by_name(files, classes)
    guesses = [*_by_folder(files, classes, outer), *by_name]
    explicit = [each for each in guesses if each.reason.startswith(FOLLOWS)]
    guesses = _distinct(explicit or guesses)
    if len(guesses) == 1 and guesses[0].sure:
        return guesses
    return [each._replace(sure=False) for each in _distinct([*guesses, *counters])] if guesses else []


def _by_folder(files: Sequence[str], classes: Sequence[str], outer: int) -> list[Guess]:
    inner = [_folder(file, outer) for file in files]
    if not any(inner):
        return []
    groups = np.array(inner, dtype=np.str_)
    if not _repeats(groups, classes):
        return []
    return [Guess("folder", groups, all(inner), "files of a class are in further folders")] if all(inner) else []


def _by_name(files: Sequence[str], classes: Sequence[str]) -> tuple[list[Guess], list[Guess]]:
    """Guesses by the parts of names, and those by last numbers, which are reported only with others."""
    names = [parts_of(file) for file in files]
    if not names or not all(names):
        return [], []
    lengths = {len(parts) for parts in names}
    guesses: list[Guess] = []
    counters: list[Guess] = []
    for k in range(min(lengths)):
        column = [parts[k] for parts in names]
        groups, spec = np.array(column, dtype=np.str_), f"name:{k + 1}"
        word = _group_word(names, k)
        if word and len(set(column)) > 1 and not _is_class(groups, classes):
            guesses.append(Guess(spec, groups, True, f"{FOLLOWS} {word!r} in each name"))
        elif len(lengths) > 1:
            continue  # parts of names of different lengths do not correspond
        elif not _worded(column):
            if _repeats(groups, classes) and not _counts(groups, classes, files):
                # The last number usually counts files.
                last = k + 1 == min(lengths) and all(part.isdigit() for part in column)
                (counters if last else guesses).append(
                    Guess(spec, groups, False, "these numbers recur in the file names")
                )
        elif _repeats(groups, classes) and not (_numbered(column) and _counts(groups, classes, files)):
            guesses.append(Guess(spec, groups, _enough(groups), "these words recur in the file names"))
    if len(lengths) > 1 and not guesses:
        groups = np.array([_part(file, None) for file in files], dtype=np.str_)
        if _repeats(groups, classes) and not (_numbered(groups.tolist()) and _counts(groups, classes, files)):
            sure = _enough(groups) and len(set(groups.tolist())) > len(groups) / 100
            guesses.append(Guess("name", groups, sure, "names but for their last number recur"))
    return guesses, counters


def _group_word(names: Sequence[Sequence[str]], k: int) -> str:
    """A word such as "patient" before the k-th part or at its head, the same in all names."""
    before = {parts[k - 1].casefold() for parts in names} if k else set()
    heads = {re.sub(r"\d+$", "", parts[k]).casefold() for parts in names}
    words_of_groups = [min(words) for words in (before, heads) if len(words) == 1 and words <= WORDS]
    return words_of_groups[0] if words_of_groups else ""


def _worded(column: Sequence[str]) -> bool:
    """True if most of these are words or names; numbers with one prefix, such as s01 and s02, are numbers."""
    values = set(column)
    heads = {re.sub(r"\d+$", "", value) for value in values}
    return len(heads) > 1 and sum(_is_word(value) for value in values) > len(values) / 2


def _numbered(column: Sequence[str]) -> bool:
    """True if most of these end with a number, such as crop0, crop1 and flip0."""
    return 2 * sum(part[-1].isdigit() for part in column) > len(column)


def _enough(groups: Strings) -> bool:
    """True if there are enough groups for five folds; left, right and top are fewer."""
    return len(set(groups.tolist())) >= SURE_FROM


def _repeats(groups: Strings, classes: Sequence[str]) -> bool:
    """True if these could be groups: at least three, none with most files, not the classes, not stems of cameras."""
    sizes = Counter(groups.tolist())
    if len(sizes) < FEWEST or len(sizes) > MOST_OF * len(groups) or max(sizes.values()) >= LARGEST * len(groups):
        return False
    n_stems = sum(n for group, n in sizes.items() if _is_stem(group))
    return 2 * n_stems <= len(groups) and not _is_class(groups, classes)


def _counts(numbers: Strings, classes: Sequence[str], files: Sequence[str]) -> bool:
    """True for numbers that count the files of each class and folder: they recur, but not within one."""
    folders = [file.rpartition("/")[0] for file in files]
    return len(set(zip(numbers.tolist(), classes, folders, strict=True))) > MOST_OF * len(numbers)


def _is_class(groups: Strings, classes: Sequence[str]) -> bool:
    """True if the groups are the classes, or parts of names that only repeat them, but for a few files."""
    largest: dict[str, int] = {}
    for (_, label), n in Counter(zip(groups.tolist(), classes, strict=True)).items():
        largest[label] = max(largest.get(label, 0), n)
    return sum(largest.values()) >= ALIKE * len(groups)


def _is_stem(group: str) -> bool:
    """True if a camera, a telephone or a browser may have written this, such as IMG or DSC_0012."""
    words = re.findall(r"[^\W\d_]+", group.casefold())
    return bool(words) and all(word in _STEMS for word in words)


def _distinct(guesses: Iterable[Guess]) -> list[Guess]:
    """Guesses that partition the files differently: a folder p7 with files p7_1, p7_2 is one guess."""
    partitions: dict[bytes, Guess] = {}
    for each in guesses:
        _, first, number = np.unique(each.groups, return_index=True, return_inverse=True)
        partitions.setdefault(first[number].tobytes(), each)
    return list(partitions.values())


def _is_word(part: str) -> bool:
    return sum(character.isalpha() for character in part) >= 1 and len(part) > 1


def _stem(file: str) -> str:
    name = file.rsplit("/", 1)[-1]
    return name.removesuffix(".gz").rsplit(".", 1)[0]


def _folder(file: str, outer: int) -> str:
    return "/".join(file.split("/")[outer:-1])


def _group(file: str, spec: str, number: str | None, outer: int) -> str:
    if not spec.startswith("folder"):
        return _part(file, number)
    return _folder(file, outer) if number is None else "".join(file.split("/")[int(number) - 1 : int(number)])


def _part(file: str, number: str | None) -> str:
    if number is None:
        return re.sub(r"[-_. @(\[]*\d+[)\]]?$", "", _stem(file)) or _stem(file)
    parts = parts_of(file)
    return parts[int(number) - 1] if len(parts) >= int(number) else ""
