"""The recommendation follows from the verdict, the accuracy of combinations from counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.report.sections.decision import recommendation
from visiontk.report.sections.disagreement import combined, correct_by_mean

Value = dict[str, Any]


def results_with(verdict: str, value: float = 0.021, low: float = 0.004, high: float = 0.039, **more: Any) -> Value:
    headline = {
        "verdict": verdict, "families": ["network", "classical"], "challenger": "cnn", "classical": "svm",
        "difference": value, "low": low, "high": high,
        "fit_cost_ratio": 40.0, "predict_cost_ratio": 3.0, "second_opinion": "",
        "challenger_by_fold": ["cnn"], "classical_by_fold": ["svm"],
    }  # fmt: skip
    metrics = {"accuracy": {"kind": "proportion", "higher_is_better": True}}
    return {"headlines": [headline | more], "metric": "accuracy", "metrics": metrics, "curve": None, "comparisons": [],
            "as_configured": [], "negative_control": None, "learners": []}  # fmt: skip


PRIMARY = {"families": ["network", "classical"], "learner": "cnn", "reference": "svm"}
CROSSING = {"challenger": "cnn", "classical": "svm", "n": 3012.0, "reached": True}
CROSSED = {"crossovers": [CROSSING]}


@pytest.mark.parametrize(
    ("verdict", "more", "expected"),
    [
        ("better", {}, "Use cnn if 2.1 points of accuracy [+0.4, +3.9] justify 40 times the training and 3.0 times "
         "the prediction cost of svm."),
        ("better", {"fit_cost_ratio": 1.1, "predict_cost_ratio": 0.2}, "Use cnn: it is better by 2.1 points of "
         "accuracy [+0.4, +3.9] and costs no more."),
        ("worse", {}, "Use svm: cnn does not reach it here, at 40 times the training and 3.0 times the prediction "
         "cost."),
        ("equivalent", {}, "Use svm: the two are equivalent, and training cnn takes 40 times the CPU time of "
         "svm."),
        ("equivalent", {"fit_cost_ratio": 0.5}, "Use cnn: the two are equivalent, and training svm takes 2.0 times the "
         "CPU time of cnn."),
        ("equivalent", {"fit_cost_ratio": None}, "Use svm: the two are equivalent."),
        ("undecided", {}, "These data do not decide between the two: until more do, use svm, the cheaper one to "
         "train."),
        ("undecided", {"fit_cost_ratio": 0.5}, "These data do not decide between the two: until more do, use cnn, the "
         "cheaper one to train."),
        ("undecided", {"fit_cost_ratio": 1.1}, "These data do not decide between the two, and neither is clearly "
         "cheaper to train: use either."),
        ("undecided", {"fit_cost_ratio": None}, "These data do not decide between the two, and neither is clearly "
         "cheaper to train: use either."),
        ("better", {"fit_cost_ratio": None, "predict_cost_ratio": None}, "Use cnn: it is better by 2.1 points of "
         "accuracy [+0.4, +3.9]. What the two cost is not known."),
    ],
)  # fmt: skip
def test_the_recommendation_follows_from_the_verdict(verdict: str, more: Value, expected: str) -> None:
    """It names the learner to use and its cost."""
    assert recommendation(results_with(verdict, **more)) == [expected]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"units_needed": 1434, "target": 0.021}, " To show a difference of the size that was measured takes about "
         "1,500 test samples instead of 359."),
        ({"units_needed": 1500, "target": 0.01}, " To show a difference as large as the margin takes about 1,500 test "
         "samples instead of 359."),
        ({"units_needed": 7000, "seeds_needed": 12, "target": 0.021}, " To show a difference of the size that was "
         "measured takes about 7,000 test samples instead of 359 or about 12 seeds instead of 3."),
        ({"units_needed": 300, "target": 0.021, "detectable": 0.02}, " The next samples may well decide: this test "
         "detects a difference of the size that was measured in 80 of 100 cases."),
        ({"target": 0.021, "detectable": 0.05}, " To show a difference of the size that was measured takes more test "
         "samples and more seeds; neither alone suffices."),
        ({"target": 0.021, "detectable": None}, " To show a difference of the size that was measured takes more test "
         "samples and more seeds; neither alone suffices."),
    ],
)  # fmt: skip
def test_an_undecided_comparison_ends_in_one_action(known: Value, expected: str) -> None:
    """Use one meanwhile, and this would decide, with the rounded numbers of the reason of the verdict."""
    source = {"unit": "sample", "n_units": 359, "n_seeds": 3, "units_needed": None, "seeds_needed": None,
              "detectable": 0.05} | known  # fmt: skip
    row = {"learner": "cnn", "reference": "svm", "difference": 0.021, "verdict": "undecided", "uncertainty": source}
    other = row | {"primary": None, "uncertainty": source | {"units_needed": 99_000}}

    (line,) = recommendation(results_with("undecided") | {"comparisons": [other, row | {"primary": PRIMARY}]})

    assert line == (
        "These data do not decide between the two: until more do, use svm, the cheaper one to train." + expected
    )


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("better", "Use the network that does best on your validation data (mostly cnn) if 2.1 points of accuracy "
         "[+0.4, +3.9] justify 40 times the training and 3.0 times the prediction cost of the traditional method."),
        ("worse", "Use the traditional method that does best on your validation data (mostly svm): the network does "
         "not reach it here, at 40 times the training and 3.0 times the prediction cost."),
        ("equivalent", "Use the traditional method that does best on your validation data (mostly svm): the two are "
         "equivalent, and training cnn takes 40 times the CPU time of svm."),
        ("undecided", "These data do not decide between the two: until more do, use the traditional method that does "
         "best on your validation data (mostly svm), the cheaper one to train."),
    ],
)  # fmt: skip
def test_folds_that_chose_several_learners_recommend_the_way_of_choosing(verdict: str, expected: str) -> None:
    """The measured difference is that of the choice on each fold, not of one learner."""
    several = {"challenger_by_fold": ["cnn", "cnn", "net"], "classical_by_fold": ["svm", "knn", "svm"]}

    assert recommendation(results_with(verdict, **several)) == [expected]


@pytest.mark.parametrize("verdict", ["better", "worse", "equivalent", "undecided"])
def test_a_second_opinion_that_disagrees_follows_the_recommendation(verdict: str) -> None:
    """In words of its own; it changes no verdict."""
    opinion = "A second opinion is less sure: the exact McNemar test has p = 0.07."

    assert recommendation(results_with(verdict, second_opinion=opinion))[1:] == [opinion]


@pytest.mark.parametrize("more", [{"challenger": None}, {"difference": None}, {"low": None}])
def test_without_numbers_there_is_no_recommendation(more: Value) -> None:
    """Nor without a verdict."""
    assert recommendation(results_with("undecided", **more)) == []
    assert recommendation(results_with("invalid")) == []


@pytest.mark.parametrize("above", [True, False])
def test_a_family_that_beats_chance_on_shuffled_labels_silences_the_recommendation(above: bool) -> None:
    """The leak has to be found before any number counts."""
    control = {"families": [{"above": False}, {"above": above}]}

    (first, *others) = recommendation(results_with("better") | {"negative_control": control})

    assert first.startswith("Find the leak first") is above
    assert not (above and others)


def test_the_lead_is_positive_for_a_metric_to_minimise() -> None:
    """A loss that is lower by 0.1."""
    results = results_with("better", -0.1, -0.15, -0.05) | {"metric": "log_loss"}
    results["metrics"] = {"log_loss": {"kind": "unbounded", "higher_is_better": False}}

    assert recommendation(results)[0].startswith("Use cnn if 0.100 of log loss [+0.050, +0.150] justify")


def test_a_crossing_of_the_same_pair_within_the_measured_sizes_is_mentioned() -> None:
    """Crossings outside, or of another pair, are not."""
    assert recommendation(results_with("better") | {"curve": CROSSED})[1:] == [
        "With fewer than about 3,000 training samples the curve of svm is the higher one."
    ]
    for change in ({"n": None, "reached": False}, {"n": 0.0}, {"challenger": "other"}):
        crossed = {"crossovers": [CROSSING | change]}
        assert len(recommendation(results_with("better") | {"curve": crossed})) == 1


@given(st.integers(2, 40), st.integers(2, 5), st.integers(0, 2**31))
def test_the_average_does_not_depend_on_the_scale_of_scores(n: int, k: int, seed: int) -> None:
    """Margins of an SVM may be a hundred times larger than probabilities."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n)
    network_scores, classical_scores = rng.normal(size=(2, n, k))

    right = correct_by_mean(y, network_scores, classical_scores)

    assert right == correct_by_mean(y, 8 * network_scores, classical_scores / 4)
    assert right == correct_by_mean(y, classical_scores, network_scores)
    assert correct_by_mean(y, network_scores, network_scores) == (network_scores.argmax(axis=1) == y).sum()


def test_the_oracle_counts_samples_with_either_learner_right(results: Value) -> None:
    """Of 10,000: 8,790 both, 521 and 262 one alone."""
    expected = combined(results["disagreement"])

    assert "resnet8 alone 93.1 %, hog_svm alone 90.5 %" in expected
    assert "scores 94.0 %" in expected
    assert "chooses the right one 95.7 %" in expected


@pytest.mark.parametrize(("before", "mentioned"), [("undecided", True), ("better", False)])
def test_a_verdict_that_depends_on_the_search_is_marked(before: str, mentioned: bool) -> None:
    """Only if the verdict as configured differs."""
    row = {"learner": "cnn", "reference": "svm", "uncertainty": None, "primary": PRIMARY}
    value = results_with("better") | {
        "comparisons": [row | {"verdict": "better"}], "as_configured": [row | {"verdict": before}]
    }  # fmt: skip

    expected = " ".join(recommendation(value))
    assert ("This depends on the search: as configured, cnn against svm is undecided." in expected) == mentioned
    assert ("depends on the search" in expected) == mentioned


def test_the_search_may_choose_another_learner_for_the_primary_comparison() -> None:
    """It remains the same question, whoever was chosen as configured."""
    tuned = {"learner": "cnn", "reference": "svm", "verdict": "better", "primary": PRIMARY}
    before = {"learner": "other", "reference": "svm", "verdict": "undecided", "primary": PRIMARY | {"learner": "other"}}

    lines = recommendation(results_with("better") | {"comparisons": [tuned], "as_configured": [before]})

    assert any(line.startswith("This depends on the search: ") for line in lines)
