"""Data with random access, what is known about them, and the parts of a split."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from visiontk.core.arrays import Inputs, Ints, Strings
from visiontk.errors import DataError

Origin = Literal["public", "embedded", "synthetic", "own"]

PARTS = frozenset({"train", "valid", "test"})
"""Names of the parts of a published split. Any other names are published folds."""

HIDDEN = -1
"""The target that ``Samples.blind`` shows to a learner that predicts."""


@dataclass(frozen=True)
class Card:
    """What is known about a data set beside its samples.

    Parameters
    ----------
    name : str
        Short name, such as ``fashion_mnist``.
    fingerprint : str
        Hash of the decoded content; two data sets with one fingerprint give the same trials.
    origin : {"public", "embedded", "synthetic", "own"}
        Published by others; shipped inside a package; drawn by a program (synthetic); the user's.
    licence, citation, homepage : str
        As the publisher states them; empty where unknown.
    mirror : bool
        Whether an image keeps its class when left and right are exchanged. True for clothes and
        animals, false for digits and letters. Learners may use it to augment.
    sample_rate : int
        Of signals, in Hz; 0 for data that are no signals.
    caution : str
        One sentence that stands at the head of every report on these data, such as "Not a medical device."
    grouped_by : str
        What a group is, in the singular, such as ``person``; empty where unknown or where there are none.
    shown : bool
        Whether a report may show samples; false for scans, which may be handed on with a report.
    n_unknown : int
        Samples of test that were left out because their class cannot be learnt.
    warnings : tuple of str
        What limits every conclusion from these data; stands among the warnings of a report.
    notes : tuple of str
        What a reader of results must know: conversions, counts of ignored files, known faults.

    Examples
    --------
    >>> Card("squares", "9f3a", origin="synthetic").synthetic
    True
    """

    name: str
    fingerprint: str
    origin: Origin = "own"
    licence: str = ""
    citation: str = ""
    homepage: str = ""
    mirror: bool = False
    sample_rate: int = 0
    caution: str = ""
    grouped_by: str = ""
    shown: bool = True
    n_unknown: int = 0
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether the data were drawn by a program."""
        return self.origin == "synthetic"


@dataclass(frozen=True, eq=False)
class Samples:
    """Data with random access. A part of them is a view: indices change, inputs are not copied.

    Parameters
    ----------
    ids : ndarray of str, shape (n,)
        Unique, and the same whenever the same data are read.
    y : ndarray of int64, shape (n,)
        Class of each sample, 0 to ``len(labels) - 1``.
    labels : tuple of str
        The text of each class.
    read : callable
        Takes positions in the source, ndarray of int64 of shape (m,), and returns the inputs, an
        ndarray of shape (m, ...). Images are (m, height, width, channels), uint8; signals (m, time, 1),
        float32 in [-1, 1], shorter ones followed by zeros; texts (m,), Python strings (dtype object).
    card : Card
        What is known about the data.
    groups : ndarray of str, shape (n,), optional
        Unit of independence, such as a patient or a speaker. A group never straddles two parts.
    parts : ndarray of str, shape (n,), optional
        The publisher's split: ``train``, ``valid`` or ``test`` for each sample; or, with other names,
        the publisher's folds, each of which is test in turn.
    rows : ndarray of int64, shape (n,), optional
        Position of each sample in the source; by default 0 to n - 1.

    Raises
    ------
    DataError
        If lengths differ, an id occurs twice or a target is out of range.

    Examples
    --------
    >>> samples = Samples.from_arrays(np.zeros((3, 8, 8, 1), np.uint8), [0, 1, 0], ("cat", "dog"), Card("demo", "0"))
    >>> part = samples.subset(np.array([2, 0]))
    >>> part.ids.tolist(), part.take(np.array([0])).shape
    (['2', '0'], (1, 8, 8, 1))
    """

    ids: Strings
    y: Ints
    labels: tuple[str, ...]
    read: Callable[[Ints], Inputs]
    card: Card
    groups: Strings | None = None
    parts: Strings | None = None
    rows: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        n = len(self.ids)
        if len(self.rows) == 0 and n:
            object.__setattr__(self, "rows", np.arange(n, dtype=np.int64))
        for name, column in (("y", self.y), ("groups", self.groups), ("parts", self.parts), ("rows", self.rows)):
            if column is not None and len(column) != n:
                raise DataError(f"{self.card.name}: {n} ids but {len(column)} {name}.", error_id="E-DATA-SHAPE")
        unique, counts = np.unique(self.ids, return_counts=True)
        if len(unique) != n:
            raise DataError(
                f"{self.card.name}: id {str(unique[counts > 1][0])!r} occurs {counts.max()} times; ids must be unique.",
                error_id="E-DATA-IDS",
            )
        if n and not (self.y.min() >= HIDDEN and self.y.max() < len(self.labels)):
            raise DataError(
                f"{self.card.name}: targets reach from {self.y.min()} to {self.y.max()}, "
                f"but there are {len(self.labels)} labels.",
                error_id="E-DATA-TARGETS",
            )

    @classmethod
    def from_arrays(
        cls,
        x: Inputs,
        y: ArrayLike,
        labels: Sequence[str],
        card: Card,
        *,
        ids: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        parts: ArrayLike | None = None,
    ) -> Samples:
        """Samples whose inputs are held in memory.

        Parameters
        ----------
        x : ndarray of shape (n, ...)
            One input per sample.
        y, labels, card, groups, parts
            As in `Samples`.
        ids : array-like of str, optional
            By default the positions, "0" to "n - 1".
        """
        return cls(
            ids=np.asarray(np.arange(len(x)) if ids is None else ids).astype(np.str_),
            y=np.asarray(y, dtype=np.int64),
            labels=tuple(labels),
            read=x.__getitem__,
            card=card,
            groups=None if groups is None else np.asarray(groups).astype(np.str_),
            parts=None if parts is None else np.asarray(parts).astype(np.str_),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, index: ArrayLike) -> Inputs:
        """Inputs at these positions, ndarray of shape (len(index), ...)."""
        return self.read(self.rows[np.asarray(index, dtype=np.int64)])

    def batches(self, size: int) -> Iterator[Inputs]:
        """All inputs in order, at most `size` at a time."""
        for start in range(0, len(self), size):
            yield self.read(self.rows[start : start + size])

    def subset(self, index: ArrayLike) -> Samples:
        """The samples at these positions, in this order, as a view."""
        i = np.asarray(index, dtype=np.int64)
        return dataclasses.replace(
            self,
            ids=self.ids[i],
            y=self.y[i],
            rows=self.rows[i],
            groups=None if self.groups is None else self.groups[i],
            parts=None if self.parts is None else self.parts[i],
        )

    def blind(self) -> Samples:
        """The same samples with every target replaced by `HIDDEN`, as learners see them in predict."""
        return dataclasses.replace(self, y=np.full(len(self), HIDDEN, dtype=np.int64))

    @property
    def n_classes(self) -> int:
        """Number of classes that the data know, present here or not."""
        return len(self.labels)

    def counts(self) -> Ints:
        """Number of samples of each class, ndarray of shape (n_classes,)."""
        return np.bincount(self.y[self.y >= 0], minlength=self.n_classes).astype(np.int64)


class Fold(NamedTuple):
    """Positions of the train, valid and test parts, each an ndarray of int64."""

    train: Ints
    valid: Ints
    test: Ints
