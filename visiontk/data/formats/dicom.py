"""DICOM images: values in their own unit, a declared window, all bits, and nothing about the person.

Only the elements in `READ` are decoded; names, dates, places, comments and private elements are skipped
as bytes. Messages of the decoder are not repeated, as they may quote elements.

References
----------
.. [1] National Electrical Manufacturers Association, Digital imaging and communications in medicine (DICOM),
   PS3.3: information object definitions. Sections C.7.6.3 (image pixel), C.11.1 (modality LUT), C.11.2 (VOI LUT).
"""

from __future__ import annotations

import contextlib
import logging
import math
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.data.formats.image import MAX_PIXELS
from visiontk.data.formats.intensity import Values, Window, luma, percentile_window, windowed
from visiontk.errors import DataError, EnvironmentFault

READ = (
    "SOPClassUID", "Modality", "ConversionType", "BurnedInAnnotation",
    "Rows", "Columns", "SamplesPerPixel", "PlanarConfiguration", "PhotometricInterpretation", "NumberOfFrames",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue", "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths", "PixelData", "FloatPixelData", "DoubleFloatPixelData",
    "ModalityLUTSequence", "RescaleSlope", "RescaleIntercept",
    "VOILUTSequence", "VOILUTFunction", "WindowCenter", "WindowWidth",
    "RedPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
)  # fmt: skip
"""Decoded elements; also `PatientID` on request."""

GREY = {"MONOCHROME1", "MONOCHROME2"}
COLOURS = {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "YBR_PARTIAL_420"}
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
DEFLATED = b"1.2.840.10008.1.2.1.99"


class DicomImage(NamedTuple):
    """One frame of a DICOM file."""

    shares: Values  # (height, width), 0 black to 1 white: the window applied, MONOCHROME1 inverted, colours as grey
    modality: str  # such as CR; two letters of the standard's list, or "other"
    patient: str = ""  # PatientID, only for grouping; empty if missing or not requested
    inverted: bool = False  # MONOCHROME1
    coloured: bool = False
    burned_in: bool = False  # text may be burned into the image
    windowless: bool = False  # the window is by percentiles
    multi_frame: bool = False  # one of several frames
    beyond: float = 0.0  # share of the pixels outside of the window


def decode_dicom(
    content: bytes, name: str, *, frame: int | None = None, window: Window | None = None, patient: bool = False
) -> DicomImage:
    """Image from the bytes of a DICOM file; `name` is its name in errors.

    The default `frame` is the middle one of several, counted from 0. The default `window`, in the unit of the modality
    such as Hounsfield units, is the first of the file, or the 0.5th to 99.5th percentile of the image where it has
    none. PatientID is read only if `patient` is True.
    """
    pydicom = _pydicom()
    if not content:
        raise DataError(f"{name}: empty file", error_id="E-DATA-DECODE")
    if content[128:132] != b"DICM":
        raise DataError(f"{name}: not DICOM, the mark DICM is missing at byte 128", error_id="E-DATA-DECODE")
    if DEFLATED in content[132:2048]:
        raise _codec(name, "Deflated Explicit VR Little Endian", "Store the files uncompressed.")
    with _quiet():
        try:
            tags = [*READ, "PatientID"] if patient else list(READ)
            header = pydicom.dcmread(BytesIO(content), specific_tags=tags)
        except EOFError:
            raise DataError(f"{name}: truncated file of {len(content)} bytes", error_id="E-DATA-TRUNC") from None
        except Exception as error:  # hostile bytes may raise any type, and messages may quote them
            raise _damaged(name, error) from None
        try:
            return _image(header, name, len(content), frame, window)
        except (DataError, EnvironmentFault):
            raise
        except MemoryError:
            raise DataError(f"{name}: more pixels than memory", error_id="E-DATA-HUGE") from None
        except Exception as error:  # as above
            raise _damaged(name, error) from None


def _image(header: Any, name: str, n_bytes: int, frame: int | None, window: Window | None) -> DicomImage:
    key = next((key for key in ("PixelData", "FloatPixelData", "DoubleFloatPixelData") if key in header), None)
    if key is None:
        raise DataError(f"{name}: no pixels ({_kind(header)}); maybe truncated", error_id="E-DICOM-NOPIXELS")
    rows, columns = _count(header, "Rows", name), _count(header, "Columns", name)
    samples, n_frames = _count(header, "SamplesPerPixel", name, 1), _count(header, "NumberOfFrames", name, 1)
    if rows * columns * samples > MAX_PIXELS:
        raise DataError(f"{name}: {columns}x{rows} pixels, the limit is {MAX_PIXELS:,}", error_id="E-DATA-HUGE")
    _check_colours(header, name, samples)
    chosen = n_frames // 2 if frame is None else frame
    if not 0 <= chosen < n_frames:
        raise DataError(f"{name}: no frame {frame}; there are {n_frames}", error_id="E-DICOM-FRAME")
    _check_length(header, key, name, rows * columns * samples * n_frames)
    stored = _decoded(header, name, chosen, n_frames)
    photometric = str(header.PhotometricInterpretation)
    coloured = photometric not in GREY
    if coloured:
        values, known, own = _colour_values(header, stored), None, Window(0.0, float(2 ** int(header.BitsStored) - 1))
        if photometric == "PALETTE COLOR":
            own = Window(0.0, float(np.iinfo(values.dtype).max) if values.dtype.kind == "u" else 65535.0)
            values = values.astype(np.float64)
        shares, windowless, beyond = windowed(values, own), False, 0.0
    else:
        values, known = _values(header, stored)
        finite = np.isfinite(values)
        if not finite.all():
            raise DataError(f"{name}: {int((~finite).sum())} values are not finite", error_id="E-DATA-NONFINITE")
        shares, windowless, beyond = _shown(header, values, known, window)
        if known is not None:
            # Padding is not part of the image: black, once white is bright.
            shares = np.where(known, shares, 1.0 if photometric == "MONOCHROME1" else 0.0)
    inverted = photometric == "MONOCHROME1"
    return DicomImage(
        1 - shares if inverted else shares,
        _modality(header),
        str(header.get("PatientID", "") or "").strip(),
        inverted,
        coloured,
        _burned(header),
        windowless,
        n_frames > 1,
        beyond,
    )


def _pydicom() -> Any:
    try:
        import pydicom
    except ImportError:
        raise EnvironmentFault(
            "DICOM files need the package pydicom.", error_id="E-ENV-PACKAGE", hint="pip install 'visiontk[medical]'"
        ) from None
    return pydicom


def _pixels() -> Any:
    import pydicom.pixels

    return pydicom.pixels


def _names_of_uids() -> dict[str, tuple[str, ...]]:
    """Names of the identifiers in the standard."""
    from pydicom import _uid_dict

    return dict(_uid_dict.UID_dictionary)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Warnings and logs of the decoder quote values of elements."""
    logger = logging.getLogger("pydicom")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _damaged(name: str, error: Exception) -> DataError:
    return DataError(f"{name}: damaged DICOM file ({type(error).__name__})", error_id="E-DATA-DECODE")


def _codec(name: str, syntax: str, hint: str) -> EnvironmentFault:
    return EnvironmentFault(f"{name}: no decoder for {syntax}", error_id="E-DICOM-CODEC", hint=hint)


def _kind(header: Any) -> str:
    """The standard's name of the kind of object; never a text of the file's own."""
    names = _names_of_uids().get(str(header.get("SOPClassUID", "")))
    return names[0] if names else "kind unknown"


def _modality(header: Any) -> str:
    modality = str(header.get("Modality", ""))
    return modality if modality.isalpha() and modality.isupper() and len(modality) == 2 else "other"


def _burned(header: Any) -> bool:
    return str(header.get("BurnedInAnnotation", "")).upper() == "YES" or str(header.get("SOPClassUID", "")).startswith(
        SECONDARY_CAPTURE
    )


def _count(header: Any, key: str, name: str, otherwise: int = 0) -> int:
    try:
        value = int(header.get(key, otherwise) or otherwise)
    except (TypeError, ValueError):
        value = 0
    if value < 1:
        raise DataError(f"{name}: {key} is missing or below 1", error_id="E-DATA-DECODE")
    return value


def _check_colours(header: Any, name: str, samples: int) -> None:
    photometric = str(header.get("PhotometricInterpretation", "")).strip()
    palette = "RedPaletteColorLookupTableDescriptor" in header and "RedPaletteColorLookupTableData" in header
    fits = (
        (photometric in GREY and samples == 1)
        or (photometric in COLOURS and samples == 3)
        or (photometric == "PALETTE COLOR" and samples == 1 and palette)
    )
    if not fits:
        known = photometric if photometric in {*GREY, *COLOURS, "PALETTE COLOR"} else "an unknown photometric"
        without = " without a palette" if photometric == "PALETTE COLOR" and not palette else ""
        raise DataError(f"{name}: {known} with {samples} samples a pixel{without}", error_id="E-DICOM-PHOTOMETRIC")


def _check_length(header: Any, key: str, name: str, n_values: int) -> None:
    if header.file_meta.TransferSyntaxUID.is_compressed:
        return
    bits = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}.get(key) or _count(header, "BitsAllocated", name)
    needed, n_bytes = -(-n_values * bits // 8), len(header[key].value)
    if "YBR_FULL_422" in str(header.PhotometricInterpretation):
        needed = needed * 2 // 3
    if n_bytes < needed:
        raise DataError(f"{name}: pixels need {needed} bytes, found {n_bytes}", error_id="E-DATA-TRUNC")


def _decoded(header: Any, name: str, frame: int, n_frames: int) -> NDArray[Any]:
    syntax = header.file_meta.TransferSyntaxUID
    try:
        available = _pixels().get_decoder(syntax).is_available
    except NotImplementedError:
        raise _codec(name, _syntax(syntax), "Store the files in another transfer syntax.") from None
    if not available:
        raise _codec(name, _syntax(syntax), "pip install 'visiontk[medical]', or store the files uncompressed.")
    return np.asarray(_pixels().pixel_array(header, **({"index": frame} if n_frames > 1 else {})))


def _syntax(uid: Any) -> str:
    names = _names_of_uids().get(str(uid))
    return names[0] if names else "an unknown transfer syntax"


def _colour_values(header: Any, stored: NDArray[Any]) -> NDArray[Any]:
    if str(header.PhotometricInterpretation) == "PALETTE COLOR":
        coloured = _pixels().apply_color_lut(stored, header)
        grey = luma(coloured[..., :3])
        return grey * (65535 / np.iinfo(coloured.dtype).max)
    return luma(stored)


def _values(header: Any, stored: NDArray[Any]) -> tuple[Values, NDArray[np.bool_] | None]:
    """Values in the unit of the modality, and a mask of the pixels outside of padding."""
    known = None
    padding = header.get("PixelPaddingValue")
    if isinstance(padding, int) and stored.dtype.kind in "iu":
        known = stored != padding
        known = None if known.all() or not known.any() else known
    return np.asarray(_pixels().apply_modality_lut(stored, header), dtype=np.float64), known


def _shown(
    header: Any, values: Values, known: NDArray[np.bool_] | None, window: Window | None
) -> tuple[Values, bool, float]:
    """Shares of the window; True if it is by percentiles; and the share of pixels outside."""
    if window is None and "VOILUTSequence" in header and len(header.VOILUTSequence):
        lut = np.asarray(_pixels().apply_voi(values.astype(np.int64), header), dtype=np.float64)
        highest = 2 ** int(header.VOILUTSequence[0].LUTDescriptor[2]) - 1
        return np.clip(lut / highest, 0, 1), False, 0.0
    own = _own_window(header) if window is None else None
    if own is not None and own[2] == "SIGMOID":
        center, width, _ = own
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (values - center) / width, -60, 60)))), False, 0.0
    windowless = window is None and own is None
    if window is None:
        window = percentile_window(values, known=known) if own is None else _limits(*own)
    beyond = float(((values < window.low) | (values > window.high)).mean())
    return windowed(values, window), windowless, beyond


def _own_window(header: Any) -> tuple[float, float, str] | None:
    """Center, width and function of the first window of the file, where it makes sense."""
    try:
        center, width = (_first(header.get(key)) for key in ("WindowCenter", "WindowWidth"))
    except (TypeError, ValueError):
        return None
    function = str(header.get("VOILUTFunction", "LINEAR") or "LINEAR").strip().upper()
    if not (math.isfinite(center) and math.isfinite(width)) or width <= 0 or (function == "LINEAR" and width < 1):
        return None
    return center, width, function


def _first(value: Any) -> float:
    several = not isinstance(value, (str, bytes)) and hasattr(value, "__len__")
    return float(value[0] if several and len(value) else value)


def _limits(center: float, width: float, function: str) -> Window:
    """As the standard defines them, C.11.2.1.2 and C.11.2.1.3: LINEAR counts whole grey levels."""
    if function == "LINEAR_EXACT":
        return Window(center - width / 2, center + width / 2)
    low = center - 0.5 - (width - 1) / 2
    return Window(low, low + max(width - 1, 1e-6))
