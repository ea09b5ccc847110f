"""Predictions of several models for the same samples, in one order, with one truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from visiontk.core import Floats, Ints, Strings
from visiontk.predictions.roles import Choice
from visiontk.predictions.scale import Kind


@dataclass(frozen=True, eq=False)
class ModelScores:
    """The predictions of one model.

    Parameters
    ----------
    name : str
        Of the model.
    where : str
        File that they come from.
    fits : tuple of str
        Names of its fits, such as seeds; one empty text where the table has one prediction per sample.
    scores : ndarray of shape (n_fits, n, n_classes)
        The largest of a row is the predicted class.
    kind : {"probabilities", "ranks", "classes"}
        Use that can be made of the scores.
    costs : mapping of str to float
        ``fit_s``, ``predict_ms``, ``n_parameters``, ``size_bytes``, those that are stated.
    choices : tuple of Choice
        Columns as they were recognised.
    """

    name: str
    where: str
    fits: tuple[str, ...]
    scores: Floats
    kind: Kind
    costs: Mapping[str, float]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, eq=False)
class Aligned:
    """Predictions of several models for the same samples.

    Parameters
    ----------
    ids : ndarray of str, shape (n,)
        Sorted.
    y : ndarray of int64, shape (n,)
        True classes.
    labels : tuple of str
        The classes.
    models : tuple of ModelScores
        In the order of the arguments.
    groups : ndarray of str, shape (n,), optional
        Unit of independence.
    grouped_by : str
        What a group is.
    folds : ndarray of int64, shape (n,), optional
        Fold in which each sample was tested, where the tables say so.
    slices : mapping of str to mapping of str to str
        By column, the value of each sample by its id.
    notes : tuple of str
        Facts about the input that a reader must know: dropped samples, classes by position, and the like.
    warnings : tuple of str
        Facts that limit every conclusion.
    """

    ids: Strings
    y: Ints
    labels: tuple[str, ...]
    models: tuple[ModelScores, ...]
    groups: Strings | None = None
    grouped_by: str = ""
    folds: Ints | None = None
    slices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
