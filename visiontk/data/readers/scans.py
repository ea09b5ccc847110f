"""DICOM files and NIfTI volumes named by a table, as samples that say nothing about the people in them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Card, Inputs, Ints, Samples
from visiontk.data.checks.bad_files import changed
from visiontk.data.checks.copies import Leak, check_copies
from visiontk.data.checks.labels import RareClass, check_parts
from visiontk.data.checks.problems import refuse, witness
from visiontk.data.checks.rare_classes import learnable
from visiontk.data.fingerprints import fingerprint
from visiontk.data.formats.dicom import DicomPicture, decode_dicom
from visiontk.data.formats.image import read_file
from visiontk.data.formats.intensity import Values, chosen_window, square
from visiontk.data.formats.nifti import NiftiPicture, Plane, decode_nifti
from visiontk.data.layouts.manifest import Manifest, read_manifest
from visiontk.data.privacy import (
    independence,
    numbered_errors,
    patient_numbers,
    positive_last,
    sample_ids,
    write_key,
)
from visiontk.data.readers.image_files import MEMORY_LIMIT
from visiontk.errors import ConfigError, DataError, EnvironmentFault
from visiontk.messages import refusal

NAME = "own data"
"""What the card says: a table or folder may be called after somebody."""


class Columns(NamedTuple):
    """What the columns of a table are called; empty for none."""

    path: str = "path"
    label: str = "label"
    patient: str = ""
    part: str = ""


DEFAULT_COLUMNS = Columns()


def dicom_table(
    path: str,
    *,
    size: int = 64,
    frame: int | None = None,
    center: float | None = None,
    width: float | None = None,
    strict_phi: bool = False,
    positive: str = "",
    columns: Columns = DEFAULT_COLUMNS,
    min_per_class: int = 5,
    caution: str = "",
    leak: Leak = "refuse",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """DICOM files named by a CSV table.

    Parameters
    ----------
    path : str
        The table; the files lie in its folder or below.
    size : int
        Side of every picture in pixels, 1 to 4096; any shape is stretched to a square.
    frame : int, optional
        Of files with several frames, counted from 0; by default the middle one.
    center, width : float, optional
        Window in the unit of the modality, for all files; by default each file's own first window, or the 0.5th to
        99.5th percentile where it has none.
    strict_phi : bool
        Refuse files whose pixels may hold text about a person, instead of counting them.
    positive : str
        Label of the class that is looked for; by default the last of two.
    columns : Columns
        Without a column of patients, the files' own PatientID groups them; it is not kept.
    min_per_class : int
        A class with fewer pictures to learn from is too small.
    caution : str
        As in `Card`.
    leak : {"refuse", "warn"}
        As for `check_copies`.
    on_rare_class : {"refuse", "drop"}
        As for `learnable`.

    Returns
    -------
    Samples
        uint16 of shape (size, size, 1), 0 to 65535 over the window.

    Raises
    ------
    ConfigError, DataError, EnvironmentFault
        As for `read_manifest` and `decode_dicom`, files named by number, all bad ones at once; and
        ``E-PHI-BURNEDIN`` under `strict_phi`.
    """
    window = chosen_window(center, width)
    decode = partial(decode_dicom, frame=frame, window=window)
    manifest = _manifest(path, size, columns, min_per_class, on_rare_class)
    found: list[DicomPicture] = []

    def first(content: bytes, name: str) -> Values:
        picture = decode(content, name, patient=not columns.patient)
        found.append(picture._replace(shares=np.empty((0, 0))))
        return picture.shares

    def again(content: bytes, name: str) -> Values:
        return decode(content, name).shares

    read, digests = _read_all(manifest, size, first, again)
    burned = sum(picture.burned for picture in found)
    if burned and strict_phi:
        raise DataError(
            f"{burned} of {len(found)} files are marked as having text burned into the picture, or are secondary "
            "captures.",
            error_id="E-PHI-BURNEDIN",
            hint="Remove or mask them, or leave strict_phi out: then they are counted.",
        )
    if not columns.patient:
        manifest, unnamed = _grouped(manifest, [picture.patient for picture in found])
    else:
        unnamed = 0
    notes = [*_dicom_notes(found, center, width)]
    if unnamed:
        notes.append(f"{unnamed} files name no patient: each counts as a patient of its own.")
    return _samples(manifest, read, digests, notes, positive, min_per_class, caution, leak, on_rare_class)


def nifti_table(
    path: str,
    *,
    size: int = 64,
    plane: Plane = "axial",
    slice_index: int | None = None,
    frame: int | None = None,
    center: float | None = None,
    width: float | None = None,
    positive: str = "",
    columns: Columns = DEFAULT_COLUMNS,
    min_per_class: int = 5,
    caution: str = "",
    leak: Leak = "refuse",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """One slice of each NIfTI volume named by a CSV table.

    Parameters
    ----------
    path, size, center, width, positive, columns, min_per_class, caution, leak, on_rare_class
        As for `dicom_table`; NIfTI files name no patients, so without a column there are no groups.
    plane, slice_index, frame
        As for `decode_nifti`.

    Returns
    -------
    Samples
        As from `dicom_table`.

    Raises
    ------
    ConfigError, DataError, EnvironmentFault
        As for `read_manifest` and `decode_nifti`, files named by number, all bad ones at once.
    """
    decode = partial(
        decode_nifti, plane=plane, slice_index=slice_index, frame=frame, window=chosen_window(center, width)
    )
    manifest = _manifest(path, size, columns, min_per_class, on_rare_class)
    found: list[NiftiPicture] = []

    def first(content: bytes, name: str) -> Values:
        picture = decode(content, name)
        found.append(picture._replace(shares=np.empty((0, 0))))
        return picture.shares

    def again(content: bytes, name: str) -> Values:
        return decode(content, name).shares

    read, digests = _read_all(manifest, size, first, again)
    where = "middle" if slice_index is None else f"{slice_index}th"
    notes = [f"The {where} {plane} slice of each volume.", *_nifti_notes(found, center, width)]
    return _samples(manifest, read, digests, notes, positive, min_per_class, caution, leak, on_rare_class)


def _manifest(path: str, size: int, columns: Columns, least: int, on_rare_class: RareClass) -> Manifest:
    if not 1 <= size <= 4096:
        raise ConfigError(f"size: {size}, expected 1 to 4096.", error_id="E-CONFIG-RANGE")
    with numbered_errors():
        manifest = read_manifest(
            path,
            path_column=columns.path,
            label_column=columns.label,
            group_column=columns.patient,
            part_column=columns.part,
        )
    check_parts(manifest.y, manifest.labels, manifest.parts, "the table", least, "picture", on_rare_class)
    return manifest


def _read_all(
    manifest: Manifest, size: int, first: Callable[[bytes, str], Values], again: Callable[[bytes, str], Values]
) -> tuple[Callable[[Ints], Inputs], tuple[bytes, ...]]:
    """A reader of squares, from memory where they are small, and the hash of each."""
    ids = sample_ids(len(manifest.names)).tolist()
    kept = None
    if len(ids) * size * size * 2 <= MEMORY_LIMIT:
        kept = np.empty((len(ids), size, size, 1), np.uint16)
    failures: list[DataError | EnvironmentFault] = []
    digests: list[bytes] = []
    for i, (name, number) in enumerate(zip(manifest.names, ids, strict=True)):
        try:
            picture = square(first(read_file(manifest.root / name, number), number), size)
        except (DataError, EnvironmentFault) as error:
            failures.append(error)
            continue
        digests.append(hashlib.sha256(picture.tobytes()).digest())
        if kept is not None:
            kept[i, ..., 0] = picture
    _refuse(failures, len(ids))
    if kept is not None:
        return kept.__getitem__, tuple(digests)
    return _Again(str(manifest.root), manifest.names, tuple(digests), size, again), tuple(digests)


def _refuse(failures: list[DataError | EnvironmentFault], n: int) -> None:
    """One error for all bad files: what is missing here comes before what is wrong there."""
    if not failures:
        return
    if witness() is not None:
        for error in failures:
            if isinstance(error, DataError):
                refuse(error)
    faults = [error for error in failures if isinstance(error, EnvironmentFault)]
    worst = (faults or failures)[0]
    chosen = [error for error in failures if error.error_id == worst.error_id] if faults else failures
    together = refusal(
        f"{len(chosen)} of {n} files cannot be read",
        [error.message for error in chosen],
        worst.error_id if len({error.error_id for error in chosen}) == 1 else "E-DATA-DECODE",
        worst.hint or "Pictures are numbered in the order of the table. Replace these files or remove their rows.",
    )
    raise type(worst)(together.message, error_id=together.error_id, hint=together.hint)


@dataclass(frozen=True)
class _Again:
    """Decodes pictures from their files whenever asked, and refuses a file that has changed."""

    root: str
    names: tuple[str, ...]
    digests: tuple[bytes, ...]
    size: int
    decode: Callable[[bytes, str], Values]

    def __call__(self, index: Ints) -> Inputs:
        pictures = np.empty((len(index), self.size, self.size, 1), np.uint16)
        for place, i in enumerate(np.asarray(index).tolist()):
            pictures[place, ..., 0] = self._one(i)
        return pictures

    def _one(self, i: int) -> NDArray[np.uint16]:
        number = f"image-{i + 1:05d}"
        picture = square(self.decode(read_file(Path(self.root, self.names[i]), number), number), self.size)
        if hashlib.sha256(picture.tobytes()).digest() != self.digests[i]:
            raise changed(number)
        return picture


def _grouped(manifest: Manifest, patients: list[str]) -> tuple[Manifest, int]:
    """The files' own patients as groups; one that names none is a group of its own."""
    unnamed = sum(not patient for patient in patients)
    names = [patient or f"\0{i}" for i, patient in enumerate(patients)]
    return manifest._replace(groups=np.array(names, dtype=object)), unnamed


def _samples(
    manifest: Manifest,
    read: Callable[[Ints], Inputs],
    digests: tuple[bytes, ...],
    notes: list[str],
    positive: str,
    least: int,
    caution: str,
    leak: Leak,
    on_rare_class: RareClass,
) -> Samples:
    groups = None if manifest.groups is None else patient_numbers(manifest.groups.tolist())
    columns = [part for part in (groups, manifest.parts) if part is not None]
    ids = sample_ids(len(manifest.names))
    parts = None if manifest.parts is None else manifest.parts.tolist()
    copied = check_copies(_alike(digests), ids.tolist(), manifest.y, parts, "the table", leak=leak)
    content = fingerprint(
        hashlib.sha256(b"".join(digests)).hexdigest(), manifest.y, "\n".join(manifest.labels), *columns
    )
    kept = write_key(content, ids, manifest.names, groups)
    told = (*notes, *copied, *manifest.notes, *independence(groups), kept)
    grouped_by = "" if groups is None else "patient"
    card = Card(NAME, content, caution=caution, grouped_by=grouped_by, shown=False, notes=told)
    found = Samples(
        ids=ids, y=manifest.y, labels=manifest.labels, read=read, card=card, groups=groups, parts=manifest.parts
    )
    return positive_last(learnable(found, least, on_rare_class, "the table", "picture"), positive)


def _alike(digests: tuple[bytes, ...]) -> list[list[int]]:
    """Positions of pictures that are the same, two at least in each."""
    places: dict[bytes, list[int]] = {}
    for i, digest in enumerate(digests):
        places.setdefault(digest, []).append(i)
    return [found for found in places.values() if len(found) > 1]


def _dicom_notes(found: list[DicomPicture], center: float | None, width: float | None) -> list[str]:
    kinds = Counter(picture.modality for picture in found)
    windowless = sum(picture.windowless for picture in found)
    own = "each file's own window" if center is None else f"the window {center:g} +- {(width or 0) / 2:g}"
    texts = [
        f"Modalities: {', '.join(f'{kind} {n}' for kind, n in sorted(kinds.items()))}.",
        f"16 bits are kept: {own} becomes 0 to 65535; {np.mean([picture.beyond for picture in found]):.1%} of the "
        "pixels lie beyond it.",
    ]
    for n, what in (
        (windowless, "files without a usable window: their 0.5th to 99.5th percentile is taken"),
        (sum(picture.inverted for picture in found), "MONOCHROME1 files inverted"),
        (sum(picture.coloured for picture in found), "files in colour converted to grey"),
        (sum(picture.framed for picture in found), "files with several frames, of which one is used"),
        (sum(picture.burned for picture in found), "files may have text about a person burned in (W-PHI-BURNEDIN)"),
    ):
        if n:
            texts.append(f"{n} {what}.")
    return texts


def _nifti_notes(found: list[NiftiPicture], center: float | None, width: float | None) -> list[str]:
    own = (
        "the 0.5th to 99.5th percentile of each slice"
        if center is None
        else (f"the window {center:g} +- {(width or 0) / 2:g}")
    )
    texts = [f"{own[0].upper()}{own[1:]} becomes 0 to 65535."]
    if turned := sum(picture.turned for picture in found):
        texts.append(f"{turned} volumes turned to canonical orientation (right, anterior, superior).")
    if filled := sum(picture.filled for picture in found):
        texts.append(f"{filled} voxels without a number taken for the least value of their slice.")
    spacings = {tuple(round(s, 3) for s in picture.spacing_mm) for picture in found}
    if len(spacings) > 1:
        texts.append(f"Pixel spacings differ ({len(spacings)} kinds) and are not made equal.")
    return texts
