"""From the ``results.json`` of several runs to ``all.json``: one row a task and one sentence over all."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from visiontk.report.formatting import p_value, words
from visiontk.stats.across import LEVEL, SignedRank, signed_rank
from visiontk.version import VERSION

SCHEMA = 1
OUTCOMES = ("network", "classical", "equivalent", "undecided", "none", "failed", "waiting")
"""Who is better, or why that is not said: ``none`` is a run without a verdict, ``failed`` one without results."""

STATES = ("done", "partial", "failed", "waiting")


def row_of(results: Mapping[str, Any], *, summary: str, folder: str) -> dict[str, Any]:
    """The row of a task, from its results.

    Parameters
    ----------
    results : mapping
        The value of ``results.json``.
    summary : str
        Of the task.
    folder : str
        Of the run, in the folder of all.
    """
    headline, dataset, metric = results["headline"], results["dataset"], results["metrics"][results["metric"]]
    better = {"better": "network", "worse": "classical", "invalid": "none"}
    return _empty(results["task"], summary, folder) | {
        "status": "done" if results["complete"] else "partial",
        "dataset": dataset["name"],
        "origin": dataset["origin"],
        "synthetic": dataset["synthetic"],
        "caution": dataset["caution"],
        "n_train": dataset["n_train"],
        "n_test": dataset["n_test"],
        "metric": results["metric"],
        "kind": metric["kind"],
        "higher_is_better": metric["higher_is_better"],
        "margin": results["margin"],
        "network": _learner(results, "network"),
        "classical": _learner(results, "classical"),
        **{name: headline[name] for name in ("difference", "low", "high", "scope", "fit_cost_ratio", "sentence")},
        "outcome": better.get(headline["verdict"], headline["verdict"]),
        "n_planned": results["n_planned"],
        "n_done": results["n_done"],
        "n_failed": len(results["failed"]),
        "signature": results["signature"],
    }


def row_without(task: str, *, summary: str, folder: str, status: str, reason: str = "") -> dict[str, Any]:
    """The row of a task without results: it is waiting, or it failed for this reason."""
    return _empty(task, summary, folder) | {"status": status, "outcome": status, "reason": reason}


def overview(
    rows: Sequence[Mapping[str, Any]], *, preset: str, settings: Mapping[str, Any], command: str
) -> dict[str, Any]:
    """The value of ``all.json``.

    Parameters
    ----------
    rows : sequence of mapping
        Of `row_of` and `row_without`.
    preset : str
        Of all runs.
    settings : mapping
        What else was asked for, by name.
    command : str
        That repeats them.

    Returns
    -------
    dict
        As described in ``docs/run-directory.md``.
    """
    counts = Counter(row["outcome"] for row in rows)
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "visiontk": VERSION,
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "preset": preset,
        "settings": dict(settings),
        "complete": all(row["status"] == "done" for row in rows),
        "counts": {name: counts[name] for name in OUTCOMES},
        **{name: sum(row[name] for row in rows) for name in ("n_planned", "n_done", "n_failed")},
        "tasks": [dict(row) for row in rows],
        "reproduce": {"command": command},
    }
    value["across"] = families(rows, "domains")
    drawn = Counter(row["outcome"] for row in rows if row["synthetic"])
    value["headline"] = {"sentence": sentence(value["counts"], drawn)}
    value["warnings"] = warnings_of(value)
    return value


def sentence(counts: Mapping[str, int], drawn: Mapping[str, int] | None = None) -> str:
    """Who is better in how many domains, and in how many of them on drawn data; both families in the same words.

    Examples
    --------
    >>> none = dict.fromkeys(OUTCOMES, 0)
    >>> sentence(none | {"network": 2, "classical": 1, "undecided": 2})
    'In 2 of 5 domains the network is better, in 1 the traditional method; 2 are undecided.'
    >>> sentence(none | {"classical": 1, "equivalent": 1, "failed": 1})
    'In 0 of 3 domains the network is better, in 1 the traditional method; in 1 they are equivalent, 1 failed.'
    >>> sentence(none | {"network": 2, "undecided": 1}, {"network": 2})
    'In 2 of 3 domains the network is better (all on drawn data), in 0 the traditional method; 1 is undecided.'
    """
    total, drawn = sum(counts[name] for name in OUTCOMES), drawn or {}
    found = (
        f"In {counts['network']} of {total} domain{'' if total == 1 else 's'} the network is better"
        f"{_on_drawn(counts['network'], drawn.get('network', 0))}, in {counts['classical']} the traditional method"
        f"{_on_drawn(counts['classical'], drawn.get('classical', 0))}"
    )
    rest = []
    if counts["equivalent"]:
        rest.append(f"in {counts['equivalent']} they are equivalent")
    if n := counts["undecided"]:
        rest.append(f"{n} {'is' if n == 1 else 'are'} undecided")
    if n := counts["none"]:
        rest.append(f"{n} {'has' if n == 1 else 'have'} no verdict")
    if counts["failed"]:
        rest.append(f"{counts['failed']} failed")
    if n := counts["waiting"]:
        rest.append(f"{n} {'has' if n == 1 else 'have'} not run yet")
    return found + (f"; {', '.join(rest)}" if rest else "") + "."


def _on_drawn(n: int, n_drawn: int) -> str:
    return "" if not n_drawn else " (all on drawn data)" if n_drawn == n > 1 else f" ({n_drawn} on drawn data)"


def families(rows: Sequence[Mapping[str, Any]], noun: str) -> dict[str, Any]:
    """The signed-rank test of network less traditional over all rows, and what it says; `noun` is what a row is."""
    found = signed_rank(_leads(rows))
    return found._asdict() | {"text": _across(found, noun)}


def _leads(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """How far the network is ahead in each row, whichever way its metric runs; of metrics between 0 and 1."""
    known = [row for row in rows if row["difference"] is not None and row["kind"] != "unbounded"]
    return [row["difference"] if row["higher_is_better"] else -row["difference"] for row in known]


def _across(found: SignedRank, noun: str) -> str:
    """What all rows together say about the two families; empty for one."""
    if found.n < 2:
        return ""
    if found.smallest >= LEVEL:
        return (
            f"{found.n} {noun} cannot decide between the families in general: a signed-rank test over them gives "
            f"p = {p_value(found.smallest)} at the least, whatever they show. Each verdict is about its own "
            f"{noun.removesuffix('s')}."
        )
    p = p_value(found.p_value)
    return (
        f"Over {found.n} {noun}, a signed-rank test of no difference between the families gives "
        f"p {p if p.startswith('<') else f'= {p}'}; it takes points of different metrics for alike."
    )


def warnings_of(value: Mapping[str, Any]) -> list[str]:
    """What limits the conclusions, in plain words."""
    told = []
    if value["preset"] == "quick":
        told.append("Quick preset: a rough picture, not a result.")
    known = [row for row in value["tasks"] if row["dataset"]]
    drawn = [row["task"] for row in known if row["synthetic"]]
    if drawn:
        told.append(
            f"Drawn by a program, so that nothing on them is measured on the real world: the data of "
            f"{', '.join(map(words, drawn))}."
        )
    told.append("Each domain is one data set here: another one may give another verdict.")
    if value["across"]["text"]:
        told.append(value["across"]["text"])
    if len({row["metric"] for row in known}) > 1:
        told.append("Metrics differ from domain to domain and are named in each row; their points are not the same.")
    for row in value["tasks"]:
        if row["n_failed"]:
            told.append(
                f"{words(row['task'])}: {row['n_failed']} of {row['n_planned']} fits failed; its report says why."
            )
    return told


def _empty(task: str, summary: str, folder: str) -> dict[str, Any]:
    unknown = ("network", "classical", "difference", "low", "high", "scope", "fit_cost_ratio", "kind", "margin",
               "higher_is_better", "n_train", "n_test")  # fmt: skip
    texts = ("reason", "dataset", "origin", "caution", "metric", "sentence", "signature")
    return {
        "task": task, "summary": summary, "folder": folder, "status": "waiting", "outcome": "waiting",
        "synthetic": False, "n_planned": 0, "n_done": 0, "n_failed": 0,
        **dict.fromkeys(unknown), **dict.fromkeys(texts, ""),
    }  # fmt: skip


def _learner(results: Mapping[str, Any], family: str) -> dict[str, Any] | None:
    """The learner of this family in the headline; where there is no pair, the first one of the table."""
    named = results["headline"][family]
    rows = [row for row in results["learners"] if row["name"] == named] or [
        row for row in results["learners"] if row["family"] == family
    ]
    if not rows:
        return None
    found = rows[0]["metrics"][results["metric"]]
    return {
        "name": rows[0]["name"],
        **{name: found[name] for name in ("value", "low", "high")},
        "fit_cpu_s": rows[0]["fit_cpu_s"],
        "predict_ms_per_sample": rows[0]["predict_ms_per_sample"],
    }
