"""One row per run, from its ``results.json``, and the signed-rank test of the two families over all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from visiontk.report.formatting import equals, p_value
from visiontk.report.sections.cells import champion
from visiontk.report.sections.headline import answer
from visiontk.report.several.records import FamilyTest, Learner, Outcome, Scratch, Status, TaskRow
from visiontk.report.values import Family, Headline, Results
from visiontk.stats.across import LEVEL, SignedRank, signed_rank

_OUTCOMES: Mapping[str, Outcome] = {
    "worse": "classical", "equivalent": "equivalent", "undecided": "undecided", "invalid": "none",
}  # fmt: skip

OUTCOME_WORDS: Mapping[Outcome, str] = {
    "network": "network better",
    "pretrained": "pretrained better",
    "classical": "traditional better",
    "equivalent": "equivalent",
    "undecided": "undecided",
    "none": "no verdict",
    "failed": "failed",
    "waiting": "not run yet",
}


def task_row(results: Results, *, summary: str, folder: str) -> TaskRow:
    """The row of a run with results; `summary` is that of the task, `folder` the run directory."""
    headline, *others = results["headlines"]
    dataset, metric = results["dataset"], results["metrics"][results["metric"]]
    return {
        "task": results["task"], "summary": summary, "folder": folder,
        "status": "done" if results["complete"] else "partial", "outcome": _outcome(headline), "reason": "",
        "dataset": dataset["name"], "origin": dataset["origin"], "synthetic": dataset["synthetic"],
        "caution": dataset["caution"], "n_train": dataset["n_train"], "n_test": dataset["n_test"],
        "metric": results["metric"], "kind": metric["kind"], "higher_is_better": metric["higher_is_better"],
        "margin": results["margin"], "pretrained": _learner(results, "pretrained"),
        "network": _learner(results, "network"), "classical": _learner(results, "classical"),
        "challenger": _challenger(headline), "difference": headline["difference"], "low": headline["low"],
        "high": headline["high"], "scope": headline["scope"], "fit_cost_ratio": headline["fit_cost_ratio"],
        "scratch": _scratch(others[0]) if others else None,
        "sentence": answer(results), "n_planned": results["n_planned"], "n_done": results["n_done"],
        "n_failed": len(results["failed"]), "signature": results["signature"],
    }  # fmt: skip


def _outcome(headline: Headline) -> Outcome:
    if headline["verdict"] == "better":
        return "pretrained" if _challenger(headline) == "pretrained" else "network"
    return _OUTCOMES[headline["verdict"]]


def _challenger(headline: Headline) -> Family:
    return "pretrained" if "pretrained" in headline["families"] else "network"


def _scratch(headline: Headline) -> Scratch:
    return {
        "outcome": _outcome(headline), "difference": headline["difference"], "low": headline["low"],
        "high": headline["high"],
    }  # fmt: skip


def empty_row(task: str, *, summary: str, folder: str, status: Status, reason: str = "") -> TaskRow:
    """The row of a task without results: waiting, or failed for a reason."""
    outcome: Outcome = "failed" if status == "failed" else "waiting"
    return {
        "task": task, "summary": summary, "folder": folder, "status": status, "outcome": outcome, "reason": reason,
        "dataset": "", "origin": "", "synthetic": False, "caution": "", "n_train": None, "n_test": None,
        "metric": "", "kind": None, "higher_is_better": None, "margin": None, "pretrained": None,
        "network": None, "classical": None, "challenger": "network", "difference": None, "low": None, "high": None,
        "scope": None, "fit_cost_ratio": None, "scratch": None, "sentence": "",
        "n_planned": 0, "n_done": 0, "n_failed": 0, "signature": "",
    }  # fmt: skip


def family_test(rows: Sequence[TaskRow], noun: str) -> FamilyTest:
    """Signed-rank test of network from scratch less traditional over all rows; `noun` names one row in its text."""
    several = any(row["pretrained"] for row in rows)
    families = "networks from scratch and traditional methods" if several else "the families"
    test = signed_rank([lead for row in rows if (lead := lead_of(row, scratch=True)) is not None])
    return {"n": test.n, "p_value": test.p_value, "smallest": test.smallest, "text": _conclusion(test, noun, families)}


def lead_of(row: TaskRow, *, scratch: bool = False) -> float | None:
    """Lead of the challenger, positive if it is better; None if unknown or of an unbounded metric.

    With `scratch`, that of the network from scratch.

    Examples
    --------
    >>> row = empty_row("a", summary="", folder="a", status="waiting")
    >>> lead_of(row), lead_of({**row, "kind": "bounded", "difference": 0.1, "higher_is_better": False})
    (None, -0.1)
    """
    difference = row["difference"]
    if scratch and row["challenger"] != "network":
        difference = row["scratch"]["difference"] if row["scratch"] else None
    if difference is None or row["kind"] == "unbounded":
        return None
    return difference if row["higher_is_better"] else -difference


def _conclusion(test: SignedRank, noun: str, families: str) -> str:
    """The result of the test in words; empty for one row."""
    if test.n < 2:
        return ""
    if test.smallest >= LEVEL:
        return (
            f"{test.n} {noun}s are too few for a conclusion about {families} in general: a signed-rank test over "
            f"them cannot go below p = {p_value(test.smallest)}. Each verdict holds for its own {noun}."
        )
    return (
        f"Over {test.n} {noun}s, a signed-rank test of no difference between {families} gives "
        f"p {equals(test.p_value)}; it treats points of different metrics alike."
    )


def _learner(results: Results, family: Family) -> Learner | None:
    row = champion(results, family)
    if row is None:
        return None
    metric = row["metrics"][results["metric"]]
    return {
        "name": row["name"], "value": metric["value"], "low": metric["low"], "high": metric["high"],
        "fit_cpu_s": row["fit_cpu_s"], "predict_ms_per_sample": row["predict_ms_per_sample"],
    }  # fmt: skip
