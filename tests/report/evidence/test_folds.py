"""The corrected t test over the folds of a run."""

from typing import NamedTuple, cast

import numpy as np
import pytest

from visiontk.core import Floats, Ints
from visiontk.metrics import accuracy, auc
from visiontk.report.evidence.comparing import over_folds
from visiontk.report.evidence.learner import LearnerEvidence
from visiontk.stats.folds import Resampled


class StoredScores(NamedTuple):
    """Predictions of one learner."""

    y: Ints
    folds: Ints
    scores: Floats

    def scores_for(self, metric: str) -> Floats:
        return self.scores


def scores_of(shares: list[float], *, n: int = 50, y: int = 0) -> StoredScores:
    """Return predictions that are correct in this share of each fold, with two equal seeds."""
    right = np.concatenate([np.arange(n) < share * n for share in shares])
    scores = np.eye(2)[np.where(right, y, 1 - y)]
    return StoredScores(np.full(len(right), y), np.repeat(np.arange(len(shares)), n), np.stack([scores, scores]))


def over(one: list[float], other: list[float], n_train: float, confidence: float = 0.95) -> Resampled | None:
    a, b = (cast(LearnerEvidence, scores_of(shares)) for shares in (one, other))
    return over_folds(accuracy, "accuracy", a, b, n_train, confidence)


@pytest.mark.parametrize(("confidence", "quantile"), [(0.95, 3.18245), (0.99, 5.84091)])
def test_the_fold_test_agrees_with_a_calculation_by_hand(confidence: float, quantile: float) -> None:
    """Differences .02, .04, .06, .08: variance .02^2 5/3 times 1/4 + 50/150 instead of 1/4."""
    result = over([0.82, 0.84, 0.86, 0.88], [0.8] * 4, 150, confidence)

    assert result is not None
    half = quantile * np.sqrt((1 / 4 + 1 / 3) * 0.02**2 * 5 / 3)
    assert result.value == pytest.approx(0.05)
    assert (result.low, result.high) == (pytest.approx(0.05 - half, abs=1e-5), pytest.approx(0.05 + half, abs=1e-5))


@pytest.mark.parametrize("shares", [[0.8], [0.8, 0.9]])
def test_fewer_than_three_folds_have_no_test(shares: list[float]) -> None:
    """Two differences do not estimate a variance."""
    assert over(shares, shares[::-1], 100) is None


def test_an_undefined_fold_or_zero_variance_gives_no_test() -> None:
    """AUC of one class, or folds that all agree."""
    a, b = (cast(LearnerEvidence, scores_of(shares)) for shares in ([0.8] * 3, [0.9, 0.7, 0.6]))

    assert over_folds(auc, "auc", a, b, 100, 0.95) is None
    assert over([0.8] * 3, [0.7] * 3, 100) is None
