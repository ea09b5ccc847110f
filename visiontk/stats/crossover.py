"""Crossover of two learning curves, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visiontk.core import Floats


class Crossover(NamedTuple):
    """Number of training samples from which the first of two learners is ahead, with its confidence interval."""

    value: float  # 0 if it is ahead at every size, infinite if it is not at the largest
    low: float
    high: float


def crossing(sizes: Sequence[float], differences: Floats) -> float:
    """Return the size from which a difference stays above zero, interpolated on a logarithmic scale.

    0 if it is above zero at every size, infinite if it is not at the largest. NaN is not above zero.

    Examples
    --------
    >>> crossing([100, 200, 400], np.array([-0.1, 0.1, 0.2])).__round__()
    141
    >>> crossing([100, 200], np.array([0.1, 0.2])), crossing([100, 200], np.array([0.1, 0.0]))
    (0.0, inf)
    """
    if len(sizes) != len(differences) or not len(sizes):
        raise ValueError(f"Each size has one difference; got {len(sizes)} sizes, {len(differences)} differences.")
    behind = np.flatnonzero(~(differences > 0))
    if not len(behind):
        return 0.0
    last = int(behind[-1])
    if last == len(sizes) - 1:
        return float("inf")
    before, after = float(differences[last]), float(differences[last + 1])
    fraction = -before / (after - before)
    return float(sizes[last] * (sizes[last + 1] / sizes[last]) ** fraction)


def crossover(
    sizes: Sequence[float], differences: Floats, replicates: Floats, *, confidence: float = 0.95
) -> Crossover:
    """Return the size at which one learner overtakes the other, with a bootstrap percentile interval [1]_.

    `differences`, shape (n_sizes,), are the first learner less the second, larger is better; `replicates`, shape
    (n_replicates, n_sizes), the same on resamples of test items and fits.

    References
    ----------
    .. [1] Efron (1979), Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = np.array([-0.1, 0.1, 0.2])
    >>> result = crossover([100, 200, 400], truth, truth + 0.02 * rng.normal(size=(500, 3)))
    >>> result.low < result.value < result.high
    True
    """
    increasing = len(sizes) > 0 and sizes[0] > 0 and bool((np.diff(sizes) > 0).all())
    if not increasing or np.shape(differences) != (len(sizes),) or np.shape(replicates)[1:] != (len(sizes),):
        raise ValueError("Sizes must increase, with one difference and one column of replicates for each.")
    if not 0 < confidence < 1 or not len(replicates):
        raise ValueError(f"confidence is between 0 and 1, with replicates; got {confidence}, {len(replicates)}.")
    crossings = np.sort([crossing(sizes, each) for each in replicates])
    tail = (1 - confidence) / 2
    # Order statistics without interpolation, which fails between a number and infinity.
    low = crossings[int(np.floor(tail * (len(crossings) - 1)))]
    high = crossings[int(np.ceil((1 - tail) * (len(crossings) - 1)))]
    return Crossover(crossing(sizes, differences), float(low), float(high))
