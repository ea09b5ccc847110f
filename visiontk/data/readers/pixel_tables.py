"""Tables that hold images as grey levels: one text of numbers an image, as in FER-2013, or one column a pixel."""

from __future__ import annotations

import hashlib
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Card, Inputs, Ints, Read, Samples
from visiontk.data.checks.bad_files import skipped_note, usable_files
from visiontk.data.checks.copies import check_copies
from visiontk.data.checks.labels import check_parts, classes_of
from visiontk.data.checks.problems import Problems
from visiontk.data.checks.rare_classes import handle_rare_classes
from visiontk.data.fingerprints import fingerprint
from visiontk.data.formats.image import Color, DecodedImage, decode_array
from visiontk.data.formats.text_table import Table, missing_column
from visiontk.data.layouts.manifest import groups_in, split_in
from visiontk.data.layouts.part_tables import read_user_table
from visiontk.data.options import ClassOptions, FileOptions, ImageOptions, TableColumns
from visiontk.data.readers.image_files import Reading, read_all
from visiontk.data.readers.image_sizes import Side, chosen_side
from visiontk.data.readers.in_memory import InMemory, Kept
from visiontk.data.readers.labelled_files import ReadFiles, copies_in
from visiontk.errors import DataError
from visiontk.messages import printable

FEWEST = 64
"""Numbers from which on they may be an image: 8 x 8 pixels."""

_SEEN = 20
_MARKS = str.maketrans("[](){},;", " " * 8)
_NUMBER = r"\d+(?:\.\d*)?(?:e-?\d+)?"
_NUMBERS = re.compile(rf"[\s\[({{]*{_NUMBER}(?:[\s,;]+{_NUMBER}){{{FEWEST - 1},}}[\s\])}},;.]*")


def with_pixels(table: Table, column: str = "") -> tuple[Table, str]:
    """The table with all pixels of an image in one column, and its name; empty if there are no pixels.

    Parameters
    ----------
    table : Table
        With a column of texts of at least 64 numbers that make a square image (grey, or three colours a pixel), or
        with one column for each pixel, such as ``pixel0`` to ``pixel783``.
    column : str
        That column, or the first of the pixels; by default it is detected.

    Examples
    --------
    >>> cells = [" ".join(["7"] * 64), " ".join(["9"] * 64)]
    >>> with_pixels(Table({"emotion": ["0", "1"], "pixels": cells}, [2, 3]))[1]
    'pixels'
    >>> wide = Table({"label": ["0"], **{f"pixel{i}": [str(i)] for i in range(64)}}, [2])
    >>> table, name = with_pixels(wide)
    >>> list(table.columns), name
    (['label', 'pixel0'], 'pixel0')
    """
    names = [column] if column else list(table.columns)
    for name in names:
        if _holds_pixels(table.columns.get(name, [])[:_SEEN]):
            return table, name
    run = _run(table.columns, column)
    if not run:
        return table, ""
    cells = [" ".join(row) for row in zip(*(table.columns[name] for name in run), strict=True)]
    rest = {name: cells if name == run[0] else values for name, values in table.columns.items() if name not in run[1:]}
    return Table(rest, *table[1:]), run[0]


def holds_pixels(path: str, column: str) -> bool:
    """True if a table holds pixels in this column, or from this one on."""
    return bool(path) and bool(with_pixels(read_user_table(path, header="auto"), column)[1])


def ids_of(table: Table) -> list[str]:
    """Id of each row."""
    return [f"line-{line}" for line in table.lines]


def pixel_samples(
    table: Table, path: str, column: str, size: Side, images: ImageOptions, files: FileOptions, classes: ClassOptions,
    columns: TableColumns, on_problem: Problems | None = None,
) -> Samples:  # fmt: skip
    """Samples of a table of `with_pixels`; ids are such as ``line-2``.

    Raises
    ------
    DataError
        As `read_manifest` for labels, groups and parts; ``E-DATA-DECODE`` for rows whose numbers are no image, all at
        once.
    """
    where = printable(path)
    for name in filter(None, (columns.label_column, columns.group_column, columns.part_column, columns.time_column)):
        if name not in table.columns:
            raise missing_column(where, name, table.columns, "Name an existing column.")
    labels, y = classes_of(table.columns[columns.label_column], where, lines=table.lines, on_problem=on_problem)
    groups, parts = groups_in(table, columns, where, on_problem), split_in(table, columns, where)
    least, rule = classes.min_per_class, classes.on_rare_class
    check_parts(y, labels, parts, where, least, "image", rule, on_problem)
    names = [f"line {line}" for line in table.lines]
    content = _read(table.columns[column], names, where, size, images, files, on_problem)
    kept = np.array(content.kept, dtype=np.int64)
    y = y[kept]
    groups, parts = (None if each is None else each[kept] for each in (groups, parts))
    kept_names = [names[i] for i in kept]
    copies = check_copies(
        content.copies, kept_names, y, None if parts is None else parts.tolist(), where, leak=files.leak,
        on_problem=on_problem,
    )  # fmt: skip
    card = Card(
        printable(Path(path).stem),
        fingerprint(content.fingerprint, y, "\n".join(labels), *(each for each in (groups, parts) if each is not None)),
        grouped_by=columns.group_column,
        shorter_side=content.shorter_side,
        notes=(*table.notes, *content.notes, *copies),
    )
    ids = np.array(ids_of(table), dtype=np.str_)[kept]
    return handle_rare_classes(
        Samples(ids, y, labels, content.read, card, groups, parts), classes, where, "image", on_problem
    )


def _read(
    cells: Sequence[str], names: Sequence[str], where: str, size: Side, images: ImageOptions, files: FileOptions,
    on_problem: Problems | None,
) -> ReadFiles:  # fmt: skip
    n_pixels = max(len(cell.translate(_MARKS).split()) for cell in cells[:_SEEN])
    unit = all(_largest(cell) <= 1 for cell in cells[:_SEEN])
    side, channels = _shape(n_pixels)
    new = chosen_side(size, side)
    decode = partial(_decode, size=new, n_pixels=n_pixels, unit=unit)

    def row(i: int) -> tuple[DecodedImage, bytes]:
        return decode(cells[i], names[i], color=images.color), cells[i].encode()

    reading = read_all(names, row, Reading(new, images, len(cells)), images.color, None)
    kept = usable_files(reading.failures, len(cells), where, files.on_bad_file, {}, on_problem)
    reader = _Rows(tuple(cells[i] for i in kept), new, n_pixels, reading.channels, unit)
    digest = hashlib.sha256(f"pixels:{new}:{reading.channels}".encode() + b"".join(reading.digests))
    return ReadFiles(
        kept,
        reader if reading.pixels is None else InMemory(reading.pixels, reader),
        digest.hexdigest()[:16],
        (
            f"images of {side}x{side} pixels as numbers in the table" + (", three colours a pixel" * (channels == 3)),
            *(["numbers 0 to 1 scaled to 0 to 255"] if unit else []),
            *reading.notes(),
            *skipped_note(reading.failures),
        ),
        copies_in(reading.positions),
        reading.shorter_side,
    )


@dataclass(frozen=True)
class _Rows:
    """Decodes images from their texts on demand."""

    cells: tuple[str, ...]
    size: int
    n_pixels: int
    channels: int
    unit: bool

    def __call__(self, index: Ints, /) -> Inputs:
        color: Color = "rgb" if self.channels == 3 else "grey"
        images = np.empty((len(index), self.size, self.size, self.channels), np.uint8)
        for place, i in enumerate(index):
            cell = self.cells[int(i)]
            images[place] = _decode(
                cell, "", size=self.size, n_pixels=self.n_pixels, unit=self.unit, color=color
            ).pixels
        return images

    def at_size(self, side: int) -> Read:
        """Reader of the same rows at another size."""
        return Kept(replace(self, size=side))


def _decode(text: str, name: str, *, size: int, n_pixels: int, unit: bool, color: Color) -> DecodedImage:
    values = _numbers(text)
    low, high = (values.min(), values.max()) if len(values) else (0.0, 0.0)
    reason = ""
    if len(values) != n_pixels:
        reason = f"{len(values)} numbers, expected {n_pixels}" if len(values) else "not only numbers"
    elif low < 0 or high > (1 if unit else 255):
        reason = f"numbers {low:g} to {high:g}, expected 0 to {1 if unit else 255}"
    if reason:
        raise DataError(f"{name}: {reason}", error_id="E-DATA-DECODE")
    side, channels = _shape(n_pixels)
    pixels = np.rint(values * 255 if unit else values).astype(np.uint8).reshape(side, side, channels)
    return decode_array(pixels, size=size, color=color)


def _numbers(text: str) -> NDArray[np.float64]:
    """Numbers of a text; none if it has anything else."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            values = np.fromstring(text.translate(_MARKS), dtype=np.float64, sep=" ")
        except (DeprecationWarning, ValueError):
            return np.zeros(0)
    return values if np.isfinite(values).all() else np.zeros(0)


def _largest(text: str) -> float:
    values = _numbers(text)
    return float(values.max()) if len(values) else 0.0


def _shape(n: int) -> tuple[int, int]:
    """Side and channels of a square image of n numbers; 0, 0 if there is none."""
    for channels in (1, 3):
        side = math.isqrt(n // channels)
        if side * side * channels == n:
            return side, channels
    return 0, 0


def _holds_pixels(cells: Sequence[str]) -> bool:
    """True if most of these texts are the numbers of square images of one size."""
    lengths = [len(cell.translate(_MARKS).split()) if _NUMBERS.fullmatch(cell) else 0 for cell in cells]
    likely = max(lengths, key=lengths.count, default=0)
    return likely >= FEWEST and _shape(likely)[0] > 0 and lengths.count(likely) > len(cells) / 2


def _run(columns: Mapping[str, Sequence[str]], first: str) -> list[str]:
    """Consecutive columns with one name but for its number, one for each pixel of a square image."""
    runs: dict[str, list[str]] = {}
    for name, cells in columns.items():
        stem = re.sub(r"\d+(x\d+)?$", "", name.strip())
        if stem != name and all(_is_level(cell) for cell in cells[:_SEEN]):
            runs.setdefault(stem, []).append(name)
    for run in runs.values():
        begin = run.index(first) if first in run else 0
        spans = [] if first and first not in run else [run[begin:], run[begin:-1], *([] if first else [run[1:]])]
        fitting = [span for span in spans if len(span) >= FEWEST and _shape(len(span))[0]]
        # One column more than pixels is that of the classes: the first unless only the last has few values.
        if len(fitting) > 1:
            n_values = len({*columns[run[0]]})
            return fitting[1] if 2 <= n_values <= FEWEST else fitting[0]
        if fitting:
            return fitting[0]
    return []


def _is_level(cell: str) -> bool:
    try:
        return 0 <= float(cell) <= 255
    except ValueError:
        return False
