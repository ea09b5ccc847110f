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
from visiontk.data.layouts.left_out import left_out
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
    listing: Listing, path: str, kind: str, overrides: Overrides, *, kinds: Kinds = KINDS, least: int = 1
) -> Recognised:
    """Class folders of one kind of files, perhaps within or around parts of a split.

    `least` is the smallest number of training samples of a class.
    """
    _refuse_table_settings(overrides)
    where = printable(str(Path(path).expanduser().absolute()))
    listing = only(listing, kind, kinds)
    layout = read_layout(listing, where, label=overrides.label, split=overrides.split)
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
    spec, group = group_by_names(layout.files, layout.classes, overrides, outer=layout.outer)
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
        (_labels_setting(layout, overrides, len(labels)), group, *_split_setting(layout, overrides)),
        (*notes, *lost.notes, *layout.left_out),
        lost.warnings,
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
    where = "around" if levels.split < levels.label else "in"
    names: dict[str, list[str]] = {}
    for name, part in sorted(levels.parts.items()):
        names.setdefault(part, []).append(printable(name))
    folds = not PARTS & set(names)
    listed = f"{len(names)} folds, each of which is the test set in turn" if folds else _listed(names)
    return [DetectedSetting("split", f"the folders {where} the class folders", listed, "--split none")]


def _refuse_table_settings(overrides: Overrides) -> None:
    """Refuse settings that only a table can have."""
    for name in ("label", "time", "text", "path", "split"):
        value = getattr(overrides, name)
        if value and not (
            name in ("label", "split") and (_LEVEL.fullmatch(value) or (name, value) == ("split", "none"))
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
