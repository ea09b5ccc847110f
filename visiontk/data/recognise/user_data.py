"""What lies in a folder or table of the user's: which files, labels, groups and split; and how that was found out.

Nothing is opened but tables, nothing is changed. Whatever is guessed is said (`Choice`), with the option that says
otherwise; where two readings are as likely, the user is asked.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from visiontk.core import PARTS, Ints, Strings
from visiontk.data.checks.labels import RareClass, classes_of
from visiontk.data.formats import audio, image, tables
from visiontk.data.formats.text_table import Table
from visiontk.data.layouts.class_folders import PART_NAMES, Listing, check_layout, groups_within, lay_out, list_files
from visiontk.data.layouts.file_groups import groups_of, guess, is_spec
from visiontk.data.layouts.manifest import Manifest, groups_in, read_manifest, split_in
from visiontk.data.privacy import numbered_errors
from visiontk.data.readers import texts
from visiontk.data.readers.image_files import identifier
from visiontk.data.recognise import columns
from visiontk.data.recognise.columns import Choice, Overrides
from visiontk.errors import ConfigError
from visiontk.messages import printable

KINDS = {
    "pictures": image.SUFFIXES,
    "sounds": (*audio.SUFFIXES, *audio.UNREAD),
    "texts": texts.SUFFIXES,
    "DICOM files": (".dcm", ".dicom"),
    "NIfTI volumes": (".nii", ".nii.gz"),
}
"""What files are, by the ends of their names."""

SCANS = ("DICOM files", "NIfTI volumes")
"""Files about patients: no message repeats a name of one."""

IN_FILES = Choice("group", "", "each file names its patient, by which they are kept together", "--group COLUMN")
"""The group of DICOM files without a column for it; it shows when they are read."""

MIXED = 0.1
"""Share of the files from which on a second kind is no accident."""


class Found(NamedTuple):
    """What was recognised, with class, group and part of every sample, before any of them is opened.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    form : {"folder", "table"}
        Where the labels are.
    columns : dict of str to str
        Names of the columns ``path``, ``text``, ``label``, ``group``, ``part`` and ``time``, empty for none; of a
        folder ``group`` alone.
    ids, labels, y, groups, parts
        As in `Samples`.
    choices : tuple of Choice
        What was found or given, and why.
    notes : tuple of str
        What else a user should know.
    """

    kind: str
    form: str
    columns: dict[str, str]
    ids: Strings
    labels: tuple[str, ...]
    y: Ints
    groups: Strings | None
    parts: Strings | None
    choices: tuple[Choice, ...]
    notes: tuple[str, ...] = ()


def is_table(path: Path) -> bool:
    """Whether this is called like a table.

    Examples
    --------
    >>> is_table(Path("pets.CSV")), is_table(Path("pets.txt"))
    (True, False)
    """
    return path.name.lower().endswith(tables.SUFFIXES)


def kind_of(name: str) -> str:
    """What a file is by the end of its name, or an empty text.

    Examples
    --------
    >>> kind_of("a/b.PNG"), kind_of("a.nii.gz"), kind_of("a.xyz")
    ('pictures', 'NIfTI volumes', '')
    """
    lower = name.lower()
    return next((kind for kind, suffixes in KINDS.items() if lower.endswith(suffixes)), "")


def kinds_in(names: Iterable[str]) -> Counter[str]:
    """How many files of each kind these are; others are not counted."""
    found = Counter(map(kind_of, names))
    del found[""]
    return found


def survey(path: str) -> Listing:
    """All files of a known kind in a folder, as `list_files`."""
    suffixes = tuple(suffix for kind in KINDS.values() for suffix in kind)
    return list_files(path, suffixes, "pictures, sounds or texts")


def only(listing: Listing, kind: str) -> Listing:
    """The files of one kind; all others count as others."""
    files = tuple(name for name in listing.files if kind_of(name) == kind)
    return listing._replace(files=files, others=listing.others + len(listing.files) - len(files), what=kind)


def recognise_folder(listing: Listing, path: str, kind: str, answers: Overrides, *, least: int = 1) -> Found:
    """Class folders of one kind of files, perhaps within train, valid and test.

    Parameters
    ----------
    listing : Listing
        Of `survey`.
    path : str
        The folder.
    kind : str
        A key of `KINDS`.
    answers : Overrides
        What the user said.
    least : int
        A class with fewer samples to learn from is refused.

    Raises
    ------
    ConfigError
        ``E-GUESS-GROUP`` where names could be groups; ``E-CONFIG-VALUE`` for answers about a table.
    DataError
        As `lay_out` and `check_layout`.
    """
    _folder_answers(answers)
    where = printable(str(Path(path).expanduser().absolute()))
    listing = only(listing, kind)
    layout = lay_out(listing, where)
    rare: RareClass = "drop" if answers.on_rare_class == "drop" else "refuse"
    notes = check_layout(listing, layout, where, least, kind.removesuffix("s"), rare)
    spec, choice = _group_of_files(layout.files, layout.classes, answers, outer=1 if layout.parts is None else 2)
    labels = tuple(sorted(set(layout.classes)))
    place = {name: i for i, name in enumerate(labels)}
    choices = (
        Choice("labels", "the names of folders", f"{len(labels)} class folders", ""),
        choice,
        *([Choice("split", "the folders around the class folders", _named(layout.parts), "")] if layout.parts else []),
    )
    groups = groups_within(layout, spec, where)
    parts = None if layout.parts is None else np.array(layout.parts, dtype=np.str_)
    _on_one_side(groups, parts, choice, where)
    return Found(
        kind,
        "folder",
        {"group": spec},
        np.array([identifier(name) for name in layout.files], dtype=np.str_),
        tuple(map(identifier, labels)),
        np.array([place[name] for name in layout.classes], dtype=np.int64),
        groups,
        parts,
        choices,
        tuple(notes),
    )


def recognise_table(path: str, answers: Overrides) -> Found:
    r"""A table whose rows hold texts or name files, with a label for each.

    Parameters
    ----------
    path : str
        CSV, TSV, JSON lines or Parquet.
    answers : Overrides
        What the user said: names of columns, ``none`` for none, an empty text where it is to be found out.

    Raises
    ------
    ConfigError
        ``E-GUESS-INPUT``, ``E-GUESS-LABEL``, ``E-GUESS-GROUP``, ``E-GUESS-KIND`` or ``E-SPLIT-TWICE``, with what to
        type.
    DataError
        ``E-LABEL-NUMBER`` for numbers in place of classes; else as `read_table`, `classes_of` and `read_manifest`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "a.csv").write_text("remark,animal\n" + "it barks at night,dog\nit wants milk,cat\n" * 9)
    ...     found = recognise_table(f"{folder}/a.csv", Overrides())
    >>> found.kind, found.columns["text"], found.columns["label"], found.labels
    ('texts', 'remark', 'animal', ('cat', 'dog'))
    """
    table = tables.read_rows(path, encoding=answers.encoding, delimiter=answers.delimiter)
    where = printable(path)
    files, kind = _input(table, answers, where)
    answers = answers._replace(quiet=answers.quiet or kind in SCANS)
    label, group, split, time = _roles(table, files, kind, answers, where)
    named = {"label": label.value, "group": group.value, "part": split.value, "time": time}
    notes = columns.notes_on(table, {files.value, *named.values(), *answers.slices})
    choices = (
        *(files, label, _or_none(group), split._replace(value=split.value or time or "none")),
        *(Choice("slice", name, "as you said; no learner sees it", "") for name in answers.slices),
    )
    if kind == "texts":
        named["text"] = files.value
        ids = [str(line) for line in table.lines]
        labels, y = classes_of(table.columns[label.value], where, lines=table.lines)
        groups = groups_in(table, group.value, where) if group.value else None
        parts = split_in(table, split.value, time, where)
    else:
        named["path"] = files.value
        manifest = _manifest(path, named, answers)
        ids = [identifier(name) for name in manifest.names]
        labels, y, groups, parts = manifest.labels, manifest.y, manifest.groups, manifest.parts
    _on_one_side(groups, parts, group, where)
    return Found(kind, "table", named, np.array(ids, dtype=np.str_), labels, y, groups, parts, choices, tuple(notes))


def _roles(
    table: Table, files: Choice, kind: str, answers: Overrides, where: str
) -> tuple[Choice, Choice, Choice, str]:
    """The columns of label, group, split and time; the group may be a part of names of files."""
    taken = {files.value}
    split, time = columns.split_of(table, answers, taken | {answers.label}, where)
    if kind != "texts":
        _one_split(table.columns[files.value], split, table, answers, where)
    taken |= {split.value, time}
    label = columns.label_of(table, answers.label, taken, where)
    classes = table.columns[label.value]
    group = columns.group_of(table, answers.group, taken | {label.value}, classes, where, files=kind != "texts")
    if kind == "DICOM files" and (group is None or not group.value):
        group = IN_FILES
    elif group is None and kind != "texts":
        spec, group = _group_of_files(table.columns[files.value], classes, answers, where=where)
        group = group._replace(value=spec)
    elif group is None:
        group = columns.NO_GROUP._replace(value="")
    _different(where, **{files.what: files.value}, label=label.value, group=group.value, split=split.value, time=time)
    return label, group, split, time


def _different(where: str, **roles: str) -> None:
    """Refuse a column that is said to be two things: whoever learns from the label has nothing to learn."""
    first: dict[str, str] = {}
    for role, column in roles.items():
        if column and first.setdefault(column, role) != role:
            raise ConfigError(
                f"{where}: column {printable(column)!r} cannot be {first[column]} and {role}.",
                error_id="E-CONFIG-VALUE",
                hint=f"Name another column with --{role} or --{first[column]}.",
            )


def _or_none(group: Choice) -> Choice:
    """The choice as it is shown."""
    return group._replace(value=group.value or ("the patient" if group is IN_FILES else "none"))


def _manifest(path: str, named: Mapping[str, str], answers: Overrides) -> Manifest:
    with numbered_errors() if answers.quiet else contextlib.nullcontext():
        return read_manifest(
            path,
            path_column=named["path"],
            label_column=named["label"],
            group_column=named["group"],
            part_column=named["part"],
            encoding=answers.encoding,
            delimiter=answers.delimiter,
            time_column=named["time"],
        )


def mixed(names: Sequence[str]) -> list[str]:
    """The kinds that are no accident among these files, most frequent first: many of them, in several folders.

    Examples
    --------
    >>> mixed(["cat/1.png", "cat/2.png", "dog/1.png", "dog/notes.txt"])
    ['pictures']
    >>> mixed(["cat/1.png", "cat/1.wav", "dog/1.png", "dog/1.wav"])
    ['pictures', 'sounds']
    """
    counts = kinds_in(names)
    folders = {kind: {name.rpartition("/")[0] for name in names if kind_of(name) == kind} for kind in counts}
    ordered = [kind for kind, _ in counts.most_common()]
    return [
        kind
        for kind in ordered
        if kind == ordered[0] or (counts[kind] >= MIXED * counts.total() and len(folders[kind]) > 1)
    ]


def _input(table: Table, answers: Overrides, where: str) -> tuple[Choice, str]:
    """The column of the samples, and what they are."""
    if answers.text and answers.path:
        raise ConfigError(
            f"{where}: --text {answers.text} and --path {answers.path}: samples are texts or files, name one of them.",
            error_id="E-CONFIG-VALUE",
        )
    if not answers.text:
        share = {name: kinds_in(cells) for name, cells in table.columns.items()}
        files = columns.path_of(table, answers.path, {name: sum(n.values()) for name, n in share.items()}, where)
        if files is not None:
            counts = share[files.value]
            kinds = [kind for kind, n in counts.most_common() if n >= MIXED * counts.total()]
            if len(kinds) > 1:
                raise ConfigError(
                    f"{where}: column {files.value!r} names {' and '.join(kinds)}; one comparison is about one kind.",
                    error_id="E-GUESS-KIND",
                    hint="Make one table for each.",
                )
            if not kinds or kinds == ["texts"]:
                raise ConfigError(
                    f"{where}: column {files.value!r} names {'text files' if kinds else 'no files of a known kind'}.",
                    error_id="E-GUESS-INPUT",
                    hint="Put the texts themselves into a column and name it with --text, or use one folder of .txt "
                    "files for each class."
                    if kinds
                    else f"Known are {' '.join(s for suffixes in KINDS.values() for s in suffixes)}.",
                )
            return files, kinds[0]
    return columns.text_of(table, answers.text, where), "texts"


def _one_split(files: Sequence[str], split: Choice, table: Table, answers: Overrides, where: str) -> None:
    """Refuse a column and folders that split in different ways."""
    tops = [PART_NAMES.get(file.replace("\\", "/").split("/")[0].casefold(), "") for file in files]
    if answers.split or not split.value or not PARTS & set(tops):
        return
    named = [PART_NAMES.get(value.strip().casefold(), value) for value in table.columns[split.value]]
    differ = [line for top, part, line in zip(tops, named, table.lines, strict=True) if top and top != part]
    if differ:
        raise ConfigError(
            f"{where}: column {split.value!r} and the folders of the files split in two ways; {len(differ)} rows "
            f"differ, the first in line {differ[0]}.",
            error_id="E-SPLIT-TWICE",
            hint=f"--split {printable(split.value)} takes the column; --split none splits anew.",
        )


def _group_of_files(
    files: Sequence[str], classes: Sequence[str], answers: Overrides, *, outer: int = 0, where: str = ""
) -> tuple[str, Choice]:
    """Which part of the file names is the group, or ConfigError ``E-GUESS-GROUP`` if that is open."""
    if answers.group == "none":
        return "", Choice("group", "none", "as you said", "")
    if answers.group:
        if not is_spec(answers.group):
            groups_of((), answers.group, "")  # it says what is expected
        return answers.group, Choice("group", answers.group, "as you said", "")
    found = guess(files, classes, outer=outer)
    if not found:
        return "", columns.NO_GROUP
    if found[0].sure:
        one = found[0]
        examples = one.named(quiet=answers.quiet)
        return one.spec, Choice("group", one.spec, one.why, "--group none", examples)
    options = [f"--group {one.spec}  ({one.named(quiet=answers.quiet)})" for one in found]
    example = "" if answers.quiet else f" such as {printable(files[0].rsplit('/', 1)[-1])}"
    raise ConfigError(
        f"{where + ': ' if where else ''}file names{example} may say what belongs together, such as the files of one "
        "person, which must not be learnt and tested at once. Which part is it?\n"
        + "\n".join([*options, "--group none  (every file stands for itself)"]),
        error_id="E-GUESS-GROUP",
        hint="Give the command again with one of these options.",
    )


def _on_one_side(groups: Strings | None, parts: Strings | None, choice: Choice, where: str) -> None:
    """Refuse a guess that contradicts the split: one of them is wrong, and only the user knows which."""
    if groups is None or parts is None or choice.option != "--group none":
        return
    sides = Counter(group for group, _ in set(zip(groups.tolist(), parts.tolist(), strict=True)))
    straddling = sum(n > 1 for n in sides.values())
    if straddling and PARTS & set(parts.tolist()):
        raise ConfigError(
            f"{where}: {straddling:,} of {len(sides):,} groups by {choice.value!r} ({choice.why}) stand in "
            "several parts of the split that is given, so that what is alike is learnt and tested.",
            error_id="E-GUESS-GROUP",
            hint="--group none takes the split as it is and says little about new groups; to keep groups whole, leave "
            "the split out (--split none, or class folders without train and test around them).",
        )


def _folder_answers(answers: Overrides) -> None:
    """Refuse what can only be said of a table."""
    for name in ("label", "time", "text", "path", "split"):
        if value := getattr(answers, name):
            raise ConfigError(
                f"--{name} {value}: a folder of class folders has no columns.",
                error_id="E-CONFIG-VALUE",
                hint="Its split is that of folders train, valid and test around the class folders; name a folder "
                "without them to have it split anew."
                if name == "split"
                else "Leave it out, or compare a table that names the files.",
            )


def _named(parts: Iterable[str]) -> str:
    return " and ".join(part for part in ("train", "valid", "test") if part in set(parts))
