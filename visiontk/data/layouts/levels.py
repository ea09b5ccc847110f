"""Levels of folders: which one names the class of a file, and which one its part of the split.

Levels count from 1 below the folder of the data: in ``train/cat/1.png`` the class is level 2 and the part level 1.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from visiontk.data.layouts.part_names import (
    folds_by_name,
    is_filler,
    is_mask,
    is_split_word,
    is_unlabelled,
    parts_by_name,
    spelled_twice,
)
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable

_FORM = re.compile(r"folder:([1-9])")
BOTH = {"train", "test"}
STRAY = 0.1
"""Share of files that may lie beside the class folders, such as a file of notes."""


class Levels(NamedTuple):
    """Levels of class and part, and the part that each folder of the latter is."""

    label: int
    split: int = 0  # 0 for no split
    parts: Mapping[str, str] = MappingProxyType({})  # by name of folder: train, valid, test, or the name of a fold
    left_out: tuple[str, ...] = ()  # folders of files without labels, or of masks


def level_of(spec: str, option: str) -> int:
    """Level of ``folder:2``; 0 for an empty text and for none; ConfigError ``E-CONFIG-VALUE`` for others.

    Examples
    --------
    >>> level_of("folder:2", "label"), level_of("", "label")
    (2, 0)
    """
    if spec in ("", "none"):
        return 0
    form = _FORM.fullmatch(spec)
    if form is None:
        raise ConfigError(
            f"{option}: {spec!r} given; in a folder it is folder:1 for the outermost folders, folder:2 for those in "
            "them, and so on.",
            error_id="E-CONFIG-VALUE",
            hint="Columns are for tables.",
        )
    return int(form[1])


def levels_of(
    files: Sequence[str], beside: Sequence[str], where: str, what: str, *, label: str = "", split: str = "",
    closed: bool = False,
) -> Levels:  # fmt: skip
    """Levels of class and part in a folder.

    Parameters
    ----------
    files : sequence of str
        Relative names of the files.
    beside : sequence of str
        Folders without such files that may be classes all the same.
    where, what : str
        The folder and plural noun of the files, for messages.
    label, split : str
        ``folder:2`` and the like; empty for automatic. ``none`` is no split: parts are put together.
    closed : bool
        True if there are folders that cannot be listed, such as links; then no folder is skipped.

    Raises
    ------
    ConfigError
        ``E-CONFIG-VALUE`` for another `label` or `split`.
    DataError
        ``E-SPLIT-PARTS`` for folders that are neither a split nor classes; ``E-DATA-EMPTY`` if no file is deep enough.

    Examples
    --------
    >>> levels_of(["Training/a/1.png", "Testing/a/2.png"], [], "x", "y")
    Levels(label=2, split=1, parts={'Training': 'train', 'Testing': 'test'}, left_out=())
    """
    paths = [tuple(name.split("/")[:-1]) for name in files]
    if level := level_of(label, "label"):
        return _given(paths, level, split, where, what)
    if level := level_of(split, "split"):
        return Levels(level + 1, *_parts_at(paths, level, where))
    left_out = _unlabelled(paths)
    paths = [path for path in paths if path and not any("/".join(path[: k + 1]) in left_out for k in range(len(path)))]
    if not paths:
        raise _no_classes(len(files), where, what)
    skip = 0 if closed else _wrappers(paths, beside)
    inside = [path for path in paths if len(path) > skip]
    levels = _automatic(inside, skip, where, what, none=split == "none")
    return levels._replace(left_out=tuple(sorted(left_out)))


def _automatic(paths: list[tuple[str, ...]], skip: int, where: str, what: str, *, none: bool) -> Levels:
    tops = list(dict.fromkeys(path[skip] for path in paths))
    parts = parts_by_name(tops)
    folds = not parts and folds_by_name(tops)
    inner = max(len(path) for path in paths) > skip + 1
    if (parts and len(parts) == len(tops)) or set(parts.values()) >= BOTH:
        if not inner:
            raise _no_classes(len(paths), where, what, tops, skip + 1)
        if not none:
            _check_split(parts, tops, skip, where, what)
        return _split(paths, skip, {} if none else parts, where, what)
    if folds:
        if not inner:
            raise _no_classes(len(paths), where, what, tops, skip + 1)
        _refuse_splits_in_folds(paths, skip, where)
        return _split(paths, skip, {} if none else {name: name for name in tops}, where, what)
    return _parts_in_classes(paths, skip, none=none) or Levels(skip + 1)


def _split(paths: list[tuple[str, ...]], skip: int, parts: dict[str, str], where: str, what: str) -> Levels:
    """Parts around classes; in each part one folder may stand around the classes, as in seg_train/seg_train."""
    label = skip + 2
    while True:
        inner: dict[str, set[str]] = {}
        for path in paths:
            inner.setdefault(path[skip], set()).add(path[label - 1] if len(path) >= label else "")
        names = set().union(*inner.values()) - {""}
        if any(len(each) > 1 for each in inner.values()) or not names:
            return Levels(label, skip + 1 if parts else 0, parts)
        if not any(len(path) > label for path in paths):
            if all(is_filler(name) or is_split_word(name) for name in names):
                raise _no_classes(len(paths), where, what, list(inner), skip + 1)
            return Levels(label, skip + 1 if parts else 0, parts)
        label += 1


def _parts_in_classes(paths: list[tuple[str, ...]], skip: int, *, none: bool) -> Levels | None:
    """Classes around parts or folds: cat/train/1.png, dog/test/2.png."""
    names = {path[skip + 1] if len(path) > skip + 1 else "" for path in paths}
    if "" in names or len({path[skip] for path in paths}) < 2:
        return None
    parts = parts_by_name(names)
    if len(parts) == len(names) and set(parts.values()) >= BOTH and not spelled_twice(parts):
        return Levels(skip + 1, 0 if none else skip + 2, {} if none else parts)
    if folds_by_name(names):
        return Levels(skip + 1, 0 if none else skip + 2, {} if none else {name: name for name in sorted(names)})
    return None


def _wrappers(paths: list[tuple[str, ...]], beside: Sequence[str]) -> int:
    """Number of outermost folders that hold almost all files and stand alone, such as archive/images."""
    skip = 0
    while True:
        tops = {path[: skip + 1] for path in paths if len(path) > skip}
        n_deeper = sum(len(path) > skip + 1 for path in paths)
        alone = len(tops) == 1 and not any(folder.count("/") == skip for folder in beside)
        if not alone or n_deeper < (1 - STRAY) * len(paths) or n_deeper == 0 or parts_by_name([max(tops)[skip]]):
            return skip
        skip += 1


def _unlabelled(paths: list[tuple[str, ...]]) -> set[str]:
    """Folders whose names say that their files have no labels, beside two others, or are masks, beside images."""
    inside: dict[str, set[str]] = {}
    for path in paths:
        for k, name in enumerate(path):
            inside.setdefault("/".join(path[:k]), set()).add(name)
    return {
        f"{outer}/{name}".removeprefix("/")
        for outer, names in inside.items()
        for name in names
        if (is_unlabelled(name) and sum(not is_unlabelled(other) for other in names) > 1)
        or (is_mask(name) and any(is_filler(other) or is_split_word(other) for other in names))
    }


def _given(paths: list[tuple[str, ...]], label: int, split: str, where: str, what: str) -> Levels:
    """Levels with that of the class as the user names it."""
    if not any(len(path) >= label for path in paths):
        raise DataError(
            f"{where}: label: folder:{label}, but no {what} lie in that many folders.",
            error_id="E-DATA-EMPTY",
            hint=f"The deepest are in {max(map(len, paths), default=0)}; folder:1 is the outermost.",
        )
    if level := level_of(split, "split"):
        if level == label:
            raise ConfigError(
                f"label and split: both folder:{label}; a folder names one of them.", error_id="E-CONFIG-VALUE"
            )
        return Levels(label, *_parts_at(paths, level, where))
    if split == "none":
        return Levels(label)
    for level in range(1, max(map(len, paths)) + 1):
        names = {path[level - 1] for path in paths if len(path) >= level}
        parts = parts_by_name(names)
        if level != label and set(parts.values()) >= BOTH and len(parts) == len(names) and not spelled_twice(parts):
            return Levels(label, level, parts)
    return Levels(label)


def _parts_at(paths: list[tuple[str, ...]], level: int, where: str) -> tuple[int, dict[str, str]]:
    """Level and parts as the user names them; other folders are left out beside train and test, else all are folds."""
    names = sorted({path[level - 1] for path in paths if len(path) >= level})
    parts = parts_by_name(names)
    if set(parts.values()) >= BOTH:
        return level, parts
    if len(names) < 2 or parts:
        raise DataError(
            f"{where}: split: folder:{level}, but its folders {_listed(names)} are neither train and test nor folds.",
            error_id="E-SPLIT-PARTS",
            hint="--split none makes a new split.",
        )
    return level, {name: name for name in names}


def _check_split(parts: dict[str, str], tops: Sequence[str], skip: int, where: str, what: str) -> None:
    """Refuse parts that are incomplete, twice, or beside other folders."""
    others = [name for name in tops if name not in parts]
    if set(parts.values()) in (BOTH, BOTH | {"valid"}, {"train", "valid"}) and not others and not spelled_twice(parts):
        return
    listed = ", ".join(printable(name) for name in sorted(tops))
    way = (
        f"--split folder:{skip + 1} leaves out {_listed(others)}"
        if others
        else f"--split none puts all {what} together for a new split"
    )
    raise DataError(
        f"{where}: folders {listed} are neither a split nor classes.",
        error_id="E-SPLIT-PARTS",
        hint=f"A split has train, test and perhaps valid, once each, and nothing else with {what}; {way}.",
    )


def _refuse_splits_in_folds(paths: list[tuple[str, ...]], skip: int, where: str) -> None:
    """Refuse folds that each hold train and test, and mostly the same files."""
    if set(parts_by_name({path[skip + 1] for path in paths if len(path) > skip + 1}).values()) >= BOTH:
        one = printable("/".join(sorted(paths)[0][: skip + 1]))
        raise DataError(
            f"{where}: {one} and the other folds each hold a split of their own.",
            error_id="E-SPLIT-PARTS",
            hint=f"Compare one of them: visiontk compare {shlex.quote(f'{where}/{one}')}",
        )


def _no_classes(n: int, where: str, what: str, tops: Sequence[str] = (), level: int = 1) -> DataError:
    return DataError(
        f"{where}: {n} {what}, but none in a folder of its class"
        + (f"; {_listed(tops)} are parts of a split." if tops else "."),
        error_id="E-DATA-EMPTY",
        hint=f"Make one folder for each class and put its {what} there"
        + (f"; or --label folder:{level} if these are the classes." if tops else "."),
    )


def _listed(names: Sequence[str]) -> str:
    shown = [printable(name) for name in list(names)[:5]]
    return ", ".join(shown) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
