"""Published sets by their name, and the user's data, in which no person has a name."""

from __future__ import annotations

from typing import Annotated, Literal

from annotated_types import Ge

from visiontk.core import AboutData, Samples, dataset, flat
from visiontk.data import list_files, read_manifest
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.image import SUFFIXES
from visiontk.data.formats.nifti import Plane
from visiontk.data.options import (
    AutoSize,
    ClassOptions,
    FileOptions,
    FolderOptions,
    PatientColumns,
    ScanOptions,
    TableColumns,
    TableFormat,
    WholeImageOptions,
)
from visiontk.data.privacy import anonymised, numbered_errors, positive_last
from visiontk.data.readers.image_folder import read_image_folder, read_image_table
from visiontk.data.readers.medmnist import ANY, Side, read_medmnist
from visiontk.data.readers.pixel_tables import holds_pixels
from visiontk.data.readers.scans import dicom_table, nifti_table
from visiontk.messages import printable

from .phantoms import CAUTION

Subset = Literal[
    "bloodmnist", "breastmnist", "chestmnist", "dermamnist", "octmnist", "organamnist", "organcmnist", "organsmnist",
    "pathmnist", "pneumoniamnist", "retinamnist", "tissuemnist",
]  # fmt: skip


def medmnist(subset: Subset = "breastmnist", finding: str = ANY, size: Side = 28) -> Samples:
    """A two-dimensional set of MedMNIST [1]_ with the publisher's split.

    Parameters
    ----------
    subset : str
        Name of the set. The multi-label chestmnist becomes one question, see `finding`; the grades of retinamnist
        are classes without order.
    finding : str
        Of chestmnist: one of its 14 findings, or "any" for any of them against none.
    size : {28, 64, 128, 224}
        Side in pixels; above 28 from the publisher's ``<subset>_<size>.npz``.

    References
    ----------
    .. [1] Yang et al. (2023), MedMNIST v2: a large-scale lightweight benchmark for 2D and 3D biomedical image
       classification, Scientific Data 10, 41.
    """
    return read_medmnist(subset, finding=finding, size=size, caution=CAUTION)


def pneumoniamnist(size: Side = 28) -> Samples:
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


@dataset(AboutData("DICOM files", "table", general=True, private=True, group="patient_column"))
@flat()
def dicom(
    scans: ScanOptions,
    columns: PatientColumns,
    classes: ClassOptions,
    table_format: TableFormat,
    path: str = "",
    strict_phi: bool = False,
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """DICOM files named by a table; patients are kept whole by every split, and nothing about them is stored.

    Parameters
    ----------
    path : str
        The table, or a folder of tables named train, valid and test.
    strict_phi : bool
        If True, refuse files that may have text about a person burned in; by default they are counted.
    patient_column : str
        Column of the patients; without it the files' PatientID groups them.
    """
    return dicom_table(path, scans, columns, classes, table_format, strict_phi, CAUTION, on_problem)


@dataset(AboutData("NIfTI volumes", "table", general=True, private=True, group="patient_column"))
@flat()
def nifti(
    scans: ScanOptions,
    columns: PatientColumns,
    classes: ClassOptions,
    table_format: TableFormat,
    path: str = "",
    plane: Plane = "axial",
    slice_index: Annotated[int, Ge(0)] | None = None,
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """One slice of each NIfTI volume named by a table.

    Parameters
    ----------
    path : str
        The table, or a folder of tables named train, valid and test.
    plane : {"axial", "coronal", "sagittal"}
        Of the slice, in canonical orientation.
    slice_index : int, optional
        From 0; by default the middle one.
    frame : int, optional
        Of volumes with a fourth axis, which are refused without it.
    patient_column : str
        NIfTI files name no patients: without this column images of one may be in the training set and the test set.
    """
    return nifti_table(path, scans, columns, classes, table_format, plane, slice_index, CAUTION, on_problem)


@dataset(AboutData("images", "table", private=True, group="patient_column"))
@flat()
def table(
    images: WholeImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    columns: PatientColumns,
    table_format: TableFormat,
    path: str = "",
    size: AutoSize = "auto",
    positive: str = "",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """Images named by a table with a class and, in a column, a patient for each.

    Parameters
    ----------
    path : str
        The table, or a folder of tables named train, valid and test.
    size : "auto" or int
        Side of every image in pixels, 1 to 4096; "auto" is the median of their shorter sides, at most 64.
    positive : str
        Label of the positive class; by default the last of two.
    """
    rest = columns.columns
    with numbered_errors(on_problem=on_problem):
        only_labels = TableColumns(columns.label_column)
        pixels = holds_pixels(path, columns.path_column)
        names = () if pixels else read_manifest(path, columns.named, only_labels, table_format, on_problem).names
    with numbered_errors(names, on_problem):
        samples = read_image_table(
            path, size, images.images, files, classes, columns.named, rest, table_format, on_problem
        )
    return positive_last(anonymised(samples, samples.ids.tolist(), caution=CAUTION), positive)


@dataset(AboutData("images", "folder", private=True))
@flat()
def folder(
    images: WholeImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    folders: FolderOptions,
    path: str = "",
    size: AutoSize = "auto",
    positive: str = "",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """Images in class folders; `group` names the patient by a part of the file names.

    Parameters
    ----------
    path : str
        The folder that holds one folder for each class, or train and test with such folders.
    size : "auto" or int
        Side of every image in pixels, 1 to 4096; "auto" is the median of their shorter sides, at most 64.
    positive : str
        Label of the positive class; by default the last of two.
    """
    names = [printable(name) for name in list_files(path, SUFFIXES, "images").files]
    with numbered_errors(names, on_problem):
        samples = read_image_folder(path, size, images.images, files, classes, folders, on_problem)
    return positive_last(anonymised(samples, samples.ids.tolist(), caution=CAUTION), positive)
