"""NIfTI volumes: one slice of each, in canonical orientation, read with limits before memory is asked for.

References
----------
.. [1] Cox et al. (2004), A (sort of) new image data format standard: NIfTI-1, Human Brain Mapping, meeting abstract.
"""

from __future__ import annotations

import contextlib
import logging
import math
import warnings
import zlib
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np

from visiontk.data.formats.intensity import Values, Window, percentile_window, windowed
from visiontk.errors import DataError, EnvironmentFault

Plane = Literal["axial", "coronal", "sagittal"]
AXES = {"sagittal": 0, "coronal": 1, "axial": 2}
"""Axis across the slices, once the volume points right, anterior, superior."""

MAX_VOXELS = 512**3
SLACK = 1 << 20
"""Bytes that a compressed file may hold beyond what its header declares."""

HEADERS = {348: 352, 540: 544}


class NiftiSlice(NamedTuple):
    """One slice of a volume."""

    shares: Values  # (height, width), 0 black to 1 white; superior or anterior at the top, the body's right on the left
    reoriented: bool  # the volume was not stored in canonical orientation
    filled: int  # NaN voxels of the slice, replaced by its smallest value
    spacing_mm: tuple[float, float]  # of the pixels in rows and columns


def decode_nifti(
    content: bytes,
    name: str,
    *,
    plane: Plane = "axial",
    slice_index: int | None = None,
    frame: int | None = None,
    window: Window | None = None,
) -> NiftiSlice:
    """A slice of the volume in the bytes of a NIfTI-1 or NIfTI-2 file, plain or compressed by gzip.

    `slice_index` is counted from 0 in canonical orientation; by default the middle one. A volume with a fourth axis is
    refused without `frame`. The default `window`, in the volume's unit, is the 0.5th to 99.5th percentile of the slice.
    At most 512 x 512 x 512 voxels. NaN, as around a masked brain, becomes the smallest value of the slice, which must
    have a number.
    """
    nibabel = _nibabel()
    head = _unpacked(content, name, max(HEADERS.values()))
    shape, offset, itemsize = _declared(head, name, nibabel)
    n_voxels = math.prod(shape)
    needed = offset + n_voxels * itemsize
    plain = _unpacked(content, name, needed + SLACK, exactly=needed)
    with _quiet():
        try:
            return _image(nibabel, _loaded(nibabel, plain), name, plane, slice_index, frame, window)
        except DataError:
            raise
        except Exception as error:  # hostile bytes may raise any type, and messages may quote the header
            raise DataError(f"{name}: damaged NIfTI file ({type(error).__name__})", error_id="E-DATA-DECODE") from None


def _image(
    nibabel: Any,
    volume: Any,
    name: str,
    plane: Plane,
    slice_index: int | None,
    frame: int | None,
    window: Window | None,
) -> NiftiSlice:
    affine = volume.affine
    flat = not np.isfinite(affine).all() or abs(np.linalg.det(affine[:3, :3])) < 1e-12
    if flat or np.isnan(nibabel.io_orientation(affine)).any():
        raise DataError(f"{name}: the axes of the volume do not span space", error_id="E-NIFTI-AFFINE")
    reoriented = nibabel.aff2axcodes(affine) != ("R", "A", "S")
    canonical = nibabel.as_closest_canonical(volume) if len(volume.shape) > 2 else volume
    values = _slice(canonical, name, plane, slice_index, frame)
    spacing = [float(s) for s in canonical.header.get_zooms()[:3]]
    across = AXES[plane] if len(spacing) > 2 else 2
    in_plane = [s for axis, s in enumerate(spacing) if axis != across]
    values, filled = _without_nan(values, name)
    # Rows are the second axis of the slice, from its end: superior, or anterior, is at the top.
    shown = np.flipud(values.T)
    shares = windowed(shown, window or percentile_window(shown))
    return NiftiSlice(
        np.fliplr(shares) if plane != "sagittal" else shares, reoriented, filled, (in_plane[1], in_plane[0])
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Suppress warnings and logs of the reader, which quote the header."""
    logger = logging.getLogger("nibabel.global")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        # Numbers of the header are arbitrary; results are checked here.
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def _nibabel() -> Any:
    try:
        import nibabel
    except ImportError:
        raise EnvironmentFault(
            "NIfTI files need the package nibabel.", error_id="E-ENV-PACKAGE", hint="pip install 'visiontk[medical]'"
        ) from None
    return nibabel


def _unpacked(content: bytes, name: str, limit: int, *, exactly: int | None = None) -> bytes:
    """At most `limit` decompressed bytes; with `exactly`, at least that number."""
    if content[:2] == b"\x1f\x8b":
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            plain = stream.decompress(content, limit)
        except zlib.error:
            raise DataError(f"{name}: damaged gzip file", error_id="E-DATA-DECODE") from None
        whole = stream.eof
    else:
        plain, whole = content[:limit], len(content) < limit
    if exactly is not None:
        if len(plain) < exactly:
            raise DataError(f"{name}: the header declares {exactly} bytes, found {len(plain)}", error_id="E-DATA-TRUNC")
        if not whole:
            raise DataError(
                f"{name}: more than {SLACK:,} bytes beyond the {exactly} that the header declares",
                error_id="E-DATA-HUGE",
            )
    return plain


def _declared(head: bytes, name: str, nibabel: Any) -> tuple[tuple[int, ...], int, int]:
    """Shape, offset of the voxels, and bytes per voxel, from the header."""
    if not head:
        raise DataError(f"{name}: empty file", error_id="E-DATA-DECODE")
    if len(head) < min(HEADERS):
        raise DataError(f"{name}: {len(head)} bytes, a NIfTI header has 348 or 540", error_id="E-DATA-TRUNC")
    kinds = {348: nibabel.Nifti1Header, 540: nibabel.Nifti2Header}
    size = next((n for n in _first_number(head) if n in kinds), 0)
    mark = head[344:347] if size == 348 else head[4:7]
    if size not in kinds or mark not in (b"n+1", b"n+2"):
        what = "the header of a pair of files, which are not read" if mark in (b"ni1", b"ni2") else "not NIfTI"
        raise DataError(f"{name}: {what}", error_id="E-DATA-DECODE")
    if len(head) < size:
        raise DataError(f"{name}: {len(head)} bytes, its header has {size}", error_id="E-DATA-TRUNC")
    try:
        header = kinds[size](head[:size], check=False)
        n_axes = int(header["dim"][0])
        shape = tuple(int(n) for n in header["dim"][1 : n_axes + 1])
        dtype, offset = header.get_data_dtype(), int(header["vox_offset"])
    except Exception:  # hostile bytes may raise any type
        raise DataError(f"{name}: damaged NIfTI header", error_id="E-DATA-DECODE") from None
    if not 2 <= n_axes <= 7 or min(shape) < 1:
        raise DataError(f"{name}: a volume of shape {shape}", error_id="E-NIFTI-SHAPE")
    if math.prod(shape) > MAX_VOXELS:
        raise DataError(
            f"{name}: {'x'.join(map(str, shape))} voxels, the limit is {MAX_VOXELS:,}", error_id="E-DATA-HUGE"
        )
    if dtype.kind not in "iuf" or offset < size:
        raise DataError(f"{name}: voxels of type {dtype} at byte {offset} are not supported", error_id="E-DATA-DECODE")
    return shape, offset, dtype.itemsize


def _first_number(head: bytes) -> tuple[int, int]:
    """Size of the header as little-endian and as big-endian number."""
    return int.from_bytes(head[:4], "little"), int.from_bytes(head[:4], "big")


def _loaded(nibabel: Any, plain: bytes) -> Any:
    kind = nibabel.Nifti1Image if plain[344:347] == b"n+1" else nibabel.Nifti2Image
    return kind.from_bytes(plain)


def _slice(volume: Any, name: str, plane: Plane, index: int | None, frame: int | None) -> Values:
    shape = volume.shape
    n_frames = math.prod(shape[3:])
    if n_frames > 1 and frame is None:
        raise DataError(
            f"{name}: a volume of shape {shape} has {n_frames} frames",
            error_id="E-NIFTI-SHAPE",
            hint="Choose one, such as `frame: 0`.",
        )
    chosen = frame or 0
    if not 0 <= chosen < n_frames:
        raise DataError(f"{name}: no frame {chosen}; there are {n_frames}", error_id="E-NIFTI-SLICE")
    # Fortran order, as the voxels lie in the file.
    place = np.unravel_index(chosen, shape[3:], order="F") if len(shape) > 3 else ()
    if len(shape) == 2:
        return np.asarray(volume.dataobj, dtype=np.float64)
    axis = AXES[plane]
    at = shape[axis] // 2 if index is None else index
    if not 0 <= at < shape[axis]:
        raise DataError(f"{name}: no {plane} slice {at}; there are {shape[axis]}", error_id="E-NIFTI-SLICE")
    where: list[Any] = [slice(None)] * 3
    where[axis] = at
    # Scaled by slope and intercept of the header.
    return np.asarray(volume.dataobj[(*where, *(int(i) for i in place))], dtype=np.float64)


def _without_nan(values: Values, name: str) -> tuple[Values, int]:
    missing = np.isnan(values)
    n = int(missing.sum())
    if np.isinf(values).any() or n == values.size:
        raise DataError(
            f"{name}: {int((~np.isfinite(values)).sum())} of {values.size} values are not finite",
            error_id="E-DATA-NONFINITE",
        )
    return (np.where(missing, values[~missing].min(), values) if n else values), n
