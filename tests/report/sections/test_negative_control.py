"""Negative control, from the plan to the page."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.core import About, FitReport, Floats, Samples, Task, learner
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.metrics import accuracy, log_loss, macro_f1
from visiontk.report.pages.single import render
from visiontk.report.results import compute_results
from visiontk.report.section import Page
from visiontk.report.sections.negative_control import NEGATIVE_CONTROL, dealt
from visiontk.stats import bootstrap_weights, difference
from visiontk.studies import STUDIES
from visiontk.testing import tiny_images, tiny_task

REMEMBERED: dict[str, int] = {}
"""Labels by id that fits share, which no learner may do."""


class _Leak:
    """Answers with the label that any earlier fit saw of a sample, otherwise with the first class."""

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        for part in (train, valid):
            REMEMBERED.update(zip(part.ids.tolist(), part.y.tolist(), strict=True))
        self.n_classes = train.n_classes
        return FitReport()

    def predict(self, samples: Samples) -> Floats:
        return np.eye(self.n_classes)[[REMEMBERED.get(name, 0) for name in samples.ids.tolist()]]


@learner(About("network"))
def leak() -> _Leak:
    """Remembers labels by id over all fits [1]_.

    References
    ----------
    .. [1] Kaufman, Rosset and Perlich (2011), Leakage in data mining, KDD.
    """
    return _Leak()


HONEST = {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 50.0}}
EXPERIMENT = Experiment("tiny", "synthetic", HONEST, seeds=(0, 1), folds=3, negative_control=True)


def run(out: Path, task: Task | None = None, *, groups: int = 0, n: int = 240, **change: Any) -> dict[str, Any]:
    REMEMBERED.clear()
    task = task or dataclasses.replace(tiny_task(), learners={**tiny_task().learners, "leak": leak})
    task = dataclasses.replace(task, datasets={"synthetic": lambda: tiny_images(n, 0, groups=groups)})
    experiment = dataclasses.replace(EXPERIMENT, **change)
    store = drive(prepare(experiment, task, version="0", studies=STUDIES), task, out, executor=Serial())
    return dict(compute_results(store, task))


@pytest.mark.parametrize("groups", [0, 24])
def test_honest_learners_are_not_ahead_of_chance(tmp_path: Path, groups: int) -> None:
    results = run(tmp_path, groups=groups)

    control = results["negative_control"]
    assert control["by"] == ("group" if groups else "sample")
    assert control["confidence"] == 0.975
    assert control["floor"] == "prior"
    assert [row["family"] for row in control["families"]] == ["network", "classical"]
    for row in control["families"]:
        assert row["low"] < 0 < row["high"]
        assert row["value"] == pytest.approx(1 / 3, abs=0.15)
        assert row["chance"] == pytest.approx(1 / 3, abs=0.1)
        assert not row["above"]
    assert not [warning for warning in results["warnings"] if "LEAK" in warning]
    assert "no family is ahead of chance, as it should be." in render(results, {})


def test_a_learner_that_sees_labels_of_the_test_set_is_a_warning(tmp_path: Path) -> None:
    """Said first, and at the head of its section; the other family is not blamed."""
    results = run(tmp_path, learners={**HONEST, "leak": {}}, seeds=(0,))

    network, classical = results["negative_control"]["families"]
    assert network["above"]
    assert network["low"] > 0.1
    assert "leak" in network["by_fold"]
    assert not classical["above"]
    assert results["warnings"][0].startswith(
        "LEAK? On shuffled labels, in which there is nothing to learn, the networks (leak) are"
    )
    assert "the traditional learners (" not in results["warnings"][0]
    lead, table, *_ = NEGATIVE_CONTROL.blocks(results["negative_control"], Page(results, results))
    assert results["warnings"][0] in lead.text
    assert [row.cells[-1].text for row in table.rows] == ["ahead of chance", "not ahead of chance"]


def test_a_metric_of_which_less_is_better_is_read_the_other_way_round(tmp_path: Path) -> None:
    metrics = {"log_loss": log_loss}
    task = dataclasses.replace(tiny_task(), metrics=metrics, learners={**tiny_task().learners, "leak": leak})

    results = run(tmp_path, task, learners={"prior": {}, "leak": {}}, seeds=(0,))

    (network,) = results["negative_control"]["families"]
    assert network["difference"] < 0
    assert network["above"]
    assert results["negative_control"]["confidence"] == 0.95


@pytest.mark.parametrize("change", [{}, {"search": 3}, {"curve": 1}])
def test_nothing_else_in_the_results_changes(tmp_path: Path, change: dict[str, Any]) -> None:
    """Neither learners, searches, learning curves nor comparisons know fits on shuffled labels."""
    with_control = run(tmp_path / "a", **change)
    without = run(tmp_path / "b", **change, negative_control=False)

    assert without["negative_control"] is None
    kept = set(without) - {
        *("negative_control", "created", "n_planned", "n_done", "n_test_readings", "signature", "reproduce"),
        *("environment", "learners", "headlines", "tuning", "curve"),
    }
    assert {key: with_control[key] for key in kept} == {key: without[key] for key in kept}
    for key in ("learners", "headlines", "tuning", "curve"):  # all but measured times
        assert _without_times(with_control[key]) == _without_times(without[key])
    assert with_control["n_planned"] == without["n_planned"] + 9
    assert with_control["complete"]


def _without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_times(each)
            for key, each in value.items()
            if not key.endswith(("_s", "ratio", "exponent", "bytes", "sentence")) and "predict_ms" not in key
        }
    return [_without_times(each) for each in value] if isinstance(value, list) else value


def test_a_family_on_too_few_groups_has_a_reason_in_place_of_an_interval(tmp_path: Path) -> None:
    results = run(tmp_path, groups=8, folds=1, learners={"prior": {}, "centroid": {}})

    (row,) = results["negative_control"]["families"]
    assert row["low"] is None
    assert row["reason"] == "the test set has 2 groups, too few for an interval"
    assert "as it should be" not in render(results, {})


def test_predictions_are_dealt_out_as_a_whole() -> None:
    scores = np.arange(12.0).reshape(1, 6, 2)

    for each in dealt(scores):
        assert sorted(map(tuple, each)) == sorted(map(tuple, scores[0]))
    assert len(np.unique(dealt(scores).reshape(10, -1), axis=0)) > 1


@pytest.mark.slow
@pytest.mark.parametrize("metric", [accuracy, macro_f1])
@pytest.mark.parametrize("n_folds", [1, 5])
def test_learners_of_noise_are_above_chance_as_often_as_stated(metric: Any, n_folds: int) -> None:
    """One side of an interval at 97.5 % leaves 1.25 %; with folds twice that, as such a permutation serves all."""
    y_true, above = np.arange(200) % 2, 0
    for draw in range(400):
        rng = np.random.default_rng(draw)
        x, y = rng.normal(size=(200, 3)), rng.permutation(y_true)
        x[:, 0] += 2 * y_true  # a permutation that agrees with the truth by chance can be learnt
        fold = np.empty(200, dtype=int)
        for c in (0, 1):  # stratified by the true labels
            fold[y_true == c] = rng.permutation(np.arange(100) % 5)
        tested = np.flatnonzero(fold < n_folds)
        distance = ((x[tested, None] - x) ** 2).sum(axis=2)
        distance[fold[tested, None] == fold] = np.inf
        scores = np.eye(2)[y[distance.argmin(axis=1)]][None]
        weights = bootstrap_weights(len(tested), n_resamples=300)
        above += difference(metric, y[tested], scores, dealt(scores), weights, confidence=0.975).low > 0

    assert above / 400 <= 0.04
