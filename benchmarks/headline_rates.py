"""Simulated errors and bias of the primary comparisons, and errors of all others, for interval_coverage.py."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from coverage_tables import percent, stored_or_measured, table
from families_drawn import DESIGNS, Design, Drawn, draw
from populations import RESAMPLES

from visiontk.core import BEST_CLASSICAL, About, Learner, Task, learner
from visiontk.metrics import accuracy
from visiontk.report.evidence.choice import Entrant, Primary, primaries_of
from visiontk.report.evidence.comparing import Plan, compare_all
from visiontk.report.evidence.learner import LearnerEvidence, build_test_set
from visiontk.testing import tiny_task
from visiontk.testing.tiny import centroid, noisy_centroid

ENTRANTS = ((1, 1), (4, 2), (6, 1), (6, 4))
"""Numbers of traditional learners and of networks."""

ROWS = [(design, *each, 1) for design in DESIGNS for each in ENTRANTS]
ROWS += [(design, 6, 1, 3) for design in DESIGNS if design.n_folds in (5, 6)]
"""Designs, numbers of traditional learners and networks, and seeds of the networks."""

VARIED = [
    (replace(design, what=f"{design.what}, fits vary by 2 points", strength=2.0), 1, 1, n_seeds)
    for design in DESIGNS[:2]
    for n_seeds in (1, 3)
]
"""Rows of fits whose true accuracy varies from fit to fit more than one seed can show."""

MORE_CASES = 3
"""The primary comparison is simulated so many times as often as all comparisons, since its bias must be known well."""

TWO = [(design, 4, 2, 2) for design in DESIGNS[:2]]
"""Designs, and numbers of traditional learners, of networks from scratch and of pretrained learners."""

CLAIMS = ("better", "worse")


@learner(About("pretrained", pretrained_on="other data"))
def pretrained(noise: float = 5.0) -> Learner:
    """A learner of the pretrained family."""
    return noisy_centroid(noise)


def task_of(classical: int, networks: int, n_pretrained: int = 0) -> Task:
    """Return a task with so many traditional learners, networks from scratch and pretrained learners."""
    learners: dict[str, Any] = {f"traditional_{i}": centroid for i in range(classical)}
    learners |= {f"network_{i}": noisy_centroid for i in range(networks)}
    learners |= {f"pretrained_{i}": pretrained for i in range(n_pretrained)}
    return replace(tiny_task(), learners=learners, metrics={"accuracy": accuracy})


def learners_of(task: Task, design: Design, drawn: Sequence[Drawn]) -> dict[str, LearnerEvidence]:
    """Return the evidence of drawn learners, as read from a run directory."""
    folds = design.folds[design.folds >= 0]
    y = np.arange(len(folds)) % 2
    ids = np.array([f"{i:05}" for i in range(len(folds))])
    return {
        name: LearnerEvidence(
            name=name,
            trials=[],
            costs=[],
            seeds=list(range(len(each.right))),
            ids=ids,
            y=y,
            folds=folds,
            scores=(scores := np.eye(2)[np.where(each.right, y, 1 - y)]),
            adapted={},
            decided=scores,
            valid=float(each.valid.mean()),
            valid_by_fold=each.valid.mean(axis=0),
            histories=[],
            probabilities=True,
        )
        for name, each in zip(task.learners, drawn, strict=True)
    }


def chosen_once(learners: Mapping[str, LearnerEvidence], n_folds: int) -> Primary:
    """Return the champions by the mean over all validation sets, the rule that was replaced."""

    def entrant(family: str) -> Entrant:
        names = sorted(name for name in learners if name.startswith(family))
        best = max(names, key=lambda name: learners[name].valid)
        return Entrant(learners[best], (best,) * n_folds)

    return Primary(entrant("network"), entrant("traditional"))


def headline_row(design: Design, n_classical: int, n_networks: int, n_seeds: int, n_cases: int) -> list[str]:
    """Errors and bias of one design, with the choice fold by fold, and of the choice by the mean over folds."""
    task = task_of(n_classical, n_networks)
    families = [0] * n_classical + [1] * n_networks
    seeds = [1] * n_classical + [n_seeds] * n_networks
    what = f"{n_classical} + {n_networks}" + (f", {n_seeds} seeds" if n_seeds > 1 else "")
    rng = np.random.default_rng(zlib.crc32(f"{design.what} {what}".encode()))
    folds = design.folds[design.folds >= 0]
    test_set = build_test_set(np.arange(len(folds)) % 2, folds if design.groups else None, RESAMPLES)
    plan = Plan(task, test_set, ("0", "1"), 0.01, 0)
    verdicts: dict[str, list[str]] = {"fold by fold": [], "once": []}
    bias: dict[str, list[float]] = {rule: [] for rule in verdicts}
    others = 0
    for case in range(n_cases * MORE_CASES):
        drawn = draw(rng, design, families, seeds)
        learners = learners_of(task, design, drawn)
        (primary,) = primaries_of(task, learners, BEST_CLASSICAL)
        reference = primary.classical.learner.name if case < n_cases else None
        first, *rest = compare_all(plan, learners, reference, [primary])
        others += any(row["verdict"] in CLAIMS for row in rest)
        rows = {"fold by fold": (first, primary)}
        if case < n_cases and design.n_folds > 1:
            once = chosen_once(learners, design.n_folds)
            rows["once"] = (compare_all(plan, learners, None, [once])[0], once)
        expected = _difference_of_families(task, drawn, families, folds)
        for rule, (row, pair) in rows.items():
            verdicts[rule].append(row["verdict"])
            assert row["difference"] is not None
            bias[rule].append(row["difference"] - _truth(task, drawn, pair, folds) - expected)
    any_other = [percent(others / n_cases) if n_classical + n_networks > 2 else ""]
    now, before = ([*_claims(verdicts[rule]), _mean(bias[rule])] if bias[rule] else [""] * 4 for rule in verdicts)
    return [design.what, what, *now, *any_other, before[0], before[3]]


def _claims(verdicts: Sequence[str]) -> list[str]:
    """Format how often verdicts are better or worse, better, and worse."""
    return [percent(np.mean([each in claims for each in verdicts])) for claims in (CLAIMS, CLAIMS[:1], CLAIMS[1:])]


def _mean(bias: Sequence[float]) -> str:
    """Format a mean with its 95 % interval, in points."""
    return f"{100 * np.mean(bias):+.2f} ± {196 * np.std(bias) / np.sqrt(len(bias)):.2f}"


def _truth(task: Task, drawn: Sequence[Drawn], pair: Primary, folds: Any) -> float:
    """Return the true difference of the fits that were chosen, each on its fold."""
    truth = {name: each.truth.mean(axis=0) for name, each in zip(task.learners, drawn, strict=True)}
    sides = [
        np.mean(np.array([truth[name][fold] for fold, name in enumerate(side.by_fold)])[folds])
        for side in (pair.challenger, pair.classical)
    ]
    return float(sides[0] - sides[1])


def _difference_of_families(task: Task, drawn: Sequence[Drawn], families: Sequence[int], folds: Any) -> float:
    """Return the difference of the means of all learners of each family, less its expectation.

    It shares most of the variance of the headline. Subtracting it leaves the bias and makes it known more precisely.
    """
    gaps = [each.right.mean() - each.truth.mean(axis=0)[folds].mean() for each in drawn]
    means = [np.mean([gap for gap, each in zip(gaps, families, strict=True) if each == family]) for family in (1, 0)]
    return float(means[0] - means[1])


def headline(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Table of the primary comparison of equally good families, and of all other comparisons."""
    rows, varied = ([_stored_row(row, n_cases, store) for row in each] for each in (ROWS, VARIED))
    head = ["data", "traditional + networks", "better or worse", "network better", "traditional better",
            "bias, points", "any other false claim", "chosen once: better or worse", "chosen once: bias"]  # fmt: skip
    return [
        "**The primary comparison of equally good families**, 6,000 cases a row; chosen once: the best by the "
        "mean over all folds, the former rule",
        table(head, rows),
        "The same where the true accuracy of the fits of a learner has a standard deviation of 2 points, not 0.5",
        table(head[:6], [row[:6] for row in varied]),
    ]


def two_row(design: Design, n_classical: int, n_networks: int, n_pretrained: int, n_cases: int) -> list[str]:
    """Errors of two planned comparisons with the same traditional learner, and of all other comparisons."""
    task = task_of(n_classical, n_networks, n_pretrained)
    families = [0] * n_classical + [1] * n_networks + [2] * n_pretrained
    what = f"{n_classical} + {n_networks} + {n_pretrained}"
    rng = np.random.default_rng(zlib.crc32(f"{design.what} {what}".encode()))
    folds = design.folds[design.folds >= 0]
    test_set = build_test_set(np.arange(len(folds)) % 2, folds if design.groups else None, RESAMPLES)
    plan = Plan(task, test_set, ("0", "1"), 0.01, 0, n_primaries=2)
    claims: list[list[bool]] = []
    for _ in range(n_cases):
        learners = learners_of(task, design, draw(rng, design, families, [1] * len(families)))
        primaries = primaries_of(task, learners, BEST_CLASSICAL)
        rows = compare_all(plan, learners, primaries[0].classical.learner.name, primaries)
        of_pretrained, of_network, *others = (row["verdict"] in CLAIMS for row in rows)
        claims.append([of_pretrained or of_network, of_pretrained, of_network, any(others)])
    return [design.what, what, *map(percent, np.mean(claims, axis=0))]


def two_questions(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Table of two planned comparisons, where a pretrained learner takes part."""
    rows = [
        stored_or_measured(f"two {n_cases} {row[0].what} {row[1:]}", partial(two_row, *row, n_cases), store)
        for row in TWO
    ]
    head = ["data", "traditional + networks + pretrained", "any better or worse", "pretrained better or worse",
            "network better or worse", "any other false claim"]  # fmt: skip
    return ["**Two primary comparisons of equally good families**, each interval at 97.5 %", table(head, rows)]


def _stored_row(row: tuple[Design, int, int, int], n_cases: int, store: Path | None) -> Any:
    design, *counts = row
    measure = partial(headline_row, *row, n_cases)
    return stored_or_measured(f"headline {n_cases} {design.what} {counts}", measure, store)
