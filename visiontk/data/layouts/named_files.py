"""Files that a table names: relative to its folder or another, absolute, of another computer, or without an ending."""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from visiontk.data.formats import audio, image
from visiontk.data.formats.array_files import is_in_arrays
from visiontk.data.formats.parquet_files import is_in_parquet
from visiontk.data.formats.text_table import Table
from visiontk.data.layouts.part_names import parts_by_name
from visiontk.messages import printable

ENDINGS = (*image.SUFFIXES, *audio.SUFFIXES, ".dcm", ".dicom", ".nii.gz", ".nii")
"""Endings of files that a table may leave out."""

SAMPLED = 60
"""Cells by which the place of the files is chosen."""

MOST_PLACES = 60
"""Folders inside of one that are searched for the files."""

MOST_FILES = 300_000
"""Files that are listed to search for names without a folder."""

FOUND = 0.9
"""Share of the files that another place must have."""


class Located(NamedTuple):
    """Files named by the cells of a table, and how."""

    names: list[str]  # relative to the root; empty if missing; beginning with / or ../ if outside
    respelt: int  # names that differ in the form of Unicode, blanks or slashes
    notes: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of the files that exist inside of the root."""
        return sum(map(_is_inside, self.names)) / max(len(self.names), 1)


def locate_files(cells: Sequence[str], folder: Path, root: Path, part: str = "") -> Located:
    """Files below `root` that the cells of a table in `folder` name.

    Names are relative to either, or absolute. If few exist, all may have the same leading folders too much, such as
    those of another computer, or too little; names without a folder may be anywhere below `root`. Endings may be left
    out. Where several files fit, those in a folder named like the `part` of the table are preferred.
    """
    search = _Search(root, part)
    sample = _sampled(cells)
    direct = _Way(folder)
    best = _best_way(search, sample, folder)
    matches = [search.find(cell, best) for cell in cells]
    if best != direct:
        matches = [
            one if _is_inside(one[0]) else search.find(cell, direct) for one, cell in zip(matches, cells, strict=True)
        ]
    names = [name for name, _ in matches]
    respelt = sum(other for _, other in matches) if best == direct else 0
    completed = sum(bool(name) and name[-3:] != cell.strip()[-3:] for name, cell in zip(names, cells, strict=True))
    endings = (f"{completed} file names completed by their endings",) if completed else ()
    return Located(names, respelt, (*best.notes(folder), *endings))


def locate_rows(table: Table, cells: Sequence[str], path: Path, files_folder: str = "") -> Located:
    """Files named by the rows of the table at `path`, as `locate_files`; of joined tables each by itself."""
    folder = path if path.is_dir() else path.parent
    root = Path(files_folder).expanduser().absolute() if files_folder else folder
    results, begin = [], 0
    for name, n in table.sources or ((path.name, len(table)),):
        place = folder / Path(name).parent
        part = part_in(Path(name).name) or part_in(str(Path(name).parent))
        results.append(locate_files(cells[begin : begin + n], place, root, part))
        begin += n
    notes = dict.fromkeys(note for each in results for note in each.notes)
    names = [name for each in results for name in each.names]
    return Located(names, sum(each.respelt for each in results), tuple(notes))


def folder_of_files(cells: Sequence[str], folder: Path, part: str = "") -> Path | None:
    """Folder outside of `folder`, that of the table, of its files; None if they are in `folder` or not to be found.

    Absolute names and those with ``..`` say it; else the folder around that of the table and those beside it are tried.
    """
    sample = _sampled(cells)
    if locate_files(sample, folder, folder, part).share >= FOUND:
        return None
    targets = [os.path.normpath(folder / cell.strip().replace("\\", "/")) for cell in cells]
    if all(map(_is_file, targets)):
        return Path(os.path.commonpath([Path(target).parent for target in targets]))
    around = folder.parent
    if around in (folder, Path.home(), Path(around.anchor)):
        return None
    if all(_Search(around).find(cell, _Way(around))[0] for cell in sample):
        return around
    beside = [place for place in _folders_in(around) if place != folder]
    return next((place for place in beside if locate_files(sample, place, place).share >= FOUND), None)


def is_outside(name: str) -> bool:
    """True if a name is not of a file below the root."""
    return name.startswith(("/", "../")) or name == ".."


def _best_way(search: _Search, sample: Sequence[str], folder: Path) -> _Way:
    """The most literal way that finds most files; the direct one if others find as many different files."""
    direct = _Way(folder)
    results: dict[_Way, tuple[str, ...]] = {}
    for way in search.ways(sample, folder):
        results[way] = tuple(name for name, _ in (search.find(cell, way) for cell in sample) if _is_inside(name))
        if way == direct and len(results[way]) == len(sample):
            return direct
    most = max(map(len, results.values()))
    ways = [way for way, names in results.items() if len(names) == most]
    ways = [way for way in ways if way.strip == ways[0].strip]
    if direct in ways or len({results[way] for way in ways}) == 1:
        return ways[0]
    preferred = [way for way in ways if search.part in _parts_in(str(way.base.relative_to(search.root)))]
    return preferred[0] if len({results[way] for way in preferred}) == 1 else direct


class _Way(NamedTuple):
    """Place of the files, without so many leading folders of each name; or anywhere by name."""

    base: Path
    strip: int = 0
    lost: str = ""  # the leading folders
    anywhere: bool = False

    def notes(self, folder: Path) -> tuple[str, ...]:
        lost = f"leading folders {printable(self.lost)} of the file names ignored"
        place = f"files are in {printable(self.base.name)}" if not self.anywhere else "files are in several folders"
        return (*([lost] if self.strip else []), *([place] if self.base != folder or self.anywhere else []))


class _Search:
    """Search for files below a folder, of which listings are kept."""

    def __init__(self, root: Path, part: str = "") -> None:
        self.root, self.part = root, part
        self.real = Path(os.path.realpath(root))
        self.listings: dict[str, dict[str, list[str]]] = {}

    def ways(self, sample: Sequence[str], folder: Path) -> Iterator[_Way]:
        """Ways to read the names, the most literal first."""
        shared = _shared_folders(sample)
        places = dict.fromkeys([folder, self.root, *_places(self.root, self.part)])
        for strip in range(len(shared) + 1):
            for base in places:
                yield _Way(base, strip, "/".join(shared[:strip]))
        if not any("/" in cell or "\\" in cell for cell in sample):
            yield _Way(self.root, anywhere=True)

    def find(self, cell: str, way: _Way) -> tuple[str, bool]:
        """Name relative to the root, and True if it is spelled differently; empty if missing."""
        if way.anywhere:
            return self._anywhere(cell.strip()), False
        outside = ""
        for spelling in _spellings(cell):
            text = spelling
            if way.strip:
                text = spelling.replace("\\", "/")
                if not text.startswith(f"{way.lost}/"):
                    continue
                text = text[len(way.lost) + 1 :]
            if not text.strip() or "\0" in text:
                continue
            target = os.path.normpath(way.base / text)
            name = self._relative(target)
            if is_outside(name):
                if is_outside(posixpath.normpath(text)) or _is_file(target):
                    outside = outside or name
            elif full := self._existing(target, name):
                return full, spelling != cell
        return outside, False

    def _relative(self, target: str) -> str:
        """Name relative to the root, whose path may hold links."""
        name = os.path.relpath(target, self.root)
        if not is_outside(name) or not _is_file(target):
            return name
        real = os.path.relpath(os.path.realpath(target), self.real)
        return name if is_outside(real) else real

    def _existing(self, target: str, name: str) -> str:
        """The name of a file, with its ending."""
        if _is_file(target):
            return name
        inside, _, last = name.rpartition("/")
        full = self._listing(target.rpartition("/")[0]).get(last, []) if last else []
        return f"{inside}/{full[0]}" if inside and len(full) == 1 else full[0] if len(full) == 1 else ""

    def _listing(self, folder: str) -> dict[str, list[str]]:
        """File names of a folder by name without ending."""
        if folder not in self.listings:
            stems: dict[str, list[str]] = {}
            for name in _names_in(folder):
                if stem := _without_ending(name):
                    stems.setdefault(stem, []).append(name)
            self.listings[folder] = stems
        return self.listings[folder]

    def _anywhere(self, cell: str) -> str:
        matches = self._by_name.get(cell, [])
        preferred = [name for name in matches if self.part and self.part in _parts_in(name)]
        few = matches if len(matches) == 1 else preferred
        return few[0] if len(few) == 1 and _is_file(str(self.root / few[0])) else ""

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """Files below the root by name, with and without ending."""
        names: dict[str, list[str]] = {}
        n = 0
        for place, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__MACOSX")
            inside = os.path.relpath(place, self.root)
            n += len(files)
            if n > MOST_FILES:
                return {}
            for name in files:
                if name.startswith("."):
                    continue
                for key in {name, _without_ending(name)} - {""}:
                    names.setdefault(key, []).append(name if inside == "." else f"{inside}/{name}")
        return names


def _is_inside(name: str) -> bool:
    return bool(name) and not is_outside(name)


def _sampled(cells: Sequence[str]) -> list[str]:
    step = max(len(cells) // SAMPLED, 1)
    return list(cells[::step])


def _spellings(cell: str) -> list[str]:
    spellings = [cell, cell.strip(), cell.replace("\\", "/")]
    spellings += [unicodedata.normalize(form, text) for form in ("NFC", "NFD") for text in spellings]
    return list(dict.fromkeys(spellings))


def _shared_folders(cells: Sequence[str]) -> list[str]:
    """Leading folders of all names."""
    folders = [cell.strip().replace("\\", "/").split("/")[:-1] for cell in cells]
    if not folders:
        return []
    levels = [set(level) for level in zip(*folders, strict=False)]
    n = next((i for i, level in enumerate(levels) if len(level) > 1), len(levels))
    return folders[0][:n]


def part_in(name: str) -> str:
    """The only part of a split in the words of a name; empty if there is none.

    Examples
    --------
    >>> part_in("train_images"), part_in("test-00000-of-00001.parquet"), part_in("train_test_split.csv"), part_in("a")
    ('train', 'test', '', '')
    """
    parts = _parts_in(name)
    return parts.pop() if len(parts) == 1 else ""


def _parts_in(name: str) -> set[str]:
    """Parts of a split in the words of a name, such as train in train_images."""
    words = "".join(c if c.isalnum() else " " for c in name.casefold()).split()
    return {part for word in words if len(word) > 2 for part in parts_by_name([word]).values()}


def _places(root: Path, part: str) -> list[Path]:
    """Folders in the root and in these, first those named like the part."""
    first = _folders_in(root)
    places = [*first, *(inner for place in first for inner in _folders_in(place))][:MOST_PLACES]
    names = {place: _parts_in(str(place.relative_to(root))) for place in places}
    return sorted(places, key=lambda place: part not in names[place])


def _folders_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(e.name for e in entries if not e.name.startswith(".") and e.is_dir(follow_symlinks=False))
    except OSError:
        return []
    return [folder / name for name in names if name != "__MACOSX"][:MOST_PLACES]


def _names_in(folder: str) -> list[str]:
    try:
        return sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return []


def _without_ending(name: str) -> str:
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), "")
    return name[: -len(ending)] if ending else ""


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file() or is_in_parquet(path) or is_in_arrays(path)
    except (OSError, ValueError):  # a name that no file can have
        return False
