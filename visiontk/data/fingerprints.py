"""Short hash of content that identifies data."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def fingerprint(*parts: NDArray[Any] | str | bytes) -> str:
    """First 16 hexadecimal digits of a SHA-256 over type, shape and bytes of every part.

    Parameters
    ----------
    *parts : ndarray, str or bytes
        Order counts. Byte order and memory layout of an array do not.

    Returns
    -------
    str
        The same on every machine.

    Raises
    ------
    TypeError
        If an array holds Python objects: their bytes are addresses.

    Examples
    --------
    >>> x = np.arange(6, dtype=np.uint8)
    >>> fingerprint(x, "a") == fingerprint(x.copy(), "a")
    True
    >>> fingerprint(x) == fingerprint(x.reshape(2, 3))
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            _add(digest, "str", part.encode("utf-8", "surrogateescape"))
        elif isinstance(part, bytes):
            _add(digest, "bytes", part)
        else:
            _add_array(digest, np.asarray(part))
    return digest.hexdigest()[:16]


def with_groups(content: str, groups: NDArray[Any] | None) -> str:
    """Fingerprint of content with its groups, or of the content alone."""
    return content if groups is None else fingerprint(content, groups)


def _add(digest: hashlib._Hash, kind: str, content: bytes | memoryview) -> None:
    size = content.nbytes if isinstance(content, memoryview) else len(content)
    # The length keeps ("ab", "c") and ("a", "bc") apart.
    digest.update(f"{kind}:{size}:".encode())
    digest.update(content)


def _add_array(digest: hashlib._Hash, array: NDArray[Any]) -> None:
    if array.dtype.hasobject:
        raise TypeError(f"An array of {array.dtype} holds Python objects, whose bytes are not content.")
    if array.dtype.kind == "U":
        # The width of the dtype depends on the longest neighbour, not on the content.
        _add(digest, "texts", str(array.shape).encode())
        for text in array.ravel().tolist():
            _add(digest, "str", text.encode("utf-8", "surrogateescape"))
        return
    plain = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    _add(digest, f"{plain.dtype.str}{array.shape}", plain.reshape(-1).view(np.uint8).data)
