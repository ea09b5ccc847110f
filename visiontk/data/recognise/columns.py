"""Which column of a table is what, by name and content; asked rather than guessed where several could be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from visiontk.data.checks.labels import is_missing
from visiontk.data.formats.text_table import Table
from visiontk.data.layouts.class_folders import PART_NAMES
from visiontk.data.layouts.file_groups import WORDS, is_spec
from visiontk.data.layouts.time_split import moment
from visiontk.errors import ConfigError, DataError, did_you_mean
from visiontk.messages import printable

LABELS = ("label", "labels", "class", "target", "category", "y")
TOPICS = ("emotion", "expression", "diagnosis", "finding", "sentiment", "species", "genre", "topic", "intent")
TEXTS = ("text", "texts", "sentence", "question", "review", "content", "message", "body", "document", "comment")
PATHS = ("path", "paths", "file", "filename", "file_name", "filepath", "image", "picture", "audio", "clip", "sound")
SPLITS = ("split", "part", "partition", "subset", "set", "usage")
FOLDS = ("fold", "folds")
PERHAPS = frozenset(
    [
        "user",
        "session",
        "recording",
        "device",
        "scanner",
        "site",
        "hospital",
        "film",
        "movie",
        "video",
        "scene",
        "track",
        "album",
        "source",
        "batch",
        "case",
    ]
)
"""Words that are said of what belongs together, and of other things."""

MOST_CLASSES = 100
"""Values of a column up to which it is taken for one of classes if nobody says so."""

FEW_EACH = 20
"""Rows of one value below which many numbers are measured rather than classes."""


class Overrides(NamedTuple):
    """What the user said of a folder or table: names of columns; ``none`` for none; empty to be found out.

    `on_rare_class` is that of the dataset: with "drop" a class need not be learnt.
    `slices` are columns by which results are shown, and which nobody learns from.
    `quiet` is for data about patients: no message repeats a name of a file or a group.
    """

    label: str = ""
    group: str = ""
    split: str = ""
    time: str = ""
    text: str = ""
    path: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    on_rare_class: str = "refuse"
    quiet: bool = False
    slices: tuple[str, ...] = ()


class Choice(NamedTuple):
    """Something found out or given: what it is, its value, why, what to type to have it otherwise, and examples."""

    what: str
    value: str
    why: str
    option: str
    examples: str = ""


NO_GROUP = Choice(
    "group", "none", "nothing names what belongs together; if persons or recordings recur, say so", "--group WHICH"
)


def label_of(table: Table, given: str, taken: set[str], where: str) -> Choice:
    """The column of the classes.

    Raises
    ------
    ConfigError
        ``E-GUESS-LABEL`` if none or several could be.
    DataError
        ``E-CSV-COLUMN`` if there is no such column; ``E-LABEL-NUMBER`` if it holds measured numbers.
    """
    if given:
        found = Choice("label", _there(table, given, where, "--label"), "as you said", "")
    else:
        free = [name for name in table.columns if name not in taken]
        named = _called(free, LABELS) or _called(free, TOPICS)
        named = named[:1] if len({_partition(table.columns[name]) for name in named}) == 1 else named
        few = named or [name for name in free if _could_be_classes(table.columns[name])]
        if len(few) != 1:
            raise _which_label(table, few or free, where, several=bool(few))
        why = "by its name" if named else "the only column with few different values"
        found = Choice("label", few[0], why, "--label COLUMN")
    _refuse_numbers(table.columns[found.value], found.value, where)
    return found


def path_of(table: Table, given: str, n_files: dict[str, int], where: str) -> Choice | None:
    """The column that names files, or None if none does.

    Parameters
    ----------
    table, given, where
        As for `label_of`.
    n_files : dict of str to int
        How many cells of each column end like the name of a file of a known kind.
    """
    if given:
        return Choice("path", _there(table, given, where, "--path"), "as you said", "")
    found = [name for name, n in n_files.items() if n > 0.9 * len(table)]
    if len(found) > 1:
        named = _called(found, PATHS)
        if len(named) != 1:
            raise ConfigError(
                f"{where}: columns {_listed(found)} all name files.",
                error_id="E-GUESS-INPUT",
                hint=f"Say which with --path, such as --path {printable(found[0])}.",
            )
        found = named
    return Choice("path", found[0], "its cells end like names of files", "--path COLUMN") if found else None


def text_of(table: Table, given: str, where: str) -> Choice:
    """The column of the texts, or ConfigError ``E-GUESS-INPUT``."""
    if given:
        return Choice("text", _there(table, given, where, "--text"), "as you said", "")
    wordy = [name for name, cells in table.columns.items() if _wordy(cells)]
    named = _called(wordy, TEXTS) or _called(table.columns, TEXTS[:1])
    found = named if len(named) == 1 else wordy
    if len(found) == 1:
        why = "by its name" if named else "the only column with texts of several words"
        return Choice("text", found[0], why, "--text COLUMN")
    what = f"columns {_listed(found)} all hold texts" if found else "no column names files or holds texts"
    raise ConfigError(
        f"{where}: {what}. Columns: {_listed(table.columns)}.",
        error_id="E-GUESS-INPUT",
        hint="Say which with --text COLUMN, or with --path COLUMN for names of files. The first line of a table names "
        "its columns.",
    )


def split_of(table: Table, answers: Overrides, taken: set[str], where: str) -> tuple[Choice, str]:
    """The column of the split, or none; and the column of times to split by."""
    if answers.time:
        if answers.split not in ("", "none"):
            raise ConfigError(
                f"{where}: --split {answers.split} and --time {answers.time}: name one of them.",
                error_id="E-CONFIG-VALUE",
            )
        return Choice("split", "", "by time, as you said", ""), _there(table, answers.time, where, "--time")
    if answers.split == "none":
        return Choice("split", "", "none, as you said", ""), ""
    if answers.split:
        return Choice("split", _there(table, answers.split, where, "--split"), "as you said", ""), ""
    free = [name for name in table.columns if name not in taken]
    for name in _called(free, SPLITS):
        parts = {PART_NAMES.get(cell.strip().casefold()) for cell in table.columns[name]}
        if {"train", "test"} <= parts and None not in parts:
            return Choice("split", name, "it says train and test", "--split none"), ""
    for name in _called(free, FOLDS):
        if 2 <= len(set(table.columns[name])) <= 50:
            return Choice("split", name, "it names folds, each of which is test in turn", "--split none"), ""
    return Choice("split", "", "no column says train and test", "--split COLUMN"), ""


def group_of(
    table: Table, given: str, taken: set[str], classes: Sequence[str], where: str, *, files: bool
) -> Choice | None:
    """The column of what belongs together; None if no column is, and names of files may tell.

    Raises
    ------
    ConfigError
        ``E-GUESS-GROUP`` if several columns could be, or one only perhaps.
    """
    if given == "none":
        return Choice("group", "", "none, as you said", "")
    if given:
        if files and is_spec(given) and given not in table.columns:
            return None
        return Choice("group", _there(table, given, where, "--group"), "as you said", "")
    free = [name for name in table.columns if name not in taken and _recurs(table.columns[name], classes)]
    sure = [name for name in free if _base(name) in WORDS]
    if len(sure) == 1:
        n = len(set(table.columns[sure[0]]))
        return Choice("group", sure[0], f"by its name; {n:,} groups", "--group none")
    perhaps = sure or [name for name in free if _base(name) in PERHAPS]
    if not perhaps:
        return None
    options = [f"--group {printable(name)}  ({len(set(table.columns[name])):,} groups)" for name in perhaps]
    raise ConfigError(
        f"{where}: what belongs together, such as the rows of one person, must not be learnt and tested at once. Is it "
        "in one of these columns?\n" + "\n".join([*options, "--group none  (every row stands for itself)"]),
        error_id="E-GUESS-GROUP",
        hint="Give the command again with one of these options.",
    )


def notes_on(table: Table, taken: set[str]) -> list[str]:
    """What is said of the columns that are not used."""
    free = [name for name in table.columns if name not in taken]
    dated = [name for name in free if _dated(table.columns[name])]
    notes = [
        f"column {printable(name)} holds dates: --time {printable(name)} tests on the latest fifth"
        for name in dated[:1]
    ]
    return [*notes, f"columns not used: {_listed(free)}"] if free else notes


def _there(table: Table, name: str, where: str, option: str) -> str:
    if name in table.columns:
        return name
    raise DataError(
        f"{where}: {option}: no column {name!r}. {did_you_mean(name, [printable(known) for known in table.columns])}",
        error_id="E-CSV-COLUMN",
        hint=f"Give {option} one of these names.",
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _base(name: str) -> str:
    """The word of a column, without what only says that it is a number or name."""
    return re.sub(r"(_?id|_name|_no|_nr|_number)$", "", _plain(name))


def _called(names: Iterable[str], known: Sequence[str]) -> list[str]:
    """Those of the names that are known, in the order of the known ones."""
    return sorted((name for name in names if _plain(name) in known), key=lambda name: known.index(_plain(name)))


def _partition(cells: Sequence[str]) -> tuple[int, ...]:
    first: dict[str, int] = {}
    return tuple(first.setdefault(cell, i) for i, cell in enumerate(cells))


def _recurs(cells: Sequence[str], classes: Sequence[str]) -> bool:
    """Whether values recur, and not just one in each class."""
    n = len(set(cells))
    return 2 <= n < len(cells) and len(set(zip(cells, classes, strict=True))) > len(set(classes))


def _could_be_classes(cells: Sequence[str]) -> bool:
    n = len(set(cells))
    measured = any(re.fullmatch(r"[-+]?\d*\.\d+(e[-+]?\d+)?", cell.strip().lower()) for cell in cells)
    return 2 <= n <= min(MOST_CLASSES, len(cells) // 3) and not measured and not any(map(is_missing, cells))


def _wordy(cells: Sequence[str]) -> bool:
    """Whether cells have three words or more in the mean and are seldom alike."""
    n_words = sum(len(cell.split()) for cell in cells)
    return n_words >= 3 * len(cells) and len(set(cells)) > 0.1 * len(cells)


def _dated(cells: Sequence[str]) -> bool:
    return all("-" in cell.strip()[1:] and moment(cell) is not None for cell in cells)


def _refuse_numbers(cells: Sequence[str], name: str, where: str) -> None:
    """Refuse a column of measured numbers, which would make a class of each."""
    values = [cell for cell in cells if not is_missing(cell)]
    counts = Counter(values)
    if len(counts) <= FEW_EACH:
        return
    try:
        numbers = [float(cell) for cell in counts]
    except ValueError:
        return
    if (len(counts) > MOST_CLASSES // 2 and len(values) / len(counts) < FEW_EACH) or any(x % 1 for x in numbers):
        raise DataError(
            f"{where}: column {printable(name)!r} holds {len(counts):,} different numbers, from {min(numbers):g} to "
            f"{max(numbers):g}. Predicting numbers (regression) is not supported.",
            error_id="E-LABEL-NUMBER",
            hint="Name another column with --label; or make a few classes of the numbers, such as low and high; if "
            "they are names of classes, write them as words (c1, c2).",
        )


def _which_label(table: Table, names: Sequence[str], where: str, *, several: bool) -> ConfigError:
    counts = [f"--label {printable(name)}  ({len(set(table.columns[name])):,} different values)" for name in names[:10]]
    what = "several columns could be the label" if several else "no column looks like a label"
    return ConfigError(
        f"{where}: {what}. Which is it?\n" + "\n".join(counts),
        error_id="E-GUESS-LABEL",
        hint="Give the command again with one of these options.",
    )


def _listed(names: Iterable[str]) -> str:
    found = [printable(name) for name in names]
    return ", ".join(found[:10]) + (f" and {len(found) - 10} more" if len(found) > 10 else "")
