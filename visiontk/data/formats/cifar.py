"""The pickles in which CIFAR is published, read without executing anything.

A pickle is a program. This reader obeys an allow-list of its instructions, those that build texts,
numbers, lists and dictionaries. The few globals that an array needs become marks that are compared,
never imported and never called.
"""

from __future__ import annotations

import enum
import io
import math
import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Ints
from visiontk.errors import DataError, did_you_mean

MAX_BYTES = 512 << 20
"""Larger files are refused; the largest of CIFAR has 155 MB."""

MAX_STEPS = 5_000_000
"""A longer program is refused; the longest of CIFAR has under a million steps."""


class CifarBatch(NamedTuple):
    """Images of one file: pixels (n, 32, 32, 3) uint8, targets (n,) and the publisher's file names."""

    x: NDArray[np.uint8]
    y: Ints
    names: tuple[str, ...]


def read_cifar(
    path: str | os.PathLike[str], target: Literal["labels", "fine_labels", "coarse_labels"] = "labels"
) -> CifarBatch:
    """One batch of CIFAR-10 or CIFAR-100 [1]_ in its "python version".

    Parameters
    ----------
    path : path-like
        Such as ``data_batch_1``, or ``train`` of CIFAR-100.
    target : {"labels", "fine_labels", "coarse_labels"}
        The first for CIFAR-10, the others for CIFAR-100.

    Returns
    -------
    CifarBatch
        Pixels, targets and names.

    Raises
    ------
    DataError
        As `read_pickle`; ``E-DATA-KEY`` for a missing entry, ``E-DATA-SHAPE`` if lengths differ.

    References
    ----------
    .. [1] Krizhevsky (2009), Learning multiple layers of features from tiny images, technical report.
    """
    entries = read_pickle(path)
    for name in ("data", target, "filenames"):
        if name not in entries:
            raise DataError(f"{path}: no entry {name!r}. {did_you_mean(name, entries)}", error_id="E-DATA-KEY")
    data, names = entries["data"], entries["filenames"]
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != 3072:
        found = f"{data.dtype} of shape {data.shape}" if isinstance(data, np.ndarray) else type(data).__name__
        raise DataError(f"{path}: 'data' is {found}, expected uint8 of shape (n, 3072).", error_id="E-DATA-SHAPE")
    y = _integers(path, target, entries[target])
    if not isinstance(names, list) or not len(names) == len(y) == len(data):
        raise DataError(
            f"{path}: {len(data)} images, {len(y)} {target} and {np.size(names)} filenames.", error_id="E-DATA-SHAPE"
        )
    # Published as three planes, red, green, blue, each 32 rows of 32.
    x = np.ascontiguousarray(data.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return CifarBatch(x, y, tuple(str(name) for name in names))


def _integers(path: str | os.PathLike[str], name: str, values: object) -> Ints:
    if not isinstance(values, list) or any(type(value) is not int or abs(value) > 1_000_000 for value in values):
        raise DataError(f"{path}: {name!r} is not a list of class numbers.", error_id="E-DATA-SHAPE")
    return np.array(values, dtype=np.int64)


def read_pickle(path: str | os.PathLike[str]) -> dict[str, Any]:
    """A dictionary of texts, numbers, lists and arrays from a pickle; anything else is refused.

    Parameters
    ----------
    path : path-like
        Of protocol 2, as published; instructions that only newer protocols have are refused.

    Returns
    -------
    dict of str
        Byte texts, as Python 2 wrote them, are decoded as UTF-8 where they stand as keys, values or
        in a list that is a value.

    Raises
    ------
    DataError
        ``E-DATA-UNSAFE`` naming the global that the file asks for; ``E-DATA-TRUNC``,
        ``E-DATA-HUGE`` and ``E-DATA-DECODE`` for damage.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "meta")
    ...     _ = file.write_bytes(pickle.dumps({"label_names": ["cat", "dog"]}, protocol=2))
    ...     read_pickle(file)
    {'label_names': ['cat', 'dog']}
    """
    path = Path(path)
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            content = stream.read() if size <= MAX_BYTES else b""
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}.", error_id="E-DATA-MISSING") from None
    if size > MAX_BYTES:
        raise DataError(f"{path}: {size} bytes, the limit is {MAX_BYTES}.", error_id="E-DATA-HUGE")
    try:
        found = _Reader(_Metered(content), encoding="bytes").load()
    except _Unsafe as error:
        raise DataError(
            f"{path}: asks for {error}, which an array does not need; refused, as it can run code.",
            error_id="E-DATA-UNSAFE",
            hint="Download the file from its publisher.",
        ) from None
    except _TooLong:
        raise DataError(f"{path}: more than {MAX_STEPS} instructions.", error_id="E-DATA-HUGE") from None
    except EOFError:
        raise DataError(
            f"{path}: truncated after {len(content)} bytes.", error_id="E-DATA-TRUNC", hint="Download the file again."
        ) from None
    except Exception as error:  # a damaged program fails in any way; none of its steps has an effect outside
        reason = f": no instruction {error} is expected here" if isinstance(error, KeyError) else f": {error}"
        raise DataError(f"{path}: damaged or not a pickle{reason}.", error_id="E-DATA-DECODE") from None
    if not isinstance(found, _Entries):
        raise DataError(f"{path}: holds a {type(found).__name__}, expected a dictionary.", error_id="E-DATA-DECODE")
    return {_text(key): _plain(value) for key, value in found.items()}


class _Unsafe(Exception):
    """A global that is not allowed."""


class _TooLong(Exception):
    """More steps than allowed."""


class _Mark(enum.Enum):
    RECONSTRUCT = enum.auto()
    NDARRAY = enum.auto()
    DTYPE = enum.auto()
    ENCODE = enum.auto()


_MARKS = {
    ("numpy.core.multiarray", "_reconstruct"): _Mark.RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _Mark.RECONSTRUCT,
    ("numpy", "ndarray"): _Mark.NDARRAY,
    ("numpy", "dtype"): _Mark.DTYPE,
    ("_codecs", "encode"): _Mark.ENCODE,  # how Python 3 writes bytes into protocol 2
}


class _Entries(dict[Any, Any]):
    """A dictionary whose keys are texts: hashing a tuple nested a million deep ends the process."""

    def __setitem__(self, key: Any, value: Any) -> None:
        if type(key) not in (bytes, str):
            raise ValueError(f"a key of type {type(key).__name__}")
        super().__setitem__(key, value)


class _Dtype:
    def __init__(self, code: str) -> None:
        self.code = code
        self.order = "="

    def numpy(self) -> np.dtype[Any]:
        return np.dtype(self.code).newbyteorder(self.order)  # type: ignore[arg-type]


class _Array:
    value: NDArray[Any] | None = None


class _Metered(io.BytesIO):
    """Counts reads; every step of the program needs one."""

    steps = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise _TooLong
        return super().read(size)


# The reader in Python: its memo is a dictionary, where the one in C asks for as much memory as an index says.
class _Reader(pickle._Unpickler):
    append: Callable[[Any], None]
    stack: list[Any]
    read: Callable[[int], bytes]
    readline: Callable[[], bytes]
    pop_mark: Callable[[], list[Any]]

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _MARKS:
            raise _Unsafe(f"{module}.{name}")
        return _MARKS[module, name]

    def load_instance(self) -> None:
        raise _Unsafe(".".join(self._two_lines()))

    def load_global(self) -> None:
        self.append(self.find_class(*self._two_lines()))

    def _two_lines(self) -> list[str]:
        lines = [self.readline() for _ in range(2)]
        if not lines[1].endswith(b"\n"):
            raise EOFError
        return [line[:-1].decode("ascii", "backslashreplace") for line in lines]

    def load_foreign(self) -> None:
        raise _Unsafe("an object from outside the file")

    def load_entries(self) -> None:
        self.append(_Entries())

    def load_dictionary(self) -> None:
        items = self.pop_mark()
        entries = _Entries()
        for key, value in zip(items[::2], items[1::2], strict=True):
            entries[key] = value
        self.append(entries)

    def load_frame(self) -> None:
        self.read(8)  # a hint for buffers; the steps inside must be counted

    def load_reduce(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = _made(self.stack[-1], arguments)

    def load_build(self) -> None:
        state = self.stack.pop()
        _complete(self.stack[-1], state)

    dispatch: ClassVar[dict[int, Any]] = {
        code[0]: pickle._Unpickler.dispatch[code[0]]
        for code in (
            *(pickle.PROTO, pickle.STOP, pickle.MARK, pickle.STACK_GLOBAL),
            *(pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE, pickle.INT, pickle.BININT, pickle.BININT1, pickle.BININT2),
            *(pickle.LONG, pickle.LONG1, pickle.BINFLOAT, pickle.STRING, pickle.BINSTRING, pickle.SHORT_BINSTRING),
            *(pickle.UNICODE, pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINBYTES, pickle.SHORT_BINBYTES),
            *(pickle.EMPTY_LIST, pickle.LIST, pickle.APPEND, pickle.APPENDS, pickle.SETITEM, pickle.SETITEMS),
            *(pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
            *(pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE),
            *(pickle.GET, pickle.BINGET, pickle.LONG_BINGET),
        )
    } | {
        pickle.EMPTY_DICT[0]: load_entries,
        pickle.GLOBAL[0]: load_global,
        pickle.DICT[0]: load_dictionary,
        pickle.FRAME[0]: load_frame,
        pickle.REDUCE[0]: load_reduce,
        pickle.BUILD[0]: load_build,
        pickle.INST[0]: load_instance,
        **dict.fromkeys(pickle.PERSID + pickle.BINPERSID + pickle.EXT1 + pickle.EXT2 + pickle.EXT4, load_foreign),
    }


def _made(mark: Any, arguments: Any) -> Any:
    if not isinstance(arguments, tuple):
        raise ValueError("a call without arguments")
    if mark is _Mark.RECONSTRUCT and arguments[:1] == (_Mark.NDARRAY,):
        return _Array()
    if mark is _Mark.DTYPE and arguments:
        code = _text(arguments[0])
        if not re.fullmatch(r"[<>|=]?[uif][1248]", code):
            raise ValueError(f"an array of type {code!r}")
        return _Dtype(code)
    if mark is _Mark.ENCODE and len(arguments) == 2 and arguments[1] == "latin1" and type(arguments[0]) is str:
        return arguments[0].encode("latin1")
    raise ValueError("a call that no array needs")


def _complete(made: Any, state: Any) -> None:
    if isinstance(made, _Dtype) and isinstance(state, tuple) and len(state) >= 2:
        order = _text(state[1])
        if order not in ("<", ">", "|", "="):
            raise ValueError(f"byte order {order!r}")
        made.order = order
    elif isinstance(made, _Array) and isinstance(state, tuple) and len(state) == 5:
        _, shape, dtype, fortran, raw = state
        if not (isinstance(shape, tuple) and all(type(n) is int and n >= 0 for n in shape) and len(shape) <= 8):
            raise ValueError("an array of unknown shape")
        if not isinstance(dtype, _Dtype) or type(raw) is not bytes:
            raise ValueError("an array without type or content")
        kind = dtype.numpy()
        if math.prod(shape) * kind.itemsize != len(raw):
            raise ValueError(f"shape {shape} needs {math.prod(shape) * kind.itemsize} bytes, found {len(raw)}")
        made.value = np.frombuffer(raw, kind).reshape(shape, order="F" if fortran else "C")
    else:
        raise ValueError("a state that no array needs")


def _text(value: Any) -> str:
    if type(value) is bytes:
        return value.decode("utf-8", "backslashreplace")
    if type(value) is str:
        return value
    raise ValueError(f"a text of type {type(value).__name__}")


def _plain(value: Any) -> Any:
    if isinstance(value, _Array):
        return value.value
    if type(value) is bytes:
        return _text(value)
    if type(value) is list:
        return [_text(item) if type(item) is bytes else item for item in value]
    return value
