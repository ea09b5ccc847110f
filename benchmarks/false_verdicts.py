"""Simulated rates of wrong verdicts and false positives, for interval_coverage.py."""

from __future__ import annotations

import tempfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from coverage_tables import coverage_cells, percent, stored_or_measured
from populations import Rng, correlated_learners, one_behind, resamples, scores_of, two_learners

from visiontk.core import About, Learner, Samples, learner
from visiontk.executors import Serial
from visiontk.harness.drive import Prepared, drive
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import plan
from visiontk.metrics import accuracy
from visiontk.report.evidence import read_evidence
from visiontk.report.evidence.comparing import compare_all
from visiontk.report.evidence.view import View
from visiontk.stats import Interval, conclude, difference, simultaneous, wilson
from visiontk.stats.folds import corrected_resampled_t
from visiontk.stats.friedman import critical_difference, friedman, pairs
from visiontk.testing import tiny_images, tiny_task
from visiontk.testing.tiny import centroid, noisy_centroid, prior
from visiontk.version import VERSION

BLOCK = 20
"""Whole comparisons after which their counts are stored."""

CLAIMS = ("better", "worse")

FEW: dict[str, dict[str, float]] = {"prior": {}, "centroid": {}, "noisy": {"noise": 60.0}, "noisier": {"noise": 150.0}}
SEVEN: dict[str, dict[str, float]] = {"prior": {}, "noisy": {"noise": 60.0}} | {
    f"traditional_{i}": {"noise": 20.0 * i} for i in range(6)
}
"""Learners and their settings. Noise makes their predictions differ: learners that agree are never better or worse."""

PLANS: list[tuple[str, dict[str, Any], int]] = [
    ("1 + 2 learners, 1 seed, one split", {"folds": 1, "seeds": (0,), "learners": FEW}, 0),
    ("1 + 2 learners, 3 seeds, 5 folds", {"folds": 5, "seeds": (0, 1, 2), "learners": FEW}, 0),
    ("1 + 2 learners, 3 seeds, 5 folds, 20 groups", {"folds": 5, "seeds": (0, 1, 2), "learners": FEW}, 20),
    ("6 + 1 learners, 1 seed, 5 folds", {"folds": 5, "seeds": (0,), "learners": SEVEN}, 0),
    ("6 + 1 learners, 1 seed, 5 folds, 20 groups", {"folds": 5, "seeds": (0,), "learners": SEVEN}, 20),
]
"""Whole comparisons on shuffled labels: name, settings and number of groups."""


@learner(About("classical"))
def noisy_traditional(noise: float = 5.0) -> Learner:
    """Nearest class mean of noisy images, declared a traditional learner."""
    return noisy_centroid(noise)


def newcombe_interval(right_a: Any, right_b: Any) -> tuple[float, float]:
    """Interval of a difference of paired proportions, method 10 of Newcombe (1998), Statistics in Medicine 17, 2635."""
    n = len(right_a)
    both, only_a = np.sum(right_a & right_b), np.sum(right_a & ~right_b)
    only_b, none = np.sum(~right_a & right_b), np.sum(~right_a & ~right_b)
    p, q = (both + only_a) / n, (both + only_b) / n
    (low_p, high_p), (low_q, high_q) = wilson(n * p, n), wilson(n * q, n)
    product = float((both + only_a) * (only_b + none) * (both + only_b) * (only_a + none))
    excess = float(both * none - only_a * only_b)
    excess = excess if excess < 0 else max(0.0, excess - n / 2)
    phi = excess / np.sqrt(product) if product else 0.0
    below, above = (p - low_p, high_q - q), (high_p - p, q - low_q)
    reach = [np.sqrt(max(0.0, x**2 - 2 * phi * x * y + y**2)) for x, y in (below, above)]
    return p - q - reach[0], p - q + reach[1]


def newcombe_rows(n_cases: int) -> list[list[str]]:
    """Coverage of Newcombe's interval for the first six populations of `two_learners`."""
    rows = []
    for case in two_learners()[:6]:
        rng, intervals = case.rng(), []
        for _ in range(n_cases):
            a, b = (scores[0, :, 0] > 0 for scores in case.draw(rng).scores)
            intervals.append(Interval(*newcombe_interval(a, b)))
        rows.append([case.what, *coverage_cells(intervals, case.truth, case.metric)])
    return rows


def alarm_rows(n_cases: int) -> list[list[str]]:
    """False positive rates of the verdicts: of the primary comparison, and of five others."""
    n, rng, wrong, alarms, second = 400, np.random.default_rng(21), 0, 0, 0
    for _ in range(n_cases):
        y, (reference, first, *others) = correlated_learners(rng, n, [0.9] * 7)
        primary = difference(accuracy, y, first, reference, *resamples(n))
        wrong += conclude(primary).verdict in CLAIMS
        second += primary.mcnemar is not None and primary.mcnemar < 0.05
        rest = (difference(accuracy, y, other, reference, *resamples(n)).at(simultaneous(5)) for other in others)
        alarms += any(conclude(each).verdict in CLAIMS for each in rest)
    return [
        ["better or worse in the primary comparison, where both are equally good (accuracy, 400 samples)", "5 %",
         percent(wrong / n_cases)],
        ["any better or worse of five other comparisons, all equally good", "5 %", percent(alarms / n_cases)],
        ["exact McNemar test of the primary comparison (second opinion)", "5 %", percent(second / n_cases)],
    ]  # fmt: skip


def fold_rows(n_cases: int) -> list[list[str]]:
    """False positive rates on five folds of 100 samples, of nearest class means on two equally good features."""
    n, k, rng = 100, 5, np.random.default_rng(22)
    plain, corrected, pooled, exact = 0, 0, 0, 0
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
        corrected_test = corrected_resampled_t(differences, n - n / k, n / k)
        plain_test = corrected_resampled_t(differences, 1e12, 1.0)
        corrected += corrected_test is not None and corrected_test.p_value < 0.05
        plain += plain_test is not None and plain_test.p_value < 0.05
        a, b = scores_of(right[:, 0]), scores_of(right[:, 1])
        both = difference(accuracy, np.zeros(n, np.int64), a, b, *resamples(n))
        pooled += conclude(both).verdict in CLAIMS
        exact += both.mcnemar is not None and both.mcnemar < 0.05
    return [
        ["better or worse: the interval of the pooled predictions", percent(pooled / n_cases)],
        ["exact McNemar test of the pooled predictions (second opinion)", percent(exact / n_cases)],
        ["corrected resampled t test over the folds (second opinion)", percent(corrected / n_cases)],
        ["plain t test over the folds (not in the package)", percent(plain / n_cases)],
    ]


def shuffled_rows(n_runs: int, store: Path | None = None) -> list[list[str]]:
    """False positive rates of whole comparisons on data with shuffled labels."""
    rows = []
    for what, settings, groups in PLANS:
        blocks = [range(start, min(start + BLOCK, n_runs)) for start in range(0, n_runs, BLOCK)]
        counts = [
            stored_or_measured(f"shuffled {what} {block}", partial(shuffled_claims, settings, groups, block), store)
            for block in blocks
        ]
        headline, anywhere = np.sum(counts, axis=0)
        rows.append([what, f"{n_runs}", percent(headline / n_runs), percent(anywhere / n_runs)])
    return rows


def shuffled_images(seed: int = 0, groups: int = 0) -> Samples:
    """198 tiny images of three equally frequent classes, with shuffled labels."""
    images = tiny_images(198, seed, groups=groups)
    y = np.random.default_rng([23, seed]).permutation(images.y)
    card = replace(images.card, fingerprint=f"shuffled-{seed}-{groups}")
    return Samples.from_arrays(images.take(np.arange(len(images))), y, images.labels, card, groups=images.groups)


def shuffled_claims(settings: dict[str, Any], groups: int, runs: range) -> list[int]:
    """Count comparisons with a verdict of better or worse: in the headline, and in any other row."""
    known = {"prior": prior, "centroid": centroid, "noisy": noisy_centroid, "noisier": noisy_centroid}
    known |= {name: noisy_traditional for name in SEVEN if name.startswith("traditional")}
    task = replace(tiny_task(), datasets={"shuffled": shuffled_images}, learners=known)
    claims: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for run in runs:
            options = {"seed": run, "groups": groups}
            experiment = Experiment(task="tiny", dataset="shuffled", dataset_parameters=options, **settings)
            samples = shuffled_images(run, groups)
            prepared = Prepared(experiment, samples, plan(experiment, task, samples, version=VERSION))
            store = drive(prepared, task, Path(folder) / str(run), executor=Serial())
            evidence = read_evidence(store, task, View())
            test_plan = evidence.plan_on(evidence.test_set)
            rows = compare_all(test_plan, evidence.learners, evidence.reference[0], evidence.primaries)
            headline, *others = (row["verdict"] for row in rows)
            if evidence.n_done < len(evidence.trials) or "invalid" in (headline, *others):
                raise RuntimeError(f"run {run}: {evidence.n_done} of {len(evidence.trials)} trials: {headline}.")
            claims["headline"] += headline in CLAIMS
            claims["others"] += any(verdict in CLAIMS for verdict in others)
    return [claims["headline"], claims["others"]]


def several_row(what: str, draw: Callable[[Rng, int, int], Any], n: int, k: int, n_cases: int) -> list[str]:
    """False positive rates of the tests over several data sets; without the learner that is truly behind."""
    from scipy.stats import f, friedmanchisquare, rankdata

    rng, alarms, m = np.random.default_rng(zlib.crc32(what.encode())), np.zeros(5), k - (draw is one_behind)
    for _ in range(n_cases):
        values = draw(rng, n, k)
        chi = friedmanchisquare(*values.T) if np.ptp(values, axis=1).any() else None
        free = n * (k - 1)
        ratio = 0.0 if chi is None else (n - 1) * chi.statistic / max(free - chi.statistic, 1e-9)
        means = rankdata(-values, axis=1).mean(axis=0)[:m]
        rejected = [
            friedman(values).p_value < 0.05,
            chi is not None and chi.pvalue < 0.05,
            f.sf(ratio, k - 1, (k - 1) * (n - 1)) < 0.05,
            np.ptp(means) >= critical_difference(n, k),
            min(pair.p_adjusted for pair in pairs(values) if pair.second < m) < 0.05,
        ]
        alarms += np.asarray(rejected, dtype=np.float64)
    rates = [percent(share) for share in alarms / n_cases]
    return [what, *([""] * 3 if draw is one_behind else rates[:3]), *rates[3:]]
