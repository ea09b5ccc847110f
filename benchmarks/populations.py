"""Simulated predictions whose true metrics are known, for interval_coverage.py."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
from scipy.special import digamma, ndtr, ndtri

from visiontk.core import Metric
from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss, macro_f1
from visiontk.metrics.operating import brier
from visiontk.stats import bootstrap_weights

RESAMPLES = 400
"""Bootstrap resamples; comparisons take 1,000."""

Rng = np.random.Generator


class Simulated(NamedTuple):
    """True classes of shape (n,), and for each learner scores of shape (n_seeds, n, n_classes)."""

    y: Any
    scores: Sequence[Any]


def scores_of(right: Any) -> Any:
    """Scores of shape (n_seeds, n, 2) for targets that are all 0, right where `right` is True."""
    return np.eye(2)[np.where(np.atleast_2d(right), 0, 1)]


def correlated_learners(
    rng: Rng, n: int, p: Sequence[float], *, alike: float = 0.4, group: int = 1, within: float = 0.0
) -> Simulated:
    """Correct or wrong predictions of learners with accuracies `p`, correlated by sample and by group."""
    n_groups = n // group
    common = np.sqrt(alike) * _latent(rng, n_groups, group, within)
    noise = np.sqrt(1 - alike)
    right = [common + noise * _latent(rng, n_groups, group, within) < ndtri(accuracy) for accuracy in p]
    return Simulated(np.zeros(n, np.int64), [scores_of(each) for each in right])


def _latent(rng: Rng, n_groups: int, group: int, within: float) -> Any:
    own = rng.standard_normal((n_groups, group))
    return (np.sqrt(within) * rng.standard_normal((n_groups, 1)) + np.sqrt(1 - within) * own).ravel()


def crossed_seeds(rng: Rng, n: int, n_seeds: Sequence[int], *, p: float = 0.85, sd: float = 0.1) -> Simulated:
    """Correct or wrong predictions from a crossed probit model of seeds, samples and their interaction."""
    shared, scores = rng.standard_normal(n), []
    for count in n_seeds:
        own_sd = sd if count > 1 else 0.0  # among several seeds, only a deterministic learner is fitted once
        latent = np.sqrt(0.3) * shared + np.sqrt(0.3) * rng.standard_normal(n)
        latent = latent + np.sqrt(0.4) * rng.standard_normal((count, n)) + own_sd * rng.standard_normal((count, 1))
        scores.append(scores_of(latent < ndtri(p) * np.sqrt(1 + own_sd**2)))
    return Simulated(np.zeros(n, np.int64), scores)


CONFUSION = np.array([[0.85, 0.10, 0.05], [0.20, 0.70, 0.10], [0.20, 0.20, 0.60]])


def unbalanced_classes(rng: Rng, n: int, prior: Sequence[float], n_learners: int) -> Simulated:
    """Three classes with frequencies `prior` and at least one sample each."""
    y = rng.choice(3, size=n, p=prior)
    y[:3] = range(3)
    common, scores = rng.random(n), []
    for _ in range(n_learners):
        u = np.where(rng.random(n) < 0.5, common, rng.random(n))
        scores.append(np.eye(3)[np.minimum((u[:, None] > CONFUSION.cumsum(axis=1)[y]).sum(axis=1), 2)][None])
    return Simulated(y, scores)


def macro_truth(metric: Metric, prior: Sequence[float]) -> float:
    """True balanced accuracy or macro F1 under `CONFUSION`."""
    joint = np.array(prior)[:, None] * CONFUSION
    if metric is balanced_accuracy:
        return float(np.diag(CONFUSION).mean())
    return float(np.mean(2 * np.diag(joint) / (joint.sum(axis=0) + joint.sum(axis=1))))


def binormal_scores(
    rng: Rng, n: int, positives: int, apart: float, n_learners: int, *, levels: int = 0, group: int = 1, seeds: int = 1
) -> Simulated:
    """Scores of two normal classes `apart` standard deviations apart; learners correlate by 0.5, `levels` make ties."""
    y = np.zeros(n, np.int64)
    y[:: max(1, n // positives)][:positives] = 1
    shared, scores = _latent(rng, n // group, group, 0.5 if group > 1 else 0.0), []
    for _ in range(n_learners):
        own = _latent(rng, n // group, group, 0.5 if group > 1 else 0.0)
        s = np.sqrt(0.5) * shared + np.sqrt(0.5) * own + apart * y
        s = s + 0.3 * rng.standard_normal((seeds, n)) if seeds > 1 else s[None]
        s = np.digitize(s, np.linspace(-1, 2, levels)).astype(float) if levels else s
        scores.append(np.stack([-s, s], axis=2))
    return Simulated(y, scores)


def three_classes(rng: Rng, n: int, n_learners: int) -> Simulated:
    """Three classes of 60, 30 and 10 % with normal scores."""
    y = np.r_[0, 0, 1, 1, 2, 2, rng.choice(3, size=n - 6, p=[0.6, 0.3, 0.1])]
    shared = rng.standard_normal((n, 3))
    scores = [
        (np.sqrt(0.5) * shared + np.sqrt(0.5) * rng.standard_normal((n, 3)) + 1.5 * np.eye(3)[y])[None]
        for _ in range(n_learners)
    ]
    return Simulated(y, scores)


OVERCONFIDENT, CALIBRATED = 0.1 * 4.7 + 0.9 * 0.05, float(digamma(5) - digamma(4))
"""Expected log loss of `overconfident_losses` and of `calibrated_losses`."""


def overconfident_losses(rng: Rng, n: int) -> Any:
    """Log losses of a learner that is confidently wrong on 10 % of the samples."""
    wrong = rng.random(n) < 0.1
    return np.where(wrong, rng.exponential(4, n) + 0.7, rng.exponential(0.05, n))


def calibrated_losses(rng: Rng, n: int) -> Any:
    """Log losses of a learner whose probability of the true class has the distribution Beta(4, 1)."""
    return -np.log(rng.beta(4, 1, n))


def scores_of_losses(rng: Rng, n: int, of: Sequence[Callable[[Rng, int], Any]], *, group: int = 1) -> Simulated:
    """Scores of learners with these log losses; samples of a group are copies of each other."""
    probabilities = [np.exp(-np.repeat(loss(rng, n // group), group)) for loss in of]
    scores = [np.stack([p, 1 - p], axis=1)[None] for p in probabilities]
    return Simulated(np.zeros(n, np.int64), scores)


def confidence_ranked(rng: Rng, n: int, group: int, n_seeds: int) -> Simulated:
    """Predictions of one learner whose confidence u is uniform, wrong with probability 0.4 (1 - u)^2."""
    confidence = np.repeat(rng.random(n // group), group)
    # Samples of a group are right or wrong together.
    uniform = np.repeat(rng.random((n_seeds, n // group)), group, axis=1)
    predicted = (uniform < 0.4 * (1 - confidence) ** 2).astype(np.int64)
    return Simulated(np.zeros(n, np.int64), [np.eye(2)[predicted] * confidence[:, None]])


@cache
def resamples(n: int, group: int = 1) -> tuple[Any, Any]:
    """Bootstrap weights, and the group of each sample; None without groups."""
    groups = None if group == 1 else np.repeat(np.arange(n // group), group)
    return bootstrap_weights(n, groups=groups, n_resamples=RESAMPLES), groups


@dataclass(frozen=True)
class Case:
    """A metric, a simulated population and the true value of the metric on it.

    ``what`` names the row of the page and seeds its random numbers: another name, other samples.
    """

    metric: Metric
    what: str
    truth: float
    draw: Callable[[Rng], Simulated]
    n: int
    group: int = 1

    def rng(self) -> Rng:
        """Random numbers of this row, independent of the other rows."""
        return np.random.default_rng(zlib.crc32(f"{self.metric.name} {self.what}".encode()))


def one_learner() -> list[Case]:
    """Populations for intervals of one learner."""
    wilson_cases = [
        Case(accuracy, f"{n} samples, {100 * p:g} % right", p, partial(correlated_learners, n=n, p=[p]), n)
        for n, p in [(30, 0.8), (200, 0.9), (50, 0.99), (1000, 0.995)]
    ]
    grouped = [
        Case(accuracy, f"{n // size} groups of {size} that are alike, {100 * p:g} % right", p,
             partial(correlated_learners, n=n, p=[p], group=size, within=0.6), n, size)
        for n, size, p in [(200, 5, 0.8), (200, 5, 0.98), (60, 10, 0.8), (400, 40, 0.9)]
    ]  # fmt: skip
    with_seeds = [
        Case(accuracy, f"200 samples, {s} seeds, 85 % right", 0.85, partial(crossed_seeds, n=200, n_seeds=[s]), 200)
        for s in (2, 3, 5)
    ]
    with_seeds.append(
        Case(accuracy, "200 samples, 3 seeds that spread by 6 points", 0.85,
             partial(crossed_seeds, n=200, n_seeds=[3], sd=0.27), 200)
    )  # fmt: skip
    macro = [
        Case(metric, f"{n} samples, rarest class {100 * prior[2]:g} %", macro_truth(metric, prior),
             partial(unbalanced_classes, n=n, prior=prior, n_learners=1), n)
        for metric in (balanced_accuracy, macro_f1)
        for n, prior in [(300, (0.6, 0.3, 0.1)), (200, (0.7, 0.27, 0.03)), (60, (0.5, 0.3, 0.2))]
    ]  # fmt: skip
    aucs = [
        Case(auc, f"{n} samples, {m} positives, true AUC {ndtr(d / np.sqrt(2)):.2f}", float(ndtr(d / np.sqrt(2))),
             partial(binormal_scores, n=n, positives=m, apart=d, n_learners=1), n)
        for n, m, d in [(200, 60, 1.0), (40, 20, 2.5), (200, 5, 1.5), (600, 300, 2.0)]
    ]  # fmt: skip
    aucs.append(
        Case(auc, "40 groups of 5 that are alike, 60 positives", float(ndtr(1 / np.sqrt(2))),
             partial(binormal_scores, n=200, positives=60, apart=1.0, n_learners=1, group=5), 200, 5)
    )  # fmt: skip
    losses = [
        Case(log_loss, f"{n} samples, {name}", truth, partial(scores_of_losses, n=n, of=[loss]), n)
        for n in (50, 100, 200, 1000)
        for name, truth, loss in [
            ("calibrated", CALIBRATED, calibrated_losses),
            ("sure of its mistakes", OVERCONFIDENT, overconfident_losses),
        ]
    ]
    losses.append(
        Case(log_loss, "100 groups of 3 copies, sure of its mistakes", OVERCONFIDENT,
             partial(scores_of_losses, n=300, of=[overconfident_losses], group=3), 300, 3)
    )  # fmt: skip
    briers = [
        Case(brier, "200 samples, calibrated", 2 / 30, partial(scores_of_losses, n=200, of=[calibrated_losses]), 200)
    ]
    return [*wilson_cases, *grouped, *with_seeds, *macro, *aucs, *losses, *briers]


def two_learners() -> list[Case]:
    """Populations for paired differences; a true value of 0 is a true null hypothesis."""
    pairs = [
        Case(accuracy, f"{n} samples, {100 * a:g} and {100 * b:g} % right", a - b,
             partial(correlated_learners, n=n, p=[a, b]), n)
        for n, a, b in [(30, 0.8, 0.8), (200, 0.8, 0.8), (200, 0.9, 0.85), (50, 0.99, 0.99), (100, 0.99, 0.95),
                        (1000, 0.93, 0.93)]
    ]  # fmt: skip
    grouped = [
        Case(accuracy, f"{n // size} groups of {size} that are alike, {100 * p:g} % right", 0.0,
             partial(correlated_learners, n=n, p=[p, p], group=size, within=0.6), n, size)
        for n, size, p in [(200, 5, 0.8), (200, 5, 0.98), (60, 10, 0.8), (400, 40, 0.9)]
    ]  # fmt: skip
    with_seeds = [
        Case(accuracy, f"200 samples, {' and '.join(map(str, sorted(set(s))))} seeds", 0.0,
             partial(crossed_seeds, n=200, n_seeds=s), 200)
        for s in ([2, 2], [3, 3], [5, 5], [3, 1], [2, 4])
    ]  # fmt: skip
    macro = [
        Case(metric, f"{n} samples, rarest class {100 * prior[2]:g} %", 0.0,
             partial(unbalanced_classes, n=n, prior=prior, n_learners=2), n)
        for metric in (balanced_accuracy, macro_f1)
        for n, prior in [(300, (0.6, 0.3, 0.1)), (200, (0.7, 0.27, 0.03)), (60, (0.5, 0.3, 0.2))]
    ]  # fmt: skip
    aucs = [
        Case(auc, f"{n} samples, {m} positives, true AUC {ndtr(d / np.sqrt(2)):.2f}{', 4 levels' if ties else ''}", 0.0,
             partial(binormal_scores, n=n, positives=m, apart=d, n_learners=2, levels=ties), n)
        for n, m, d, ties in [(200, 60, 1.0, 0), (200, 60, 1.0, 4), (40, 20, 2.5, 0), (200, 5, 1.5, 0),
                              (600, 300, 2.0, 0)]
    ]  # fmt: skip
    aucs += [
        Case(auc, "200 samples of 3 classes, rarest 10 %", 0.0, partial(three_classes, n=200, n_learners=2), 200),
        Case(auc, "40 groups of 5 that are alike, 60 positives", 0.0,
             partial(binormal_scores, n=200, positives=60, apart=1.0, n_learners=2, group=5), 200, 5),
        Case(auc, "200 samples, 60 positives, 3 seeds", 0.0,
             partial(binormal_scores, n=200, positives=60, apart=1.0, n_learners=2, seeds=3), 200),
    ]  # fmt: skip
    losses = [
        Case(log_loss, f"{n} samples, {name}", truth, partial(scores_of_losses, n=n, of=of), n)
        for n in (100, 200, 1000)
        for name, truth, of in [("both sure of their mistakes", 0.0, [overconfident_losses, overconfident_losses]),
                                ("both calibrated", 0.0, [calibrated_losses, calibrated_losses]),
                                ("one of each", OVERCONFIDENT - CALIBRATED, [overconfident_losses, calibrated_losses])]
    ]  # fmt: skip
    return [*pairs, *grouped, *with_seeds, *macro, *aucs, *losses]


def equally_good(rng: Rng, n: int, k: int) -> Any:
    """Normal values with an effect of the data set and none of the learner."""
    return 3 * rng.standard_normal((n, 1)) + rng.standard_normal((n, k))


def with_ties(rng: Rng, n: int, k: int) -> Any:
    """Values with many ties, as accuracies on small test sets have."""
    return rng.integers(0, 3, (n, k))


def one_behind(rng: Rng, n: int, k: int) -> Any:
    """The last learner is far behind; the others are equally good."""
    return equally_good(rng, n, k) - 10.0 * (np.arange(k) == k - 1)


def first_or_last(rng: Rng, n: int, k: int) -> Any:
    """Two learners far ahead of or behind the others by chance; on average all are equally good."""
    values = 0.1 * rng.standard_normal((n, k))
    values[:, 0] += np.where(rng.random(n) < 0.5, 2.0, -2.0)
    values[:, 1] -= np.sign(values[:, 0]) * 2.0
    return values


TABLES: list[tuple[str, Callable[[Rng, int, int], Any], int, int]] = [
    *(
        (f"{n} data sets, {k} learners", equally_good, n, k)
        for n, k in [(3, 3), (5, 3), (5, 5), (8, 4), (14, 4), (10, 8)]
    ),
    ("5 data sets, 4 learners, ties", with_ties, 5, 4),
    ("10 data sets, 5 learners, one of them far behind", one_behind, 10, 5),
    ("12 data sets, 5 learners, two of them first or last by chance", first_or_last, 12, 5),
]
