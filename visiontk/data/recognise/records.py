"""Results of recognising a folder or table of the user's, and the settings that override them."""

from __future__ import annotations

from typing import NamedTuple

from visiontk.core import Ints, Strings
from visiontk.data.formats.header import Header


class Overrides(NamedTuple):
    """The user's settings for a folder or table: names of columns, ``none`` for none, empty for automatic.

    `on_rare_class` is that of the dataset: with "drop" a class may have too few training samples. `slices` are columns
    by which results are broken down; no learner sees them. If `private`, no message repeats a name of a file or group.
    """

    label: str = ""
    group: str = ""
    split: str = ""
    time: str = ""
    text: str = ""
    path: str = ""
    files: str = ""
    encoding: str = "utf-8"
    delimiter: str = ","
    header: Header = "auto"
    on_rare_class: str = "refuse"
    private: bool = False
    slices: tuple[str, ...] = ()


class DetectedSetting(NamedTuple):
    """A setting that was detected or given: name, value, reason, option that overrides it, and examples."""

    name: str
    value: str
    reason: str
    option: str
    examples: str = ""


class Recognised(NamedTuple):
    """A folder or table with class, group and part of every sample, before any file is opened."""

    kind: str  # of the files, such as "images"; or "texts" in a table
    form: str  # place of the labels: "folder" or "table"
    columns: dict[str, str]  # names of path, text, label, group, part and time, empty for none; of a folder group alone
    ids: Strings
    labels: tuple[str, ...]
    y: Ints
    groups: Strings | None
    parts: Strings | None
    settings: tuple[DetectedSetting, ...]  # detected and given
    notes: tuple[str, ...] = ()  # further remarks for the user
    warnings: tuple[str, ...] = ()  # limits of every conclusion from these data
