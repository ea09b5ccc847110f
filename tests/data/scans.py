"""DICOM and NIfTI files for tests."""

from __future__ import annotations

import gzip
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

CANARY = "CANARY7f3a"

PROTECTED = {
    "PatientName": f"{CANARY}^Name",
    "PatientBirthDate": "19010203",
    "PatientAddress": f"{CANARY} Street",
    "OtherPatientIDs": f"{CANARY}-OTHER",
    "PatientMotherBirthName": f"{CANARY}^Mother",
    "PatientTelephoneNumbers": f"{CANARY}-PHONE",
    "EthnicGroup": CANARY,
    "Occupation": CANARY,
    "PatientComments": f"{CANARY} comments",
    "AdditionalPatientHistory": f"{CANARY} history",
    "PatientReligiousPreference": CANARY,
    "MilitaryRank": CANARY,
    "CountryOfResidence": CANARY,
    "InstitutionName": f"{CANARY} Hospital",
    "InstitutionAddress": f"{CANARY} Road",
    "InstitutionalDepartmentName": f"{CANARY} Ward",
    "ReferringPhysicianName": f"{CANARY}^Referrer",
    "PerformingPhysicianName": f"{CANARY}^Performer",
    "NameOfPhysiciansReadingStudy": f"{CANARY}^Reader",
    "OperatorsName": f"{CANARY}^Operator",
    "StudyDescription": f"{CANARY} study",
    "SeriesDescription": f"{CANARY} series",
    "ProtocolName": f"{CANARY} protocol",
    "AccessionNumber": CANARY,
    "StudyID": CANARY,
    "StationName": CANARY,
    "DeviceSerialNumber": CANARY,
    "ImageComments": f"{CANARY} image",
    "RequestedProcedureDescription": f"{CANARY} procedure",
    "RequestingPhysician": f"{CANARY}^Requester",
    "DerivationDescription": f"{CANARY} derivation",
}


def dicom(stored: np.ndarray[Any, Any], *, patient: str = "", protected: bool = False, **elements: Any) -> bytes:
    """Return the bytes of a DICOM file with these stored values; elements of value None are omitted."""
    import pydicom
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    header = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = elements.pop("syntax", ExplicitVRLittleEndian)
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID = elements.pop("SOPClassUID", CTImageStorage)
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = "1.2.3"
    header.Modality = "CT"
    frames = elements.get("NumberOfFrames")
    colours = stored.ndim == (3 if frames is None else 4)
    rows, columns = stored.shape[-3:-1] if colours else stored.shape[-2:]
    plain = {
        "Rows": rows,
        "Columns": columns,
        "SamplesPerPixel": stored.shape[-1] if colours else 1,
        "PhotometricInterpretation": "RGB" if colours else "MONOCHROME2",
        "BitsAllocated": stored.dtype.itemsize * 8,
        "BitsStored": stored.dtype.itemsize * 8,
        "HighBit": stored.dtype.itemsize * 8 - 1,
        "PixelRepresentation": int(stored.dtype.kind == "i"),
        "PixelData": stored.tobytes(),
        **({"PlanarConfiguration": 0} if colours else {}),
        **({"PatientID": patient} if patient else {}),
        **(PROTECTED if protected else {}),
        **elements,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some values are wrong on purpose
        for key, value in plain.items():
            if value is not None:
                setattr(header, key, value)
        if "PixelData" in header:
            header["PixelData"].VR = "OW" if stored.dtype.itemsize > 1 else "OB"
        if protected:
            block = header.private_block(0x0011, f"{CANARY} creator", create=True)
            block.add_new(0x01, "LO", f"{CANARY} private")
            block.add_new(0x02, "OB", CANARY.encode())
        file = BytesIO()
        pydicom.dcmwrite(file, header, enforce_file_format=True)
    return file.getvalue()


def ramp(low: int, high: int, side: int = 16, dtype: Any = np.uint16) -> np.ndarray[Any, Any]:
    """Return grey levels that increase from left to right."""
    return np.tile(np.linspace(low, high, side).astype(dtype), (side, 1))


def nifti(values: np.ndarray[Any, Any], affine: np.ndarray[Any, Any] | None = None, *, packed: bool = True) -> bytes:
    """Return the bytes of a NIfTI file, compressed by default."""
    import nibabel

    image = nibabel.Nifti1Image(values, np.eye(4) if affine is None else affine)
    image.header["descrip"] = f"{CANARY} description".encode()
    content = image.to_bytes()
    return gzip.compress(content, mtime=0) if packed else content


def table(folder: Path, files: list[tuple[str, str, str]], contents: list[bytes], name: str = "table.csv") -> str:
    """Write files and a CSV of (file, label, patient); return its path."""
    for (file, _, _), content in zip(files, contents, strict=True):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    rows = "".join(f"{file},{label},{patient}\n" for file, label, patient in files)
    (folder / name).write_text(f"path,label,patient\n{rows}")
    return str(folder / name)
