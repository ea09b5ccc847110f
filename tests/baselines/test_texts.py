"""N-grams, naive Bayes weights and averaged embeddings, against their definitions."""

import re

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from visiontk.baselines.embedding_bag import EmbeddingBag
from visiontk.baselines.naive_bayes import NBSVM, log_count_ratio
from visiontk.baselines.ngrams import character_ngrams, vectorizer, word_ngrams, words


def simulated(n=300, n_features=40, n_classes=3, seed=0):
    """Return zeros and ones in which each class prefers some features."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, n_classes, n)
    preferred = rng.random((n_classes, n_features)) < 0.3
    x = rng.random((n, n_features)) < np.where(preferred[y], 0.4, 0.1)
    return csr_matrix(x.astype(float)), y


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Who's there?", ["who", "'s", "there", "?"]),
        ("I can't, won't", ["i", "ca", "n't", ",", "wo", "n't"]),
        ("well-made  :-)", ["well", "-", "made", ":", "-", ")"]),
        ("na\u00efve \u4f60\u597d \U0001f600", ["na\u00efve", "\u4f60", "\u597d", "\U0001f600"]),
        ("a_b __", ["a", "_", "b", "__"]),
        ("", []),
    ],
)
def test_tokens_include_punctuation_and_split_contractions(text, expected):
    assert words(text) == expected


def test_n_grams_are_all_sequences_of_words():
    result = word_ngrams("a b c d", longest=3)

    assert len(result) == 4 + 3 + 2
    assert "b c d" in result


def test_n_grams_of_characters_stay_within_words():
    result = character_ngrams("ab cd", 3, 4)

    assert result == ["<ab", "ab>", "<ab>", "<cd", "cd>", "<cd>"]


def test_counts_are_binary_and_limited_to_the_training_vocabulary():
    step = vectorizer(words).fit(["a a b", "b"])

    assert step.transform(["a a a c"]).toarray().tolist() == [[1, 0]]


def test_tfidf_rows_have_unit_norm_and_weight_rare_words_more():
    rows = vectorizer(words, tfidf=True).fit(["a b", "a c", "a d"]).transform(["a b"]).toarray()[0]

    assert np.linalg.norm(rows) == pytest.approx(1)
    assert rows[1] > rows[0]


def test_the_log_count_ratio_agrees_with_equation_1():
    x, y = simulated(n_classes=2)
    p, q = 1 + x.toarray()[y == 1].sum(axis=0), 1 + x.toarray()[y == 0].sum(axis=0)

    expected = np.log((p / np.abs(p).sum()) / (q / np.abs(q).sum()))

    np.testing.assert_allclose(log_count_ratio(x, y == 1), expected)
    np.testing.assert_allclose(log_count_ratio(x, y == 0), -expected)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_nb_svm_learns_classes_of_any_name(n_classes):
    x, y = simulated(n_classes=n_classes)
    names = np.array(["x", "y", "z"])[y]

    learnt = NBSVM().fit(x[:200], names[:200])

    assert (learnt.predict(x[200:]) == names[200:]).mean() > 0.75
    assert learnt.decision_function(x).shape == ((300,) if n_classes == 2 else (300, 3))


def test_beta_interpolates_between_naive_bayes_and_the_svm():
    """Equation 4 of the paper: weights between those of the machine and their mean magnitude."""
    x, y = simulated(n_classes=2)
    ratio = log_count_ratio(x, y == 1, alpha=0.5)

    machine, bayes, between = (NBSVM(beta=beta).fit(x, y).coef_[0] for beta in (1.0, 0.0, 0.5))

    np.testing.assert_allclose(bayes / ratio, np.abs(machine / ratio).mean())
    np.testing.assert_allclose(between, (machine + bayes) / 2)


def test_a_heavier_class_is_predicted_more_often():
    """Weights are part of the loss."""
    x, y = simulated(n_classes=2)

    weighted = EmbeddingBag(dimension=4, epochs=3).fit(x, y, sample_weight=1.0 + 4 * (y == 1))
    plain = EmbeddingBag(dimension=4, epochs=3).fit(x, y)

    assert weighted.predict_proba(x)[:, 1].mean() > plain.predict_proba(x)[:, 1].mean() + 0.05


def test_the_embedding_bag_learns_and_gives_probabilities():
    x, y = simulated(n=600)

    learnt = EmbeddingBag(dimension=10, epochs=20).fit(x[:500], y[:500])

    scores = learnt.predict_proba(x[500:])
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert (learnt.predict(x[500:]) == y[500:]).mean() > 0.75


def test_the_seed_determines_the_embedding_bag():
    x, y = simulated()

    one, same, other = (EmbeddingBag(epochs=2, random_state=s).fit(x, y).predict_proba(x) for s in (1, 1, 2))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_text_without_a_known_word_is_predicted_by_the_intercept():
    """Without a division by zero."""
    x, y = simulated()
    learnt = EmbeddingBag(epochs=2).fit(x, y)

    scores = learnt.predict_proba(csr_matrix((1, 40)))

    expected = np.exp(learnt.intercept_) / np.exp(learnt.intercept_).sum()
    np.testing.assert_allclose(scores[0], expected)


def test_repeating_a_text_does_not_change_its_average():
    x, y = simulated()
    learnt = EmbeddingBag(epochs=2).fit(x, y)

    np.testing.assert_allclose(learnt.predict_proba(x * 3), learnt.predict_proba(x))


def test_words_of_scripts_without_spaces_are_characters():
    """N-grams of `longest` words span twice as many of them, but do not cross punctuation or other scripts."""
    assert words("我很喜欢 Python。") == ["我", "很", "喜", "欢", "python", "。"]
    assert word_ngrams("很好看。", 1) == ["很", "好", "看", "。", "很 好", "好 看"]
    assert [gram for gram in word_ngrams("很好看 ok", 2) if gram.count(" ") > 1] == ["很 好 看"]


def test_ngrams_of_characters_span_clauses_of_scripts_without_spaces():
    assert character_ngrams("很好看。", 3, 3) == ["<很好", "很好看", "好看>", "<。>"]


def test_vowel_signs_and_accents_belong_to_their_letters():
    """Hindi and Thai, and letters with a combining accent, are not cut at each sign."""
    assert words("हिन्दी में") == ["हिन्दी", "में"]
    assert words("ที่นี่") == ["ที่", "นี่"]
    assert words("cafe\u0301 olé") == ["cafe\u0301", "olé"]


@pytest.mark.parametrize("text", ["It's 3 o'clock, isn't it?", "snake_case __init__ x²", "naïve façade – 100 % :-)"])
def test_other_texts_are_split_as_ever(text):
    """By one regular expression."""
    token = re.compile(r"n't|['’][^\W\d_]+|[^\W_]+|[^\w\s]|_+")

    assert words(text) == token.findall(re.sub(r"n['’]t\b", " n't", text.lower()))
