"""Images and labels of CIFAR-10 and CIFAR-100 in the publisher's binary version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Ints
from visiontk.data.formats.bounded import read_bounded
from visiontk.errors import DataError

MAX_BYTES = 512 << 20
"""Larger files are refused; the largest of CIFAR has 154 MB."""

_PIXELS = 3 * 32 * 32


def read_cifar(
    path: str | os.PathLike[str], *, labels: Literal["coarse", "fine"] | None = None
) -> tuple[NDArray[np.uint8], Ints]:
    """One file of CIFAR-10 or CIFAR-100 [1]_.

    A row is one label byte (CIFAR-10) or a coarse and a fine one (CIFAR-100), then 3,072 bytes of pixels: three planes,
    red, green, blue, each of 32 rows of 32.

    Parameters
    ----------
    path : path-like
        Such as ``data_batch_1.bin``, or ``train.bin`` of CIFAR-100.
    labels : {"coarse", "fine"}, optional
        Labels of CIFAR-100; None for CIFAR-10.

    Returns
    -------
    ndarray of uint8, shape (n, 32, 32, 3), and ndarray of int64, shape (n,)
        Images and classes.

    Raises
    ------
    DataError
        ``E-DATA-MISSING``; ``E-DATA-HUGE``; ``E-DATA-TRUNC`` if the size is not a multiple of a row;
        ``E-DATA-TARGETS`` for labels out of range, as in a file of another format.

    References
    ----------
    .. [1] Krizhevsky (2009), Learning multiple layers of features from tiny images, technical report.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "data_batch_1.bin")
    ...     _ = file.write_bytes(bytes([7]) + bytes(3072))
    ...     x, y = read_cifar(file)
    >>> x.shape, y.tolist()
    ((1, 32, 32, 3), [7])
    """
    path = Path(path)
    content = read_bounded(path, MAX_BYTES, missing="E-DATA-MISSING", larger="E-DATA-HUGE")
    size = len(content)
    n_labels, column, n_classes = {None: (1, 0, 10), "coarse": (2, 0, 20), "fine": (2, 1, 100)}[labels]
    if not size or size % (n_labels + _PIXELS):
        raise DataError(
            f"{path}: {size} bytes, expected a multiple of {n_labels + _PIXELS}.",
            error_id="E-DATA-TRUNC",
            hint="Download the file again, in the binary version.",
        )
    rows = np.frombuffer(content, np.uint8).reshape(-1, n_labels + _PIXELS)
    y = rows[:, column].astype(np.int64)
    if y.max() >= n_classes:
        raise DataError(
            f"{path}: label {y.max()}, expected 0 to {n_classes - 1}.",
            error_id="E-DATA-TARGETS",
            hint="Download the file again, in the binary version.",
        )
    planes = rows[:, n_labels:].reshape(-1, 3, 32, 32)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), y
