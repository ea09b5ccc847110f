"""Search for near duplicates: pairs of samples with similar signatures."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.audit.audit_view import AuditView
from visiontk.audit.signatures import THUMBNAIL
from visiontk.core import Ints

LIMITS = {"image": 0.995, "audio": 0.988, "text": 0.7}
"""Smallest similarity of near duplicates: correlation of signatures, or Jaccard similarity of shingles. Chosen by false
positives among pairs of different classes in real data sets, which cannot be copies; see docs/audit.md."""

MAX_ALL_PAIRS = 20_000
"""Samples up to which all pairs are compared; of more, only those in train and test of the same fold."""

_TILE = (512, 8192)
_BANDS = 16
_CROWDED = 5


class NearPairs(NamedTuple):
    """Near duplicates that are not exact ones: positions of both samples, and their similarity.

    ``crowded`` is True if there are so many that signatures cannot tell these samples apart.
    """

    first: Ints
    second: Ints
    similarity: NDArray[np.float64]
    crowded: bool = False


def near_pairs(view: AuditView) -> NearPairs:
    """Return all near duplicates that are not exact ones among the compared samples."""
    if view.content.signatures is None or view.kind == "other" or _is_tiny(view):
        return NearPairs(*(np.empty(0, np.int64),) * 2, np.empty(0))
    pairs = _similar_texts(view) if view.kind == "text" else _correlated(view)
    first, second = view.compared[pairs.first], view.compared[pairs.second]
    hashes, blank = view.content.hashes, view.content.blank
    usable = (hashes[first] != hashes[second]) & ~blank[first] & ~blank[second]
    return NearPairs(first[usable], second[usable], pairs.similarity[usable], pairs.crowded)


def _is_tiny(view: AuditView) -> bool:
    """True for images smaller than the thumbnail: with 64 pixels, different digits are as similar as copies."""
    return view.kind == "image" and min(view.samples.take([0]).shape[1:3]) < THUMBNAIL


def _is_crowded(n_pairs: int, n_samples: int) -> bool:
    return n_pairs > _CROWDED * n_samples + 1000


def _correlated(view: AuditView) -> NearPairs:
    """Return pairs whose signatures correlate, computed tile by tile."""
    signatures, limit = view.content.signatures, LIMITS[view.kind]
    assert signatures is not None
    pairs: list[tuple[Ints, Ints, NDArray[np.float64]]] = []
    total = 0
    for rows, chunks, both_ways in _tiles(view):
        for columns in chunks:
            product = signatures[rows] @ signatures[columns].T
            i, j = np.nonzero(product >= limit)
            if both_ways:
                once = rows[i] < columns[j]
                i, j = i[once], j[once]
            pairs.append((rows[i], columns[j], product[i, j].astype(np.float64)))
            total += len(i)
        if _is_crowded(total, len(view.compared)):
            return NearPairs(*_concatenated(pairs), True)
    return NearPairs(*_concatenated(pairs), False)


def _tiles(view: AuditView) -> Iterator[tuple[Ints, list[Ints], bool]]:
    """Yield rows, the chunks of columns to compare them with, and True if a pair may occur in both orders."""
    side = view.side[view.compared]
    everything = np.arange(len(side))
    if len(side) <= MAX_ALL_PAIRS:
        blocks = [(everything, everything, True)]
    else:
        # Each pair occurs once: later folds are compared with earlier ones and with samples that are never tested.
        blocks = [(np.flatnonzero(side == k), np.flatnonzero(side < k), False) for k in np.unique(side[side >= 0])]
    for rows, columns, both_ways in blocks:
        for a in range(0, len(rows), _TILE[0]):
            starts = range(a if both_ways else 0, len(columns), _TILE[1])
            yield rows[a : a + _TILE[0]], [columns[b : b + _TILE[1]] for b in starts], both_ways


def _similar_texts(view: AuditView) -> NearPairs:
    """Return pairs by banded MinHash [1]_, then by the Jaccard similarity of their shingles.

    References
    ----------
    .. [1] Leskovec, Rajaraman and Ullman (2020), Mining of massive datasets, section 3.4.
    """
    shingles = view.content.shingles
    rows = []
    for i, j in sorted(_candidates(view)):
        a, b = shingles[i], shingles[j]
        common = len(np.intersect1d(a, b, assume_unique=True))
        similarity = common / (len(a) + len(b) - common)
        if similarity >= LIMITS["text"]:
            rows.append((i, j, similarity))
    table = np.array(rows, np.float64).reshape(-1, 3)
    crowded = _is_crowded(len(rows), len(view.compared))
    return NearPairs(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], crowded)


def _candidates(view: AuditView) -> set[tuple[int, int]]:
    """Return pairs of texts that agree in a band of their MinHashes."""
    signatures = view.content.signatures
    assert signatures is not None
    candidates: set[tuple[int, int]] = set()
    n, width = len(view.compared), signatures.shape[1] // _BANDS
    for band in range(_BANDS):
        rows = np.ascontiguousarray(signatures[:, band * width : (band + 1) * width])
        keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * width))).ravel()
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1], True])
        for low, high in itertools.pairwise(starts):
            members = np.sort(order[low:high])[:200].tolist()
            candidates.update(itertools.combinations(members, 2))
        if len(candidates) > 100 * n + 10_000:
            break
    return candidates


def _concatenated(
    pairs: Sequence[tuple[Ints, Ints, NDArray[np.float64]]],
) -> tuple[Ints, Ints, NDArray[np.float64]]:
    if not pairs:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    first, second, similarity = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return first.astype(np.int64), second.astype(np.int64), similarity
