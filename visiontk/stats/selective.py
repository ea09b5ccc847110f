"""What a learner would get wrong if it might leave the samples it is least sure of to somebody else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from visiontk.core import Floats, Ints
from visiontk.stats.intervals import Estimate, estimate_from

COVERAGES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
"""Shares of the test samples that are answered. Below a fifth few mistakes are left to count."""

FEW_RESAMPLES = 200
"""So many of the resamples serve here: one curve needs them for each of its points."""


class Selective(NamedTuple):
    """The risk at each of `COVERAGES`, and the area under the whole curve."""

    risks: list[Estimate]
    area: Estimate


def risk_coverage(y: Ints, scores: Floats, weights: Floats, n_units: int) -> Selective:
    """The risk-coverage curve [1]_: the share of mistakes among the samples that a learner is surest of.

    How sure it is, is its largest score less the second largest. Of samples that are equally sure, the mistakes count
    as spread evenly over them. Which samples are answered is chosen on every resample anew.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True classes.
    scores : ndarray of shape (n_seeds, n, n_classes)
        The curve is the mean over seeds.
    weights : ndarray of shape (n_resamples, n)
        Of `bootstrap_weights`: how often each sample counts.
    n_units : int
        Groups, or samples where there are none; of a share of the samples the same share of them is taken to be left.

    Returns
    -------
    Selective
        Each with the interval of `estimate`: that of a risk is about these fitted models on other samples, that of the
        area also about other seeds. The area is the mean risk over all coverages from 1 / n to 1 [2]_: smaller
        means surer of the right ones, or fewer mistakes.

    References
    ----------
    .. [1] El-Yaniv and Wiener (2010), On the foundations of noise-free selective classification, JMLR 11, 1605.
    .. [2] Geifman, Uziel and El-Yaniv (2019), Bias-reduced uncertainty estimation for deep neural classifiers, ICLR.

    Examples
    --------
    >>> y = np.array([0, 0, 1, 1, 1])
    >>> scores = np.array([[[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8], [0.6, 0.4]]])
    >>> found = risk_coverage(y, scores, np.ones((9, 5)), 5)
    >>> {coverage: round(risk.value, 2) for coverage, risk in zip(COVERAGES, found.risks)}[1.0], found.risks[2].value
    (0.2, 0.0)
    """
    plain = np.stack([_curve(y, each, np.ones((1, len(y)))) for each in scores])[:, 0]
    drawn = np.stack([_curve(y, each, weights[:FEW_RESAMPLES]) for each in scores])
    # Two or three seeds know their variance too badly for a curve: its points would have bands that jump.
    fitted = drawn.mean(axis=0)[None]
    risks = [
        estimate_from(
            plain[:, i].mean(keepdims=True),
            fitted[:, :, i],
            max(2, round(coverage * n_units)),
            max(2, round(coverage * len(y))),
        )
        for i, coverage in enumerate(COVERAGES)
    ]
    return Selective(risks, estimate_from(plain[:, -1], drawn[:, :, -1], n_units, len(y)))


def confidence(scores: Floats) -> Floats:
    """How sure a learner is of each sample: its largest score less the second largest; shape (n,).

    Examples
    --------
    >>> confidence(np.array([[0.7, 0.2, 0.1]])).round(2).tolist()
    [0.5]
    """
    two = np.sort(scores.astype(np.float64), axis=1)[:, -2:]
    return np.asarray(two[:, -1] - two[:, 0])


def _curve(y: Ints, scores: Floats, weights: Floats) -> Floats:
    """Risk at each coverage, and last the area, under each weighting; shape (m, n_coverages + 1)."""
    _, rank = np.unique(-confidence(scores), return_inverse=True)  # 0 for the surest
    order = np.argsort(rank, kind="stable")
    last_of_tie = np.flatnonzero(np.diff(rank[order], append=len(rank)))
    wrong = (scores.argmax(axis=1) != y)[order]
    found = np.empty((len(weights), len(COVERAGES) + 1))
    for i, weight in enumerate(weights):
        counts = weight[order]
        answered = np.append(0.0, np.cumsum(counts)[last_of_tie])
        mistakes = np.append(0.0, np.cumsum(counts * wrong)[last_of_tie])
        wanted = np.array(COVERAGES) * answered[-1]
        each = np.arange(1, round(answered[-1]) + 1)
        found[i, :-1] = np.interp(wanted, answered, mistakes) / wanted
        found[i, -1] = (np.interp(each, answered, mistakes) / each).mean()
    return found
