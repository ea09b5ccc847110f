"""Weighted averages that metrics share."""

from __future__ import annotations

import numpy as np

from visiontk.core import Floats, Ints


def one_hot(classes: Ints, n_classes: int) -> Floats:
    """Return one-hot rows of shape (n, n_classes)."""
    rows: Floats = (classes[:, None] == np.arange(n_classes)).astype(np.float64)
    return rows


def mean_of_defined(numerator: Floats, denominator: Floats) -> Floats:
    """Return the mean over the last axis of the ratios with a positive denominator; NaN if there is none."""
    defined = denominator > 0
    ratios = np.divide(numerator, denominator, out=np.zeros_like(numerator), where=defined)
    count = defined.sum(axis=-1)
    mean: Floats = np.divide(ratios.sum(axis=-1), count, out=np.full(count.shape, np.nan), where=count > 0)
    return mean


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Return the mean of values (n,) under each weighting (m, n); NaN if all weights are 0."""
    return mean_of_defined((weights @ values)[:, None], weights.sum(axis=1)[:, None])
