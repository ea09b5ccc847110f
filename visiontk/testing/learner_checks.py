"""Checks that fit the learners of a task on its tiny data."""

from __future__ import annotations

import dataclasses
import functools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from visiontk.core import FitReport, Floats, Learner, Samples, Task, Trial, about, parameters
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.run import run
from visiontk.harness.store import PREDICTIONS
from visiontk.harness.threads import pinned_threads
from visiontk.testing.interruption import interrupted_after
from visiontk.testing.tiny_data import tiny_fold, tiny_samples, tiny_task_of

QUICK = {"epochs": 8, "batch_size": 16}
"""Parameters that shorten a fit on tiny data, if a learner has them."""

BUDGET_S = 300.0


def quick(task: Task, name: str) -> dict[str, object]:
    """Return the parameters of a learner for a short fit."""
    defaults = parameters(task.learner(name))
    return defaults | {key: value for key, value in QUICK.items() if key in defaults}


def names_of(task: Task, learners: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the learners to check: those that are compared, if none are named."""
    return learners or task.defaults or tuple(task.learners)


class Fit(NamedTuple):
    """A fitted learner, the tiny test set, its scores and the report of the fit."""

    learner: Learner
    test: Samples
    scores: Floats
    report: FitReport


@functools.lru_cache(maxsize=128)
def fitted(task: Task, name: str, seed: int, attempt: int = 0) -> Fit:
    """Return a fit on the tiny training set; `attempt` distinguishes repeated fits."""
    samples, fold = tiny_fold(task)
    train, valid, test = (samples.subset(part) for part in fold)
    with pinned_threads(1), tempfile.TemporaryDirectory() as folder:
        learner = task.learner(name)(**quick(task, name))
        report = learner.fit(train, valid, seed=seed, workdir=Path(folder), budget_s=BUDGET_S)
        return Fit(learner, test, learner.predict(test.blind()), report)


def scores_are_finite_and_have_the_right_shape(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """Logits or margins must not be used as probabilities."""
    for name in names_of(task, learners):
        _, test, scores, _ = fitted(task, name, 0)
        expected = (len(test), test.n_classes)
        assert scores.shape == expected, f"{name} gives shape {scores.shape}, expected {expected}"
        assert np.isfinite(scores).all(), f"{name} gives scores that are not finite"
        if about(task.learner(name)).probabilities:
            assert np.allclose(scores.sum(axis=1), 1, atol=1e-5), f"rows of {name} do not sum to 1"
            assert (scores >= 0).all(), f"{name} gives negative probabilities"


def predictions_do_not_depend_on_other_samples(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """Batch statistics at test time, or features normalised per batch, would leak."""
    for name in names_of(task, learners):
        learner, test, scores, _ = fitted(task, name, 0)
        some = np.arange(len(test))[::-3]
        with pinned_threads(1):
            others = learner.predict(test.subset(some).blind())
            alone = learner.predict(test.subset(some[:1]).blind())
        assert np.allclose(others, scores[some], atol=1e-4), (
            f"predictions of {name} change with the other samples of a batch"
        )
        assert np.allclose(alone, scores[some[:1]], atol=1e-4), f"{name} predicts differently for a single sample"


def predictions_do_not_depend_on_targets(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """The harness hides targets from predict."""
    for name in names_of(task, learners):
        learner, test, scores, _ = fitted(task, name, 0)
        rolled = dataclasses.replace(test, y=np.roll(test.y, 1))
        with pinned_threads(1):
            again = learner.predict(rolled)
        assert np.array_equal(again, scores), f"predictions of {name} change with the targets"


def learners_beat_the_prior_on_tiny_data(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """A learner that does not learn makes a comparison meaningless."""
    metric = task.metrics[task.metric]
    sign = 1 if metric.higher_is_better else -1
    for name in names_of(task, learners):
        if about(task.learner(name)).family == "floor":
            continue
        samples, fold = tiny_fold(task)
        _, test, scores, _ = fitted(task, name, 0)
        frequencies = samples.subset(fold.train).counts() / len(fold.train)
        floor = metric(test.y, np.tile(frequencies, (len(test), 1)))
        value = metric(test.y, scores)
        assert sign * value > sign * floor, f"{name} scores {value:.3f}, the prior {floor:.3f}"


def same_seed_gives_same_scores(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """Results must be reproducible."""
    for name in names_of(task, learners):
        first, second = fitted(task, name, 0).scores, fitted(task, name, 0, attempt=1).scores
        assert np.array_equal(first, second), f"{name} gives other scores with the same seed"


def only_seeded_learners_depend_on_the_seed(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """A learner declared as unseeded is fitted once for all seeds."""
    for name in names_of(task, learners):
        same = np.array_equal(fitted(task, name, 0).scores, fitted(task, name, 1).scores)
        if about(task.learner(name)).seeded:
            assert not same, f"{name} ignores its seed: declare About(..., seeded=False)"
        else:
            assert same, f"{name} is declared as unseeded, but its scores change with the seed"


def only_pretrained_learners_knew_other_data(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """Knowledge from other data is part of the answer; a network from scratch has none by default."""
    for name in names_of(task, learners):
        knew, family = fitted(task, name, 0).report.knew, about(task.learner(name)).family
        if family == "pretrained":
            assert knew, f"{name} is pretrained, but its FitReport does not say what it knew: FitReport(knew=...)"
        else:
            assert not knew, f'{name} knew {knew}, but its family is {family}: declare About("pretrained", ...)'


def a_finished_trial_is_not_run_again(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """Finished trials in a run directory are complete and stay unchanged."""
    small = tiny_task_of(task)
    name = names_of(task, learners)[0]
    experiment = Experiment(small.name, "tiny", {name: quick(task, name)}, folds=1, preset="quick", budget=BUDGET_S)
    prepared = prepare(experiment, small, version="check")
    with tempfile.TemporaryDirectory() as folder:
        store = drive(prepared, small, Path(folder), executor=Serial())
        path = store.folder(prepared.fits[0]) / PREDICTIONS
        assert path.exists(), f"{name} failed: {store.failure(prepared.fits[0])}"
        before = path.stat().st_mtime_ns
        drive(prepared, small, Path(folder), executor=Serial())
        assert path.stat().st_mtime_ns == before, "a finished trial was run again"


def a_resumed_trial_equals_an_uninterrupted_one(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """An interruption must not change a result: fits are interrupted half-way by a signal and resumed."""
    small = tiny_task_of(task)
    samples = tiny_samples(task)
    for name in names_of(task, learners):
        if about(task.learner(name)).family == "floor":
            continue
        trial = Trial(
            small.name, small.version, "tiny", name, samples.card.fingerprint, "check",
            parameters=quick(task, name), budget_s=BUDGET_S, packages=small.packages("tiny", name),
        )  # fmt: skip
        with _checkpoints_at_every_epoch(), tempfile.TemporaryDirectory() as folder:
            whole = run(trial, workdir=Path(folder) / "whole", task=small)
            workdir = Path(folder) / "interrupted"
            # The first run has warmed everything up, so this one takes at most as long.
            stopped = interrupted_after(0.5 * (whole.cost.fit_wall_s or 0.0), trial, workdir, small)
            resumed = run(trial, workdir=workdir, task=small)
        how = "interrupted and resumed" if stopped else "repeated"
        assert np.array_equal(whole.predictions.scores, resumed.predictions.scores), f"{name} {how} gives other scores"


@contextmanager
def _checkpoints_at_every_epoch() -> Iterator[None]:
    before = os.environ.get("VISIONTK_CHECKPOINT_S")
    os.environ["VISIONTK_CHECKPOINT_S"] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["VISIONTK_CHECKPOINT_S"]
        else:
            os.environ["VISIONTK_CHECKPOINT_S"] = before
