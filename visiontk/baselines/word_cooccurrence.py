"""Word vectors from the co-occurrence of words in training texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

WINDOW = 5
"""Words on either side; a word at distance d counts 1 / d."""

SMOOTHING = 0.75
"""Exponent of the frequencies of context words: rare ones would otherwise have the largest values."""

DEVIATION = 0.1
"""Standard deviation of the vectors."""


def cooccurrence_vectors(texts: Iterable[Sequence[str]], words: Sequence[str], dimension: int) -> NDArray[np.float32]:
    """Return word vectors from a singular value decomposition of positive pointwise mutual information [1]_, [2]_.

    Parameters
    ----------
    texts : iterable of sequence of str
        Texts, split into words.
    words : sequence of str, length n
        Vocabulary; other words are skipped.
    dimension : int
        Length of the vectors.

    Returns
    -------
    ndarray of float32, shape (n, dimension)
        Left singular vectors times square roots of singular values, scaled to a standard deviation of 0.1. If
        there are fewer singular values than dimensions, the last dimensions are zero.

    References
    ----------
    .. [1] Bullinaria and Levy (2007), Extracting semantic representations from word co-occurrence statistics,
       Behavior Research Methods 39, 510.
    .. [2] Levy, Goldberg and Dagan (2015), Improving distributional similarity with lessons learned from word
       embeddings, TACL 3, 211: smoothed frequencies, roots of the singular values.

    Examples
    --------
    >>> texts = [s.split() for s in ["the cat sat", "the dog sat", "a stone fell", "a leaf fell"] * 5]
    >>> cat, dog, stone = cooccurrence_vectors(texts, ["cat", "dog", "stone", "sat", "the", "fell", "a"], 2)[:3]
    >>> bool(cat @ dog > cat @ stone)
    True
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import svds

    n = len(words)
    vectors = np.zeros((n, dimension), dtype=np.float32)
    counts = _count_pairs(texts, {word: i for i, word in enumerate(words)})
    rank = min(dimension, n - 1)
    if not counts or rank < 1:
        return vectors
    pairs, weights = np.array(list(counts)), np.array(list(counts.values()))
    total = np.bincount(pairs[:, 0], weights, minlength=n)
    expected = total**SMOOTHING / (total**SMOOTHING).sum()
    information = np.log(weights) - np.log(total[pairs[:, 0]]) - np.log(expected[pairs[:, 1]])
    table = csr_matrix((np.maximum(information, 0), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    table.eliminate_zeros()
    if not table.nnz:
        return vectors
    # A fixed start vector: the solver would draw one at random.
    left, sizes, _ = svds(table, k=rank, v0=np.random.default_rng(0).normal(size=n))
    scaled = left * np.sqrt(sizes)
    deviation = scaled.std()
    if deviation > 0:
        vectors[:, :rank] = scaled * (DEVIATION / deviation)
    return vectors


def _count_pairs(texts: Iterable[Sequence[str]], number: dict[str, int]) -> dict[tuple[int, int], float]:
    """Count each pair of words within the window, weighted by the inverse of their distance."""
    counts: defaultdict[tuple[int, int], float] = defaultdict(float)
    for text in texts:
        row = [number[word] for word in text if word in number]
        for i, word in enumerate(row):
            for j in range(max(0, i - WINDOW), i):
                weight = 1 / (i - j)
                counts[word, row[j]] += weight
                counts[row[j], word] += weight
    return counts
