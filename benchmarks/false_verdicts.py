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

from visiontk.core import Samples
from visiontk.executors import Serial
from visiontk.harness.drive import Prepared, drive
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import plan
from visiontk.metrics import accuracy
from visiontk.report.results import compute_results
from visiontk.stats import Interval, conclude, difference, simultaneous, wilson
from visiontk.stats.folds import corrected_resampled_t
from visiontk.stats.friedman import critical_difference, friedman, pairs
from visiontk.testing import tiny_images, tiny_task
from visiontk.testing.tiny import centroid, noisy_centroid, prior
from visiontk.version import VERSION

BLOCK = 20
"""Whole comparisons after which their counts are stored."""


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
    """False positive rate of the verdicts: of one comparison, and of five after Holm."""
    n, rng, wrong, alarms = 400, np.random.default_rng(21), 0, 0
    for _ in range(n_cases):
        y, (reference, *others) = correlated_learners(rng, n, [0.9] * 6)
        differences = [difference(accuracy, y, other, reference, *resamples(n)) for other in others]
        verdicts = [conclude(each.at(simultaneous(5))).verdict for each in differences]
        alarms += any(verdict in ("better", "worse") for verdict in verdicts)
        wrong += conclude(differences[0]).verdict in ("better", "worse")
    return [
        ["better or worse, where both are equally good (accuracy, 400 samples)", "5 %", percent(wrong / n_cases)],
        ["any better or worse of five compared with one reference, all equally good", "5 %", percent(alarms / n_cases)],
    ]


def margin_rows(n_cases: int) -> list[list[str]]:
    """Rate of the verdict "equivalent" where the true difference is the margin."""
    n, rng, n_equivalent = 4000, np.random.default_rng(24), 0
    for _ in range(n_cases):
        y, (a, b) = correlated_learners(rng, n, [0.93, 0.92], alike=0.8)
        close = difference(accuracy, y, a, b, *resamples(n))
        n_equivalent += conclude(close).verdict == "equivalent"
    return [
        [
            "equivalent, where the true difference is the margin (4,000 samples)",
            "2.5 %",
            percent(n_equivalent / n_cases),
        ]
    ]


def fold_rows(n_cases: int) -> list[list[str]]:
    """False positive rates on five folds of 100 samples, of nearest class means on two equally good features."""
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
        corrected_test = corrected_resampled_t(differences, n - n / k, n / k)
        plain_test = corrected_resampled_t(differences, 1e12, 1.0)
        corrected += corrected_test is not None and corrected_test.p_value < 0.05
        plain += plain_test is not None and plain_test.p_value < 0.05
        a, b = scores_of(right[:, 0]), scores_of(right[:, 1])
        both = difference(accuracy, np.zeros(n, np.int64), a, b, *resamples(n))
        pooled += both.low > 0 or both.high < 0
        test_set += conclude(both).verdict in ("better", "worse")
    return [
        ["better or worse by the pooled predictions: their interval and McNemar's test", percent(test_set / n_cases)],
        ["the interval of the pooled predictions alone", percent(pooled / n_cases)],
        ["corrected resampled t test over the folds (second opinion)", percent(corrected / n_cases)],
        ["plain t test over the folds (not in the package)", percent(plain / n_cases)],
    ]


def shuffled_rows(n_runs: int, store: Path | None = None) -> list[list[str]]:
    """False positive rates of whole comparisons on data with shuffled labels."""
    plans: list[tuple[str, dict[str, Any], int]] = [
        ("1 seed, one split", {"folds": 1, "seeds": (0,)}, 0),
        ("3 seeds, 5 folds", {"folds": 5, "seeds": (0, 1, 2)}, 0),
        ("3 seeds, 5 folds, 20 groups", {"folds": 5, "seeds": (0, 1, 2)}, 20),
    ]
    rows = []
    for what, settings, groups in plans:
        blocks = [range(start, min(start + BLOCK, n_runs)) for start in range(0, n_runs, BLOCK)]
        counts = [
            stored_or_measured(f"shuffled {what} {block}", partial(shuffled_claims, settings, groups, block), store)
            for block in blocks
        ]
        headline, anywhere = np.sum(counts, axis=0)
        rows.append([what, f"{n_runs}", percent(headline / n_runs), percent(anywhere / n_runs)])
    return rows


def shuffled_images(seed: int = 0, groups: int = 0) -> Samples:
    """200 tiny images with shuffled labels."""
    images = tiny_images(200, seed, groups=groups)
    y = np.random.default_rng([23, seed]).permutation(images.y)
    card = replace(images.card, fingerprint=f"shuffled-{seed}-{groups}")
    return Samples.from_arrays(images.take(np.arange(len(images))), y, images.labels, card, groups=images.groups)


def shuffled_claims(settings: dict[str, Any], groups: int, runs: range) -> list[int]:
    """Count comparisons with a verdict of better or worse: in the headline, and in any row."""
    learners = {"prior": prior, "centroid": centroid, "noisy": noisy_centroid, "noisier": noisy_centroid}
    task = replace(tiny_task(), datasets={"shuffled": shuffled_images}, learners=learners)
    # Noise makes their predictions differ: learners that agree are never better or worse.
    chosen: dict[str, dict[str, Any]] = {
        "prior": {}, "centroid": {}, "noisy": {"noise": 60.0}, "noisier": {"noise": 150.0},
    }  # fmt: skip
    claims: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for run in runs:
            experiment = Experiment("tiny", "shuffled", chosen, {"seed": run, "groups": groups}, **settings)
            samples = shuffled_images(run, groups)
            prepared = Prepared(experiment, samples, plan(experiment, task, samples, version=VERSION))
            values = compute_results(drive(prepared, task, Path(folder) / str(run), executor=Serial()), task)
            verdicts = [row["verdict"] for row in values["comparisons"]]
            if not values["complete"] or "invalid" in verdicts:
                raise RuntimeError(f"run {run}: {values['failed'] or verdicts}: no verdict.")
            claims["any"] += any(verdict in ("better", "worse") for verdict in verdicts)
            claims["headline"] += values["headline"]["verdict"] in ("better", "worse")
    return [claims["headline"], claims["any"]]


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
