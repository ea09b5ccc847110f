"""Texts as token indices for networks: a vocabulary of the training set, and rows of one length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from visiontk.core import Inputs, Samples
from visiontk.learners.state import read_state, write_state

PADDING, UNKNOWN = 0, 1
"""Indices of padding and of tokens that are not in the vocabulary."""

MOST_DIMENSIONS = 100_000
"""Of saved word vectors: more are a damaged file."""

COVERED = 99.5
"""Percentage of the training texts that are not truncated."""


@dataclass(frozen=True)
class Encoder:
    """Step from texts to rows of token indices.

    Parameters
    ----------
    tokens : callable
        From a text to its words or characters.
    vocabulary : tuple of str
        Most frequent first; the index of the first is 2.
    length : int
        Of each row: longer texts are truncated, shorter ones padded with `PADDING`.
    vectors : ndarray of float32, shape (len(vocabulary), dimension), optional
        Pretrained vectors of the vocabulary; NaN for words without one. They are weights of the network, so only
        their dimension is saved, and those of a loaded step are zero.

    Examples
    --------
    >>> Encoder(str.split, ("the", "cat"), 4)(np.array(["the big cat"], dtype=object)).tolist()
    [[2, 1, 3, 0]]
    """

    tokens: Callable[[str], Sequence[str]]
    vocabulary: tuple[str, ...]
    length: int
    vectors: Inputs | None = field(default=None, repr=False, compare=False)
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {token: i for i, token in enumerate(self.vocabulary, UNKNOWN + 1)})

    @property
    def n_tokens(self) -> int:
        """Number of indices: the vocabulary, the unknown token and the padding."""
        return len(self.vocabulary) + 2

    def __call__(self, texts: Inputs) -> Inputs:
        """Return texts of shape (n,) as int32 of shape (n, length)."""
        rows = np.full((len(texts), self.length), PADDING, dtype=np.int32)
        for row, text in zip(rows, texts, strict=True):
            indices = [self.index.get(token, UNKNOWN) for token in self.tokens(text)[: self.length]]
            row[: len(indices)] = indices
        return rows


@dataclass(frozen=True)
class Vocabulary:
    """Preparation of texts for `Preprocessed`: from a training set to its `Encoder`.

    Parameters
    ----------
    tokens : callable
        From a text to its words or characters.
    min_count : int
        Rarer tokens are unknown, so that the network learns a vector for unknown tokens.
    max_tokens : int
        Largest size of the vocabulary.
    max_length : int
        Largest length of a row. The length is that of the training texts except for the longest half per cent.

    Examples
    --------
    >>> from visiontk.core import Card
    >>> texts = np.array(["a b", "a c", "a"], dtype=object)
    >>> train = Samples.from_arrays(texts, [0, 1, 1], ("x", "y"), Card("demo", "0"))
    >>> fitted = Vocabulary(str.split)(train)
    >>> fitted.vocabulary, fitted.length, fitted.n_tokens
    (('a', 'b', 'c'), 2, 5)
    """

    tokens: Callable[[str], Sequence[str]]
    min_count: int = 1
    max_tokens: int = 50_000
    max_length: int = 400

    def __call__(self, train: Samples) -> Encoder:
        """Return the step that knows the words of the training set."""
        counts: Counter[str] = Counter()
        lengths = []
        for batch in train.batches(1024):
            for text in batch:
                present = self.tokens(text)
                lengths.append(len(present))
                counts.update(present)
        # Ties are sorted by name: the vocabulary must not depend on the order of the texts.
        ranked = sorted((token for token, n in counts.items() if n >= self.min_count), key=lambda t: (-counts[t], t))
        length = int(np.clip(np.ceil(np.percentile(lengths, COVERED)), 1, self.max_length))
        return Encoder(self.tokens, tuple(ranked[: self.max_tokens]), length)

    def save(self, step: Encoder, folder: Path) -> None:
        """Write the words and the length of a step."""
        dimension = None if step.vectors is None else step.vectors.shape[1]
        write_state(folder, {"vocabulary": step.vocabulary, "length": step.length, "dimension": dimension})

    def load(self, folder: Path) -> Encoder:
        """Read a step that was saved."""
        state = read_state(folder)
        words = state.value.get("vocabulary")
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError("the vocabulary is not a list of words")
        if len(set(words)) != len(words):
            raise ValueError("a word occurs twice in the vocabulary")
        vectors = None
        if state.value.get("dimension") is not None:
            vectors = np.zeros((len(words), state.whole("dimension", MOST_DIMENSIONS)), np.float32)
        return Encoder(self.tokens, tuple(words), state.whole("length", self.max_length), vectors)
