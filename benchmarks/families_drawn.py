"""Simulated comparisons of two families of equally good learners, one split or several folds, for headline_rates.py.

A fit of learner l on fold f is right on item i if a latent variable lies below the quantile of its accuracy. It is the
sum of the difficulty of the item, shared by all learners, of a part shared by the learners of a family, of a part of
the learner, which all its fits have in common, of a part of this fit, and of the strength of the fit. Fits of two folds
agree on an item as strongly as measured: right or wrong as a validation sample of one fold and as a test sample of
another correlate by 0.75.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from populations import Rng
from scipy.special import ndtr, ndtri

SHARED, OF_FAMILY, OF_LEARNER, OF_FIT = 0.45, 0.15, 0.34, 0.06
"""Variances of the parts of the latent variable; between fits of a learner 0.94, so that right or wrong has 0.75."""

WITHIN = 0.15
"""Share of each part that is common to the samples of a group, such as a speaker."""

RIGHT = 0.85
"""Accuracy of every learner."""

STRENGTH = 0.5
"""Standard deviation of the true accuracy of the fits of a learner, in points."""

VALID = 8
"""One sample in eight outside of the test set is in the validation set, as in `visiontk.data`."""


@dataclass(frozen=True)
class Design:
    """How the items are divided: one split, folds of samples, or one group left out in turn."""

    what: str
    n: int
    n_folds: int
    groups: bool = False

    @property
    def folds(self) -> Any:
        """Fold in which each item is tested, shape (n,); -1 for the training and validation items of one split."""
        if self.n_folds == 1:
            return np.where(np.arange(self.n) % 5 == 0, 0, -1)
        return np.arange(self.n) % self.n_folds


DESIGNS = [
    Design("one split, 200 test samples", 1000, 1),
    Design("5 folds of 500 samples", 500, 5),
    Design("10 folds of 500 samples", 500, 10),
    Design("leave one of 6 groups out", 300, 6, groups=True),
    Design("leave one of 10 groups out", 300, 10, groups=True),
]


class Drawn(NamedTuple):
    """One simulated learner."""

    right: Any  # on the test items, shape (n_seeds, n_test)
    valid: Any  # accuracy on the validation set, shape (n_seeds, n_folds)
    truth: Any  # accuracy on the population, shape (n_seeds, n_folds)


def draw(rng: Rng, design: Design, families: Sequence[int], n_seeds: Sequence[int]) -> list[Drawn]:
    """Draw equally good learners of these families, fitted with so many seeds; the items are those of `design`."""
    k, size, most, folds = design.n_folds, len(families), max(n_seeds), design.folds
    tested = np.flatnonzero(folds >= 0)
    valid = np.stack([_validation(rng, design, folds, fold) for fold in range(k)])
    lasting = np.sqrt(SHARED) * _items(rng, design, 1) + np.sqrt(OF_LEARNER) * _items(rng, design, size)
    lasting += np.sqrt(OF_FAMILY) * _items(rng, design, max(families) + 1)[list(families)]
    density = np.exp(-(ndtri(RIGHT) ** 2) / 2) / np.sqrt(2 * np.pi)
    strength = STRENGTH / 100 / density * rng.standard_normal((size, most, k))
    noise = _fit_noise(rng, design, (size, most, k), len(tested), folds[tested])
    of_test = lasting[:, None, tested] + noise - strength[:, :, folds[tested]]
    of_valid = lasting[:, valid][:, None] + _fit_noise(rng, design, (size, most, k), valid.shape) - strength[..., None]
    right, accuracy = of_test < ndtri(RIGHT), (of_valid < ndtri(RIGHT)).mean(axis=3)
    truth = ndtr(ndtri(RIGHT) + strength)
    return [Drawn(right[i, :s], accuracy[i, :s], truth[i, :s]) for i, s in enumerate(n_seeds)]


def _items(rng: Rng, design: Design, rows: int) -> Any:
    """Standard normal parts of all items, alike within groups, shape (rows, n)."""
    own = rng.standard_normal((rows, design.n))
    if not design.groups:
        return own
    return np.sqrt(1 - WITHIN) * own + np.sqrt(WITHIN) * rng.standard_normal((rows, design.n_folds))[:, design.folds]


def _fit_noise(rng: Rng, design: Design, fits: tuple[int, int, int], shape: Any, folds: Any = None) -> Any:
    """Parts of fits on test items, shape (n_learners, n_seeds, n_test), or on the validation set of each fold."""
    own = rng.standard_normal((*fits[:2], *np.atleast_1d(shape)))
    if design.groups:
        common = rng.standard_normal(fits)
        own = np.sqrt(1 - WITHIN) * own
        own += np.sqrt(WITHIN) * (common[..., None] if folds is None else common[:, :, folds])
    return np.sqrt(OF_FIT) * own


def _validation(rng: Rng, design: Design, folds: Any, fold: int) -> Any:
    """Positions of the validation set of a fold, drawn anew for each: an eighth of the rest, or one other group."""
    if design.groups:
        other = rng.choice([each for each in range(design.n_folds) if each != fold])
        return np.flatnonzero(folds == other)
    rest = np.flatnonzero(folds != fold)
    return rng.choice(rest, len(rest) // VALID, replace=False)
