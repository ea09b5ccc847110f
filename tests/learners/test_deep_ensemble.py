"""Ensembles: the mean of networks that differ in their seed, and their total cost."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from visiontk.core import FitReport, Floats, Samples
from visiontk.learners.deep_ensemble import DeepEnsemble
from visiontk.testing import tiny_images


class RandomScores:
    """Random probabilities from the seed, and a history of a fixed number of epochs."""

    def __init__(self, epochs: int = 2, cpu_s: float = 3.0) -> None:
        self.epochs, self.cpu_s, self.seed = epochs, cpu_s, -1

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        self.seed = seed
        rows = "".join(f"{e},{e * (seed % 7)},{e}\n" for e in range(1, self.epochs + 1))
        (workdir / "history.csv").write_text(f"epoch,loss,cpu_s\n{rows}")
        return FitReport(n_parameters=10, size_bytes=40, cpu_s=self.cpu_s)

    def predict(self, samples: Samples) -> Floats:
        return np.random.default_rng(self.seed).dirichlet(np.ones(3), len(samples))


def fitted(
    tmp_path: Path, n: int, seed: int = 5, budget_s: float = 600.0
) -> tuple[DeepEnsemble, FitReport, list[RandomScores]]:
    members: list[RandomScores] = []

    def make() -> RandomScores:
        members.append(RandomScores(epochs=2 + len(members)))
        return members[-1]

    data = tiny_images(30)
    ensemble = DeepEnsemble(make, n)
    report = ensemble.fit(data, data, seed=seed, workdir=tmp_path, budget_s=budget_s)
    return ensemble, report, members


def test_scores_are_the_mean_of_the_members(tmp_path: Path) -> None:
    """The rows sum to 1."""
    ensemble, _, members = fitted(tmp_path, 3)
    data = tiny_images(12)
    scores = ensemble.predict(data)

    np.testing.assert_allclose(scores, sum(member.predict(data) for member in members) / 3)
    np.testing.assert_allclose(scores.sum(axis=1), 1)


def test_no_two_members_share_a_seed_and_the_first_has_that_of_the_trial(tmp_path: Path) -> None:
    """Including members of ensembles with consecutive seeds."""
    seeds = [[member.seed for member in fitted(tmp_path, 4, seed)[2]] for seed in (0, 1, 2)]

    assert [seeds_of_ensemble[0] for seeds_of_ensemble in seeds] == [0, 1, 2]
    assert len({seed for seeds_of_ensemble in seeds for seed in seeds_of_ensemble}) == 12


def test_the_cost_is_the_sum_over_members(tmp_path: Path) -> None:
    """CPU time, weights and bytes."""
    _, report, _ = fitted(tmp_path, 3)

    assert report == FitReport(n_parameters=30, size_bytes=120, cut_off=False, cpu_s=9.0)


def test_a_member_beyond_the_budget_is_left_out_and_reported(tmp_path: Path) -> None:
    """The members share one budget."""
    ensemble, report, members = fitted(tmp_path, 5, budget_s=5.0)

    assert len(members) == len(ensemble.fitted) == 2
    assert report.cut_off


def test_the_history_is_the_mean_over_members(tmp_path: Path) -> None:
    """Over the epochs that all members have; the time is summed."""
    _, _, members = fitted(tmp_path, 2)
    rows = list(csv.DictReader((tmp_path / "history.csv").read_text().splitlines()))
    slope = sum(member.seed % 7 for member in members) / 2

    assert [float(row["epoch"]) for row in rows] == [1, 2]
    assert [float(row["loss"]) for row in rows] == pytest.approx([slope, 2 * slope])
    assert [float(row["cpu_s"]) for row in rows] == [2, 4]


def test_an_empty_ensemble_is_refused() -> None:
    """The message names the value."""
    with pytest.raises(ValueError, match="one member or more; got 0"):
        DeepEnsemble(RandomScores, 0)


def test_predict_before_fit_is_refused() -> None:
    """As for every learner."""
    with pytest.raises(RuntimeError, match="before fit"):
        DeepEnsemble(RandomScores, 2).predict(tiny_images(3))
