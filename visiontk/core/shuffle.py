"""Labels permuted at random: what a learner finds in them, it did not learn from its training set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from visiontk.core.arrays import Ints, Strings


@dataclass(frozen=True)
class Shuffle:
    """A random permutation of labels, as a part of a trial.

    Parameters
    ----------
    share : float
        Share of the samples, or groups, that take part; above 0, at most 1.
    seed : int
        Of the permutation, 0 or more.
    by : {"sample", "group"}
        With ``group``, the labels of a group move together, so that those of one person remain alike.

    Raises
    ------
    ValueError
        If a value is out of range.

    Examples
    --------
    >>> Shuffle(share=0.2, seed=1)
    Shuffle(share=0.2, seed=1, by='sample')
    """

    share: float = 1.0
    seed: int = 0
    by: Literal["sample", "group"] = "sample"

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(f"share is a number above 0 and at most 1; got {self.share}.")
        if self.seed < 0:
            raise ValueError(f"seed is a whole number from 0; got {self.seed}.")
        if self.by not in ("sample", "group"):
            raise ValueError(f"by is sample or group; got {self.by!r}.")


def shuffled_labels(y: Ints, shuffle: Shuffle, groups: Strings | None = None) -> Ints:
    """Return the labels permuted; each class keeps its number of samples.

    By group, the groups that take part are put into random order and their labels are laid over the samples of these
    groups: those of a group remain together, where groups are of one size as a whole. Within a group they are in random
    order, as otherwise nothing would change if all groups had the same labels in the same order.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        Class of each sample.
    shuffle : Shuffle
        Of all samples at once: one permutation for the training, validation and test sets of all folds.
    groups : ndarray of str, shape (n,), optional
        Needed to shuffle by group.

    Returns
    -------
    ndarray of int64, shape (n,)

    Raises
    ------
    ValueError
        If labels are to be shuffled by group, and there are no groups.

    References
    ----------
    .. [1] Ojala and Garriga (2010), Permutation tests for studying classifier performance, JMLR 11, 1833.

    Examples
    --------
    >>> shuffled_labels(np.array([0, 0, 1, 1, 2, 2]), Shuffle(by="group"), np.array(list("aabbcc"))).tolist()
    [2, 2, 0, 0, 1, 1]
    """
    if shuffle.by == "sample":
        unit = np.arange(len(y))
    elif groups is not None:
        unit = np.unique(groups, return_inverse=True)[1]
    else:
        raise ValueError("Labels are to be shuffled by group, but the samples have no groups.")
    n_units = int(unit.max(initial=-1)) + 1
    rng = np.random.default_rng(shuffle.seed)
    place = rng.permutation(n_units)  # of each unit in the random order
    part = np.flatnonzero(place[unit] < round(shuffle.share * n_units))
    targets = part[np.argsort(unit[part], kind="stable")]
    sources = part[np.lexsort((rng.random(len(part)), place[unit[part]]))]
    shuffled = y.copy()
    shuffled[targets] = y[sources]
    return shuffled
