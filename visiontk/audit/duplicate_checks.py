"""Checks for duplicates: exact and near ones, on one side of the split, across it, and under different labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from visiontk.audit.audit_view import AuditView
from visiontk.audit.findings import Finding, count_noun
from visiontk.audit.near_pairs import LIMITS, NearPairs, near_pairs
from visiontk.core import Ints

LEAK_ERROR_SHARE = 0.005
"""Share of the tested samples from which on exact duplicates in train are an error."""

WARNING_SHARE = 0.01
"""Share of the samples above which duplicates are a warning and conflicting labels an error."""

_LINES = 20
_PER_LINE = 4


def exact_groups(view: AuditView) -> list[Ints]:
    """Return positions of samples with identical content, in groups of two or more; blank samples are left out."""
    usable = np.flatnonzero(~view.content.blank)
    if not len(usable):
        return []
    _, number, counts = np.unique(view.content.hashes[usable], return_inverse=True, return_counts=True)
    repeated = counts[number] > 1
    usable, number = usable[repeated], number[repeated]
    order = np.argsort(number, kind="stable")
    ends = np.flatnonzero(np.diff(number[order])) + 1
    return [group for group in np.split(usable[order], ends) if len(group)]


def _n_sides(view: AuditView, group: Ints) -> int:
    return len(np.unique(view.side[group]))


def exact_leaks(view: AuditView) -> Ints:
    """Return tested samples with an exact duplicate in train or valid of the same fold."""
    leaked = [group[view.side[group] >= 0] for group in exact_groups(view) if _n_sides(view, group) > 1]
    return np.sort(np.concatenate([np.empty(0, np.int64), *leaked]))


def near_leaks(view: AuditView, pairs: NearPairs) -> Ints:
    """Return tested samples with a near duplicate in train or valid of the same fold."""
    if pairs.crowded:
        return np.empty(0, np.int64)
    apart = view.side[pairs.first] != view.side[pairs.second]
    both = np.unique(np.concatenate([pairs.first[apart], pairs.second[apart]]))
    return np.asarray(both[view.side[both] >= 0], np.int64)


def exact_duplicates(view: AuditView) -> Iterator[Finding]:
    """VTK101, VTK102: identical decoded content."""
    groups = exact_groups(view)
    within = [group for group in groups if _n_sides(view, group) == 1]
    if within:
        n = sum(len(group) - 1 for group in within)
        share = n / len(view.side)
        yield Finding(
            "VTK101",
            "warning" if share > WARNING_SHARE else "note",
            f"{count_noun(n, 'sample')} ({share:.2%}) {'is an exact duplicate' if n == 1 else 'are exact duplicates'} "
            "of another one on the same side of the split.",
            n,
            share,
            lines=_group_lines(view, within),
            examples=_group_examples(view, within),
        )
    leaked = exact_leaks(view)
    if len(leaked):
        across = [group for group in groups if _n_sides(view, group) > 1]
        yield _leak(view, "VTK102", len(leaked), "an exact duplicate", _group_lines(view, across),
                    _group_examples(view, across), None)  # fmt: skip


def near_duplicates(view: AuditView, pairs: NearPairs | None = None) -> Iterator[Finding]:
    """VTK103, VTK105: images, recordings or texts that are nearly identical."""
    if view.kind == "other":
        return
    pairs = near_pairs(view) if pairs is None else pairs
    limit = LIMITS[view.kind]
    if pairs.crowded:
        yield Finding(
            "VTK105", "note",
            "The samples are so similar that near duplicates cannot be told from others; none are counted as leaks.",
            len(pairs.first), numbers={"limit": limit},
        )  # fmt: skip
        return
    apart = view.side[pairs.first] != view.side[pairs.second]
    order = np.argsort(-pairs.similarity, kind="stable")
    across, within = order[apart[order]], order[~apart[order]]
    if len(across):
        yield _leak(view, "VTK103", len(near_leaks(view, pairs)), "a near duplicate", _pair_lines(view, pairs, across),
                    _pair_examples(view, pairs, across), limit)  # fmt: skip
    if len(within):
        n = len(np.unique(np.concatenate([pairs.first[within], pairs.second[within]])))
        yield Finding(
            "VTK105", "note", f"{count_noun(n, 'sample')} have a near duplicate on the same side of the split.", n,
            n / len(view.side), lines=_pair_lines(view, pairs, within), examples=_pair_examples(view, pairs, within),
            numbers={"limit": limit},
        )  # fmt: skip


def _leak(
    view: AuditView, code: str, n: int, what: str, lines: tuple[str, ...], examples: tuple[tuple[str, ...], ...],
    limit: float | None,
) -> Finding:  # fmt: skip
    share = n / max(int(view.tested.sum()), 1)
    split = "the official split" if view.split == "official" else "the folds of a comparison"
    return Finding(
        code,
        "error" if share >= LEAK_ERROR_SHARE and code == "VTK102" else "warning",
        f"{count_noun(n, 'test sample')} ({share:.2%} of all) {'has' if n == 1 else 'have'} {what} in the training "
        f"data, by {split}.",
        n,
        share,
        lines=lines,
        examples=examples,
        numbers={} if limit is None else {"limit": limit},
    )


def conflicts(view: AuditView) -> Iterator[Finding]:
    """VTK201: identical content with different labels."""
    groups = [group for group in exact_groups(view) if len(np.unique(view.samples.y[group])) > 1]
    if groups:
        n = sum(map(len, groups))
        share = n / len(view.side)
        yield Finding(
            "VTK201",
            "error" if share > WARNING_SHARE else "warning",
            f"{count_noun(n, 'sample')} ({share:.2%}) have the same content as one with another label: "
            "no learner can be right on both.",
            n,
            share,
            lines=tuple(
                " = ".join(f"{view.id(i)} ({view.label(i)})" for i in group[:_PER_LINE].tolist()) for group in groups
            ),
            examples=_group_examples(view, groups),
        )


def straddling_groups(view: AuditView) -> Iterator[Finding]:
    """VTK104: groups with samples in several parts of the official split."""
    samples = view.samples
    if samples.groups is None or samples.parts is None:
        return
    pairs = np.unique(np.stack([samples.groups, samples.parts.astype(samples.groups.dtype)]), axis=1)
    names, counts = np.unique(pairs[0], return_counts=True)
    shared = names[counts > 1]
    if len(shared):
        inside = np.isin(samples.groups, shared)
        # In a user's own data, the name of a group may be that of a patient.
        shown = {
            name: f"group {i + 1}" if samples.card.origin == "own" else name for i, name in enumerate(names.tolist())
        }
        yield Finding(
            "VTK104",
            "error",
            f"{count_noun(len(shared), 'group')} of {len(names):,} {'is' if len(shared) == 1 else 'are'} in more than "
            f"one part of the split, with {count_noun(int(inside.sum()), 'sample')}.",
            len(shared),
            float(inside.mean()),
            lines=tuple(
                f"{shown[name]}: {', '.join(pairs[1][pairs[0] == name].tolist())}" for name in shared[:_LINES].tolist()
            ),
            examples=tuple(_one_per_part(view, name) for name in shared[:4].tolist()),
        )


def _one_per_part(view: AuditView, group: str) -> tuple[str, ...]:
    assert view.samples.groups is not None
    assert view.samples.parts is not None
    members = np.flatnonzero(view.samples.groups == group)
    _, first = np.unique(view.samples.parts[members], return_index=True)
    return view.ids(members[first])


def _group_lines(view: AuditView, groups: Sequence[Ints]) -> tuple[str, ...]:
    return tuple(
        " = ".join(view.ids(group[:_PER_LINE]))
        + (f" and {len(group) - _PER_LINE} more" if len(group) > _PER_LINE else "")
        for group in groups[:_LINES]
    )


def _group_examples(view: AuditView, groups: Sequence[Ints]) -> tuple[tuple[str, ...], ...]:
    return tuple(view.ids(group[:_PER_LINE]) for group in groups)


def _pair_lines(view: AuditView, pairs: NearPairs, order: Ints) -> tuple[str, ...]:
    return tuple(
        f"{view.id(pairs.first[k])} and {view.id(pairs.second[k])}: {pairs.similarity[k]:.4f}" for k in order[:_LINES]
    )


def _pair_examples(view: AuditView, pairs: NearPairs, order: Ints) -> tuple[tuple[str, ...], ...]:
    return tuple((view.id(pairs.first[k]), view.id(pairs.second[k])) for k in order[:_LINES])
