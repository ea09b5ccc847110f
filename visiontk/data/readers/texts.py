"""Samples of texts: normalised, cut, without empty ones."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Card, Ints, Samples, Strings
from visiontk.core.scripts import spaceless_note
from visiontk.data.checks.problems import Problems, refuse
from visiontk.data.checks.rare_classes import handle_rare_classes
from visiontk.data.fingerprints import fingerprint
from visiontk.data.formats.image import read_file
from visiontk.data.formats.text_table import texts_of
from visiontk.data.layouts.class_folders import Listing, list_files
from visiontk.data.options import ClassOptions, TextOptions, check_options
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable, refusal

SUFFIXES = (".txt",)
DEFAULT_OPTIONS, ANY_CLASS = TextOptions(), ClassOptions(min_per_class=1)


def text_samples(
    card: Card,
    texts: Sequence[str],
    y: Ints,
    labels: Sequence[str],
    *,
    names: Sequence[str],
    ids: Sequence[str] | None = None,
    groups: Strings | None = None,
    parts: Strings | None = None,
    options: TextOptions = DEFAULT_OPTIONS,
    classes: ClassOptions = ANY_CLASS,
    on_problem: Problems | None = None,
) -> Samples:
    r"""Samples of texts: composed (NFC), cut, without empty ones, with notes on all that.

    The fingerprint of the card is filled in: content, classes, groups and parts. `names` are the places of the texts,
    such as "line 7", for messages; `ids` are by default the positions, before empty texts are dropped.

    Examples
    --------
    >>> samples = text_samples(Card("demo", ""), ["cafe\u0301", "tea"], np.array([0, 1]), "ab", names=["1", "2"])
    >>> samples.take([0]).tolist() == ["caf\u00e9"]
    True
    """
    check_options(options, classes)
    where = printable(card.name)
    composed = texts_of(texts, where)
    empty = [i for i, text in enumerate(composed) if not visible(text)]
    if empty and options.on_empty == "refuse":
        lines = [printable(names[i]) for i in empty]
        what = f"{where}: {len(empty)} of {len(texts)} texts are empty"
        refuse(refusal(what, lines, "E-TEXT-EMPTY", "Remove them, or use `on_empty: drop`."), lines, on_problem)
    kept = np.setdiff1d(np.arange(len(texts)), empty).astype(np.int64)
    most = options.max_chars
    n_cut = sum(len(composed[i]) > most for i in kept)
    values = np.empty(len(kept), dtype=object)
    # Cutting may separate a letter from its combining marks, so NFC comes first and again after.
    values[:] = [unicodedata.normalize("NFC", composed[i][:most]) for i in kept]
    y = y[kept]
    groups, parts = (None if column is None else column[kept] for column in (groups, parts))
    notes = [
        *([f"{len(empty)} empty texts dropped"] if empty else []),
        *([f"{n_cut} texts of more than {most:,} characters cut"] if n_cut else []),
        *_repetition_notes(values, y, parts),
        *spaceless_note(values),
    ]
    columns = [column for column in (groups, parts) if column is not None]
    content = fingerprint(*values.tolist(), y, "\n".join(labels), *columns)
    identifiers = np.arange(len(texts)).astype(np.str_) if ids is None else np.array(ids, dtype=np.str_)
    card = replace(card, fingerprint=content, notes=(*card.notes, *notes))
    samples = Samples(identifiers[kept], y, tuple(labels), values.__getitem__, card, groups, parts)
    return handle_rare_classes(samples, classes, where, "text", on_problem)


def list_texts(path: str) -> Listing:
    """Files with the ending ``.txt``, or if there are none, those without an ending that begin like texts."""
    try:
        return list_files(path, SUFFIXES, "texts")
    except DataError as error:
        if error.error_id != "E-DATA-EMPTY" or not Path(path).expanduser().is_dir():
            raise
        listing = list_files(path, ("",), "texts")
        root = Path(path).expanduser()
        files = tuple(name for name in listing.files if _has_no_ending(name))
        sample = files[:: max(len(files) // 20, 1)]
        if not files or not all(map(_begins_like_text, (root / name for name in sample))):
            raise
        others = sorted({*listing.others, *listing.files} - {*files})
        return listing._replace(files=files, others=tuple(others))


def _has_no_ending(name: str) -> bool:
    """True if no letter follows the last dot of a file name, as in ``49960`` and ``part.1``."""
    ending = name.rpartition("/")[2].rpartition(".")
    return not ending[0] or not any(map(str.isalpha, ending[2]))


def _begins_like_text(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(1024)
    return bool(head) and all(byte >= 32 or byte in b"\t\n\r\f\x1b" for byte in head)


def read_texts(
    root: Path, names: Sequence[str], *, encoding: str = "utf-8", on_problem: Problems | None = None
) -> list[str]:
    """Texts of files below a folder; every file with bytes of another encoding is listed at once."""
    try:
        "".encode(encoding)
    except LookupError:
        raise ConfigError(f"encoding: {encoding!r} is unknown.", error_id="E-CONFIG-RANGE") from None
    texts, bad = [], []
    for name in names:
        content = read_file(root / name, printable(name))
        try:
            texts.append(content.decode(encoding).removeprefix("\ufeff"))
        except UnicodeDecodeError as error:
            bad.append(f"{printable(name)}: byte {error.start + 1}, 0x{content[error.start]:02X}")
            if on_problem is not None:
                texts.append(content.decode(encoding, "replace"))
        if on_problem is not None:
            on_problem.add_file(name, size_bytes=len(content))
    if bad:
        what = f"{printable(str(root))}: {len(bad)} of {len(names)} files have bytes that are not {encoding}"
        hint = "Use `encoding: latin-1`, or whatever they were written in, or save them as UTF-8."
        refuse(refusal(what, bad, "E-TEXT-ENCODING", hint), bad, on_problem)
    return texts


def visible(text: str) -> bool:
    r"""True if a text has a visible character: not blank, control or format.

    Examples
    --------
    >>> visible("a"), visible(" \u200b\u202e\n"), visible("\U0001f600")
    (True, False, True)
    """
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)


def _repetition_notes(texts: NDArray[Any], y: Ints, parts: Strings | None) -> list[str]:
    """Notes on texts that occur more than once, ignoring case and blanks."""
    positions: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(texts):
        positions[" ".join(text.casefold().split())].append(i)
    several = [rows for rows in positions.values() if len(rows) > 1]
    notes = []
    if several:
        notes.append(f"{len(several)} texts occur more than once, {sum(map(len, several))} samples in all")
    conflicts = sum(len(set(y[rows].tolist())) > 1 for rows in several)
    if conflicts:
        notes.append(f"{conflicts} texts occur in more than one class")
    if parts is not None:
        leaks = sum(
            int((parts[rows] == "test").sum()) for rows in several if {"train", "test"} <= set(parts[rows].tolist())
        )
        if leaks:
            notes.append(f"{leaks} test texts are also in the training set")
    return notes
