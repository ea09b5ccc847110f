"""Checks for shortcuts and drift: properties that predict the class, and differences between train and test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.audit.audit_view import AuditView
from visiontk.audit.findings import Finding
from visiontk.audit.quick_learner import RIDGES, folds_for, out_of_fold
from visiontk.core import Floats, Ints, Strings

MAX_FITTED = 6000
"""Samples that the small models are fitted on; of more, a random subset of this size."""

MIN_GAIN = 0.10
"""Balanced accuracy of a finding, as a share of the way from chance to 1."""

WARNING_GAIN = 0.5
"""The same for a warning."""

N_PERMUTATIONS = 20
_N_DEVIATIONS = 5.0

_FILE_FACTS = ("size_bytes", "width", "height", "mode", "sample_rate", "channels", "seconds", "format")
_TITLES = {
    "size_bytes": "file size", "seconds": "duration of the file", "sample_rate": "sample rate", "format": "file format",
    "characters": "number of characters", "words": "number of words",
    "number in the name": "number in the file name", "start of the name": "start of the file name",
}  # fmt: skip


def file_properties(view: AuditView) -> Iterator[Finding]:
    """VTK401: size, format and other properties of files that predict the class."""
    columns = {name: view.files[name] for name in _FILE_FACTS if name in view.files}
    if "width" in columns:
        columns["aspect"] = columns["width"] / columns["height"]
    yield from _predictive(view, "VTK401", columns, "file properties")


def content_properties(view: AuditView) -> Iterator[Finding]:
    """VTK402: brightness, loudness, length and other simple properties that predict the class."""
    columns = {name: values for name, values in view.content.facts.items() if name != "damaged characters"}
    yield from _predictive(view, "VTK402", columns, "simple properties")


def file_names(view: AuditView) -> Iterator[Finding]:
    """VTK404: numbers or beginnings of file names that predict the class."""
    if "name" not in view.files:
        return
    names = view.files["name"].tolist()
    columns: dict[str, NDArray[Any]] = {
        "number in the name": np.array([float((re.findall(r"\d{1,9}", name) or ["-1"])[-1]) for name in names]),
        "start of the name": np.array([re.match(r"[^\d_\-. ]*", name)[0].casefold() for name in names]),  # type: ignore[index]
    }
    yield from _predictive(view, "VTK404", columns, "file names")


def _predictive(view: AuditView, code: str, columns: Mapping[str, NDArray[Any]], what: str) -> Iterator[Finding]:
    """Yield a finding if small trees predict the class from these properties better than with shuffled labels."""
    varying = {name: numeric(column) for name, column in columns.items() if len(set(column.tolist())) > 1}
    samples = view.samples
    present = np.flatnonzero(samples.counts() >= 10)
    usable = np.flatnonzero(np.isin(samples.y, present))
    if not varying or len(present) < 2:
        return
    rng = np.random.default_rng(0)
    some = np.sort(rng.permutation(usable)[:MAX_FITTED])
    y = np.searchsorted(present, samples.y[some])
    groups = None if samples.groups is None else samples.groups[some]
    if groups is not None and len(np.unique(groups)) < 10:
        groups = None  # too few to hold some out, such as six speakers who say the same words
    x = np.stack([varying[name][some] for name in varying], axis=1)
    fold = folds_for(y, groups)
    chance = 1 / len(present)
    single = {name: tree_accuracy(x[:, [i]], y, fold) for i, name in enumerate(varying)}
    best = max(single, key=lambda name: single[name])
    joint = tree_accuracy(x, y, fold) if len(varying) > 1 else single[best]
    accuracy = max(joint, single[best])
    least = chance + MIN_GAIN * (1 - chance)
    if accuracy < least:
        return
    nulls = np.array([tree_accuracy(x, _shuffled(y, groups, rng), fold) for _ in range(N_PERMUTATIONS)])
    limit = max(float(nulls.mean() + _N_DEVIATIONS * nulls.std()), least)
    if accuracy < limit:
        return
    gain = (accuracy - chance) / (1 - chance)
    order = sorted(single, key=lambda name: -single[name])
    n_predictive = sum(single[name] >= limit for name in order)
    lead = (
        f"the {_title(best)} alone reaches {single[best]:.2f}"
        if n_predictive
        else f"{', '.join(map(_title, varying))} together reach {joint:.2f}"
    )
    yield Finding(
        code,
        "warning" if gain >= WARNING_GAIN and code != "VTK404" else "note",
        f"Of the {what}, {lead} balanced accuracy on held-out samples (chance {chance:.2f}, at most {nulls.max():.2f} "
        f"with shuffled labels); all together {joint:.2f}.",
        n_predictive or len(varying),
        numbers={"together": joint, "chance": chance, "shuffled": float(nulls.max())},
        lines=tuple(f"{_title(name)}: {single[name]:.2f}" for name in order),
    )


def _title(name: str) -> str:
    return _TITLES.get(name, name)


def numeric(column: NDArray[Any]) -> Floats:
    """Return numbers unchanged, and strings as ranks of their frequency.

    Examples
    --------
    >>> numeric(np.array(["b", "a", "b"])).tolist()
    [0.0, 1.0, 0.0]
    """
    if column.dtype.kind in "fiub":
        return column.astype(np.float64)
    values, index, counts = np.unique(column, return_inverse=True, return_counts=True)
    rank = np.empty(len(values))
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(values))
    return rank[index]


def tree_accuracy(x: Floats, y: Ints, fold: Ints) -> float:
    """Return the out-of-fold balanced accuracy of a small decision tree [1]_.

    References
    ----------
    .. [1] Breiman, Friedman, Olshen and Stone (1984), Classification and regression trees.

    Examples
    --------
    >>> y = np.repeat([0, 1], 100)
    >>> tree_accuracy(y[:, None].astype(float), y, folds_for(y, None))
    1.0
    """
    from sklearn.tree import DecisionTreeClassifier

    predicted = np.empty_like(y)
    least = max(5, len(y) // 200)
    for k in np.unique(fold):
        test = fold == k
        tree = DecisionTreeClassifier(max_depth=6, min_samples_leaf=least, class_weight="balanced", random_state=0)
        predicted[test] = tree.fit(x[~test], y[~test]).predict(x[test])
    recalls = [float((predicted[y == c] == c).mean()) for c in np.unique(y)]
    return float(np.mean(recalls))


def _shuffled(y: Ints, groups: Strings | None, rng: np.random.Generator) -> Ints:
    """Return shuffled labels; if each group has a single label, groups exchange theirs."""
    if groups is None:
        return rng.permutation(y)
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    if (y[first][number] == y).all():
        return np.asarray(rng.permutation(y[first])[number], np.int64)
    return rng.permutation(y)


def drift(view: AuditView) -> Iterator[Finding]:
    """VTK403: a classifier distinguishes test samples from training samples [1]_.

    The area under its ROC curve is 0.5 if they have the same distribution; the interval is that of Hanley and
    McNeil [2]_.

    References
    ----------
    .. [1] Lopez-Paz and Oquab (2017), Revisiting classifier two-sample tests, ICLR.
    .. [2] Hanley and McNeil (1982), The meaning and use of the area under a receiver operating characteristic curve,
       Radiology 143, 29.
    """
    samples = view.samples.subset(view.compared)
    if (
        view.content.descriptors is None
        or samples.parts is None
        or not {"train", "test"} <= set(samples.parts.tolist())
    ):
        return
    rng = np.random.default_rng(0)
    train, test = (rng.permutation(np.flatnonzero(samples.parts == part)) for part in ("train", "test"))
    chosen = np.sort(np.concatenate([train[: 2 * MAX_FITTED], test[:MAX_FITTED]]))
    y = (samples.parts[chosen] == "test").astype(np.int64)
    n_test, n_train = int(y.sum()), int((1 - y).sum())
    if min(n_test, n_train) < 30:
        return
    groups = None if samples.groups is None else samples.groups[chosen]
    if groups is not None and len(np.unique(groups)) < 10:
        return
    # Fitted on one half, measured once on the other: pooled over folds, the interval would be too narrow.
    half = folds_for(y, groups, n_folds=2)
    scores = out_of_fold(view.content.descriptors[chosen], y, 2, half, RIDGES[1:2])[half == 0, 1]
    area, error = auc(scores, y[half == 0])
    low, high = max(0.0, area - 1.96 * error), min(1.0, area + 1.96 * error)
    if low <= 0.55:
        return
    yield Finding(
        "VTK403", "warning" if low > 0.7 else "note",
        f"A quick learner distinguishes test from train: area under the ROC curve {area:.2f} [{low:.2f}, {high:.2f}]; "
        "0.50 means no difference.",
        n_test, numbers={"auc": area, "low": low, "high": high},
        lines=_shifts(view, chosen, y),
    )  # fmt: skip


def _shifts(view: AuditView, chosen: Ints, y: Ints) -> tuple[str, ...]:
    """Return the properties whose means differ by over 0.1 standard deviations, the largest shift first."""
    shifts = []
    for name, column in view.content.facts.items():
        values = column[view.compared][chosen]
        train, test = values[y == 0], values[y == 1]
        spread = float(np.concatenate([train, test]).std())
        size = abs(float(train.mean() - test.mean())) / spread if spread else 0.0
        shifts.append((size, name, train.mean(), test.mean()))
    shifts.sort(reverse=True)
    return tuple(f"{name}: {a:.3g} in train, {b:.3g} in test" for size, name, a, b in shifts if size > 0.1)


def auc(scores: Floats, y: Ints) -> tuple[float, float]:
    """Return the area under the ROC curve, and its standard error after Hanley and McNeil.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1]))[0]
    0.75
    """
    n1, n0 = int(y.sum()), int(len(y) - y.sum())
    _, index, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[index]  # ties share their mean rank
    area = float((ranks[y == 1].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (n1 - 1) * (q1 - area**2) + (n0 - 1) * (q2 - area**2)) / (n1 * n0)
    return area, float(np.sqrt(max(variance, 0.0)))
