"""Kinds of files, by the endings of their names."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from visiontk.data.formats import audio, image, tables
from visiontk.data.layouts.class_folders import Listing, list_files
from visiontk.data.readers import texts
from visiontk.data.readers.texts import list_texts
from visiontk.errors import DataError

Kinds = Mapping[str, tuple[str, ...]]

KINDS: Kinds = {
    "images": image.SUFFIXES,
    "recordings": (*audio.SUFFIXES, *audio.UNREAD),
    "texts": texts.SUFFIXES,
    "DICOM files": (".dcm", ".dicom"),
    "NIfTI volumes": (".nii", ".nii.gz"),
}
"""Endings of file names by kind; `AboutData.suffixes` declares further kinds."""

MIXED = 0.1
"""Share of the files from which on a second kind is not an accident."""


def is_table(path: Path) -> bool:
    """True if a file has the name of a table.

    Examples
    --------
    >>> is_table(Path("pets.CSV")), is_table(Path("pets.txt"))
    (True, False)
    """
    return path.name.lower().endswith(tables.SUFFIXES)


def kind_of(name: str, kinds: Kinds = KINDS) -> str:
    """Kind of a file by the ending of its name; empty if unknown.

    Examples
    --------
    >>> kind_of("a/b.PNG"), kind_of("a.nii.gz"), kind_of("a.xyz")
    ('images', 'NIfTI volumes', '')
    """
    lower = name.lower()
    return next((kind for kind, suffixes in kinds.items() if lower.endswith(suffixes)), "")


def kinds_in(names: Iterable[str], kinds: Kinds = KINDS) -> Counter[str]:
    """Number of files of each known kind."""
    counts = Counter(kind_of(name, kinds) for name in names)
    del counts[""]
    return counts


def survey(path: str, kinds: Kinds = KINDS) -> Listing:
    """All files of a known kind in a folder, as `list_files`."""
    suffixes = tuple(suffix for kind in kinds.values() for suffix in kind)
    try:
        return list_files(path, suffixes, "images, recordings or texts")
    except DataError as error:
        if error.error_id != "E-DATA-EMPTY" or not Path(path).is_dir():
            raise
        with contextlib.suppress(DataError):
            return list_texts(path)
        raise


def only(listing: Listing, kind: str, kinds: Kinds = KINDS) -> Listing:
    """The files of one kind; the rest count as others."""
    files = tuple(name for name in listing.files if kind_of(name, kinds) == kind)
    if not files and kind == "texts":  # without an ending
        return listing
    others = sorted({*listing.others, *listing.files} - {*files})
    return listing._replace(files=files, others=tuple(others), what=kind)


def mixed(names: Sequence[str], kinds: Kinds = KINDS) -> list[str]:
    """Kinds with many files in several folders, most frequent first; a few files of another kind are an accident.

    Texts that are called like files of another kind describe them.

    Examples
    --------
    >>> mixed(["cat/1.png", "cat/2.png", "dog/1.png", "dog/notes.txt"])
    ['images']
    >>> mixed(["images/1.png", "images/2.png", "labels/1.txt", "labels/2.txt"])
    ['images']
    >>> mixed(["cat/1.png", "cat/1.wav", "dog/1.png", "dog/1.wav"])
    ['images', 'recordings']
    """
    stems = {kind: {_stem(name) for name in names if kind_of(name, kinds) == kind} for kind in kinds_in(names, kinds)}
    if texts_of := stems.pop("texts", set()):
        described = set().union(*stems.values())
        if len(texts_of & described) >= (1 - MIXED) * len(texts_of):
            names = [name for name in names if kind_of(name, kinds) != "texts"]
    counts = kinds_in(names, kinds)
    if not counts:
        return []
    folders = {kind: {name.rpartition("/")[0] for name in names if kind_of(name, kinds) == kind} for kind in counts}
    ordered = [kind for kind, _ in counts.most_common()]
    return [
        kind
        for kind in ordered
        if kind == ordered[0] or (counts[kind] >= MIXED * counts.total() and len(folders[kind]) > 1)
    ]


def _stem(name: str) -> str:
    return name.rpartition("/")[2].partition(".")[0]
