"""From the ``results.json`` of several runs to one value: learners that ran in all of them, ranked and tested.

A learner is said to be ahead of another only where Friedman's test finds that ranks differ and the signed-rank test of
the two does so after Holm's correction. Nemenyi's distance, which depends on who else takes part, says it of nobody.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import PurePath
from typing import Any

import numpy as np

from visiontk.core import Floats
from visiontk.errors import ConfigError
from visiontk.report.across_warnings import one_unit, warnings_of
from visiontk.report.overview import families, row_of
from visiontk.report.text import p_value
from visiontk.stats.across import LEVEL
from visiontk.stats.friedman import MIN_RANKED, cliques, critical_difference, friedman, pairs
from visiontk.version import VERSION

SCHEMA = 1
MOST_CLAIMS, MOST_NAMES = 2, 3
"""Learners that the sentence says are ahead of others, and others that it names; the table of pairs has all."""

Results = Mapping[str, Any]


def across(runs: Sequence[tuple[str, Results]], *, metric: str = "", command: str = "") -> dict[str, Any]:
    """The ranks of all learners that ran everywhere, the tests, and what may be said.

    Parameters
    ----------
    runs : sequence of (folder, value of ``results.json``)
        In the order of columns, on different data.
    metric : str
        That was chosen for all runs; by default each has its own.
    command : str
        That repeats it.

    Returns
    -------
    dict
        As described in ``docs/run-directory.md``.

    Raises
    ------
    ConfigError
        If two runs are of the same data, or fewer than three learners or data sets are left.
    """
    _all_different(runs)
    labels = labels_of(runs)
    competing, left_out = _competitors([results for _, results in runs], labels)
    if len(runs) < MIN_RANKED or len(competing) < MIN_RANKED:
        raise _too_few(len(runs), competing, left_out)
    rows = [_run(folder, results, label) for (folder, results), label in zip(runs, labels, strict=True)]
    table = np.array([[_value(results, name) for name in competing] for _, results in runs], dtype=np.float64)
    upward = [bool(row["higher_is_better"]) for row in rows]
    found = friedman(table, higher_is_better=upward)
    order = sorted(range(len(competing)), key=lambda i: (found.mean_ranks[i], competing[i]))
    names = [competing[i] for i in order]
    table, ranks, means = table[:, order], found.ranks[:, order], found.mean_ranks[order]
    critical = critical_difference(len(runs), len(names))
    learners = [
        {"name": name, "family": _row(runs[0][1], name)["family"], "mean_rank": float(means[i]),
         "values": table[:, i].tolist(), "ranks": ranks[:, i].tolist()}
        for i, name in enumerate(names)
    ]  # fmt: skip
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "visiontk": VERSION,
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "metric": metric,
        "complete": all(row["status"] == "done" for row in rows),
        "runs": rows,
        "learners": learners,
        "left_out": left_out,
        "friedman": {name: getattr(found, name) for name in ("statistic", "p_value", "smallest", "exact")},
        "nemenyi": {
            "critical_difference": critical,
            "cliques": [[names[i] for i in each] for each in cliques(means, critical)],
        },
        "pairs": _pairs(table, upward, means, names, rows, found.p_value),
        "families": families(rows, "data sets"),
        "reproduce": {"command": command},
    }
    value["headline"] = {"sentence": sentence(value)}
    value["warnings"] = warnings_of(value, [results for _, results in runs])
    return value


def labels_of(runs: Sequence[tuple[str, Results]]) -> list[str]:
    """What the data of each run are called: their title, with folder or number where that is not of one run alone."""
    titles = [str(results["dataset"].get("title") or results["dataset"]["name"]) for _, results in runs]
    folders = [PurePath(folder).name for folder, _ in runs]
    named = [
        title if titles.count(title) == 1 else f"{title} ({folder})"
        for title, folder in zip(titles, folders, strict=True)
    ]
    return [label if named.count(label) == 1 else f"{label} {i}" for i, label in enumerate(named, 1)]


def sentence(value: Mapping[str, Any]) -> str:
    """What the tests say, and no more."""
    where = f"Over {len(value['runs'])} data sets"
    k, found = len(value["learners"]), value["friedman"]
    p = p_value(found["p_value"])
    told = f"Friedman's test, p {p if p.startswith('<') else f'= {p}'}"
    if found["p_value"] >= LEVEL:
        return f"{where}, no difference between the {k} learners is shown ({told})."
    behind: dict[str, list[str]] = {}
    for pair in value["pairs"]:
        if pair["verdict"] in ("better", "worse"):
            ahead, other = pair["learner"], pair["other"]
            if pair["verdict"] == "worse":
                ahead, other = other, ahead
            behind.setdefault(ahead, []).append(other)
    if not behind:
        return f"{where}, the {k} learners do not rank alike ({told}), but no two of them are told apart."
    shown = list(behind.items())[:MOST_CLAIMS]
    claims = [f"{ahead} is better than {_listed(others, k - 1)}" for ahead, others in shown]
    more = sum(map(len, list(behind.values())[MOST_CLAIMS:]))
    rest = f"; {more} more pair{'s are' if more > 1 else ' is'} told apart" if more else ""
    return f"{where}, {'; '.join(claims)}{rest} (signed ranks, Holm; {told})."


def _listed(names: Sequence[str], n_others: int) -> str:
    if len(names) > MOST_NAMES and len(names) == n_others:
        return f"all {n_others} others"
    if len(names) > MOST_NAMES:
        return f"{len(names)} of the other {n_others} learners"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _all_different(runs: Sequence[tuple[str, Results]]) -> None:
    """Data that count twice would make a test too sure; published ones are the same whatever split or groups they have.

    A fingerprint depends on groups too, so that of published data names and labels are compared as well.
    """
    for (folder, one), (other_folder, other) in combinations(runs, 2):
        a, b = one["dataset"], other["dataset"]
        published = {a["origin"], b["origin"]} <= {"public", "embedded"}
        if a["fingerprint"] == b["fingerprint"] or (published and (a["name"], a["labels"]) == (b["name"], b["labels"])):
            raise ConfigError(
                f"{folder} and {other_folder}: both are of the data {a['name']}, which would count twice.",
                error_id="E-REPORT-SAME",
                hint="Name one of them; a data set is one observation, whatever its split.",
            )


def _competitors(every: Sequence[Results], labels: Sequence[str]) -> tuple[list[str], list[dict[str, str]]]:
    """Learners with a value in every run, and the others but floors with the reason."""
    found: dict[str, str] = {}
    for results in every:
        for row in results["learners"]:
            found.setdefault(row["name"], row["family"])
    competing, left_out = [], []
    for name, family in sorted(found.items()):
        rows = [_row(results, name) for results in every]
        present = Counter(row["family"] for row in rows if row)
        if set(present) == {"floor"}:
            continue
        missing = [label for label, row in zip(labels, rows, strict=True) if not row]
        unknown = [
            label for label, row, results in zip(labels, rows, every, strict=True)
            if row and _value(results, name) is None
        ]  # fmt: skip
        reason = ""
        if missing:
            reason = f"has not run on {', '.join(missing)}"
        elif unknown:
            reason = f"has no value on {', '.join(unknown)}"
        elif len(present) > 1:
            reason = "is of another family in another run"
        if reason:
            left_out.append({"name": name, "family": family, "reason": reason})
        else:
            competing.append(name)
    return competing, left_out


def _too_few(n_datasets: int, competing: Sequence[str], left_out: Sequence[Mapping[str, str]]) -> ConfigError:
    told = [f"{row['name']} {row['reason']}" for row in left_out[:5]]
    told += [f"{len(left_out) - 5} more"] if len(left_out) > 5 else []
    return ConfigError(
        f"{len(competing)} learner{'' if len(competing) == 1 else 's'} ran on each of {n_datasets} data sets"
        + (f": {', '.join(competing)}" if competing else "")
        + f". Ranks need at least {MIN_RANKED} learners and {MIN_RANKED} data sets."
        + (f" Left out: {'; '.join(told)}." if told else ""),
        error_id="E-REPORT-FEW",
        hint="Run the same learners on every data set: visiontk compare TARGET --learners A,B,C.",
    )


def _row(results: Results, name: str) -> Mapping[str, Any]:
    return next((row for row in results["learners"] if row["name"] == name), {})


def _value(results: Results, name: str) -> float | None:
    found = (_row(results, name).get("metrics") or {}).get(results["metric"]) or {}
    value = found.get("value")
    return None if value is None or not np.isfinite(value) else float(value)


def _run(folder: str, results: Results, label: str) -> dict[str, Any]:
    """A row of the table of runs: as in ``all.json``, and what else of a run must be known here."""
    found = row_of(results, summary="", folder=folder)
    same = {name: results[name] for name in ("preset", "seeds", "budget_s", "trials", "max_train")}
    return found | same | {"label": label, "fingerprint": results["dataset"]["fingerprint"]}


def _pairs(
    table: Floats, upward: Sequence[bool], means: Floats, names: Sequence[str], rows: Sequence[Results], p_of_all: float
) -> list[dict[str, Any]]:
    """Every two learners, the one with the smaller mean rank first."""
    tested = {(pair.first, pair.second): pair for pair in pairs(table, higher_is_better=upward)}
    found = []
    for i, j in combinations(range(len(names)), 2):
        pair = tested[i, j] if one_unit(rows) else None
        verdict = "undecided"
        if pair is not None and p_of_all < LEVEL and pair.p_adjusted < LEVEL:
            verdict = "better" if pair.sign > 0 else "worse"
        numbers = ("n", "p_value", "p_adjusted", "smallest")
        found.append(
            {"learner": names[i], "other": names[j], "rank_difference": float(means[j] - means[i])}
            | {name: None if pair is None else getattr(pair, name) for name in numbers}
            | {"verdict": verdict}
        )
    return found
