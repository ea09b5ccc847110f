"""Samples that are other samples again: the same content, or nearly; within parts, across them, under other labels."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.audit.facts import View
from visiontk.audit.findings import Finding, several
from visiontk.audit.signatures import THUMBNAIL
from visiontk.core import Ints

LIMITS = {"image": 0.995, "sound": 0.988, "text": 0.7}
"""From this similarity on two items are near duplicates: the correlation of signatures, the Jaccard similarity of
shingles. Chosen by false alarms on pairs of different classes of the real sets, none of which can be copies; see
docs/audit.md."""

MOST_PAIRED = 20_000
"""Samples up to which all pairs are compared; of more, those that meet as learnt and tested."""

FEW_LEAKED = 0.005
"""Share of the tested samples from which on copies across parts are an error."""

FEW_CONFLICTS = 0.01

_TILE = (512, 8192)
_BANDS = 16
_CROWD = 5


class Pairs(NamedTuple):
    """Near duplicates that are no exact ones: positions of both, and how similar they are.

    ``crowded`` says that there are so many that the signature cannot tell these items apart.
    """

    first: Ints
    second: Ints
    similarity: NDArray[np.float64]
    crowded: bool = False


def exact_groups(view: View) -> list[Ints]:
    """Positions of samples of one content, two at least in each; those without content are left out."""
    usable = np.flatnonzero(~view.plain)
    if not len(usable):
        return []
    _, number, counts = np.unique(view.hashes[usable], return_inverse=True, return_counts=True)
    several_of = counts[number] > 1
    usable, number = usable[several_of], number[several_of]
    order = np.argsort(number, kind="stable")
    ends = np.flatnonzero(np.diff(number[order])) + 1
    return [group for group in np.split(usable[order], ends) if len(group)]


def meet(view: View, i: int, j: int) -> bool:
    """Whether two samples meet as learnt and tested in some fold."""
    return bool(view.side[i] != view.side[j])


def leaked_exactly(view: View) -> Ints:
    """Tested samples of which a copy is learnt from, or chosen by, in the same fold."""
    found = [int(i) for group in exact_groups(view) if len(set(view.side[group].tolist())) > 1
             for i in group if view.side[i] >= 0]  # fmt: skip
    return np.array(sorted(found), np.int64)


def leaked_nearly(view: View, pairs: Pairs) -> Ints:
    """Tested samples of which a near duplicate is learnt from, or chosen by, in the same fold."""
    if pairs.crowded:
        return np.empty(0, np.int64)
    apart = view.side[pairs.first] != view.side[pairs.second]
    both = np.unique(np.concatenate([pairs.first[apart], pairs.second[apart]]))
    return np.asarray(both[view.side[both] >= 0], np.int64)


def exact_duplicates(view: View) -> Iterator[Finding]:
    """VTK101, VTK102: the same decoded content more than once."""
    groups = exact_groups(view)
    within = [group for group in groups if len(set(view.side[group].tolist())) == 1]
    if within:
        n = sum(len(group) - 1 for group in within)
        share = n / len(view.side)
        yield Finding(
            "VTK101",
            "warning" if share > FEW_CONFLICTS else "note",
            f"{several(n, 'sample')} ({share:.2%}) {_are(n)} the same as another one on the same side of the split.",
            n,
            share,
            lines=_equal(view, within),
            examples=tuple(view.ids(*group[:4]) for group in within),
        )
    leaked = leaked_exactly(view)
    if len(leaked):
        across = [group for group in groups if len(set(view.side[group].tolist())) > 1]
        yield _leak(view, "VTK102", len(leaked), "the same content", _equal(view, across),
                    tuple(view.ids(*group[:4]) for group in across), None)  # fmt: skip


def near_duplicates(view: View, pairs: Pairs | None = None) -> Iterator[Finding]:
    """VTK103, VTK105: pictures, sounds or texts that are all but the same."""
    if view.kind == "other":
        return
    found = near_pairs(view) if pairs is None else pairs
    limit = LIMITS[view.kind]
    if found.crowded:
        yield Finding(
            "VTK105", "note",
            "These items are so much alike that near duplicates cannot be told from others; none are counted as leaks.",
            len(found.first), numbers={"limit": limit},
        )  # fmt: skip
        return
    apart = view.side[found.first] != view.side[found.second]
    order = np.argsort(-found.similarity, kind="stable")
    across, within = order[apart[order]], order[~apart[order]]
    if len(across):
        leaked = leaked_nearly(view, found)
        yield _leak(view, "VTK103", len(leaked), "nearly the same content", _alike(view, found, across),
                    _shown(view, found, across), limit)  # fmt: skip
    if len(within):
        n = len(np.unique(np.concatenate([found.first[within], found.second[within]])))
        yield Finding(
            "VTK105", "note", f"{several(n, 'sample')} have a near duplicate on the same side of the split.", n,
            n / len(view.side),
            lines=_alike(view, found, within), examples=_shown(view, found, within), numbers={"limit": limit},
        )  # fmt: skip


def _leak(
    view: View, code: str, n: int, what: str, lines: tuple[str, ...], examples: tuple[tuple[str, ...], ...],
    limit: float | None,
) -> Finding:  # fmt: skip
    share = n / max(int(view.tested.sum()), 1)
    whose = "the publisher's split" if view.split == "official" else "the folds that a comparison uses"
    severity = "error" if share >= FEW_LEAKED and code == "VTK102" else "warning"
    return Finding(
        code,
        severity,  # type: ignore[arg-type]
        f"{several(n, 'tested sample')} ({share:.2%} of all that are tested) {'has' if n == 1 else 'have'} {what} as "
        f"one that is learnt from, by {whose}.",
        n,
        share,
        lines=lines,
        examples=examples,
        numbers={} if limit is None else {"limit": limit},
    )


def conflicts(view: View) -> Iterator[Finding]:
    """VTK201: one content under several labels."""
    groups = [group for group in exact_groups(view) if len(set(view.samples.y[group].tolist())) > 1]
    if groups:
        n = sum(map(len, groups))
        share = n / len(view.side)
        yield Finding(
            "VTK201",
            "error" if share > FEW_CONFLICTS else "warning",
            f"{several(n, 'sample')} ({share:.2%}) have the same content as one with another label: "
            "nobody can be right on both.",
            n,
            share,
            lines=tuple(
                " = ".join(f"{view.ids(i)[0]} ({view.label(i)})" for i in group[:4].tolist()) for group in groups
            ),
            examples=tuple(view.ids(*group[:4]) for group in groups),
        )


def straddling_groups(view: View) -> Iterator[Finding]:
    """VTK104: groups with samples on two sides of the publisher's split."""
    samples = view.samples
    if samples.groups is None or samples.parts is None:
        return
    pairs = np.unique(np.stack([samples.groups, samples.parts.astype(samples.groups.dtype)]), axis=1)
    names, counts = np.unique(pairs[0], return_counts=True)
    shared = names[counts > 1]
    if len(shared):
        inside = np.isin(samples.groups, shared)
        # A group of somebody's own data may be the name of a patient.
        called = {
            name: f"group {i + 1}" if samples.card.origin == "own" else name for i, name in enumerate(names.tolist())
        }
        lines = [f"{called[name]}: {', '.join(pairs[1][pairs[0] == name].tolist())}" for name in shared[:20].tolist()]
        yield Finding(
            "VTK104",
            "error",
            f"{several(len(shared), 'group')} of {len(names):,} stand in more than one part of the split, with "
            f"{several(int(inside.sum()), 'sample')}.",
            len(shared),
            float(inside.mean()),
            lines=tuple(lines),
            examples=tuple(_of_group(view, name) for name in shared[:4].tolist()),
        )


def _of_group(view: View, name: str) -> tuple[str, ...]:
    assert view.samples.groups is not None
    assert view.samples.parts is not None
    members = np.flatnonzero(view.samples.groups == name)
    _, first = np.unique(view.samples.parts[members], return_index=True)
    return view.ids(*members[first])


def near_pairs(view: View) -> Pairs:
    """All near duplicates that are no exact ones, among the samples that are compared."""
    if view.signatures is None or view.kind == "other" or _is_tiny(view):
        return Pairs(*(np.empty(0, np.int64),) * 2, np.empty(0))
    first, second, similarity, crowded = _near_texts(view) if view.kind == "text" else _near_signatures(view)
    first, second = view.drawn[first], view.drawn[second]
    other = (view.hashes[first] != view.hashes[second]) & ~view.plain[first] & ~view.plain[second]
    return Pairs(first[other], second[other], similarity[other], crowded)


def _is_tiny(view: View) -> bool:
    """Pictures smaller than their own thumbnail: of 64 pixels, other people's digits are as much alike as copies."""
    return view.kind == "image" and min(view.samples.take([0]).shape[1:3]) < THUMBNAIL


def _near_signatures(view: View) -> Pairs:
    """By correlation, tile by tile."""
    assert view.signatures is not None
    side = view.side[view.drawn]
    n, limit = len(side), LIMITS[view.kind]
    if n <= MOST_PAIRED:
        blocks = [(np.arange(n), np.arange(n), True)]
    else:
        blocks = []
        for number in np.unique(side[side >= 0]):
            # A pair is met once: later folds are compared with earlier ones and with what is only learnt from.
            blocks.append((np.flatnonzero(side == number), np.flatnonzero(side < number), False))
    found: list[tuple[Ints, Ints, NDArray[np.float64]]] = []
    total = 0
    for rows, columns, upper in blocks:
        for a in range(0, len(rows), _TILE[0]):
            mine = rows[a : a + _TILE[0]]
            for b in range(a if upper else 0, len(columns), _TILE[1]):
                theirs = columns[b : b + _TILE[1]]
                product = view.signatures[mine] @ view.signatures[theirs].T
                i, j = np.nonzero(product >= limit)
                keep = mine[i] < theirs[j] if upper else np.ones(len(i), np.bool_)
                i, j = i[keep], j[keep]
                found.append((mine[i], theirs[j], product[i, j].astype(np.float64)))
                total += len(i)
            if total > _CROWD * n + 1000:
                return Pairs(*_joined(found), True)
    return Pairs(*_joined(found), False)


def _near_texts(view: View) -> Pairs:
    """By MinHash in bands [1]_, then by the Jaccard similarity of the shingles themselves.

    References
    ----------
    .. [1] Leskovec, Rajaraman and Ullman (2020), Mining of massive datasets, section 3.4.
    """
    assert view.signatures is not None
    candidates: set[tuple[int, int]] = set()
    n, width = len(view.drawn), view.signatures.shape[1] // _BANDS
    for band in range(_BANDS):
        rows = np.ascontiguousarray(view.signatures[:, band * width : (band + 1) * width])
        keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * width))).ravel()
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1], True])
        for low, high in itertools.pairwise(starts):
            members = np.sort(order[low:high])[:200].tolist()
            candidates.update((i, j) for place, i in enumerate(members) for j in members[place + 1 :])
        if len(candidates) > 100 * n + 10_000:
            break
    found = []
    for i, j in sorted(candidates):
        a, b = view.shingles[i], view.shingles[j]
        common = len(np.intersect1d(a, b, assume_unique=True))
        similarity = common / (len(a) + len(b) - common)
        if similarity >= LIMITS["text"]:
            found.append((i, j, similarity))
    table = np.array(found, np.float64).reshape(-1, 3)
    return Pairs(
        table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], len(found) > _CROWD * n + 1000
    )


def _joined(found: Sequence[tuple[Ints, Ints, NDArray[np.float64]]]) -> tuple[Ints, Ints, NDArray[np.float64]]:
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    first, second, similarity = (np.concatenate(column) for column in zip(*found, strict=True))
    return first.astype(np.int64), second.astype(np.int64), similarity


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _equal(view: View, groups: Sequence[Ints]) -> tuple[str, ...]:
    return tuple(
        " = ".join(view.ids(*group[:4])) + (f" and {len(group) - 4} more" if len(group) > 4 else "")
        for group in groups[:20]
    )


def _alike(view: View, pairs: Pairs, chosen: Ints) -> tuple[str, ...]:
    return tuple(
        f"{view.ids(pairs.first[k])[0]} and {view.ids(pairs.second[k])[0]}: {pairs.similarity[k]:.4f}"
        for k in chosen[:20]
    )


def _shown(view: View, pairs: Pairs, chosen: Ints) -> tuple[tuple[str, ...], ...]:
    return tuple(view.ids(pairs.first[k], pairs.second[k]) for k in chosen[:20])
