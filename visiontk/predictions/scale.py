"""Scores as they are judged: probabilities, scores that only rank, or classes alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from visiontk.core import Floats, Ints
from visiontk.errors import ConfigError, DataError, did_you_mean
from visiontk.messages import printable, refusal

Kind = Literal["probabilities", "ranks", "classes"]
SCALES = ("probability", "percent", "logit", "margin")
ROUNDING = 0.005
"""Error of a probability that is written with two digits."""


class Scaled(NamedTuple):
    """Scores of shape (n, n_classes), of which the largest is the predicted class, and what they can be used for."""

    scores: Floats
    kind: Kind
    why: str


def of_classes(codes: Ints, n_classes: int) -> Scaled:
    """Return scores of 1 for predicted classes and 0 for all others."""
    scores = np.zeros((len(codes), n_classes))
    scores[np.arange(len(codes)), codes] = 1.0
    return Scaled(scores, "classes", "classes without scores")


def of_one_score(
    values: Floats,
    positive: int,
    where: str,
    name: str,
    *,
    scale: str,
    named_probability: bool,
    row: Callable[[int], str],
) -> Scaled:
    """Return the scores of two classes from the score of one.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Finite.
    positive : int
        Class that the score belongs to, 0 or 1.
    where, name : str
        Of the table and the column, for messages.
    scale : {"", "probability", "percent", "logit", "margin"}
        By default from the values: between 0 and 1 a probability, of both signs a margin around 0.
    named_probability : bool
        True if the name of the column says that it holds probabilities.
    row : callable
        Name of a row for messages.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-SCORE`` for probabilities beyond 0 to 1 and for values of no known scale.
    """
    check_scale(scale)
    low, high = float(values.min()), float(values.max())
    probability = scale == "probability" or (not scale and (named_probability or (low >= 0 and high <= 1)))
    why = f"{printable(name)} lies between {low:.3g} and {high:.3g}"
    if scale == "percent":
        values, probability = values / 100, True
    elif scale == "logit":
        values, probability = _sigmoid(values), True
    if probability:
        _refuse_beyond(values[:, None], where, f"column {printable(name)!r}", row)
        other = 1 - values
        kind: Kind = "probabilities"
    else:
        if not scale and not low < 0 < high:
            raise DataError(
                f"{where}: column {printable(name)!r} lies between {low:g} and {high:g}: neither a probability nor a "
                "margin around 0.",
                error_id="E-PREDICTIONS-SCORE",
                hint="State it: --scale percent for 0 to 100, --scale logit, or --scale margin where a positive "
                "score means the class.",
            )
        other, kind = -values, "ranks"
    scores = np.stack([other, values] if positive == 1 else [values, other], axis=1)
    return Scaled(scores, kind, why)


def of_all_scores(
    matrix: Floats, where: str, *, scale: str, named_probability: bool, row: Callable[[int], str]
) -> Scaled:
    """Return one score per class with its kind.

    Rows that are at least 0 and sum to 1 are probabilities. Where half of the rows or more sum to 1, or the names of
    the columns say probability, the others are refused. Anything else only ranks.

    Parameters
    ----------
    matrix : ndarray of shape (n, n_classes)
        Finite.
    where, scale, named_probability, row
        As for `of_one_score`.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-SCORE`` with rows.
    """
    check_scale(scale)
    if scale == "logit":
        shifted = np.exp(matrix - matrix.max(axis=1, keepdims=True))
        return Scaled(shifted / shifted.sum(axis=1, keepdims=True), "probabilities", "softmax of logits, as stated")
    if scale == "margin":
        return Scaled(matrix, "ranks", "as stated")
    if scale == "percent":
        matrix = matrix / 100
    sums = matrix.sum(axis=1)
    tolerance = min(0.05, ROUNDING * matrix.shape[1])
    fits = (np.abs(sums - 1) <= tolerance) & (matrix >= 0).all(axis=1)
    if fits.all():
        return Scaled(matrix, "probabilities", "rows sum to 1")
    empty = np.flatnonzero((matrix == 0).all(axis=1))
    if len(empty):
        raise refusal(
            f"{where}: {len(empty):,} of {len(matrix):,} rows sum to nothing: every score is 0",
            [row(int(i)) for i in empty],
            "E-PREDICTIONS-SCORE",
            "A model predicts something for every sample: write these rows again, or remove them from every table.",
        )
    if scale or named_probability or fits.mean() >= 0.5:
        _refuse_beyond(matrix, where, "probabilities", row)
        bad = np.flatnonzero(~fits)
        raise refusal(
            f"{where}: {len(bad):,} of {len(matrix):,} rows of probabilities do not sum to 1",
            [f"{row(int(i))}: {sums[i]:.6g}" for i in bad],
            "E-PREDICTIONS-SCORE",
            "Write the probabilities of all classes; or --scale margin for scores that only rank, --scale logit for "
            "logits.",
        )
    return Scaled(matrix, "ranks", "rows do not sum to 1")


def of_confidences(values: Floats, codes: Ints, n_classes: int, where: str, row: Callable[[int], str]) -> Scaled:
    """Return scores from predicted classes and the probability of each; of more than two classes, the classes alone.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-SCORE`` for values beyond 0 to 1.
    """
    _refuse_beyond(values[:, None], where, "scores of the predicted class", row)
    if n_classes != 2:
        return of_classes(codes, n_classes)._replace(why="the score of the predicted class alone is not used")
    first = np.where(codes == 0, values, 1 - values)
    return Scaled(np.stack([first, 1 - first], axis=1), "probabilities", "the other class has the rest")


def of_likeliest(matrix: Floats, where: str, row: Callable[[int], str]) -> Scaled:
    """Return scores from rows that name their likeliest classes only (NaN elsewhere).

    Of two classes, the one that is not named has the rest. Of more, only the predicted class is known.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-SCORE`` for values beyond 0 to 1.
    """
    codes = np.nanargmax(matrix, axis=1)
    if matrix.shape[1] != 2:
        least = int(np.isfinite(matrix).sum(axis=1).min())
        return of_classes(codes, matrix.shape[1])._replace(
            why=f"rows name as few as {least} of {matrix.shape[1]} classes: only the likeliest is used"
        )
    _refuse_beyond(np.nan_to_num(matrix, nan=0.5), where, "scores", row)
    first = np.where(np.isnan(matrix[:, 0]), 1 - matrix[:, 1], matrix[:, 0])
    return Scaled(np.stack([first, 1 - first], axis=1), "probabilities", "the class that is not named has the rest")


def check_scale(scale: str) -> None:
    """Raise ConfigError ``E-PREDICTIONS-COLUMN`` for an unknown scale."""
    if scale and scale not in SCALES:
        raise ConfigError(
            f"scale: {scale!r} is unknown. {did_you_mean(scale, SCALES)}", error_id="E-PREDICTIONS-COLUMN"
        )


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(np.exp(-np.logaddexp(0.0, -values)))


def _refuse_beyond(matrix: Floats, where: str, what: str, row: Callable[[int], str]) -> None:
    beyond = np.asarray(((matrix < 0) | (matrix > 1 + 1e-6)).any(axis=1))
    if beyond.any():
        bad = np.flatnonzero(beyond)
        worst = np.where(np.abs(matrix - 0.5).argmax(axis=1)[:, None] == np.arange(matrix.shape[1]), matrix, 0).sum(1)
        raise refusal(
            f"{where}: {what}: {len(bad):,} of {len(matrix):,} rows hold probabilities below 0 or over 1",
            [f"{row(int(i))}: {worst[i]:g}" for i in bad],
            "E-PREDICTIONS-SCORE",
            "--scale percent for 0 to 100, --scale logit for logits, --scale margin for scores that only rank.",
        )
