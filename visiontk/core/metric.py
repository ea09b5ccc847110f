"""Metrics: numbers from targets and scores, for many weightings of the samples at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from visiontk.core.arrays import Floats, Ints


@dataclass(frozen=True)
class Metric:
    """A number computed from targets and scores, for one or many weightings of the samples at once.

    Weights let one set of bootstrap draws serve every metric and learner, so differences are paired.

    Parameters
    ----------
    name : str
        As printed.
    function : callable
        ``function(y_true, scores, weights)`` with shapes (n,), (n, n_classes) and (m, n) returns (m,).
    kind : {"proportion", "bounded", "unbounded"}
        The mean of right-or-wrong over samples; any other number in [0, 1]; any number.
    higher_is_better : bool
        Whether a larger value is better.
    needs_probabilities : bool
        Whether it is undefined for scores that only rank.
    adapt : callable, optional
        ``adapt(valid_y_true, valid_scores)`` returns a function of scores, which is applied to the scores
        on test before `function` sees them. It chooses an operating point by the valid part of each trial.
    decides : bool
        Whether it sees of the scores only which class is called, so that a threshold that is asked for applies.
    influence : callable, optional
        ``influence(y_true, scores)`` returns the influence of each sample, ndarray of shape (n,) about a mean of 0,
        such as DeLong's placements for the AUC. The variance is then computed from it instead of by bootstrap where
        samples are independent and there is one seed.

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

    def adapted(self, scores: Floats, valid_y_true: Ints, valid_scores: Floats) -> Floats:
        """The scores as `function` wants them, with what `adapt` chooses by the valid part."""
        return scores if self.adapt is None else self.adapt(valid_y_true, valid_scores)(scores)

    def __call__(self, y_true: Ints, scores: Floats) -> float:
        """The metric with every sample counted once."""
        return float(self.function(y_true, scores, np.ones((1, len(y_true))))[0])
