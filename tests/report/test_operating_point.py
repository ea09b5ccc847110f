"""Metrics whose operating point is chosen on the validation set of each trial."""

import dataclasses

import numpy as np
import pytest

from visiontk.core import Metric
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.report.results import compute_results
from visiontk.testing import tiny_task


def highest(y_true, scores, weights):
    """Return the mean of the largest score."""
    return (weights @ scores.max(axis=1)) / weights.sum(axis=1)


def by_valid(valid_y_true, valid_scores):
    """Replace scores by a level that depends on targets and scores of the validation set."""
    level = len(valid_y_true) + valid_y_true.sum() + valid_scores[0, 0]
    return lambda scores: np.full(scores.shape, level)


@pytest.fixture
def task():
    task = tiny_task()
    return dataclasses.replace(
        task,
        metrics={"level": Metric("level", highest, "unbounded", adapt=by_valid), "plain": Metric("plain", highest)},
    )


def test_each_trial_has_its_own_operating_point(task, tmp_path):
    """Over two folds and two seeds, a sample is scored at the operating point of the trial that tested it."""
    experiment = Experiment("tiny", "synthetic", {"prior": {}, "noisy_centroid": {}}, folds=2, seeds=(0, 1))
    prepared = prepare(experiment, task, version="0")
    store = drive(prepared, task, tmp_path / "run", executor=Serial())

    rows = {row["name"]: row for row in compute_results(store, task)["learners"]}

    expected = []
    for trial in prepared.fits:
        if trial.learner == "noisy_centroid":
            predictions = store.predictions(trial)
            level = len(predictions.valid_ids) + predictions.valid_y_true.sum() + predictions.valid_scores[0, 0]
            expected.append((level, len(predictions.ids)))
    mean = sum(level * n for level, n in expected) / sum(n for _, n in expected)
    assert rows["noisy_centroid"]["metrics"]["level"]["value"] == pytest.approx(mean)
    assert rows["noisy_centroid"]["valid"] == pytest.approx(np.mean([level for level, _ in expected]))
    assert rows["noisy_centroid"]["metrics"]["plain"]["value"] < 1


def test_a_metric_without_an_operating_point_gets_the_scores_unchanged():
    scores = np.array([[0.2, 0.8]])

    assert Metric("plain", highest).adapted(scores, np.array([0]), scores) is scores
