"""DICOM files and NIfTI volumes named by a table, as samples without names of people."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple, Protocol

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from visiontk.core import Card, Inputs, Ints, Samples
from visiontk.data.checks.bad_files import changed_error
from visiontk.data.checks.copies import Leak, check_copies
from visiontk.data.checks.labels import check_parts
from visiontk.data.checks.problems import Problems, refuse
from visiontk.data.checks.rare_classes import handle_rare_classes
from visiontk.data.fingerprints import fingerprint
from visiontk.data.formats.dicom import DicomImage, decode_dicom
from visiontk.data.formats.image import read_file
from visiontk.data.formats.intensity import Values, chosen_window, square
from visiontk.data.formats.nifti import NiftiSlice, Plane, decode_nifti
from visiontk.data.layouts.manifest import Manifest, read_manifest
from visiontk.data.options import ClassOptions, Size, TableColumns, check_options
from visiontk.data.privacy import (
    numbered_errors,
    patient_notes,
    patient_numbers,
    positive_last,
    sample_ids,
    write_key,
)
from visiontk.data.readers.labelled_files import MEMORY_LIMIT, copies_in
from visiontk.errors import DataError, EnvironmentFault
from visiontk.messages import refusal

NAME = "own data"
"""Name on the card: a table or folder may be named after a person."""


@dataclass(frozen=True)
class PatientColumns:
    """Columns of a table about patients; empty for none.

    Parameters
    ----------
    path_column : str
        Column of the files, relative to the folder of the table.
    label_column : str
        Column of the classes.
    patient_column : str
        Column of the patients, who are kept whole by every split: images of one must not be in training and test set.
    part_column : str
        Column of the split: ``train``, ``valid`` and ``test``, or names of folds.
    """

    path_column: str = "path"
    label_column: str = "label"
    patient_column: str = ""
    part_column: str = ""

    @property
    def columns(self) -> TableColumns:
        """As columns of any table."""
        return TableColumns(self.label_column, self.patient_column, self.part_column)


@dataclass(frozen=True)
class ScanOptions:
    """Conversion of scans to images.

    Parameters
    ----------
    size : int
        Side of every image in pixels, 1 to 4096; any shape is stretched to a square.
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

    size: Size = 64
    frame: Annotated[int, Ge(0)] | None = None
    center: float | None = None
    width: float | None = None
    positive: str = ""
    leak: Leak = "refuse"


class _Decoded(Protocol):
    @property
    def shares(self) -> Values: ...


class _Read(NamedTuple):
    """Reader of squares, from memory if they are small, and the hash of each."""

    read: Callable[[Ints], Inputs]
    digests: tuple[bytes, ...]


def dicom_table(
    path: str,
    scans: ScanOptions,
    columns: PatientColumns,
    classes: ClassOptions,
    strict_phi: bool = False,
    caution: str = "",
    on_problem: Problems | None = None,
) -> Samples:
    """DICOM files named by a CSV table.

    Parameters
    ----------
    path : str
        The table; the files are in its folder or below.
    scans, classes
        Conversion, and treatment of small classes.
    columns : PatientColumns
        Without a column of patients, the files' PatientID groups them; it is not stored.
    strict_phi : bool
        If True, refuse files that may have text about a person burned in, instead of counting them.
    caution : str
        As in `Card`.
    on_problem : Problems, optional
        Collects problems.

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
    decode = partial(decode_dicom, frame=scans.frame, window=chosen_window(scans.center, scans.width))
    manifest = _manifest(path, scans, columns, classes, on_problem)
    named = bool(columns.patient_column)
    images: list[DicomImage] = []

    def first(content: bytes, name: str) -> Values:
        image = decode(content, name, patient=not named)
        images.append(image._replace(shares=np.empty((0, 0))))
        return image.shares

    content = _read_all(manifest, scans.size, first, _values_of(decode), on_problem)
    burned_in = sum(image.burned_in for image in images)
    if burned_in and strict_phi:
        raise DataError(
            f"{burned_in} of {len(images)} files are marked as having text burned into the image, or are secondary "
            "captures.",
            error_id="E-PHI-BURNEDIN",
            hint="Remove or mask them, or leave strict_phi out: then they are counted.",
        )
    notes = _dicom_notes(images, scans)
    if not named:
        manifest, unnamed = _grouped(manifest, [image.patient for image in images])
        notes += [f"{unnamed} files name no patient: each counts as a separate patient."] if unnamed else []
    return _samples(manifest, content, notes, scans, classes, caution, on_problem)


def nifti_table(
    path: str,
    scans: ScanOptions,
    columns: PatientColumns,
    classes: ClassOptions,
    plane: Plane = "axial",
    slice_index: int | None = None,
    caution: str = "",
    on_problem: Problems | None = None,
) -> Samples:
    """One slice of each NIfTI volume named by a CSV table.

    Parameters
    ----------
    path, scans, columns, classes, caution, on_problem
        As for `dicom_table`; NIfTI files name no patients, so without a column there are no groups.
    plane, slice_index
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
    window = chosen_window(scans.center, scans.width)
    decode = partial(decode_nifti, plane=plane, slice_index=slice_index, frame=scans.frame, window=window)
    manifest = _manifest(path, scans, columns, classes, on_problem)
    slices: list[NiftiSlice] = []

    def first(content: bytes, name: str) -> Values:
        image = decode(content, name)
        slices.append(image._replace(shares=np.empty((0, 0))))
        return image.shares

    content = _read_all(manifest, scans.size, first, _values_of(decode), on_problem)
    where = "middle" if slice_index is None else f"{slice_index}th"
    notes = [f"The {where} {plane} slice of each volume.", *_nifti_notes(slices, scans)]
    return _samples(manifest, content, notes, scans, classes, caution, on_problem)


def _values_of(decode: Callable[[bytes, str], _Decoded]) -> Callable[[bytes, str], Values]:
    return lambda content, name: decode(content, name).shares


def _manifest(
    path: str, scans: ScanOptions, columns: PatientColumns, classes: ClassOptions, on_problem: Problems | None
) -> Manifest:
    check_options(scans, classes)
    with numbered_errors(on_problem=on_problem):
        manifest = read_manifest(path, columns.path_column, columns.columns, on_problem=on_problem)
    least, rule = classes.min_per_class, classes.on_rare_class
    check_parts(manifest.y, manifest.labels, manifest.parts, "the table", least, "image", rule, on_problem)
    return manifest


def _read_all(
    manifest: Manifest,
    size: int,
    first: Callable[[bytes, str], Values],
    again: Callable[[bytes, str], Values],
    on_problem: Problems | None,
) -> _Read:
    ids = sample_ids(len(manifest.names)).tolist()
    squares = None
    if len(ids) * size * size * 2 <= MEMORY_LIMIT:
        squares = np.empty((len(ids), size, size, 1), np.uint16)
    failures: list[DataError | EnvironmentFault] = []
    digests: list[bytes] = []
    for i, (name, number) in enumerate(zip(manifest.names, ids, strict=True)):
        try:
            image = square(first(read_file(manifest.root / name, number), number), size)
        except (DataError, EnvironmentFault) as error:
            failures.append(error)
            continue
        digests.append(hashlib.sha256(image.tobytes()).digest())
        if squares is not None:
            squares[i, ..., 0] = image
    _refuse_all(failures, len(ids), on_problem)
    if squares is not None:
        return _Read(squares.__getitem__, tuple(digests))
    return _Read(_Files(str(manifest.root), manifest.names, tuple(digests), size, again), tuple(digests))


def _refuse_all(failures: Sequence[DataError | EnvironmentFault], n: int, on_problem: Problems | None) -> None:
    """One error for all bad files; a missing package is reported before damaged files."""
    if not failures:
        return
    if on_problem is not None:
        for error in failures:
            if isinstance(error, DataError):
                refuse(error, on_problem=on_problem)
    faults = [error for error in failures if isinstance(error, EnvironmentFault)]
    worst = (faults or failures)[0]
    chosen = [error for error in failures if error.error_id == worst.error_id] if faults else failures
    together = refusal(
        f"{len(chosen)} of {n} files cannot be read",
        [error.message for error in chosen],
        worst.error_id if len({error.error_id for error in chosen}) == 1 else "E-DATA-DECODE",
        worst.hint or "Images are numbered in the order of the table. Replace these files or remove their rows.",
    )
    raise type(worst)(together.message, error_id=together.error_id, hint=together.hint)


@dataclass(frozen=True)
class _Files:
    """Decodes images from their files on demand, and refuses a file that has changed."""

    root: str
    names: tuple[str, ...]
    digests: tuple[bytes, ...]
    size: int
    decode: Callable[[bytes, str], Values]

    def __call__(self, index: Ints) -> Inputs:
        images = np.empty((len(index), self.size, self.size, 1), np.uint16)
        for place, i in enumerate(np.asarray(index).tolist()):
            images[place, ..., 0] = self._one(i)
        return images

    def _one(self, i: int) -> NDArray[np.uint16]:
        number = f"image-{i + 1:05d}"
        image = square(self.decode(read_file(Path(self.root, self.names[i]), number), number), self.size)
        if hashlib.sha256(image.tobytes()).digest() != self.digests[i]:
            raise changed_error(number)
        return image


def _grouped(manifest: Manifest, patients: Sequence[str]) -> tuple[Manifest, int]:
    """Groups by the files' own patients, and the number of files without one, each a separate group."""
    unnamed = sum(not patient for patient in patients)
    names = [patient or f"\0{i}" for i, patient in enumerate(patients)]
    return manifest._replace(groups=np.array(names, dtype=object)), unnamed


def _samples(
    manifest: Manifest,
    content: _Read,
    notes: Sequence[str],
    scans: ScanOptions,
    classes: ClassOptions,
    caution: str,
    on_problem: Problems | None,
) -> Samples:
    groups = None if manifest.groups is None else patient_numbers(manifest.groups.tolist())
    columns = [column for column in (groups, manifest.parts) if column is not None]
    ids = sample_ids(len(manifest.names))
    parts = None if manifest.parts is None else manifest.parts.tolist()
    positions: dict[bytes, list[int]] = {}
    for i, digest in enumerate(content.digests):
        positions.setdefault(digest, []).append(i)
    copies = check_copies(
        copies_in(positions), ids.tolist(), manifest.y, parts, "the table", leak=scans.leak, on_problem=on_problem
    )
    whole = hashlib.sha256(b"".join(content.digests)).hexdigest()
    key = fingerprint(whole, manifest.y, "\n".join(manifest.labels), *columns)
    key_note = write_key(key, ids, manifest.names, groups)
    card = Card(
        NAME,
        key,
        caution=caution,
        grouped_by="" if groups is None else "patient",
        shown=False,
        notes=(*notes, *copies, *manifest.notes, *patient_notes(groups), key_note),
    )
    samples = Samples(ids, manifest.y, manifest.labels, content.read, card, groups, manifest.parts)
    return positive_last(handle_rare_classes(samples, classes, "the table", "image", on_problem), scans.positive)


def _window_note(scans: ScanOptions, default: str) -> str:
    return default if scans.center is None else f"the window {scans.center:g} +- {(scans.width or 0) / 2:g}"


def _dicom_notes(images: Sequence[DicomImage], scans: ScanOptions) -> list[str]:
    modalities = Counter(image.modality for image in images)
    counts = (
        (sum(image.windowless for image in images), "files without a usable window: 0.5th to 99.5th percentile used"),
        (sum(image.inverted for image in images), "MONOCHROME1 files inverted"),
        (sum(image.coloured for image in images), "files in colour converted to grey"),
        (sum(image.multi_frame for image in images), "files with several frames, of which one is used"),
        (sum(image.burned_in for image in images), "files may have text about a person burned in (W-PHI-BURNEDIN)"),
    )
    return [
        f"Modalities: {', '.join(f'{modality} {n}' for modality, n in sorted(modalities.items()))}.",
        f"16 bits: {_window_note(scans, 'the window of each file')} is mapped to 0 to 65535; "
        f"{np.mean([image.beyond for image in images]):.1%} of the pixels are outside.",
        *(f"{n} {text}." for n, text in counts if n),
    ]


def _nifti_notes(slices: Sequence[NiftiSlice], scans: ScanOptions) -> list[str]:
    window = _window_note(scans, "the 0.5th to 99.5th percentile of each slice")
    texts = [f"{window[0].upper()}{window[1:]} is mapped to 0 to 65535."]
    if reoriented := sum(image.reoriented for image in slices):
        texts.append(f"{reoriented} volumes brought to canonical orientation (right, anterior, superior).")
    if filled := sum(image.filled for image in slices):
        texts.append(f"{filled} voxels without a number replaced by the smallest value of their slice.")
    spacings = {tuple(round(s, 3) for s in image.spacing_mm) for image in slices}
    if len(spacings) > 1:
        texts.append(f"{len(spacings)} different pixel spacings, not resampled.")
    return texts
