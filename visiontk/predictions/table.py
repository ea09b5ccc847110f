"""One table of predictions with typed columns, before it is matched with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from visiontk.core import Floats, Strings
from visiontk.errors import DataError
from visiontk.messages import numbered, refusal
from visiontk.predictions.frame import Frame
from visiontk.predictions.long_table import widened
from visiontk.predictions.role_names import PREFIXES
from visiontk.predictions.roles import Choice, Roles, recognise
from visiontk.predictions.sources import read_source

PROBABILITY_NAMES = ("prob", "proba", "probability", "p", "y_prob", "y_proba", "pred_proba", "predict_proba")


@dataclass(frozen=True)
class Options:
    """Choices for all tables of a comparison; empty where they follow from the tables.

    Parameters
    ----------
    columns : mapping of str to str
        Column by role, as for `visiontk.predictions.roles.recognise`.
    classes : tuple of str
        All classes, in order; the second of two is the positive one.
    positive : str
        The class that one score for two classes belongs to.
    scale : {"", "probability", "percent", "logit", "margin"}
        Of the scores.
    on_missing : {"refuse", "drop"}
        Treatment of samples that a table lacks.
    slices : tuple of str
        Columns by which results are shown too.
    encoding, delimiter : str
        Of separated values.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    positive: str = ""
    scale: str = ""
    on_missing: Literal["refuse", "drop"] = "refuse"
    slices: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ""


@dataclass(frozen=True, eq=False)
class PredictionTable:
    """The predictions of one model, row by row.

    Parameters
    ----------
    name : str
        Of the model.
    frame : Frame
        The table.
    roles : Roles
        Its columns.
    ids : ndarray of str, shape (n,)
        Of the samples; positions where the table has no ids.
    truth, predicted, groups, seeds, folds : list of str or None
        One text per row; None where the table has no such column.
    """

    name: str
    frame: Frame
    roles: Roles
    ids: Strings
    truth: list[str] | None
    predicted: list[str] | None
    groups: list[str] | None
    seeds: list[str] | None
    folds: list[str] | None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The columns as they were recognised."""
        return self.roles.choices

    @property
    def score_classes(self) -> tuple[str, ...]:
        """Classes of the scores by name, or the positions of the columns of an array."""
        if len(self.roles.scores) == 1:
            return tuple(map(str, range(np.shape(self.frame.columns[self.roles.scores[0][0]])[1])))
        return tuple(name for _, name in self.roles.scores)

    @property
    def is_named_probability(self) -> bool:
        """True if the names of the columns say that they hold probabilities."""
        if self.roles.score:
            return self.roles.score.casefold() in PROBABILITY_NAMES
        names = [name.casefold() for name, label in self.roles.scores if label]
        return bool(names) and all(
            any(name.startswith(f"{prefix}_") for prefix in PROBABILITY_NAMES if prefix in PREFIXES) for name in names
        )

    @property
    def is_named_margin(self) -> bool:
        """True if the names of the columns say that they hold margins, which only rank."""
        names = [name.casefold() for name, label in self.roles.scores if label]
        return bool(names) and all(name.startswith("margin") for name in names)

    def matrix(self) -> tuple[Floats, bool]:
        """Return the scores per class and True if each row names all classes.

        Raises
        ------
        DataError
            ``E-PREDICTIONS-SCORE`` for scores that are not finite.
        """
        columns = [name for name, _ in self.roles.scores]
        if self.frame.layout:  # labels that a row does not name are missing, not wrong
            values = np.stack([np.asarray(self.frame.numbers(name)) for name in columns], axis=1)
            return values, bool(np.isfinite(values).all())
        if len(columns) == 1:
            return self.frame.finite(columns[0]), True
        return np.stack([self.frame.finite(name) for name in columns], axis=1), True


def read_predictions(
    source: Any,
    name: str,
    options: Options,
    *,
    labels: Sequence[str] = (),
    has_truth: bool = False,
    ids: Strings | None = None,
) -> PredictionTable:
    """Return the predictions of one model from a file, a DataFrame or an array.

    Parameters
    ----------
    source
        As for `visiontk.predictions.sources.read_source`.
    name : str
        Of the model.
    options : Options
        Choices of the user.
    labels : sequence of str
        Classes, if they are known.
    has_truth : bool
        True if the true classes are in another table.
    ids : ndarray of str, optional
        Ids by position, for arrays without ids.

    Raises
    ------
    ConfigError, DataError, EnvironmentFault
        As `read_source` and `visiontk.predictions.roles.recognise`; ``E-PREDICTIONS-IDS`` for empty ids and
        ``E-PREDICTIONS-LABELS`` for rows without a class.

    Examples
    --------
    >>> table = read_predictions(np.array([[0.9, 0.1], [0.2, 0.8]]), "svm", Options(), has_truth=True)
    >>> table.ids.tolist(), table.score_classes
    (['0', '1'], ('0', '1'))
    """
    frame = widened(read_source(source, name, encoding=options.encoding, delimiter=options.delimiter))
    roles = recognise(frame, options.columns, labels=labels or options.classes, has_truth=has_truth)

    def texts(column: str) -> list[str] | None:
        return frame.texts(column) if column else None

    names = _ids_of(frame, roles, ids)
    _refuse_empty(frame, names, "ids", "E-PREDICTIONS-IDS", "Give every sample an id.")
    has_scores = bool(roles.scores or (roles.score and not roles.is_confidence))
    predicted = None if has_scores else classes_of(frame, roles.prediction)
    return PredictionTable(
        name,
        frame,
        roles,
        names,
        classes_of(frame, roles.truth),
        predicted,
        texts(roles.group),
        texts(roles.seed),
        texts(roles.fold),
    )


def classes_of(frame: Frame, column: str) -> list[str] | None:
    """Return a column of classes as texts: outer spaces removed, 1.0 as 1; None for no column.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-LABELS`` for empty cells.
    """
    if not column:
        return None
    cells = [cell.strip() for cell in frame.texts(column)]
    unique = set(cells)
    if "" in unique:
        empty = [i for i, cell in enumerate(cells) if not cell]
        raise refusal(
            f"{frame.where}: column {column!r} is empty in {len(empty):,} of {len(cells):,} rows",
            [frame.row(i) for i in empty],
            "E-PREDICTIONS-LABELS",
            "Write the class of every sample, or remove these rows from every table.",
        )
    if all(cell.endswith(".0") for cell in unique):
        return [cell[:-2] for cell in cells]
    return cells


def _ids_of(frame: Frame, roles: Roles, ids: Strings | None) -> Strings:
    """Return the ids of the table; for arrays, those stated by position."""
    if ids is None or frame.unit != "position":
        return frame.strings(roles.id) if roles.id else np.arange(len(frame)).astype(np.str_)
    positions = np.asarray(frame.rows, dtype=np.int64)
    if len(ids) != int(positions.max()) + 1:
        raise DataError(
            f"{frame.where}: {int(positions.max()) + 1:,} samples, but {len(ids):,} ids.",
            error_id="E-PREDICTIONS-IDS",
            hint="Give one id per sample.",
        )
    return ids[positions]


def _refuse_empty(frame: Frame, cells: Strings, what: str, error_id: str, hint: str) -> None:
    empty = np.flatnonzero(cells == "")
    if len(empty):
        lines = [int(frame.rows[i]) for i in empty.tolist()]
        raise refusal(
            f"{frame.where}: {len(empty):,} of {len(frame):,} {what} are empty",
            [f"{frame.unit}s {numbered(lines)}"],
            error_id,
            hint,
        )
