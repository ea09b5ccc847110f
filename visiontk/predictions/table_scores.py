"""The scores of one table of predictions, in the order of the classes of all tables."""

from __future__ import annotations

import numpy as np

from visiontk.errors import DataError, unknown
from visiontk.messages import printable
from visiontk.predictions.labels import Classes, codes_of
from visiontk.predictions.scale import Scaled, of_all_scores, of_classes, of_confidences, of_likeliest, of_one_score
from visiontk.predictions.table import Options, PredictionTable


def scaled(table: PredictionTable, classes: Classes, options: Options) -> Scaled:
    """Return the scores of a table, row by row, with one column per class.

    Raises
    ------
    ConfigError, DataError
        ``E-PREDICTIONS-SCORE`` or ``E-UNKNOWN-LABEL``.
    """
    labels, where, row = classes.labels, table.frame.where, table.frame.row
    if table.roles.scores:
        return _per_class(table, classes, options)
    score = table.roles.score
    if score and not table.roles.is_confidence:
        if len(labels) != 2:
            raise DataError(
                f"{where}: one score per sample ({printable(score)}), but there are {len(labels)} classes.",
                error_id="E-PREDICTIONS-SCORE",
                hint="Write one score per class, or state --column score=none beside a column of predicted classes.",
            )
        positive = options.positive or table.roles.positive or labels[1]
        if positive not in labels:
            raise unknown("label", positive, labels, where="--positive")
        result = of_one_score(
            table.frame.finite(score),
            labels.index(positive),
            where,
            score,
            scale=options.scale,
            named_probability=table.is_named_probability,
            row=row,
        )
        return result._replace(why=f"{result.why}; of class {printable(positive)}")
    codes = codes_of(table.predicted or (), labels)
    if score:
        return of_confidences(table.frame.finite(score), codes, len(labels), where, row)
    return of_classes(codes, len(labels))


def _per_class(table: PredictionTable, classes: Classes, options: Options) -> Scaled:
    """Return scores with one column per class, in the order of the classes."""
    where, row = table.frame.where, table.frame.row
    matrix, whole = table.matrix()
    own = classes.columns[table.name]
    order = [own.index(label) for label in classes.labels if label in own]
    absent = [i for i, label in enumerate(classes.labels) if label not in own]
    matrix = matrix[:, order]
    if not whole:
        result = of_likeliest(matrix, where, row)
    else:
        scale = options.scale or ("margin" if table.is_named_margin else "")
        named = table.is_named_probability
        result = of_all_scores(matrix, where, scale=scale, named_probability=named, row=row)
    if not absent:
        return result
    # Classes that only other tables know, and that are never true: a probability of 0, or the lowest score.
    lowest = 0.0 if result.kind != "ranks" else float(result.scores.min()) - 1
    scores = result.scores
    for i in absent:
        scores = np.insert(scores, i, lowest, axis=1)
    return result._replace(scores=scores)
