"""Run finished trials again and compare the new predictions with those stored."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from visiontk.core import Metric, Task, Trial
from visiontk.harness.executor import Executor
from visiontk.harness.outcome import Predictions
from visiontk.harness.progress import Progress, ShowProgress
from visiontk.harness.store import RunDirectory

RepeatOutcome = Literal["identical", "within tolerance", "different", "failed"]

ORDER: tuple[RepeatOutcome, ...] = ("identical", "within tolerance", "different", "failed")
"""From best to worst; the outcome of several trials is the worst."""


class Repetition(NamedTuple):
    """A trial that was run again, with the difference from its stored result."""

    trial: Trial
    outcome: RepeatOutcome  # identical: bit by bit; within tolerance: the metric on the test set hardly differs
    reason: str = ""  # of a failure
    before: float | None = None  # stored metric on the test set
    after: float | None = None  # new metric on the test set
    largest: float | None = None  # largest absolute difference of a score
    n_changed: int | None = None  # test samples whose predicted class differs


def compare_predictions(
    trial: Trial, before: Predictions, after: Predictions, metric: Metric, tolerance: float
) -> Repetition:
    """Compare stored and new predictions of a trial; `tolerance` is the largest difference of the metric, 0 or more."""
    for name in ("ids", "y_true", "valid_ids", "valid_y_true"):
        if not np.array_equal(getattr(before, name), getattr(after, name)):
            return Repetition(trial, "different", "other samples or targets: the data or the split have changed")
    values = [_value(metric, predictions) for predictions in (before, after)]
    largest = max(float(np.abs(one - other).max(initial=0.0)) for one, other in
                  ((before.scores, after.scores), (before.valid_scores, after.valid_scores)))  # fmt: skip
    n_changed = int((before.scores.argmax(axis=1) != after.scores.argmax(axis=1)).sum())
    outcome: RepeatOutcome = "identical" if largest == 0 else "different"
    if largest and abs(values[0] - values[1]) <= tolerance:
        outcome = "within tolerance"
    return Repetition(trial, outcome, "", values[0], values[1], largest, n_changed)


def repeat(
    trials: Sequence[Trial],
    store: RunDirectory,
    task: Task,
    *,
    tolerance: float,
    executor: Executor,
    show: ShowProgress = lambda progress: None,
) -> list[Repetition]:
    """Run finished trials again in a temporary directory and compare; only the ledger of the run directory grows."""
    metric = task.metrics[task.metric]
    results: dict[str, Repetition] = {}
    with tempfile.TemporaryDirectory(prefix="visiontk-verify-") as folder:
        again = RunDirectory(Path(folder))

        def tick(running: Sequence[Trial]) -> None:
            show(Progress(len(results), 0, len(trials), tuple(trial.name for trial in running), None))

        with closing(executor(trials, again, task=task, tick=tick)) as endings:
            for trial, reason in endings:
                store.note_reading(trial)
                results[trial.key] = (
                    Repetition(trial, "failed", reason)
                    if reason
                    else compare_predictions(
                        trial, store.predictions(trial), again.predictions(trial), metric, tolerance
                    )
                )
        tick([])
    return [results[trial.key] for trial in trials]


def _value(metric: Metric, predictions: Predictions) -> float:
    return metric(
        predictions.y_true, metric.adapted(predictions.scores, predictions.valid_y_true, predictions.valid_scores)
    )
