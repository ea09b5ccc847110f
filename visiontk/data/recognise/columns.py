"""Roles of the columns of a table, by name and content; the user is asked if several columns fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from visiontk.core.scripts import n_words
from visiontk.data.checks.labels import is_missing
from visiontk.data.formats.text_table import JOIN, Table, columns_of, missing_column
from visiontk.data.layouts.file_groups import WORDS, is_spec
from visiontk.data.layouts.part_names import parts_by_name
from visiontk.data.layouts.time_split import parse_time
from visiontk.data.readers.pixel_tables import with_pixels
from visiontk.data.recognise.label_forms import refuse_indicators, refuse_label_forms
from visiontk.data.recognise.records import DetectedSetting, Overrides
from visiontk.errors import ConfigError, DataError
from visiontk.messages import option, printable

LABELS = ("label", "labels", "class", "target", "category", "y")
TOPICS = ("emotion", "expression", "diagnosis", "dx", "finding", "sentiment", "species", "genre", "topic", "intent")
TEXTS = ("text", "texts", "sentence", "question", "review", "content", "message", "body", "document", "comment")
TITLES = ("title", "headline", "heading", "subject", "summary", "question_title", "review_title")
BODIES = (*TEXTS, "description", "abstract", "article", "story", "news", "selftext", "question_content", "review_body")
PATHS = ("path", "paths", "file", "filename", "file_name", "filepath", "image", "picture", "audio", "clip", "sound")
SPLITS = ("split", "part", "partition", "subset", "set", "usage", "data_split", "dataset_split", "split_name", "phase")
FOLDS = ("fold", "folds", "fold_id", "cv_fold", "kfold")
PERHAPS = frozenset(
    {"user", "session", "recording", "device", "scanner", "site", "hospital", "film", "movie", "video", "scene"}
    | {"track", "album", "source", "batch", "case", "owner"}
)
"""Words that may denote groups."""

MOST_CLASSES = 100
"""Largest number of values of a column that is detected as classes."""


def label_of(table: Table, requested: str, taken: set[str], where: str) -> DetectedSetting:
    """Column of the classes: the requested one, or the only one that fits."""
    if requested:
        label = DetectedSetting("label", _existing(table, requested, where, "--label"), "as given", "")
    else:
        free = [name for name in table.columns if name not in taken and _plain(name) not in (*SPLITS, *FOLDS)]
        ending = _ending(table, free)
        named = _called(free, LABELS) or _called(free, TOPICS) or ending
        if len({_partition(table.columns[name]) for name in named}) == 1:
            alike = [each for each in ending if _partition(table.columns[each]) == _partition(table.columns[named[0]])]
            words = (name for name in (*named, *alike) if not all(map(_is_number, table.columns[name])))
            named = [next(words, named[0])]
        if not named:
            refuse_indicators(table.columns, free, where)
        few = named or [name for name in free if _could_be_classes(table.columns[name])]
        if len(few) > 1 and not named:
            few = [name for name in few if _base(name) not in WORDS | PERHAPS] or few
        if not few:
            _refuse_only_other_forms(table, free, where)
        if len(few) != 1:
            raise _which_label(table, few or free, where, several=bool(few))
        reason = "by its name" if named else "the only column with few different values"
        label = DetectedSetting("label", few[0], reason, "--label COLUMN")
    refuse_label_forms(table.columns[label.value], label.value, where, requested=bool(requested))
    return label


def path_of(table: Table, requested: str, n_files: dict[str, int], where: str) -> DetectedSetting | None:
    """Column of file names, or None; `n_files` counts the cells of each column with the ending of a known kind."""
    if requested:
        return DetectedSetting("path", _existing(table, requested, where, "--path"), "as given", "")
    candidates = [name for name, n in n_files.items() if n > 0.9 * len(table)]
    if len(candidates) > 1:
        named = _called(candidates, PATHS)
        if len(named) != 1:
            raise _which(
                "path",
                [option("path", name) for name in candidates],
                f"{where}: columns {_listed(candidates)} all name files",
            )
        candidates = named
    if not candidates:
        return None
    return DetectedSetting("path", candidates[0], "its cells end like file names", "--path COLUMN")


def pixels_of(table: Table, requested: str) -> tuple[Table, DetectedSetting | None]:
    """Column of the pixels of an image, or None; and the table with all pixels in that column."""
    if requested and requested not in table.columns:
        return table, None
    collapsed, name = with_pixels(table, requested)
    if not name:
        return table, None
    reason = "as given" if requested else "its cells are the numbers of images"
    if len(collapsed.columns) < len(table.columns):
        reason = f"the first of {len(table.columns) - len(collapsed.columns) + 1} columns of pixels"
    return collapsed, DetectedSetting("path", name, reason, "" if requested else "--path COLUMN")


def text_of(table: Table, requested: str, where: str) -> DetectedSetting:
    """Column of the texts, or ConfigError ``E-GUESS-INPUT``."""
    if requested:
        for name in columns_of(requested):
            _existing(table, name, where, "--text")
        return DetectedSetting("text", requested, "as given", "")
    wordy = [name for name, cells in table.columns.items() if holds_texts(cells)]
    named = _called(wordy, TEXTS) or _called(table.columns, TEXTS[:1])
    candidates = named if len(named) == 1 else wordy
    titles = [name for name in table.columns if _plain(name) in TITLES and _varied(table.columns[name])]
    bodies = [name for name in candidates if name not in titles] or [
        n for n in _called(wordy, BODIES) if n not in titles
    ]
    if len(titles) == 1 and len(bodies) == 1:
        reason = "title and text are read as one"
        return DetectedSetting("text", JOIN.join([titles[0], bodies[0]]), reason, "--text COLUMN")
    if len(candidates) == 1:
        reason = "by its name" if named else "the only column with texts of several words"
        return DetectedSetting("text", candidates[0], reason, "--text COLUMN")
    if len(candidates) > 1:
        ways = [option("text", name) for name in candidates]
        both = f"{option('text', JOIN.join(candidates[:2]))}  (as one text)"
        raise _which("text", [*ways, both], f"{where}: columns {_listed(candidates)} all hold texts")
    numbers = sum(all(map(_is_number, cells)) for cells in table.columns.values())
    hint = "The columns with names of files or with texts can be named with --path or --text."
    if numbers >= 2 and numbers >= len(table.columns) / 2:
        hint = "Images, recordings, scans and texts are compared, in a table or named by it; measurements are not."
    raise ConfigError(
        f"{where}: no column names files or holds texts. Columns: {_columns(table)}.",
        error_id="E-GUESS-INPUT",
        hint=hint,
    )


def _which(role: str, options: Sequence[str], what: str) -> ConfigError:
    """The question which column has a role."""
    return ConfigError(
        f"{what}. Which one is the {role}?\n" + "\n".join(options[:10]),
        error_id="E-GUESS-INPUT",
        hint="Repeat the command with one of these options.",
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def split_of(table: Table, overrides: Overrides, taken: set[str], where: str) -> tuple[DetectedSetting, str]:
    """Column of the split, or none; and the column of times to split by."""
    if overrides.time:
        if overrides.split not in ("", "none"):
            raise ConfigError(
                f"{where}: --split {overrides.split} and --time {overrides.time}: name one of them.",
                error_id="E-CONFIG-VALUE",
            )
        return DetectedSetting("split", "", "by time, as given", ""), _existing(table, overrides.time, where, "--time")
    if overrides.split == "none":
        return DetectedSetting("split", "", "none, as given", ""), ""
    if overrides.split:
        return DetectedSetting("split", _existing(table, overrides.split, where, "--split"), "as given", ""), ""
    free = [name for name in table.columns if name not in taken]
    for name in _called(free, SPLITS):
        values = {cell.strip() for cell in table.columns[name]}
        parts = parts_by_name(values)
        if set(parts.values()) >= {"train", "test"} and len(parts) == len(values):
            return DetectedSetting("split", name, "its values are train and test", "--split none"), ""
    for name in _called(free, FOLDS):
        if 2 <= len(set(table.columns[name])) <= 50:
            return DetectedSetting(
                "split", name, "it names folds, each of which is the test set in turn", "--split none"
            ), ""
    return DetectedSetting("split", "", "no column with the values train and test", "--split COLUMN"), ""


def group_of(
    table: Table, requested: str, taken: set[str], classes: Sequence[str], where: str, *, files: bool
) -> DetectedSetting | None:
    """Column of the groups; None if there is none, so that file names may contain the group."""
    if requested == "none":
        return DetectedSetting("group", "", "none, as given", "")
    if requested:
        if files and is_spec(requested) and requested not in table.columns:
            return None
        return DetectedSetting("group", _existing(table, requested, where, "--group"), "as given", "")
    free = [name for name in table.columns if name not in taken and _recurs(table.columns[name], classes)]
    sure = [name for name in free if _base(name) in WORDS]
    if len(sure) == 1:
        n = len(set(table.columns[sure[0]]))
        return DetectedSetting("group", sure[0], f"by its name; {n:,} groups", "--group none")
    perhaps = sure or [name for name in free if _base(name) in PERHAPS]
    if not perhaps:
        return None
    options = [f"{option('group', name)}  ({len(set(table.columns[name])):,} groups)" for name in perhaps]
    raise ConfigError(
        f"{where}: rows of one group, such as one person, must not be in the training set and the test set. Does "
        "one of these columns name the group?\n" + "\n".join([*options, "--group none  (every row is independent)"]),
        error_id="E-GUESS-GROUP",
        hint="Repeat the command with one of these options.",
    )


def notes_on(table: Table, taken: set[str]) -> list[str]:
    """Notes on unused columns."""
    free = [name for name in table.columns if name not in taken]
    dated = [name for name in free if _dated(table.columns[name])]
    notes = [
        f"column {printable(name)} holds dates: {option('time', name)} tests on the latest fifth" for name in dated[:1]
    ]
    return [*notes, f"columns not used: {_listed(free)}"] if free else notes


def _existing(table: Table, name: str, where: str, role: str) -> str:
    if name in table.columns:
        return name
    raise missing_column(f"{where}: {role}", name, table.columns, f"Name one of these with {role}.", table.unread)


def _ending(table: Table, names: Iterable[str]) -> list[str]:
    """Columns whose names end with a word for classes, such as scene_label and ClassId, and which could hold some."""
    words = {*LABELS[:-1], *TOPICS}  # y is a coordinate in bbox_y
    return [
        name for name in names if _base(name).rpartition("_")[2] in words and _could_be_classes(table.columns[name])
    ]


def _plain(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).casefold()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_")


def _base(name: str) -> str:
    """Column name without suffixes such as _id and _name."""
    return re.sub(r"(_?id|_idx|_index|_name|_no|_nr|_number|_str)$", "", _plain(name))


def _called(names: Iterable[str], known: Sequence[str]) -> list[str]:
    """Known names, in the order of `known`; one letter is no part of a name such as "y]"."""
    called = [name for name in names if _plain(name) in known and (len(_plain(name)) > 1 or len(name.strip()) == 1)]
    return sorted(called, key=lambda name: known.index(_plain(name)))


def _partition(cells: Sequence[str]) -> tuple[int, ...]:
    first: dict[str, int] = {}
    return tuple(first.setdefault(cell, i) for i, cell in enumerate(cells))


def _recurs(cells: Sequence[str], classes: Sequence[str]) -> bool:
    """True if values recur, and not just one in each class."""
    n = len(set(cells))
    return 2 <= n < len(cells) and len(set(zip(cells, classes, strict=True))) > len(set(classes))


def _could_be_classes(cells: Sequence[str]) -> bool:
    n = len(set(cells))
    measured = any(re.fullmatch(r"[-+]?\d*\.\d+(e[-+]?\d+)?", cell.strip().lower()) for cell in cells)
    return 2 <= n <= min(MOST_CLASSES, len(cells) // 3) and not measured and not any(map(is_missing, cells))


def holds_texts(cells: Sequence[str]) -> bool:
    """True if cells have at least three words on average and rarely repeat."""
    return sum(map(n_words, cells)) >= 3 * len(cells) and _varied(cells)


def _varied(cells: Sequence[str]) -> bool:
    return len(set(cells)) > 0.1 * len(cells)


def _dated(cells: Sequence[str]) -> bool:
    return all("-" in cell.strip()[1:] and parse_time(cell) is not None for cell in cells)


def _refuse_only_other_forms(table: Table, names: Sequence[str], where: str) -> None:
    """Refuse the only columns if each holds numbers or lists: naming one of them would not help."""
    errors: list[DataError] = []
    for name in names:
        try:
            refuse_label_forms(table.columns[name], name, where, requested=True)
        except DataError as error:
            errors.append(error)
    if errors and len(errors) == len(names):
        raise errors[0]


def _which_label(table: Table, names: Sequence[str], where: str, *, several: bool) -> ConfigError:
    if not names:
        return ConfigError(
            f"{where}: no column is left for the classes, as every other one has another role. Columns: "
            f"{_columns(table)}.",
            error_id="E-GUESS-LABEL",
            hint="Add a column with the class of each row, a word or a number in each.",
        )
    counts = [f"{option('label', name)}  ({len(set(table.columns[name])):,} different values)" for name in names[:10]]
    what = "several columns could be the label" if several else "no column looks like a label"
    return ConfigError(
        f"{where}: {what}. Which one is it?\n" + "\n".join(counts),
        error_id="E-GUESS-LABEL",
        hint="Repeat the command with one of these options.",
    )


def _columns(table: Table) -> str:
    """All columns, those that are not read with the reason."""
    unread = "".join(f"; {printable(name)} holds {what}, which are not read" for name, what in table.unread[:3])
    return _listed(table.columns) + unread


def _listed(names: Iterable[str]) -> str:
    shown = [printable(name) for name in names]
    return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more" if len(shown) > 10 else "")
