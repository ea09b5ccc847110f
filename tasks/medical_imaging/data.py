"""Where the pictures come from: published sets by their name, and the user's own, in which nobody has a name."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge

from visiontk.core import Samples
from visiontk.data import image_folder, image_table, list_files, read_manifest
from visiontk.data.checks.copies import Leak
from visiontk.data.checks.labels import RareClass
from visiontk.data.formats.image import SUFFIXES
from visiontk.data.formats.nifti import Plane
from visiontk.data.privacy import hidden, numbered_errors, positive_last
from visiontk.data.readers.medmnist import ANY, Size, read_medmnist
from visiontk.data.readers.scans import Columns, dicom_table, nifti_table
from visiontk.messages import printable

from .phantoms import CAUTION


def medmnist(
    subset: Literal[
        "bloodmnist",
        "breastmnist",
        "chestmnist",
        "dermamnist",
        "octmnist",
        "organamnist",
        "organcmnist",
        "organsmnist",
        "pathmnist",
        "pneumoniamnist",
        "retinamnist",
        "tissuemnist",
    ] = "breastmnist",
    finding: str = ANY,
    size: Size = 28,
) -> Samples:
    """A two-dimensional set of MedMNIST [1]_ with the publisher's split.

    Parameters
    ----------
    subset : str
        Which one. The multi-label chestmnist is asked one question, see `finding`; the grades of retinamnist
        are taken for classes without order.
    finding : str
        Of chestmnist: one of its 14 findings, or "any" for any of them against none.
    size : {28, 64, 128, 224}
        Side in pixels; above 28 from the publisher's ``<subset>_<size>.npz``.

    References
    ----------
    .. [1] Yang et al. (2023), MedMNIST v2: a large-scale lightweight benchmark for 2D and 3D biomedical image
       classification, Scientific Data 10, 41.
    """  # fmt: skip
    return read_medmnist(subset, finding=finding, size=size, caution=CAUTION)


def pneumoniamnist(size: Size = 28) -> Samples:
    """5,856 chest radiographs of children [1]_, pneumonia or none, with the split of MedMNIST [2]_.

    Parameters
    ----------
    size : {28, 64, 128, 224}
        Side in pixels.

    References
    ----------
    .. [1] Kermany et al. (2018), Identifying medical diagnoses and treatable diseases by image-based deep
       learning, Cell 172, 1122.
    .. [2] Yang et al. (2023), MedMNIST v2, Scientific Data 10, 41.
    """
    return read_medmnist("pneumoniamnist", size=size, caution=CAUTION)


def dicom(
    path: str = "",
    size: int = 64,
    frame: Annotated[int, Ge(0)] | None = None,
    center: float | None = None,
    width: float | None = None,
    strict_phi: bool = False,
    positive: str = "",
    min_per_class: int = 5,
    path_column: str = "path",
    label_column: str = "label",
    patient_column: str = "",
    part_column: str = "",
    leak: Leak = "refuse",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """DICOM files named by a CSV table; patients are kept whole, and nothing about them is kept.

    Parameters
    ----------
    path : str
        The table; the files lie in its folder or below.
    size : int
        Side in pixels, 1 to 4096; any shape is stretched to a square.
    frame : int, optional
        Of files with several frames, from 0; by default the middle one.
    center, width : float, optional
        One window for all files, in the unit of the modality, such as -600 and 1500 for lungs in CT; by default
        each file's own.
    strict_phi : bool
        Refuse files that may have text about a person burned in; by default they are counted.
    positive : str
        Label of the class that is looked for; by default the last of two.
    min_per_class : int
        A class with fewer pictures to learn from is too small.
    path_column, label_column, patient_column, part_column : str
        Of the table. Without a column of patients the files' PatientID groups them.
    leak : {"refuse", "warn"}
        Whether the same picture in two parts of the table's split is an error or a note.
    on_rare_class : {"refuse", "drop"}
        Whether a class with fewer pictures to learn from than that ends the work, or is left out with all its
        pictures. Those of test are counted as unknown.
    """
    return dicom_table(
        path,
        size=size,
        frame=frame,
        center=center,
        width=width,
        strict_phi=strict_phi,
        positive=positive,
        columns=Columns(path_column, label_column, patient_column, part_column),
        min_per_class=min_per_class,
        caution=CAUTION,
        leak=leak,
        on_rare_class=on_rare_class,
    )


def nifti(
    path: str = "",
    size: int = 64,
    plane: Plane = "axial",
    slice_index: Annotated[int, Ge(0)] | None = None,
    frame: Annotated[int, Ge(0)] | None = None,
    center: float | None = None,
    width: float | None = None,
    positive: str = "",
    min_per_class: int = 5,
    path_column: str = "path",
    label_column: str = "label",
    patient_column: str = "",
    part_column: str = "",
    leak: Leak = "refuse",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """One slice of each NIfTI volume named by a CSV table.

    Parameters
    ----------
    path, size, center, width, positive, min_per_class, path_column, label_column, part_column, leak, on_rare_class
        As for `dicom`; without a window the 0.5th to 99.5th percentile of each slice.
    plane : {"axial", "coronal", "sagittal"}
        Of the slice, in canonical orientation.
    slice_index : int, optional
        From 0; by default the middle one.
    frame : int, optional
        Of volumes with a fourth axis, which are refused without it.
    patient_column : str
        NIfTI files name no patients: without this column pictures of one may be learnt and tested.
    """
    return nifti_table(
        path,
        size=size,
        plane=plane,
        slice_index=slice_index,
        frame=frame,
        center=center,
        width=width,
        positive=positive,
        columns=Columns(path_column, label_column, patient_column, part_column),
        min_per_class=min_per_class,
        caution=CAUTION,
        leak=leak,
        on_rare_class=on_rare_class,
    )


def table(
    path: str = "",
    size: int = 64,
    color: Literal["grey", "rgb", "auto"] = "auto",
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    depth: Literal["full", "percentile"] | None = None,
    positive: str = "",
    min_per_class: int = 5,
    path_column: str = "path",
    label_column: str = "label",
    patient_column: str = "",
    part_column: str = "",
    leak: Leak = "refuse",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """Pictures named by a CSV table with a class and, in a column, a patient for each.

    Parameters
    ----------
    path : str
        The table; the pictures lie in its folder or below.
    size, color, on_bad_file, depth, min_per_class, leak, on_rare_class
        As for a folder of pictures.
    positive : str
        Label of the class that is looked for; by default the last of two.
    path_column, label_column, patient_column, part_column : str
        Of the table. Name the patients: pictures of one must not be learnt and tested.
    """
    with numbered_errors():
        names = read_manifest(path, path_column=path_column, label_column=label_column).names
    with numbered_errors(names):
        found = image_table(
            path,
            size,
            color,
            on_bad_file,
            min_per_class,
            depth,
            path_column=path_column,
            label_column=label_column,
            group_column=patient_column,
            part_column=part_column,
            leak=leak,
            on_rare_class=on_rare_class,
        )
    return positive_last(hidden(found, found.ids.tolist(), caution=CAUTION), positive)


def folder(
    path: str = "",
    size: int = 64,
    color: Literal["grey", "rgb", "auto"] = "auto",
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    depth: Literal["full", "percentile"] | None = None,
    positive: str = "",
    min_per_class: int = 5,
    leak: Leak = "refuse",
    group: str = "",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """Pictures in class folders; say by `group` where their names tell whose they are.

    Parameters
    ----------
    path : str
        The folder that holds one folder for each class, or train and test with such folders.
    size, color, on_bad_file, depth, min_per_class, leak, on_rare_class
        As for any folder of pictures.
    positive : str
        Label of the class that is looked for; by default the last of two.
    group : str
        Which part of the name is the patient: ``name:2`` (the second part), ``name`` (without its last number) or
        ``folder``; empty for none.
    """
    names = list_files(path, SUFFIXES, "pictures").files
    with numbered_errors([printable(name) for name in names]):
        found = image_folder(path, size, color, on_bad_file, min_per_class, depth, leak, group, on_rare_class)
    return positive_last(hidden(found, found.ids.tolist(), caution=CAUTION), positive)
