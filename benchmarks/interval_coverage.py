"""Coverage of every interval and error rate of every test of the package, by simulation: ``make coverage``.

Samples are simulated from populations whose true values are known, and passed to the functions that comparisons use. A
95 % interval should hold the truth in 95 of 100 cases, and a test at 5 % should reject a true null hypothesis in 5. The
tables of docs/statistics.md between the markers are written from the results, for the named sections or for all. With
fewer ``--cases`` they are printed and not written. ``--store FILE`` stores finished rows, so that an interrupted run
can be resumed; remove the file when the code changes.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from visiontk.metrics import accuracy
from visiontk.stats import difference, estimate
from visiontk.stats.power import PowerAnalysis
from visiontk.stats.selective import COVERAGES, risk_coverage

sys.path.append(str(Path(__file__).parent))  # also where a test imports this file
from coverage_tables import COVERAGE, coverage_cells, percent, stored_or_measured, table
from equivalence_rates import equivalence
from false_verdicts import (
    alarm_rows,
    fold_rows,
    newcombe_rows,
    several_row,
    shuffled_rows,
)
from few_units import groups, rare
from headline_rates import headline, two_questions
from populations import TABLES, Case, confidence_ranked, one_learner, resamples, two_learners

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"


CASES, RUNS = 2000, 200
"""Simulated cases of each row, and whole comparisons of each plan."""


def interval_row(case: Case, n_cases: int) -> list[str]:
    """Coverage of the interval of one learner."""
    rng = case.rng()
    estimates = []
    for _ in range(n_cases):
        y, (scores,) = case.draw(rng)
        estimates.append(estimate(case.metric, y, scores, *resamples(case.n, case.group)))
    return [case.metric.name, case.what, *coverage_cells(estimates, case.truth, case.metric)]


def difference_row(case: Case, n_cases: int) -> list[str]:
    """Coverage of the interval of a difference, its test and how often the test rejects a true null hypothesis."""
    rng = case.rng()
    differences = []
    for _ in range(n_cases):
        y, (scores_a, scores_b) = case.draw(rng)
        differences.append(difference(case.metric, y, scores_a, scores_b, *resamples(case.n, case.group)))
    test = Counter(each.test for each in differences).most_common()[0][0]
    rejected = percent(np.mean([each.p_value < 0.05 for each in differences])) if case.truth == 0 else ""
    return [case.metric.name, case.what, test, *coverage_cells(differences, case.truth, case.metric), rejected]


def selective_rows(n_cases: int) -> list[list[str]]:
    """Coverage of intervals of the selective risk; at coverage c the true risk is 0.4 c^2 / 3."""
    cases = (("100 samples", 100, 1, 1), ("500 samples", 500, 1, 1), ("500 samples, 3 seeds", 500, 1, 3),
             ("60 groups of 5 copies", 300, 5, 1))  # fmt: skip
    rows = []
    for what, n, group, n_seeds in cases:
        rng, weights = np.random.default_rng(zlib.crc32(what.encode())), resamples(n, group)
        curves = []
        for _ in range(n_cases):
            y, (scores,) = confidence_ranked(rng, n, group, n_seeds)
            curves.append(risk_coverage(y, scores, *weights).risks)
        for i, share in enumerate(COVERAGES):
            if share in (1.0, 0.8, 0.5):
                risks = [each[i] for each in curves]
                rows.append([f"{100 * share:.0f} %", what, *coverage_cells(risks, 0.4 * share**2 / 3, accuracy)])
    return rows


def measured_rows(
    row: Callable[[Case, int], list[str]], cases: Sequence[Case], n_cases: int, store: Path | None
) -> Any:
    """Measure, or read from the store, the row of each case."""
    return [
        stored_or_measured(
            f"{row.__name__} {n_cases} {case.metric.name} {case.what}", partial(row, case, n_cases), store
        )
        for case in cases
    ]


def intervals(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Tables of the intervals of one learner."""
    rows = measured_rows(interval_row, one_learner(), n_cases, store)
    return ["**Intervals of one learner**", table(["metric", "data", *COVERAGE], rows)]


def differences(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Tables of the differences of two learners on the same samples."""
    rows = measured_rows(difference_row, two_learners(), n_cases, store)
    return [
        "**Differences of two learners**, and how often the test alone rejects at 5 % where both are equally good",
        table(["metric", "data", "test", *COVERAGE, "rejected"], rows),
    ]


def verdicts(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Tables of verdicts, corrections and folds."""
    return [
        "**Newcombe's interval** for the first six of these, which the package does not use",
        table(
            ["data", *COVERAGE], stored_or_measured(f"newcombe_rows {n_cases}", partial(newcombe_rows, n_cases), store)
        ),
        "**Wrong verdicts**",
        table(
            ["verdict", "at most", "measured"],
            stored_or_measured(f"alarm_rows {n_cases}", partial(alarm_rows, n_cases), store),
        ),
        "**Cross-validation**: 5 folds of 100 samples, both learners refitted in each fold and equally good",
        table(
            ["test at 5 %", "rejected"], stored_or_measured(f"fold_rows {n_cases}", partial(fold_rows, n_cases), store)
        ),
    ]


def shuffled(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Table of whole comparisons on shuffled labels."""
    return [
        "**Whole comparisons on shuffled labels**: run as `visiontk compare` does, with a floor, "
        "and noisy learners in place of networks, on 198 images of three equally frequent classes, shuffled",
        table(
            ["plan", "comparisons", "headline better or worse", "any other better or worse"],
            shuffled_rows(n_runs, store),
        ),
    ]


def selective(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Table of the selective risk."""
    rows = stored_or_measured(f"selective_rows {n_cases}", partial(selective_rows, n_cases), store)
    return ["**Errors among the most confident predictions**", table(["coverage", "data", *COVERAGE], rows)]


def several(n_cases: int, n_runs: int, store: Path | None = None) -> list[str]:
    """Table of the tests over several data sets."""
    rows = [
        stored_or_measured(f"several_row {n_cases} {row[0]}", partial(several_row, *row, n_cases), store)
        for row in TABLES
    ]
    head = ["data", "Friedman by permutation", "its chi-square", "Iman and Davenport's F", "Nemenyi, any two",
            "signed ranks with Holm, any two"]  # fmt: skip
    return [
        "**Several learners on several data sets**, equally good: how often a test at 5 % rejects. The package "
        "does not use the chi-square and F, and claims nothing by Nemenyi's test alone",
        table(head, rows),
    ]


SECTIONS = {
    each.__name__: each
    for each in (
        headline,
        two_questions,
        equivalence,
        groups,
        rare,
        intervals,
        differences,
        verdicts,
        several,
        shuffled,
        selective,
    )
}


@contextmanager
def without_power_analysis() -> Iterator[None]:
    """Leave out the power analysis of reasons, which takes half of the time and decides nothing."""
    none = PowerAnalysis(math.inf, 0.0, None, None)
    with ExitStack() as stack:
        for module in ("visiontk.stats.verdict", "visiontk.report.evidence.comparing"):
            stack.enter_context(patch(f"{module}.power_analysis", return_value=none))
        yield


def replace_section(page: str, section: str, tables: Sequence[str]) -> str:
    """Return the page with these tables between the markers of this section."""
    begin, end = (f"<!-- measured {section}: {word} -->" for word in ("begin", "end"))
    before, after = page.split(begin)[0], page.split(end)[1]
    command = f"`python benchmarks/interval_coverage.py {section}` repeats these rows:"
    return "\n\n".join([f"{before}{begin}", command, *tables, f"{end}{after}"])


def main() -> int:
    """Measure the sections and write the page."""
    parser = argparse.ArgumentParser(description="Measured coverage of intervals and error rates of tests.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"Of {', '.join(SECTIONS)}. Default: all.")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--store", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    for section in arguments.sections or SECTIONS:
        start = time.monotonic()
        with without_power_analysis():
            tables = SECTIONS[section](arguments.cases, arguments.runs, arguments.store)
        if arguments.cases < CASES or arguments.runs < RUNS:
            print(*tables, sep="\n\n")
        else:
            PAGE.write_text(replace_section(PAGE.read_text(encoding="utf-8"), section, tables), encoding="utf-8")
        print(f"{section}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
