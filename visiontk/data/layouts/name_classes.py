"""Classes in the names of files, such as ``cat.0.jpg`` and ``dog_12.png``, of files that lie in no class folders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from visiontk.data.layouts.file_groups import groups_of, parts_of
from visiontk.data.layouts.levels import BOTH, Levels
from visiontk.data.layouts.part_names import is_split_word, parts_by_name
from visiontk.errors import DataError
from visiontk.messages import printable, refusal

MOST_CLASSES = 100
FEWEST_EACH = 3
"""Files of a class on average, from which on a part of the names may be the class."""

_FORM = re.compile(r"name|name:[1-9][0-9]?")


class NameClasses(NamedTuple):
    """Classes and parts of files by their names and outermost folders, and notes on those that are left out."""

    files: tuple[str, ...]
    classes: tuple[str, ...]
    parts: tuple[str, ...] | None
    levels: Levels
    left_out: tuple[str, ...]


def is_name_spec(text: str) -> bool:
    """True for ``name`` and ``name:2``.

    Examples
    --------
    >>> is_name_spec("name:1"), is_name_spec("folder:1")
    (True, False)
    """
    return _FORM.fullmatch(text) is not None


def classes_by_name(files: Sequence[str], spec: str, where: str, what: str, *, split: str = "") -> NameClasses:
    """Class of each file by a part of its name; outermost folders such as train and test are the parts.

    Test files whose part is no class of the training set are left out.

    Raises
    ------
    DataError
        ``E-LABEL-MISSING`` for files whose names lack the part.

    Examples
    --------
    >>> classes_by_name(["cat.0.jpg", "dog.0.jpg"], "name:1", "pets", "images").classes
    ('cat', 'dog')
    """
    level, by_folder = (0, {}) if split == "none" else _parts(files)
    part = {name: by_folder[name.split("/")[level - 1]] if level else "" for name in files}
    classes = {name: _class(name, spec) for name in files}
    trained = {classes[name] for name in files if part[name] in ("", "train")}
    left = [name for name in files if part[name] == "test" and classes[name] not in trained]
    kept = tuple(name for name in files if name not in set(left))
    lacking = [printable(name) for name in kept if not classes[name]]
    if lacking:
        raise refusal(
            f"{where}: {len(lacking)} of {len(files)} files have no class by {spec!r}", lacking, "E-LABEL-MISSING",
            "Rename them like the others, or choose another part of the names with --label.",
        )  # fmt: skip
    parts = tuple(part[name] for name in kept) if level else None
    notes = (f"{len(left)} {what} left out, as their names hold no class",) if left else ()
    if parts and "test" not in parts:
        parts, level, by_folder = None, 0, {}
    levels = Levels(0, level, by_folder)
    return NameClasses(kept, tuple(classes[name] for name in kept), parts, levels, notes)


def guess_name_classes(files: Sequence[str]) -> tuple[dict[str, Counter[str]], bool]:
    """Parts of the file names that may be the class, with the files of each class; and True if they are words.

    Examples
    --------
    >>> names = [f"{pet}.{i}.jpg" for pet in ("cat", "dog") for i in range(5)]
    >>> {spec: dict(counts) for spec, counts in guess_name_classes(names)[0].items()}
    {'name': {'cat': 5, 'dog': 5}}
    """
    level, by_folder = _parts(files)
    files = [name for name in files if not level or by_folder[name.split("/")[level - 1]] == "train"]
    longest = max((len(parts_of(name)) for name in files), default=0)
    results: dict[str, Counter[str]] = {}
    seen: set[tuple[int, ...]] = set()
    for spec in ("name", *(f"name:{k + 1}" for k in range(min(longest, 9)))):
        classes = [_class(name, spec) for name in files]
        counts = Counter(classes)
        first = {name: i for i, name in enumerate(counts)}
        partition = tuple(first[name] for name in classes)
        enough = 2 <= len(counts) <= MOST_CLASSES and len(files) >= FEWEST_EACH * len(counts) and "" not in counts
        if enough and min(counts.values()) > 1 and partition not in seen and not all(map(is_split_word, counts)):
            seen.add(partition)
            results[spec] = counts
    words = {spec: counts for spec, counts in results.items() if not any(map(_is_number, counts))}
    codes = {spec: counts for spec, counts in results.items() if spec != "name"}
    return (words, True) if words else (codes, False)


def _class(file: str, spec: str) -> str:
    if spec != "name":
        parts, place = parts_of(file), int(spec.partition(":")[2])
        return parts[place - 1] if place <= len(parts) else ""
    try:
        return str(groups_of([file], "name", "")[0])
    except DataError:
        return ""


def _is_number(text: str) -> bool:
    return not any(map(str.isalpha, text))


def _parts(files: Sequence[str]) -> tuple[int, Mapping[str, str]]:
    """Outermost level of folders that are all parts, with train and test among them, and these parts; 0 for none."""
    folders = [name.split("/")[:-1] for name in files]
    for k in range(min(map(len, folders), default=0)):
        names = {path[k] for path in folders}
        parts = parts_by_name(names)
        if set(parts) == names and set(parts.values()) >= BOTH:
            return k + 1, parts
    return 0, {}
