"""The margin: set before the test set is read, and small where there are few errors."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.core import Metric
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.outcome import Outcome, Predictions
from visiontk.harness.store import RunDirectory
from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss, macro_f1
from visiontk.report.evidence.margin import MARGIN, Margin, margin_of
from visiontk.report.evidence.view import View
from visiontk.report.results import compute_results
from visiontk.testing import tiny_task

NAN = float("nan")
OF_ITS_OWN = dataclasses.replace(accuracy, margin=0.03)


@pytest.mark.parametrize(
    ("metric", "setting", "valid", "n_test", "expected"),
    [
        (accuracy, None, 0.90, 1000, Margin(0.01, "by default")),
        (accuracy, None, 0.98, 1000, Margin(0.01, "by default")),
        (accuracy, None, 0.99, 1000, Margin(0.005, "half of the error of svm on the validation set")),
        (auc, None, 0.994, 1000, Margin(0.003, "half of the error of svm on the validation set")),
        (macro_f1, None, 0.99, 1000, Margin(0.005, "half of the error of svm on the validation set")),
        (accuracy, None, 0.999, 1000, Margin(0.001, "one test sample")),
        (accuracy, None, 1.0, 360, Margin(1 / 360, "one test sample")),
        (accuracy, None, 0.9, 50, Margin(0.02, "one test sample")),
        (accuracy, None, NAN, 1000, Margin(0.01, "by default")),
        (accuracy, 0.02, 0.999, 1000, Margin(0.02, "as set")),
        (accuracy, 0.0, 0.9, 1000, Margin(0.0, "as set")),
        (log_loss, 0.05, 0.3, 1000, Margin(0.05, "as set")),
        (OF_ITS_OWN, None, 0.999, 1000, Margin(0.03, "of accuracy")),
        (OF_ITS_OWN, 0.02, 0.999, 1000, Margin(0.02, "as set")),
        (accuracy, None, NAN, 50, Margin(0.02, "one test sample")),
        (log_loss, None, 0.3, 1000, Margin(0.01, "of log loss")),
        (Metric("loss", log_loss.function, "unbounded"), None, 0.3, 1000,
         Margin(0.0, "loss states none, so that nothing is equivalent")),
        (Metric("rate", accuracy.function, higher_is_better=False), None, 0.01, 1000,
         Margin(0.0, "rate states none, so that nothing is equivalent")),
    ],
)  # fmt: skip
def test_the_margin_of_a_metric(
    metric: Metric, setting: float | None, valid: float, n_test: int, expected: Margin
) -> None:
    """As set, as the metric states, or the default, which depends on the errors of the reference on validation data."""
    value, reason = margin_of(metric, setting, valid, n_test, "svm")

    assert value == pytest.approx(expected.value, abs=1e-12)
    assert reason == expected.reason


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_the_default_is_at_most_half_of_the_errors_or_one_test_sample(valid: float, n_test: int) -> None:
    """One point of 99 % would allow twice the errors."""
    margin = margin_of(accuracy, None, valid, n_test).value

    assert 1 / n_test <= margin + 1e-12
    assert margin <= max(min(MARGIN, (1 - valid) / 2), 1 / n_test) + 1e-12


def run_of(path: Path, valid: float, test: float, **settings: Any) -> RunDirectory:
    """Return a finished run of one learner with these accuracies, and the floor."""
    task = tiny_task()
    experiment = Experiment("tiny", "synthetic", {"prior": {}, "centroid": {}}, {"n": 3000}, folds=1, **settings)
    store = drive(prepare(experiment, task, version="0"), task, path, executor=Serial())
    replace_scores(store, valid=valid, test=test)
    return store


def replace_scores(store: RunDirectory, **shares: float) -> None:
    """Replace the predictions of the learner by some with these accuracies on the validation and test sets."""
    (trial,) = [each for each in store.trials() if each.learner == "centroid"]
    known, cost = store.predictions(trial), store.cost(trial)

    def scores(y: Any, old: Any, share: float | None) -> Any:
        return old if share is None else np.eye(3)[np.where(np.arange(len(y)) < round(share * len(y)), y, (y + 1) % 3)]

    new = Predictions(
        known.ids, known.y_true, scores(known.y_true, known.scores, shares.get("test")),
        known.valid_ids, known.valid_y_true, scores(known.valid_y_true, known.valid_scores, shares.get("valid")),
    )  # fmt: skip
    shutil.rmtree(store.folder(trial))
    store.commit(trial, Outcome(new, cost))


Margins = Callable[..., tuple[float, str]]


@pytest.fixture(scope="module")
def margins(tmp_path_factory: pytest.TempPathFactory) -> Margins:
    """Return a function that scores the same fits with other accuracies, settings and views."""
    path = tmp_path_factory.mktemp("run") / "run"
    store, as_run = run_of(path, 0.9, 0.9), (path / "experiment.yaml").read_text()

    def margin(valid: float, test: float, setting: str = "null", **view: Any) -> tuple[float, str]:
        assert "margin: null" in as_run
        (path / "experiment.yaml").write_text(as_run.replace("margin: null", f"margin: {setting}"))
        replace_scores(store, valid=valid, test=test)
        values: Any = compute_results(store, tiny_task(), view=View(**view))
        return values["margin"], values["margin_reason"]

    return margin


@pytest.mark.parametrize("test", [0.3, 0.8, 1.0])
def test_the_margin_follows_from_validation_and_never_from_test(margins: Margins, test: float) -> None:
    """A margin of what was measured on the test set would move with the verdict."""
    value, reason = margins(0.99, test)

    assert value == pytest.approx((1 - 0.99) / 2, abs=5e-4)
    assert reason == "half of the error of centroid on the validation set"
    assert margins(0.7, test) == (0.01, "by default")


def test_a_margin_that_was_set_is_about_the_metric_of_the_run(margins: Margins) -> None:
    """A view with another metric has the default of that metric, since the setting has the unit of the first."""
    assert margins(0.9, 0.9, "0.03") == (0.03, "as set")
    assert margins(0.9, 0.9, "0.03", metric="accuracy") == (0.03, "as set")
    assert margins(0.9, 0.9, "0.03", metric="balanced_accuracy") == (0.01, "by default")
    assert margins(0.9, 0.9, "0.03", metric="log_loss") == (0.01, "of log loss")


def test_a_view_has_the_errors_of_its_own_metric(margins: Margins) -> None:
    value, reason = margins(0.99, 0.9, metric="balanced_accuracy")

    assert balanced_accuracy.kind == "bounded"
    assert value == pytest.approx(0.005, abs=1e-3)
    assert reason.startswith("half of the error of centroid")
