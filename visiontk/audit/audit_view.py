"""Data as the checks of the audit see them: content hashes, signatures, descriptors and facts, from one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from visiontk.audit.content_facts import CONTENT_FACTS, ContentFacts
from visiontk.core import Fold, Inputs, Ints, Samples

Kind = Literal["image", "audio", "text", "other"]

MAX_COMPARED = 150_000
"""Samples that are compared with each other and used for fits; of more, a random subset of this size."""


@dataclass(frozen=True, eq=False)
class AuditView:
    """Input of all checks."""

    samples: Samples  # checks do not read the inputs again
    kind: Kind
    side: Ints  # fold in which each sample is tested, -1 for never; different sides are in train and test of one fold
    split: Literal["official", "folds"]  # of the publisher, or made by visiontk
    compared: Ints  # positions of the samples that have signatures and descriptors
    content: ContentFacts  # from the pass over the inputs
    files: Mapping[str, NDArray[Any]]  # facts such as the size in bytes; empty if samples are not files

    @property
    def tested(self) -> NDArray[np.bool_]:
        """Mask of the samples that are tested in some fold."""
        return self.side >= 0

    def id(self, position: int) -> str:
        """Return the id of a sample."""
        return str(self.samples.ids[position])

    def ids(self, positions: Ints) -> tuple[str, ...]:
        """Return the ids of samples."""
        return tuple(map(str, self.samples.ids[positions].tolist()))

    def label(self, position: int) -> str:
        """Return the label of a sample."""
        return self.samples.labels[int(self.samples.y[position])]


def view_of(
    samples: Samples, folds: Sequence[Fold], files: Sequence[tuple[str, Mapping[str, Any]]] = (), *, seed: int = 0
) -> AuditView:
    """Read the samples once and return the view that checks need.

    `folds` are those of a comparison; `files` are names and facts of files, in reading order; `seed` draws the random
    subset, if there are more samples than `MAX_COMPARED`.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> view = view_of(tiny_images(40), [])
    >>> view.kind, len(view.content.hashes), view.content.signatures.shape
    ('image', 40, (40, 256))
    """
    side = np.full(len(samples), -1, np.int64)
    for number, fold in enumerate(folds):
        side[fold.test] = number
    compared = np.arange(len(samples), dtype=np.int64)
    if len(compared) > MAX_COMPARED:
        compared = np.sort(np.random.default_rng(seed).permutation(compared)[:MAX_COMPARED])
    kind = kind_of(samples.take(np.arange(min(len(samples), 4))))
    content = CONTENT_FACTS[kind](samples, compared)
    split: Literal["official", "folds"] = "folds" if samples.parts is None else "official"
    return AuditView(samples, kind, side, split, compared, content, _file_facts(samples, files))


def kind_of(inputs: Inputs) -> Kind:
    """Return the kind of inputs, by their shape and dtype.

    Examples
    --------
    >>> kind_of(np.zeros((2, 8, 8, 3), np.uint8)), kind_of(np.zeros((2, 8)))
    ('image', 'other')
    """
    if inputs.dtype == object and inputs.ndim == 1 and all(isinstance(x, str) for x in inputs):
        return "text"
    if inputs.ndim == 4 and inputs.shape[3] in (1, 3) and inputs.dtype.kind in "uif" and 0 not in inputs.shape:
        return "image"
    if inputs.ndim == 3 and inputs.shape[2] == 1 and inputs.dtype.kind == "f" and inputs.shape[1]:
        return "audio"
    return "other"


def _file_facts(samples: Samples, files: Sequence[tuple[str, Mapping[str, Any]]]) -> dict[str, NDArray[Any]]:
    """Return facts about files as columns in the order of the samples; none if files cannot be matched to samples."""
    ids = samples.ids.tolist()
    for shorten in (_path, _base, _stem):
        by_name = {shorten(name): facts for name, facts in files}
        if len(by_name) == len(files) and all(name in by_name for name in ids):
            rows, names = [by_name[name] for name in ids], ids
            break
    else:
        if len(files) != len(ids):
            return {}
        rows, names = [facts for _, facts in files], [name for name, _ in files]
    if not rows or len({frozenset(row) for row in rows}) != 1:
        return {}
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return columns | {"name": np.array([_stem(name) for name in names], dtype=np.str_)}


def _path(name: str) -> str:
    from visiontk.data.readers.labelled_files import identifier

    return identifier(name)


def _base(name: str) -> str:
    return _path(name).rsplit("/", 1)[-1]


def _stem(name: str) -> str:
    base = _base(name)
    return base.rsplit(".", 1)[0] if "." in base else base
