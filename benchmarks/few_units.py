"""Simulated coverage and false verdicts with few groups, and with classes of few units, for interval_coverage.py."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from coverage_tables import judged, percent, stored_or_measured, table
from populations import RESAMPLES, Rng, Simulated
from scipy.special import ndtr, ndtri

from visiontk.core import Metric
from visiontk.metrics import accuracy, auc, balanced_accuracy, macro_f1
from visiontk.report.evidence.comparing import too_small
from visiontk.report.evidence.learner import TestSet
from visiontk.stats import bootstrap_weights, conclude, difference, estimate

GROUPS = (3, 5, 6, 10, 20, 50)
PER_GROUP = 20
UNITS = (1, 2, 3, 5, 10)
"""Units of the rare class."""

APART, NOISE = 1.5, 0.3
"""Distance of the classes and standard deviation between seeds, in standard deviations of the scores."""


class Rates(NamedTuple):
    """Coverage of the interval of one learner and of a difference, and rates of false and of missing verdicts."""

    one: float
    two: float
    claimed: float
    invalid: float


def groups_of(n_groups: int, *, unequal: bool) -> Any:
    """Group of each sample, 20 in each on average; if unequal, one group holds half of all samples."""
    n = n_groups * PER_GROUP
    if not unequal:
        return np.arange(n) % n_groups
    return np.r_[np.zeros(n // 2, np.int64), 1 + np.arange(n - n // 2) % (n_groups - 1)]


def draw_groups(rng: Rng, groups: Any, n_learners: int, *, p: float = 0.8, within: float = 0.3) -> Simulated:
    """Right or wrong predictions of equally good learners, correlated by sample and by group."""
    latent = np.sqrt(0.4) * _latent(rng, groups, 1, within) + np.sqrt(0.6) * _latent(rng, groups, n_learners, within)
    y = np.arange(len(groups)) % 2
    return Simulated(y, [np.eye(2)[np.where(each < ndtri(p), y, 1 - y)][None] for each in latent])


def _latent(rng: Rng, groups: Any, rows: int, within: float) -> Any:
    own = rng.standard_normal((rows, len(groups)))
    return np.sqrt(within) * rng.standard_normal((rows, groups.max() + 1))[:, groups] + np.sqrt(1 - within) * own


def groups_row(n_groups: int, unequal: bool, n_cases: int) -> list[str]:
    """Coverage and false verdicts with so many groups, equal or not."""
    groups = groups_of(n_groups, unequal=unequal)
    rng = np.random.default_rng(zlib.crc32(f"{n_groups} {unequal}".encode()))
    weights = bootstrap_weights(len(groups), groups=groups, n_resamples=RESAMPLES)
    drawn = (draw_groups(rng, groups, 2) for _ in range(n_cases))
    rates = rates_of(accuracy, drawn, 0.8, weights, groups)
    sizes = "one holds half" if unequal else "equal"
    return [f"{n_groups}", sizes, judged(rates.one), judged(rates.two), percent(rates.claimed)]


def rates_of(metric: Metric, drawn: Iterable[Simulated], truth: float, weights: Any, groups: Any) -> Rates:
    """Measure the intervals of the first learner and of the difference of two equally good ones, and its verdict."""
    counts = []
    for y, (a, b) in drawn:
        one = estimate(metric, y, a, weights, groups)
        two = difference(metric, y, a, b, weights, groups)
        invalid = too_small(metric, TestSet(y, weights, groups), ("0", "1"))
        verdict = conclude(two, invalid=invalid).verdict
        counts.append(
            (one.low <= truth <= one.high, two.low <= 0 <= two.high, verdict in ("better", "worse"), bool(invalid))
        )
    return Rates(*np.mean(counts, axis=0).tolist())


def rare_units(rng: Rng, n_rare: int, *, group: int = 1, n_seeds: int = 1) -> Simulated:
    """Draw two equally good learners on 200 samples, or 60 groups of 5, of which so many are of a rare class."""
    n_units = 200 if group == 1 else 60
    units = np.repeat(np.arange(n_units), group)
    y = (units < n_rare).astype(np.int64)
    latent = np.sqrt(0.5) * _latent(rng, units, 1, 0.5) + np.sqrt(0.5) * _latent(rng, units, 2, 0.5)
    noise = NOISE * (n_seeds > 1) * rng.standard_normal((2, n_seeds, len(y)))
    scores = latent[:, None] + noise + APART * (y - 0.5)
    return Simulated(y, list(np.stack([-scores, scores], axis=3)))


def truth_of(metric: Metric, share: float, n_seeds: int) -> float:
    """Return the true value of a metric of `rare_units`, where the rare class has this share of the samples."""
    sd = np.sqrt(1 + NOISE**2 * (n_seeds > 1))
    recall = float(ndtr(APART / 2 / sd))
    if metric is auc:
        return float(ndtr(APART / sd / np.sqrt(2)))
    if metric is balanced_accuracy:
        return recall
    parts = [each * recall / (each * recall + (1 - recall) / 2) for each in (share, 1 - share)]
    return float(np.mean(parts))


def rare_row(metric: Metric, group: int, n_seeds: int, n_cases: int) -> list[list[str]]:
    """False verdicts and coverage by the number of units of the rare class: one row for each of the two tables."""
    n_units = 200 if group == 1 else 60
    groups = None if group == 1 else np.repeat(np.arange(n_units), group)
    weights = bootstrap_weights(n_units * group, groups=groups, n_resamples=RESAMPLES)
    head = [metric.name, "samples" if group == 1 else "groups", f"{n_seeds}"]
    rates = []
    for n_rare in UNITS:
        rng = np.random.default_rng(zlib.crc32(f"{metric.name} {group} {n_seeds} {n_rare}".encode()))
        drawn = (rare_units(rng, n_rare, group=group, n_seeds=n_seeds) for _ in range(n_cases))
        rates.append(rates_of(metric, drawn, truth_of(metric, n_rare / n_units, n_seeds), weights, groups))
    claims = [f"{percent(each.claimed)}{', invalid' if each.invalid else ''}" for each in rates]
    return [[*head, *claims], [*head, *(f"{judged(each.one)}" for each in rates)]]


def groups(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Table of few groups."""
    rows = [
        stored_or_measured(f"groups {n_cases} {n} {unequal}", partial(groups_row, n, unequal, n_cases), store)
        for n in GROUPS
        for unequal in (False, True)
    ]
    head = ["groups", "sizes", "one learner: covered", "difference: covered", "better or worse"]
    return ["**Few groups**: accuracy of two equally good learners, 20 samples in each group on average",
            table(head, rows)]  # fmt: skip


def rare(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Tables of classes of few units, of half as many cases."""
    n_cases //= 2
    pairs = [
        stored_or_measured(
            f"rare {n_cases} {metric.name} {group} {n_seeds}", partial(rare_row, metric, group, n_seeds, n_cases), store
        )
        for metric in (auc, balanced_accuracy, macro_f1)
        for group in (1, 5)
        for n_seeds in (1, 3)
    ]
    head = ["metric", "units", "seeds", *map(str, UNITS)]
    return [
        "**Classes of 1 to 10 units**: how often one of two equally good learners is called better, by the number of "
        "samples, or groups of 5, of the rarer of two classes; 200 samples or 60 groups in all; 1,000 cases each",
        table(head, [first for first, _ in pairs]),
        "The same: coverage of the interval of one learner",
        table(head, [second for _, second in pairs]),
    ]
