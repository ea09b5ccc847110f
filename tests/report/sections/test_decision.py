"""The recommendation follows from the verdict; accuracy of combinations follows from counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.report.sections.decision import recommendation
from visiontk.report.sections.disagreement import combined, correct_by_mean

Value = dict[str, Any]


def found(verdict: str, value: float = 0.021, low: float = 0.004, high: float = 0.039, **more: Any) -> Value:
    headline = {
        "verdict": verdict, "network": "cnn", "classical": "svm", "difference": value, "low": low, "high": high,
        "fit_cost_ratio": 40.0, "predict_cost_ratio": 3.0,
    }  # fmt: skip
    metrics = {"accuracy": {"kind": "proportion", "higher_is_better": True}}
    return {"headline": headline | more, "metric": "accuracy", "metrics": metrics, "curve": None, "comparisons": [],
            "as_configured": []}  # fmt: skip


CROSSED = {"crossover": {"network": "cnn", "classical": "svm", "n": 3012.0, "reached": True}}


@pytest.mark.parametrize(
    ("verdict", "more", "said"),
    [
        ("better", {}, "Use cnn if 2.1 points of accuracy [+0.4, +3.9] justify 40 times the training and 3.0 times "
         "the prediction cost of svm."),
        ("worse", {}, "Use svm: cnn does not reach it here, at 40 times the training and 3.0 times the prediction "
         "cost."),
        ("equivalent", {}, "Use svm: the two are equivalent, and training cnn takes 40 times the CPU time of "
         "svm."),
        ("equivalent", {"fit_cost_ratio": 0.5}, "Use cnn: the two are equivalent, and training svm takes 2.0 times the "
         "CPU time of cnn."),
        ("equivalent", {"fit_cost_ratio": None}, "Use svm: the two are equivalent."),
        ("undecided", {}, "These data do not decide between the two: until more do, svm is the cheaper one to train."),
        ("undecided", {"fit_cost_ratio": 0.5}, "These data do not decide between the two: until more do, cnn is the "
         "cheaper one to train."),
        ("undecided", {"fit_cost_ratio": 1.1}, "These data do not decide between the two."),
        ("undecided", {"fit_cost_ratio": None}, "These data do not decide between the two."),
        ("better", {"fit_cost_ratio": None, "predict_cost_ratio": None}, "Use cnn: it is better by 2.1 points of "
         "accuracy [+0.4, +3.9]. What the two cost is not known."),
    ],
)  # fmt: skip
def test_the_advice_follows_from_the_verdict(verdict: str, more: Value, said: str) -> None:
    """The learner to use, and its cost."""
    assert recommendation(found(verdict, **more)) == [said]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"units_needed": 1434, "target": 0.021}, " To show a difference of the size that was measured takes about "
         "1,500 test samples instead of 359."),
        ({"units_needed": 1500, "target": 0.01}, " To show a difference as large as the margin takes about 1,500 test "
         "samples instead of 359."),
        ({"units_needed": 7000, "seeds_needed": 12, "target": 0.021}, " To show a difference of the size that was "
         "measured takes about 7,000 test samples instead of 359 or about 12 seeds instead of 3."),
        ({"units_needed": 300, "target": 0.021}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_an_open_question_says_what_would_close_it(known: Value, said: str) -> None:
    """With the numbers of the reason of the verdict, rounded as there; nothing if this was enough."""
    source = {"unit": "sample", "n_units": 359, "n_seeds": 3, "units_needed": None, "seeds_needed": None} | known
    row = {"learner": "cnn", "reference": "svm", "difference": 0.021, "verdict": "undecided", "uncertainty": source}

    (line,) = recommendation(found("undecided") | {"comparisons": [row]})

    assert line == "These data do not decide between the two: until more do, svm is the cheaper one to train." + said


@pytest.mark.parametrize("more", [{"network": None}, {"difference": None}, {"low": None}])
def test_without_numbers_there_is_no_advice(more: Value) -> None:
    """Nor without a verdict."""
    assert recommendation(found("undecided", **more)) == []
    assert recommendation(found("invalid")) == []


def test_where_less_is_better_the_lead_is_positive() -> None:
    """A loss that is lower by 0.1."""
    results = found("better", -0.1, -0.15, -0.05) | {"metric": "log_loss"}
    results["metrics"] = {"log_loss": {"kind": "unbounded", "higher_is_better": False}}

    assert recommendation(results)[0].startswith("Use cnn if 0.100 of log loss [+0.050, +0.150] justify")


def test_below_the_crossing_the_other_curve_is_named() -> None:
    """Only where they cross within what was measured, and of these two."""
    assert recommendation(found("better") | {"curve": CROSSED})[1:] == [
        "With fewer than about 3,000 training samples the curve of svm is the higher one."
    ]
    for change in ({"n": None, "reached": False}, {"n": 0.0}, {"network": "other"}):
        crossed = {"crossover": CROSSED["crossover"] | change}
        assert len(recommendation(found("better") | {"curve": crossed})) == 1


@given(st.integers(2, 40), st.integers(2, 5), st.integers(0, 2**31))
def test_the_average_does_not_depend_on_the_scale_of_either(n: int, k: int, seed: int) -> None:
    """Margins of an SVM may be a hundred times larger than probabilities."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    ours, theirs = rng.normal(size=(2, n, k))

    right = correct_by_mean(y, ours, theirs)

    assert right == correct_by_mean(y, 8 * ours, theirs / 4)
    assert right == correct_by_mean(y, theirs, ours)
    assert correct_by_mean(y, ours, ours) == (ours.argmax(axis=1) == y).sum()


def test_the_oracle_counts_whoever_is_right(results: Value) -> None:
    """Of 10,000: 8,790 both, 521 and 262 one alone."""
    said = combined(results["disagreement"])

    assert "resnet8 alone 93.1 %, hog_svm alone 90.5 %" in said
    assert "scores 94.0 %" in said
    assert "chooses the right one 95.7 %" in said


@pytest.mark.parametrize(("before", "told"), [("undecided", True), ("better", False)])
def test_a_verdict_that_hangs_on_the_search_says_so(before: str, told: bool) -> None:
    """A verdict that tuning changed says so; one that it did not change does not."""
    row = {"learner": "cnn", "reference": "svm", "uncertainty": None}
    value = found("better") | {
        "comparisons": [row | {"verdict": "better"}], "as_configured": [row | {"verdict": before}]
    }  # fmt: skip

    said = " ".join(recommendation(value))
    assert ("This depends on the search: as configured, cnn against svm is undecided." in said) == told
    assert ("depends on the search" in said) == told
