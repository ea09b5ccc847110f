"""Samples from many files: class folders, or a table that names files and classes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from visiontk.core import Card, Read, Samples, Strings
from visiontk.data.checks.copies import check_copies
from visiontk.data.checks.labels import check_parts
from visiontk.data.checks.problems import Problems
from visiontk.data.checks.rare_classes import handle_rare_classes
from visiontk.data.fingerprints import fingerprint, with_groups
from visiontk.data.layouts.class_folders import check_layout, groups_within, list_files, read_layout
from visiontk.data.layouts.left_out import left_out
from visiontk.data.layouts.manifest import Manifest, read_manifest
from visiontk.data.options import ClassOptions, FileOptions, FolderOptions, NamedFiles, TableColumns, TableFormat
from visiontk.messages import printable

MEMORY_LIMIT = 1 << 30
"""Bytes of decoded files that stay in memory; above, files are decoded again whenever they are read."""


class ReadFiles(NamedTuple):
    """Result of the first reading of many files."""

    kept: list[int]  # positions of the readable files
    read: Read  # of positions in `kept`: from memory, or from unchanged files
    fingerprint: str  # hash over names, contents and options; not over the place of the files
    notes: tuple[str, ...]  # conversions and counts, for a card
    copies: tuple[tuple[int, ...], ...] = ()  # positions in `kept` of the same decoded content, unless constant
    shorter_side: int = 0  # of images: the median as stored


class FileKind(NamedTuple):
    """A kind of files: singular and plural noun for messages, and name endings."""

    singular: str
    plural: str
    suffixes: tuple[str, ...]


Reader = Callable[[Path, Sequence[str]], ReadFiles]


def identifier(name: str) -> str:
    """The name with undecodable bytes escaped, so that it can be written to files."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def copies_in(positions: Mapping[bytes, Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Positions of the same content, at least two in each, from positions by content hash."""
    return tuple(tuple(places) for places in positions.values() if len(places) > 1)


def samples_in_folder(
    path: str,
    kind: FileKind,
    read: Reader,
    *,
    folders: FolderOptions,
    files: FileOptions,
    classes: ClassOptions,
    sample_rate: int = 0,
    on_problem: Problems | None = None,
) -> Samples:
    """Files in class folders, or in class folders within train, valid and test.

    `read` takes the folder and relative names.
    """
    listing = list_files(path, kind.suffixes, kind.plural)
    root = Path(path).expanduser().absolute()
    where = printable(str(root))
    layout = read_layout(listing, where, on_problem, label=folders.label, split=folders.split)
    least, rule = classes.min_per_class, classes.on_rare_class
    check_layout(listing, layout, where, least, kind.singular, rule, on_problem)
    labels = {name: i for i, name in enumerate(sorted(set(layout.classes)))}
    lost = left_out(listing, layout, where)
    if on_problem is not None:
        on_problem.left_out = lost
    content = read(root, layout.files)
    layout = layout.only(content.kept)
    y = np.array([labels[name] for name in layout.classes], dtype=np.int64)
    copies = check_copies(
        content.copies, layout.files, y, layout.parts, where, leak=files.leak, what=kind.plural, on_problem=on_problem
    )
    groups = groups_within(layout, folders.group, where)
    card = Card(
        printable(root.name),
        with_groups(content.fingerprint, groups),
        sample_rate=sample_rate,
        shorter_side=content.shorter_side,
        notes=(*lost.notes, *content.notes, *copies),
        warnings=lost.warnings,
    )
    parts = None if layout.parts is None else np.array(layout.parts, dtype=np.str_)
    samples = Samples(_ids(layout.files), y, tuple(map(identifier, labels)), content.read, card, groups, parts)
    return handle_rare_classes(samples, classes, where, kind.singular, on_problem)


def samples_in_table(
    path: str,
    kind: FileKind,
    read: Reader,
    *,
    named: NamedFiles,
    columns: TableColumns,
    table_format: TableFormat,
    files: FileOptions,
    classes: ClassOptions,
    sample_rate: int = 0,
    on_problem: Problems | None = None,
) -> Samples:
    """Files named by the rows of a table; `read` takes their folder and relative names."""
    manifest = read_manifest(path, named, columns, table_format, on_problem)
    where = printable(path)
    least, rule = classes.min_per_class, classes.on_rare_class
    check_parts(manifest.y, manifest.labels, manifest.parts, where, least, kind.singular, rule, on_problem)
    content = read(manifest.root, manifest.names)
    manifest = manifest.only(content.kept)
    parts = None if manifest.parts is None else manifest.parts.tolist()
    copies = check_copies(
        content.copies, manifest.names, manifest.y, parts, where, leak=files.leak, what=kind.plural,
        on_problem=on_problem,
    )  # fmt: skip
    card = Card(
        printable(Path(path).stem),
        _with_columns(manifest, content.fingerprint),
        grouped_by=columns.group_column,
        sample_rate=sample_rate,
        shorter_side=content.shorter_side,
        notes=(*manifest.notes, *content.notes, *copies),
    )
    samples = Samples(
        _ids(manifest.names), manifest.y, manifest.labels, content.read, card, manifest.groups, manifest.parts
    )
    return handle_rare_classes(samples, classes, where, kind.singular, on_problem)


def _ids(names: Sequence[str]) -> Strings:
    return np.array([identifier(name) for name in names], dtype=np.str_)


def _with_columns(manifest: Manifest, content: str) -> str:
    """Fingerprint of files with class, group and part, which unlike in a folder are not in their names."""
    columns = [column for column in (manifest.groups, manifest.parts) if column is not None]
    return fingerprint(content, manifest.y, "\n".join(manifest.labels), *columns)
