"""Corrected resampled t test over the folds of a cross-validation."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from visiontk.core import Floats
from visiontk.stats.quantiles import t_quantile, two_sided_p

ROUNDING = 1e-12
"""Differences that vary by less, of metrics up to 1 (relative to larger ones), are equal up to rounding."""


class Resampled(NamedTuple):
    """Mean difference over folds, its interval and the p-value of no difference."""

    value: float
    low: float
    high: float
    p_value: float


def corrected_resampled_t(
    differences: Floats, n_train: float, n_test: float, *, confidence: float = 0.95
) -> Resampled | None:
    """T test of the differences in several folds, shape (n_folds,), corrected for overlapping training sets [1]_.

    Models of different folds share most of their training samples, so their results are correlated and the plain t test
    over folds is too liberal. The variance of the mean of J folds is therefore estimated as (1 / J + n_test / n_train)
    times the variance between them, instead of 1 / J times. None with fewer than 3 folds, or if all folds are equal up
    to rounding: there is then no variance to test with.

    Parameters
    ----------
    differences : ndarray of shape (n_folds,)
        Metric of one learner less that of the other.
    n_train, n_test : float
        Samples in the training set and in the test set of a fold, above 0.
    confidence : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If a number is not finite or out of range, or the differences are not one number for each fold.

    References
    ----------
    .. [1] Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52, 239.

    Examples
    --------
    >>> import numpy as np
    >>> result = corrected_resampled_t(np.array([0.02, 0.03, 0.01, 0.04, 0.02]), 80, 20)
    >>> round(result.value, 3), round(result.p_value, 3)
    (0.024, 0.035)
    """
    if differences.ndim != 1 or not np.isfinite(differences).all():
        raise ValueError(f"Each fold has one finite difference; got {differences.tolist()}.")
    for name, size in (("n_train", n_train), ("n_test", n_test)):
        if not 0 < size < math.inf:
            raise ValueError(f"{name} is a number of samples above 0; got {size}.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is a number between 0 and 1, such as 0.95; got {confidence}.")
    n_folds = len(differences)
    if n_folds < 3 or np.ptp(differences) <= ROUNDING * max(1.0, float(np.abs(differences).max())):
        return None
    variance = (1 / n_folds + n_test / n_train) * float(differences.var(ddof=1))
    value, error = float(differences.mean()), math.sqrt(variance)
    half = t_quantile((1 + confidence) / 2, n_folds - 1) * error
    return Resampled(value, value - half, value + half, two_sided_p(value / error, n_folds - 1))
