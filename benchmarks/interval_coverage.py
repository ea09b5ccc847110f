"""How often every interval and test of the package is right, by simulation: ``make coverage``.

Samples are drawn from populations whose true values are known, and handed to the functions that comparisons use. A 95 %
interval should hold the truth in 95 of 100 cases, and a test at 5 % should reject a true null in 5. The tables of
docs/statistics.md between the markers are written from what comes out, those of the sections that are named or all of
them. With fewer ``--cases`` they are printed and not written. ``--keep FILE`` keeps finished rows, so that a run that
was interrupted goes on; remove it when the code changes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import digamma, ndtr, ndtri

from visiontk.core import Metric, Samples
from visiontk.executors import Serial
from visiontk.harness.drive import Prepared, drive
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import plan
from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss, macro_f1
from visiontk.metrics.operating import brier
from visiontk.report.results import results
from visiontk.stats import bootstrap_weights, difference, estimate, holm, judge, wilson
from visiontk.stats.folds import corrected_resampled_t
from visiontk.stats.friedman import critical_difference, friedman, pairs
from visiontk.stats.selective import COVERAGES, risk_coverage
from visiontk.testing import tiny_images, tiny_task
from visiontk.testing.tiny import centroid, noisy_centroid, prior
from visiontk.version import VERSION

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
CASES, RUNS = 2000, 200
"""Drawn cases of each row, and whole comparisons of each plan."""
PART = 20
"""Whole comparisons after which their counts are kept."""
RESAMPLES = 400
"""Of each bootstrap; comparisons take 1,000."""

Rng = np.random.Generator
Drawn = tuple[Any, ...]


# What is drawn: targets, then the scores of one or two learners.


def of_right(right: Any) -> Any:
    """Scores of shape (n_seeds, n, 2) that are right where this says so, when every target is 0."""
    return np.eye(2)[np.where(np.atleast_2d(right), 0, 1)]


def shares(rng: Rng, n: int, p: Sequence[float], *, alike: float = 0.4, group: int = 1, within: float = 0.0) -> Drawn:
    """Learners that are right with these probabilities; hard samples and hard groups are so for all of them."""
    n_groups = n // group
    common = np.sqrt(alike) * _latent(rng, n_groups, group, within)
    found = [common + np.sqrt(1 - alike) * _latent(rng, n_groups, group, within) < ndtri(share) for share in p]
    return np.zeros(n, np.int64), *(of_right(right) for right in found)


def _latent(rng: Rng, n_groups: int, group: int, within: float) -> Any:
    own = rng.standard_normal((n_groups, group))
    return (np.sqrt(within) * rng.standard_normal((n_groups, 1)) + np.sqrt(1 - within) * own).ravel()


def seeded(rng: Rng, n: int, n_seeds: Sequence[int], *, p: float = 0.85, sd: float = 0.1) -> Drawn:
    """Right or wrong in a crossed probit model: seeds, samples (partly hard for all), and their interaction."""
    shared, found = rng.standard_normal(n), []
    for count in n_seeds:
        own_sd = sd if count > 1 else 0.0  # only learners that need no seed are fitted with a single one of several
        latent = np.sqrt(0.3) * shared + np.sqrt(0.3) * rng.standard_normal(n)
        latent = latent + np.sqrt(0.4) * rng.standard_normal((count, n)) + own_sd * rng.standard_normal((count, 1))
        found.append(of_right(latent < ndtri(p) * np.sqrt(1 + own_sd**2)))
    return np.zeros(n, np.int64), *found


CONFUSION = np.array([[0.85, 0.10, 0.05], [0.20, 0.70, 0.10], [0.20, 0.20, 0.60]])


def unequal(rng: Rng, n: int, prior: Sequence[float], n_learners: int) -> Drawn:
    """Three classes of these frequencies, of which the last has one sample at least."""
    y = rng.choice(3, size=n, p=prior)
    y[:3] = range(3)
    common, found = rng.random(n), []
    for _ in range(n_learners):
        u = np.where(rng.random(n) < 0.5, common, rng.random(n))
        found.append(np.eye(3)[np.minimum((u[:, None] > CONFUSION.cumsum(axis=1)[y]).sum(axis=1), 2)][None])
    return y, *found


def macro_truth(metric: Metric, prior: Sequence[float]) -> float:
    """Balanced accuracy or macro F1 of `CONFUSION` itself."""
    joint = np.array(prior)[:, None] * CONFUSION
    if metric is balanced_accuracy:
        return float(np.diag(CONFUSION).mean())
    return float(np.mean(2 * np.diag(joint) / (joint.sum(axis=0) + joint.sum(axis=1))))


def ranked(
    rng: Rng, n: int, positives: int, apart: float, n_learners: int, *, levels: int = 0, group: int = 1, seeds: int = 1
) -> Drawn:
    """Two normal distributions this far apart; learners correlate by half; few levels make ties."""
    y = np.zeros(n, np.int64)
    y[:: max(1, n // positives)][:positives] = 1
    shared, found = _latent(rng, n // group, group, 0.5 if group > 1 else 0.0), []
    for _ in range(n_learners):
        own = _latent(rng, n // group, group, 0.5 if group > 1 else 0.0)
        s = np.sqrt(0.5) * shared + np.sqrt(0.5) * own + apart * y
        s = s + 0.3 * rng.standard_normal((seeds, n)) if seeds > 1 else s[None]
        s = np.digitize(s, np.linspace(-1, 2, levels)).astype(float) if levels else s
        found.append(np.stack([-s, s], axis=2))
    return y, *found


def classes(rng: Rng, n: int, n_learners: int) -> Drawn:
    """Three classes of 60, 30 and 10 %, each with a score of its own."""
    y = np.r_[0, 0, 1, 1, 2, 2, rng.choice(3, size=n - 6, p=[0.6, 0.3, 0.1])]
    shared = rng.standard_normal((n, 3))
    return y, *(
        (np.sqrt(0.5) * shared + np.sqrt(0.5) * rng.standard_normal((n, 3)) + 1.5 * np.eye(3)[y])[None]
        for _ in range(n_learners)
    )


SURE, CALIBRATED = 0.1 * 4.7 + 0.9 * 0.05, float(digamma(5) - digamma(4))
"""Expected log loss of `sure` and of `calibrated`."""


def sure(rng: Rng, n: int) -> Any:
    """Losses of a learner that is wrong in a tenth of the samples, and sure even then."""
    wrong = rng.random(n) < 0.1
    return np.where(wrong, rng.exponential(4, n) + 0.7, rng.exponential(0.05, n))


def calibrated(rng: Rng, n: int) -> Any:
    """Losses of a learner whose probability of the truth is Beta(4, 1)."""
    return -np.log(rng.beta(4, 1, n))


def losses(rng: Rng, n: int, of: Sequence[Callable[[Rng, int], Any]], *, group: int = 1) -> Drawn:
    """Learners with these losses; the samples of a group are copies of each other."""
    drawn = [np.exp(-np.repeat(loss(rng, n // group), group)) for loss in of]
    return np.zeros(n, np.int64), *(np.stack([p, 1 - p], axis=1)[None] for p in drawn)


# What is counted.


@cache
def units(n: int, group: int = 1) -> tuple[Any, int]:
    """Resamples, and the number of independent units."""
    names = None if group == 1 else np.repeat(np.arange(n // group), group).astype(str)
    return bootstrap_weights(n, groups=names, n_resamples=RESAMPLES), n // group


@dataclass(frozen=True)
class Case:
    """A population: what is computed, how samples of it are drawn, and what the truth is."""

    metric: Metric
    what: str
    truth: float
    draw: Callable[[Rng], Drawn]
    n: int
    group: int = 1

    def rng(self) -> Rng:
        """Its own stream, whatever other rows are drawn."""
        return np.random.default_rng(zlib.crc32(f"{self.metric.name} {self.what}".encode()))


def interval_row(case: Case, n_cases: int) -> list[str]:
    """Share of intervals that hold the truth, lie above it and lie below it, and their mean width."""
    rng = case.rng()
    found = [estimate(case.metric, *case.draw(rng), *units(case.n, case.group)) for _ in range(n_cases)]
    return [case.metric.name, case.what, *_covered(found, case.truth, case.metric)]


def difference_row(case: Case, n_cases: int) -> list[str]:
    """The same for a difference, with the name of its test and how often that rejects a true null."""
    rng = case.rng()
    found = [difference(case.metric, *case.draw(rng), *units(case.n, case.group)) for _ in range(n_cases)]
    (test,) = (
        {each.test for each in found}
        if case.metric is not auc
        else {Counter(e.test for e in found).most_common()[0][0]}
    )
    rejected = percent(np.mean([each.p_value < 0.05 for each in found])) if case.truth == 0 else ""
    return [case.metric.name, case.what, test, *_covered(found, case.truth, case.metric), rejected]


def _covered(found: Sequence[Any], truth: float, metric: Metric) -> list[str]:
    low, high = np.array([(each.low, each.high) for each in found]).T
    above, below = np.mean(low > truth), np.mean(high < truth)
    width = np.mean(high - low)
    size = f"{width:.2f}" if metric.kind == "unbounded" else f"{100 * width:.1f}"
    return [percent(1 - above - below), percent(above), percent(below), size]


def percent(share: Any) -> str:
    """One decimal, as 2,000 cases know no more."""
    return f"{100 * float(share):.1f} %"


def one_learner() -> list[Case]:
    """Every kind of interval of one learner."""
    wilson_cases = [
        Case(accuracy, f"{n} samples, {100 * p:g} % right", p, partial(shares, n=n, p=[p]), n)
        for n, p in [(30, 0.8), (200, 0.9), (50, 0.99), (1000, 0.995)]
    ]
    grouped = [
        Case(accuracy, f"{n // size} groups of {size} that are alike, {100 * p:g} % right", p,
             partial(shares, n=n, p=[p], group=size, within=0.6), n, size)
        for n, size, p in [(200, 5, 0.8), (200, 5, 0.98), (60, 10, 0.8), (400, 40, 0.9)]
    ]  # fmt: skip
    of_seeds = [
        Case(accuracy, f"200 samples, {s} seeds, 85 % right", 0.85, partial(seeded, n=200, n_seeds=[s]), 200)
        for s in (2, 3, 5)
    ]
    of_seeds.append(
        Case(accuracy, "200 samples, 3 seeds that spread by 6 points", 0.85,
             partial(seeded, n=200, n_seeds=[3], sd=0.27), 200)
    )  # fmt: skip
    macro = [
        Case(metric, f"{n} samples, rarest class {100 * prior[2]:g} %", macro_truth(metric, prior),
             partial(unequal, n=n, prior=prior, n_learners=1), n)
        for metric in (balanced_accuracy, macro_f1)
        for n, prior in [(300, (0.6, 0.3, 0.1)), (200, (0.7, 0.27, 0.03)), (60, (0.5, 0.3, 0.2))]
    ]  # fmt: skip
    of_auc = [
        Case(auc, f"{n} samples, {m} positives, true AUC {ndtr(d / np.sqrt(2)):.2f}", float(ndtr(d / np.sqrt(2))),
             partial(ranked, n=n, positives=m, apart=d, n_learners=1), n)
        for n, m, d in [(200, 60, 1.0), (40, 20, 2.5), (200, 5, 1.5), (600, 300, 2.0)]
    ]  # fmt: skip
    of_auc.append(
        Case(auc, "40 groups of 5 that are alike, 60 positives", float(ndtr(1 / np.sqrt(2))),
             partial(ranked, n=200, positives=60, apart=1.0, n_learners=1, group=5), 200, 5)
    )  # fmt: skip
    of_loss = [
        Case(log_loss, f"{n} samples, {name}", truth, partial(losses, n=n, of=[loss]), n)
        for n in (50, 100, 200, 1000)
        for name, truth, loss in [("calibrated", CALIBRATED, calibrated), ("sure of its mistakes", SURE, sure)]
    ]
    of_loss.append(
        Case(log_loss, "100 groups of 3 copies, sure of its mistakes", SURE,
             partial(losses, n=300, of=[sure], group=3), 300, 3)
    )  # fmt: skip
    of_brier = [Case(brier, "200 samples, calibrated", 2 / 30, partial(losses, n=200, of=[calibrated]), 200)]
    return [*wilson_cases, *grouped, *of_seeds, *macro, *of_auc, *of_loss, *of_brier]


def two_learners() -> list[Case]:
    """Every kind of paired difference; a true value of 0 is a true null."""
    pairs = [
        Case(accuracy, f"{n} samples, {100 * a:g} and {100 * b:g} % right", a - b, partial(shares, n=n, p=[a, b]), n)
        for n, a, b in [(30, 0.8, 0.8), (200, 0.8, 0.8), (200, 0.9, 0.85), (50, 0.99, 0.99), (100, 0.99, 0.95),
                        (1000, 0.93, 0.93)]
    ]  # fmt: skip
    grouped = [
        Case(accuracy, f"{n // size} groups of {size} that are alike, {100 * p:g} % right", 0.0,
             partial(shares, n=n, p=[p, p], group=size, within=0.6), n, size)
        for n, size, p in [(200, 5, 0.8), (200, 5, 0.98), (60, 10, 0.8), (400, 40, 0.9)]
    ]  # fmt: skip
    of_seeds = [
        Case(accuracy, f"200 samples, {' and '.join(map(str, sorted(set(s))))} seeds", 0.0,
             partial(seeded, n=200, n_seeds=s), 200)
        for s in ([2, 2], [3, 3], [5, 5], [3, 1], [2, 4])
    ]  # fmt: skip
    macro = [
        Case(metric, f"{n} samples, rarest class {100 * prior[2]:g} %", 0.0,
             partial(unequal, n=n, prior=prior, n_learners=2), n)
        for metric in (balanced_accuracy, macro_f1)
        for n, prior in [(300, (0.6, 0.3, 0.1)), (200, (0.7, 0.27, 0.03)), (60, (0.5, 0.3, 0.2))]
    ]  # fmt: skip
    of_auc = [
        Case(auc, f"{n} samples, {m} positives, true AUC {ndtr(d / np.sqrt(2)):.2f}{', 4 levels' if ties else ''}", 0.0,
             partial(ranked, n=n, positives=m, apart=d, n_learners=2, levels=ties), n)
        for n, m, d, ties in [(200, 60, 1.0, 0), (200, 60, 1.0, 4), (40, 20, 2.5, 0), (200, 5, 1.5, 0),
                              (600, 300, 2.0, 0)]
    ]  # fmt: skip
    of_auc += [
        Case(auc, "200 samples of 3 classes, rarest 10 %", 0.0, partial(classes, n=200, n_learners=2), 200),
        Case(auc, "40 groups of 5 that are alike, 60 positives", 0.0,
             partial(ranked, n=200, positives=60, apart=1.0, n_learners=2, group=5), 200, 5),
        Case(auc, "200 samples, 60 positives, 3 seeds", 0.0,
             partial(ranked, n=200, positives=60, apart=1.0, n_learners=2, seeds=3), 200),
    ]  # fmt: skip
    of_loss = [
        Case(log_loss, f"{n} samples, {name}", truth, partial(losses, n=n, of=of), n)
        for n in (100, 200, 1000)
        for name, truth, of in [("both sure of their mistakes", 0.0, [sure, sure]),
                                ("both calibrated", 0.0, [calibrated, calibrated]),
                                ("one of each", SURE - CALIBRATED, [sure, calibrated])]
    ]  # fmt: skip
    return [*pairs, *grouped, *of_seeds, *macro, *of_auc, *of_loss]


# What is not an interval of one metric: alternatives, corrections, verdicts.


def newcombe(right_a: Any, right_b: Any) -> tuple[float, float]:
    """Interval of a difference of paired proportions, method 10 of Newcombe (1998), Statistics in Medicine 17, 2635."""
    n = len(right_a)
    both, only_a = np.sum(right_a & right_b), np.sum(right_a & ~right_b)
    only_b, none = np.sum(~right_a & right_b), np.sum(~right_a & ~right_b)
    p, q = (both + only_a) / n, (both + only_b) / n
    (low_p, high_p), (low_q, high_q) = wilson(n * p, n), wilson(n * q, n)
    product = float((both + only_a) * (only_b + none) * (both + only_b) * (only_a + none))
    limit_exceeded = float(both * none - only_a * only_b)
    limit_exceeded = limit_exceeded if limit_exceeded < 0 else max(0.0, limit_exceeded - n / 2)
    phi = limit_exceeded / np.sqrt(product) if product else 0.0
    below, above = (p - low_p, high_q - q), (high_p - p, q - low_q)
    reach = [np.sqrt(max(0.0, x**2 - 2 * phi * x * y + y**2)) for x, y in (below, above)]
    return p - q - reach[0], p - q + reach[1]


def newcombe_rows(n_cases: int) -> list[list[str]]:
    """His interval for the pairs of `two_learners`."""
    rows = []
    for case in two_learners()[:6]:
        rng, found = case.rng(), []
        for _ in range(n_cases):
            _, a, b = case.draw(rng)
            found.append(newcombe(a[0, :, 0] > 0, b[0, :, 0] > 0))
        low, high = np.array(found).T
        above, below = np.mean(low > case.truth), np.mean(high < case.truth)
        width = f"{100 * np.mean(high - low):.1f}"
        rows.append([case.what, percent(1 - above - below), percent(above), percent(below), width])
    return rows


def alarm_rows(n_cases: int) -> list[list[str]]:
    """How often a learner is called better or worse that is not: of one comparison, and of five after Holm."""
    n, rng, wrong, alarms = 400, np.random.default_rng(21), 0, 0
    for _ in range(n_cases):
        y, reference, *others = shares(rng, n, [0.9] * 6)
        found = [difference(accuracy, y, other, reference, *units(n)) for other in others]
        adjusted = holm([each.p_value for each in found])
        verdicts = [judge(each, float(p)).verdict for each, p in zip(found, adjusted, strict=True)]
        alarms += any(verdict in ("better", "worse") for verdict in verdicts)
        wrong += judge(found[0], found[0].p_value).verdict in ("better", "worse")
    return [
        ["better or worse, where both are equally good (accuracy, 400 samples)", "5 %", percent(wrong / n_cases)],
        ["any better or worse of five compared with one reference, all equally good", "5 %", percent(alarms / n_cases)],
    ]


def margin_rows(n_cases: int) -> list[list[str]]:
    """How often learners are called equivalent whose true difference is the margin."""
    n, rng, found = 4000, np.random.default_rng(24), 0
    for _ in range(n_cases):
        y, a, b = shares(rng, n, [0.93, 0.92], alike=0.8)
        close = difference(accuracy, y, a, b, *units(n))
        found += judge(close, close.p_value).verdict == "equivalent"
    return [["equivalent, where the true difference is the margin (4,000 samples)", "2.5 %", percent(found / n_cases)]]


def fold_rows(n_cases: int) -> list[list[str]]:
    """Five folds of 100 samples, two learners fitted anew in each: nearest mean on either of two equal features."""
    n, k, rng = 100, 5, np.random.default_rng(22)
    plain, corrected, pooled, test_set = 0, 0, 0, 0
    for _ in range(n_cases):
        y = rng.permutation(np.arange(n) % 2)
        x = rng.standard_normal((n, 2)) + 0.5 * y[:, None]
        fold = np.arange(n) % k
        right = np.empty((n, 2), bool)
        for f in range(k):
            train, test = fold != f, fold == f
            means = np.stack([x[train & (y == c)].mean(axis=0) for c in (0, 1)])
            right[test] = (np.abs(x[test] - means[1]) < np.abs(x[test] - means[0])) == (y[test] == 1)[:, None]
        differences = np.array([right[fold == f, 0].mean() - right[fold == f, 1].mean() for f in range(k)])
        found = corrected_resampled_t(differences, n - n / k, n / k)
        uncorrected = corrected_resampled_t(differences, 1e12, 1.0)
        corrected += found is not None and found.p_value < 0.05
        plain += uncorrected is not None and uncorrected.p_value < 0.05
        both = difference(accuracy, np.zeros(n, np.int64), of_right(right[:, 0]), of_right(right[:, 1]), *units(n))
        pooled += both.low > 0 or both.high < 0
        test_set += judge(both, both.p_value).verdict in ("better", "worse")
    return [
        ["better or worse by the pooled predictions: their interval and McNemar's test", percent(test_set / n_cases)],
        ["the interval of the pooled predictions alone", percent(pooled / n_cases)],
        ["corrected resampled t test over the folds (second opinion)", percent(corrected / n_cases)],
        ["plain t test over the folds (not in the package)", percent(plain / n_cases)],
    ]


def shuffled_rows(n_runs: int, keep: Path | None = None) -> list[list[str]]:
    """Whole comparisons, planned, fitted, stored and judged, of learners whose training labels say nothing."""
    plans: list[tuple[str, dict[str, Any], int]] = [
        ("1 seed, one split", {"folds": 1, "seeds": (0,)}, 0),
        ("3 seeds, 5 folds", {"folds": 5, "seeds": (0, 1, 2)}, 0),
        ("3 seeds, 5 folds, 20 groups", {"folds": 5, "seeds": (0, 1, 2)}, 20),
    ]
    rows = []
    for what, given, groups in plans:
        parts = [range(start, min(start + PART, n_runs)) for start in range(0, n_runs, PART)]
        found = [kept(f"shuffled {what} {part}", partial(shuffled_claims, given, groups, part), keep) for part in parts]
        headline, anywhere = np.sum(found, axis=0)
        rows.append([what, f"{n_runs}", percent(headline / n_runs), percent(anywhere / n_runs)])
    return rows


def shuffled_pictures(seed: int = 0, groups: int = 0) -> Samples:
    """200 tiny pictures whose labels say nothing about them."""
    drawn = tiny_images(200, seed, groups=groups)
    y = np.random.default_rng([23, seed]).permutation(drawn.y)
    card = replace(drawn.card, fingerprint=f"shuffled-{seed}-{groups}")
    return Samples.from_arrays(drawn.take(np.arange(len(drawn))), y, drawn.labels, card, groups=drawn.groups)


def shuffled_claims(given: dict[str, Any], groups: int, runs: range) -> list[int]:
    """How many of these comparisons end with a claim: in the headline, and anywhere."""
    learners = {"prior": prior, "centroid": centroid, "noisy": noisy_centroid, "noisier": noisy_centroid}
    task = replace(tiny_task(), datasets={"shuffled": shuffled_pictures}, learners=learners)
    # So much noise that they share few predictions: learners that agree raise no alarm, right or wrong.
    chosen: dict[str, dict[str, Any]] = {
        "prior": {},
        "centroid": {},
        "noisy": {"noise": 60.0},
        "noisier": {"noise": 150.0},
    }
    claims: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for run in runs:
            experiment = Experiment("tiny", "shuffled", chosen, {"seed": run, "groups": groups}, **given)
            samples = shuffled_pictures(run, groups)
            prepared = Prepared(experiment, samples, plan(experiment, task, samples, version=VERSION))
            found = results(drive(prepared, task, Path(folder) / str(run), executor=Serial()), task)
            verdicts = [row["verdict"] for row in found["comparisons"]]
            if not found["complete"] or "invalid" in verdicts:
                raise RuntimeError(f"run {run}: {found['failed'] or verdicts}: nothing was judged.")
            claims["any"] += any(verdict in ("better", "worse") for verdict in verdicts)
            claims["headline"] += found["headline"]["verdict"] in ("better", "worse")
    return [claims["headline"], claims["any"]]


# Several learners on several data sets.


def equally_good(rng: Rng, n: int, k: int) -> Any:
    """Values that differ from data set to data set and by chance."""
    return 3 * rng.standard_normal((n, 1)) + rng.standard_normal((n, k))


def with_ties(rng: Rng, n: int, k: int) -> Any:
    """As accuracies on small test parts are: three values only."""
    return rng.integers(0, 3, (n, k))


def one_behind(rng: Rng, n: int, k: int) -> Any:
    """The last learner is far behind; the others are equally good."""
    return equally_good(rng, n, k) - 10.0 * (np.arange(k) == k - 1)


def first_or_last(rng: Rng, n: int, k: int) -> Any:
    """Two learners that are far ahead of or behind the others by chance: on average all are equally good."""
    found = 0.1 * rng.standard_normal((n, k))
    found[:, 0] += np.where(rng.random(n) < 0.5, 2.0, -2.0)
    found[:, 1] -= np.sign(found[:, 0]) * 2.0
    return found


TABLES: list[tuple[str, Callable[[Rng, int, int], Any], int, int]] = [
    *(
        (f"{n} data sets, {k} learners", equally_good, n, k)
        for n, k in [(3, 3), (5, 3), (5, 5), (8, 4), (14, 4), (10, 8)]
    ),
    ("5 data sets, 4 learners, ties", with_ties, 5, 4),
    ("10 data sets, 5 learners, one of them far behind", one_behind, 10, 5),
    ("12 data sets, 5 learners, two of them first or last by chance", first_or_last, 12, 5),
]


def several_row(what: str, draw: Callable[[Rng, int, int], Any], n: int, k: int, n_cases: int) -> list[str]:
    """How often each test finds something where nothing is; of a learner that is behind, only among the others."""
    from scipy.stats import f, friedmanchisquare, rankdata

    rng, alarms, m = np.random.default_rng(zlib.crc32(what.encode())), np.zeros(5), k - (draw is one_behind)
    for _ in range(n_cases):
        values = draw(rng, n, k)
        found = friedman(values)
        chi = friedmanchisquare(*values.T) if np.ptp(values, axis=1).any() else None
        free = n * (k - 1)
        ratio = 0.0 if chi is None else (n - 1) * chi.statistic / max(free - chi.statistic, 1e-9)
        means = rankdata(-values, axis=1).mean(axis=0)[:m]
        alarms += (
            found.p_value < 0.05,
            chi is not None and chi.pvalue < 0.05,
            f.sf(ratio, k - 1, (k - 1) * (n - 1)) < 0.05,
            np.ptp(means) >= critical_difference(n, k),
            min(pair.p_adjusted for pair in pairs(values) if pair.second < m) < 0.05,
        )
    shares_ = [percent(share) for share in alarms / n_cases]
    return [what, *([""] * 3 if draw is one_behind else shares_[:3]), *shares_[3:]]


# The page.


def surest(rng: Rng, n: int, group: int, n_seeds: int) -> Drawn:
    """Two classes; a sample of confidence u, uniform, is wrong with probability 0.4 (1 - u)^2; seeds agree on u."""
    confidence = np.repeat(rng.random(n // group), group)
    # A whole group is hard or not: its members share the number that decides.
    decides = np.repeat(rng.random((n_seeds, n // group)), group, axis=1)
    says = (decides < 0.4 * (1 - confidence) ** 2).astype(np.int64)
    return np.zeros(n, np.int64), np.eye(2)[says] * confidence[:, None]


def selective_rows(n_cases: int) -> list[list[str]]:
    """Intervals of the risk at some coverages: among the surest share c, 0.4 c^2 / 3 of the answers are wrong."""
    cases = (("100 samples", 100, 1, 1), ("500 samples", 500, 1, 1), ("500 samples, 3 seeds", 500, 1, 3),
             ("60 groups of 5 copies", 300, 5, 1))  # fmt: skip
    rows = []
    for what, n, group, n_seeds in cases:
        rng, weights = np.random.default_rng(zlib.crc32(what.encode())), units(n, group)
        found = [risk_coverage(*surest(rng, n, group, n_seeds), *weights).risks for _ in range(n_cases)]
        for i, share in enumerate(COVERAGES):
            if share in (1.0, 0.8, 0.5):
                risks = [each[i] for each in found]
                rows.append([f"{100 * share:.0f} %", what, *_covered(risks, 0.4 * share**2 / 3, accuracy)])
    return rows


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def kept(name: str, make: Callable[[], Any], keep: Path | None) -> Any:
    """What was measured under this name, unless it is in the file already."""
    known = json.loads(keep.read_text(encoding="utf-8")) if keep and keep.exists() else {}
    if name not in known:
        known[name] = make()
        if keep:
            keep.write_text(json.dumps(known), encoding="utf-8")
    return known[name]


def measured(row: Callable[[Case, int], list[str]], cases: Sequence[Case], n_cases: int, keep: Path | None) -> Any:
    """The row of each case."""
    return [
        kept(f"{row.__name__} {n_cases} {case.metric.name} {case.what}", partial(row, case, n_cases), keep)
        for case in cases
    ]


ENDS = ("covered", "too high", "too low", "mean width")


def intervals(n_cases: int, n_runs: int, keep: Path | None = None) -> list[str]:
    """Of one learner."""
    rows = measured(interval_row, one_learner(), n_cases, keep)
    return ["**Intervals of one learner**", table(["metric", "data", *ENDS], rows)]


def differences(n_cases: int, n_runs: int, keep: Path | None = None) -> list[str]:
    """Of two learners on the same samples."""
    rows = measured(difference_row, two_learners(), n_cases, keep)
    return [
        "**Differences of two learners**, and how often the test alone rejects at 5 % where both are equally good",
        table(["metric", "data", "test", *ENDS, "rejected"], rows),
    ]


def verdicts(n_cases: int, n_runs: int, keep: Path | None = None) -> list[str]:
    """Alternatives, corrections, verdicts and folds."""
    return [
        "**Newcombe's interval** for the first six of these, which the package does not use",
        table(["data", *ENDS], kept(f"newcombe_rows {n_cases}", partial(newcombe_rows, n_cases), keep)),
        "**Verdicts that say what is not so**",
        table(
            ["verdict", "at most", "measured"],
            [
                *kept(f"alarm_rows {n_cases}", partial(alarm_rows, n_cases), keep),
                *kept(f"margin_rows {n_cases}", partial(margin_rows, n_cases), keep),
            ],
        ),
        "**Cross-validation**: 5 folds of 100 samples, both learners fitted anew in each fold and equally good",
        table(["test at 5 %", "rejected"], kept(f"fold_rows {n_cases}", partial(fold_rows, n_cases), keep)),
    ]


def shuffled(n_cases: int, n_runs: int, keep: Path | None = None) -> list[str]:
    """Whole comparisons."""
    return [
        "**Whole comparisons on shuffled labels**: planned, fitted, stored and judged as `visiontk compare` does, with "
        "a floor, a traditional learner and two that play the part of networks, on 200 pictures with shuffled labels",
        table(["plan", "comparisons", "headline better or worse", "any better or worse"], shuffled_rows(n_runs, keep)),
    ]


def selective(n_cases: int, n_runs: int, keep: Path | None = None) -> list[str]:
    """Of the surest answers."""
    rows = kept(f"selective_rows {n_cases}", partial(selective_rows, n_cases), keep)
    return ["**Mistakes among the surest answers**", table(["answered", "data", *ENDS], rows)]


def several(n_cases: int, n_runs: int, keep: Path | None = None) -> list[str]:
    """Several learners on several data sets."""
    rows = [kept(f"several_row {n_cases} {row[0]}", partial(several_row, *row, n_cases), keep) for row in TABLES]
    head = ["drawn", "Friedman by permutation", "its chi-square", "Iman and Davenport's F", "Nemenyi, any two",
            "signed ranks with Holm, any two"]  # fmt: skip
    return [
        "**Several learners on several data sets**, equally good: how often a test at 5 % finds something. The package "
        "does not use the chi-square and F, and claims nothing by Nemenyi's test alone",
        table(head, rows),
    ]


SECTIONS = {each.__name__: each for each in (intervals, differences, verdicts, several, shuffled, selective)}


def written(page: str, section: str, tables: Sequence[str]) -> str:
    """The page with these tables between the markers of this section."""
    begin, end = (f"<!-- measured {section}: {word} -->" for word in ("begin", "end"))
    before, after = page.split(begin)[0], page.split(end)[1]
    return "\n\n".join([f"{before}{begin}", *tables, f"{end}{after}"])


def main() -> int:
    """Draw, count, and write the page."""
    parser = argparse.ArgumentParser(description="Measured coverage of intervals and error rates of tests.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"Of {', '.join(SECTIONS)}. Default: all.")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--keep", type=Path, metavar="FILE")
    given = parser.parse_args()
    for section in given.sections or SECTIONS:
        start = time.monotonic()
        tables = SECTIONS[section](given.cases, given.runs, given.keep)
        if given.cases < CASES or given.runs < RUNS:
            print(*tables, sep="\n\n")
        else:
            PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), section, tables), encoding="utf-8")
        print(f"{section}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
