"""Calibration and threshold: the same offer for every learner, by the valid part of each fit."""

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
    """Tiny images of two classes, the second one rare."""
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


def test_every_learner_is_offered_the_same(run: RunDirectory) -> None:
    """All three ways, for all that give probabilities or may get them."""
    found = compute_results(run, task())["probabilities"]

    assert set(found["learners"]) == {"prior", "centroid", "noisy_centroid", "margins"}
    for mine in found["learners"].values():
        assert list(mine) == ["none", "temperature", "isotonic"]
        assert mine["temperature"] is not None
        found_brier = mine["isotonic"]["brier"]
        assert found_brier["low"] <= found_brier["value"] <= found_brier["high"]
    assert [name for name, mine in found["learners"].items() if mine["none"] is None] == ["margins"]


def test_margins_become_probabilities(run: RunDirectory) -> None:
    """Scores that only rank have no Brier score and no reliability until they are calibrated."""
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


def test_each_fit_is_calibrated_by_its_own_valid(run: RunDirectory) -> None:
    """Each trial is scored at a temperature that its own validation set chose."""
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


def test_a_look_with_calibration_is_marked(run: RunDirectory) -> None:
    """And scores that only ranked have a Brier score then."""
    plain, other = compute_results(run, task()), compute_results(run, task(), view=View(calibration="isotonic"))

    assert plain["calibration"] == "none"
    assert other["calibration"] == "isotonic"
    assert "isotonic calibration on valid" in other["signature"]
    assert "chosen after the run" in other["signature"]
    assert any("Calibration or threshold was changed after the run" in warning for warning in other["warnings"])
    assert by_name(other, "centroid")["metrics"]["brier"]["value"] == pytest.approx(
        plain["probabilities"]["learners"]["centroid"]["isotonic"]["brier"]["value"]
    )


def test_what_was_planned_is_not_chosen_afterwards(run: RunDirectory, tmp_path: Path) -> None:
    """A config may say it beforehand: the numbers are the same, and no warning is due."""
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


def test_fits_do_not_depend_on_it() -> None:
    """Calibration is not part of a trial: the same fits serve."""
    samples = two_classes()
    plain = Experiment("tiny", "synthetic", {"centroid": {}}, folds=2)
    other = dataclasses.replace(plain, calibration="isotonic", threshold=0.9)

    keys = [[trial.key for trial in plan(e, task(), samples, version="0.1.0")] for e in (plain, other)]
    assert keys[0] == keys[1]


def test_a_threshold_moves_decisions_and_nothing_else(run: RunDirectory) -> None:
    """More are called where all of the rare class are required than half of them; the order of samples stays."""
    plain, other = (compute_results(run, task(), view=View(threshold=required)) for required in (0.5, 1.0))

    for name in ("centroid", "noisy_centroid"):
        before, after = by_name(plain, name), by_name(other, name)
        assert after["recall"][1]["value"] > before["recall"][1]["value"]
        assert sum(row[1] for row in after["confusion"]) > sum(row[1] for row in before["confusion"])
        assert after["metrics"]["auc"] == before["metrics"]["auc"]
        assert after["metrics"]["accuracy"] != before["metrics"]["accuracy"]
        right = sum(after["confusion"][i][i] for i in range(2)) / sum(map(sum, after["confusion"]))
        assert after["metrics"]["accuracy"]["value"] == pytest.approx(right)


def test_the_threshold_is_that_of_valid(run: RunDirectory) -> None:
    """Counted by hand for one learner: per trial, the point that valid chose."""
    name = "noisy_centroid"
    trials = [trial for trial in run.trials() if trial.learner == name]
    right = []
    for trial in trials:
        part = run.predictions(trial)
        point = youden(part.valid_y_true == 1, part.valid_scores[:, 1] - part.valid_scores[:, 0])
        right.append((part.scores[:, 1] - part.scores[:, 0] >= point) == (part.y_true == 1))

    found = by_name(compute_results(run, task(), view=View(threshold="youden")), name)
    assert found["metrics"]["accuracy"]["value"] == pytest.approx(np.concatenate(right).mean())


def test_several_classes_have_no_threshold() -> None:
    planned = Experiment("tiny", "synthetic", {"centroid": {}}, threshold="youden")
    with pytest.raises(ConfigError, match="the data have 3 classes; a threshold needs two"):
        Policy(threshold="youden").of(task(), 3)
    with pytest.raises(ConfigError, match="the data have 3 classes; a threshold needs two"):
        prepare(planned, tiny_task(), version="0.1.0")  # before anything is fitted
    assert Policy().of(task(), 3).metrics == task().metrics


@pytest.mark.parametrize("given", [0.0, 1.5, float("nan"), "yuden", True])
def test_a_threshold_that_is_none(given: object) -> None:
    with pytest.raises(ConfigError, match="expected largest, youden or the sensitivity"):
        View(threshold=given).policy(Policy())  # type: ignore[arg-type]


def test_a_calibration_that_is_none() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'isotonic'"):
        View(calibration="isotonc").policy(Policy())


def test_every_run_has_proper_scores_to_look_at(run: RunDirectory) -> None:
    """A metric that the task does not name, such as the log loss."""
    plain = dataclasses.replace(task(), metrics=tiny_task().metrics)
    found = compute_results(run, plain, view=View("log_loss", calibration="temperature"))

    assert found["metric"] == "log_loss"
    assert all(row["difference"] is not None for row in found["comparisons"])


def test_everything_is_json(run: RunDirectory) -> None:
    value = compute_results(run, task())

    assert json.loads(json.dumps(value, allow_nan=False)) == value
