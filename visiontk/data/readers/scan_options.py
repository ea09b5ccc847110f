"""Parameters of data sets of scans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from visiontk.data.checks.copies import Leak
from visiontk.data.options import Size, TableColumns


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
