"""The sentence at the top: grammar, signs, and no claim without a verdict."""

from typing import Any

import pytest

from visiontk.report.sections.headline import headlines_of
from visiontk.report.sections.warnings import warnings_of

Value = dict[str, Any]

ACCURACY = {"kind": "proportion", "higher_is_better": True, "by_class": False}


def learner(name: str, family: str, value: float = 0.9, *, valid: float | None = None, cpu: float = 10.0) -> Value:
    return {
        "name": name, "family": family, "valid": value if valid is None else valid, "fit_cpu_s": cpu,
        "predict_ms_per_sample": 0.1, "n_cut_off": 0, "n_trials": 3, "notes": [], "set_by_hand": {}, "package": None,
        "pretrained_on": "", "knew": "", "input_size": "",
        "metrics": {"accuracy": {"value": value, "low": value - 0.01, "high": value + 0.01}},
    }  # fmt: skip


def comparison(
    name: str, value: float | None, low: float | None, high: float | None, verdict: str, **more: Any
) -> Value:
    """Return the primary comparison of a run with one fold."""
    row = {
        "learner": name, "reference": "hog_svm", "difference": value, "low": low, "high": high, "verdict": verdict,
        "scope": "procedure", "reason": "the test set has one class only", "p_value": 0.04, "p_adjusted": 0.04,
        "confidence": 0.95, "second_opinion": "", "uncertainty": None, **more,
    }  # fmt: skip
    return {"primary": chosen([row["learner"]], [row["reference"]], value or 0.0)} | row


def chosen(learner_by_fold: list[str], reference_by_fold: list[str], value: float = 0.0) -> Value:
    """Return the learners of a primary comparison, and their accuracies of which the reference has 90 %."""
    return {
        "families": ["network", "classical"], "learner": max(learner_by_fold, key=learner_by_fold.count),
        "reference": max(reference_by_fold, key=reference_by_fold.count),
        "learner_by_fold": learner_by_fold, "reference_by_fold": reference_by_fold,
        "requested": [], "learner_value": 0.9 + value, "reference_value": 0.9,
    }  # fmt: skip


def results_with(*rows: Value, learners: list[Value] | None = None, metric: Value | None = None, **more: Any) -> Value:
    """Return results as far as the headline needs them, with one network per comparison."""
    learner_rows = learners or [
        *(learner(row["learner"], "network", cpu=140.0) for row in rows),
        learner("hog_svm", "classical"),
        learner("logistic", "classical", 0.8),
    ]
    return {
        "dataset": {"name": "clothes", "title": "clothes", "synthetic": False, "n_train": 5000, "n_test": 1000,
                    "n_groups": None, "n_test_units": 1000, "grouped_by": "", "package": None, "origin": "public",
                    "seen_in": [], "labels": [], "test_units": []},
        "metric": "accuracy", "metrics": {"accuracy": metric or ACCURACY},
        "reference": "hog_svm", "reference_reason": "best traditional learner on the validation set",
        "pair": None, "margin": 0.01, "margin_reason": "by default",
        "learners": learner_rows, "comparisons": list(rows), "preset": "standard", "n_folds": 1, "max_train": None,
        "seeds": [0, 1, 2], "search": 1, "tuning": {}, "as_configured": [], "n_test_readings": 9, "n_done": 9,
        "ceiling": None,
    } | more  # fmt: skip


def sentence(results: Value) -> str:
    return str(headlines_of(results)[0]["sentence"])


@pytest.mark.parametrize(
    ("by_class", "units", "groups", "expected"),
    [
        (True, [90, 6], None, "has 6 test samples: little follows from so few, so intervals of accuracy are wide"),
        (True, [90, 6], 80, "has 6 test groups: little follows from so few, so intervals of accuracy are wide"),
        (True, [90, 2], None, "has 2 test samples: too few for an interval of accuracy."),
        (True, [90, 1], 80, "has 1 test group: too few for an interval of accuracy."),
        (True, [90, 12], None, ""),
        (False, [90, 6], None, ""),
    ],
)
def test_a_class_with_few_units_is_named(by_class: bool, units: list[int], groups: int | None, expected: str) -> None:
    """If the metric averages over classes; where samples come in groups, these are counted."""
    results = results_with(BETTER, metric={"kind": "bounded", "higher_is_better": True, "by_class": by_class})
    results["dataset"] |= {"labels": ["cat", "dog"], "test_units": units, "n_groups": groups}
    results["headlines"] = headlines_of(results)

    warnings = [warning for warning in warnings_of(results) if warning.startswith("Class ")]

    assert [warning[: len(f"Class dog {expected}")] for warning in warnings] == [f"Class dog {expected}"] * bool(
        expected
    )


BETTER = comparison("resnet", 0.026, 0.022, 0.031, "better")
WORSE = comparison("resnet", -0.026, -0.031, -0.022, "worse")


def test_a_better_network_is_named() -> None:
    """With the difference, its interval and the cost."""
    assert sentence(results_with(BETTER)) == (
        "On clothes, the network, resnet, is better than the best traditional method, hog_svm, by 2.6 points of "
        "accuracy [+2.2, +3.1]; hog_svm makes 1.4 times as many errors as resnet; training resnet takes 14 times the "
        "CPU time of hog_svm."
    )


def test_a_better_traditional_learner_is_named() -> None:
    """The interval is that of its lead, so both ends are positive."""
    assert sentence(results_with(WORSE)) == (
        "On clothes, the best traditional method, hog_svm, is better than the network, resnet, by 2.6 points of "
        "accuracy [+2.2, +3.1]; resnet makes 1.3 times as many errors as hog_svm; training resnet takes 14 times the "
        "CPU time of hog_svm."
    )


def test_equivalence_names_difference_and_margin() -> None:
    """The sign is that of network minus traditional."""
    row = comparison("resnet", -0.002, -0.006, 0.003, "equivalent")

    assert sentence(results_with(row)) == (
        "On clothes, the network, resnet, and the best traditional method, hog_svm, are equivalent: the "
        "measured accuracy of resnet is 0.2 points lower [−0.6, +0.3], within the margin of 1 point; training resnet "
        "takes 14 times the CPU time of hog_svm."
    )


def test_an_undecided_comparison_claims_nothing() -> None:
    """Neither better nor equivalent."""
    row = comparison("resnet", 0.004, -0.012, 0.02, "undecided")

    text = sentence(results_with(row))

    assert text.startswith("On clothes, it is undecided whether the network, resnet, or the best traditional method,")
    assert "better: the measured accuracy of resnet is 0.4 points higher [−1.2, +2.0]; training" in text
    assert "better than" not in text


def test_an_invalid_comparison_gives_its_reason() -> None:
    """The reason ends with one full stop."""
    row = comparison("resnet", None, None, None, "invalid")

    assert (
        sentence(results_with(row)) == "On clothes, no verdict on resnet and hog_svm: the test set has one class only."
    )


@pytest.mark.parametrize(("margin", "words"), [(0.01, "1 point"), (0.015, "1.5 points"), (0.07, "7 points")])
def test_the_margin_is_in_points(margin: float, words: str) -> None:
    row = comparison("resnet", 0.0, -0.005, 0.005, "equivalent")

    assert f"within the margin of {words};" in sentence(results_with(row, margin=margin))


LOSS = {"kind": "unbounded", "higher_is_better": False, "by_class": False}


def test_the_lead_is_positive_for_a_metric_to_minimise() -> None:
    """A network with 0.05 less loss is better by 0.05."""
    row = comparison("resnet", -0.052, -0.071, -0.033, "better")

    text = sentence(results_with(row, metric=LOSS))

    assert (
        "resnet, is better than the traditional method chosen on validation data, hog_svm, by 0.052 of accuracy [+0.033"
        in text
    )


def test_a_larger_loss_makes_a_network_worse() -> None:
    text = sentence(results_with(comparison("resnet", 0.052, 0.033, 0.071, "worse"), metric=LOSS))

    assert "hog_svm, is better than the network, resnet, by 0.052 of accuracy [+0.033, +0.071];" in text


def test_an_unbounded_metric_has_no_points() -> None:
    """Digits follow the interval, and the margin is in the unit of the metric."""
    text = sentence(results_with(comparison("resnet", 0.0012, -0.0034, 0.0056, "equivalent"), metric=LOSS))

    assert (
        "accuracy of resnet is 0.0012 higher [−0.0034, +0.0056] (lower is better), within the margin of 0.01;" in text
    )
    assert "point" not in text


def test_synthetic_data_are_named_in_the_sentence() -> None:
    results = results_with(BETTER)
    results["dataset"]["synthetic"] = True

    assert sentence(results).startswith("On clothes (synthetic data), ")


def test_own_data_are_named_after_their_folder() -> None:
    results = results_with(BETTER)
    results["dataset"] |= {"name": "csv", "title": "pets (your data)"}

    assert sentence(results).startswith("On pets (your data), ")


def test_a_learner_that_is_ahead_on_the_test_set_only_is_a_warning() -> None:
    """A network with a better test value is mentioned in a warning."""
    learners = [
        learner("convnet", "network", 0.95, valid=0.90),
        learner("resnet", "network", 0.93, valid=0.91),
        learner("hog_svm", "classical", 0.9),
    ]
    other = comparison("convnet", 0.05, 0.04, 0.06, "better", primary=None)
    results = results_with(BETTER, other, learners=learners)

    results["headlines"] = headlines_of(results)

    assert results["headlines"][0]["challenger"] == "resnet"
    assert (
        "On clothes, the network chosen on validation data, resnet, is better than"
        in results["headlines"][0]["sentence"]
    )
    assert any(note.startswith("resnet represents its family") and "convnet" in note for note in warnings_of(results))


def test_ties_on_the_test_set_need_no_warning() -> None:
    """No learner of the family is above the chosen one in the table."""
    learners = [
        learner("convnet", "network", 0.93, valid=0.90),
        learner("resnet", "network", 0.93, valid=0.91),
        learner("hog_svm", "classical", 0.9),
    ]
    results = results_with(BETTER, learners=learners)

    results["headlines"] = headlines_of(results)

    assert "On clothes, the best network, resnet, is better than" in results["headlines"][0]["sentence"]
    assert not [note for note in warnings_of(results) if "represents its family" in note]


def test_a_difference_that_rounds_to_zero_has_no_direction() -> None:
    row = comparison("resnet", 0.0001, -0.012, 0.012, "undecided")

    assert "is better: the measured accuracy of both is the same [−1.2, +1.2]; training" in sentence(results_with(row))


def test_a_requested_reference_is_not_called_the_best() -> None:
    primary = BETTER["primary"] | {"requested": ["hog_svm"]}

    text = sentence(results_with(BETTER | {"primary": primary}))

    assert "the network, resnet, is better than hog_svm by 2.6 points" in text


@pytest.mark.parametrize(
    ("row", "words", "verdict"),
    [
        (
            ("better", 0.02, 0.01, 0.03),
            "hog_svm, is better than resnet by 2.0 points of accuracy [+1.0, +3.0]",
            "worse",
        ),
        (
            ("worse", -0.02, -0.03, -0.01),
            "resnet is better than the traditional method, hog_svm, by 2.0 points",
            "better",
        ),
        (("undecided", 0.02, -0.01, 0.05), "accuracy of resnet is 2.0 points lower [−5.0, +1.0]", "undecided"),
    ],
)
def test_a_network_as_reference_reverses_signs_and_verdict(
    row: tuple[str, float, float, float], words: str, verdict: str
) -> None:
    """The comparison is hog_svm minus resnet; the headline remains network minus traditional."""
    learners = [learner("resnet", "network"), learner("hog_svm", "classical")]
    compared = comparison("hog_svm", *row[1:], row[0], reference="resnet")
    results = results_with(compared, learners=learners, reference="resnet")
    compared["primary"]["requested"] = ["resnet"]

    value = headlines_of(results)[0]

    assert words in value["sentence"]
    assert value["verdict"] == verdict
    assert value["low"] == -row[3]
    assert value["high"] == -row[2]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"comparisons": [], "reference": None, "reference_reason": "no traditional learner has finished"},
            "No verdict: no traditional learner has finished.",
        ),
        (
            {"comparisons": [], "reference": None, "reference_reason": "hog_svm has no finished trials"},
            "No verdict: hog_svm has no finished trials.",
        ),
        ({"comparisons": []}, "No verdict: no network has finished."),
        (
            {"comparisons": [], "reference": "resnet", "learners": [learner("resnet", "network")]},
            "No verdict: no traditional learner has finished.",
        ),
        (
            {
                "comparisons": [BETTER | {"reference": "prior", "primary": None}],
                "reference": "prior",
                "learners": [learner("prior", "floor"), learner("resnet", "network")],
            },
            "No verdict: the reference, prior, is a floor, which ignores its input.",
        ),
    ],
)
def test_without_a_pair_there_is_no_verdict(changes: Value, text: str) -> None:
    """The missing learner is named, and every number is null."""
    (value,) = headlines_of({**results_with(BETTER), **changes})

    assert value["sentence"] == text
    assert value["verdict"] == "invalid"
    assert value["difference"] is None


@pytest.mark.parametrize(
    ("cpu", "words"),
    [
        (1400.0, "; training resnet takes 140 times the CPU time of hog_svm."),
        (99.6, "; training resnet takes 10 times the CPU time of hog_svm."),
        (25.0, "; training resnet takes 2.5 times the CPU time of hog_svm."),
        (11.0, "; training them takes about the same CPU time."),
        (2.5, "; training hog_svm takes 4.0 times the CPU time of resnet."),
        (0.0, "[+2.2, +3.1]; hog_svm makes 1.4 times as many errors as resnet."),
    ],
)
def test_the_cost_ratio_is_that_of_the_more_expensive_learner(cpu: float, words: str) -> None:
    """A time of zero is below the resolution of the clock and gives no ratio."""
    learners = [learner("resnet", "network", cpu=cpu), learner("hog_svm", "classical")]

    assert sentence(results_with(BETTER, learners=learners)).endswith(words)


def notes(**changes: Any) -> list[str]:
    results = {**results_with(BETTER), **changes}
    results["headlines"] = headlines_of(results)
    return warnings_of(results)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"preset": "quick"}, "Quick preset: a first impression, not a result."),
        ({"max_train": 5000}, "Every learner saw at most 5,000 training samples."),
        ({"seeds": [0]}, "One seed: the verdict is about these fitted models"),
        ({}, "No search for parameters"),
        ({"dataset": results_with()["dataset"] | {"n_test": 40}}, "Only 40 test samples"),
        (
            {"dataset": results_with()["dataset"] | {"n_groups": 213, "n_test_units": 42, "grouped_by": "person"}},
            "Test samples come in 42 groups by person; intervals and tests count groups, not samples.",
        ),
        (
            {"dataset": results_with()["dataset"] | {"n_groups": 30, "n_test_units": 6, "grouped_by": "person"}},
            "Fewer than 20 groups in test: 95 % intervals of one learner may hold the true value in 91 to 99 of 100",
        ),
        (
            {"dataset": results_with()["dataset"] | {"n_test": 250}, "n_folds": 5},
            "Cross-validation of fewer than 300 samples: how much fits differ is not in the interval.",
        ),
        (
            {
                "dataset": results_with()["dataset"] | {"n_test": 220},
                "learners": [learner("resnet", "network", 0.994), learner("hog_svm", "classical")],
            },
            "resnet makes fewer than 2 errors: of so few, the 95 % interval of one learner may hold",
        ),
        (
            {"learners": [learner("resnet", "network") | {"n_cut_off": 2}, learner("hog_svm", "classical")]},
            "resnet: 2 of 3 fits reached the budget and were ended.",
        ),
        (
            {"learners": [learner("resnet", "network"), learner("hog_svm", "classical"), learner("prior", "floor")]},
            "resnet and hog_svm are not above the floor (prior): nothing shows that they have learnt anything useful.",
        ),
    ],
)
def test_limits_of_the_conclusions_are_warnings(changes: Value, words: str) -> None:
    """Each limit has its warning."""
    assert any(note.startswith(words) for note in notes(**changes))


@pytest.mark.parametrize(
    ("changes", "units"),
    [({}, "1,000 test samples"), ({"n_groups": 30, "n_test_units": 6, "grouped_by": "patient"}, "6 test groups")],
)
def test_a_wide_interval_is_no_failure_to_learn(changes: Value, units: str) -> None:
    """A learner that is ahead of the floor, with an interval that reaches down to it, may be as good as it looks."""
    sure, floor = learner("hog_svm", "classical", 1.0), learner("prior", "floor", 0.5)
    wide = learner("resnet", "network", 1.0) | {"metrics": {"accuracy": {"value": 1.0, "low": 0.3, "high": 1.0}}}
    below = learner("logistic", "classical", 0.4)

    warnings = notes(learners=[sure, wide, below, floor], dataset=results_with()["dataset"] | changes)

    assert [warning for warning in warnings if "floor" in warning] == [
        "logistic is not above the floor (prior): nothing shows that it has learnt anything useful.",
        f"{units} are too few to say whether resnet is above the floor (prior): the 95 % interval of accuracy "
        "includes its value.",
    ]


def test_the_floor_is_an_upper_limit_where_less_is_better() -> None:
    """A loss above that of the floor, or an interval that reaches up to it."""
    rows = [learner("resnet", "network", 0.4), learner("hog_svm", "classical", 0.495), learner("prior", "floor", 0.5)]

    warnings = notes(learners=rows, metrics={"accuracy": ACCURACY | {"higher_is_better": False}})

    assert [warning.partition(" above")[0] for warning in warnings if "floor" in warning] == [
        "1,000 test samples are too few to say whether hog_svm is"
    ]


def test_a_complete_large_run_has_only_the_permanent_warnings() -> None:
    assert notes() == [
        "3 seeds: nothing follows about failures of training that are rarer than 63 % of the fits.",
        "No search for parameters: each learner ran with its defaults.",
    ]


@pytest.mark.parametrize(("n", "rarer"), [(2, "78 %"), (3, "63 %"), (5, "45 %"), (10, "26 %")])
def test_failures_that_the_seeds_cannot_show_are_named(n: int, rarer: str) -> None:
    """A failure of this share of the fits would have been missed by all seeds in 5 % of the cases: (1 - q)^n = 0.05."""
    warnings = notes(seeds=list(range(n)))

    assert f"{n} seeds: nothing follows about failures of training that are rarer than {rarer} of the fits." in warnings


def test_parameters_set_by_hand_are_a_warning() -> None:
    """They may have been chosen on these very data."""
    by_hand = learner("resnet", "network") | {"set_by_hand": {"epochs": 6, "word_dropout": 0.3}}

    (note,) = [note for note in notes(learners=[by_hand, learner("hog_svm", "classical")]) if "search" in note]

    assert "set by hand: resnet (epochs, word dropout). If that was chosen on these data" in note
    assert "hog_svm" not in note


def test_unknown_metric_values_are_not_compared_with_the_floor() -> None:
    """A learner whose metric is undefined gets no warning about the floor."""
    unknown = learner("resnet", "network") | {"metrics": {"accuracy": {"value": None, "low": None, "high": None}}}
    learners = [unknown, learner("hog_svm", "classical"), learner("prior", "floor", 0.1)]

    assert not [note for note in notes(learners=learners) if "floor" in note]


def mixed(n_convnet: int, n_svm: int, verdict: str = "better", value: float = 0.026) -> Value:
    """Return results where convnet and hog_svm were chosen on so many of five folds."""
    networks = ["convnet"] * n_convnet + ["resnet"] * (5 - n_convnet)
    classical = ["hog_svm"] * n_svm + ["logistic"] * (5 - n_svm)
    row = comparison("best network", value, value - 0.01, value + 0.01, verdict, primary=chosen(networks, classical))
    learners = [
        learner("convnet", "network", 0.95), learner("resnet", "network", 0.8),
        learner("hog_svm", "classical", 0.5), learner("logistic", "classical", 0.4),
    ]  # fmt: skip
    return results_with(row, learners=learners)


def test_the_choice_of_each_fold_is_counted_in_the_sentence() -> None:
    """A name alone would claim that it was chosen everywhere."""
    results = mixed(4, 3)

    assert sentence(results).startswith(
        "On clothes, the network chosen on each fold (convnet in 4 of 5 folds) is better than the traditional method "
        "chosen on each fold (hog_svm in 3 of 5 folds) by 2.6 points of accuracy [+1.6, +3.6];"
    )
    assert headlines_of(results)[0]["challenger_by_fold"] == ["convnet"] * 4 + ["resnet"]
    assert headlines_of(results)[0]["classical_by_fold"] == ["hog_svm"] * 3 + ["logistic"] * 2


def test_no_verdict_on_several_learners_has_no_name_of_one() -> None:
    results = mixed(4, 5, "invalid")

    assert sentence(results).startswith("On clothes, no verdict on the network and hog_svm: the test set has one class")


def test_a_measured_value_of_several_learners_has_no_name_of_one() -> None:
    assert "better: the measured accuracy of the network is 0.4 points higher" in sentence(
        mixed(4, 5, "undecided", 0.004)
    )
    assert "better: the measured accuracy of convnet is 0.4 points higher" in sentence(mixed(5, 3, "undecided", 0.004))


def with_values(ours: float, theirs: float, **more: Any) -> Value:
    """Return results with these values of the two."""
    row = comparison("resnet", ours - theirs, ours - theirs - 0.01, ours - theirs + 0.01, "better")
    row["primary"] |= {"learner_value": ours, "reference_value": theirs}
    return results_with(row, **more)


@pytest.mark.parametrize(
    ("ours", "theirs", "ratio", "words"),
    [
        (0.9922, 0.9878, 0.639, "; hog_svm makes 1.6 times as many errors as resnet;"),
        (0.98, 0.99, 2.0, "; resnet makes 2.0 times as many errors as hog_svm;"),
        (0.90, 0.91, 1.111, ""),
        (1.0, 0.9, 0.0, ""),
        (0.9, 1.0, None, ""),
    ],
)
def test_the_ratio_of_errors_is_in_the_sentence(ours: float, theirs: float, ratio: float | None, words: str) -> None:
    """14 and 22 mistakes in 1,797 samples are 0.4 points apart; none and ten have no ratio."""
    results = with_values(ours, theirs)

    assert headlines_of(results)[0]["error_ratio"] == (ratio if ratio is None else pytest.approx(ratio, abs=1e-3))
    assert words in sentence(results)
    assert ("errors" in sentence(results)) == bool(words)


def test_errors_are_those_of_the_choices_of_all_folds() -> None:
    """The table has only values of single learners, which differ."""
    results = mixed(4, 3)
    results["comparisons"][0]["primary"] |= {"learner_value": 0.9, "reference_value": 0.8}

    assert headlines_of(results)[0]["error_ratio"] == pytest.approx(0.5)
    assert "; the traditional method makes 2.0 times as many errors as the network;" in sentence(results)


def test_only_shares_of_correct_samples_count_errors() -> None:
    """An AUC of 0.9 is no share of errors, and a loss has no best value of 1."""
    area = {"kind": "bounded", "higher_is_better": True, "by_class": True}

    assert "; hog_svm is 2.0 times as far from the best accuracy, 1, as resnet;" in sentence(
        with_values(0.95, 0.9, metric=area)
    )
    assert headlines_of(with_values(0.95, 0.9, metric=LOSS))[0]["error_ratio"] is None


def test_a_second_opinion_qualifies_the_headline() -> None:
    opinion = "A second opinion is less sure: the exact McNemar test has p = 0.07."

    assert headlines_of(results_with(BETTER | {"second_opinion": opinion}))[0]["second_opinion"] == opinion
