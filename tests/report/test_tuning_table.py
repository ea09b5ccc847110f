"""The table of searches."""

from __future__ import annotations

from typing import Any

import pytest

from visiontk.report.tuning_table import tuning_rows


def values(chosen: list[dict[str, Any]], low: float | None = 0.01) -> dict[str, Any]:
    """Results of one learner with a search on each fold."""
    ends = {"value": 0.9, "low": 0.88, "high": 0.92}
    gain = {"value": 0.0 if low is None else 0.02, "low": low, "high": None if low is None else 0.03, "reason": ""}
    n = len(chosen)
    tuning = {"given": ends, "gain": gain, "n_tried": [3] * n, "cpu_s": [10.0] * n, "stopped": ["budget"] * n,
              "chosen": chosen}  # fmt: skip
    return {
        "metric": "accuracy",
        "metrics": {"accuracy": {"kind": "proportion"}},
        "learners": [{"name": "a", "family": "network", "metrics": {"accuracy": ends}}],
        "tuning": {"a": tuning},
    }


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
    """Six times the same would hide the one that differs."""
    assert tuning_rows(values(chosen))[0].chosen == lines


def test_the_same_fits_have_no_interval() -> None:
    """Nothing was tried that was kept: the gain is zero, not about zero."""
    assert tuning_rows(values([{}], low=None))[0].gain[1] == "the same fits"
    assert tuning_rows(values([{}]))[0].gain[1] == "[+1.0, +3.0]"
