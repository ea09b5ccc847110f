"""The corrected resampled t test over the folds, beside the verdict that rests on all predictions together."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from visiontk.core import Floats, Ints, Metric
from visiontk.report import formatting as fmt
from visiontk.report.values import FoldTest
from visiontk.stats.folds import corrected_resampled_t


class Predicted(Protocol):
    """Predictions of one learner on all folds, such as `LearnerEvidence`."""

    @property
    def y(self) -> Ints:
        """True classes, shape (n,)."""

    @property
    def folds(self) -> Ints:
        """The fold in which each sample was tested, shape (n,)."""

    def scores_for(self, metric: str) -> Floats:
        """Scores, shape (n_seeds, n, n_classes)."""


def fold_test(metric: Metric, name: str, rival: Predicted, reference: Predicted, n_train: float) -> FoldTest | None:
    """Test the difference of two learners over the folds; None below three folds, or if a fold has no value.

    `name` is that of the metric in the task, `n_train` the number of training samples of a fold.
    """
    y, folds = rival.y, rival.folds
    parts = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
    if len(parts) < 3:
        return None
    means = [
        np.array(
            [float(np.mean([metric(y[part], of_seed[part]) for of_seed in each.scores_for(name)])) for part in parts]
        )
        for each in (rival, reference)
    ]
    differences = means[0] - means[1]
    result = (
        corrected_resampled_t(differences, n_train, len(y) / len(parts)) if np.isfinite(differences).all() else None
    )
    if result is None:
        return None
    p = fmt.p_value(result.p_value)
    return {
        "test": "corrected resampled t",
        "n_folds": len(parts),
        "value": result.value,
        "low": result.low,
        "high": result.high,
        "p_value": result.p_value,
        "text": f"Over the {len(parts)} folds, with an allowance for training sets that overlap: "
        f"{fmt.difference(result.value, metric.kind, result.low, result.high)}{fmt.unit(metric.kind)} "
        f"{fmt.interval(result.low, result.high, metric.kind, signed=True)}, "
        f"p {p if p.startswith('<') else f'= {p}'} (corrected resampled t test).",
    }
