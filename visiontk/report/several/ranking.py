"""Learners of several runs on different data: ranks, Friedman's test, Nemenyi's distance, tests of pairs.

A learner is called better than another only if Friedman's test shows that ranks differ and the signed-rank test of the
pair does so after Holm's correction. Nemenyi's distance, which depends on the other learners, gives no verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import PurePath

import numpy as np

from visiontk.core import Floats
from visiontk.errors import ConfigError
from visiontk.report.formatting import equals, listed, now, plural
from visiontk.report.several.ranking_warnings import comparable, ranking_warnings
from visiontk.report.several.records import LeftOut, RankedPair, Ranking, RunRow
from visiontk.report.several.task_rows import family_test, task_row
from visiontk.report.values import Family, LearnerRow, Results
from visiontk.stats.across import LEVEL
from visiontk.stats.friedman import MIN_RANKED, cliques, critical_difference, friedman, pairs
from visiontk.version import VERSION

SCHEMA = 1
MOST_CLAIMS, MOST_NAMES = 2, 3
"""Learners that the sentence calls better, and learners that it names beside each; the table of pairs has all."""

Runs = Sequence[tuple[str, Results]]


def rank_learners(runs: Runs, *, metric: str = "", command: str = "") -> Ranking:
    """Rank the learners that ran on all data sets, and test whether they differ.

    `runs` are folders and results on different data, in the order of columns; `metric` is the one chosen for all runs,
    empty if each has its own. Fewer than three learners or data sets, or the same data twice, are a ConfigError.
    """
    _check_different_data(runs)
    labels = labels_of(runs)
    names, left_out = _common_learners([results for _, results in runs], labels)
    if len(runs) < MIN_RANKED or len(names) < MIN_RANKED:
        raise _too_few(len(runs), names, left_out)
    rows = [_run_row(folder, results, label) for (folder, results), label in zip(runs, labels, strict=True)]
    values = np.array([[_value(results, name) for name in names] for _, results in runs], dtype=np.float64)
    upward = [bool(row["higher_is_better"]) for row in rows]
    test = friedman(values, higher_is_better=upward)
    order = sorted(range(len(names)), key=lambda i: (test.mean_ranks[i], names[i]))
    names, means, values = [names[i] for i in order], test.mean_ranks[order], values[:, order]
    ranks, critical = test.ranks[:, order], critical_difference(len(runs), len(names))
    families = {row["name"]: row["family"] for row in runs[0][1]["learners"]}
    ranking: Ranking = {
        "schema": SCHEMA,
        "visiontk": VERSION,
        "created": now(),
        "metric": metric,
        "complete": all(row["status"] == "done" for row in rows),
        "runs": rows,
        "learners": [
            {"name": name, "family": families[name], "mean_rank": float(means[i]), "values": values[:, i].tolist(),
             "ranks": ranks[:, i].tolist()}
            for i, name in enumerate(names)
        ],
        "left_out": left_out,
        "friedman": {
            "statistic": test.statistic, "p_value": test.p_value, "smallest": test.smallest, "exact": test.exact,
        },
        "nemenyi": {
            "critical_difference": critical,
            "cliques": [[names[i] for i in each] for each in cliques(means, critical)],
        },
        "pairs": _pairs(values, upward, means, names, rows, test.p_value),
        "families": family_test(rows, "data set"),
        "headline": {"sentence": ""},
        "warnings": [],
        "reproduce": {"command": command},
    }  # fmt: skip
    ranking["headline"] = {"sentence": sentence(ranking)}
    ranking["warnings"] = ranking_warnings(ranking, [results for _, results in runs])
    return ranking


def labels_of(runs: Runs) -> list[str]:
    """Names of the data of each run: their title, with the folder or a number where titles are equal."""
    titles = [results["dataset"]["title"] for _, results in runs]
    folders = [PurePath(folder).name for folder, _ in runs]
    named = [
        title if titles.count(title) == 1 else f"{title} ({folder})"
        for title, folder in zip(titles, folders, strict=True)
    ]
    return [label if named.count(label) == 1 else f"{label} {i}" for i, label in enumerate(named, 1)]


def sentence(ranking: Ranking) -> str:
    """The result of the tests in one sentence."""
    where = f"Over {len(ranking['runs'])} data sets"
    k, p = len(ranking["learners"]), ranking["friedman"]["p_value"]
    test = f"Friedman's test, p {equals(p)}"
    if p >= LEVEL:
        return f"{where}, no difference between the {k} learners is shown ({test})."
    behind: dict[str, list[str]] = {}
    for pair in ranking["pairs"]:
        if pair["verdict"] == "better":
            behind.setdefault(pair["learner"], []).append(pair["other"])
        elif pair["verdict"] == "worse":
            behind.setdefault(pair["other"], []).append(pair["learner"])
    if not behind:
        return f"{where}, the ranks of the {k} learners differ ({test}), but no two of them differ significantly."
    claims = [f"{name} is better than {_listed(others, k - 1)}" for name, others in behind.items()]
    n_more = sum(map(len, list(behind.values())[MOST_CLAIMS:]))
    more = f"; {plural(n_more, 'more pair')} {'differs' if n_more == 1 else 'differ'}" if n_more else ""
    return f"{where}, {'; '.join(claims[:MOST_CLAIMS])}{more} (signed ranks, Holm; {test})."


def _listed(names: Sequence[str], n_others: int) -> str:
    if len(names) > MOST_NAMES and len(names) == n_others:
        return f"all {n_others} others"
    if len(names) > MOST_NAMES:
        return f"{len(names)} of the other {n_others} learners"
    return listed(names)


def _check_different_data(runs: Runs) -> None:
    """Refuse data that would count twice, which would make the tests overconfident.

    A fingerprint depends on groups too, so that names and labels of published data are compared as well; parts of one
    data set count as the whole.
    """
    for (folder, one), (other_folder, other) in combinations(runs, 2):
        a, b = one["dataset"], other["dataset"]
        published = {a["origin"], b["origin"]} <= {"public", "embedded"}
        whole, other_whole = (each["part_of"] or each["name"] for each in (a, b))
        if a["fingerprint"] == b["fingerprint"] or (published and (whole, a["labels"]) == (other_whole, b["labels"])):
            raise ConfigError(
                f"{folder} and {other_folder}: both are of the data {whole}, which would count twice.",
                error_id="E-REPORT-SAME",
                hint="Name one of them; a data set is one observation, whatever its split.",
            )


def _common_learners(runs: Sequence[Results], labels: Sequence[str]) -> tuple[list[str], list[LeftOut]]:
    """Names of the learners with a value in every run, and the other learners but floors with the reason."""
    families: dict[str, Family] = {}
    for results in runs:
        for learner in results["learners"]:
            families.setdefault(learner["name"], learner["family"])
    common: list[str] = []
    left_out: list[LeftOut] = []
    for name, family in sorted(families.items()):
        rows = [_row(results, name) for results in runs]
        present = Counter(row["family"] for row in rows if row)
        if set(present) == {"floor"}:
            continue
        missing = [label for label, row in zip(labels, rows, strict=True) if not row]
        unknown = [label for label, results in zip(labels, runs, strict=True) if _value(results, name) is None]
        reason = ""
        if missing:
            reason = f"has not run on {', '.join(missing)}"
        elif unknown:
            reason = f"has no value on {', '.join(unknown)}"
        elif len(present) > 1:
            reason = "is of another family in another run"
        if reason:
            left_out.append(LeftOut(name=name, family=family, reason=reason))
        else:
            common.append(name)
    return common, left_out


def _too_few(n_datasets: int, names: Sequence[str], left_out: Sequence[LeftOut]) -> ConfigError:
    reasons = [f"{row['name']} {row['reason']}" for row in left_out[:5]]
    reasons += [f"{len(left_out) - 5} more"] if len(left_out) > 5 else []
    return ConfigError(
        f"{plural(len(names), 'learner')} ran on each of {n_datasets} data sets"
        + (f": {', '.join(names)}" if names else "")
        + f". Ranks need at least {MIN_RANKED} learners and {MIN_RANKED} data sets."
        + (f" Left out: {'; '.join(reasons)}." if reasons else ""),
        error_id="E-REPORT-FEW",
        hint="Run the same learners on every data set: visiontk compare TARGET --learners A,B,C.",
    )


def _row(results: Results, name: str) -> LearnerRow | None:
    return next((row for row in results["learners"] if row["name"] == name), None)


def _value(results: Results, name: str) -> float | None:
    row = _row(results, name)
    value = row["metrics"][results["metric"]]["value"] if row else None
    return None if value is None or not np.isfinite(value) else float(value)


def _run_row(folder: str, results: Results, label: str) -> RunRow:
    return {
        **task_row(results, summary="", folder=folder), "label": label,
        "fingerprint": results["dataset"]["fingerprint"], "preset": results["preset"], "seeds": results["seeds"],
        "budget_s": results["budget_s"], "search": results["search"], "max_train": results["max_train"],
    }  # fmt: skip


def _pairs(
    values: Floats, upward: Sequence[bool], means: Floats, names: Sequence[str], rows: Sequence[RunRow], p_of_all: float
) -> list[RankedPair]:
    """All pairs of learners, the one with the smaller mean rank first."""
    tests = {(pair.first, pair.second): pair for pair in pairs(values, higher_is_better=upward)}
    compared: list[RankedPair] = []
    for i, j in combinations(range(len(names)), 2):
        test = tests[i, j] if comparable(rows) else None
        significant = test is not None and p_of_all < LEVEL and test.p_adjusted < LEVEL
        compared.append({
            "learner": names[i], "other": names[j], "rank_difference": float(means[j] - means[i]),
            "n": test and test.n, "p_value": test and test.p_value, "p_adjusted": test and test.p_adjusted,
            "smallest": test and test.smallest,
            "verdict": "undecided" if test is None or not significant else "better" if test.sign > 0 else "worse",
        })  # fmt: skip
    return compared
