"""Random subsets of a training set, each a part of the larger ones."""

from __future__ import annotations

import numpy as np

from visiontk.core import Ints, Strings

MAX_HALVINGS = 7
"""Halvings of the training set for a learning curve."""

MANY_GROUPS = 2**MAX_HALVINGS
"""Groups in the training set from which on a subset takes whole groups: the smallest one of a curve still has one."""


def nested_subset(index: Ints, y: Ints, n: int, *, seed: int = 0, groups: Strings | None = None) -> Ints:
    """Return a stratified random subset of at most `n` positions; a smaller one is part of a larger one.

    Many groups are kept or dropped as wholes, as fewer data are most often data of fewer people. Few groups, such as
    six speakers, all remain, with fewer samples each. Every class keeps at least two samples if it has them (with
    groups: one group), even if `n` is exceeded. `y` and `groups` are of all samples.
    """
    if len(index) <= n:
        return index
    rng = np.random.default_rng(seed)
    if groups is not None and len(np.unique(groups[index])) >= MANY_GROUPS:
        return _whole_groups(index, y, n, groups, rng)
    members, ranks = [], []
    for c in np.unique(y[index]):
        shuffled = rng.permutation(index[y[index] == c])
        rank = (np.arange(len(shuffled)) + 0.5) / len(shuffled)  # share of the class up to each sample
        rank[:2] = 0
        members.append(shuffled)
        ranks.append(rank)
    order = np.argsort(np.concatenate(ranks), kind="stable")
    n_first = sum(int((rank == 0).sum()) for rank in ranks)
    return np.sort(np.concatenate(members)[order[: max(n, n_first)]])


CANDIDATES = 16
"""Groups from which the next one is chosen: enough to keep the class shares, few enough for 10,000 groups."""


def _whole_groups(index: Ints, y: Ints, n: int, groups: Strings, rng: np.random.Generator) -> Ints:
    """Return as many whole groups as fit, in an order that does not depend on `n`.

    First one group for each missing class, then repeatedly that of a few random ones which brings the class shares
    nearest to those of all samples.
    """
    names, member = np.unique(groups[index], return_inverse=True)
    counts = np.zeros((len(names), int(y.max()) + 1))
    np.add.at(counts, (member, y[index]), 1)
    shares = counts.sum(axis=0) / counts.sum()
    waiting = rng.permutation(len(names)).tolist()
    selected: list[int] = []
    total = np.zeros(counts.shape[1])
    while waiting:
        missing = (total == 0) & (shares > 0)
        if missing.any():
            rarest = int(np.flatnonzero(missing)[shares[missing].argmin()])
            position = next(i for i, group in enumerate(waiting) if counts[group, rarest])
        else:
            totals = total + counts[waiting[:CANDIDATES]]
            position = int(np.abs(totals / totals.sum(axis=1, keepdims=True) - shares).sum(axis=1).argmin())
            if totals[position].sum() > n:
                break
        group = waiting.pop(position)
        selected.append(group)
        total += counts[group]
    return np.sort(index[np.isin(member, selected)])
