"""A second opinion where data were divided into folds: whether other training sets of this size would say the same."""

from __future__ import annotations

import math
from typing import NamedTuple

from visiontk.core import Floats
from visiontk.stats.quantiles import t_quantile, two_sided_p


class Resampled(NamedTuple):
    """Mean difference over folds, its interval and the p-value of no difference, by the corrected resampled t test."""

    value: float
    low: float
    high: float
    p_value: float


def corrected_resampled_t(
    differences: Floats, n_train: float, n_test: float, *, confidence: float = 0.95
) -> Resampled | None:
    """The t test of differences that were measured in several folds, allowing for training sets that overlap [1]_.

    Models of different folds learn from mostly the same samples, so that their results vary together and the plain t
    test over folds finds too much. The variance of the mean of J folds is therefore taken for
    (1 / J + n_test / n_train) times the variance between them, in place of 1 / J.

    Parameters
    ----------
    differences : ndarray of shape (n_folds,)
        Metric of learner a less that of b in each fold; the mean over seeds.
    n_train, n_test : float
        Samples in the training and in the test part of a fold.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    Resampled or None
        None with fewer than 3 folds, or where folds do not differ at all.

    References
    ----------
    .. [1] Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52, 239.

    Examples
    --------
    >>> import numpy as np
    >>> found = corrected_resampled_t(np.array([0.02, 0.03, 0.01, 0.04, 0.02]), 80, 20)
    >>> round(found.value, 3), round(found.p_value, 3)
    (0.024, 0.035)
    """
    n_folds = len(differences)
    if n_folds < 3:
        return None
    variance = (1 / n_folds + n_test / n_train) * float(differences.var(ddof=1))
    if not 0 < variance < math.inf:
        return None
    value, error = float(differences.mean()), math.sqrt(variance)
    half = t_quantile((1 + confidence) / 2, n_folds - 1) * error
    return Resampled(value, value - half, value + half, two_sided_p(value / error, n_folds - 1))
