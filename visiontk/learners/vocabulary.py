"""Texts as numbers for networks: the words or characters of train, counted, and texts of one length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from visiontk.core import Inputs, Samples

PADDING, UNKNOWN = 0, 1
"""Numbers of "no word here" and of "a word that train does not know"."""

COVERED = 99.5
"""Per cent of the texts of train that are not cut."""


@dataclass(frozen=True)
class Encoder:
    """A step that turns texts into rows of numbers.

    Parameters
    ----------
    tokens : callable
        From a text to its words or characters.
    known : tuple of str
        Most frequent first; the number of the first is 2.
    length : int
        Of every row: longer texts are cut, shorter ones followed by `PADDING`.
    vectors : ndarray of float32, shape (len(known), dimension), optional
        Of the known words, where something was learned of them before the network.

    Examples
    --------
    >>> Encoder(str.split, ("the", "cat"), 4)(np.array(["the big cat"], dtype=object)).tolist()
    [[2, 1, 3, 0]]
    """

    tokens: Callable[[str], Sequence[str]]
    known: tuple[str, ...]
    length: int
    vectors: Inputs | None = field(default=None, repr=False, compare=False)
    place: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", {token: i for i, token in enumerate(self.known, UNKNOWN + 1)})

    @property
    def n_tokens(self) -> int:
        """Numbers that may occur: the known words, the unknown one and the padding."""
        return len(self.known) + 2

    def __call__(self, texts: Inputs) -> Inputs:
        """Texts of shape (n,) as int32 of shape (n, length)."""
        rows = np.full((len(texts), self.length), PADDING, dtype=np.int32)
        for row, text in zip(rows, texts, strict=True):
            numbers = [self.place.get(token, UNKNOWN) for token in self.tokens(text)[: self.length]]
            row[: len(numbers)] = numbers
        return rows


def encoder(
    tokens: Callable[[str], Sequence[str]], *, min_count: int = 1, most: int = 50_000, longest: int = 400
) -> Callable[[Samples], Encoder]:
    """What `Preprocessed` wants: a function from train to its `Encoder`.

    Parameters
    ----------
    tokens : callable
        From a text to its words or characters. It must survive pickling.
    min_count : int
        Rarer tokens are unknown, so that the network learns what to do with one.
    most : int
        Most tokens that are known.
    longest : int
        Most tokens of a text that are kept. The length is that of the texts of train, but for the longest
        half per cent.

    Examples
    --------
    >>> from visiontk.core import Card
    >>> texts = np.array(["a b", "a c", "a"], dtype=object)
    >>> train = Samples.from_arrays(texts, [0, 1, 1], ("x", "y"), Card("demo", "0"))
    >>> found = encoder(str.split)(train)
    >>> found.known, found.length, found.n_tokens
    (('a', 'b', 'c'), 2, 5)
    """

    def prepare(train: Samples) -> Encoder:
        counts: Counter[str] = Counter()
        lengths = []
        for batch in train.batches(1024):
            for text in batch:
                found = tokens(text)
                lengths.append(len(found))
                counts.update(found)
        # By count and then by name: the order of a text must not depend on who came first.
        ranked = sorted((token for token, n in counts.items() if n >= min_count), key=lambda t: (-counts[t], t))
        length = int(np.clip(np.ceil(np.percentile(lengths, COVERED)), 1, longest))
        return Encoder(tokens, tuple(ranked[:most]), length)

    return prepare
