"""Boxes of objects in an image, in the XML of the PASCAL Visual Object Classes challenge."""

from __future__ import annotations

import os
from typing import NamedTuple
from xml.etree import ElementTree

from visiontk.data.formats.image import read_file
from visiontk.errors import DataError
from visiontk.messages import printable

MAX_BYTES = 1 << 20
"""Larger files are refused; an annotation has some kilobytes."""


class Box(NamedTuple):
    """A labelled box in pixels; the right and bottom edge are outside."""

    label: str
    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top


def read_voc(path: str | os.PathLike[str]) -> list[Box]:
    """Boxes of one annotation file [1]_, whose corners are counted from 1 and belong to the box.

    Raises
    ------
    DataError
        ``E-DATA-DECODE`` if the file is no such annotation: damaged, with entities, or with an object that lacks a
        name or a corner; ``E-DATA-HUGE``.

    References
    ----------
    .. [1] Everingham et al. (2010), The PASCAL visual object classes (VOC) challenge, IJCV 88, 303.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> corners = "<xmin>1</xmin><ymin>3</ymin><xmax>4</xmax><ymax>9</ymax>"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.xml")
    ...     item = f"<object><name>cell</name><bndbox>{corners}</bndbox></object>"
    ...     _ = file.write_text(f"<annotation>{item}</annotation>")
    ...     read_voc(file)
    [Box(label='cell', left=0, top=2, right=4, bottom=9)]
    """
    name = printable(os.fspath(path))
    content = read_file(path, at_most=MAX_BYTES)
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DataError(f"{name}: XML with a document type or entities, which are not read", error_id="E-DATA-DECODE")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise DataError(f"{name}: damaged XML ({error})", error_id="E-DATA-DECODE") from None
    return [_box(each, name) for each in root.iter("object")]


def _box(item: ElementTree.Element, name: str) -> Box:
    label = (item.findtext("name") or "").strip()
    corners = [item.findtext(f"bndbox/{corner}") for corner in ("xmin", "ymin", "xmax", "ymax")]
    try:
        left, top, right, bottom = (round(float(corner or "")) for corner in corners)
    except (ValueError, OverflowError):
        label = ""
    if not label:
        raise DataError(f"{name}: an object without a name or without four corners", error_id="E-DATA-DECODE")
    return Box(label, left - 1, top - 1, right, bottom)
