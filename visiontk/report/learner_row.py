"""A learner's row of ``results.json``: its metrics, its costs, and where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visiontk.core import Ints, Package, Task, Trial, about, package_of, parameters, source, summary
from visiontk.report.calibration import calibration
from visiontk.report.evidence.record import Record, TestSet, measured
from visiontk.report.selective import selective
from visiontk.report.units import Units, by_unit
from visiontk.stats import wilson

MOST_CONFUSED = 1000
"""Classes up to which a confusion matrix is kept."""


def row_of(
    task: Task, record: Record, test_set: TestSet, units: Units | None, document: Mapping[str, Any]
) -> dict[str, Any]:
    """All of one learner: described in ``docs/run-directory.md`` under ``learners``."""
    factory = task.learner(record.name)
    told = about(factory)
    metrics: dict[str, Any] = {}
    for name, metric in task.metrics.items():
        if metric.needs_probabilities and not record.probabilities:
            metrics[name] = {"value": None, "low": None, "high": None, "reason": "its scores only rank"}
        else:
            metrics[name] = measured(metric, record.scores_for(name), test_set)
    predicted = record.decided.argmax(axis=2)
    n_classes = record.scores.shape[2]
    primary = task.metrics[task.metric]
    given, defaults = dict(document["learners"][record.name]), parameters(factory)
    return {
        "name": record.name,
        "family": told.family,
        "summary": summary(factory),
        "source": source(factory),
        "package": package_value(_planned_package(record.trials[0], package_of(factory))),
        "parameters": given,
        "set_by_hand": {key: value for key, value in given.items() if value != defaults.get(key, value)},
        "layers": told.layers,
        "n_trials": len(record.trials),
        "metrics": metrics,
        "valid": record.valid,
        "fit_cpu_s": _mean([cost.fit_cpu_s for cost in record.costs]),
        "fit_wall_s": _mean([cost.fit_wall_s for cost in record.costs]),
        "predict_ms_per_sample": float(np.median([cost.predict_ms_per_sample for cost in record.costs])),
        "predict_ms_alone": _median([cost.predict_ms_alone for cost in record.costs]),
        "n_parameters": _last([cost.n_parameters for cost in record.costs]),
        "size_bytes": _last([cost.size_bytes for cost in record.costs]),
        "peak_memory_bytes": max((cost.peak_memory_bytes or 0 for cost in record.costs), default=0) or None,
        "n_cut_off": sum(cost.cut_off for cost in record.costs),
        "notes": list(dict.fromkeys(note for cost in record.costs for note in cost.notes)),
        "confusion": _confusion(predicted, test_set.y, n_classes),
        "recall": _recall(predicted, test_set, n_classes),
        "histories": record.histories,
        "by_seed": [
            {"seed": seed, "value": primary(test_set.y, scores)}
            for seed, scores in zip(record.seeds, record.scores_for(task.metric), strict=True)
        ],
        "by_group": []
        if units is None or (primary.needs_probabilities and not record.probabilities)
        else by_unit(primary, test_set.y, record.scores_for(task.metric), units, test_set.groups),
        "calibration": calibration(test_set.y, record.scores, test_set.groups) if record.probabilities else None,
        "selective": selective(record, test_set),
    }


def _planned_package(trial: Trial, package: Package | None) -> Package | None:
    """The package of a learner in the version that was planned, which may be another than that of today."""
    return package and package._replace(version=trial.packages.get(package.name, package.version))


def package_value(package: Package | None) -> dict[str, str] | None:
    """A package as ``results.json`` names it; None for what is built in."""
    return None if package is None else package._asdict()


def _confusion(predicted: Ints, y: Ints, n_classes: int) -> list[list[int]]:
    """Counts over all seeds, true classes in rows; empty where nobody could look at it."""
    if n_classes > MOST_CONFUSED:
        return []
    counts = np.zeros((n_classes, n_classes), np.int64)
    for one in predicted:
        np.add.at(counts, (y, one), 1)
    return [[int(c) for c in row] for row in counts]


def _recall(predicted: Ints, test_set: TestSet, n_classes: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for c in range(n_classes):
        members = test_set.y == c
        # The units of independence: samples, or groups, of which a class may have few.
        n = int(members.sum()) if test_set.groups is None else len(np.unique(test_set.groups[members]))
        if not n:
            rows.append({"value": None, "low": None, "high": None, "n": 0})
            continue
        value = float((predicted[:, members] == c).mean())
        low, high = wilson(value * n, n)
        rows.append({"value": value, "low": low, "high": high, "n": int(members.sum())})
    return rows


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _median(values: Sequence[float | None]) -> float | None:
    """Of those that are known: earlier versions did not measure all."""
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def _last(values: Sequence[int | None]) -> int | None:
    return values[-1] if values else None
