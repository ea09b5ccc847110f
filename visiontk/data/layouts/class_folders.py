"""Class folders: files of one kind, in a fixed order, without following links."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from visiontk.core import Strings
from visiontk.data.checks.labels import RareClass, check_parts, refuse_twins
from visiontk.data.checks.problems import Problems, refuse
from visiontk.data.layouts.file_groups import groups_of
from visiontk.data.layouts.left_out import nothing_to_read, refuse_unread_classes, unread_folders
from visiontk.data.layouts.levels import Levels, levels_of
from visiontk.data.layouts.name_classes import classes_by_name, is_name_spec
from visiontk.data.layouts.part_names import is_mask
from visiontk.data.layouts.part_tables import VALID_AS_TEST
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable, refusal

_SYSTEM = {"thumbs.db", "desktop.ini", "ehthumbs.db", "__macosx", "@eadir", "$recycle.bin", "lost+found"}


class Listing(NamedTuple):
    """Files of one kind below a folder, by relative name with forward slashes, and what was ignored."""

    files: tuple[str, ...]  # sorted; undecodable bytes are lone surrogates, as from `os.fsdecode`
    folders: tuple[str, ...]  # every visible folder, sorted
    hidden: int  # hidden and system files and folders
    links: tuple[str, ...]  # symbolic links, sorted; those to folders end with a slash
    others: tuple[str, ...]  # visible files of other kinds, sorted
    what: str  # plural noun for the files in messages, such as "images"


class Layout(NamedTuple):
    """Class of each file, and its part where there is a split."""

    files: tuple[str, ...]
    classes: tuple[str, ...]
    parts: tuple[str, ...] | None  # train, valid and test, or names of folds
    empty: tuple[str, ...]  # class folders without a file
    outside: int  # files outside of any class folder
    levels: Levels
    left_out: tuple[str, ...] = ()  # notes on folders that are not used

    @property
    def outer(self) -> int:
        """Number of folders around and with class and part."""
        return max(self.levels.label, self.levels.split)

    def only(self, kept: Sequence[int]) -> Layout:
        """The files at these positions."""
        return self._replace(
            files=tuple(self.files[i] for i in kept),
            classes=tuple(self.classes[i] for i in kept),
            parts=self.parts and tuple(self.parts[i] for i in kept),
        )


def list_files(path: str, suffixes: tuple[str, ...], what: str) -> Listing:
    """List the files of one kind below a folder.

    Parameters
    ----------
    path : str
        The folder. Hidden and system files are ignored, symbolic links are not followed.
    suffixes : tuple of str
        Endings of the file names, in lower case, such as ``(".png", ".jpg")``.
    what : str
        Plural noun for the files in messages, such as "images".

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` if `path` is empty.
    DataError
        ``E-DATA-EMPTY`` if there is no such folder or no such file in it; ``E-DATA-PERM`` if a folder
        may not be read.
    """
    if not path:
        raise ConfigError(
            f"path: empty; it must name a folder with one folder of {what} for each class.",
            error_id="E-CONFIG-PATH",
            hint=f"Give the folder, such as path: pets, where pets/cat and pets/dog hold {what}.",
        )
    root = Path(path).expanduser().absolute()
    _must_be_folder(root, what)
    files: list[str] = []
    folders: list[str] = []
    denied: list[str] = []
    links: list[str] = []
    others: list[str] = []
    n_hidden = 0
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(root / inside) as entries:
                for entry in entries:
                    kind = _kind(entry, suffixes)
                    relative = f"{inside}/{entry.name}" if inside else entry.name
                    n_hidden += kind == "hidden"
                    if kind == "link":
                        links.append(f"{relative}/" if entry.is_dir() else relative)
                    elif kind == "other":
                        others.append(relative)
                    elif kind == "folder":
                        waiting.append(relative)
                        folders.append(relative)
                    elif kind == "file":
                        files.append(relative)
        except PermissionError:
            denied.append(inside or ".")
        except OSError as error:
            reason = error.strerror or str(error)
            raise DataError(f"{printable(str(root / inside))}: {reason}.", error_id="E-DATA-READ") from None
    if denied:
        raise refusal(
            f"{printable(str(root))}: {len(denied)} folders may not be read",
            sorted(map(printable, denied)),
            "E-DATA-PERM",
        )
    if not files:
        raise nothing_to_read(others, links, what, " ".join(suffixes), printable(str(root)))
    read, inner, linked, unread = (tuple(sorted(names)) for names in (files, folders, links, others))
    return Listing(read, inner, n_hidden, linked, unread, what)


def read_layout(
    listing: Listing, root: str, on_problem: Problems | None = None, *, label: str = "", split: str = ""
) -> Layout:
    """Classes and parts by the names of folders.

    Folders such as ``train``, ``dev`` and ``test``, or ``fold1`` and ``fold2``, around or in the class folders are
    the publisher's split; otherwise the outermost folders are the classes. Folders around everything are skipped, and
    folders such as ``unsup`` and ``unlabeled`` are left out.

    Parameters
    ----------
    listing : Listing
        Of `list_files`.
    root : str
        The folder, as printed.
    on_problem : Problems, optional
        Collects problems.
    label, split : str
        Levels of the folders, as for `levels_of`.

    Raises
    ------
    ConfigError
        ``E-CONFIG-VALUE`` for an invalid `label` or `split`.
    DataError
        ``E-SPLIT-PARTS`` if some folders are parts of a split and others are not, or train or test
        is missing; ``E-LABEL-TWINS`` if classes differ only in case, spaces or the form of Unicode;
        ``E-DATA-EMPTY`` if no file lies in a class folder.
    """
    if is_name_spec(label):
        named = classes_by_name(listing.files, label, root, listing.what, split=split)
        refuse_twins(named.classes, root, hint="Rename the files of one.", on_problem=on_problem)
        return Layout(named.files, named.classes, named.parts, (), 0, named.levels, named.left_out)
    unread = unread_folders(listing)
    levels = levels_of(
        listing.files,
        unread,
        root,
        listing.what,
        label=label,
        split=split,
        closed=any(link.endswith("/") for link in listing.links),
    )
    files, left_out = _used(listing, levels)
    classes = tuple(name.split("/")[levels.label - 1] for name in files)
    hint = f"Rename one of each, or put their {listing.what} together."
    refuse_twins(classes, root, hint=hint, on_problem=on_problem)
    parents = {tuple(name.split("/")[: levels.label - 1]) for name in files}
    paths = [tuple(folder.split("/")) for folder in unread if folder not in levels.left_out]
    beside = {path[-1] for path in paths if len(path) == levels.label and path[:-1] in parents}
    parts = tuple(levels.parts[name.split("/")[levels.split - 1]] for name in files) if levels.split else None
    outside = len(listing.files) - len(files) - sum(left_out.values())
    notes = tuple(f"{n} {listing.what} {why}" for why, n in left_out.items())
    if parts and "train" in parts and "test" not in parts:
        unlabelled = _flat(listing, levels, set(parts))
        notes += tuple(
            f"{n} {listing.what} of {part} left out, as no folder names their class" for part, n in unlabelled
        )
        outside -= sum(n for _, n in unlabelled)
        valid = "valid" in parts
        notes += (VALID_AS_TEST,) if valid else ()
        parts = tuple("test" if part == "valid" else part for part in parts) if valid else None
    return Layout(files, classes, parts, tuple(sorted(beside - set(classes))), outside, levels, notes)


def _flat(listing: Listing, levels: Levels, labelled: set[str]) -> list[tuple[str, int]]:
    """Parts of which no file has a class, with the number of their files."""
    folders = (name.split("/")[:-1] for name in listing.files)
    tops = (path[levels.split - 1] for path in folders if len(path) >= levels.split)
    counts = Counter(part for top in tops if (part := levels.parts.get(top, "")) and part not in labelled)
    return [({"test": "the test set", "valid": "the validation set"}.get(part, part), n) for part, n in counts.items()]


def _used(listing: Listing, levels: Levels) -> tuple[tuple[str, ...], Counter[str]]:
    """Files of class folders, and counts of those that are left out, by reason."""
    files: list[str] = []
    left_out: Counter[str] = Counter()
    for name in listing.files:
        path = name.split("/")[:-1]
        unlabelled = [folder for folder in levels.left_out if name.startswith(f"{folder}/")]
        if unlabelled:
            why = "are masks" if is_mask(unlabelled[0].rsplit("/", 1)[-1]) else "have no label"
            left_out[f"in {printable(unlabelled[0])} left out, as its name says that they {why}"] += 1
        elif len(path) < max(levels.label, levels.split):
            continue
        elif levels.split and path[levels.split - 1] not in levels.parts:
            left_out[f"in {printable(path[levels.split - 1])} left out, as it is no part of the split"] += 1
        else:
            files.append(name)
    return tuple(files), left_out


def groups_within(layout: Layout, group: str, root: str) -> Strings | None:
    """Group of each file by its name, as `groups_of`; None if `group` is empty."""
    return groups_of(layout.files, group, root, outer=layout.outer) if group else None


def _must_be_folder(root: Path, what: str) -> None:
    try:
        if root.is_dir():
            return
        there = root.exists()
    except PermissionError:
        raise DataError(f"{printable(str(root))}: permission denied.", error_id="E-DATA-PERM") from None
    except (OSError, ValueError):  # a name that no file can have
        there = False
    if there:
        raise DataError(
            f"{printable(str(root))}: a file, expected a folder with one folder of {what} for each class.",
            error_id="E-DATA-EMPTY",
            hint="An archive must be unpacked first.",
        )
    try:
        beside = [entry.name for entry in os.scandir(root.parent) if entry.is_dir()]
    except (OSError, ValueError):
        beside = []
    near = difflib.get_close_matches(root.name, sorted(beside), n=1)
    raise DataError(
        f"{printable(str(root))}: no such folder.",
        error_id="E-DATA-EMPTY",
        hint=f"Did you mean {printable(str(root.parent / near[0]))}?" if near else "Check the path.",
    )


def _kind(entry: os.DirEntry[str], suffixes: tuple[str, ...]) -> str:
    if entry.name.startswith(".") or entry.name.casefold() in _SYSTEM:
        return "hidden"
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    # Only regular files: opening a pipe would wait for ever.
    if entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(suffixes):
        return "file"
    return "other"


def check_layout(
    listing: Listing,
    layout: Layout,
    root: str,
    least: int,
    what: str,
    on_rare_class: RareClass = "refuse",
    on_problem: Problems | None = None,
) -> list[str]:
    """Refuse fewer than two classes, classes with too few training samples, and incomplete splits.

    Arguments and result as for `check_parts`. Empty class folders count as classes.
    """
    if on_rare_class == "refuse":
        refuse_unread_classes(listing, layout, root, least, on_problem)
    known = sorted({*layout.classes, *layout.empty})
    if len(known) == 1:
        error = DataError(
            f"{root}: only class {printable(known[0])!r} ({len(layout.classes)} {listing.what}); "
            "at least two are needed.",
            error_id="E-LABEL-SINGLE",
            hint="Make one folder for each class, or write a table with columns path and label, a row for each file; "
            "or give the folder that holds the class folders.",
        )
        refuse(error, on_problem=on_problem)
    place = {name: i for i, name in enumerate(known)}
    y = np.array([place[name] for name in layout.classes], dtype=np.int64)
    parts = None if layout.parts is None else np.array(layout.parts, dtype=np.str_)
    return check_parts(y, known, parts, root, least, what, on_rare_class, on_problem)
