"""From stored predictions to ``results.json``: every metric with its interval, every comparison with its verdict."""

from __future__ import annotations

import csv
import datetime
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from visiontk.core import (
    BEST_CLASSICAL,
    Floats,
    Ints,
    Metric,
    Package,
    Strings,
    Task,
    Trial,
    about,
    package_of,
    parameters,
    source,
    summary,
)
from visiontk.errors import DataError, ResumeError
from visiontk.harness.plan import FEWEST_UNITS
from visiontk.harness.store import Cost, Run
from visiontk.report.calibration import calibration
from visiontk.report.columns import columns_of
from visiontk.report.curves import curve
from visiontk.report.ensemble import average_right
from visiontk.report.headline import headline, warnings_of
from visiontk.report.leaks import sentences, summary_of, without
from visiontk.report.second_opinion import second_opinion
from visiontk.report.slices import chosen_after, slices_of
from visiontk.report.text import shorten
from visiontk.report.tuned import searches_of
from visiontk.report.units import Units, by_unit, units_of
from visiontk.report.view import View
from visiontk.stats import (
    Difference,
    bootstrap_weights,
    difference,
    estimate,
    holm,
    judge,
    plan,
    shares,
    sources,
    wilson,
)

SCHEMA = 1
CALIBRATED = "brier"
"""Where a task has a metric of this name, learners that give probabilities are shown with their calibration."""

N_RESAMPLES = 1000
EXHIBITS = 24
"""Items shown of each kind of disagreement."""

MOST_CONFUSED = 1000
"""Classes up to which a confusion matrix is kept."""


@dataclass(frozen=True, eq=False)
class Record:
    """What one learner left: its finished trials, put together over folds.

    ``scores`` has shape (n_seeds, n, n_classes), in the order of the sorted ids of the test samples; ``folds`` (n,)
    says in which fold each was tested.
    ``adapted`` holds, by metric, what its operating point (chosen by valid, trial by trial) makes of them.
    """

    name: str
    trials: list[Trial]
    costs: list[Cost]
    seeds: list[int]
    ids: Strings
    y: Ints
    folds: Ints
    scores: Floats
    adapted: dict[str, Floats]
    valid: float
    histories: list[dict[str, Any]]

    def scores_for(self, metric: str) -> Floats:
        """The scores that this metric is computed from, shape (n_seeds, n, n_classes)."""
        return self.adapted.get(metric, self.scores)


class Judged(NamedTuple):
    """All that statistics need of one test set: targets, resamples, units of independence."""

    y: Ints
    weights: Any
    n_units: int
    groups: NDArray[Any] | None


def results(store: Run, task: Task, *, command: str = "", view: View | None = None) -> dict[str, Any]:
    """The value of ``results.json``, computed from what a run directory holds.

    Parameters
    ----------
    store : Run
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
    data, trials = store.read_json("data.json"), store.trials()
    view, as_run = view or View(), task
    changes, task = view.warnings(as_run, data), view.of(as_run)
    document = _document(store)
    searches = searches_of(store, document)
    records = {
        name: record
        for name, given in document["learners"].items()
        if (record := _record(store, task, name, searches.competing(name, given, trials)))
    }
    # As the config has them: what a search is measured against, and what learning curves are made of.
    given_records = (
        records
        if not searches.over
        else {
            name: record
            for name, given in document["learners"].items()
            if (record := _record(store, task, name, searches.given(name, given, trials)))
        }
    )
    failed = [
        {"learner": trial.learner, "trial": trial.name, "reason": reason}
        for trial in trials
        if (reason := store.failure(trial))
    ]
    n_done = sum(store.is_done(trial) for trial in trials)
    reference, why = _reference(document["reference"], task, records)
    rows, comparisons, disagreement, units, tuning, learning = [], [], None, None, {}, None
    columns, groups = [], None
    audit, leaked = _audit(store)
    if records:
        first = next(iter(records.values()))
        stored = data

        def grouped(record: Record) -> NDArray[Any] | None:
            return view.groups(store, stored, record.ids, record.folds)

        groups, columns = grouped(first), columns_of(store, view.slices, first.ids)
        judged = _judged(first, groups)
        if view.regroups:
            data = data | {"n_groups": None if groups is None else judged.n_units, "group_names": None}
        units = units_of(data, judged.groups, first.folds)
        rows = [_row(task, record, judged, units, document) for record in records.values()]
        rows = sorted(rows, key=lambda row: _rank(row, task), reverse=True)
        if searches.over:
            tuning = {
                name: searches.describe(name) | _gain(task, record, given_records[name], judged)
                for name, record in records.items()
                if name in searches.by_learner and name in given_records
            }
        if reference is not None:
            comparisons = _comparisons(task, records, records[reference], judged, document["margin"])
            n_train = min(sum(data["counts"]["train"]), document["max_train"] or math.inf)
            for row in comparisons:
                pair = records[row["learner"]], records[reference]
                known = row["difference"] is not None
                row["second_opinion"] = (
                    second_opinion(task.metrics[task.metric], task.metric, *pair, n_train) if known else None
                )
            place = {row["name"]: i for i, row in enumerate(rows)}
            comparisons.sort(key=lambda row: place[row["learner"]])
            rival = _champion(task, records, {"network"} if _family(task, reference) != "network" else {"classical"})
            if rival is not None and rival != reference:
                disagreement = _disagreement(task, records, rival, reference, data["labels"])
        learning = curve(
            task,
            trials,
            given_records,
            judged,
            read=lambda name, mine: _record(store, task, name, mine),
            measure=lambda record: _measured(task.metrics[task.metric], record.scores_for(task.metric), judged),
            pair=_pair(task, records),
        )
        if audit is not None:
            audit["without_leaks"] = _without_leaks(task, records, leaked, reference, grouped, document["margin"])
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "visiontk": trials[0].version,
        "task": task.name,
        "created": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "dataset": _dataset(data),
        "metric": task.metric,
        "metrics": _metrics(task),
        "units": None if units is None else units.as_value(),
        "reference": reference,
        "reference_reason": why,
        **{name: document[name] for name in ("preset", "seeds", "max_train", "budget_s", "threads", "margin")},
        "trials": document.get("trials", 1),  # runs of earlier versions have none
        "n_folds": document["folds"],
        "confidence": 0.95,
        "complete": n_done == len(trials) and (searches.over or document.get("trials", 1) < 2),
        "n_planned": len(trials),
        "n_done": n_done,
        "n_test_readings": store.n_readings(),
        "tuning": tuning,
        "curve": learning,
        "learners": rows,
        "comparisons": comparisons,
        "disagreement": disagreement,
        "audit": audit,
        "failed": failed,
        "environment": store.read_json("environment.json"),
        "signature": _signature(trials, data, document, comparisons, task.metric),
        "reproduce": {"command": command, "config": (store.path / "experiment.yaml").read_text()},
    }
    if changes:
        value["signature"] += " | metric or unit chosen after the run"
    value["headline"] = headline(value)
    value["slices"] = slices_of(
        task, records, groups, columns, headline=value["headline"], margin=document["margin"], judged_of=_judged
    )
    if late := chosen_after(value["slices"]):
        value["signature"] += " | slices chosen after the run"
        changes = [*changes, late]
    value["warnings"] = [*changes, *warnings_of(value), *(() if audit is None else sentences(audit, comparisons))]
    return value


def _audit(store: Run) -> tuple[dict[str, Any] | None, list[str]]:
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
    found = without(records, leaked, lambda record: _judged(record, groups(record)))
    if found is None:
        return None
    fewer, judged = found
    metric = task.metrics[task.metric]
    unranked = {name for name in fewer if metric.needs_probabilities and not about(task.learner(name)).probabilities}
    return {
        "n_removed": len(next(iter(records.values())).y) - len(judged.y),
        "n_left": len(judged.y),
        "metric": task.metric,
        "learners": [
            {"name": name, **_measured(metric, record.scores_for(task.metric), judged)}
            for name, record in fewer.items()
            if name not in unranked
        ],
        "comparisons": [] if reference is None else _comparisons(task, fewer, fewer[reference], judged, margin),
    }


def _document(store: Run) -> dict[str, Any]:
    path = store.path / "experiment.yaml"
    try:
        return dict(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise ResumeError(
            f"{path}: not there or damaged.",
            error_id="E-RUN-DAMAGED",
            hint="Repeat the command that made the run: it writes the file again and keeps finished trials.",
        ) from error


def _record(store: Run, task: Task, name: str, trials: Sequence[Trial]) -> Record | None:
    mine = [trial for trial in trials if trial.learner == name and store.is_done(trial)]
    by_fit: dict[tuple[int, int], list[Trial]] = {}
    for trial in mine:
        by_fit.setdefault((trial.draw, trial.seed), []).append(trial)
    whole = {fit: done for fit, done in by_fit.items() if len(done) == done[0].n_folds}
    if not whole:
        return None
    adapting = {name: metric for name, metric in task.metrics.items() if metric.adapt is not None}
    adapted: dict[str, list[Floats]] = {wanted: [] for wanted in adapting}
    primary = task.metrics[task.metric]
    stacked, valid, histories = [], [], []
    ids, y, folds = np.empty(0, np.str_), np.empty(0, np.int64), np.empty(0, np.int64)
    for (_, seed), done in whole.items():
        parts = [store.predictions(trial) for trial in sorted(done, key=lambda trial: trial.fold)]
        ids = np.concatenate([part.ids for part in parts])
        order = np.argsort(ids)
        ids, y = ids[order], np.concatenate([part.y_true for part in parts])[order]
        folds = np.repeat(np.arange(len(parts)), [len(part.ids) for part in parts])[order]
        stacked.append(np.concatenate([part.scores for part in parts])[order].astype(np.float64))
        for wanted, metric in adapting.items():
            pieces = [metric.adapted(part.scores, part.valid_y_true, part.valid_scores) for part in parts]
            adapted[wanted].append(np.concatenate(pieces)[order].astype(np.float64))
        valid += [
            primary(part.valid_y_true, primary.adapted(part.valid_scores, part.valid_y_true, part.valid_scores))
            for part in parts
        ]
        histories += [
            {"seed": seed, "fold": trial.fold, "columns": _columns(text)}
            for trial in done
            if (text := store.history(trial))
        ]
    used = [trial for done in whole.values() for trial in done]
    costs = [store.cost(trial) for trial in used]
    return Record(
        name,
        used,
        costs,
        [seed for _, seed in whole],
        ids,
        y,
        folds,
        np.stack(stacked),
        {metric: np.stack(each) for metric, each in adapted.items()},
        float(np.mean(valid)),
        histories,
    )


def _columns(text: str) -> dict[str, list[float | None]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    return {name: [_finite(float(row[name])) for row in rows] for name in (rows[0] if rows else {})}


def _judged(record: Record, groups: NDArray[Any] | None) -> Judged:
    n_units = len(record.y) if groups is None else len(np.unique(groups))
    return Judged(
        record.y,
        bootstrap_weights(len(record.y), groups=groups, n_resamples=N_RESAMPLES),
        n_units,
        groups,
    )


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
        "caution": data.get("caution", ""),  # runs of earlier versions have none
        "notes": list(data["notes"]),
    }


def _metrics(task: Task) -> dict[str, Any]:
    """Kind and direction of each metric, whether its operating point is chosen by valid, and its package.

    Of the task as it is now: a metric that a package adds is computed for runs of before, too.
    """
    return {
        name: {
            "kind": metric.kind,
            "higher_is_better": metric.higher_is_better,
            "adapted": metric.adapt is not None,
            "package": _as_value(package_of(metric.function)),
        }
        for name, metric in task.metrics.items()
    }


def _as_value(package: Package | None) -> dict[str, str] | None:
    return None if package is None else package._asdict()


def _row(
    task: Task, record: Record, judged: Judged, units: Units | None, document: Mapping[str, Any]
) -> dict[str, Any]:
    factory = task.learner(record.name)
    told = about(factory)
    metrics: dict[str, Any] = {}
    for name, metric in task.metrics.items():
        if metric.needs_probabilities and not told.probabilities:
            metrics[name] = {"value": None, "low": None, "high": None, "reason": "its scores only rank"}
        else:
            metrics[name] = _measured(metric, record.scores_for(name), judged)
    predicted = record.scores.argmax(axis=2)
    n_classes = record.scores.shape[2]
    primary = task.metrics[task.metric]
    given, defaults = dict(document["learners"][record.name]), parameters(factory)
    return {
        "name": record.name,
        "family": told.family,
        "summary": summary(factory),
        "source": source(factory),
        "package": _as_value(_planned_package(record.trials[0], package_of(factory))),
        "parameters": given,
        "set_by_hand": {key: value for key, value in given.items() if value != defaults.get(key, value)},
        "layers": told.layers,
        "n_trials": len(record.trials),
        "metrics": metrics,
        "valid": record.valid,
        "fit_cpu_s": _mean([cost.fit_cpu_s for cost in record.costs]),
        "fit_wall_s": _mean([cost.fit_wall_s for cost in record.costs]),
        "predict_ms_per_sample": float(np.median([cost.predict_ms_per_sample for cost in record.costs])),
        "n_parameters": _last([cost.n_parameters for cost in record.costs]),
        "size_bytes": _last([cost.size_bytes for cost in record.costs]),
        "peak_memory_bytes": max((cost.peak_memory_bytes or 0 for cost in record.costs), default=0) or None,
        "n_cut_off": sum(cost.cut_off for cost in record.costs),
        "notes": list(dict.fromkeys(note for cost in record.costs for note in cost.notes)),
        "confusion": _confusion(predicted, judged.y, n_classes),
        "recall": _recall(predicted, judged, n_classes),
        "histories": record.histories,
        "by_seed": [
            {"seed": seed, "value": primary(judged.y, scores)}
            for seed, scores in zip(record.seeds, record.scores_for(task.metric), strict=True)
        ],
        "by_group": []
        if units is None or (primary.needs_probabilities and not told.probabilities)
        else by_unit(primary, judged.y, record.scores_for(task.metric), units, judged.groups),
        "calibration": calibration(judged.y, record.scores, judged.groups)
        if CALIBRATED in task.metrics and told.probabilities
        else None,
    }


def _planned_package(trial: Trial, package: Package | None) -> Package | None:
    """The package of a learner in the version that was planned, which may be another than that of today."""
    return package and package._replace(version=trial.packages.get(package.name, package.version))


def _measured(metric: Metric, scores: Floats, judged: Judged) -> dict[str, Any]:
    try:
        found = estimate(metric, judged.y, scores, judged.weights, judged.n_units)
    except DataError as error:
        return {"value": None, "low": None, "high": None, "reason": error.message}
    return {
        "value": _finite(found.value),
        "low": _finite(found.low),
        "high": _finite(found.high),
        "item_variance": _finite(found.item_variance),
        "seed_variance": _finite(found.seed_variance),
    }


def _gain(task: Task, tuned: Record, given: Record, judged: Judged) -> dict[str, Any]:
    """What a learner reached as the config has it, and what the search added, on the same test samples."""
    found = _measured(task.metrics[task.metric], given.scores_for(task.metric), judged)
    gain = _difference(task, tuned, given, judged)
    row = {"given": {name: found[name] for name in ("value", "low", "high")} | {"valid": given.valid}}
    if isinstance(gain, str):
        return row | {"gain": dict.fromkeys(("value", "low", "high")) | {"reason": gain}}
    return row | {"gain": {name: _finite(getattr(gain, name)) for name in ("value", "low", "high")} | {"reason": ""}}


def _confusion(predicted: Ints, y: Ints, n_classes: int) -> list[list[int]]:
    """Counts over all seeds, true classes in rows; empty where nobody could look at it."""
    if n_classes > MOST_CONFUSED:
        return []
    counts = np.zeros((n_classes, n_classes), np.int64)
    for one in predicted:
        np.add.at(counts, (y, one), 1)
    return [[int(c) for c in row] for row in counts]


def _recall(predicted: Ints, judged: Judged, n_classes: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for c in range(n_classes):
        members = judged.y == c
        # The units of independence: samples, or groups, of which a class may have few.
        n = int(members.sum()) if judged.groups is None else len(np.unique(judged.groups[members]))
        if not n:
            rows.append({"value": None, "low": None, "high": None, "n": 0})
            continue
        value = float((predicted[:, members] == c).mean())
        low, high = wilson(value * n, n)
        rows.append({"value": value, "low": low, "high": high, "n": int(members.sum())})
    return rows


def _rank(row: Mapping[str, Any], task: Task) -> float:
    value = row["metrics"][task.metric]["value"]
    if value is None:
        return -np.inf
    return float(value) if task.metrics[task.metric].higher_is_better else -float(value)


def _family(task: Task, name: str) -> str:
    return about(task.learner(name)).family


def _champion(task: Task, records: Mapping[str, Record], families: set[str]) -> str | None:
    """The learner of these families that did best on valid, the first by name of equals; test has no say."""
    names = sorted(name for name in records if _family(task, name) in families)
    sign = 1 if task.metrics[task.metric].higher_is_better else -1
    return max(names, key=lambda name: sign * records[name].valid, default=None)


def _reference(wanted: str, task: Task, records: Mapping[str, Record]) -> tuple[str | None, str]:
    if wanted != BEST_CLASSICAL:
        return (wanted, "as asked for") if wanted in records else (None, f"{wanted} has no finished trials")
    found = _champion(task, records, {"classical"})
    return found, "best traditional learner on the valid parts" if found else "no traditional learner has finished"


def _pair(task: Task, records: Mapping[str, Record]) -> tuple[str, str] | None:
    """The best network and the best traditional learner on valid."""
    network, classical = (_champion(task, records, {family}) for family in ("network", "classical"))
    return (network, classical) if network is not None and classical is not None else None


def _comparisons(
    task: Task, records: Mapping[str, Record], reference: Record, judged: Judged, margin: float
) -> list[dict[str, Any]]:
    # A floor does not compete: it shows what can be had without looking.
    rivals = [r for r in records.values() if r is not reference and _family(task, r.name) != "floor"]
    found = [_difference(task, rival, reference, judged) for rival in rivals]
    adjusted = holm([each.p_value if isinstance(each, Difference) else np.nan for each in found])
    n_tested = sum(isinstance(each, Difference) for each in found)
    higher = task.metrics[task.metric].higher_is_better
    rows = []
    for rival, each, p in zip(rivals, found, adjusted, strict=True):
        row: dict[str, Any] = {"learner": rival.name, "reference": reference.name, "metric": task.metric}
        if isinstance(each, str):
            unknown: dict[str, Any] = dict.fromkeys(("difference", "low", "high", "p_value", "p_adjusted"))
            unknown |= {"test": "none", "scope": None, "uncertainty": None}
            rows.append(row | unknown | {"verdict": "invalid", "reason": each})
            continue
        unit = "sample" if judged.groups is None else "group"
        judgement = judge(
            each,
            float(p),
            margin=margin,
            higher_is_better=higher,
            n_comparisons=n_tested,
            invalid=_invalid(judged),
            unit=unit,
        )
        numbers = {"difference": each.value, "low": each.low, "high": each.high, "p_value": each.p_value}
        numbers["p_adjusted"] = float(p)
        row |= {name: _finite(number) for name, number in numbers.items()}
        row |= {"test": each.test, "scope": each.scope}
        row["uncertainty"] = _uncertainty(each, unit, margin=margin, n_comparisons=n_tested)
        rows.append(row | {"verdict": judgement.verdict, "reason": judgement.reason})
    return rows


def _uncertainty(found: Difference, unit: str, *, margin: float, n_comparisons: int) -> dict[str, Any]:
    """What a comparison is unsure about, and what would decide it."""
    known, planned = shares(found), plan(found, margin=margin, alpha=0.05 / n_comparisons)
    return {
        "unit": unit,
        "n_units": found.n_units,
        "n_seeds": found.n_seeds,
        "standard_error": _finite(found.standard_error),
        "shares": None if known is None else known._asdict(),
        "detectable": _finite(planned.detectable),
        "target": planned.target,
        "units_needed": planned.units,
        "seeds_needed": planned.seeds,
        "text": sources(found, unit=unit),
    }


def _difference(task: Task, rival: Record, reference: Record, judged: Judged) -> Difference | str:
    """The difference, or why there is none."""
    metric = task.metrics[task.metric]
    ranking = [r.name for r in (rival, reference) if not about(task.learner(r.name)).probabilities]
    if metric.needs_probabilities and ranking:
        return f"{task.metric} needs probabilities, and the scores of {' and '.join(ranking)} only rank."
    try:
        a, b = (record.scores_for(task.metric) for record in (rival, reference))
        return difference(metric, judged.y, a, b, judged.weights, judged.n_units)
    except DataError as error:
        return error.message


def _invalid(judged: Judged) -> str:
    classes = len(np.unique(judged.y))
    if classes < 2:
        return "the test part has one class only"
    if judged.n_units < FEWEST_UNITS:
        what = ("group" if judged.groups is not None else "sample") + ("s" if judged.n_units != 1 else "")
        return f"the test part has {judged.n_units} {what}, too few to say how sure anything is"
    return ""


def _disagreement(
    task: Task, records: Mapping[str, Record], rival: str, reference: str, labels: Sequence[str]
) -> dict[str, Any]:
    network, classical = (rival, reference) if _family(task, rival) == "network" else (reference, rival)
    a, b = records[network], records[classical]
    says_a, says_b = a.scores[0].argmax(axis=1), b.scores[0].argmax(axis=1)
    right_a, right_b = says_a == a.y, says_b == a.y

    def items(chosen: Any) -> list[dict[str, Any]]:
        # Spread over the test part: the first ones would often be of one class.
        found = np.flatnonzero(chosen)
        found = found[np.linspace(0, len(found) - 1, min(EXHIBITS, len(found))).astype(int)] if len(found) else found
        return [
            {
                "id": str(a.ids[i]),
                "label": labels[a.y[i]],
                "network_says": labels[says_a[i]],
                "classical_says": labels[says_b[i]],
            }
            for i in found
        ]

    return {
        "network": network,
        "classical": classical,
        "seed": a.seeds[0],
        "n": len(a.y),
        "both_right": int((right_a & right_b).sum()),
        "only_network": int((right_a & ~right_b).sum()),
        "only_classical": int((~right_a & right_b).sum()),
        "both_wrong": int((~right_a & ~right_b).sum()),
        "only_network_items": items(right_a & ~right_b),
        "only_classical_items": items(~right_a & right_b),
        "average_right": average_right(a.y, a.scores[0], b.scores[0]),
    }


def _signature(
    trials: Sequence[Trial],
    data: Mapping[str, Any],
    document: Mapping[str, Any],
    comparisons: Sequence[Mapping[str, Any]],
    metric: str,
) -> str:
    trial = trials[0]
    packages = {name: version for each in trials for name, version in each.packages.items()}
    tests = " and ".join(sorted({row["test"] for row in comparisons})) or "none"
    return " | ".join(
        [
            f"visiontk {trial.version}",
            *(f"{name} {version}" for name, version in sorted(packages.items())),
            f"{trial.task}/{trial.task_version}",
            f"{trial.dataset} {shorten(trial.fingerprint, 13)}",
            str(data["split"]),
            f"seed{'s' * (len(document['seeds']) > 1)} {_ranges(document['seeds'])}",
            _effort(document),
            f"{metric}: {tests}, Holm",
        ]
    )


def _effort(document: Mapping[str, Any]) -> str:
    trials = document.get("trials", 1)
    per = "fit" if trials < 2 else "learner and fold"
    search = "no search" if trials < 2 else f"search of {trials} configurations per learner and fold by valid"
    return f"budget {document['budget_s']:g} CPU s per {per}, {document['threads']} thread(s), {search}"


def _ranges(seeds: Sequence[int]) -> str:
    """Whole numbers, three or more in a row as a range."""
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs)


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _last(values: Sequence[int | None]) -> int | None:
    return values[-1] if values else None


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


__all__ = ["N_RESAMPLES", "SCHEMA", "Record", "results"]
