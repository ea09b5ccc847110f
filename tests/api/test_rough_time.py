"""Rough times: from declared costs, for any size of the data, within the budget."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from visiontk.api.rough_time import relative_size, rough_seconds
from visiontk.api.user_readers import user_readers
from visiontk.core import Card, Fold, Samples, Trial, about
from visiontk.registry import get_task, installed_tasks
from visiontk.testing import tiny_task

TASK = get_task("image_classification")


def fold_of(n_train: int) -> list[Fold]:
    index = np.arange(n_train)
    return [Fold(index, index[:1], index[:1])]


def trial_of(learner: str, *, budget_s: float = 600.0, max_train: int | None = None, **parameters: object) -> Trial:
    return Trial(
        task="image_classification", task_version=1, dataset="digits", dataset_parameters={}, fingerprint="0",
        learner=learner, parameters=parameters, fold=0, n_folds=1, seed=0, max_train=max_train, budget_s=budget_s,
        threads=1, version="0",
    )  # fmt: skip


def seconds(learner: str, n_train: int, size: float = 1.0, **parameters: object) -> float:
    result = rough_seconds(trial_of(learner, **parameters), TASK, fold_of(n_train), size)  # type: ignore[arg-type]
    assert result is not None
    return result


def test_a_fit_costs_more_for_more_and_larger_samples() -> None:
    few = seconds("hog_svm", 1000)

    assert seconds("hog_svm", 9000) > 8 * few > 0
    assert seconds("hog_svm", 1000, size=4.0) > 3 * few
    assert seconds("hog_svm", 9000, max_train=1000) == few


def test_epochs_multiply_the_time_of_a_network() -> None:
    epochs = {n: seconds("lenet5", 10_000, epochs=n) for n in (10, 20)}

    assert seconds("lenet5", 10_000) > 5, "it must be compiled"
    assert epochs[20] - 5 == pytest.approx(2 * (epochs[10] - 5))


def test_a_fit_takes_no_longer_than_its_budget() -> None:
    assert seconds("resnet", 10**6, budget_s=60.0) == 60


def test_a_learner_without_a_declared_cost_has_no_rough_time() -> None:
    """Such as one of a plugin."""
    trial = dataclasses.replace(trial_of("noisy_centroid"), task="tiny")

    assert rough_seconds(trial, tiny_task(), fold_of(10), 1.0) is None


@pytest.mark.parametrize(
    ("inputs", "given", "expected"),
    [
        (np.zeros((2, 56, 56, 3), np.uint8), {}, 4.0),
        (np.zeros((2, 16_000), np.float32), {}, 2.0),
        (np.zeros((2, 16_000), np.float32), {"sample_rate": 16_000, "duration_s": 4.0}, 8.0),
        (np.array(["a", "b"], dtype=object), {}, 1.0),
    ],
)
def test_the_size_of_samples_is_relative_to_that_of_the_costs(
    inputs: np.ndarray, given: dict[str, float], expected: float
) -> None:
    samples = Samples.from_arrays(inputs, [0, 1], ("a", "b"), Card("demo", "0"))

    assert relative_size(samples, given) == expected


def test_every_learner_of_visiontk_declares_its_cost() -> None:
    """So that a plan has a time before anything has run; `user_readers` are of these tasks."""
    tasks = [get_task(each.name) for each in installed_tasks() if each.name in {r.task for r in user_readers()}]

    lacking = [
        f"{task.name}.{name}" for task in tasks for name in task.learners if about(task.learner(name)).cost is None
    ]
    assert lacking == []
