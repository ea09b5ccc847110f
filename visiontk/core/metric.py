"""Metrics: numbers from targets and scores, for many weightings of the samples at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from visiontk.core.arrays import Floats, Ints
from visiontk.errors import DataError


@dataclass(frozen=True)
class Metric:
    """A number computed from targets and scores, for many weightings of the samples at once.

    With weights, one set of bootstrap resamples serves every metric and learner, so differences are paired.

    Parameters
    ----------
    name : str
        For display.
    function : callable
        ``function(y_true, scores, weights)`` with shapes (n,), (n, n_classes) and (m, n) returns (m,).
    kind : {"proportion", "bounded", "unbounded"}
        Share of correct samples; any other number in [0, 1]; any number.
    higher_is_better : bool
        If False, smaller values are better.
    needs_probabilities : bool
        If True, it is undefined for scores that are not probabilities.
    adapt : callable, optional
        ``adapt(valid_y_true, valid_scores)`` returns a function that transforms the test scores before `function` is
        called. It chooses an operating point on the validation set of each trial.
    decides : bool
        If True, it depends only on the predicted class, so that a decision threshold applies to it.
    influence : callable, optional
        ``influence(y_true, scores)`` returns the influence of each sample, ndarray of shape (n,) with mean 0, such as
        DeLong's placements for the AUC. With independent samples and one seed, the variance is computed from it
        instead of by bootstrap; and it weights the classes by what they contribute to the variance.
    by_class : bool, optional
        True for an average over classes, which is as uncertain as its rarest class; by default, if it is bounded.
    margin : float, optional
        Difference too small to matter, in the unit of the metric. By default, for metrics between 0 and 1 of which
        higher is better, 0.01 or half of the reference's error on the validation set, whichever is smaller; without
        one, learners are never called equivalent by another metric.

    Examples
    --------
    >>> share = Metric("share of class 1", lambda y, s, w: (w @ y) / w.sum(axis=1), "proportion")
    >>> share(np.array([0, 1, 1, 1]), np.zeros((4, 2)))
    0.75
    """

    name: str
    function: Callable[[Ints, Floats, Floats], Floats]
    kind: Literal["proportion", "bounded", "unbounded"] = "bounded"
    higher_is_better: bool = True
    needs_probabilities: bool = False
    adapt: Callable[[Ints, Floats], Callable[[Floats], Floats]] | None = None
    decides: bool = False
    influence: Callable[[Ints, Floats], Floats] | None = None
    by_class: bool | None = None
    margin: float | None = None

    @property
    def averages_classes(self) -> bool:
        """True for an average over classes."""
        return self.kind == "bounded" if self.by_class is None else self.by_class

    def adapted(self, scores: Floats, valid_y_true: Ints, valid_scores: Floats) -> Floats:
        """Return the scores after `adapt`, which chooses an operating point on the validation set."""
        return scores if self.adapt is None else self.adapt(valid_y_true, valid_scores)(scores)

    def __call__(self, y_true: Ints, scores: Floats) -> float:
        """Return the metric with equal weights."""
        return float(self.function(y_true, scores, np.ones((1, len(y_true))))[0])


def check_scores(y_true: Ints, scores: Floats) -> None:
    """Check that scores are (n, n_classes) without NaN, and that every target is one of these classes.

    Examples
    --------
    >>> check_scores(np.array([0, 2]), np.eye(2))
    Traceback (most recent call last):
    visiontk.errors.DataError: Targets reach from 0 to 2, but the scores are of 2 classes, 0 to 1.
      hint: Every class needs a column of the scores.
    """
    if scores.ndim != 2 or len(scores) != len(y_true) or not scores.shape[1]:
        raise ValueError(f"scores must have shape (n, n_classes) with n = {len(y_true)}; got {scores.shape}.")
    if not len(y_true):
        return
    if not np.issubdtype(y_true.dtype, np.integer):
        raise ValueError(f"Targets must be integers, the numbers of classes; got {y_true.dtype}.")
    if y_true.min() < 0 or y_true.max() >= scores.shape[1]:
        raise DataError(
            f"Targets reach from {y_true.min()} to {y_true.max()}, but the scores are of {scores.shape[1]} classes, "
            f"0 to {scores.shape[1] - 1}.",
            error_id="E-STATS-CLASSES",
            hint="Every class needs a column of the scores.",
        )
    if np.isnan(scores).any():
        raise DataError(
            f"{int(np.isnan(scores).sum())} of {scores.size} scores are not numbers.",
            error_id="E-STATS-NAN",
            hint="The learner diverged, or its inputs hold NaN.",
        )
