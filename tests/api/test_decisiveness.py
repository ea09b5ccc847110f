"""Differences that data can show, before anything is fitted."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from visiontk.api.decisiveness import decisiveness
from visiontk.cli.print_preview import _can_show
from visiontk.core import Card, Fold, Metric, Samples
from visiontk.metrics import accuracy, auc, balanced_accuracy, brier, log_loss, macro_f1
from visiontk.stats.power import detectable_difference


def shown(metric: Metric, y: Any, groups: Any = None, n_folds: int = 1, n_comparisons: int = 1) -> dict[str, Any]:
    """Return what these test samples can show, behind as many samples of training and validation sets."""
    y = np.asarray(y)
    samples = Samples.from_arrays(
        np.zeros((3 * len(y), 1)),
        np.tile(y, 3),
        [f"c{c}" for c in range(int(y.max()) + 1)],
        Card("data", "0"),
        groups=None if groups is None else np.concatenate([[f"{part}{g}" for g in groups] for part in "abc"]),
    )
    index = np.arange(3 * len(y))
    folds = [
        Fold(index[: len(y)], index[len(y) : 2 * len(y)], part) for part in np.array_split(index[-len(y) :], n_folds)
    ]
    return decisiveness(metric, samples, folds, n_comparisons)


HALVES = np.arange(467) % 2


@pytest.mark.parametrize("n_folds", [1, 5])
def test_accuracy_follows_from_the_number_of_test_samples_of_all_folds(n_folds: int) -> None:
    value = shown(accuracy, HALVES, n_folds=n_folds)

    assert value["n_test"] == 467
    assert value["detectable"] == [detectable_difference(467)] * 2
    assert _can_show(value) == (
        "can show: a difference of 4.1 points of accuracy or more on 467 test samples; 2 points would take about "
        "2,000 samples (power 80 %, if the learners disagree on 10 % of the samples)."
    )


@pytest.mark.parametrize("metric", [balanced_accuracy, macro_f1, auc], ids=lambda metric: metric.name)
def test_averages_over_classes_depend_on_the_counts_of_the_classes(metric: Metric) -> None:
    """The variance of a mean of recalls is that of the rarest class above all; equal classes count as all samples."""
    equal, rare = shown(metric, HALVES[:466]), shown(metric, np.r_[np.zeros(457, int), np.ones(10, int)])

    assert equal["detectable"][0] == pytest.approx(detectable_difference(466))
    assert rare["detectable"][0] == pytest.approx(detectable_difference(4 / (1 / 457 + 1 / 10)))
    assert rare["needed"][0] * rare["target"] ** 2 > 5 * equal["needed"][0] * equal["target"] ** 2


def test_two_comparisons_share_the_five_percent() -> None:
    """Each detects less than a single one would, if a pretrained learner takes part."""
    assert shown(accuracy, HALVES, n_comparisons=2)["detectable"] == [detectable_difference(467, alpha=0.025)] * 2


def test_groups_give_a_range() -> None:
    """From as if all samples were independent to as if each group were one, unequal ones counting for less."""
    y = np.arange(400) % 2
    equal = shown(accuracy, y, np.arange(400) // 10)
    unequal = shown(accuracy, y, np.r_[np.zeros(200, int), 1 + np.arange(200) // 5])

    assert equal["detectable"] == [detectable_difference(400), pytest.approx(detectable_difference(40))]
    assert unequal["n_groups"] == 41
    assert unequal["detectable"][1] > 2 * equal["detectable"][1]  # half of the samples are of one group
    assert "40 groups if all samples were independent, of " in _can_show(equal)
    assert " groups (power" in _can_show(equal)


def test_groups_that_could_show_nothing_are_called_so() -> None:
    """Nearly all samples are of one of six groups; six equal ones would show a very large difference."""
    equal = shown(accuracy, np.arange(3000) % 2, np.arange(3000) // 500)
    unequal = shown(accuracy, np.arange(3000) % 2, np.maximum(np.arange(3000) - 2994, 0))

    assert 0.5 < equal["detectable"][1] < 1
    assert unequal["detectable"][1] is None
    assert "none if each group were one sample" in _can_show(unequal)


@pytest.mark.parametrize("groups", [None, np.arange(100) // 10])
def test_a_class_of_two_units_allows_no_verdict(groups: Any) -> None:
    """As the report says afterwards; a share of all samples does not depend on it."""
    y = np.zeros(100, int)
    y[[5, 95]] = 1

    value = shown(balanced_accuracy, y, groups)

    assert (value["detectable"], value["needed"]) == (None, None)
    assert f"the test set has 2 {'samples' if groups is None else 'groups'} of class c1, too few" in _can_show(value)
    assert shown(accuracy, y, groups)["detectable"]


def test_few_groups_allow_no_verdict() -> None:
    assert "the test set has 4 groups, too few for an interval" in _can_show(
        shown(accuracy, np.arange(100) % 2, np.arange(100) // 25)
    )


@pytest.mark.parametrize("metric", [log_loss, brier], ids=lambda metric: metric.name)
def test_the_variance_of_a_loss_is_not_known_beforehand(metric: Metric) -> None:
    assert _can_show(shown(metric, HALVES)) == f"can show: how much {metric.name} varies is not known beforehand."


def test_the_numbers_are_finite_json() -> None:
    for metric in (accuracy, log_loss):
        json.dumps(shown(metric, np.arange(3000) % 2, np.arange(3000) // 500), allow_nan=False)
