"""From sources of predictions to scores of all models for the same samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visiontk.core import Floats, Ints, Strings
from visiontk.errors import ConfigError, DataError, did_you_mean
from visiontk.messages import printable, refusal
from visiontk.predictions.aligned import Aligned, ModelScores
from visiontk.predictions.frame import Frame
from visiontk.predictions.labels import classes_of_tables, codes_of
from visiontk.predictions.matching import Fit, common_ids, fits_of, rows_of
from visiontk.predictions.roles import NONE, Choice
from visiontk.predictions.table import Options, PredictionTable, read_predictions
from visiontk.predictions.table_scores import scaled
from visiontk.predictions.truth import Truth, read_truth


def align(
    sources: Mapping[str, Any],
    *,
    truth: Any = None,
    groups: Any = None,
    ids: Any = None,
    options: Options = Options(),  # noqa: B008 (frozen)
) -> Aligned:
    """Return the predictions of several models for the same samples.

    Parameters
    ----------
    sources : mapping of str to source
        By the name of the model; see `visiontk.predictions.sources.read_source`.
    truth : source or array-like, optional
        True classes, if the tables do not hold them: a table with ids, or one class per sample by position.
    groups : array-like, optional
        Unit of independence of each sample, by position, beside `truth`.
    ids : array-like, optional
        Ids of `truth` and of arrays, by position.
    options : Options
        Choices of the user.

    Raises
    ------
    ConfigError, DataError, EnvironmentFault
        With an id ``E-PREDICTIONS-...`` (see docs/errors.md), or an error of the reader of a format.

    Examples
    --------
    >>> both = align({"a": np.array([0, 1, 1]), "b": np.array([0, 1, 0])}, truth=[0, 1, 1])
    >>> both.labels, [model.kind for model in both.models]
    (('0', '1'), ['classes', 'classes'])
    """
    if not sources:
        raise ConfigError("predictions: none named.", error_id="E-PREDICTIONS-NAME", hint="Name two tables.")
    names = None if ids is None else np.asarray(ids).astype(np.str_)
    stated = None if truth is None else read_truth(truth, groups, names, options)
    known = () if stated is None else tuple(dict.fromkeys(stated.classes))
    tables = [
        read_predictions(source, name, options, labels=known, has_truth=stated is not None, ids=names)
        for name, source in sources.items()
    ]
    _check_stated(options, [table.frame for table in tables] + ([] if stated is None else [stated.frame]))
    fits = {table.name: fits_of(table.ids, table.seeds, table.frame.where, table.frame.row) for table in tables}
    by_table = {table.name: [fit.ids for fit in fits[table.name]] for table in tables}
    if stated is not None:
        by_table = {stated.frame.where: [stated.fit.ids]} | by_table
    without = [table.name for table in tables if not table.roles.id and names is None]
    common = common_ids(
        by_table, on_missing=options.on_missing, positions=without if len(without) < len(tables) else ()
    )
    truths = _truths(tables, fits, stated, common.ids)
    classes = classes_of_tables(tables, truths, options.classes)
    models, notes = [], [*common.notes, *classes.notes]
    for table in tables:
        judged = scaled(table, classes, options)
        rows = [rows_of(fit, common.ids) for fit in fits[table.name]]
        models.append(
            ModelScores(
                table.name,
                table.frame.where,
                tuple(fit.name for fit in fits[table.name]),
                np.stack([judged.scores[each] for each in rows]),
                judged.kind,
                _costs(table, rows),
                (*table.choices, Choice("use of the scores", judged.kind, judged.why, "--scale SCALE")),
            )
        )
    grouped = _groups(tables, fits, stated, common.ids)
    return Aligned(
        common.ids,
        codes_of(truths, classes.labels),
        classes.labels,
        tuple(models),
        *grouped,
        folds=_folds(tables, fits, common.ids),
        slices=_slices(tables, fits, stated, common.ids, options.slices),
        notes=tuple(notes),
        warnings=_warnings(common.notes, without),
    )


def _check_stated(options: Options, frames: Sequence[Frame]) -> None:
    """Refuse a stated column that no table has."""
    columns = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    stated = [(f"--column {role}", name) for role, name in options.columns.items() if name != NONE]
    for option, name in [*stated, *(("--slice", name) for name in options.slices)]:
        parts = name.split(",") if option.endswith("scores") else [name]
        prefix = option.endswith("scores") and any(column.startswith(name) for column in columns)
        for part in [] if prefix else parts:
            if part not in columns:
                raise ConfigError(
                    f"{option}={printable(name)}: no table has a column {printable(part)!r}. "
                    f"{did_you_mean(part, map(printable, columns))}",
                    error_id="E-PREDICTIONS-COLUMN",
                )


def _spread(cells: Sequence[str], rows: Ints) -> Strings:
    return np.array(cells, dtype=np.str_)[rows]


def _agreed(parts: Sequence[tuple[str, Strings]], ids: Strings, what: str, error_id: str, hint: str) -> Strings | None:
    """Return the values that all tables agree on, or None if no table has any.

    Raises
    ------
    DataError
        For ids with two values.
    """
    if not parts:
        return None
    where, first = parts[0]
    for other, values in parts[1:]:
        differ = np.flatnonzero(values != first)
        if len(differ):
            raise refusal(
                f"predictions: {len(differ):,} of {len(ids):,} ids have two values of {what}, in {where} and {other}",
                [
                    f"{printable(str(ids[i]))!r}: {printable(str(first[i]))!r} and {printable(str(values[i]))!r}"
                    for i in differ
                ],
                error_id,
                hint,
            )
    return first


def _truths(
    tables: Sequence[PredictionTable], fits: Mapping[str, Sequence[Fit]], stated: Truth | None, ids: Strings
) -> list[str]:
    parts = []
    if stated is not None:
        parts.append((stated.frame.where, _spread(stated.classes, rows_of(stated.fit, ids))))
    for table in tables:
        if table.truth is not None:
            parts += [(table.frame.where, _spread(table.truth, rows_of(fit, ids))) for fit in fits[table.name]]
    truths = _agreed(
        parts, ids, "the true class", "E-PREDICTIONS-TRUTH", "A sample has one true class; mend the tables."
    )
    if truths is None:
        raise DataError(
            "predictions: no table holds the true classes.",
            error_id="E-PREDICTIONS-TRUTH",
            hint="Add --truth FILE with columns id and truth, or name the column with --column truth=NAME.",
        )
    return [str(cell) for cell in truths.tolist()]


def _costs(table: PredictionTable, rows: Sequence[Ints]) -> dict[str, float]:
    """Return the mean over fits of each stated cost; of the time per prediction, the median over samples."""
    costs = {}
    for kind, column in table.roles.costs.items():
        values: Floats = table.frame.finite(column)
        average = np.median if kind == "predict_ms" else np.mean
        costs[kind] = float(np.mean([average(values[each]) for each in rows]))
    return costs


def _groups(
    tables: Sequence[PredictionTable], fits: Mapping[str, Sequence[Fit]], stated: Truth | None, ids: Strings
) -> tuple[Strings | None, str]:
    parts, name = [], ""
    if stated is not None and stated.groups is not None:
        parts, name = [(stated.frame.where, _spread(stated.groups, rows_of(stated.fit, ids)))], stated.grouped_by
    for table in tables:
        if table.groups is not None:
            name = name or table.roles.group
            parts += [(table.frame.where, _spread(table.groups, rows_of(fit, ids))) for fit in fits[table.name]]
    hint = "A sample belongs to one group; mend the tables, or state --group none."
    groups = _agreed(parts, ids, "the group", "E-PREDICTIONS-GROUP", hint)
    if groups is not None and (groups == "").any():
        empty = [repr(printable(str(name))) for name in ids[groups == ""].tolist()]
        raise refusal(
            f"predictions: {len(empty):,} of {len(ids):,} samples have no group", empty, "E-PREDICTIONS-GROUP", hint
        )
    return groups, "" if groups is None or name == "group" else name


def _folds(tables: Sequence[PredictionTable], fits: Mapping[str, Sequence[Fit]], ids: Strings) -> Ints | None:
    """Return the fold of each sample where all tables with folds agree on it, else None."""
    parts = [_spread(table.folds, rows_of(fit, ids)) for table in tables if table.folds for fit in fits[table.name]]
    if not parts or not all(np.array_equal(part, parts[0]) for part in parts):
        return None
    return np.asarray(np.unique(parts[0], return_inverse=True)[1], dtype=np.int64)


def _slices(
    tables: Sequence[PredictionTable],
    fits: Mapping[str, Sequence[Fit]],
    stated: Truth | None,
    ids: Strings,
    names: Sequence[str],
) -> dict[str, dict[str, str]]:
    slices = {}
    for name in names:
        parts = []
        if stated is not None and name in stated.frame.columns:
            parts.append((stated.frame.where, _spread(stated.frame.texts(name), rows_of(stated.fit, ids))))
        for table in tables:
            if name in table.frame.columns:
                cells = table.frame.texts(name)
                parts += [(table.frame.where, _spread(cells, rows_of(fit, ids))) for fit in fits[table.name]]
        values = _agreed(parts, ids, printable(name), "E-PREDICTIONS-COLUMN", "Give each sample one value.")
        if values is not None:
            slices[name] = dict(zip(ids.tolist(), values.tolist(), strict=True))
    return slices


def _warnings(dropped: Sequence[str], without: Sequence[str]) -> tuple[str, ...]:
    warnings = [f"{note}. Samples that a model leaves out are often the hard ones." for note in dropped]
    if without:
        warnings.append(f"Samples of {', '.join(without)} have no ids and were matched by their position.")
    return tuple(warnings)
