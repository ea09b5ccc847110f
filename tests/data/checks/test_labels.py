"""Classes from label texts."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.data.checks.labels import check_classes, classes_of, is_missing, refuse_twins
from visiontk.errors import DataError


def refused(values, **named) -> DataError:
    with pytest.raises(DataError) as caught:
        classes_of(values, "a.csv", **named)
    return caught.value


@given(st.lists(st.sampled_from(["cat", "dog", "3", "10", "été"]), min_size=2).filter(lambda x: len(set(x)) > 1))
def test_labels_are_sorted_and_targets_index_them(values):
    """For any order of the rows."""
    labels, y = classes_of(values, "a.csv")

    assert list(labels) == sorted(set(values))
    assert y.dtype == np.int64
    assert [labels[i] for i in y] == values


def test_numeric_labels_are_sorted_as_texts():
    """So "10" comes before "2"."""
    labels, y = classes_of(["5", "0", "10", "2"], "a.csv")

    assert labels == ("0", "10", "2", "5")
    assert y.tolist() == [3, 0, 1, 2]


@pytest.mark.parametrize("word", ["", "  ", "NaN", "nan", "None", "null", "NULL", "NA", "N/A", "<NA>", " nan "])
def test_missing_labels_are_reported_with_their_lines(word):
    """In every common spelling."""
    error = refused(["cat", word, "dog", word], lines=[2, 3, 5, 9])

    assert error.error_id == "E-LABEL-MISSING"
    assert "2 of 4 rows have no label, in lines 3, 9." in str(error)


@pytest.mark.parametrize("word", ["none", "na", "Nan"])
def test_words_similar_to_missing_values_are_classes(word):
    """As "none" is a common class, and "Nan" is a name."""
    assert not is_missing(word)


def test_at_most_twenty_lines_of_missing_labels_are_listed():
    """The others are counted."""
    assert refused([""] * 33 + ["a", "b"]).message.endswith("19, 20 and 13 more.")


@pytest.mark.parametrize(
    "twins",
    [
        ("Cat", "cat"),
        ("cat", "cat "),
        ("a b", "a  b"),
        ("1", "1.0"),
        ("1", "01"),
        ("+1", "1"),
        ("straße", "STRASSE"),
        tuple(unicodedata.normalize(form, "café") for form in ("NFC", "NFD")),
    ],
)
def test_labels_that_look_the_same_are_refused(twins):
    """The message has both in ASCII, so that the difference is visible."""
    error = refused([*twins, "dog"])

    assert error.error_id == "E-LABEL-TWINS"
    assert all(ascii(name) in str(error) for name in twins)


@pytest.mark.parametrize("pair", [("1", "10"), ("1", "-1"), ("0", "00a"), ("cat", "cats"), ("a", "b")])
def test_similar_labels_are_different_classes(pair):
    assert len(classes_of(list(pair), "a.csv")[0]) == 2


def test_labels_are_normalised_to_nfc():
    """Composed and decomposed characters are the same class."""
    labels, _ = classes_of([unicodedata.normalize("NFD", "café"), "thé"], "a.csv")

    assert labels == ("café", "thé")


def test_a_single_class_is_refused():
    error = refused(["cat"] * 40)

    assert error.error_id == "E-LABEL-SINGLE"
    assert "only class 'cat' (40 rows)" in str(error)


def test_an_empty_table_is_refused():
    assert refused([]).error_id == "E-LABEL-SINGLE"


def test_all_similar_labels_are_listed():
    with pytest.raises(DataError) as caught:
        refuse_twins(["a", "A", "b", "B ", "c"], "here", hint="Do something.")

    assert caught.value.message.splitlines()[1:] == ["  'A', 'a'", "  'B ', 'b'"]
    assert caught.value.hint == "Do something."


def test_all_classes_with_too_few_samples_are_listed():
    y = np.array([0] * 5 + [1] * 2 + [2])

    check_classes(y, ("a", "b", "c"), "a.csv", 1)
    with pytest.raises(DataError) as caught:
        check_classes(y, ("a", "b", "c", "d"), "a.csv", 3)

    assert caught.value.error_id == "E-SPLIT-CLASS"
    assert caught.value.message.splitlines()[1:] == ["  b: 2", "  c: 1", "  d: 0"]
