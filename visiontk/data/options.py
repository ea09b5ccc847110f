"""Parameters that dataset functions share; `visiontk.core.flat` makes keyword arguments of the fields."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le

from visiontk.data.checks.copies import Leak
from visiontk.data.checks.labels import RareClass
from visiontk.data.formats.header import Header
from visiontk.errors import ConfigError

Size = Annotated[int, Ge(1), Le(4096)]
AutoSize = Literal["auto"] | Size
WholeAspect = Literal["pad", "stretch"]
SampleRate = Annotated[int, Ge(4_000), Le(192_000)]
Duration = Annotated[float, Ge(0.05), Le(60)]


@dataclass(frozen=True)
class ImageOptions:
    """Conversion of images.

    Parameters
    ----------
    color : {"grey", "rgb", "auto"}
        "auto" is grey if every file is grey.
    depth : {"full", "percentile"} or None
        Conversion of more than 8 bits to 8: the full range of 16 bits, or the 1st to 99th percentile of each image.
        With None such images are refused, never clipped.
    aspect : {"pad", "crop", "stretch"}
        How an image becomes a square: "pad" keeps all of it and fills the rest with the mean of its border, "crop"
        keeps the middle, "stretch" keeps all and distorts it. Square images are the same under each.
    """

    color: Literal["grey", "rgb", "auto"] = "auto"
    depth: Literal["full", "percentile"] | None = None
    aspect: Literal["pad", "crop", "stretch"] = "pad"


@dataclass(frozen=True)
class WholeImageOptions:
    """Conversion of images of which no part may be lost, such as medical ones.

    Parameters
    ----------
    color : {"grey", "rgb", "auto"}
        As in `ImageOptions`.
    depth : {"full", "percentile"} or None
        As in `ImageOptions`.
    aspect : {"pad", "stretch"}
        "pad" fills a square with the mean of the border of the image, "stretch" distorts it. They are never cropped.
    """

    color: Literal["grey", "rgb", "auto"] = "auto"
    depth: Literal["full", "percentile"] | None = None
    aspect: WholeAspect = "pad"

    @property
    def images(self) -> ImageOptions:
        """The same for readers of any images."""
        return ImageOptions(self.color, self.depth, self.aspect)


@dataclass(frozen=True)
class AudioOptions:
    """Conversion of recordings to clips of one length.

    Parameters
    ----------
    sample_rate : int
        In Hz, 4,000 to 192,000; files of other rates are resampled. 16,000 retains all of speech.
    duration_s : float
        Seconds of every clip, 0.05 to 60: longer ones are cut at the end, shorter ones padded with zeros.
    channels : {"mean", "left", "error"}
        Conversion of several channels to one; "error" refuses such files.
    resample : {"allow", "forbid"}
        "forbid" refuses files of other sample rates.
    """

    sample_rate: SampleRate = 16_000
    duration_s: Duration = 2.0
    channels: Literal["mean", "left", "error"] = "mean"
    resample: Literal["allow", "forbid"] = "allow"

    @property
    def n_time(self) -> int:
        """Samples of a clip."""
        return max(round(self.sample_rate * self.duration_s), 1)

    @property
    def key(self) -> str:
        """All that decides the content of a clip, for a fingerprint."""
        return f"{self.sample_rate} Hz, {self.n_time} samples, {self.channels}"


@dataclass(frozen=True)
class FileOptions:
    """Treatment of unreadable files and of copies.

    Parameters
    ----------
    on_bad_file : {"refuse", "skip"}
        "skip" leaves out unreadable files, at most 1 %, and notes them; "refuse" stops.
    leak : {"refuse", "warn"}
        "warn" only notes samples with the same content in two parts of the split; "refuse" stops.
    """

    on_bad_file: Literal["refuse", "skip"] = "refuse"
    leak: Leak = "refuse"


@dataclass(frozen=True)
class ClassOptions:
    """Treatment of small classes.

    Parameters
    ----------
    min_per_class : int
        Smallest number of training samples of a class, at least 1.
    on_rare_class : {"refuse", "drop"}
        "drop" leaves out classes with fewer; their test samples are counted as unknown. "refuse" stops.
    """

    min_per_class: Annotated[int, Ge(1)] = 5
    on_rare_class: RareClass = "refuse"


@dataclass(frozen=True)
class TextOptions:
    """Treatment of long and empty texts.

    Parameters
    ----------
    on_empty : {"refuse", "drop"}
        "drop" leaves out texts without a visible character; "refuse" stops.
    max_chars : int
        Longer texts are cut there, and counted. 20,000 characters are some 3,000 words.
    """

    on_empty: Literal["refuse", "drop"] = "refuse"
    max_chars: Annotated[int, Ge(1)] = 20_000


@dataclass(frozen=True)
class TableFormat:
    r"""Format of a table.

    Parameters
    ----------
    encoding : str
        Of CSV, such as ``utf-8`` or ``latin-1``.
    delimiter : str
        Of CSV: one character, or ``\t``.
    header : {"auto", "first", "none"}
        First line of CSV: "first" names the columns; "none" is data, and the columns are ``column_1``, ``column_2``
        and so on; "auto" decides by its look.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    header: Header = "auto"


@dataclass(frozen=True)
class TableColumns:
    """Columns of a table; empty for none.

    Parameters
    ----------
    label_column : str
        Column of the classes.
    group_column : str
        Column of the unit of independence, such as the person, the author or the recording; a group is never on both
        sides of a split. In tables that name files also ``name:2``, ``name`` or ``folder``: a part of each file name.
    part_column : str
        Column of the split: ``train``, ``valid`` (``val``, ``validation``) and ``test``, or names of folds, each of
        which is the test set in turn.
    time_column : str
        Column of times, in place of `part_column`: the latest fifth is the test set.
    """

    label_column: str = "label"
    group_column: str = ""
    part_column: str = ""
    time_column: str = ""


@dataclass(frozen=True)
class NamedFiles:
    """Files named by a table.

    Parameters
    ----------
    path_column : str
        Column of the files: relative to their folder, with or without an ending, or absolute. Of images also the column
        of the pixels as a text of numbers, or the first of one column for each pixel.
    files_folder : str
        Folder of the files; by default that of the table.
    """

    path_column: str = "path"
    files_folder: str = ""


@dataclass(frozen=True)
class PatientColumns:
    """Columns of a table about patients; empty for none.

    Parameters
    ----------
    path_column : str
        Column of the files: relative to their folder, with or without an ending, or absolute.
    files_folder : str
        Folder of the files; by default that of the table.
    label_column : str
        Column of the classes.
    patient_column : str
        Column of the patients, who are kept whole by every split: images of one must not be in training and test set.
    part_column : str
        Column of the split: ``train``, ``valid`` and ``test``, or names of folds.
    """

    path_column: str = "path"
    files_folder: str = ""
    label_column: str = "label"
    patient_column: str = ""
    part_column: str = ""

    @property
    def named(self) -> NamedFiles:
        """The named files."""
        return NamedFiles(self.path_column, self.files_folder)

    @property
    def columns(self) -> TableColumns:
        """As columns of any table."""
        return TableColumns(self.label_column, self.patient_column, self.part_column)


@dataclass(frozen=True)
class ScanOptions:
    """Conversion of scans to images.

    Parameters
    ----------
    size : "auto" or int
        Side of every image in pixels, 1 to 4096; "auto" as for `chosen_side`.
    aspect : {"pad", "stretch"}
        "pad" fills a square with the mean of the border of the image, "stretch" distorts it. They are never cropped.
    frame : int, optional
        Of files with several frames, from 0; by default the middle one.
    center, width : float, optional
        One window for all files, in the unit of the modality, such as -600 and 1500 for lungs in CT; by default
        each file's own first window, or the 0.5th to 99.5th percentile where it has none.
    positive : str
        Label of the positive class; by default the last of two.
    leak : {"refuse", "warn"}
        "warn" only notes the same image in two parts of the table's split; "refuse" stops.
    """

    size: AutoSize = "auto"
    aspect: WholeAspect = "pad"
    frame: Annotated[int, Ge(0)] | None = None
    center: float | None = None
    width: float | None = None
    positive: str = ""
    leak: Leak = "refuse"


@dataclass(frozen=True)
class FolderOptions:
    """Meaning of folders and of the names of files.

    Parameters
    ----------
    label : str
        Folders that are the classes: ``folder:1`` for the outermost, ``folder:2`` for those in them, and so on; or a
        part of each file name: ``name:1`` (the first part) or ``name`` (without its last number); empty for automatic.
    split : str
        Folders that are the parts of the split or folds, such as ``folder:1``; ``none`` puts all parts together for a
        new split; empty for automatic.
    group : str
        Part of each file name that names the unit of independence, such as a patient or a speaker: ``name:2`` (the
        second part), ``name`` (without its last number), ``folder`` or ``folder:1``; empty for none.
    """

    label: str = ""
    split: str = ""
    group: str = ""


def check_options(*records: Any, **values: tuple[Any, Any]) -> None:
    """Refuse values outside of their declared ranges, for callers that are not checked by a config: ``E-CONFIG-RANGE``.

    `records` are of this module; `values` are single values with their types, such as ``size=(64, Size)``.

    Examples
    --------
    >>> check_options(ClassOptions(min_per_class=0))
    Traceback (most recent call last):
    ...
    visiontk.errors.ConfigError: min_per_class: 0, expected at least 1.
    """
    for record in records:
        hints = get_type_hints(type(record), include_extras=True)
        values |= {each.name: (getattr(record, each.name), hints[each.name]) for each in fields(record)}
    for name, (value, hint) in values.items():
        _check(name, value, hint)


def _check(name: str, value: Any, hint: Any) -> None:
    literals = [part for part in (hint, *get_args(hint)) if get_origin(part) is Literal]
    choices: list[Any] = [each for part in literals for each in get_args(part)]
    if choices and type(None) in get_args(hint):
        choices = [None, *choices]
    ranges = [part for part in (hint, *get_args(hint)) if get_origin(part) is Annotated]
    if value in choices:
        return
    if choices and not (ranges and isinstance(value, int | float)):
        listed = " or ".join([*map(str, choices), *(["a number"] if ranges else [])])
        raise ConfigError(f"{name}: {value!r}, expected {listed}.", error_id="E-CONFIG-RANGE")
    bounds = get_args(ranges[0])[1:] if ranges and value is not None else ()
    low = next((bound.ge for bound in bounds if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in bounds if isinstance(bound, Le)), None)
    if (low is not None and value < low) or (high is not None and value > high):
        expected = f"at least {low}" if high is None else f"{low} to {high}"
        raise ConfigError(f"{name}: {value}, expected {expected}.", error_id="E-CONFIG-RANGE")
