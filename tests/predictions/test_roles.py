"""Columns of tables of predictions are recognised by name and content, or stated."""

import numpy as np
import pytest

from visiontk.errors import ConfigError
from visiontk.predictions.frame import Frame
from visiontk.predictions.roles import recognise, recognise_truth


def frame(**columns):
    return Frame("a.csv", columns, range(2, 2 + len(next(iter(columns.values())))))


def test_scores_per_class_are_recognised_by_a_common_prefix():
    roles = recognise(frame(id=["a", "b"], y=["cat", "dog"], prob_cat=["0.9", "0.2"], prob_dog=["0.1", "0.8"]), {})

    assert (roles.id, roles.truth) == ("id", "y")
    assert roles.scores == (("prob_cat", "cat"), ("prob_dog", "dog"))


def test_scores_per_class_may_be_named_like_the_classes():
    roles = recognise(frame(file=["a", "b"], truth=["cat", "dog"], cat=["3", "1"], dog=["1", "2"]), {})

    assert roles.scores == (("cat", "cat"), ("dog", "dog"))


def test_a_class_may_end_with_a_bracket():
    table = frame(id=["a", "b"], **{"prob_cat (old)": ["1", "2"], "prob_cat (new)": ["2", "1"]})

    assert [label for _, label in recognise(table, {}).scores] == ["cat (old)", "cat (new)"]


@pytest.mark.parametrize("name", ["p(cat)", "p cat", "Score: cat", "proba.cat", "logit[cat]"])
def test_punctuation_between_prefix_and_class(name):
    roles = recognise(frame(id=["a", "b"], **{name: ["1", "2"], name.replace("cat", "dog"): ["2", "1"]}), {})

    assert [label for _, label in roles.scores] == ["cat", "dog"]


def test_label_is_the_truth_beside_a_score_below_a_half():
    roles = recognise(frame(id=["a", "b"], label=["0", "1"], score=["0.2", "0.9"]), {})

    assert (roles.truth, roles.prediction, roles.score) == ("label", "", "score")


def test_label_is_the_prediction_if_the_truth_is_elsewhere():
    roles = recognise(frame(id=["a", "b"], label=["0", "1"], score=["0.7", "0.9"]), {}, has_truth=True)

    assert (roles.truth, roles.prediction, roles.is_confidence) == ("", "label", True)


def test_an_ambiguous_label_column_is_an_error():
    with pytest.raises(ConfigError, match="may hold the true or the predicted class") as caught:
        recognise(frame(id=["a", "b"], label=["0", "1"], score=["0.7", "0.9"]), {})

    assert "--column truth=label" in caught.value.hint


def test_a_score_below_a_half_beside_a_predicted_class_belongs_to_the_positive_class():
    table = frame(id=["a", "b"], truth=["0", "1"], pred=["0", "1"], score=["0.1", "0.9"])

    assert not recognise(table, {}).is_confidence


def test_the_name_of_a_score_determines_the_positive_class():
    roles = recognise(frame(id=["a", "b"], truth=["ill", "well"], prob_ill=["0.1", "0.9"]), {})

    assert (roles.score, roles.positive) == ("prob_ill", "ill")


def test_seeds_folds_groups_and_costs_are_recognised_by_name():
    table = frame(
        id=["a", "b", "a", "b"],
        truth=list("0101"),
        pred=list("0101"),
        seed=list("0011"),
        fold=list("0101"),
        patient_id=["p", "p", "p", "p"],
        latency_ms=["1", "2", "3", "4"],
    )

    roles = recognise(table, {})

    assert (roles.seed, roles.fold, roles.group, dict(roles.costs)) == (
        "seed",
        "fold",
        "patient_id",
        {"predict_ms": "latency_ms"},
    )


def test_a_constant_seed_is_not_a_column_of_fits():
    assert recognise(frame(id=["a", "b"], truth=["0", "1"], pred=["0", "1"], seed=["3", "3"]), {}).seed == ""


def test_every_choice_is_listed_with_the_option_that_overrides_it():
    roles = recognise(frame(id=["a", "b"], truth=["0", "1"], pred=["0", "1"], camera=["x", "y"]), {})

    listed = {choice.what: (choice.value, choice.option) for choice in roles.choices}
    assert listed["id"] == ("id", "--column id=NAME")
    assert listed["prediction"] == ("pred", "--column prediction=NAME")
    assert listed["columns not used"] == ("camera", "")


def test_stated_columns_take_precedence():
    table = frame(id=["1", "2"], name2=["a", "b"], truth=["0", "1"], gold=["1", "0"], pred=["0", "1"], x=["0", "1"])

    roles = recognise(table, {"id": "name2", "truth": "gold", "prediction": "x", "group": "none"})

    assert (roles.id, roles.truth, roles.prediction) == ("name2", "gold", "x")


@pytest.mark.parametrize("stated", ["m1_cat,m1_dog", "m1_"])
def test_scores_can_be_stated_by_names_or_by_prefix(stated):
    table = frame(id=["1", "2"], truth=["cat", "dog"], m1_cat=["1", "0"], m1_dog=["0", "1"], prob_x=["1", "1"])

    assert [column for column, _ in recognise(table, {"scores": stated}).scores] == ["m1_cat", "m1_dog"]


def test_none_removes_a_role():
    table = frame(id=["1", "2"], truth=["0", "1"], pred=["0", "1"], score=["0.1", "0.9"])

    assert recognise(table, {"score": "none"}).score == ""


def test_an_unknown_role_is_an_error():
    with pytest.raises(ConfigError, match="Did you mean 'truth'"):
        recognise(frame(id=["1"]), {"truht": "x"})


def test_two_columns_of_groups_are_an_error():
    table = frame(id=list("abcd"), truth=list("0101"), pred=list("0101"), patient=list("xxyy"), speaker=list("uvuv"))

    with pytest.raises(ConfigError, match="Which is it") as caught:
        recognise(table, {})

    assert "--column group=patient" in caught.value.message


def test_no_predictions_is_an_error_that_lists_the_columns():
    with pytest.raises(ConfigError, match=r"no column with predicted classes or scores\. Columns: id, truth, a\.b\."):
        recognise(frame(id=["1", "2"], truth=["0", "1"], **{"a.b": ["x", "y"]}), {})


def test_a_column_of_scores_with_texts_is_an_error():
    with pytest.raises(ConfigError, match=r"Column prob holds 'np\.float64\(0\.3\)'"):
        recognise(frame(id=["1", "2"], truth=["0", "1"], prob=["np.float64(0.3)", "np.float64(0.7)"]), {})


def test_several_true_labels_are_an_error():
    with pytest.raises(ConfigError, match="several true labels"):
        recognise(frame(id=["0"], true_0=["1"], true_1=["0"], score_0=["0.1"], score_1=["0.3"]), {})


def test_an_array_of_scores():
    roles = recognise(Frame("a.npz", {"proba": np.eye(3), "y": np.arange(3)}, range(3)), {})

    assert (roles.scores, roles.truth) == ((("proba", ""),), "y")


def test_truth_alone():
    roles = recognise_truth(frame(image=["a", "b"], diagnosis=["0", "1"], label=["1", "0"]), {})

    assert (roles.id, roles.truth) == ("image", "label")


def test_truth_that_is_not_recognised():
    with pytest.raises(ConfigError, match="no column looks like the true class"):
        recognise_truth(frame(image=["a", "b"], diagnosis=["0", "1"], u=["1", "0"]), {})
