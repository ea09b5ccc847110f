"""Words and n-grams of texts."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from visiontk.core.scripts import is_spaceless, marks, spaced

_NEGATION = re.compile(r"n['’]t\b")


def words(text: str) -> list[str]:
    """Split a text into lower-case words and punctuation; contractions as in the Penn treebank [1]_.

    Punctuation is included: a question mark, a bracket or a smiley may indicate the class. In scripts without spaces,
    such as Chinese and Thai, each character is a word.

    References
    ----------
    .. [1] Marcus, Santorini and Marcinkiewicz (1993), Building a large annotated corpus of English: the Penn
       treebank, Computational Linguistics 19, 313.

    Examples
    --------
    >>> words("It's good, isn't it?")
    ['it', "'s", 'good', ',', 'is', "n't", 'it', '?']
    >>> words("电影很好。")
    ['电', '影', '很', '好', '。']
    """
    return _runs(spaced(text))


def _runs(text: str) -> list[str]:
    """Return words as `words` does, but clauses of scripts without spaces whole."""
    return _token(not _has_marks().search(text)).findall(_NEGATION.sub(" n't", text.lower()))


@functools.cache
def _has_marks() -> re.Pattern[str]:
    return re.compile(f"[{marks()}]")


@functools.cache
def _token(plain: bool) -> re.Pattern[str]:
    """Return the pattern of a word; unless `plain`, vowel signs and accents belong to the letter before them."""
    letters = "[^\\W_]+" if plain else f"(?:[^\\W_][{marks()}]*)+"
    return re.compile(f"n't|['’][^\\W\\d_]+|{letters}|[^\\w\\s]|_+")


def word_ngrams(text: str, longest: int = 2) -> list[str]:
    """Return all n-grams of 1 to `longest` words, and of up to twice as many characters of scripts without spaces.

    Examples
    --------
    >>> word_ngrams("not so bad")
    ['not', 'so', 'bad', 'not so', 'so bad']
    """
    tokens = words(text)
    grams = list(tokens)
    for n in range(2, longest + 1):
        grams += [" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    if is_spaceless(text):
        single = [is_spaceless(token) for token in tokens]
        for n in range(longest + 1, 2 * longest + 1):
            grams += [" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1) if all(single[i : i + n])]
    return grams


def character_ngrams(text: str, shortest: int = 3, longest: int = 5) -> list[str]:
    """Return all n-grams of `shortest` to `longest` characters within words, with marked ends.

    Examples
    --------
    >>> character_ngrams("a cat", 3, 3)
    ['<a>', '<ca', 'cat', 'at>']
    """
    grams: list[str] = []
    for word in _runs(text):
        marked = f"<{word}>"
        for n in range(shortest, longest + 1):
            grams += [marked[i : i + n] for i in range(len(marked) - n + 1)]
    return grams


def vectorizer(analyzer: Callable[[str], list[str]], *, tfidf: bool = False, min_count: int = 1) -> Any:
    """Return a scikit-learn vectorizer of texts: binary n-gram features or their TF-IDF weights.

    Parameters
    ----------
    analyzer : callable
        Function from a text to its n-grams.
    tfidf : bool
        If True, weight n-grams by the logarithm of their count and their inverse document frequency, in rows of
        unit length [1]_.
    min_count : int
        N-grams in fewer training texts are omitted.

    References
    ----------
    .. [1] Salton and Buckley (1988), Term-weighting approaches in automatic text retrieval, Information
       Processing and Management 24, 513.

    Examples
    --------
    >>> vectorizer(words).fit_transform(["no no no", "no yes"]).toarray().tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

    if tfidf:
        return TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, min_df=min_count)
    return CountVectorizer(analyzer=analyzer, binary=True, min_df=min_count, dtype=float)
