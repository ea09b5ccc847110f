"""Limits of the conclusions from several runs, in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from visiontk.report.formatting import p_value, words
from visiontk.report.several.records import Ranking, RunRow
from visiontk.report.values import Results
from visiontk.stats.across import LEVEL
from visiontk.stats.friedman import datasets_needed


def comparable(rows: Sequence[RunRow]) -> bool:
    """True if differences on all data sets may be ranked together: of one metric, or all in points."""
    return len({row["metric"] for row in rows}) == 1 or all(row["kind"] != "unbounded" for row in rows)


def ranking_warnings(ranking: Ranking, runs: Sequence[Results]) -> list[str]:
    """The warnings of a ranking without warnings; `runs` are the results in the order of its runs."""
    rows = ranking["runs"]
    warnings = [_few(ranking), _unfinished(rows)]
    if quick := _labels(rows, lambda row: row["preset"] == "quick"):
        warnings.append(f"Quick preset, a first impression and not a result: {quick}.")
    if synthetic := _labels(rows, lambda row: row["synthetic"]):
        warnings.append(f"Synthetic data, which say nothing about the real world: {synthetic}.")
    if ranking["metric"]:
        warnings.append(
            f"The metric, {words(ranking['metric'])}, was chosen for this report: trying several metrics and "
            "reporting one of them finds differences that do not exist."
        )
    if len({row["metric"] for row in rows}) > 1:
        metrics = "; ".join(f"{row['label']} {words(row['metric'])}" for row in rows)
        warnings.append(f"Metrics differ: {metrics}. The signed-rank tests treat points of all of them alike.")
    if ranking["left_out"]:
        names = "; ".join(f"{row['name']} {row['reason']}" for row in ranking["left_out"])
        warnings.append(f"Left out, as ranks need a value on every data set: {names}.")
    warnings += [_seeds(rows), _effort(rows), _settings(ranking, runs), _leaks(rows, runs)]
    return [warning for warning in (*warnings, ranking["families"]["text"]) if warning]


def _few(ranking: Ranking) -> str:
    """The warning that not even full agreement would be significant."""
    n, k, smallest = len(ranking["runs"]), len(ranking["learners"]), ranking["friedman"]["smallest"]
    if smallest >= LEVEL:
        return (
            f"With so many ties, {n} data sets cannot show a difference: even full agreement would give "
            f"p = {p_value(smallest)} in Friedman's test."
        )
    pairs = [pair["smallest"] for pair in ranking["pairs"] if pair["smallest"] is not None]
    if not pairs:
        return (
            "No pair of learners was tested: differences of metrics without a common unit cannot be ranked together. "
            "Choose one metric for all runs with --metric."
        )
    if min(pairs) < LEVEL:
        return ""
    return (
        f"{n} data sets are too few to show which of {k} learners differ: even in full agreement, signed-rank tests "
        f"would give p = {p_value(min(pairs))} after Holm's correction for {len(pairs)} pairs. It takes "
        f"{datasets_needed(k)} or more data sets without ties."
    )


def _labels(rows: Sequence[RunRow], condition: Callable[[RunRow], bool]) -> str:
    return ", ".join(row["label"] for row in rows if condition(row))


def _unfinished(rows: Sequence[RunRow]) -> str:
    parts = [
        f"{row['label']} ({row['n_done']} of {row['n_planned']} fits done, {row['n_failed']} failed)"
        for row in rows
        if row["status"] != "done"
    ]
    return f"Not finished: {', '.join(parts)}. The results may change." if parts else ""


def _seeds(rows: Sequence[RunRow]) -> str:
    counts = [len(row["seeds"]) for row in rows]
    if single := _labels(rows, lambda row: len(row["seeds"]) == 1):
        return f"One seed: {single}. Ranks there are those of single fits and may change with another seed."
    if len(set(counts)) > 1:
        return (
            f"The number of seeds varies from {min(counts)} to {max(counts)}: values of few seeds are less certain, "
            "which ranks ignore."
        )
    return ""


def _effort(rows: Sequence[RunRow]) -> str:
    settings: dict[str, set[float | None]] = {
        "budget": {row["budget_s"] for row in rows},
        "search": {row["search"] for row in rows},
        "number of training samples": {row["max_train"] for row in rows},
    }
    different = [name for name, values in settings.items() if len(values) > 1]
    return f"Settings differ between runs: {', '.join(different)}; see the signatures." if different else ""


def _settings(ranking: Ranking, runs: Sequence[Results]) -> str:
    """The warning that learners of one name are not the same in all runs."""
    different = []
    for learner in ranking["learners"]:
        rows = [row for results in runs for row in results["learners"] if row["name"] == learner["name"]]
        if len({json.dumps([row["set_by_hand"], row["package"]], sort_keys=True, default=str) for row in rows}) > 1:
            different.append(learner["name"])
    if not different:
        return ""
    return f"Learners of one name with other settings, or from another package, in some runs: {', '.join(different)}."


def _leaks(rows: Sequence[RunRow], runs: Sequence[Results]) -> str:
    leaks = [
        f"{row['label']} ({n:,})"
        for row, results in zip(rows, runs, strict=True)
        if (audit := results["audit"]) and (n := sum(audit["n_leaked"].values()))
    ]
    return f"Leaked test samples are included, as in the runs: {', '.join(leaks)}." if leaks else ""
