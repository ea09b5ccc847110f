"""Recognition of class folders. No file is opened."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from visiontk.data.checks.labels import RareClass
from visiontk.data.layouts.class_folders import Listing, check_layout, groups_within, read_layout
from visiontk.data.layouts.left_out import left_out
from visiontk.data.readers.labelled_files import identifier
from visiontk.data.recognise.grouping import check_one_side, group_by_names
from visiontk.data.recognise.kinds import KINDS, Kinds, only
from visiontk.data.recognise.records import DetectedSetting, Overrides, Recognised
from visiontk.errors import ConfigError
from visiontk.messages import printable


def recognise_folder(
    listing: Listing, path: str, kind: str, overrides: Overrides, *, kinds: Kinds = KINDS, least: int = 1
) -> Recognised:
    """Class folders of one kind of files, perhaps within train, valid and test.

    `least` is the smallest number of training samples of a class.
    """
    _refuse_table_settings(overrides)
    where = printable(str(Path(path).expanduser().absolute()))
    listing = only(listing, kind, kinds)
    layout = read_layout(listing, where)
    rare: RareClass = "drop" if overrides.on_rare_class == "drop" else "refuse"
    notes = check_layout(listing, layout, where, least, kind.removesuffix("s"), rare)
    lost = left_out(listing, layout, where)
    spec, group = group_by_names(layout.files, layout.classes, overrides, outer=1 if layout.parts is None else 2)
    labels = tuple(sorted(set(layout.classes)))
    place = {name: i for i, name in enumerate(labels)}
    settings = (
        DetectedSetting("labels", "the names of the folders", f"{len(labels)} class folders", ""),
        group,
        *(
            [DetectedSetting("split", "the folders around the class folders", _listed(layout.parts), "")]
            if layout.parts
            else []
        ),
    )
    groups = groups_within(layout, spec, where)
    parts = None if layout.parts is None else np.array(layout.parts, dtype=np.str_)
    check_one_side(groups, parts, group, where)
    return Recognised(
        kind,
        "folder",
        {"group": spec},
        np.array([identifier(name) for name in layout.files], dtype=np.str_),
        tuple(map(identifier, labels)),
        np.array([place[name] for name in layout.classes], dtype=np.int64),
        groups,
        parts,
        settings,
        (*notes, *lost.notes),
        lost.warnings,
    )


def _refuse_table_settings(overrides: Overrides) -> None:
    """Refuse settings that only a table can have."""
    for name in ("label", "time", "text", "path", "split"):
        if value := getattr(overrides, name):
            raise ConfigError(
                f"--{name} {value}: a folder of class folders has no columns.",
                error_id="E-CONFIG-VALUE",
                hint="Its split is that of folders train, valid and test around the class folders; name a folder "
                "without them for a new split."
                if name == "split"
                else "Leave it out, or compare a table that names the files.",
            )


def _listed(parts: Iterable[str]) -> str:
    return " and ".join(part for part in ("train", "valid", "test") if part in set(parts))
