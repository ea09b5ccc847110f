"""IDX files, the format of MNIST and its successors, plain or compressed with gzip."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from visiontk.errors import DataError

MAX_BYTES = 4 << 30
"""Larger arrays are refused before memory is allocated."""

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_DEFLATED = 1032  # zlib technical details, "Maximum Compression Factor"
_CHUNK = 1 << 20


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Array of an IDX file [1]_.

    Parameters
    ----------
    path : path-like
        Plain or gzip, distinguished by content. Read as a stream: a gzip bomb costs no memory.

    Returns
    -------
    ndarray
        Shape as in the header, in the byte order of this machine.

    Raises
    ------
    DataError
        ``E-DATA-TRUNC`` if bytes are missing; ``E-DATA-HUGE`` if the header claims more than
        4 GiB or more than the file can hold; ``E-DATA-DECODE`` if it is damaged or not an IDX file.

    References
    ----------
    .. [1] LeCun, Cortes and Burges (1998), The MNIST database of handwritten digits, "File formats".

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "labels.idx1-ubyte")
    ...     _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    ...     read_idx(file)
    array([7, 2, 1], dtype=uint8)
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if not packed:
                return _read(raw, path, size, packed=False)
            with gzip.GzipFile(fileobj=raw) as unpacked:
                return _read(unpacked, path, size, packed=True)  # type: ignore[arg-type]
    except EOFError:
        raise DataError(
            f"{path}: truncated gzip file of {size} bytes; its end is missing.",
            error_id="E-DATA-TRUNC",
            hint="Download the file again.",
        ) from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path}: damaged gzip file: {error}.", error_id="E-DATA-DECODE", hint="Download the file again."
        ) from None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}.", error_id="E-DATA-MISSING") from None


def _read(stream: BinaryIO, path: Path, size: int, *, packed: bool) -> NDArray[Any]:
    dtype, shape = _header(stream, path)
    # Python integers: a product of header fields overflows int64.
    body = math.prod(shape) * dtype.itemsize
    header = 4 + 4 * len(shape)
    room = size * _MOST_DEFLATED if packed else size - header
    if body > MAX_BYTES or (packed and body > room):
        raise DataError(
            f"{path}: header claims {body} bytes for shape {shape}; "
            f"a file of {size} bytes can hold {room}, and the limit is {MAX_BYTES}.",
            error_id="E-DATA-HUGE",
        )
    if not packed and room < body:
        raise _truncated(path, shape, body, room)
    content = np.empty(body, np.uint8)
    view, done = content.data, 0
    while done < body:
        chunk = stream.read(min(_CHUNK, body - done))
        if not chunk:
            raise _truncated(path, shape, body, done)
        view[done : done + len(chunk)] = chunk
        done += len(chunk)
    # Reading on also makes gzip compare its checksum.
    if stream.read(1):
        raise DataError(
            f"{path}: bytes follow the {body} that shape {shape} needs.",
            error_id="E-DATA-DECODE",
            hint="Download the file again.",
        )
    return content.view(dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _header(stream: BinaryIO, path: Path) -> tuple[np.dtype[Any], tuple[int, ...]]:
    magic = stream.read(4)
    if len(magic) < 4:
        raise DataError(f"{path}: {len(magic)} bytes, but an IDX header has at least 8.", error_id="E-DATA-TRUNC")
    if magic[:2] != b"\0\0" or magic[2] not in _DTYPES or not 1 <= magic[3] <= 8:
        raise DataError(
            f"{path}: not an IDX file: it begins with {magic.hex(' ')}, expected 00 00, "
            "a type 08 to 0e and 1 to 8 dimensions.",
            error_id="E-DATA-DECODE",
        )
    sizes = stream.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise DataError(
            f"{path}: header of {4 + len(sizes)} bytes, but {magic[3]} dimensions need {4 + 4 * magic[3]}.",
            error_id="E-DATA-TRUNC",
        )
    return np.dtype(_DTYPES[magic[2]]), struct.unpack(f">{magic[3]}I", sizes)


def _truncated(path: Path, shape: tuple[int, ...], expected: int, actual: int) -> DataError:
    return DataError(
        f"{path}: declared {expected} bytes for shape {shape}, found {actual}.",
        error_id="E-DATA-TRUNC",
        hint="Download the file again.",
    )
