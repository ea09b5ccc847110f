"""What one learner left in a run directory, put together over folds and seeds, and how a metric is measured on it."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric, Strings, Task, Trial, about
from visiontk.errors import DataError
from visiontk.harness.outcome import Cost
from visiontk.harness.store import RunDirectory
from visiontk.report.evidence.policy import Policy
from visiontk.stats import bootstrap_weights, estimate

N_RESAMPLES = 1000
AS_GIVEN = Policy()


@dataclass(frozen=True, eq=False)
class Record:
    """What one learner left: its finished trials, put together over folds.

    ``scores`` has shape (n_seeds, n, n_classes), in the order of the sorted ids of the test samples; ``folds`` (n,)
    says in which fold each was tested.
    ``adapted`` holds, by metric, what its operating point (chosen by valid, trial by trial) makes of them, and
    ``decided`` scores of which the largest is the class that is called. ``probabilities``: whether scores are some.
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
    decided: Floats
    probabilities: bool

    def scores_for(self, metric: str) -> Floats:
        """The scores that this metric is computed from, shape (n_seeds, n, n_classes)."""
        return self.adapted.get(metric, self.scores)


@dataclass(frozen=True, eq=False)
class TestSet:
    """What statistics need of one test set: targets, resamples, units of independence."""

    __test__: ClassVar[bool] = False  # it is no test, whatever pytest makes of its name

    y: Ints
    weights: Any
    n_units: int
    groups: NDArray[Any] | None


def read_record(
    store: RunDirectory, task: Task, name: str, trials: Sequence[Trial], policy: Policy = AS_GIVEN
) -> Record | None:
    """The record of a learner from those of these trials that are done; None where no seed has all of its folds."""
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
    probabilities = about(task.learner(name)).probabilities
    stacked, decided, valid, histories = [], [], [], []
    ids, y, folds = np.empty(0, np.str_), np.empty(0, np.int64), np.empty(0, np.int64)
    for (_, seed), done in whole.items():
        parts = [
            policy.calibrated(store.predictions(trial), probabilities=probabilities)
            for trial in sorted(done, key=lambda trial: trial.fold)
        ]
        ids = np.concatenate([part.ids for part in parts])
        order = np.argsort(ids)
        ids, y = ids[order], np.concatenate([part.y_true for part in parts])[order]
        folds = np.repeat(np.arange(len(parts)), [len(part.ids) for part in parts])[order]
        stacked.append(np.concatenate([part.scores for part in parts])[order].astype(np.float64))
        decided.append(np.concatenate([policy.decided(part) for part in parts])[order].astype(np.float64))
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
        np.stack(decided),
        probabilities or policy.calibration != "none",
    )


def _columns(text: str) -> dict[str, list[float | None]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    return {name: [finite(float(row[name])) for row in rows] for name in (rows[0] if rows else {})}


def build_test_set(record: Record, groups: NDArray[Any] | None) -> TestSet:
    """Targets, resamples and units of the test set that this record was tested on."""
    n_units = len(record.y) if groups is None else len(np.unique(groups))
    return TestSet(
        record.y,
        bootstrap_weights(len(record.y), groups=groups, n_resamples=N_RESAMPLES),
        n_units,
        groups,
    )


def only(record: Record, kept: Ints) -> Record:
    """The record of some of its samples, by their positions."""
    return dataclasses.replace(
        record,
        ids=record.ids[kept],
        y=record.y[kept],
        folds=record.folds[kept],
        scores=record.scores[:, kept],
        decided=record.decided[:, kept],
        adapted={metric: scores[:, kept] for metric, scores in record.adapted.items()},
    )


def measured(metric: Metric, scores: Floats, test_set: TestSet) -> dict[str, Any]:
    """A metric of scores of shape (n_seeds, n, n_classes) with its interval, or the reason why it has no value."""
    try:
        found = estimate(metric, test_set.y, scores, test_set.weights, test_set.n_units)
    except DataError as error:
        return {"value": None, "low": None, "high": None, "reason": error.message}
    return {
        "value": finite(found.value),
        "low": finite(found.low),
        "high": finite(found.high),
        "item_variance": finite(found.item_variance),
        "seed_variance": finite(found.seed_variance),
    }


def finite(value: float) -> float | None:
    """A number as JSON can hold it: None for NaN and infinities."""
    return float(value) if np.isfinite(value) else None
