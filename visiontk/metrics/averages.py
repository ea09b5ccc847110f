"""Weighted averages that metrics share."""

from __future__ import annotations

import numpy as np

from visiontk.core import Floats, Ints


def one_hot(classes: Ints, n_classes: int) -> Floats:
    """Rows of 0 and a single 1, ndarray of shape (n, n_classes); all 0 for a class out of range."""
    found: Floats = (classes[:, None] == np.arange(n_classes)).astype(np.float64)
    return found


def mean_of_defined(numerator: Floats, denominator: Floats) -> Floats:
    """Mean over the last axis of the ratios whose denominator is positive; NaN where there is none."""
    defined = denominator > 0
    ratios = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=defined)
    count = defined.sum(axis=-1)
    mean: Floats = np.divide(ratios.sum(axis=-1), count, out=np.full(count.shape, np.nan), where=count > 0)
    return mean


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Mean of values (n,) under each of the weightings (m, n); NaN where all weights are 0."""
    return mean_of_defined((weights @ values)[:, None], weights.sum(axis=1)[:, None])
