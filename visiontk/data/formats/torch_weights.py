"""Tensors of weight files in PyTorch's older format, read without executing the pickles in them.

Such a file [1]_ is four pickles (a magic number, a version, sizes of types, the tensors by name with shape and
strides), a pickled list of the keys of storages, and the storages in that order, each an 8-byte count and the values.

References
----------
.. [1] PyTorch, torch/serialization.py, ``_legacy_save``.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import pickletools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.data.formats.bounded import read_bounded
from visiontk.errors import DataError

MAX_BYTES = 2 << 30
"""Larger files are refused."""

MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001

_DTYPES: dict[str, np.dtype[Any]] = {"torch FloatStorage": np.dtype("<f4"), "torch LongStorage": np.dtype("<i8")}
_DICT, _TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
_NUMBERS = frozenset({"BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"})
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}


class _Global(NamedTuple):
    """Name of a Python object in a pickle; it is never imported."""

    name: str


class _Storage(NamedTuple):
    dtype: np.dtype[Any]
    key: str
    size: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_torch_weights(path: str | os.PathLike[str], *, sha256: str = "") -> dict[str, NDArray[Any]]:
    """Tensors by name of a file that ``torch.save`` wrote in the older format; nothing in the file is executed.

    Parameters
    ----------
    path : path-like
        Usually ``.pth``.
    sha256 : str
        Expected hash of the file in hexadecimal digits, checked before anything else is looked at; empty for none.

    Returns
    -------
    dict of ndarray
        Float32 or int64, in the order of the file.

    Raises
    ------
    DataError
        ``E-WEIGHTS-MISSING``; ``E-WEIGHTS-HASH``; ``E-WEIGHTS-UNSAFE`` for a pickle that does more than describe
        tensors; ``E-WEIGHTS-DECODE`` for damage and other formats.
    """
    path = Path(path)
    content = read_bounded(path, MAX_BYTES, missing="E-WEIGHTS-MISSING", larger="E-WEIGHTS-DECODE")
    if sha256 and (digest := hashlib.sha256(content).hexdigest()) != sha256:
        raise DataError(
            f"{path}: its sha256 is {digest[:16]}…, expected {sha256[:16]}…: these are not the published weights.",
            error_id="E-WEIGHTS-HASH",
            hint="Install or download the file again.",
        )
    try:
        return _tensors(content)
    # Of a closed list of simple operations: an empty stack, an unknown memo, a number where a name should be.
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError) as error:
        if isinstance(error, DataError):
            raise DataError(f"{path}: {error.message}", error_id=error.error_id, hint=error.hint) from None
        raise DataError(
            f"{path}: not weights in PyTorch's older format: {str(error) or type(error).__name__}.",
            error_id="E-WEIGHTS-DECODE",
            hint="Install or download the file again.",
        ) from None


def _tensors(content: bytes) -> dict[str, NDArray[Any]]:
    stream = io.BytesIO(content)
    magic, version, system, tensors, keys = (_Pickle(stream).value() for _ in range(5))
    if (magic, version) != (MAGIC, VERSION) or not system["little_endian"]:
        raise ValueError("its beginning is that of another format")
    if not isinstance(tensors, dict) or not tensors or not all(isinstance(t, _Tensor) for t in tensors.values()):
        raise ValueError("its fourth part does not list tensors by name")
    if not isinstance(keys, list):
        raise ValueError("its fifth part does not list storages")
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    if sorted(keys) != sorted(storages):
        raise ValueError(f"it lists {len(keys)} storages, not the {len(storages)} of its tensors")
    values = {key: _values(stream, storages[key]) for key in keys}
    if stream.read(1):
        raise ValueError(f"it goes on after its last storage, at byte {stream.tell() - 1}")
    return {name: _view(name, tensor, values[tensor.storage.key]) for name, tensor in tensors.items()}


def _values(stream: io.BytesIO, storage: _Storage) -> NDArray[Any]:
    """Values of the storage at this place of the file."""
    size = int.from_bytes(stream.read(8), "little")
    if size != storage.size:
        raise ValueError(f"storage {storage.key} has {size} values, its tensors expect {storage.size}")
    content = stream.read(size * storage.dtype.itemsize)
    if len(content) != size * storage.dtype.itemsize:
        raise ValueError(f"storage {storage.key} ends after {len(content)} bytes")
    return np.frombuffer(content, storage.dtype)


def _view(name: str, tensor: _Tensor, values: NDArray[Any]) -> NDArray[Any]:
    """Copy of a tensor, which is a view of its storage; all of it lies within."""
    shape, strides = tensor.shape, tensor.strides
    numbers = (tensor.offset, *shape, *strides)
    if len(shape) != len(strides) or not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError(f"the shape or the strides of tensor {name!r} are not counts")
    count = math.prod(shape)
    last = tensor.offset + sum((side - 1) * stride for side, stride in zip(shape, strides, strict=True))
    if count > len(values) or (count and last >= len(values)):
        raise ValueError(f"tensor {name!r} of shape {shape} leaves its storage of {len(values)} values")
    steps = [stride * values.itemsize for stride in strides]
    return np.lib.stride_tricks.as_strided(values[tensor.offset :], shape, steps, writeable=False).copy()


class _Pickle:
    """Interpreter of the few operations that pickles of tensors need; all others are refused.

    Parameters
    ----------
    stream : BytesIO
        At the first byte of a pickle; `value` leaves it behind the last one.
    """

    def __init__(self, stream: io.BytesIO) -> None:
        self.stream = stream
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def value(self) -> Any:
        """Value of the pickle: numbers, texts, tuples, lists, dicts, names, storages and tensors."""
        for operation, argument in self._operations():
            if operation in _NUMBERS:
                self.stack.append(argument)
            elif operation in _CONSTANTS:
                self.stack.append(_CONSTANTS[operation])
            elif operation in ("BINPUT", "LONG_BINPUT"):
                self.memo[argument] = self.stack[-1]
            elif operation in ("BINGET", "LONG_BINGET"):
                self.stack.append(self.memo[argument])
            elif operation == "MARK":
                self.marks.append(len(self.stack))
            elif operation == "GLOBAL":
                self.stack.append(_name(argument))
            elif operation == "BINPERSID":
                self.stack.append(_storage(self.stack.pop()))
            else:
                self._build(operation)
        return self.stack.pop()

    def _operations(self) -> Iterator[tuple[str, Any]]:
        """Operations before STOP; `pickletools` decodes them and calls nothing."""
        for code, argument, _ in pickletools.genops(self.stream):
            if code.name == "STOP":
                return
            if code.name != "PROTO":
                yield code.name, argument

    def _build(self, operation: str) -> None:
        """Perform an operation that makes a value of others."""
        stack = self.stack
        if operation in ("EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE"):
            stack.append({"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}[operation]())
        elif operation in ("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3"):
            stack.append(tuple(self._popped() if operation == "TUPLE" else self._popped(int(operation[-1]))))
        elif operation in ("SETITEM", "SETITEMS"):
            items = self._popped(2 if operation == "SETITEM" else None)
            _dict(stack[-1]).update((_text(key), value) for key, value in zip(items[::2], items[1::2], strict=True))
        elif operation in ("APPEND", "APPENDS"):
            items = self._popped(1 if operation == "APPEND" else None)
            stack[-1].extend([_text(item) for item in items])
        elif operation == "REDUCE":
            function, arguments = self._popped(2)
            stack.append(_call(function, arguments))
        elif operation == "BUILD":
            self._popped(1)  # attributes of the dict of tensors, such as versions of its layers
            _dict(stack[-1])
        else:
            raise _unsafe(f"the operation {operation}")

    def _popped(self, n: int | None = None) -> list[Any]:
        """The last `n` values, or those after the last mark, removed from the stack."""
        start = self.marks.pop() if n is None else len(self.stack) - n
        if start < 0:
            raise IndexError("a pickle takes more values than it has")
        values = self.stack[start:]
        del self.stack[start:]
        return values


def _name(argument: str) -> _Global:
    if argument not in (*_DTYPES, _DICT, _TENSOR):
        raise _unsafe(f"the Python object {argument.replace(' ', '.')!r}")
    return _Global(argument)


def _storage(description: Any) -> _Storage:
    """Storage named by a persistent id: ("storage", type, key, device, number of values, None)."""
    word, kind, key, _, size, view = description
    if word != "storage" or view is not None or kind.name not in _DTYPES or type(size) is not int or size < 0:
        raise ValueError("a storage has an unknown form")
    return _Storage(_DTYPES[kind.name], _text(key), size)


def _call(function: Any, arguments: Any) -> Any:
    """Value of one of the two calls in such files, an empty dict and a tensor; nothing is called."""
    if function == _Global(_DICT) and arguments == ():
        return {}
    if function != _Global(_TENSOR) or not isinstance(arguments[0], _Storage):
        raise _unsafe(f"a call of {getattr(function, 'name', type(function).__name__)!r}")
    storage, offset, shape, strides, *_ = arguments
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"a pickle sets items of a {type(value).__name__}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a pickle has a {type(value).__name__} where a text should be")
    return value


def _unsafe(what: str) -> DataError:
    return DataError(
        f"its pickle asks for {what}, which no file of weights needs and which could run code.",
        error_id="E-WEIGHTS-UNSAFE",
        hint="Do not use this file.",
    )
