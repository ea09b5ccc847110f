"""Ceiling of the accuracy on labels that people disagree about, from repeated labels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints

N_SHARES = 60
"""Shares of the most probable class, between 1 / n_classes and 1, of which mixtures are made."""

N_DRAWS = 4000
"""Draws of votes for each kind of sample: they know a probability to 0.8 points."""

FEW = 5
"""Samples with the same number of votes below which they are left out."""


class Ceiling(NamedTuple):
    """Largest accuracy that probably agrees with the votes, the limits of all that may, and the number of samples."""

    value: float
    low: float
    high: float
    n: int


class _Kinds(NamedTuple):
    """For each kind of sample: distribution of the votes of the leading class, and accuracy of the best answer."""

    leading: Floats  # (n_kinds, n_votes + 1)
    accuracy: Floats  # (n_kinds,)


def ceiling(
    counts: Ints, rule: str, *, least: int = 1, share: float = 0.0, groups: NDArray[Any] | None = None,
    confidence: float = 0.95, seed: int = 0,
) -> Ceiling | None:  # fmt: skip
    """Estimate the accuracy of the best possible answers, measured against labels drawn as the targets were.

    Whoever knows for each sample how people vote answers the class that is most often its label, and is still wrong
    where another label was drawn. A sample is of a kind: the probability of its most probable class, and how the others
    share the rest (one, two, or all of them alike). The votes of the leading class have a known distribution for each
    kind, and so has the label; the mixture of kinds is unknown, as in a deconvolution [1]_. `low` and `high` are the
    least and the largest accuracy among all mixtures within the confidence band of the observed distribution [2]_, by
    linear programming; `value` is the largest within its band of 50 %. With few votes or samples many mixtures agree
    with them, so that `value` and `high` are too high rather than too low.

    The plain estimate, which draws new votes from the observed shares, has no such side: too high for a single
    annotator (0.78 for 0.70 with 3 votes), but too low for majorities of samples on which people nearly agree (0.93 for
    0.97 with 3 votes, 9 of 10 of which are alike).

    Parameters
    ----------
    counts : ndarray of int64, shape (n, n_classes)
        Votes of each sample for each class. Samples with fewer than two votes are left out.
    rule, least, share
        As in `visiontk.core.Votes`.
    groups : ndarray of shape (n,), optional
        Independent unit of each sample: the band is that of 1 / sum(h^2) samples for groups with shares h.
    confidence : float
        Between 0 and 1.
    seed : int
        Of the drawn votes.

    Returns
    -------
    Ceiling or None
        None without repeated labels.

    References
    ----------
    .. [1] Kiefer and Wolfowitz (1956), Consistency of the maximum likelihood estimator in the presence of infinitely
       many incidental parameters, Annals of Mathematical Statistics 27, 887.
    .. [2] Massart (1990), The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality, Annals of Probability 18,
       1269.

    Examples
    --------
    >>> votes = np.random.default_rng(0).multinomial(1, [0.8, 0.2], size=(500, 3)).sum(axis=1)
    >>> result = ceiling(votes, "single")
    >>> result.low < 0.8 < result.value + 0.01, result.n
    (True, 500)
    """
    if counts.ndim != 2 or counts.shape[1] < 2 or (counts < 0).any():
        raise ValueError(f"Votes are counts of shape (n, n_classes), for two classes or more; got {counts.shape}.")
    if rule not in ("majority", "single") or not 0 < confidence < 1:
        raise ValueError(f"The rule is majority or single, confidence between 0 and 1; got {rule!r}, {confidence}.")
    n_votes = counts.sum(axis=1)
    sizes = [int(size) for size in np.unique(n_votes[n_votes > 1]) if np.sum(n_votes == size) >= FEW]
    n = int(np.isin(n_votes, sizes).sum())
    if not n:
        return None
    rng = np.random.default_rng(seed)
    kinds = _shares(counts.shape[1])
    expected, observed, widths, accuracy = [], [], [], np.zeros(len(kinds))
    for size in sizes:
        here = np.flatnonzero(n_votes == size)
        drawn = _draw(kinds, size, rule, least, share, rng)
        accuracy += drawn.accuracy * len(here) / n
        frequencies = np.bincount(counts[here].max(axis=1), minlength=size + 1) / len(here)
        expected.append(np.cumsum(drawn.leading, axis=1)[:, :-1].T)
        observed.append(np.cumsum(frequencies)[:-1])
        n_units = len(here) if groups is None else _effective(groups[here])
        widths.append(np.full(size, math.sqrt(math.log(2 * len(sizes) / (1 - confidence)) / (2 * n_units))))
    band = _Band(np.concatenate(expected), np.concatenate(observed), np.concatenate(widths))
    half = math.sqrt(math.log(4 * len(sizes)) / math.log(2 * len(sizes) / (1 - confidence)))
    return Ceiling(*_extremes(accuracy, band, half), n)


def _effective(groups: NDArray[Any]) -> float:
    _, sizes = np.unique(groups, return_counts=True)
    return float(len(groups) ** 2 / np.sum(sizes.astype(np.float64) ** 2))


def _shares(n_classes: int) -> Floats:
    """Return the probabilities of the classes for each kind of sample, the most probable first."""
    rows = []
    for top in np.linspace(1 / n_classes, 1, N_SHARES):
        for n_rivals in {1, 2, n_classes - 1} - ({2} if n_classes < 3 else set()):
            rest = (1 - top) / n_rivals
            if rest <= top + 1e-12:
                rows.append([top, *[rest] * n_rivals, *[0.0] * (n_classes - 1 - n_rivals)])
    kinds = np.unique(np.round(rows, 12), axis=0)
    return np.asarray(kinds / kinds.sum(axis=1, keepdims=True), dtype=np.float64)


def _draw(kinds: Floats, n_votes: int, rule: str, least: int, share: float, rng: np.random.Generator) -> _Kinds:
    """Draw votes for each kind; under "majority" only those that give a label, as others are not in the data."""
    leading, accuracy = np.zeros((len(kinds), n_votes + 1)), np.zeros(len(kinds))
    for i, probabilities in enumerate(kinds):
        votes = rng.multinomial(n_votes, probabilities, size=N_DRAWS)
        accuracy[i] = probabilities[0]
        if rule == "majority":
            counted = np.where(votes >= least, votes, 0)
            top = counted.max(axis=1)
            labelled = (top > 0) & (top > share * counted.sum(axis=1))
            if labelled.any():
                votes, counted, top = votes[labelled], counted[labelled], top[labelled]
            tied = counted == top[:, None]
            accuracy[i] = (tied[:, 0] / tied.sum(axis=1)).mean()
        leading[i] = np.bincount(votes.max(axis=1), minlength=n_votes + 1) / len(votes)
    return _Kinds(leading, accuracy)


class _Band(NamedTuple):
    """Distribution functions: expected of each kind (m, n_kinds), observed (m,), and half widths of the band (m,)."""

    expected: Floats
    observed: Floats
    widths: Floats


def _extremes(accuracy: Floats, band: _Band, half: float) -> tuple[float, float, float]:
    """Return the largest accuracy in this part of the band, then the least and the largest in all of it."""
    from scipy.optimize import linprog

    n = len(accuracy)
    both = np.concatenate([band.expected, -band.expected])
    limits, widths = np.concatenate([band.observed, -band.observed]), np.concatenate([band.widths, band.widths])
    nearest: Any = linprog(
        np.append(np.zeros(n), 1.0), A_ub=np.column_stack([both, -widths]), b_ub=limits,
        A_eq=np.append(np.ones(n), 0.0)[None], b_eq=[1.0],
    )  # fmt: skip
    best = 1.001 * float(nearest.fun) + 1e-4  # a little wider, so that rounding leaves a mixture

    def extreme(sign: float, width: float) -> float:
        result: Any = linprog(
            sign * accuracy, A_ub=both, b_ub=limits + width * widths, A_eq=np.ones((1, n)), b_eq=[1.0]
        )
        return sign * float(result.fun)

    within = max(1.0, best)
    return extreme(-1.0, max(half, best)), extreme(1.0, within), extreme(-1.0, within)
