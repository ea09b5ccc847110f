"""Encoding of texts with a vocabulary of the training set."""

import pickle

import numpy as np
import pytest

from visiontk.core import Card, Samples
from visiontk.learners.vocabulary import PADDING, UNKNOWN, Vocabulary


def train_of(*texts):
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return Samples.from_arrays(array, [i % 2 for i in range(len(texts))], ("a", "b"), Card("demo", "0"))


def row(encode, text):
    return encode(np.array([text], dtype=object))[0].tolist()


def test_words_are_ordered_by_frequency_and_name():
    assert Vocabulary(str.split)(train_of("b c a", "c")).vocabulary == ("c", "a", "b")


def test_the_vocabulary_does_not_depend_on_the_order_of_the_texts():
    one, other = Vocabulary(str.split)(train_of("x y", "z x", "y")), Vocabulary(str.split)(train_of("y", "z x", "x y"))

    assert one.vocabulary == other.vocabulary


def test_unknown_words_and_padding_have_reserved_indices():
    encode = Vocabulary(str.split, min_count=2)(train_of("a a b", "a c d"))

    assert encode.vocabulary == ("a",)
    assert row(encode, "a b zebra") == [2, UNKNOWN, UNKNOWN]
    assert row(encode, "a") == [2, PADDING, PADDING]
    assert row(encode, "") == [PADDING] * 3


def test_a_text_longer_than_the_training_texts_is_truncated():
    encode = Vocabulary(str.split)(train_of("a b", "a"))

    assert row(encode, "a a a a") == [2, 2]


def test_the_longest_half_percent_of_texts_is_ignored_for_the_length():
    encode = Vocabulary(str.split)(train_of(*["a b c"] * 400, "a " * 300))

    assert encode.length == 3


@pytest.mark.parametrize("longest", [1, 7])
def test_the_length_is_limited_by_max_length(longest):
    assert Vocabulary(str.split, max_length=longest)(train_of("a " * 50)).length == longest


def test_empty_texts_have_length_one():
    assert Vocabulary(str.split)(train_of("", "")).length == 1


def test_the_vocabulary_is_limited_by_max_tokens():
    encode = Vocabulary(str.split, max_tokens=2)(train_of("a a a b b c"))

    assert encode.vocabulary == ("a", "b")
    assert encode.n_tokens == 4


def test_a_row_does_not_depend_on_other_rows_or_pickling():
    encode = Vocabulary(str.split)(train_of("a b c", "c d"))
    texts = np.array(["a", "b zz", "c d a"], dtype=object)

    assert np.array_equal(encode(texts)[1:], encode(texts[1:]))
    assert np.array_equal(pickle.loads(pickle.dumps(encode))(texts), encode(texts))
    assert encode(texts).dtype == np.int32
