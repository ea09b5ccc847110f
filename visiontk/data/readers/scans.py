"""DICOM files and NIfTI volumes named by a table, as samples without names of people."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np

from visiontk.core import Card, Samples
from visiontk.data.checks.copies import check_copies
from visiontk.data.checks.labels import check_parts
from visiontk.data.checks.problems import Problems
from visiontk.data.checks.rare_classes import handle_rare_classes
from visiontk.data.fingerprints import fingerprint
from visiontk.data.formats.dicom import DicomImage, decode_dicom
from visiontk.data.formats.intensity import Values, chosen_window
from visiontk.data.formats.nifti import NiftiSlice, Plane, decode_nifti
from visiontk.data.layouts.manifest import Manifest, read_manifest
from visiontk.data.options import ClassOptions, PatientColumns, ScanOptions, TableFormat, check_options
from visiontk.data.privacy import (
    numbered_errors,
    patient_notes,
    patient_numbers,
    positive_last,
    sample_ids,
    write_key,
)
from visiontk.data.readers.labelled_files import copies_in
from visiontk.data.readers.scan_files import ReadScans, read_scans
from visiontk.errors import DataError

NAME = "own data"
"""Name on the card: a table or folder may be named after a person."""


def dicom_table(
    path: str,
    scans: ScanOptions,
    columns: PatientColumns,
    classes: ClassOptions,
    table_format: TableFormat,
    strict_phi: bool = False,
    caution: str = "",
    on_problem: Problems | None = None,
) -> Samples:
    """DICOM files named by a table, uint16 of shape (size, size, 1), 0 to 65535 over the window.

    Errors name files by number. Without a column of patients, the files' PatientID groups them; it is not stored.
    `strict_phi` refuses files that may have text about a person burned in, instead of counting them.
    """
    decode = partial(decode_dicom, frame=scans.frame, window=chosen_window(scans.center, scans.width))
    manifest = _manifest(path, scans, columns, classes, table_format, on_problem)
    named = bool(columns.patient_column)
    images: list[DicomImage] = []

    def first(content: bytes, name: str) -> Values:
        image = decode(content, name, patient=not named)
        images.append(image._replace(shares=np.empty((0, 0))))
        return image.shares

    content = read_scans(manifest, scans, first, lambda content, name: decode(content, name).shares, on_problem)
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
    table_format: TableFormat,
    plane: Plane = "axial",
    slice_index: int | None = None,
    caution: str = "",
    on_problem: Problems | None = None,
) -> Samples:
    """One slice of each NIfTI volume named by a table, as from `dicom_table`.

    NIfTI files name no patients, so without a column there are no groups.
    """
    window = chosen_window(scans.center, scans.width)
    decode = partial(decode_nifti, plane=plane, slice_index=slice_index, frame=scans.frame, window=window)
    manifest = _manifest(path, scans, columns, classes, table_format, on_problem)
    slices: list[NiftiSlice] = []

    def first(content: bytes, name: str) -> Values:
        image = decode(content, name)
        slices.append(image._replace(shares=np.empty((0, 0))))
        return image.shares

    content = read_scans(manifest, scans, first, lambda content, name: decode(content, name).shares, on_problem)
    where = "middle" if slice_index is None else f"{slice_index}th"
    notes = [f"The {where} {plane} slice of each volume.", *_nifti_notes(slices, scans)]
    return _samples(manifest, content, notes, scans, classes, caution, on_problem)


def _manifest(
    path: str,
    scans: ScanOptions,
    columns: PatientColumns,
    classes: ClassOptions,
    table_format: TableFormat,
    on_problem: Problems | None,
) -> Manifest:
    check_options(scans, classes)
    with numbered_errors(on_problem=on_problem):
        manifest = read_manifest(path, columns.named, columns.columns, table_format, on_problem)
    least, rule = classes.min_per_class, classes.on_rare_class
    check_parts(manifest.y, manifest.labels, manifest.parts, "the table", least, "image", rule, on_problem)
    return manifest


def _grouped(manifest: Manifest, patients: Sequence[str]) -> tuple[Manifest, int]:
    """Groups by the files' own patients, and the number of files without one, each a separate group."""
    unnamed = sum(not patient for patient in patients)
    names = [patient or f"\0{i}" for i, patient in enumerate(patients)]
    return manifest._replace(groups=np.array(names, dtype=object)), unnamed


def _samples(
    manifest: Manifest,
    content: ReadScans,
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
        shorter_side=content.shorter_side,
        notes=(*notes, content.note, *copies, *manifest.notes, *patient_notes(groups), key_note),
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
