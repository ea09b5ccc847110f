"""Anything that holds predictions as a table: a path, a DataFrame, a mapping of arrays, an array."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.data.formats.npz import read_npz
from visiontk.data.formats.tables import JSON_LINES, SUFFIXES, read_rows
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable
from visiontk.predictions.frame import Column, Frame, check_lengths, texts_of
from visiontk.predictions.json_rows import SCORE, read_json, read_json_folder, read_json_lines
from visiontk.predictions.separated import read_separated

PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".dill")
CLASS_NAMES = ("classes", "class_names", "labels_in_order")
READ = (*SUFFIXES, ".json", ".npz", ".npy", ".txt")


def read_source(source: Any, where: str, *, encoding: str = "utf-8", delimiter: str = "") -> Frame:
    """Return any source of predictions as a table in memory.

    Parameters
    ----------
    source : path-like, DataFrame, mapping of str to array-like, or array-like
        A file (CSV, TSV, JSON lines, JSON, Parquet, ``.npz``, ``.npy``), a folder of JSON files, a table of pandas or
        polars, columns by name, or an array: classes of shape (n,), scores of shape (n,) for two classes,
        (n, n_classes), or (n_fits, n, n_classes).
    where : str
        What errors call a source that has no path.
    encoding, delimiter : str
        Of separated values.

    Raises
    ------
    ConfigError, DataError, EnvironmentFault
        ``E-PREDICTIONS-FORMAT``, or an error of the reader of the format.

    Examples
    --------
    >>> frame = read_source(np.array([[0.9, 0.1], [0.2, 0.8]]), "svm")
    >>> list(frame.columns), len(frame)
    (['scores'], 2)
    """
    if isinstance(source, str | os.PathLike):
        return _file(Path(source).expanduser(), encoding, delimiter)
    if hasattr(source, "columns") and hasattr(source, "to_numpy"):
        return _table(source, where)
    if isinstance(source, Mapping):
        return _arrays({str(name): np.asarray(column) for name, column in source.items()}, where)
    return _arrays(_of_array(np.asarray(source), where), where)


def _file(path: Path, encoding: str, delimiter: str) -> Frame:
    if not str(path):
        raise ConfigError("predictions: empty path.", error_id="E-CONFIG-PATH")
    where, suffix = printable(str(path)), path.suffix.lower()
    if suffix in PICKLES:
        raise DataError(
            f"{where}: a pickle, which can run code when it is read.",
            error_id="E-PREDICTIONS-FORMAT",
            hint="Save the scores with numpy.savez, or as a table. MMPretrain: mmengine.load(FILE) in a program of "
            "yours, then numpy.savez('scores.npz', scores=[x['pred_score'].numpy() for x in results], "
            "y_true=[x['gt_label'].item() for x in results]).",
        )
    if path.is_dir():
        return read_json_folder(path)
    if not path.is_file():
        raise DataError(f"{where}: no such file.", error_id="E-CSV-FILE", hint="Check the path.")
    if suffix == ".npz":
        return _arrays(read_npz(path), where)
    if suffix == ".npy":
        return _arrays(_of_array(_npy(path), where), where)
    if suffix == ".json":
        return read_json(path)
    if suffix in JSON_LINES:
        return read_json_lines(path)
    if suffix == ".parquet":
        table = read_rows(path)
        return Frame(where, table.columns, table.lines, table.notes, "row")
    if suffix in READ:
        return read_separated(path, encoding=encoding, delimiter=delimiter)
    raise DataError(
        f"{where}: no table of predictions is called {suffix or 'so'}.",
        error_id="E-PREDICTIONS-FORMAT",
        hint=f"Known are {', '.join(READ)}, and a folder of .json files.",
    )


def _npy(path: Path) -> NDArray[Any]:
    try:
        return np.asarray(np.load(path, allow_pickle=False))
    except (ValueError, EOFError, OSError) as error:
        raise DataError(
            f"{printable(str(path))}: not a readable .npy file of numbers: {str(error).splitlines()[0]}",
            error_id="E-PREDICTIONS-FORMAT",
        ) from None


def _of_array(array: NDArray[Any], where: str) -> dict[str, NDArray[Any]]:
    """Return the columns of a bare array: classes or a score for one dimension, scores per class otherwise."""
    if array.ndim == 1:
        return {"score" if array.dtype.kind == "f" else "prediction": array}
    if array.ndim in (2, 3):
        return {"scores": array}
    raise DataError(
        f"{where}: an array of shape {array.shape}.",
        error_id="E-PREDICTIONS-FORMAT",
        hint="Expected (n,), (n, n_classes) or (n_fits, n, n_classes).",
    )


def _table(table: Any, where: str) -> Frame:
    """Return a DataFrame of pandas or polars; an index with a name, or other than 0 to n - 1, is a column."""
    columns: dict[str, NDArray[Any]] = {}
    index = getattr(table, "index", None)
    if index is not None and hasattr(index, "to_numpy"):
        values = np.asarray(index.to_numpy())
        name = getattr(index, "name", None)
        if name is not None or not _is_range(values):
            columns[str(name or "index")] = values
    for name in table.columns:
        if str(name) in columns:
            raise DataError(
                f"{where}: several columns are called {printable(str(name))!r}.", error_id="E-PREDICTIONS-FORMAT"
            )
        columns[str(name)] = np.asarray(table[name].to_numpy())
    return _arrays(columns, where)


def _is_range(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "iu" and bool(np.array_equal(values, np.arange(len(values))))


def _arrays(arrays: Mapping[str, NDArray[Any]], where: str) -> Frame:
    """Return arrays by name as a table: several fits below each other, class names as the names of score columns."""
    names = next((arrays[name] for name in CLASS_NAMES if name in arrays and arrays[name].ndim == 1), None)
    columns: dict[str, Column] = {}
    stacked = {name: array for name, array in arrays.items() if array.ndim == 3}
    n_fits = max((len(array) for array in stacked.values()), default=1)
    for name, array in arrays.items():
        if name in CLASS_NAMES or array.ndim == 0:
            continue
        if array.ndim > 3 or (array.ndim == 3 and len(array) != n_fits):
            raise DataError(
                f"{where}: array {printable(name)!r} of shape {array.shape}.",
                error_id="E-PREDICTIONS-FORMAT",
                hint="Expected (n,), (n, n_classes) or (n_fits, n, n_classes).",
            )
        if array.ndim > 1 and array.dtype.kind not in "fiub":
            raise DataError(
                f"{where}: array {printable(name)!r} of shape {array.shape} does not hold numbers.",
                error_id="E-PREDICTIONS-FORMAT",
            )
        flat = array.reshape(-1, array.shape[2]) if array.ndim == 3 else array
        if flat.ndim == 2 and flat.shape[1] == 1:  # as Keras returns one unit, and MedMNIST its labels
            flat = flat[:, 0]
        if array.ndim < 3 and stacked:
            flat = np.concatenate([flat] * n_fits)
        columns |= _named(flat, name, names) if flat.ndim == 2 else {name: _column(flat)}
    n = check_lengths(where, columns)
    if stacked:
        per_fit = n // n_fits
        columns.setdefault("seed", np.repeat(np.arange(n_fits), per_fit))
        columns.setdefault("id", np.tile(np.arange(per_fit), n_fits))
        return Frame(where, columns, np.tile(np.arange(per_fit), n_fits).tolist(), (), "position")
    return Frame(where, columns, range(n), (), "position")


def _column(values: NDArray[Any]) -> Column:
    """Return numbers as they are, and anything else as texts."""
    return values if values.dtype.kind in "fiub" else texts_of(values)


def _named(matrix: NDArray[Any], name: str, classes: NDArray[Any] | None) -> dict[str, Column]:
    if classes is None or len(classes) != matrix.shape[1]:
        return {name: matrix}
    return {f"{SCORE}{label}": matrix[:, i] for i, label in enumerate(texts_of(classes))}
