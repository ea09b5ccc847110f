"""Files of a publisher that are read at once, up to a size."""

from __future__ import annotations

import os
from pathlib import Path

from visiontk.errors import DataError


def read_bounded(path: Path, limit: int, *, missing: str, larger: str) -> bytes:
    """Content of a file of at most `limit` bytes.

    Raises
    ------
    DataError
        With the id `missing` if it cannot be opened, and `larger` if it is larger; then nothing is read.

    Examples
    --------
    >>> read_bounded(Path(__file__), 10_000, missing="E-DATA-MISSING", larger="E-DATA-HUGE")[:3].decode()
    '\"\"\"'
    """
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            content = stream.read() if size <= limit else b""
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}.", error_id=missing) from None
    if size > limit:
        raise DataError(f"{path}: {size} bytes, the limit is {limit}.", error_id=larger)
    return content
