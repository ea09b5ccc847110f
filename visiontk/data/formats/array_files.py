"""Images and classes in files of arrays: NumPy's ``.npz`` and ``.npy``, and HDF5.

An image is named ``arrays.npz/NAME/ROW.png``, with rows counted from 0, and read as a PNG file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

from visiontk.data.formats.npz import read_npz
from visiontk.data.formats.text_table import Table
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable

SUFFIXES = (".npz", ".npy", ".h5", ".hdf5")

INPUTS = ("x", "images", "image", "imgs", "img", "data", "inputs", "input", "features", "pixels", "texts", "text")
TARGETS = ("y", "labels", "label", "targets", "target", "classes", "class")
PARTS = {"train": "train", "training": "train", "tr": "train", "val": "valid", "valid": "valid",
         "validation": "valid", "dev": "valid", "test": "test", "te": "test", "testing": "test"}  # fmt: skip
POSITIONS = {"arr_0": "x", "arr_1": "y"}
"""Names that `numpy.savez` gives to arrays without one."""


LONG = 1000
"""Numbers a row from which on they may be a recording."""


class _Role(NamedTuple):
    """Meaning of an array by its name."""

    kind: str  # x, y or empty
    part: str  # train, valid or test; empty for none
    rest: str  # the other words


def read_arrays(path: str | Path) -> Table:
    """Table of the images or texts in a file of arrays, with class and, where there are several, part of each.

    Arrays are recognised by names such as ``x_train``, ``y_train``, ``test_images`` and ``labels``. A file ``x.npy``
    stands for all ``.npy`` files in its folder.

    Raises
    ------
    ConfigError
        ``E-GUESS-INPUT`` if inputs or classes are missing, with the shapes of all arrays.
    DataError
        ``E-DATA-*`` for damaged files and arrays that are neither images nor texts.
    """
    where = printable(str(path))
    arrays = _opened(str(path), _changed(str(path)))
    roles = {name: _role(name) for name in arrays}
    pairs = [(name, _partner(name, roles)) for name, role in roles.items() if role.kind == "x"]
    pairs = [(x, y) for x, y in pairs if y]
    if not pairs:
        known = ", ".join(f"{printable(name)} {tuple(array.shape)}" for name, array in list(arrays.items())[:10])
        raise ConfigError(
            f"{where}: arrays {known or 'none'}: no pair of inputs and classes.",
            error_id="E-GUESS-INPUT",
            hint="Call them x and y, or x_train, y_train, x_test and y_test: numpy.savez('data.npz', x=x, y=y).",
        )
    inputs: list[str] = []
    labels: list[str] = []
    parts: list[str] = []
    for x, y in pairs:
        classes = _classes(arrays[y][...], f"{where}: {printable(y)}")
        cells = _cells(Path(path).name, x, arrays[x], where)
        if len(cells) != len(classes):
            raise DataError(
                f"{where}: {len(cells)} rows in {printable(x)}, but {len(classes)} in {printable(y)}.",
                error_id="E-DATA-SHAPE",
                hint="Save the class of every row.",
            )
        inputs += cells
        labels += classes
        parts += [roles[x].part or "train"] * len(cells)
    name = "text" if arrays[pairs[0][0]].dtype.kind in "SU" else "image"
    columns = {name: inputs, "label": labels, **({"split": parts} if len(set(parts)) > 1 else {})}
    return Table(columns, list(range(1, len(inputs) + 1)))


def is_in_arrays(path: str) -> bool:
    """True if a path is that of an image inside of an existing file of arrays."""
    file, name, row = _split(path)
    return bool(name and row) and Path(file).is_file()


def read_in_arrays(path: str, name: str) -> bytes:
    """An image inside of a file of arrays as PNG; DataError ``E-DATA-DECODE`` if there is none."""
    from PIL import Image

    file, array, row = _split(path)
    try:
        pixels = _images(file, _changed(file), unquote(array))(int(row.partition(".")[0]))
    except (IndexError, KeyError, ValueError):
        raise DataError(f"{name}: no such image in the file of arrays", error_id="E-DATA-DECODE") from None
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def _role(name: str) -> _Role:
    words = re.findall(r"[a-z]+|\d+", POSITIONS.get(name, name).lower())
    if len(words) == 1 and (match := re.fullmatch(r"([xy])(train|val|valid|test)", words[0])):
        words = [match[1], match[2]]
    kind = "x" if any(word in INPUTS for word in words) else ""
    kind = "y" if any(word in TARGETS for word in words) else kind
    part = next((PARTS[word] for word in words if word in PARTS), "")
    return _Role(kind, part, "".join(w for w in words if w not in PARTS and w not in INPUTS and w not in TARGETS))


def _partner(name: str, roles: Mapping[str, _Role]) -> str:
    """The classes of an array of inputs; empty if there are none or several."""
    role = roles[name]
    same = [other for other, each in roles.items() if each == role._replace(kind="y")]
    return same[0] if len(same) == 1 else ""


def _classes(values: NDArray[Any], where: str) -> list[str]:
    """Classes as texts, of numbers, texts, or rows of zeros with a one."""
    if values.ndim > 1 and values.size == len(values):
        values = values.reshape(-1)
    if values.ndim == 2 and values.dtype.kind in "biuf" and ((values == 1).sum(1) == 1).all():
        values = values.argmax(axis=1)
    if values.ndim != 1:
        raise DataError(
            f"{where}: shape {values.shape}, expected one class for each row.",
            error_id="E-DATA-SHAPE",
            hint="Save one whole number or name for each sample; several labels of one sample are not supported.",
        )
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8")
    if values.dtype.kind == "f" and (values == np.floor(values)).all():
        values = values.astype(np.int64)
    return [str(value) for value in values.tolist()]


def _cells(file: str, name: str, array: Any, where: str) -> list[str]:
    if array.dtype.kind in "SU" and array.ndim == 1:
        return [str(text) for text in (np.char.decode(array[...], "utf-8") if array.dtype.kind == "S" else array[...])]
    _as_images(array, f"{where}: {printable(name)}")
    place = f"{file}/{quote(name, safe='')}"
    return [f"{place}/{row:06d}.png" for row in range(array.shape[0])]


def _as_images(array: Any, where: str) -> Callable[[int], NDArray[Any]]:
    """Function that gives an image of an array as pixels of 8 or 16 bits."""
    shape = tuple(array.shape)
    side = math.isqrt(shape[1]) if len(shape) == 2 else 0
    if side >= 8 and side * side == shape[1]:
        shape = (shape[0], side, side)
    first = len(shape) == 4 and shape[1] in (1, 3, 4) and shape[3] not in (1, 3, 4)
    if (
        not (len(shape) == 3 or (len(shape) == 4 and (first or shape[3] in (1, 3, 4))))
        or array.dtype.kind not in "biuf"
    ):
        raise DataError(
            f"{where}: {array.dtype} of shape {shape} are no images: (n, height, width) or (n, height, width, 3).",
            error_id="E-DATA-SHAPE",
            hint=_saved_as(shape),
        )
    scale = _scale(array, where)

    def image(row: int) -> NDArray[Any]:
        if not 0 <= row < shape[0]:
            raise IndexError(row)
        pixels = np.asarray(array[row]).reshape(shape[1:])
        pixels = np.moveaxis(pixels, 0, -1) if first else pixels
        pixels = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
        return np.ascontiguousarray(scale(pixels))

    return image


def _saved_as(shape: tuple[int, ...]) -> str:
    """Lines of Python that save arrays of another shape."""
    side = math.isqrt(shape[1] // 3) if len(shape) == 2 else 0
    if side >= 8 and 3 * side * side == shape[1]:
        way = "numpy.savez('data.npz', x=x.reshape({}), y=y)"
        return (
            f"Flattened images need their shape: {way.format(f'-1, 3, {side}, {side}')} if the three colours follow "
            f"each other, {way.format(f'-1, {side}, {side}, 3')} if each pixel has its three."
        )
    if len(shape) == 2 and shape[1] >= LONG:
        return (
            "If these are recordings, save a file of each, here with 16000 samples a second: "
            "for i, (c, wave) in enumerate(zip(y, x)): os.makedirs(f'data/{c}', exist_ok=True); "
            "scipy.io.wavfile.write(f'data/{c}/{i}.wav', 16000, wave); then visiontk compare data"
        )
    return "Images, recordings, scans and texts are compared; measurements are not."


def _scale(array: Any, where: str) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """Function that converts pixels to 8 or 16 bits."""
    if array.dtype == np.uint8:
        return lambda pixels: pixels
    values = np.asarray(array[...])
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    whole = array.dtype.kind in "iu"
    if whole and low >= 0 and 255 < high < 65536:
        return lambda pixels: pixels.astype(np.uint16)
    if low >= 0 and (high > 1 or whole) and high <= 255:
        return lambda pixels: np.rint(pixels).astype(np.uint8)
    if low >= 0 and high <= 1:
        return lambda pixels: np.rint(pixels * np.float32(255)).astype(np.uint8)
    raise DataError(
        f"{where}: values from {low:g} to {high:g}, expected 0 to 255 or 0 to 1.",
        error_id="E-DATA-RANGE",
        hint="Save them with this range: "
        "numpy.savez('data.npz', x=numpy.uint8((x - x.min()) / numpy.ptp(x) * 255), y=y).",
    )


@lru_cache(maxsize=8)
def _images(path: str, changed: int, name: str) -> Callable[[int], NDArray[Any]]:
    """The images of an array, whose values are searched for their range once."""
    return _as_images(_opened(path, changed)[name], name)


@lru_cache(maxsize=2)
def _opened(path: str, changed: int) -> Mapping[str, Any]:
    """Arrays of a file by name; `changed` is the time of its last change, so that a new content is read again."""
    name = path.lower()
    if name.endswith(".npz"):
        return read_npz(path)
    if name.endswith(".npy"):
        return {each.stem: _npy(each) for each in sorted(Path(path).parent.glob("*.npy"))}
    return _hdf5(path)


def _npy(path: Path) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise DataError(f"{path}: not a readable array: {error}.", error_id="E-DATA-DECODE") from None
    return array


def _hdf5(path: str) -> dict[str, Any]:
    import h5py

    arrays: dict[str, Any] = {}
    try:
        file = h5py.File(path, "r")
        file.visititems(lambda name, item: arrays.update({name: item}) if isinstance(item, h5py.Dataset) else None)
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"{path}: not a readable HDF5 file: {error}.", error_id="E-DATA-DECODE") from None
    return arrays


def _changed(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}.", error_id="E-CSV-FILE") from None


def _split(path: str) -> tuple[str, str, str]:
    """File, array and row of a path; empty texts if it is none in a file of arrays."""
    place = Path(path)
    file = str(place.parent.parent)
    return (file, place.parent.name, place.name) if file.lower().endswith(SUFFIXES) else ("", "", "")
