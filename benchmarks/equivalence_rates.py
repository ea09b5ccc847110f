"""Simulated rates of "equivalent" where the true difference of every rival is the margin, for interval_coverage.py."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from coverage_tables import percent, stored_or_measured, table
from populations import Rng, Simulated, correlated_learners, resamples, scores_of

from visiontk.core import Metric
from visiontk.metrics import accuracy, balanced_accuracy
from visiontk.stats import conclude, difference

COMPARISONS = (1, 5, 7)
"""Numbers of comparisons: one of the question, at 95 %, and others, whose intervals are simultaneous."""

MARGIN = 0.01


@dataclass(frozen=True)
class AtMargin:
    """A reference and rivals that are worse or better by exactly the margin; `draw` returns scores and margin."""

    what: str
    n: int
    draw: Callable[[Rng], tuple[Simulated, float]]
    group: int = 1
    metric: Metric = accuracy


def alike(rng: Rng, n: int, p: float, *, group: int = 1) -> tuple[Simulated, float]:
    """Draw a reference of accuracy p, and rivals a margin worse and better in turn, alike in most errors."""
    rivals = [p - MARGIN if i % 2 == 0 else p + MARGIN for i in range(max(COMPARISONS))]
    return correlated_learners(rng, n, [p, *rivals], alike=0.8, group=group, within=0.6 * (group > 1)), MARGIN


def failing_units(rng: Rng, n: int, p: float, *, group: int = 1) -> tuple[Simulated, float]:
    """Draw rivals that are right where the reference is, and wrong on all samples of each unit with probability 1 %."""
    reference = rng.random(n) < p
    fails = rng.random((max(COMPARISONS), n // group)) < MARGIN / p
    rivals = reference & ~np.repeat(fails, group, axis=1)
    return Simulated(np.zeros(n, np.int64), [scores_of(each) for each in [reference, *rivals]]), MARGIN


def default_margin(rng: Rng, n: int, p: float, n_valid: int) -> tuple[Simulated, float]:
    """Draw rivals that are worse by the default margin: half of the reference's error on a validation set."""
    margin = max(min(MARGIN, rng.binomial(n_valid, 1 - p) / n_valid / 2), 1 / n)
    rivals = [p - margin] * max(COMPARISONS)
    return correlated_learners(rng, n, [p, *rivals], alike=0.8), margin


def rare_class(rng: Rng, n: int, n_rare: int) -> tuple[Simulated, float]:
    """Draw rivals that recognise 2 % fewer of a rare class, which is one point of balanced accuracy."""
    y = (np.arange(n) < n_rare).astype(np.int64)
    right = rng.random(n) < 0.95
    lost = (rng.random((max(COMPARISONS), n)) < 2 * MARGIN / 0.95) & (y == 1)
    learners = [right, *(right & ~lost)]
    return Simulated(y, [np.eye(2)[np.where(each, y, 1 - y)][None] for each in learners]), MARGIN


CASES_AT_MARGIN = [
    AtMargin("4,000 samples, 92 % right", 4000, partial(alike, n=4000, p=0.92)),
    AtMargin("2,000 samples, 98 % right", 2000, partial(alike, n=2000, p=0.98)),
    AtMargin("500 samples, 99 % right; rivals fail on 1 %", 500, partial(failing_units, n=500, p=0.99)),
    AtMargin("1,000 samples, 99 % right; rivals fail on 1 %", 1000, partial(failing_units, n=1000, p=0.99)),
    AtMargin("4,000 samples, 99 % right, margin by default", 4000,
             partial(default_margin, n=4000, p=0.99, n_valid=500)),
    AtMargin("40 groups of 5, 98 % right", 200, partial(alike, n=200, p=0.98, group=5), 5),
    AtMargin("400 groups of 5, 98 % right", 2000, partial(alike, n=2000, p=0.98, group=5), 5),
    AtMargin("40 groups of 5; rivals fail on 1 % of the groups", 200,
             partial(failing_units, n=200, p=0.97, group=5), 5),
    AtMargin("300 groups of 5; rivals fail on 1 % of the groups", 1500,
             partial(failing_units, n=1500, p=0.97, group=5), 5),
    AtMargin("600 groups of 5; rivals fail on 1 % of the groups", 3000,
             partial(failing_units, n=3000, p=0.97, group=5), 5),
    AtMargin("2,000 samples, 50 of a class of which rivals miss 2 %", 2000, partial(rare_class, n=2000, n_rare=50),
             metric=balanced_accuracy),
    AtMargin("2,000 samples, 500 of a class of which rivals miss 2 %", 2000, partial(rare_class, n=2000, n_rare=500),
             metric=balanced_accuracy),
]  # fmt: skip


def equivalence_row(case: AtMargin, n_cases: int) -> list[str]:
    """How often any of 1, 5 and 7 comparisons is called equivalent."""
    rng, counts = np.random.default_rng(zlib.crc32(case.what.encode())), np.zeros(len(COMPARISONS))
    weights, groups = resamples(case.n, case.group)
    for _ in range(n_cases):
        (y, (reference, *rivals)), margin = case.draw(rng)
        first, *others = (difference(case.metric, y, each, reference, weights, groups) for each in rivals)
        primary = conclude(first, margin=margin).verdict == "equivalent"
        for i, m in enumerate(COMPARISONS):
            simultaneous = (each.at(1 - 0.05 / (m - 1)) for each in others[: m - 1])
            counts[i] += primary or any(conclude(each, margin=margin).verdict == "equivalent" for each in simultaneous)
    return [case.metric.name, case.what, *(percent(count / n_cases) for count in counts)]


def equivalence(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Table of equivalences of rivals that differ by the margin."""
    rows = [
        stored_or_measured(f"equivalence {n_cases} {case.what}", partial(equivalence_row, case, n_cases), store)
        for case in CASES_AT_MARGIN
    ]
    return [
        '**Any "equivalent" where the true difference of every rival is the margin**, of 1, 5 and 7 comparisons; at '
        "most 5 %",
        table(["metric", "data", *(f"{m} comparison{'s' * (m > 1)}" for m in COMPARISONS)], rows),
    ]
