"""The ceiling of the accuracy, from a run on data with votes to the page."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.core import About, Learner, Samples, Task, Votes, learner
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.store import RunDirectory
from visiontk.report.results import compute_results
from visiontk.report.section import Page
from visiontk.report.sections.ceiling import above_ceiling, blocks
from visiontk.report.sections.cost import cost_figure
from visiontk.testing import tiny_images, tiny_task

N, N_VOTES = 300, 10
SEEN: list[Samples] = []
TARGETS: dict[str, int] = {}


def voted(share: float = 0.8) -> Samples:
    """Return images whose targets are single votes, of which this share is for one class."""
    rng = np.random.default_rng(0)
    samples = tiny_images(N)
    n_classes = samples.n_classes
    p = np.full((N, n_classes), (1 - share) / (n_classes - 1))
    p[np.arange(N), samples.y] = share
    y = np.array([rng.choice(n_classes, p=each) for each in p])
    TARGETS.update(zip(samples.ids.tolist(), y.tolist(), strict=True))
    return dataclasses.replace(samples, y=y, votes=Votes(rng.multinomial(N_VOTES, p), "single"))


class Cheat:
    """Knows the targets of test, by their ids; remembers the samples that it was given."""

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> Any:
        from visiontk.core import FitReport

        SEEN.extend([train, valid])
        return FitReport(n_parameters=0)

    def predict(self, samples: Samples) -> Any:
        SEEN.append(samples)
        return np.eye(samples.n_classes)[[TARGETS[name] for name in samples.ids.tolist()]]


@learner(About("network", seeded=False))
def cheat() -> Learner:
    """Knows the targets [1]_.

    References
    ----------
    .. [1] Nobody.
    """
    return Cheat()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunDirectory, Task, dict[str, Any]]:
    task = tiny_task()
    task = dataclasses.replace(
        task,
        datasets={**task.datasets, "voted": voted},
        learners={**task.learners, "cheat": cheat},
    )
    experiment = Experiment("tiny", "voted", {"prior": {}, "noisy_centroid": {}, "cheat": {}}, folds=3)
    prepared = prepare(experiment, task, version="0")
    store = drive(prepared, task, tmp_path_factory.mktemp("run") / "run", executor=Serial())
    return store, task, compute_results(store, task)


def test_the_ceiling_is_near_the_agreement_of_people(run: tuple[RunDirectory, Task, dict[str, Any]]) -> None:
    """Every sample is tested once in the three folds; 8 of 10 votes are for one class."""
    value = run[2]["ceiling"]

    assert (value["n"], value["n_votes"], value["rule"]) == (N, N_VOTES, "single")
    assert value["low"] < 0.8 < value["high"] < 0.95
    assert value["value"] == pytest.approx(0.82, abs=0.04)


def test_a_learner_above_the_ceiling_is_named_in_a_warning(run: tuple[RunDirectory, Task, dict[str, Any]]) -> None:
    """The others are below it."""
    _, _, results = run

    assert results["ceiling"]["above"] == ["cheat"]
    assert any("Above the ceiling of" in each and "cheat. Look for a leak" in each for each in results["warnings"])
    assert above_ceiling(None) == []


def test_learners_never_see_the_votes(run: tuple[RunDirectory, Task, dict[str, Any]]) -> None:
    """Neither in fit nor in predict."""
    assert SEEN
    assert all(samples.votes is None for samples in SEEN)


def test_only_votes_of_test_samples_are_stored(tmp_path: Path) -> None:
    """A single split holds out a fifth."""
    task = dataclasses.replace(tiny_task(), datasets={"voted": voted})
    experiment = Experiment("tiny", "voted", {"prior": {}}, folds=1)
    prepared = prepare(experiment, task, version="0")

    store = drive(prepared, task, tmp_path / "run", executor=Serial())

    stored = json.loads((store.path / "votes.json").read_text())
    test = store.predictions(store.trials()[0]).ids.tolist()
    assert stored["counts"].keys() == set(test)
    assert (stored["rule"], stored["least"], stored["share"]) == ("single", 1, 0.0)


def test_data_without_votes_have_no_ceiling(tmp_path: Path) -> None:
    task = tiny_task()
    experiment = Experiment("tiny", next(iter(task.datasets)), {"prior": {}}, folds=1)

    store = drive(prepare(experiment, task, version="0"), task, tmp_path / "run", executor=Serial())

    assert not (store.path / "votes.json").exists()
    assert compute_results(store, task)["ceiling"] is None


def test_the_text_says_of_which_metric_it_is_a_ceiling(results: dict[str, Any]) -> None:
    """Of accuracy only; what it means, and on which side it errs."""
    value = {"value": 0.93, "low": 0.85, "high": 0.96, "rule": "majority", "n": 3000, "n_votes": 10.0, "above": []}

    (text,) = blocks(value, Page(results, results))
    other = results | {"metric": "macro_f1"}
    (of_f1,) = blocks(value, Page(other, other))

    assert "an accuracy of about 93 % [85, 96]" in text.text.replace(".0", "")
    assert "the label with most votes" in text.text
    assert "too high rather than too low." in text.text
    assert "not of macro f1" not in text.text
    assert of_f1.text.endswith("It is a ceiling of accuracy, not of macro f1.")


def test_the_chart_of_costs_shows_a_ceiling_that_is_near(results: dict[str, Any]) -> None:
    """One far above all learners would only squeeze them."""
    value = {"value": 0.95, "low": 0.9, "high": 0.97, "rule": "majority", "n": 3000, "n_votes": 10.0, "above": []}

    with_it = cost_figure(Page(results | {"ceiling": value}, results))
    other = results | {"ceiling": value, "metric": "macro_f1"}
    without = cost_figure(Page(other, other))

    assert "ceiling 95.0 %" in str(with_it)
    assert "ceiling" not in str(without)
