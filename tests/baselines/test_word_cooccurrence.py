"""Word vectors from co-occurrence counts, against their definition."""

import numpy as np
import pytest

from visiontk.baselines.word_cooccurrence import WINDOW, _count_pairs, cooccurrence_vectors

WORDS = ["a", "b", "c", "d", "e", "f"]


def simulated(n=200, seed=0):
    rng = np.random.default_rng(seed)
    return [[WORDS[i] for i in rng.integers(0, 6, rng.integers(1, 9))] for _ in range(n)]


def cosine(one, other):
    return one @ other / np.linalg.norm(one) / np.linalg.norm(other)


def test_words_with_the_same_neighbours_have_similar_vectors():
    texts = [["eat", fruit, "raw"] for fruit in ("fig", "plum")] * 9 + [
        ["drive", car, "fast"] for car in ("van", "bus")
    ] * 9

    vectors = dict(
        zip(
            names := ["fig", "plum", "van", "bus", "eat", "raw", "drive", "fast"],
            cooccurrence_vectors(texts, names, 3),
            strict=True,
        )
    )

    assert cosine(vectors["fig"], vectors["plum"]) > 0.99
    assert abs(cosine(vectors["fig"], vectors["van"])) < 0.5


def test_the_order_of_texts_does_not_matter():
    texts = simulated()

    one, other = cooccurrence_vectors(texts, WORDS, 3), cooccurrence_vectors(texts[::-1], WORDS, 3)

    # Angles, up to one scale: the sign of a singular vector is arbitrary.
    one, other = one @ one.T, other @ other.T
    np.testing.assert_allclose(one / np.linalg.norm(one), other / np.linalg.norm(other), atol=1e-5)


def test_the_same_texts_give_the_same_vectors():
    assert np.array_equal(cooccurrence_vectors(simulated(), WORDS, 3), cooccurrence_vectors(simulated(), WORDS, 3))


def test_vectors_have_the_stated_spread_type_and_shape():
    result = cooccurrence_vectors(simulated(), WORDS, 3)

    assert result.shape == (6, 3)
    assert result.dtype == np.float32
    assert result.std() == pytest.approx(0.1)


def test_unknown_words_are_skipped():
    """The network skips them too."""
    plain, spread = ["a", "b", "c"] * 3, ["a", "x", "b", "y", "c", "z"] * 3

    one, other = cooccurrence_vectors([plain], WORDS, 2), cooccurrence_vectors([spread], WORDS, 2)

    assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("texts", "words"), [([], ["a", "b"]), ([["a"]], ["a"]), ([["a"], ["b"]], ["a", "b"]), ([["a", "a"]], ["a", "b"])]
)
def test_words_without_neighbours_have_zero_vectors(texts, words):
    assert not cooccurrence_vectors(texts, words, 5).any()


def test_dimensions_beyond_the_number_of_words_are_zero():
    result = cooccurrence_vectors(simulated(), WORDS, 20)

    assert result[:, :5].any(axis=0).all()
    assert not result[:, 5:].any()


def test_neighbours_are_weighted_by_distance_within_the_window():
    counts = _count_pairs([["a", *"xx", "b"], ["c", *"x" * WINDOW, "d"]], {w: i for i, w in enumerate("abcdx")})

    assert counts[0, 1] == counts[1, 0] == pytest.approx(1 / 3)
    assert (2, 3) not in counts
