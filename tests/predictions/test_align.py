"""Alignment of the samples of several tables by id; every inconsistency is one error that lists rows."""

import numpy as np
import pytest

from visiontk.errors import ConfigError, VisiontkError
from visiontk.predictions.align import align
from visiontk.predictions.table import Options

TRUTH = {"a": "0", "b": "1", "c": "0", "d": "1"}


def table(ids="abcd", **columns):
    return {"id": list(ids), **columns}


def error_of(error_id, sources, **arguments):
    with pytest.raises(VisiontkError) as caught:
        align(sources, **arguments)
    assert caught.value.error_id == error_id
    return f"{caught.value.message}\n{caught.value.hint}"


def test_tables_in_other_orders_give_the_same_arrays():
    a = table(pred=list("0101"), truth=list("0101"), group=list("xxyy"))
    b = table("dcba", pred=list("1010"), truth=list("1010"), group=list("yyxx"))

    aligned = align({"a": a, "b": b})

    assert aligned.ids.tolist() == list("abcd")
    assert aligned.groups is not None
    assert aligned.groups.tolist() == list("xxyy")
    np.testing.assert_array_equal(aligned.models[0].scores, aligned.models[1].scores)


def test_duplicate_ids_are_an_error():
    message = error_of("E-PREDICTIONS-IDS", {"a": table("abca", pred=list("0101"))}, truth=TRUTH)

    assert "'a': position 0 and position 3" in message


def test_several_fits_may_repeat_ids_but_not_within_one():
    ok = align({"a": table("abab", pred=list("0101"), seed=list("1122"), truth=list("0101"))})
    assert ok.models[0].fits == ("1", "2")

    message = error_of("E-PREDICTIONS-IDS", {"a": table("aaab", pred=list("0101"), seed=list("1122"))}, truth=TRUTH)
    assert "of fit '1'" in message


def test_a_fit_that_lacks_a_sample_is_an_error():
    source = table("abcabcd", pred=list("0101010"), seed=list("1112222"), truth=list("0100101"))

    message = error_of("E-PREDICTIONS-IDS", {"a": source})

    assert "a lacks 1 of 4, such as 'd'" in message


def test_ids_that_differ_are_listed_in_the_error():
    a, b = table("abc", pred=list("010")), table("bcd", pred=list("101"))

    message = error_of("E-PREDICTIONS-IDS", {"a": a, "b": b}, truth=TRUTH)

    assert "a lacks 1 of 4, such as 'd'" in message
    assert "b lacks 1 of 4, such as 'a'" in message
    assert "--on-missing drop" in message


def test_ids_that_differ_can_be_dropped_with_a_warning():
    a, b = table("abc", pred=list("010")), table("bcd", pred=list("101"))

    aligned = align({"a": a, "b": b}, truth=TRUTH, options=Options(on_missing="drop"))

    assert aligned.ids.tolist() == ["b", "c"]
    assert "2 of 4 samples dropped" in aligned.notes[0]
    assert "often the hard ones" in aligned.warnings[0]
    assert aligned.models[1].scores[0].argmax(axis=1).tolist() == [1, 0]


def test_tables_without_a_common_id_are_an_error():
    a, b = table(["7", "8"], pred=list("01")), table(["007", "008"], pred=list("01"))

    message = error_of(
        "E-PREDICTIONS-IDS", {"a": a, "b": b}, truth={"7": "0", "8": "1"}, options=Options(on_missing="drop")
    )

    assert "7 and not 007" in message


def test_a_sample_without_a_prediction_is_an_error():
    message = error_of("E-PREDICTIONS-IDS", {"a": table("abc", pred=list("010"))}, truth=TRUTH)

    assert "a lacks 1 of 4, such as 'd'" in message


def test_empty_ids_are_an_error():
    assert "ids are empty" in error_of("E-PREDICTIONS-IDS", {"a": table(["a", ""], pred=list("01"))}, truth=TRUTH)


def test_an_unknown_option_for_missing_ids_is_an_error():
    error_of("E-CONFIG-VALUE", {"a": table(pred=list("0101"))}, truth=TRUTH, options=Options(on_missing="x"))


def test_different_truths_for_one_id_are_an_error():
    a = table(pred=list("0101"), truth=list("0101"))
    b = table("dcba", pred=list("0101"), truth=list("1000"))

    message = error_of("E-PREDICTIONS-TRUTH", {"a": a, "b": b})

    assert "'b': '1' and '0'" in message
    assert "1 of 4 ids" in message


def test_missing_truth_is_an_error():
    assert "--truth FILE" in error_of("E-PREDICTIONS-TRUTH", {"a": table(pred=list("0101"))})


def test_one_class_is_an_error():
    message = error_of("E-PREDICTIONS-ONE-CLASS", {"a": table(pred=list("0101"), truth=list("1111"))})

    assert "all 4 samples have the true class '1'" in message


@pytest.mark.parametrize("cell", ["n/a", "", "nan", "inf", "1_0"])
def test_scores_that_are_not_numbers_are_an_error(cell):
    message = error_of("E-PREDICTIONS-SCORE", {"a": table(score=["0.1", "0.9", cell, "0.8"])}, truth=TRUTH)

    assert "position 2" in message
    assert "not finite numbers" in message


def test_arrays_with_nan_are_an_error():
    scores = np.array([[0.5, 0.5], [np.nan, 1.0], [0.1, 0.9], [1.0, 0.0]])

    assert "position 1" in error_of("E-PREDICTIONS-SCORE", {"a": scores}, truth=[0, 1, 0, 1])


def test_rows_that_sum_to_zero_are_an_error():
    source = table(p_0=["0.1", "0", "0.5", "0.5"], p_1=["0.9", "0", "0.5", "0.5"])

    message = error_of("E-PREDICTIONS-SCORE", {"a": source}, truth=TRUTH)

    assert "1 of 4 rows sum to nothing" in message
    assert "position 1" in message


def test_probabilities_above_one_are_an_error():
    source = table(prob=["0.1", "1.2", "0.5", "0.5"])

    assert "position 1: 1.2" in error_of("E-PREDICTIONS-SCORE", {"a": source}, truth=TRUTH)


def test_probabilities_that_do_not_sum_to_one_are_an_error():
    source = table(score_0=["0.1", "0.4", "0.5", "0.5"], score_1=["0.9", "0.4", "0.5", "0.5"])

    assert "position 1: 0.8" in error_of("E-PREDICTIONS-SCORE", {"a": source}, truth=TRUTH)


def test_percentages_need_the_scale_option():
    source = {"a": table(risk=["10", "90", "55", "80"])}

    assert "--scale percent" in error_of("E-PREDICTIONS-SCORE", source, truth=TRUTH)
    model = align(source, truth=TRUTH, options=Options(scale="percent")).models[0]
    assert model.scores[0][:, 1].tolist() == [0.1, 0.9, 0.55, 0.8]


def test_logits_are_converted_if_the_scale_is_stated():
    scores = np.array([[2.0, 0.0], [-1.0, 3.0]])

    assert align({"a": scores}, truth=[0, 1]).models[0].kind == "ranks"
    model = align({"a": scores}, truth=[0, 1], options=Options(scale="logit")).models[0]
    np.testing.assert_allclose(model.scores[0].sum(axis=1), 1.0)
    np.testing.assert_allclose(np.log(model.scores[0][0, 0] / model.scores[0][0, 1]), 2.0)


def test_columns_named_margin_only_rank():
    source = table(margin_0=["0.9", "0.2", "0.6", "0.4"], margin_1=["0.1", "0.8", "0.4", "0.6"])

    assert align({"a": source}, truth=TRUTH).models[0].kind == "ranks"


def test_an_unknown_scale_is_an_error():
    with pytest.raises(ConfigError, match="Did you mean 'percent'"):
        align({"a": np.array([0.2, 0.8])}, truth=[0, 1], options=Options(scale="percents"))


def test_the_positive_class_can_be_stated():
    source = {"a": table(score=["0.9", "0.2", "0.8", "0.1"])}

    model = align(source, truth=TRUTH, options=Options(positive="0")).models[0]

    assert model.scores[0].argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert "of class 0" in model.choices[-1].why
    assert "Did you mean" in error_of(
        "E-UNKNOWN-LABEL",
        {"a": table(score=["0.9", "0.2", "0.8", "0.1"])},
        truth=dict(zip("abcd", ["ill", "well"] * 2, strict=True)),
        options=Options(positive="wel"),
    )


def test_one_score_for_three_classes_is_an_error():
    message = error_of(
        "E-PREDICTIONS-SCORE",
        {"a": table(score=["0.1", "0.2", "0.3", "0.4"])},
        truth=dict(zip("abcd", "0120", strict=True)),
    )
    assert "3 classes" in message


def test_labels_that_occur_in_one_table_only():
    truth = dict(zip("abcd", ["Cat", "dog"] * 2, strict=True))
    a, b = table(pred=["Cat", "dog", "Cat", "dog"]), table(pred=["cat", "dog", "Cat", "dog"])

    message = error_of("E-PREDICTIONS-LABELS", {"a": a, "b": b}, truth=truth)

    assert "'cat' in position 0 (perhaps 'Cat')" in message


def test_a_class_that_is_never_true_is_known_to_several_tables():
    scores = np.random.default_rng(0).dirichlet(np.ones(3), 4)

    aligned = align({"a": scores, "b": scores[::-1]}, truth=[0, 1, 0, 1])

    assert aligned.labels == ("0", "1", "2")


def test_stated_classes_allow_for_a_class_of_one_table():
    a, b = table(pred=["0", "1", "2", "1"]), table(pred=["0", "1", "1", "1"])

    assert align({"a": a, "b": b}, truth=TRUTH, options=Options(classes=("0", "1", "2"))).labels == ("0", "1", "2")
    error_of("E-PREDICTIONS-LABELS", {"a": a, "b": b}, truth=TRUTH, options=Options(classes=("0", "1")))
    error_of("E-PREDICTIONS-LABELS", {"a": a, "b": b}, truth=TRUTH, options=Options(classes=("0", "1", "1", "2")))


def test_a_true_class_without_scores():
    source = table(p_x=["0.5"] * 4, p_y=["0.5"] * 4)

    message = error_of("E-PREDICTIONS-LABELS", {"a": source, "b": source}, truth=dict(zip("abcd", "xyzz", strict=True)))

    assert "'z': 2 samples" in message


def test_a_number_of_scores_other_than_classes_is_an_error():
    error_of("E-PREDICTIONS-LABELS", {"a": np.full((4, 3), 1 / 3)}, truth=["x", "y", "x", "y"])


def test_empty_classes_are_an_error():
    assert "position 1" in error_of("E-PREDICTIONS-LABELS", {"a": table(pred=["0", "", "1", "1"])}, truth=TRUTH)


def test_different_groups_for_one_id_are_an_error():
    a = table(pred=list("0101"), truth=list("0101"), patient=list("xxyy"))
    b = table(pred=list("0101"), truth=list("0101"), patient=list("xyyy"))

    assert "'b': 'x' and 'y'" in error_of("E-PREDICTIONS-GROUP", {"a": a, "b": b})


def test_a_sample_without_a_group_is_an_error():
    source = table(pred=list("0101"), truth=list("0101"), patient=["x", "", "y", "y"])

    assert "'b'" in error_of("E-PREDICTIONS-GROUP", {"a": source}, options=Options(columns={"group": "patient"}))


def test_groups_by_position():
    aligned = align({"a": np.array([0, 1, 1])}, truth=[0, 1, 1], groups=["x", "x", "y"])

    assert aligned.groups is not None
    assert aligned.groups.tolist() == ["x", "x", "y"]
    error_of("E-PREDICTIONS-GROUP", {"a": np.array([0, 1, 1])}, truth=[0, 1, 1], groups=["x", "x"])


def test_a_stated_column_that_no_table_has_is_an_error():
    options = Options(columns={"id": "idd"})

    assert "Did you mean 'id'" in error_of(
        "E-PREDICTIONS-COLUMN", {"a": table(pred=list("0101"))}, truth=TRUTH, options=options
    )


def test_slices_from_the_tables():
    source = table(pred=list("0101"), truth=list("0101"), scanner=list("xyxy"))

    aligned = align({"a": source}, options=Options(slices=("scanner",)))

    assert aligned.slices == {"scanner": {"a": "x", "b": "y", "c": "x", "d": "y"}}
    error_of("E-PREDICTIONS-COLUMN", {"a": source}, options=Options(slices=("scaner",)))


def test_costs_are_means_over_fits_and_medians_over_samples():
    source = table(
        "abab", pred=list("0101"), truth=list("0101"), seed=list("0011"),
        fit_s=["10", "10", "20", "20"], latency_ms=["1", "3", "5", "7"],
    )  # fmt: skip

    assert align({"a": source}).models[0].costs == {"fit_s": 15.0, "predict_ms": 4.0}


def test_folds_are_those_that_the_tables_agree_on():
    a = table(pred=list("0101"), truth=list("0101"), fold=list("1122"))
    b = table("dcba", pred=list("1010"), truth=list("1010"), fold=list("2211"))

    folds = align({"a": a, "b": b}).folds

    assert folds is not None
    assert folds.tolist() == [0, 0, 1, 1]
    assert align({"a": a, "b": b | {"fold": list("1122")}}).folds is None


def test_ids_of_another_length_than_arrays_are_an_error():
    error_of("E-PREDICTIONS-IDS", {"a": np.array([0, 1, 1])}, truth=[0, 1, 1], ids=["x", "y"])
    error_of("E-PREDICTIONS-IDS", {"a": np.array([0, 1])}, truth=[0, 1, 1], ids=["x", "y", "z"])
    error_of("E-PREDICTIONS-TRUTH", {"a": np.array([0, 1])}, truth=np.zeros((2, 2)))


def test_tables_without_ids_are_listed_in_the_error():
    a, b = {"pred": list("01"), "truth": list("01")}, table("xy", pred=list("01"))

    assert "a has no column of ids" in error_of("E-PREDICTIONS-IDS", {"a": a, "b": b})
