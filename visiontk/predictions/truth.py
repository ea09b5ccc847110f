"""True classes from a table of their own, or by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from visiontk.core import Strings
from visiontk.errors import DataError
from visiontk.predictions.frame import Frame
from visiontk.predictions.matching import Fit, fits_of
from visiontk.predictions.roles import Choice, recognise_truth
from visiontk.predictions.sources import read_source
from visiontk.predictions.table import Options, classes_of


class Truth(NamedTuple):
    """True classes, and perhaps groups, from a table of their own."""

    frame: Frame
    fit: Fit
    classes: list[str]
    groups: list[str] | None
    grouped_by: str
    choices: tuple[Choice, ...]


def read_truth(source: Any, groups: Any, ids: Strings | None, options: Options) -> Truth:
    """Return true classes from a table, a mapping of ids to classes, or an array with one class per sample.

    Parameters
    ----------
    source
        A source of `visiontk.predictions.sources.read_source`, a mapping of ids to classes, a Series, or classes.
    groups : array-like, optional
        Group of each sample, by position.
    ids : ndarray of str, optional
        Id of each sample, by position.
    options : Options
        Choices of the user.

    Raises
    ------
    ConfigError, DataError, EnvironmentFault
        ``E-PREDICTIONS-TRUTH``, ``E-PREDICTIONS-IDS``, ``E-PREDICTIONS-GROUP``, ``E-PREDICTIONS-COLUMN``, or an error
        of the reader of the format.

    Examples
    --------
    >>> read_truth(["cat", "dog"], None, None, Options()).classes
    ['cat', 'dog']
    """
    frame = _truth_frame(source, ids, options)
    if groups is not None and not isinstance(groups, str):
        column = np.asarray(groups)
        if column.shape != (len(frame),):
            raise DataError(f"groups: shape {column.shape}, expected ({len(frame)},).", error_id="E-PREDICTIONS-GROUP")
        frame = Frame(frame.where, {**frame.columns, "group": column}, frame.rows, frame.notes, frame.unit)
    roles = recognise_truth(frame, options.columns)
    names = frame.strings(roles.id) if roles.id else np.arange(len(frame)).astype(np.str_)
    fit = fits_of(names, None, frame.where, frame.row)[0]
    cells = classes_of(frame, roles.truth) or []
    units = frame.texts(roles.group) if roles.group else None
    return Truth(frame, fit, cells, units, roles.group, roles.choices)


def _truth_frame(source: Any, ids: Strings | None, options: Options) -> Frame:
    """Return a table of true classes from a path, a table, a mapping of ids to classes, or classes by position."""
    if isinstance(source, Mapping) and all(np.ndim(value) == 0 for value in source.values()):
        source = {"id": list(map(str, source)), "truth": list(source.values())}
    elif not isinstance(source, str) and not hasattr(source, "columns") and hasattr(source, "index") \
            and hasattr(source, "to_numpy"):  # a Series  # fmt: skip
        index = np.asarray(source.index.to_numpy())
        if ids is None and not np.array_equal(index, np.arange(len(index))):
            ids = np.array([str(name) for name in index.tolist()])
        source = source.to_numpy()
    if isinstance(source, Sequence | np.ndarray) and not isinstance(source, str | bytes):
        cells = np.asarray(source)
        if cells.ndim == 2 and cells.shape[1] == 1:
            cells = cells[:, 0]
        if cells.ndim != 1:
            raise DataError(
                f"truth: an array of shape {cells.shape}.",
                error_id="E-PREDICTIONS-TRUTH",
                hint="Expected one class per sample.",
            )
        source = {"truth": cells}
        if ids is not None:
            if len(ids) != len(cells):
                raise DataError(f"ids: {len(ids):,} ids for {len(cells):,} true classes.", error_id="E-PREDICTIONS-IDS")
            source["id"] = ids
    return read_source(source, "truth", encoding=options.encoding, delimiter=options.delimiter)
