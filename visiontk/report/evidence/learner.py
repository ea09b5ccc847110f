"""Stored predictions of one learner, combined over folds and seeds, and metrics measured on them."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Ints, Metric, Strings, Task, Trial, about
from visiontk.errors import DataError
from visiontk.harness.outcome import Cost, Predictions
from visiontk.harness.store import RunDirectory
from visiontk.report.evidence.policy import Policy
from visiontk.report.values import History, Interval, Measurement
from visiontk.stats import bootstrap_weights, estimate

N_RESAMPLES = 1000
MANY_SAMPLES = 200_000
N_RESAMPLES_OF_MANY = 100
"""Resamples of more than `MANY_SAMPLES`: they know a standard error to 7 % (1 / sqrt(2 B)) in a tenth of the time."""

AS_STORED = Policy()


@dataclass(frozen=True, eq=False)
class LearnerEvidence:
    """Finished trials of one learner; arrays are over the test samples of all folds, sorted by id."""

    name: str
    trials: list[Trial]
    costs: list[Cost]
    seeds: list[int]  # of each of `scores`
    ids: Strings  # shape (n,)
    y: Ints  # true classes, shape (n,)
    folds: Ints  # in which each was tested, shape (n,)
    scores: Floats  # under the policy, shape (n_seeds, n, n_classes)
    adapted: Mapping[str, Floats]  # by metric: at the operating point of each fit, same shape
    decided: Floats  # the largest is the predicted class at the threshold, same shape
    valid: float  # the metric that is compared, mean over the validation sets
    valid_by_fold: (
        Floats  # the same on the validation set of each fold, mean over seeds, shape (n_folds,); NaN: unknown
    )
    histories: list[History]  # of networks
    probabilities: bool  # True if scores are probabilities
    ranked: bool = True  # False if scores only name a class
    seen: str = ""  # data that it was pretrained on, if they are known to contain the test samples

    def undefined(self, metric: Metric) -> str:
        """Return the reason why a metric of these scores is undefined, or an empty text."""
        if not self.ranked and not metric.decides:
            return "it names classes without scores"
        return "its scores only rank" if metric.needs_probabilities and not self.probabilities else ""

    def scores_for(self, metric: str) -> Floats:
        """Return the scores that this metric is computed from, shape (n_seeds, n, n_classes)."""
        return self.adapted.get(metric, self.scores)

    def subset(self, index: Ints) -> LearnerEvidence:
        """Return the same of some samples, by their positions."""
        return dataclasses.replace(
            self,
            ids=self.ids[index],
            y=self.y[index],
            folds=self.folds[index],
            scores=self.scores[:, index],
            decided=self.decided[:, index],
            adapted={metric: scores[:, index] for metric, scores in self.adapted.items()},
        )


@dataclass(frozen=True, eq=False)
class TestSet:
    """Targets, bootstrap weights and units of independence of a test set."""

    __test__: ClassVar[bool] = False  # pytest would collect it for its name

    y: Ints
    weights: Any
    groups: Ints | None  # number of the group of each sample

    @cached_property
    def n_units(self) -> int:
        """Number of groups, or of samples without groups."""
        return len(self.y) if self.groups is None else len(np.unique(self.groups))

    def units_by_class(self) -> dict[int, int]:
        """Return the number of groups, or of samples without groups, of each class of the test set."""
        return units_by_class(self.y, self.groups)

    @property
    def unit(self) -> Literal["sample", "group"]:
        """Name of the unit of independence: sample or group."""
        return "sample" if self.groups is None else "group"


def units_by_class(y: Ints, groups: NDArray[Any] | None) -> dict[int, int]:
    """Return the number of groups, or of samples without groups, of each class that there is."""
    return {int(c): int((y == c).sum()) if groups is None else len(np.unique(groups[y == c])) for c in np.unique(y)}


class _Fit(NamedTuple):
    """One seed over all folds, samples in the order of their ids."""

    ids: Strings
    y: Ints
    folds: Ints
    scores: Floats
    decided: Floats
    adapted: dict[str, Floats]
    valid: Floats  # of each fold


def read_learner(
    store: RunDirectory,
    task: Task,
    name: str,
    trials: Sequence[Trial],
    policy: Policy = AS_STORED,
    seen_in: Sequence[str] = (),
) -> LearnerEvidence | None:
    """Read the finished ones of these trials of a learner; None if no seed has all of its folds.

    `seen_in` are data that are known to contain the test samples.
    """
    by_seed: dict[tuple[int, int], list[Trial]] = {}
    for trial in trials:
        if trial.learner == name and store.is_done(trial):
            by_seed.setdefault((trial.draw, trial.seed), []).append(trial)
    complete = {seed: done for seed, done in by_seed.items() if len(done) == done[0].n_folds}
    if not complete:
        return None
    declared = about(task.learner(name))
    probabilities = declared.probabilities
    fits = [
        _combine_folds(
            [
                policy.calibrated(store.predictions(trial), probabilities=probabilities)
                if declared.ranked
                else store.predictions(trial)
                for trial in sorted(done, key=lambda trial: trial.fold)
            ],
            task,
            policy,
        )
        for done in complete.values()
    ]
    used = [trial for done in complete.values() for trial in done]
    return LearnerEvidence(
        name=name,
        trials=used,
        costs=[store.cost(trial) for trial in used],
        seeds=[seed for _, seed in complete],
        ids=fits[-1].ids,
        y=fits[-1].y,
        folds=fits[-1].folds,
        scores=np.stack([fit.scores for fit in fits]),
        adapted={metric: np.stack([fit.adapted[metric] for fit in fits]) for metric in fits[0].adapted},
        decided=np.stack([fit.decided for fit in fits]),
        valid=float(np.mean([fit.valid for fit in fits])),
        valid_by_fold=np.mean([fit.valid for fit in fits], axis=0),
        histories=[
            {"seed": seed, "fold": trial.fold, "columns": _columns(text)}
            for (_, seed), done in complete.items()
            for trial in done
            if (text := store.history(trial))
        ],
        probabilities=declared.ranked and (probabilities or policy.calibration != "none"),
        ranked=declared.ranked,
        seen=declared.pretrained_on if declared.pretrained_on in seen_in else "",
    )


def _combine_folds(parts: Sequence[Predictions], task: Task, policy: Policy) -> _Fit:
    ids = np.concatenate([part.ids for part in parts])
    order = np.argsort(ids)

    def combined(pieces: Sequence[NDArray[Any]]) -> Floats:
        return np.concatenate(pieces)[order].astype(np.float64)

    primary = task.metrics[task.metric]
    return _Fit(
        ids=ids[order],
        y=np.concatenate([part.y_true for part in parts])[order],
        folds=np.repeat(np.arange(len(parts)), [len(part.ids) for part in parts])[order],
        scores=combined([part.scores for part in parts]),
        decided=combined([policy.decided(part) for part in parts]),
        adapted={
            name: combined([metric.adapted(part.scores, part.valid_y_true, part.valid_scores) for part in parts])
            for name, metric in task.metrics.items()
            if metric.adapt is not None
        },
        valid=np.array([_on_valid(primary, part) for part in parts]),
    )


def _on_valid(metric: Metric, part: Predictions) -> float:
    if not len(part.valid_y_true):
        return np.nan
    return metric(part.valid_y_true, metric.adapted(part.valid_scores, part.valid_y_true, part.valid_scores))


def _columns(text: str) -> dict[str, list[float | None]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    return {name: [finite(float(row[name])) for row in rows] for name in (rows[0] if rows else {})}


def build_test_set(y: Ints, groups: NDArray[Any] | None, n_resamples: int | None = None) -> TestSet:
    """Return the test set of these targets, with resamples of its units."""
    n_resamples = n_resamples or (N_RESAMPLES if len(y) <= MANY_SAMPLES else N_RESAMPLES_OF_MANY)
    numbers = None if groups is None else np.unique(groups, return_inverse=True)[1].ravel()
    return TestSet(y, bootstrap_weights(len(y), groups=numbers, n_resamples=n_resamples), numbers)


def measure(metric: Metric, scores: Floats, test_set: TestSet) -> Measurement:
    """Return a metric of scores of shape (n_seeds, n, n_classes) with its interval, or the reason for no value."""
    try:
        result = estimate(metric, test_set.y, scores, test_set.weights, test_set.groups)
    except DataError as error:
        return {"value": None, "low": None, "high": None, "reason": error.message}
    return {
        "value": finite(result.value),
        "low": finite(result.low),
        "high": finite(result.high),
        "item_variance": finite(result.item_variance),
        "seed_variance": finite(result.seed_variance),
    }


class _HasInterval(Protocol):
    @property
    def value(self) -> float: ...

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...


def interval_of(result: _HasInterval) -> Interval:
    """Return value, low and high of a result of `visiontk.stats`, None for what is not finite."""
    return {"value": finite(result.value), "low": finite(result.low), "high": finite(result.high)}


def interval(result: Interval) -> Interval:
    """Return value, low and high of a record that has other keys too."""
    return {"value": result["value"], "low": result["low"], "high": result["high"]}


def finite(value: float) -> float | None:
    """Return a number as JSON can hold it: None for NaN and infinities."""
    return float(value) if np.isfinite(value) else None
