"""Fits as data: a JSON value and plain arrays in a folder, which cannot run code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

STATE, ARRAYS = "state.json", "arrays.safetensors"

Arrays = Mapping[str, NDArray[Any]]


class State(NamedTuple):
    """A JSON object, and arrays by name."""

    value: dict[str, Any]
    arrays: dict[str, NDArray[Any]]

    def whole(self, name: str, most: int) -> int:
        """Return a whole number of the object; ValueError unless it is one from 1 to `most`."""
        number = self.value.get(name)
        if type(number) is not int or not 1 <= number <= most:
            raise ValueError(f"{name} is {number!r}, expected a whole number from 1 to {most}")
        return number

    def array(self, name: str, *, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """Return an array of floats; ValueError unless it is there, with this shape (None: any length) and finite."""
        array = self.arrays.get(name)
        if array is None or len(array.shape) != len(shape) or array.dtype.kind != "f":
            raise ValueError(f"no array of numbers {name!r} with {len(shape)} axes")
        if any(side not in (None, own) for side, own in zip(shape, array.shape, strict=True)):
            raise ValueError(f"array {name!r} has shape {array.shape}, expected {shape}")
        if not np.isfinite(array).all():
            raise ValueError(f"array {name!r} has values that are not finite")
        return array


def write_state(folder: Path, value: Mapping[str, Any] | None = None, arrays: Arrays | None = None) -> None:
    """Write a JSON object and arrays of numbers into an existing folder.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_state(folder, {"length": 3}, {"w": np.ones(2)})
    >>> state = read_state(folder)
    >>> state.value["length"], state.arrays["w"].tolist()
    (3, [1.0, 1.0])
    """
    from safetensors.numpy import save_file

    text = json.dumps(dict(value or {}), allow_nan=False, separators=(",", ":"))
    (folder / STATE).write_text(text, encoding="utf-8")
    # safetensors writes the memory of an array as it is; ascontiguousarray would turn scalars into vectors.
    save_file({name: np.asarray(array, order="C") for name, array in (arrays or {}).items()}, folder / ARRAYS)


def read_state(folder: Path) -> State:
    """Read what `write_state` wrote; ValueError if it is damaged, OSError if it is missing."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        value = json.loads((folder / STATE).read_bytes())
    except RecursionError as error:
        raise ValueError(f"{STATE}: nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError(f"{STATE}: not a JSON object")
    try:
        arrays = load((folder / ARRAYS).read_bytes())
    except SafetensorError as error:
        raise ValueError(f"{ARRAYS}: {error}") from error
    # Copies: those of safetensors lie in one read-only buffer, at places that suit no dtype.
    return State(value, {name: np.array(array) for name, array in arrays.items()})
