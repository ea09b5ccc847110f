"""The folds of a run, judged by themselves."""

from typing import NamedTuple

import numpy as np
import pytest

from visiontk.core import Floats, Ints
from visiontk.metrics import accuracy, auc
from visiontk.report.evidence.comparing import fold_test


class Made(NamedTuple):
    """Predictions of one learner."""

    y: Ints
    folds: Ints
    scores: Floats

    def scores_for(self, metric: str) -> Floats:
        return self.scores


def made(shares: list[float], *, n: int = 50, y: int = 0) -> Made:
    """Right in this share of each fold, two seeds that agree."""
    right = np.concatenate([np.arange(n) < share * n for share in shares])
    scores = np.eye(2)[np.where(right, y, 1 - y)]
    return Made(np.full(len(right), y), np.repeat(np.arange(len(shares)), n), np.stack([scores, scores]))


def test_it_is_the_test_of_the_differences_of_the_folds() -> None:
    """By hand: differences .02, .04, .06, .08, their variance .02^2 5/3, and 1/4 + 50/150 in place of 1/4."""
    found = fold_test(accuracy, "accuracy", made([0.82, 0.84, 0.86, 0.88]), made([0.8] * 4), 150)

    assert found is not None
    half = 3.18245 * np.sqrt((1 / 4 + 1 / 3) * 0.02**2 * 5 / 3)
    assert found["value"] == pytest.approx(0.05)
    assert (found["low"], found["high"]) == (pytest.approx(0.05 - half, abs=1e-5), pytest.approx(0.05 + half, abs=1e-5))
    assert found["n_folds"] == 4
    assert found["text"].startswith("Over the 4 folds, with an allowance for training sets that overlap: +5.0 points [")


@pytest.mark.parametrize("shares", [[0.8], [0.8, 0.9]])
def test_fewer_than_three_folds_have_none(shares: list[float]) -> None:
    """Two differences know no variance worth the name."""
    assert fold_test(accuracy, "accuracy", made(shares), made(shares[::-1]), 100) is None


def test_where_a_fold_has_no_value_there_is_none() -> None:
    """An AUC of one class is undefined; folds that all agree have no variance."""
    assert fold_test(auc, "auc", made([0.8] * 3), made([0.9, 0.7, 0.6]), 100) is None
    assert fold_test(accuracy, "accuracy", made([0.8] * 3), made([0.7] * 3), 100) is None
