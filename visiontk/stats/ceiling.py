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
    """For each kind of sample: the distributions of `_cumulated`, and the accuracy of the best answer."""

    cumulated: Floats  # (n_kinds, 2 * most + 1)
    accuracy: Floats  # (n_kinds,)


def ceiling(
    counts: Ints, rule: str, *, least: int = 1, share: float = 0.0, groups: NDArray[Any] | None = None,
    confidence: float = 0.95, seed: int = 0,
) -> Ceiling | None:  # fmt: skip
    """Estimate the accuracy of the best possible answers, measured against labels drawn as the targets were.

    Whoever knows for each sample how people vote answers the class that is most often its label, and is still wrong
    where another label was drawn. A sample is of a kind: the probability of its most probable class, and how the others
    share the rest (one, two, or all of them alike). For each kind and number of votes, the label and the votes for
    others than the leading class, and its lead over the second, have known distributions; the mixture of kinds is
    unknown, as in a deconvolution [1]_. `low` and `high` are the least and the largest accuracy among all mixtures
    within the confidence bands of both observed distributions [2]_, by linear programming; `value` is the largest
    within bands of 50 %. With few votes or
    samples many mixtures agree with them, so that `value` and `high` are too high rather than too low. Kinds are
    assumed to have equally many votes.

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
    expected, accuracy = np.zeros((len(kinds), 2 * max(sizes) + 1)), np.zeros(len(kinds))
    for size in sizes:
        drawn = _draw(kinds, size, rule, least, share, rng, max(sizes))
        part = float(np.sum(n_votes == size)) / n
        accuracy += part * drawn.accuracy
        expected += part * drawn.cumulated
    here = np.flatnonzero(np.isin(n_votes, sizes))
    observed = _cumulated(counts[here], max(sizes))
    n_units = n if groups is None else _effective(groups[here])
    # Of two distribution functions, each with half of the error.
    widths = [math.sqrt(math.log(4 / each) / (2 * n_units)) for each in (0.5, 1 - confidence)]
    return Ceiling(*_extremes(accuracy, expected.T, observed, *widths), n)


def _cumulated(votes: Ints, most: int) -> Floats:
    """Return the distribution functions of the lead over the second class, 0 to `most`, and of the votes for others."""
    two = np.sort(votes, axis=1)[:, -2:]
    lead, others = two[:, 1] - two[:, 0], votes.sum(axis=1) - two[:, 1]
    counts = [np.bincount(lead, minlength=most + 1), np.bincount(others, minlength=most)]
    return np.concatenate([np.cumsum(each) / len(votes) for each in counts])


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


def _draw(
    kinds: Floats, n_votes: int, rule: str, least: int, share: float, rng: np.random.Generator, most: int
) -> _Kinds:
    """Draw votes for each kind; under "majority" only those that give a label, as others are not in the data."""
    cumulated, accuracy = np.zeros((len(kinds), 2 * most + 1)), np.zeros(len(kinds))
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
        cumulated[i] = _cumulated(votes, most)
    return _Kinds(cumulated, accuracy)


def _extremes(
    accuracy: Floats, expected: Floats, observed: Floats, half: float, whole: float
) -> tuple[float, float, float]:
    """Return the largest accuracy in the narrow band, then the least and the largest in the wide one.

    `expected` are the distribution functions of the kinds, (m, n_kinds), `observed` that of the samples, (m,).
    """
    from scipy.optimize import linprog

    n = len(accuracy)
    both, limits = np.concatenate([expected, -expected]), np.concatenate([observed, -observed])
    nearest: Any = linprog(
        np.append(np.zeros(n), 1.0), A_ub=np.column_stack([both, -np.ones(len(both))]), b_ub=limits,
        A_eq=np.append(np.ones(n), 0.0)[None], b_eq=[1.0],
    )  # fmt: skip
    least = float(nearest.fun) + 1e-6  # so that a mixture is within the band

    def extreme(sign: float, width: float) -> float:
        result: Any = linprog(
            sign * accuracy, A_ub=both, b_ub=limits + max(width, least), A_eq=np.ones((1, n)), b_eq=[1.0]
        )
        return sign * float(result.fun)

    return extreme(-1.0, half), extreme(1.0, whole), extreme(-1.0, whole)
