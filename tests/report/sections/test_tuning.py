"""The table of searches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from visiontk.report.blocks import Cell
from visiontk.report.section import Page
from visiontk.report.sections.tuning import search_table


def values(chosen: list[dict[str, Any]], low: float | None = 0.01) -> dict[str, Any]:
    """Return results of one learner with a search on each fold."""
    ends = {"value": 0.9, "low": 0.88, "high": 0.92}
    gain = {"value": 0.0 if low is None else 0.02, "low": low, "high": None if low is None else 0.03, "reason": ""}
    n = len(chosen)
    tuning = {"configured": ends, "gain": gain, "n_tried": [3] * n, "cpu_s": [10.0] * n, "stopped": ["budget"] * n,
              "chosen": chosen}  # fmt: skip
    return {
        "metric": "accuracy",
        "metrics": {"accuracy": {"kind": "proportion"}},
        "learners": [{"name": "a", "family": "network", "metrics": {"accuracy": ends}}],
        "tuning": {"a": tuning},
    }


def cells(results: dict[str, Any]) -> Sequence[Cell]:
    """Return the cells of the learner's row."""
    (row,) = search_table(results["tuning"], Page(results, results)).rows
    return row.cells


@pytest.mark.parametrize(
    ("chosen", "lines"),
    [
        ([{"c": 1}], ["c 1"]),
        ([{"c": 1}] * 3, ["all folds: c 1"]),
        ([{"c": 1}, {"c": 2}, {"c": 1}], ["folds 1, 3: c 1", "fold 2: c 2"]),
        ([{}, {}], ["all folds: no parameters"]),
    ],
)
def test_folds_that_chose_the_same_share_a_line(chosen: list[dict[str, Any]], lines: list[str]) -> None:
    """With their number, so that a different choice stands out."""
    assert cells(values(chosen))[7].small == lines


def test_a_gain_of_identical_fits_has_no_interval() -> None:
    """If the default was chosen everywhere, the gain is exactly zero."""
    assert cells(values([{}], low=None))[3].small == ["the same fits"]
    assert cells(values([{}]))[3].small == ["[+1.0, +3.0]"]
