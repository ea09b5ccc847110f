"""Calibration and threshold: the same options for every learner, chosen on the validation set of each fit."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.core import About, FitReport, Floats, Learner, Samples, Task, about, learner
from visiontk.errors import ConfigError
from visiontk.executors import Serial
from visiontk.harness.drive import Prepared, drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import plan
from visiontk.harness.store import RunDirectory
from visiontk.metrics import accuracy, auc, balanced_accuracy, macro_f1
from visiontk.metrics.operating import brier, sensitivity, youden
from visiontk.report.evidence.learner import read_learner
from visiontk.report.evidence.policy import Policy
from visiontk.report.evidence.view import View
from visiontk.report.results import compute_results
from visiontk.stats.recalibration import temperature
from visiontk.testing import tiny_images, tiny_task


def two_classes(n: int = 300, seed: int = 0) -> Samples:
    """Return tiny images of two classes, of which the second is rare."""
    samples = tiny_images(2 * n, seed=seed)
    first, second = np.flatnonzero(samples.y == 0)[: n // 2], np.flatnonzero(samples.y == 1)[: n // 6]
    chosen = samples.subset(np.sort(np.concatenate([first, second])))
    return dataclasses.replace(chosen, labels=samples.labels[:2])


class _Margins:
    """A learner of the tiny task whose scores only rank."""

    def __init__(self) -> None:
        self.inner = tiny_task().learner("centroid")()

    def fit(self, train: Samples, valid: Samples, **rest: Any) -> FitReport:
        return self.inner.fit(train, valid, **rest)

    def predict(self, samples: Samples) -> Floats:
        return 40 * np.log(self.inner.predict(samples)) + 3


@learner(About("classical", seeded=False, probabilities=False))
def margins() -> Learner:
    """Nearest mean, as margins."""
    return _Margins()


def task() -> Task:
    base = tiny_task()
    metrics = {"accuracy": accuracy, "balanced_accuracy": balanced_accuracy, "macro_f1": macro_f1, "auc": auc}
    return dataclasses.replace(
        base,
        metrics={**metrics, "brier": brier, "sensitivity": sensitivity},
        datasets={"synthetic": two_classes},
        learners={**base.learners, "margins": margins},
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """Two folds, two seeds."""
    samples = two_classes()
    learners = {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 300.0}, "margins": {}}
    experiment = Experiment("tiny", "synthetic", learners, {}, folds=2, seeds=(0, 1))
    prepared = Prepared(experiment, samples, plan(experiment, task(), samples, version="0.1.0"))
    return drive(prepared, task(), tmp_path_factory.mktemp("policy") / "a", executor=Serial())


def by_name(values: dict, name: str) -> dict:
    return next(row for row in values["learners"] if row["name"] == name)


def test_every_learner_has_every_calibration(run: RunDirectory) -> None:
    """All three methods, if it has or can get probabilities."""
    result = compute_results(run, task())["probabilities"]

    assert set(result["learners"]) == {"prior", "centroid", "noisy_centroid", "margins"}
    for methods in result["learners"].values():
        assert list(methods) == ["none", "temperature", "isotonic"]
        assert methods["temperature"] is not None
        found_brier = methods["isotonic"]["brier"]
        assert found_brier["low"] <= found_brier["value"] <= found_brier["high"]
    assert [name for name, methods in result["learners"].items() if methods["none"] is None] == ["margins"]


def test_calibration_turns_margins_into_probabilities(run: RunDirectory) -> None:
    """Scores that only rank have no Brier score and no reliability otherwise."""
    plain, other = (
        compute_results(run, task()),
        compute_results(run, task(), view=View("brier", calibration="temperature")),
    )

    before, after = by_name(plain, "margins"), by_name(other, "margins")
    assert before["calibration"] is None
    assert before["metrics"]["brier"]["value"] is None
    assert after["calibration"]["bins"]
    assert after["metrics"]["brier"]["value"] < 0.25
    assert all(row["difference"] is not None for row in other["comparisons"])


def test_each_fit_is_calibrated_on_its_own_validation_set(run: RunDirectory) -> None:
    name = "noisy_centroid"
    trials = [trial for trial in run.trials() if trial.learner == name]
    record = read_learner(run, task(), name, trials, Policy("temperature"))
    assert record is not None
    probabilities = about(task().learner(name)).probabilities

    by_id: dict[tuple[int, str], Floats] = {}
    for trial in trials:
        part = run.predictions(trial)
        apply = temperature(part.valid_y_true, part.valid_scores, probabilities=probabilities)
        by_id |= {(trial.seed, i): row for i, row in zip(part.ids.tolist(), apply(part.scores), strict=True)}
    for k, seed in enumerate(record.seeds):
        np.testing.assert_allclose(record.scores[k], [by_id[seed, i] for i in record.ids.tolist()])


def test_a_view_with_calibration_gives_a_warning(run: RunDirectory) -> None:
    """Scores that only ranked then have a Brier score."""
    plain, other = compute_results(run, task()), compute_results(run, task(), view=View(calibration="isotonic"))

    assert plain["calibration"] == "none"
    assert other["calibration"] == "isotonic"
    assert "isotonic calibration on valid" in other["signature"]
    assert "chosen after the run" in other["signature"]
    assert any("Calibration or threshold was changed after the run" in warning for warning in other["warnings"])
    assert by_name(other, "centroid")["metrics"]["brier"]["value"] == pytest.approx(
        plain["probabilities"]["learners"]["centroid"]["isotonic"]["brier"]["value"]
    )


def test_calibration_set_before_the_run_gives_no_warning(run: RunDirectory, tmp_path: Path) -> None:
    """The numbers are the same."""
    samples = two_classes()
    experiment = Experiment("tiny", "synthetic", {"prior": {}, "centroid": {}}, {}, folds=2, seeds=(0, 1),
                            calibration="temperature", threshold="youden")  # fmt: skip
    prepared = Prepared(experiment, samples, plan(experiment, task(), samples, version="0.1.0"))
    planned = compute_results(drive(prepared, task(), tmp_path / "a", executor=Serial()), task())
    later = compute_results(run, task(), view=View(calibration="temperature", threshold="youden"))

    assert (planned["calibration"], planned["threshold"]) == ("temperature", "youden")
    assert "temperature calibration on valid, Youden's threshold on valid" in planned["signature"]
    assert "chosen after" not in planned["signature"]
    assert not any("after the run" in warning for warning in planned["warnings"])
    assert by_name(planned, "centroid")["metrics"] == by_name(later, "centroid")["metrics"]


def test_fits_do_not_depend_on_calibration() -> None:
    """It is not part of a trial, so the same fits are used."""
    samples = two_classes()
    plain = Experiment("tiny", "synthetic", {"centroid": {}}, folds=2)
    other = dataclasses.replace(plain, calibration="isotonic", threshold=0.9)

    keys = [[trial.key for trial in plan(e, task(), samples, version="0.1.0")] for e in (plain, other)]
    assert keys[0] == keys[1]


def test_a_threshold_only_changes_decisions(run: RunDirectory) -> None:
    """More samples are predicted positive if a sensitivity of 1 is required than with 0.5; the order stays."""
    plain, other = (compute_results(run, task(), view=View(threshold=required)) for required in (0.5, 1.0))

    for name in ("centroid", "noisy_centroid"):
        before, after = by_name(plain, name), by_name(other, name)
        assert after["recall"][1]["value"] > before["recall"][1]["value"]
        assert sum(row[1] for row in after["confusion"]) > sum(row[1] for row in before["confusion"])
        assert after["metrics"]["auc"] == before["metrics"]["auc"]
        assert after["metrics"]["accuracy"] != before["metrics"]["accuracy"]
        right = sum(after["confusion"][i][i] for i in range(2)) / sum(map(sum, after["confusion"]))
        assert after["metrics"]["accuracy"]["value"] == pytest.approx(right)


def test_the_threshold_is_chosen_on_the_validation_set(run: RunDirectory) -> None:
    """Calculated independently for each trial of one learner."""
    name = "noisy_centroid"
    trials = [trial for trial in run.trials() if trial.learner == name]
    right = []
    for trial in trials:
        part = run.predictions(trial)
        point = youden(part.valid_y_true == 1, part.valid_scores[:, 1] - part.valid_scores[:, 0])
        right.append((part.scores[:, 1] - part.scores[:, 0] >= point) == (part.y_true == 1))

    result = by_name(compute_results(run, task(), view=View(threshold="youden")), name)
    assert result["metrics"]["accuracy"]["value"] == pytest.approx(np.concatenate(right).mean())


def test_several_classes_have_no_threshold() -> None:
    planned = Experiment("tiny", "synthetic", {"centroid": {}}, threshold="youden")
    with pytest.raises(ConfigError, match="the data have 3 classes; a threshold needs two"):
        Policy(threshold="youden").of(task(), 3)
    with pytest.raises(ConfigError, match="the data have 3 classes; a threshold needs two"):
        prepare(planned, tiny_task(), version="0.1.0")  # before anything is fitted
    assert Policy().of(task(), 3).metrics == task().metrics


@pytest.mark.parametrize("threshold", [0.0, 1.5, float("nan"), "yuden", True])
def test_an_invalid_threshold_is_an_error(threshold: object) -> None:
    with pytest.raises(ConfigError, match="expected largest, youden or the sensitivity"):
        View(threshold=threshold).policy(Policy())  # type: ignore[arg-type]


def test_an_unknown_calibration_is_an_error() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'isotonic'"):
        View(calibration="isotonc").policy(Policy())


def test_proper_scores_can_be_viewed_for_every_run(run: RunDirectory) -> None:
    """Such as the log loss, even if the task does not declare it."""
    plain = dataclasses.replace(task(), metrics=tiny_task().metrics)
    result = compute_results(run, plain, view=View("log_loss", calibration="temperature"))

    assert result["metric"] == "log_loss"
    assert all(row["difference"] is not None for row in result["comparisons"])


def test_results_with_a_policy_are_json(run: RunDirectory) -> None:
    value = compute_results(run, task())

    assert json.loads(json.dumps(value, allow_nan=False)) == value
