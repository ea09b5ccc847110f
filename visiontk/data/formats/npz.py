"""Arrays from ``.npz`` files, without the pickles that such a file may contain."""

from __future__ import annotations

import math
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.errors import DataError, did_you_mean

MAX_BYTES = 4 << 30
"""Larger arrays are refused before memory is allocated."""


def read_npz(path: str | os.PathLike[str], *names: str) -> dict[str, NDArray[Any]]:
    """Arrays of an ``.npz`` file by name; nothing in the file is executed.

    Parameters
    ----------
    path : path-like
        As written by `numpy.savez` or `numpy.savez_compressed`.
    *names : str
        Arrays to read; by default all.

    Returns
    -------
    dict of ndarray
        In the order of `names`.

    Raises
    ------
    DataError
        ``E-DATA-KEY`` for a missing name, with the nearest one; ``E-DATA-UNSAFE`` for an
        array of Python objects; ``E-DATA-TRUNC``, ``E-DATA-HUGE`` and ``E-DATA-DECODE`` for damage.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(Path(folder, "a.npz"), train_images=np.zeros((2, 3)))
    ...     read_npz(Path(folder, "a.npz"), "train_images")["train_images"].shape
    (2, 3)
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            known = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            for name in names:
                if name not in known:
                    raise DataError(f"{path}: no array {name!r}. {did_you_mean(name, known)}", error_id="E-DATA-KEY")
            return {name: _member(archive, path, name) for name in names or known}
    # Errors of zipfile, zlib and numpy for damaged files; NotImplementedError: an unknown compression.
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"{path}: not a readable npz file of {path.stat().st_size} bytes: {error or 'its end is missing'}.",
            error_id="E-DATA-DECODE",
            hint="Download the file again.",
        ) from None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}.", error_id="E-DATA-MISSING") from None


def _member(archive: zipfile.ZipFile, path: Path, name: str) -> NDArray[Any]:
    entry = archive.getinfo(f"{name}.npy")
    with archive.open(entry) as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        elif version == (2, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
        else:
            raise ValueError(f"array {name!r} has format version {version}, known are (1, 0) and (2, 0)")
        if dtype.hasobject:
            raise DataError(
                f"{path}: array {name!r} holds Python objects, which can run code.", error_id="E-DATA-UNSAFE"
            )
        if min(shape, default=0) < 0:
            raise ValueError(f"array {name!r} has shape {shape}")
        body, room = math.prod(shape) * dtype.itemsize, entry.file_size - stream.tell()
        if body > MAX_BYTES:
            raise DataError(
                f"{path}: array {name!r} of shape {shape} takes {body} bytes, the limit is {MAX_BYTES}.",
                error_id="E-DATA-HUGE",
            )
        if body != room:
            raise DataError(
                f"{path}: array {name!r} of shape {shape} needs {body} bytes, the file declares {room}.",
                error_id="E-DATA-TRUNC",
            )
        content = bytearray()
        while chunk := stream.read(1 << 20):
            content += chunk
    if len(content) != body:
        raise DataError(
            f"{path}: array {name!r}: declared {body} bytes, found {len(content)}.", error_id="E-DATA-TRUNC"
        )
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")
