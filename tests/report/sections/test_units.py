"""Results of groups and of published folds."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from visiontk.metrics import accuracy, auc
from visiontk.report.sections.units import UnitIndex, by_unit, compute, units_of
from visiontk.stats import wilson

Y = np.tile([0, 1], 60)
NUMBER = np.repeat(np.arange(6), 20)


def evidence(data: dict[str, Any], groups: Any) -> Any:
    """Return evidence as far as units need it."""
    return SimpleNamespace(data=data, groups=groups, learners={"a": 1}, first=SimpleNamespace(folds=NUMBER // 3))


def scores(right: Any) -> Any:
    """Return scores of one seed that are correct where `right` is True."""
    return np.eye(2)[np.where(right, Y, 1 - Y)][None]


def test_every_group_has_its_own_value_and_interval() -> None:
    """One of six speakers is never recognised, which the mean of 83 % would hide."""
    units = UnitIndex("group", list("abcdef"), NUMBER)

    rows = by_unit(accuracy, Y, scores(NUMBER != 2), units, NUMBER)

    assert [row["value"] for row in rows] == [1, 1, 0, 1, 1, 1]
    assert [row["n"] for row in rows] == [20] * 6
    assert (rows[2]["low"], rows[2]["high"]) == pytest.approx(wilson(0, 20))


def test_the_mean_over_equal_groups_is_the_overall_value() -> None:
    right = np.random.default_rng(0).random(120) < 0.7
    units = UnitIndex("group", list("abcdef"), NUMBER)

    rows = by_unit(accuracy, Y, scores(right), units, NUMBER)

    assert np.mean([row["value"] for row in rows]) == pytest.approx(right.mean())


def test_within_a_fold_groups_are_resampled() -> None:
    """The interval is wider than for independent samples."""
    groups = np.repeat(np.arange(12), 10)
    wrong = groups % 4 == 0
    folds = UnitIndex("fold", ["one", "two"], (groups >= 6).astype(np.int64))

    grouped = by_unit(accuracy, Y, scores(~wrong), folds, groups)
    flat = by_unit(accuracy, Y, scores(~wrong), folds, None)

    assert grouped[0]["high"] - grouped[0]["low"] > 1.3 * (flat[0]["high"] - flat[0]["low"])


def test_a_metric_undefined_in_a_group_is_null_there() -> None:
    """A speaker with one class has no area under the curve; the others have."""
    y = np.where(NUMBER == 0, 0, Y)
    units = UnitIndex("group", list("abcdef"), NUMBER)

    rows = by_unit(auc, y, scores(NUMBER < 6), units, NUMBER)

    assert rows[0] == {"name": "a", "n": 20, "value": None, "low": None, "high": None}
    assert rows[1]["value"] == 1


def test_a_group_without_test_samples_is_listed() -> None:
    """Such as a speaker who is only in the training set."""
    rows = by_unit(accuracy, Y, scores(NUMBER < 6), UnitIndex("group", list("abcdefg"), NUMBER), NUMBER)

    assert rows[6] == {"name": "g", "n": 0, "value": None, "low": None, "high": None}


@pytest.mark.parametrize(
    ("data", "groups", "kind"),
    [
        ({"group_names": list("abcdef"), "fold_names": ["x", "y"]}, NUMBER, "group"),
        ({"group_names": None, "fold_names": ["x", "y"]}, NUMBER, "fold"),
        ({"group_names": None, "fold_names": None}, NUMBER, None),
        ({"group_names": ["alone"], "fold_names": None}, NUMBER, None),
        ({"group_names": list("abcdef"), "fold_names": None}, None, None),
    ],
)
def test_groups_are_preferred_to_folds_if_they_have_names(data: dict[str, Any], groups: Any, kind: str | None) -> None:
    """Group numbers are not names."""
    units = units_of(evidence(data, groups))

    assert (units.kind if units else None) == kind


def test_the_value_for_results_counts_samples() -> None:
    data = {"group_names": None, "fold_names": ["x", "y"]}

    assert compute(evidence(data, None)) == {"kind": "fold", "names": ["x", "y"], "n": [60, 60]}
