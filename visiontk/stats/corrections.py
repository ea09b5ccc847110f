"""Corrections of p-values and intervals for several comparisons."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from visiontk.core import Floats


def holm(p_values: ArrayLike) -> Floats:
    """Adjust p-values by Holm's step-down method [1]_, which bounds the family-wise error rate.

    The smallest of k p-values is multiplied by k, the next by k - 1, and so on; adjusted values do not decrease and are
    at most 1. The comparisons may depend on each other in any way.

    Parameters
    ----------
    p_values : array-like of shape (k,)
        Between 0 and 1. NaN marks a missing comparison: it stays NaN and is not counted.

    Returns
    -------
    ndarray of float64, shape (k,)
        In the order of `p_values`.

    Raises
    ------
    ValueError
        If a p-value lies outside 0 to 1, or they are not a list of numbers.

    References
    ----------
    .. [1] Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statistics 6, 65.

    Examples
    --------
    >>> holm([0.01, 0.04, np.nan, 0.03]).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    p = np.array(p_values, dtype=np.float64)
    if p.ndim != 1:
        raise ValueError(f"p-values are a list of numbers, shape (k,); got shape {p.shape}.")
    present = np.flatnonzero(~np.isnan(p))
    for wrong in p[present][(p[present] < 0) | (p[present] > 1)]:
        raise ValueError(f"A p-value lies between 0 and 1; got {wrong}.")
    order = present[np.argsort(p[present], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    p[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return p


def simultaneous(n_comparisons: int, confidence: float = 0.95) -> float:
    """Return the confidence of each of several intervals that all hold together with `confidence`, by Bonferroni [1]_.

    In one step, other than `holm`, so that interval, p-value and verdict of a comparison agree.

    References
    ----------
    .. [1] Dunn (1961), Multiple comparisons among means, JASA 56, 52.

    Examples
    --------
    >>> simultaneous(5)
    0.99
    """
    if n_comparisons < 1:
        raise ValueError(f"n_comparisons is at least 1; got {n_comparisons}.")
    return 1 - (1 - confidence) / n_comparisons
