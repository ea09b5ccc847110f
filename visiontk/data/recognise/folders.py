"""Recognition of class folders. No file is opened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from visiontk.core import PARTS
from visiontk.data.checks.labels import RareClass
from visiontk.data.layouts.class_folders import Layout, Listing, check_layout, groups_within, read_layout
from visiontk.data.layouts.file_groups import WORDS
from visiontk.data.layouts.left_out import left_out
from visiontk.data.layouts.name_classes import guess_name_classes, is_name_spec
from visiontk.data.readers.labelled_files import identifier
from visiontk.data.recognise.folder_levels import ask_for_level
from visiontk.data.recognise.grouping import check_one_side, group_by_names
from visiontk.data.recognise.kinds import KINDS, Kinds, only
from visiontk.data.recognise.label_forms import refuse_numbers
from visiontk.data.recognise.records import DetectedSetting, Overrides, Recognised
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable

_LEVEL = re.compile(r"folder:[1-9]")


def recognise_folder(
    listing: Listing,
    path: str,
    kind: str,
    overrides: Overrides,
    *,
    kinds: Kinds = KINDS,
    least: int = 1,
    by_names: bool = True,
) -> Recognised:
    """Class folders of one kind of files, perhaps within or around parts of a split.

    `least` is the smallest number of training samples of a class. With `by_names`, files outside of class folders may
    have their class in their names.
    """
    _refuse_table_settings(overrides)
    where = printable(str(Path(path).expanduser().absolute()))
    listing = only(listing, kind, kinds)
    layout, overrides, named = _layout(listing, where, overrides, by_names=by_names)
    if not overrides.label:
        ask_for_level(layout, where, private=overrides.private)
        way = f"--label folder:{layout.levels.label}"
        refuse_numbers(Counter(layout.classes), f"{where}: the set of class folders", way)
    rare: RareClass = "drop" if overrides.on_rare_class == "drop" else "refuse"
    try:
        notes = check_layout(listing, layout, where, least, kind.removesuffix("s"), rare)
    except DataError as error:
        if layout.parts and not overrides.split:
            error.hint = f"{error.hint} The split is a guess by the names of folders. Otherwise: --split none.".strip()
        raise
    lost = left_out(listing, layout, where)
    spec, group = group_by_names(
        layout.files, layout.classes, overrides, parts=layout.parts, outer=layout.outer, where=where
    )
    labels = tuple(sorted(set(layout.classes)))
    place = {name: i for i, name in enumerate(labels)}
    groups = groups_within(layout, spec, where)
    parts = None if layout.parts is None else np.array(layout.parts, dtype=np.str_)
    check_one_side(groups, parts, group, where)
    return Recognised(
        kind,
        "folder",
        {
            "group": spec,
            **{name: spec for name, spec in (("label", overrides.label), ("split", overrides.split)) if spec},
        },
        np.array([identifier(name) for name in layout.files], dtype=np.str_),
        tuple(map(identifier, labels)),
        np.array([place[name] for name in layout.classes], dtype=np.int64),
        groups,
        parts,
        (named or _labels_setting(layout, overrides, len(labels)), group, *_split_setting(layout, overrides)),
        (*notes, *lost.notes),
        lost.warnings,
    )


def _layout(
    listing: Listing, where: str, overrides: Overrides, *, by_names: bool
) -> tuple[Layout, Overrides, DetectedSetting | None]:
    """Class folders, or without them classes by the names of files, then as a setting."""
    label = overrides.label
    if is_name_spec(label):
        layout = read_layout(listing, where, label=label, split=overrides.split)
        return layout, overrides, DetectedSetting("labels", label, "part of the file names, as given", "")
    error: DataError | None = None
    try:
        layout = read_layout(listing, where, label=label, split=overrides.split)
    except DataError as problem:
        error = problem
    if error is not None and (label or error.error_id != "E-DATA-EMPTY"):
        raise error
    if error is None and (label or (len({*layout.classes, *layout.empty}) > 1 and not _by_person(layout))):
        return layout, overrides, None
    specs, sure = guess_name_classes(listing.files) if by_names else ({}, False)
    if not specs:
        if error is not None:
            raise error
        return layout, overrides, None
    if error is None and len(set(layout.classes)) > 1:
        sure, around = False, [f"--label folder:{layout.levels.label}  (the {len(set(layout.classes))} folders)"]
    else:
        around = []
    if len(specs) > 1 or not sure:
        raise _which_part(specs, around, where, private=overrides.private)
    ((spec, counts),) = specs.items()
    layout = read_layout(listing, where, label=spec, split=overrides.split)
    reason = f"the part of the file names that is a word; {_counted(counts, private=overrides.private)}"
    return layout, overrides._replace(label=spec), DetectedSetting("labels", spec, reason, "--label WHICH")


def _by_person(layout: Layout) -> bool:
    """True if the class folders are called like persons or other groups, such as Actor_01."""
    words = [re.fullmatch(r"([^\W\d_]+)[-_ ]*\d+", name) for name in set(layout.classes)]
    return all(word is not None and word[1].casefold() in WORDS for word in words)


def _counted(counts: Counter[str], *, private: bool) -> str:
    """Number of classes and, unless `private`, the first few."""
    names = ", ".join(map(printable, sorted(counts)[:4])) + (", …" if len(counts) > 4 else "")
    return f"{len(counts)} classes" + ("" if private else f": {names}")


def _which_part(specs: Mapping[str, Counter[str]], around: Sequence[str], where: str, *, private: bool) -> ConfigError:
    options = [f"--label {spec}  ({_counted(counts, private=private)})" for spec, counts in specs.items()]
    return ConfigError(
        f"{where}: which part of the file names is the class?\n" + "\n".join([*options, *around]),
        error_id="E-GUESS-LABEL" if around else "E-GUESS-INPUT",
        hint="Repeat the command with one of these options, or put the files into one folder for each class.",
    )


def _labels_setting(layout: Layout, overrides: Overrides, n: int) -> DetectedSetting:
    # Folders around everything, without those of class and split.
    first = min(layout.levels.label, layout.levels.split or layout.levels.label)
    around = "/".join(layout.files[0].split("/")[: first - 1])
    one = len({tuple(name.split("/")[: first - 1]) for name in layout.files}) == 1
    inside = f" in {printable(around)}" if around and one and not overrides.private else ""
    reason = f"{n} class folders" + (", as given" if overrides.label else "")
    way = f"--label folder:{layout.levels.label}" if layout.left_out else ""
    return DetectedSetting("labels", f"the names of the folders{inside}", reason, way)


def _split_setting(layout: Layout, overrides: Overrides) -> list[DetectedSetting]:
    if not layout.parts:
        given = [DetectedSetting("split", "none", "as given", "")]
        return given if overrides.split == "none" else []
    levels = layout.levels
    where = "around" if levels.split < levels.label or not levels.label else "in"
    names: dict[str, list[str]] = {}
    for name, part in sorted(levels.parts.items()):
        names.setdefault(part, []).append(printable(name))
    folds = not PARTS & set(names)
    listed = f"{len(names)} folds, each of which is the test set in turn" if folds else _listed(names)
    return [
        DetectedSetting(
            "split", f"the folders {where} the {'class folders' if levels.label else 'files'}", listed, "--split none"
        )
    ]


def _refuse_table_settings(overrides: Overrides) -> None:
    """Refuse settings that only a table can have."""
    for name in ("label", "time", "text", "path", "split"):
        value = getattr(overrides, name)
        if value and not (
            (name in ("label", "split") and (_LEVEL.fullmatch(value) or (name, value) == ("split", "none")))
            or (name == "label" and is_name_spec(value))
        ):
            raise ConfigError(
                f"--{name} {value}: a folder of class folders has no columns.",
                error_id="E-CONFIG-VALUE",
                hint=f"Its folders are folder:1 (the outermost), folder:2 and so on, such as --{name} folder:1."
                if name in ("label", "split")
                else "Leave it out, or compare a table that names the files.",
            )


def _listed(names: Mapping[str, Sequence[str]]) -> str:
    """Parts with the names of their folders, such as "train and test (Testing)"."""
    shown = [
        part + ("" if names[part] in ([part], ["val"]) else f" ({', '.join(names[part])})")
        for part in ("train", "valid", "test")
        if part in names
    ]
    return " and ".join(shown)
