"""From stored predictions to ``results.json``: every metric with its interval, every comparison with its verdict."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from visiontk.core import (
    Task,
    package_of,
)
from visiontk.errors import ResumeError
from visiontk.harness.store import DATA, RunDirectory
from visiontk.report.compared import (
    champion_of,
    comparisons_of,
    disagreement_of,
    family_of,
    gain_of,
    pair_of,
    reference_of,
)
from visiontk.report.curves import curve
from visiontk.report.evidence.policy import Policy, policy_of
from visiontk.report.evidence.record import N_RESAMPLES, Record, build_test_set, measured, read_record
from visiontk.report.evidence.slice_columns import columns_of
from visiontk.report.evidence.view import View
from visiontk.report.headline import headline, warnings_of
from visiontk.report.leaks import sentences, summary_of, without
from visiontk.report.learner_row import package_value, row_of
from visiontk.report.offered import offered
from visiontk.report.second_opinion import second_opinion
from visiontk.report.signature import signature_of
from visiontk.report.slices import chosen_after, slices_of
from visiontk.report.tuned import searches_of
from visiontk.report.units import units_of

SCHEMA = 1


def results(store: RunDirectory, task: Task, *, command: str = "", view: View | None = None) -> dict[str, Any]:
    """The value of ``results.json``, computed from what a run directory holds.

    Parameters
    ----------
    store : RunDirectory
        With finished trials; those that are missing make the result incomplete.
    task : Task
        Whose metrics are computed.
    command : str
        That repeats the run.
    view : View, optional
        Another metric or unit of independence than those of the run.

    Returns
    -------
    dict
        As described in ``docs/run-directory.md``; only JSON values, unknown numbers are None.
    """
    data, trials = store.read_json(DATA), store.trials()
    view, as_run = view or View(), task
    document = _document(store)
    changes, policy = view.warnings(as_run, data, policy_of(document)), view.policy(policy_of(document))
    task = policy.of(view.of(as_run), len(data["labels"]))
    searches = searches_of(store, document)
    records = {
        name: record
        for name, given in document["learners"].items()
        if (record := read_record(store, task, name, searches.competing(name, given, trials), policy))
    }
    # As the config has them: what a search is measured against, and what learning curves are made of.
    given_records = (
        records
        if not searches.over
        else {
            name: record
            for name, given in document["learners"].items()
            if (record := read_record(store, task, name, searches.given(name, given, trials), policy))
        }
    )
    failed = [
        {"learner": trial.learner, "trial": trial.name, "reason": reason}
        for trial in trials
        if (reason := store.failure(trial))
    ]
    n_done = sum(store.is_done(trial) for trial in trials)
    reference, why = reference_of(document["reference"], task, records)
    rows, comparisons, disagreement, units, tuning, learning = [], [], None, None, {}, None
    probabilities: dict[str, Any] | None = None
    as_configured: list[dict[str, Any]] = []
    columns, groups = [], None
    audit, leaked = _audit(store)
    if records:
        first = next(iter(records.values()))
        stored = data

        def grouped(record: Record) -> NDArray[Any] | None:
            return view.groups(store, stored, record.ids, record.folds)

        groups, columns = grouped(first), columns_of(store, view.slices, first.ids)
        test_set = build_test_set(first, groups)
        if view.regroups(data):
            data = data | {
                "n_groups": None if groups is None else test_set.n_units,
                "group_names": None,
                "grouped_by": "",
            }
        units = units_of(data, test_set.groups, first.folds)
        rows = [row_of(task, record, test_set, units, document) for record in records.values()]
        rows = sorted(rows, key=lambda row: _rank(row, task), reverse=True)
        if searches.over:
            tuning = {
                name: searches.describe(name) | gain_of(task, record, given_records[name], test_set)
                for name, record in records.items()
                if name in searches.by_learner and name in given_records
            }
        if reference is not None:
            comparisons = comparisons_of(task, records, records[reference], test_set, document["margin"])
            if tuning and reference in given_records:
                given = given_records[reference]
                as_configured = comparisons_of(task, given_records, given, test_set, document["margin"])
            n_train = min(sum(data["counts"]["train"]), document["max_train"] or math.inf)
            for row in comparisons:
                pair = records[row["learner"]], records[reference]
                known = row["difference"] is not None
                row["second_opinion"] = (
                    second_opinion(task.metrics[task.metric], task.metric, *pair, n_train) if known else None
                )
            place = {row["name"]: i for i, row in enumerate(rows)}
            comparisons.sort(key=lambda row: place[row["learner"]])
            rival = champion_of(
                task, records, {"network"} if family_of(task, reference) != "network" else {"classical"}
            )
            if rival is not None and rival != reference:
                disagreement = disagreement_of(task, records, rival, reference, data["labels"])
        learning = curve(
            task,
            trials,
            given_records,
            test_set,
            read=lambda name, mine: read_record(store, task, name, mine, policy),
            measure=lambda record: measured(task.metrics[task.metric], record.scores_for(task.metric), test_set),
            pair=pair_of(task, records),
        )

        def again(name: str, other: Policy) -> Record | None:
            if other.calibration == policy.calibration:
                return records[name]
            return read_record(store, task, name, records[name].trials, other)

        probabilities = offered(again, list(records), pair_of(task, records), test_set)
        if audit is not None:
            audit["without_leaks"] = _without_leaks(task, records, leaked, reference, grouped, document["margin"])
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "visiontk": trials[0].version,
        "task": task.name,
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "dataset": _dataset(data),
        "metric": task.metric,
        "metrics": _metrics(task, data.get("n_unknown", 0)),
        "units": None if units is None else units.as_value(),
        "reference": reference,
        "reference_reason": why,
        **{name: document[name] for name in ("preset", "seeds", "max_train", "search", "threads", "margin")},
        "budget_s": document["budget"],
        "n_folds": document["folds"],
        **policy._asdict(),
        "confidence": 0.95,
        "complete": n_done == len(trials) and (searches.over or document["search"] < 2),
        "n_planned": len(trials),
        "n_done": n_done,
        "n_test_readings": store.n_readings(),
        "tuning": tuning,
        "as_configured": as_configured,
        "curve": learning,
        "learners": rows,
        "comparisons": comparisons,
        "disagreement": disagreement,
        "probabilities": probabilities,
        "audit": audit,
        "failed": failed,
        "environment": store.read_json("environment.json"),
        "signature": signature_of(trials, data, document, comparisons, task.metric),
        "reproduce": {"command": command, "config": _config(store, document, task)},
    }
    if policy.words():
        value["signature"] += f" | {policy.words()}"
    if changes:
        value["signature"] += " | metric or unit chosen after the run"
    value["headline"] = headline(value)
    value["slices"] = slices_of(
        task,
        records,
        groups,
        columns,
        headline=value["headline"],
        margin=document["margin"],
        build_test_set=build_test_set,
    )
    if late := chosen_after(value["slices"]):
        value["signature"] += " | slices chosen after the run"
        changes = [*changes, late]
    value["warnings"] = [
        *changes,
        *data.get("warnings", ()),
        *warnings_of(value),
        *(() if audit is None else sentences(audit, comparisons)),
    ]
    return value


def _audit(store: RunDirectory) -> tuple[dict[str, Any] | None, list[str]]:
    """What the audit of the data found (None where there was none), and the ids of the samples that leaked."""
    if not (store.path / "audit.json").is_file():
        return None, []
    try:
        found = store.read_json("audit.json")
        return summary_of(found), [str(name) for ids in found["leaks"].values() for name in ids]
    except (ResumeError, KeyError, TypeError, AttributeError):  # a result without its audit is better than none
        return None, []


def _without_leaks(
    task: Task,
    records: Mapping[str, Record],
    leaked: Sequence[str],
    reference: str | None,
    groups: Callable[[Record], NDArray[Any] | None],
    margin: float,
) -> dict[str, Any] | None:
    """Every learner's value and every comparison, both scored again without the samples that leaked."""
    found = without(records, leaked, lambda record: build_test_set(record, groups(record)))
    if found is None:
        return None
    fewer, test_set = found
    metric = task.metrics[task.metric]
    unranked = {name for name in fewer if metric.needs_probabilities and not fewer[name].probabilities}
    return {
        "n_removed": len(next(iter(records.values())).y) - len(test_set.y),
        "n_left": len(test_set.y),
        "metric": task.metric,
        "learners": [
            {"name": name, **measured(metric, record.scores_for(task.metric), test_set)}
            for name, record in fewer.items()
            if name not in unranked
        ],
        "comparisons": [] if reference is None else comparisons_of(task, fewer, fewer[reference], test_set, margin),
    }


def _document(store: RunDirectory) -> dict[str, Any]:
    path = store.path / "experiment.yaml"
    try:
        return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise ResumeError(
            f"{path}: not there or damaged.",
            error_id="E-RUN-DAMAGED",
            hint="Repeat the command that made the run: it writes the file again and keeps finished trials.",
        ) from error


def _config(store: RunDirectory, document: Mapping[str, Any], task: Task) -> str:
    """The config of the run; of data about patients without their place, as a folder may be called after somebody."""
    if not task.is_private or not isinstance(document["dataset"], dict) or not document["dataset"].get("path"):
        return (store.path / "experiment.yaml").read_text(encoding="utf-8")
    hidden = {**document, "dataset": {**document["dataset"], "path": "PATH"}}
    return yaml.safe_dump(hidden, sort_keys=False, allow_unicode=True)


def _dataset(data: Mapping[str, Any]) -> dict[str, Any]:
    names = ("fingerprint", "licence", "citation", "homepage", "origin", "synthetic", "labels", "counts", "n_groups")
    sizes = {f"n_{part}": sum(data["counts"][part]) for part in ("train", "valid", "test")}
    own = data["origin"] == "own" and data.get("name")
    return {
        "name": data["dataset"],
        "title": f"{data['name']} (your data)" if own else data["dataset"],
        **{name: data[name] for name in names},
        **sizes,
        "split": data["split"],
        "package": data.get("package"),  # as the caution
        "grouped_by": data.get("grouped_by", ""),
        "caution": data.get("caution", ""),  # runs of earlier versions have none
        "n_unknown": data.get("n_unknown", 0),
        "notes": list(data["notes"]),
    }


def _metrics(task: Task, n_excluded: int) -> dict[str, Any]:
    """Kind and direction of each metric, whether valid chooses its operating point, its package, what it leaves out.

    Of the task as it is now: a metric that a package adds is computed for runs of before, too.
    """
    return {
        name: {
            "kind": metric.kind,
            "higher_is_better": metric.higher_is_better,
            "adapted": metric.adapt is not None,
            "n_excluded": n_excluded,
            "package": package_value(package_of(metric.function)),
        }
        for name, metric in task.metrics.items()
    }


def _rank(row: Mapping[str, Any], task: Task) -> float:
    value = row["metrics"][task.metric]["value"]
    if value is None:
        return -np.inf
    return float(value) if task.metrics[task.metric].higher_is_better else -float(value)


__all__ = ["N_RESAMPLES", "SCHEMA", "Record", "results"]
