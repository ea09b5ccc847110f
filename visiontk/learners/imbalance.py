"""Class imbalance: one policy, offered to networks and traditional learners alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from visiontk.core import Floats, Samples

Imbalance = Literal["none", "balanced"]


@dataclass(frozen=True)
class ClassBalance:
    """Policy for classes of unequal size, as an argument of learners.

    Parameters
    ----------
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.
    """

    imbalance: Imbalance = "none"


def sample_weights(train: Samples, policy: Imbalance) -> Floats | None:
    """Weight of each training sample under a policy; None if all are equal.

    Parameters
    ----------
    train : Samples
        n samples.
    policy : {"none", "balanced"}
        "balanced" gives every class the same total: a sample of a class with m members out of k
        classes weighs n / (k m).

    Returns
    -------
    ndarray of float64, shape (n,), or None

    References
    ----------
    .. [1] King and Zeng (2001), Logistic regression in rare events data, Political Analysis 9, 144.

    Examples
    --------
    >>> from visiontk.core import Card
    >>> train = Samples.from_arrays(np.zeros((4, 1)), [0, 0, 0, 1], ("a", "b"), Card("demo", "0"))
    >>> sample_weights(train, "balanced").round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    if policy == "none":
        return None
    counts = train.counts()
    present = np.flatnonzero(counts)
    weight = np.zeros(train.n_classes)
    weight[present] = len(train) / (len(present) * counts[present])
    return weight[train.y]
