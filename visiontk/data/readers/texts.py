"""Texts with a class for each: tables, JSON lines, folders. Every reader makes its samples here."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from visiontk.core import Card, Ints, Samples, Strings
from visiontk.data.checks.labels import RareClass, classes_of
from visiontk.data.checks.problems import note_file, refuse, witness
from visiontk.data.checks.rare_classes import learnable
from visiontk.data.fingerprints import fingerprint
from visiontk.data.formats.image import read_file
from visiontk.data.formats.tables import read_rows
from visiontk.data.formats.text_table import Table, read_jsonl, texts_of
from visiontk.data.layouts.class_folders import check_layout, groups_within, lay_out, list_files, passed_over
from visiontk.data.layouts.manifest import groups_in, split_in
from visiontk.data.readers.image_files import identifier
from visiontk.errors import ConfigError
from visiontk.messages import printable, refusal

OnEmpty = Literal["refuse", "drop"]
MaxChars = Annotated[int, Ge(1)]
Least = Annotated[int, Ge(1)]

MAX_CHARS = 20_000
"""Characters of a text that are kept: some 3,000 words."""

SUFFIXES = (".txt",)


class Columns(NamedTuple):
    """What the columns of a table are called; empty for none."""

    text: str
    label: str
    group: str
    part: str
    time: str


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
    on_empty: OnEmpty = "refuse",
    max_chars: int = MAX_CHARS,
    min_per_class: int = 1,
    on_rare_class: RareClass = "refuse",
) -> Samples:
    r"""Samples of texts: composed (NFC), cut, without empty ones, and with notes of all that.

    Parameters
    ----------
    card : Card
        Its fingerprint is filled in: content, classes, groups and parts.
    texts : sequence of str, length n
        As they stand in the file.
    y, labels, groups, parts
        As in `Samples`.
    names : sequence of str, length n
        Where each text stands, such as "line 7"; for messages.
    ids : sequence of str, length n, optional
        By default the positions, before empty texts are dropped.
    on_empty : {"refuse", "drop"}
        What becomes of a text without a visible character.
    max_chars : int
        Longer texts are cut there.
    min_per_class : int
        A class with fewer texts to learn from is too small.
    on_rare_class : {"refuse", "drop"}
        As for `learnable`.

    Returns
    -------
    Samples
        Inputs are Python strings. Cut, dropped and repeated texts are counted in ``card.notes``.

    Raises
    ------
    ConfigError
        ``E-CONFIG-RANGE``.
    DataError
        ``E-TEXT-EMPTY``, ``E-TEXT-ENCODING`` (lone surrogates), ``E-SPLIT-CLASS``, ``E-SPLIT-PARTS``.

    Examples
    --------
    >>> samples = text_samples(Card("demo", ""), ["cafe\u0301", "tea"], np.array([0, 1]), "ab", names=["1", "2"])
    >>> samples.take([0]).tolist() == ["caf\u00e9"]
    True
    """
    _check_arguments(on_empty, max_chars, min_per_class)
    where = printable(card.name)
    composed = texts_of(texts, where)
    empty = [i for i, text in enumerate(composed) if not visible(text)]
    if empty and on_empty == "refuse":
        lines = [printable(names[i]) for i in empty]
        what = f"{where}: {len(empty)} of {len(texts)} texts are empty"
        refuse(refusal(what, lines, "E-TEXT-EMPTY", "Remove them, or set on_empty: drop."), lines)
    kept = np.setdiff1d(np.arange(len(texts)), empty).astype(np.int64)
    n_cut = sum(len(composed[i]) > max_chars for i in kept)
    values = np.empty(len(kept), dtype=object)
    # Cutting may part a letter from the marks that compose it, so NFC comes first and is asked for again.
    values[:] = [unicodedata.normalize("NFC", composed[i][:max_chars]) for i in kept]
    y = y[kept]
    groups, parts = (None if column is None else column[kept] for column in (groups, parts))
    notes = [
        *([f"{len(empty)} empty texts dropped"] if empty else []),
        *([f"{n_cut} texts of more than {max_chars:,} characters cut"] if n_cut else []),
        *_repeated(values, y, parts),
    ]
    columns = [column for column in (groups, parts) if column is not None]
    content = fingerprint(*values.tolist(), y, "\n".join(labels), *columns)
    identifiers = np.arange(len(texts)).astype(np.str_) if ids is None else np.array(ids, dtype=np.str_)
    samples = Samples(
        ids=identifiers[kept],
        y=y,
        labels=tuple(labels),
        read=values.__getitem__,
        card=_card(card, content, notes),
        groups=groups,
        parts=parts,
    )
    return learnable(samples, min_per_class, on_rare_class, where, "text")


def text_table(
    path: str = "",
    text_column: str = "text",
    label_column: str = "label",
    group_column: str = "",
    part_column: str = "",
    on_empty: OnEmpty = "refuse",
    max_chars: MaxChars = MAX_CHARS,
    min_per_class: Least = 5,
    encoding: str = "utf-8",
    delimiter: str = ",",
    time_column: str = "",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    r"""Texts and their classes in the columns of a table: CSV, or Parquet if the file is called so.

    Parameters
    ----------
    path : str
        The table; the first line of a CSV file names the columns.
    text_column, label_column : str
        Columns of the texts and of their classes.
    group_column : str
        Column of what belongs together, such as the author or the film; empty for none. A group is never
        on both sides of a split.
    part_column : str
        Column of the split; empty for none. ``train``, ``valid`` and ``test``, or names of folds.
    on_empty : {"refuse", "drop"}
        What becomes of a text without a visible character.
    max_chars : int
        Longer texts are cut there, and counted.
    min_per_class : int
        A class with fewer texts to learn from is too small.
    encoding, delimiter : str
        As for `read_table`.
    time_column : str
        Column of times by which `parts_by_time` splits, in place of `part_column`; empty for none.
    on_rare_class : {"refuse", "drop"}
        Whether a class with fewer texts to learn from than that ends the work, or is left out with all its texts.
        Those of test are counted as unknown.

    Returns
    -------
    Samples
        Ids are line numbers.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        ``E-CSV-*`` and ``E-LABEL-*`` for the table, ``E-GROUP-MISSING`` and ``E-SPLIT-PARTS`` for its
        columns, ``E-TEXT-*`` for the texts, ``E-SPLIT-CLASS`` for small classes.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.csv").write_text("text,label\n" + "barks,dog\nmews,cat\n" * 5)
    ...     samples = text_table(f"{folder}/a.csv")
    >>> samples.labels, samples.ids[0].item(), samples.take([0]).tolist()
    (('cat', 'dog'), '2', ['barks'])
    """
    wanted = [column for column in (text_column, label_column, group_column, part_column, time_column) if column]
    table = read_rows(path, *wanted, encoding=encoding, delimiter=delimiter)
    columns = Columns(text_column, label_column, group_column, part_column, time_column)
    return _from_table(table, path, columns, on_empty, max_chars, min_per_class, on_rare_class)


def text_lines(
    path: str = "",
    text_column: str = "text",
    label_column: str = "label",
    group_column: str = "",
    part_column: str = "",
    on_empty: OnEmpty = "refuse",
    max_chars: MaxChars = MAX_CHARS,
    min_per_class: Least = 5,
    time_column: str = "",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    r"""Texts and their classes in a file with one JSON object a line.

    Parameters
    ----------
    path : str
        The file, in UTF-8.
    text_column, label_column, group_column, part_column : str
        Keys, as the columns of `text_table`. Numbers as labels are texts: 1 is "1".
    on_empty, max_chars, min_per_class, time_column, on_rare_class
        As for `text_table`.

    Returns
    -------
    Samples
        Ids are line numbers.

    Raises
    ------
    ConfigError, DataError
        As `text_table`, with ``E-JSONL-*`` in place of most of ``E-CSV-*``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.jsonl").write_text('{"text": "barks", "label": 1}\n{"text": "mews", "label": 0}\n' * 5)
    ...     text_lines(f"{folder}/a.jsonl").labels
    ('0', '1')
    """
    wanted = [column for column in (text_column, label_column, group_column, part_column, time_column) if column]
    table = read_jsonl(path, *wanted)
    columns = Columns(text_column, label_column, group_column, part_column, time_column)
    return _from_table(table, path, columns, on_empty, max_chars, min_per_class, on_rare_class)


def text_folder(
    path: str = "",
    on_empty: OnEmpty = "refuse",
    max_chars: MaxChars = MAX_CHARS,
    min_per_class: Least = 5,
    encoding: str = "utf-8",
    group: str = "",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """Text files in class folders, ``path/<class>/**/*.txt``, or such folders within train, valid and test.

    Parameters
    ----------
    path : str
        The folder. Nothing in it is changed; hidden files and symbolic links are passed over.
    on_empty, max_chars, min_per_class, on_rare_class
        As for `text_table`.
    encoding : str
        Of the files.
    group : str
        Which part of the name says what belongs together, such as one author, as for `groups_of`: ``name:2``,
        ``name`` or ``folder``; empty for none.

    Returns
    -------
    Samples
        Ids are relative paths.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        ``E-DATA-EMPTY``, ``E-LABEL-SINGLE``, ``E-LABEL-TWINS``, ``E-SPLIT-CLASS``, ``E-SPLIT-PARTS`` for
        folders; ``E-TEXT-*`` for files, every one with bytes of another encoding listed at once.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("cat", "dog"):
    ...         Path(folder, name).mkdir()
    ...         for i in range(5):
    ...             _ = Path(folder, name, f"{i}.txt").write_text(f"I am a {name}, number {i}.")
    ...     samples = text_folder(folder)
    >>> samples.labels, samples.ids[0].item(), samples.take([0]).tolist()
    (('cat', 'dog'), 'cat/0.txt', ['I am a cat, number 0.'])
    """
    _check_arguments(on_empty, max_chars, min_per_class)
    listing = list_files(path, SUFFIXES, "texts")
    root = Path(path).expanduser().absolute()
    layout = lay_out(listing, printable(str(root)))
    check_layout(listing, layout, printable(str(root)), min_per_class, "text", on_rare_class)
    known = sorted(set(layout.classes))
    texts = read_texts(root, layout.files, encoding=encoding)
    names = tuple(map(identifier, layout.files))
    return text_samples(
        Card(printable(root.name), "", notes=tuple(passed_over(listing, layout))),
        texts,
        np.array([known.index(name) for name in layout.classes], dtype=np.int64),
        tuple(map(identifier, known)),
        names=names,
        ids=names,
        groups=groups_within(layout, group, printable(str(root))),
        parts=None if layout.parts is None else np.array(layout.parts, dtype=np.str_),
        on_empty=on_empty,
        max_chars=max_chars,
        min_per_class=min_per_class,
        on_rare_class=on_rare_class,
    )


def read_texts(root: Path, names: Sequence[str], *, encoding: str = "utf-8") -> list[str]:
    """The texts in some files below a folder.

    Raises
    ------
    ConfigError
        ``E-CONFIG-RANGE`` for an unknown encoding.
    DataError
        ``E-TEXT-ENCODING``, listing every file with bytes that are not of this encoding; as `read_file`
        for files that cannot be opened.
    """
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
            if witness() is not None:
                texts.append(content.decode(encoding, "replace"))
        note_file(name, size_bytes=len(content))
    if bad:
        what = f"{printable(str(root))}: {len(bad)} of {len(names)} files have bytes that are not {encoding}"
        hint = "Set encoding: latin-1, or whatever the files were written in, or save them as UTF-8."
        refuse(refusal(what, bad, "E-TEXT-ENCODING", hint), bad)
    return texts


def visible(text: str) -> bool:
    r"""Whether a text has a character that can be seen: no blank, control or format character.

    Examples
    --------
    >>> visible("a"), visible(" \u200b\u202e\n"), visible("\U0001f600")
    (True, False, True)
    """
    return any(unicodedata.category(character)[0] not in "CZ" for character in text)


def _check_arguments(on_empty: str, max_chars: int, min_per_class: int) -> None:
    if on_empty not in ("refuse", "drop"):
        raise ConfigError(f"on_empty: {on_empty!r}, expected refuse or drop.", error_id="E-CONFIG-RANGE")
    for name, value in (("max_chars", max_chars), ("min_per_class", min_per_class)):
        if value < 1:
            raise ConfigError(f"{name}: {value}, expected at least 1.", error_id="E-CONFIG-RANGE")


def _card(card: Card, content: str, notes: list[str]) -> Card:
    return replace(card, fingerprint=content, notes=(*card.notes, *notes))


def _repeated(texts: NDArray[Any], y: Ints, parts: Strings | None) -> list[str]:
    """Notes on texts that occur more than once, case and blanks aside."""
    where: dict[str, list[int]] = defaultdict(list)
    for i, text in enumerate(texts):
        where[" ".join(text.casefold().split())].append(i)
    several = [rows for rows in where.values() if len(rows) > 1]
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
            notes.append(f"{leaks} texts of test are in train too")
    return notes


def _from_table(
    table: Table,
    path: str,
    named: Columns,
    on_empty: OnEmpty,
    max_chars: int,
    min_per_class: int,
    on_rare_class: RareClass,
) -> Samples:
    where = printable(str(path))
    labels, y = classes_of(table.columns[named.label], where, lines=table.lines)
    return text_samples(
        Card(printable(Path(path).stem), "", grouped_by=named.group or "", notes=table.notes),
        table.columns[named.text],
        y,
        labels,
        names=[f"line {line}" for line in table.lines],
        ids=[str(line) for line in table.lines],
        groups=groups_in(table, named.group, where) if named.group else None,
        parts=split_in(table, named.part, named.time, where),
        on_empty=on_empty,
        max_chars=max_chars,
        min_per_class=min_per_class,
        on_rare_class=on_rare_class,
    )
