"""Where two learning curves cross, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visiontk.core import Floats


class Crossover(NamedTuple):
    """The number of training samples from which on the first of two learners is ahead.

    Parameters
    ----------
    value : float
        0 where it is ahead at every size, infinite where it is not at the largest.
    low, high : float
        The interval, with 0 and infinity as in `value`.
    """

    value: float
    low: float
    high: float


def crossing(sizes: Sequence[float], differences: Floats) -> float:
    """The size from which on a difference stays above zero, between two sizes on a logarithmic scale.

    Parameters
    ----------
    sizes : sequence of float
        Numbers of training samples, rising, above 0.
    differences : ndarray of shape (n_sizes,)
        First learner less second, more being better.

    Returns
    -------
    float
        0 if it is above zero at every size, infinite if it is not at the largest.

    Examples
    --------
    >>> crossing([100, 200, 400], np.array([-0.1, 0.1, 0.2])).__round__()
    141
    >>> crossing([100, 200], np.array([0.1, 0.2])), crossing([100, 200], np.array([0.1, 0.0]))
    (0.0, inf)
    """
    behind = np.flatnonzero(~(differences > 0))
    if not len(behind):
        return 0.0
    last = int(behind[-1])
    if last == len(sizes) - 1:
        return float("inf")
    before, after = float(differences[last]), float(differences[last + 1])
    share = -before / (after - before)
    return float(sizes[last] * (sizes[last + 1] / sizes[last]) ** share)


def crossover(
    sizes: Sequence[float], differences: Floats, replicates: Floats, *, confidence: float = 0.95
) -> Crossover:
    """Where one learner overtakes the other, with a percentile interval of the bootstrap [1]_.

    Parameters
    ----------
    sizes : sequence of float
        Numbers of training samples, rising.
    differences : ndarray of shape (n_sizes,)
        First learner less second, more being better.
    replicates : ndarray of shape (n_replicates, n_sizes)
        The same on resamples of test items and of fits.
    confidence : float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If shapes do not fit or sizes do not rise.

    References
    ----------
    .. [1] Efron (1979), Bootstrap methods: another look at the jackknife, Annals of Statistics 7, 1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = np.array([-0.1, 0.1, 0.2])
    >>> found = crossover([100, 200, 400], truth, truth + 0.02 * rng.normal(size=(500, 3)))
    >>> found.low < found.value < found.high
    True
    """
    rising = len(sizes) > 0 and sizes[0] > 0 and bool((np.diff(sizes) > 0).all())
    if not rising or np.shape(differences) != (len(sizes),) or np.shape(replicates)[1:] != (len(sizes),):
        raise ValueError("Sizes must rise, with one difference and one column of replicates for each.")
    found = np.sort([crossing(sizes, each) for each in replicates])
    tail = (1 - confidence) / 2
    # Order statistics, not interpolation: between a number and infinity there is nothing.
    low = found[int(np.floor(tail * (len(found) - 1)))]
    high = found[int(np.ceil((1 - tail) * (len(found) - 1)))]
    return Crossover(crossing(sizes, differences), float(low), float(high))
