"""What may be learnt without the content: facts that tell the class, and differences between train and test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.audit.facts import View
from visiontk.audit.findings import Finding
from visiontk.audit.learner import RIDGES, folds_for, out_of_fold
from visiontk.core import Floats, Ints, Strings

MOST_ASKED = 6000
"""Samples that the small models learn from; of more, so many are drawn."""

GAIN = 0.10
"""A finding: this share of the way from chance to certainty, in balanced accuracy."""

MUCH = 0.5
"""A warning: this share."""

N_PERMUTATIONS = 20
_BEYOND = 5.0

_FILE_FACTS = ("size_bytes", "width", "height", "mode", "sample_rate", "channels", "seconds", "format")
_NAMES = {
    "size_bytes": "file size", "seconds": "duration of the file", "sample_rate": "sample rate", "format": "file format",
    "characters": "number of characters", "words": "number of words",
    "number in the name": "number in the file name", "start of the name": "start of the file name",
}  # fmt: skip


def telling_files(view: View) -> Iterator[Finding]:
    """VTK401: size, format and other facts of files that tell the class."""
    columns = {name: view.files[name] for name in _FILE_FACTS if name in view.files}
    if "width" in columns:
        columns["aspect"] = columns["width"] / columns["height"]
    yield from _telling(view, "VTK401", columns, "facts of the files")


def telling_contents(view: View) -> Iterator[Finding]:
    """VTK402: brightness, loudness, length and other plain properties that tell the class."""
    yield from _telling(
        view, "VTK402", {k: v for k, v in view.facts.items() if k != "damaged characters"}, "simple properties"
    )


def telling_names(view: View) -> Iterator[Finding]:
    """VTK404: numbers or beginnings of file names that tell the class."""
    if "name" not in view.files:
        return
    names = view.files["name"].tolist()
    columns: dict[str, NDArray[Any]] = {
        "number in the name": np.array([float((re.findall(r"\d{1,9}", name) or ["-1"])[-1]) for name in names]),
        "start of the name": np.array([re.match(r"[^\d_\-. ]*", name)[0].casefold() for name in names]),  # type: ignore[index]
    }
    yield from _telling(view, "VTK404", columns, "file names")


def _telling(view: View, code: str, columns: Mapping[str, NDArray[Any]], what: str) -> Iterator[Finding]:
    varying = {name: numeric(column) for name, column in columns.items() if len(set(column.tolist())) > 1}
    samples = view.samples
    present = np.flatnonzero(samples.counts() >= 10)
    usable = np.flatnonzero(np.isin(samples.y, present))
    if not varying or len(present) < 2:
        return
    rng = np.random.default_rng(0)
    some = np.sort(rng.permutation(usable)[:MOST_ASKED])
    y = np.searchsorted(present, samples.y[some])
    groups = None if samples.groups is None else samples.groups[some]
    if groups is not None and len(np.unique(groups)) < 10:
        groups = None  # six speakers all say the same words: too few to hold some out
    x = np.stack([varying[name][some] for name in varying], axis=1)
    fold = folds_for(y, groups)
    chance = 1 / len(present)
    alone = {name: told(x[:, [i]], y, fold) for i, name in enumerate(varying)}
    best = max(alone, key=lambda name: alone[name])
    together = told(x, y, fold) if len(varying) > 1 else alone[best]
    reached = max(together, alone[best])
    if reached < chance + GAIN * (1 - chance):
        return
    nulls = np.array([told(x, _shuffled(y, groups, rng), fold) for _ in range(N_PERMUTATIONS)])
    limit = max(float(nulls.mean() + _BEYOND * nulls.std()), chance + GAIN * (1 - chance))
    if reached < limit:
        return
    gain = (reached - chance) / (1 - chance)
    named = [name for name in sorted(alone, key=lambda name: -alone[name]) if alone[name] >= limit]
    lead = (
        f"the {_NAMES.get(best, best)} alone reaches {alone[best]:.2f}"
        if named
        else f"{', '.join(_NAMES.get(name, name) for name in varying)} together reach {together:.2f}"
    )
    severity = "warning" if gain >= MUCH and code != "VTK404" else "note"
    yield Finding(
        code,
        severity,  # type: ignore[arg-type]
        f"Of the {what}, {lead} of balanced accuracy on samples that were held out (chance {chance:.2f}, labels "
        f"shuffled at most {nulls.max():.2f}); all together {together:.2f}.",
        len(named) or len(varying),
        numbers={"together": together, "chance": chance, "shuffled": float(nulls.max())},
        lines=tuple(f"{_NAMES.get(name, name)}: {alone[name]:.2f}" for name in sorted(alone, key=lambda n: -alone[n])),
    )


def numeric(column: NDArray[Any]) -> Floats:
    """Numbers as they are; texts by the rank of their frequency.

    Examples
    --------
    >>> numeric(np.array(["b", "a", "b"])).tolist()
    [0.0, 1.0, 0.0]
    """
    if column.dtype.kind in "fiub":
        return column.astype(np.float64)
    values, place, counts = np.unique(column, return_inverse=True, return_counts=True)
    rank = np.empty(len(values))
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(values))
    return rank[place]


def told(x: Floats, y: Ints, fold: Ints) -> float:
    """Balanced accuracy of a small decision tree [1]_ on samples that it has not seen.

    References
    ----------
    .. [1] Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees.

    Examples
    --------
    >>> y = np.repeat([0, 1], 100)
    >>> told(y[:, None].astype(float), y, folds_for(y, None))
    1.0
    """
    from sklearn.tree import DecisionTreeClassifier

    said = np.empty_like(y)
    least = max(5, len(y) // 200)
    for k in np.unique(fold):
        test = fold == k
        tree = DecisionTreeClassifier(max_depth=6, min_samples_leaf=least, class_weight="balanced", random_state=0)
        said[test] = tree.fit(x[~test], y[~test]).predict(x[test])
    recalls = [float((said[y == c] == c).mean()) for c in np.unique(y)]
    return float(np.mean(recalls))


def _shuffled(y: Ints, groups: Strings | None, rng: np.random.Generator) -> Ints:
    """Labels in another order; where a group has one label, groups exchange theirs."""
    if groups is None:
        return rng.permutation(y)
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    if (y[first][number] == y).all():
        return np.asarray(rng.permutation(y[first])[number], np.int64)
    return rng.permutation(y)


def drift(view: View) -> Iterator[Finding]:
    """VTK403: a classifier tells samples of test from those of train [1]_.

    The area under its ROC curve is 0.5 where they are alike; its interval is Hanley and McNeil's [2]_.

    References
    ----------
    .. [1] Lopez-Paz and Oquab (2017), Revisiting classifier two-sample tests, ICLR.
    .. [2] Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic curve,
       Radiology 143, 29.
    """
    samples = view.samples.subset(view.drawn)
    if view.descriptors is None or samples.parts is None or not {"train", "test"} <= set(samples.parts.tolist()):
        return
    rng = np.random.default_rng(0)
    train, test = (rng.permutation(np.flatnonzero(samples.parts == part)) for part in ("train", "test"))
    chosen = np.sort(np.concatenate([train[: 2 * MOST_ASKED], test[:MOST_ASKED]]))
    y = (samples.parts[chosen] == "test").astype(np.int64)
    n_test, n_train = int(y.sum()), int((1 - y).sum())
    if min(n_test, n_train) < 30:
        return
    groups = None if samples.groups is None else samples.groups[chosen]
    if groups is not None and len(np.unique(groups)) < 10:
        return
    # Learnt on one half and measured on the other, once: pooled over folds, the interval would be too narrow.
    half = folds_for(y, groups, n_folds=2)
    scores = out_of_fold(view.descriptors[chosen], y, 2, half, RIDGES[1:2])[half == 0, 1]
    area, error = auc(scores, y[half == 0])
    low, high = max(0.0, area - 1.96 * error), min(1.0, area + 1.96 * error)
    if low <= 0.55:
        return
    names = view.facts
    shifts = []
    for name, column in names.items():
        a, b = column[view.drawn][chosen][y == 0], column[view.drawn][chosen][y == 1]
        spread = float(np.concatenate([a, b]).std())
        shifts.append((abs(float(a.mean() - b.mean())) / spread if spread else 0.0, name, a.mean(), b.mean()))
    shifts.sort(reverse=True)
    yield Finding(
        "VTK403", "warning" if low > 0.7 else "note",
        f"A quick learner tells test from train: area under the ROC curve {area:.2f} [{low:.2f}, {high:.2f}], 0.50 if "
        "they were alike.",
        n_test, numbers={"auc": area, "low": low, "high": high},
        lines=tuple(f"{name}: {a:.3g} in train, {b:.3g} in test" for size, name, a, b in shifts if size > 0.1),
    )  # fmt: skip


def auc(scores: Floats, y: Ints) -> tuple[float, float]:
    """Area under the ROC curve, and its standard error after Hanley and McNeil.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))[0]
    0.75
    """
    n1, n0 = int(y.sum()), int(len(y) - y.sum())
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # ties share their mean rank
    area = float((ranks[y == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (n1 - 1) * (q1 - area**2) + (n0 - 1) * (q2 - area**2)) / (n1 * n0)
    return area, float(np.sqrt(max(variance, 0.0)))
