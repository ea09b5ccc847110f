"""Repeated labels: the votes of several annotators on each sample."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np

from visiontk.core.arrays import Ints
from visiontk.errors import DataError


@dataclass(frozen=True, eq=False)
class Votes:
    """Votes of annotators for the classes of each sample, and the rule that made its target of them.

    Learners never see them: the report estimates from them which accuracy nobody should exceed.

    Parameters
    ----------
    counts : ndarray of int64, shape (n, n_classes)
        Votes of each sample for each class. Votes for none of the classes are left out. A row of zeros is a sample
        without repeated labels.
    rule : {"majority", "single"}
        The target is the class with most votes, or the label of one annotator.
    least : int
        With "majority", a class with fewer votes counts as without any.
    share : float
        With "majority", the target has more than this share of the votes that count, 0 to below 1; samples without such
        a class were left out of the data.

    Raises
    ------
    DataError
        If a count is negative or no whole number, or the rule is not one of these.

    Examples
    --------
    >>> votes = Votes(np.array([[8, 2], [3, 7]]), "majority", share=0.5)
    >>> votes.subset(np.array([1])).counts.tolist()
    [[3, 7]]
    """

    counts: Ints
    rule: Literal["majority", "single"]
    least: int = 1
    share: float = 0.0

    def __post_init__(self) -> None:
        if self.counts.ndim != 2 or not np.issubdtype(self.counts.dtype, np.integer) or (self.counts < 0).any():
            raise DataError(
                "Votes are whole numbers of at least 0, of shape (n, n_classes); "
                f"got {self.counts.dtype} of shape {self.counts.shape}.",
                error_id="E-DATA-VOTES",
            )
        if self.rule not in ("majority", "single") or self.least < 1 or not 0 <= self.share < 1:
            raise DataError(
                "The rule of votes is majority or single, least at least 1, and share from 0 to below 1; "
                f"got {self.rule!r}, {self.least} and {self.share}.",
                error_id="E-DATA-VOTES",
            )

    def subset(self, index: Ints) -> Votes:
        """Return the votes of these samples."""
        return dataclasses.replace(self, counts=self.counts[index])

    def of_classes(self, index: Ints) -> Votes:
        """Return the votes for these classes, in this order."""
        return dataclasses.replace(self, counts=self.counts[:, index])
