"""Finished trials run once more, and what came out beside what is stored."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from visiontk.core import Metric, Task, Trial
from visiontk.harness.drive import Progress
from visiontk.harness.executors import ExecutorName, execute
from visiontk.harness.store import Predictions, RunDirectory

Outcome = Literal["identical", "within tolerance", "different", "failed"]

ORDER: tuple[Outcome, ...] = ("identical", "within tolerance", "different", "failed")
"""From good to bad: the worst of several stands for all."""


class Repeated(NamedTuple):
    """One trial, then and now.

    Parameters
    ----------
    trial : Trial
        That was run again.
    outcome : {"identical", "within tolerance", "different", "failed"}
        Identical: every stored score, bit by bit. Within tolerance: other scores, but the metric of the test part
        differs by no more than the tolerance.
    reason : str
        Why it failed; else empty.
    before, after : float or None
        The metric on the test part.
    largest : float or None
        Largest difference of a score.
    n_changed : int or None
        Test samples that are taken for another class.
    """

    trial: Trial
    outcome: Outcome
    reason: str = ""
    before: float | None = None
    after: float | None = None
    largest: float | None = None
    n_changed: int | None = None


def compared(trial: Trial, before: Predictions, after: Predictions, metric: Metric, tolerance: float) -> Repeated:
    """What is stored of a trial beside what came out now.

    Parameters
    ----------
    trial : Trial
        Of both.
    before, after : Predictions
        Then and now.
    metric : Metric
        By which the tolerance is measured.
    tolerance : float
        Largest difference of the metric, 0 or more.
    """
    for name in ("ids", "y_true", "valid_ids", "valid_y_true"):
        if not np.array_equal(getattr(before, name), getattr(after, name)):
            return Repeated(trial, "different", "other samples or targets: the data or the split have changed")
    values = [_value(metric, found) for found in (before, after)]
    largest = max(float(np.abs(one - other).max(initial=0.0)) for one, other in
                  ((before.scores, after.scores), (before.valid_scores, after.valid_scores)))  # fmt: skip
    n_changed = int((before.scores.argmax(axis=1) != after.scores.argmax(axis=1)).sum())
    outcome: Outcome = "identical" if largest == 0 else "different"
    if largest and abs(values[0] - values[1]) <= tolerance:
        outcome = "within tolerance"
    return Repeated(trial, outcome, "", values[0], values[1], largest, n_changed)


def repeat(
    trials: Sequence[Trial],
    store: RunDirectory,
    task: Task,
    *,
    tolerance: float,
    executor: ExecutorName = "processes",
    workers: int = 2,
    show: Callable[[Progress], None] = lambda progress: None,
) -> list[Repeated]:
    """Run finished trials again, elsewhere, and compare. The run directory keeps what it has but for its ledger.

    Parameters
    ----------
    trials : sequence of Trial
        All finished in `store`.
    store : RunDirectory
        With their predictions.
    task : Task
        Of the trials.
    tolerance : float
        As in `compared`.
    executor, workers, show
        As in `visiontk.harness.drive.drive`.
    """
    metric = task.metrics[task.metric]
    found: list[Repeated] = []
    with tempfile.TemporaryDirectory(prefix="visiontk-verify-") as folder:
        again = RunDirectory(Path(folder))

        def tick(running: Sequence[Trial]) -> None:
            show(Progress(len(found), 0, len(trials), tuple(trial.name for trial in running), None))

        with closing(execute(executor, trials, again, task=task, workers=workers, tick=tick)) as endings:
            for trial, reason in endings:
                store.note_reading(trial)
                if reason:
                    found.append(Repeated(trial, "failed", reason))
                else:
                    found.append(compared(trial, store.predictions(trial), again.predictions(trial), metric, tolerance))
        tick([])
    place = {trial.key: i for i, trial in enumerate(trials)}
    return sorted(found, key=lambda each: place[each.trial.key])


def _value(metric: Metric, found: Predictions) -> float:
    return metric(found.y_true, metric.adapted(found.scores, found.valid_y_true, found.valid_scores))
