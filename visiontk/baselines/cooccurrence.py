"""Word vectors from which words stand near which, in the texts of train alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

WINDOW = 5
"""Words to either side; one at distance d counts 1 / d."""

SMOOTHING = 0.75
"""Power of the frequencies of neighbours: rare ones would otherwise have the largest values."""

DEVIATION = 0.1


def cooccurrence_vectors(texts: Iterable[Sequence[str]], words: Sequence[str], dimension: int) -> NDArray[np.float32]:
    """Vectors of words from a singular value decomposition of their positive pointwise mutual information [1]_, [2]_.

    Parameters
    ----------
    texts : iterable of sequence of str
        Each a text in words.
    words : sequence of str, length n
        Those that get a vector; others are passed over.
    dimension : int
        Of the vectors.

    Returns
    -------
    ndarray of float32, shape (n, dimension)
        Left singular vectors times the roots of the singular values, scaled to a standard deviation of 0.1.
        Where there are fewer singular values than dimensions, the last dimensions are zero.

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
    counts = _counts(texts, {word: i for i, word in enumerate(words)})
    rank = min(dimension, n - 1)
    if not counts or rank < 1:
        return vectors
    pairs, seen = np.array(list(counts)), np.array(list(counts.values()))
    total = np.bincount(pairs[:, 0], seen, minlength=n)
    expected = total**SMOOTHING / (total**SMOOTHING).sum()
    information = np.log(seen) - np.log(total[pairs[:, 0]]) - np.log(expected[pairs[:, 1]])
    table = csr_matrix((np.maximum(information, 0), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    table.eliminate_zeros()
    if not table.nnz:
        return vectors
    # The first vector of the iteration is fixed, or the solver would draw one.
    left, sizes, _ = svds(table, k=rank, v0=np.random.default_rng(0).normal(size=n))
    found = left * np.sqrt(sizes)
    spread = found.std()
    if spread > 0:
        vectors[:, :rank] = found * (DEVIATION / spread)
    return vectors


def _counts(texts: Iterable[Sequence[str]], place: dict[str, int]) -> dict[tuple[int, int], float]:
    """How often each pair of words stands within the window, near ones counting more."""
    counts: defaultdict[tuple[int, int], float] = defaultdict(float)
    for text in texts:
        row = [place[word] for word in text if word in place]
        for i, word in enumerate(row):
            for j in range(max(0, i - WINDOW), i):
                share = 1 / (i - j)
                counts[word, row[j]] += share
                counts[row[j], word] += share
    return counts
