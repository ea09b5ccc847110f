"""Data that are given to `compare` as objects of Python, and how to save them so that a run can be repeated."""

from __future__ import annotations

import os
from typing import Any

from visiontk.errors import ConfigError

ARRAYS = "numpy.savez('data.npz', x=x, y=y), then visiontk.compare('data.npz')"
TABLE = "pandas.DataFrame({'path': paths, 'label': labels}).to_csv('data.csv', index=False), then "
TABLE += "visiontk.compare('data.csv')"


def path_of(target: Any) -> str:
    """Return a target as text; ConfigError ``E-CONFIG-VALUE`` for objects, with the lines that save them.

    A run names its data by their path, so that it can be repeated and its files checked.

    Examples
    --------
    >>> path_of("pets")
    'pets'
    """
    if isinstance(target, str | os.PathLike):
        return os.fspath(target)
    raise ConfigError(
        f"target: a {type(target).__name__} given, expected a task, or the path of a config, folder or table.",
        error_id="E-CONFIG-VALUE",
        hint=f"Save the data, and compare the file: {_saving(target)}.",
    )


def _saving(target: Any) -> str:
    """Return the lines of Python that save an object."""
    kind, library = type(target).__name__, type(target).__module__.partition(".")[0]
    if library in ("pandas", "polars"):
        name = "to_csv('data.csv', index=False)" if library == "pandas" else "write_csv('data.csv')"
        return f"data.{name}, then visiontk.compare('data.csv')"
    if kind in ("DatasetDict", "IterableDatasetDict"):
        return "for part in data: data[part].to_parquet(f'data/{part}.parquet'), then visiontk.compare('data')"
    if library == "datasets":
        return "data.to_parquet('data.parquet'), then visiontk.compare('data.parquet')"
    if library in ("tensorflow", "torch", "torchvision"):
        return f"name the folder or table that it reads, or x, y = map(numpy.stack, zip(*data)), {ARRAYS}"
    if isinstance(target, list | tuple) and any(isinstance(each, str | os.PathLike) for each in target):
        return TABLE
    return ARRAYS
