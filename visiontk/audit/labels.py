"""Labels: too few, too unequal, missing from parts, in other shares there, and likely wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from visiontk.audit.facts import View
from visiontk.audit.findings import Finding, several
from visiontk.audit.learner import folds_for, out_of_fold, probabilities
from visiontk.core import PARTS, Floats, Ints
from visiontk.messages import printable

RARE = 20
"""A class with fewer samples (or groups) has a recall that nobody can measure: 95 % intervals wider than 0.4."""

UNEQUAL = 3.0
"""From this ratio of the largest class to the smallest on, accuracy hides the small ones."""

LEAST_TO_JUDGE = 100
SURE = 0.85
"""Out-of-fold accuracy below which a learner's doubts about labels say more about the learner, and none are named."""

VERY_SURE = 0.95
"""From which on many doubts are a warning."""

MANY_WRONG = 0.01


def rare_classes(view: View) -> Iterator[Finding]:
    """VTK204: classes of fewer than 20 samples, or groups."""
    samples = view.samples
    counts, what = samples.counts(), "sample"
    if samples.groups is not None:
        _, number = np.unique(samples.groups, return_inverse=True)
        pairs = np.unique(np.stack([samples.y, number]), axis=1)[0]
        groups = np.bincount(pairs, minlength=samples.n_classes)
        # One class has as many groups as there are speakers, and every class may have all of them: no fault of a class.
        if groups.max() >= RARE:
            counts, what = groups, "group"
    rare = np.flatnonzero(counts < RARE)
    if len(rare) and len(rare) < samples.n_classes + 1:
        lines = [
            f"{printable(samples.labels[c])}: {several(int(counts[c]), what)}" for c in rare[np.argsort(counts[rare])]
        ]
        yield Finding(
            "VTK204", "warning",
            f"{several(len(rare), 'class', 'classes')} of {samples.n_classes} {'has' if len(rare) == 1 else 'have'} "
            f"fewer than {RARE} {what}s, the smallest {counts.min()}.",
            len(rare), lines=tuple(lines), numbers={"smallest": int(counts.min())},
        )  # fmt: skip


def imbalance(view: View) -> Iterator[Finding]:
    """VTK205: the largest class has three times as many samples as the smallest, or more."""
    samples = view.samples
    counts = samples.counts()
    largest, smallest = int(counts.argmax()), int(counts.argmin())
    ratio = counts[largest] / max(counts[smallest], 1)
    if ratio >= UNEQUAL:
        share = counts[largest] / len(samples)
        yield Finding(
            "VTK205", "warning" if ratio >= 10 or share >= 0.8 else "note",
            f"{printable(samples.labels[largest])} has {counts[largest]:,} samples ({share:.0%}), "
            f"{printable(samples.labels[smallest])} {counts[smallest]:,}: {ratio:.3g} times as many. "
            f"Who always says {printable(samples.labels[largest])} has an accuracy of {share:.1%}.",
            samples.n_classes, float(share), numbers={"ratio": float(ratio), "prior_accuracy": float(share)},
        )  # fmt: skip


def missing_from_parts(view: View) -> Iterator[Finding]:
    """VTK207: a class without a sample in train, valid or test of the publisher's split."""
    samples = view.samples
    if samples.parts is None:
        return
    names = sorted(set(samples.parts.tolist()))
    lines = []
    for part in names if PARTS & set(names) else []:
        absent = np.setdiff1d(np.arange(samples.n_classes), samples.y[samples.parts == part])
        lines += [f"{part}: {printable(samples.labels[c])}" for c in absent]
    if lines:
        yield Finding(
            "VTK207", "error" if any(line.startswith("train") for line in lines) else "warning",
            f"{several(len(lines), 'class is', 'classes are')} missing from a part of the split.", len(lines),
            lines=tuple(lines),
        )  # fmt: skip


def label_shift(view: View) -> Iterator[Finding]:
    """VTK208: shares of classes that differ between train and test by more than chance (chi-squared test)."""
    from scipy.special import chdtrc

    samples = view.samples
    if samples.parts is None or not {"train", "test"} <= set(samples.parts.tolist()):
        return
    table = np.stack([np.bincount(samples.y[samples.parts == part], minlength=samples.n_classes)
                      for part in ("train", "test")])  # fmt: skip
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or (table.sum(axis=1) == 0).any():
        return
    shares = table / table.sum(axis=1, keepdims=True)
    apart = float(np.abs(shares[0] - shares[1]).sum() / 2)
    expected = table.sum(axis=0) * table.sum(axis=1, keepdims=True) / table.sum()
    p = float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))
    if p < 1e-3 and apart >= 0.05:
        known = np.flatnonzero(np.bincount(samples.y, minlength=samples.n_classes))
        order = np.argsort(-np.abs(shares[0] - shares[1]))
        yield Finding(
            "VTK208", "note",
            f"Classes have other shares in test than in train: {apart:.1%} of the samples would have to change class.",
            len(order), numbers={"total_variation": apart, "p_value": p},
            lines=tuple(
                f"{printable(samples.labels[known[c]])}: {shares[0, c]:.1%} of train, {shares[1, c]:.1%} of test"
                for c in order[:20]
            ),
        )  # fmt: skip


def likely_wrong(view: View) -> Iterator[Finding]:
    """VTK206: samples whose label a learner doubts that has not seen them: confident learning [1]_.

    The threshold of a class is the mean probability that its own samples get. A sample is doubted where another class
    reaches its threshold, and its own does not, and the other's probability is the greatest. Of each class as many are
    named as the counts say, the least credible first.

    References
    ----------
    .. [1] Northcutt, Jiang and Chuang (2021), Confident learning: estimating uncertainty in dataset labels, Journal of
       Artificial Intelligence Research 70, 1373.
    """
    samples = view.samples.subset(view.drawn)
    if view.descriptors is None or len(samples) < LEAST_TO_JUDGE or (samples.counts() > 0).sum() < 2:
        return
    if samples.groups is not None and len(np.unique(samples.groups)) < 5:
        return
    fold = folds_for(samples.y, samples.groups)
    found = probabilities(out_of_fold(view.descriptors, samples.y, samples.n_classes, fold), samples.y)
    doubted, said = doubts(found, samples.y)
    right = float((found.argmax(axis=1) == samples.y).mean())
    if not len(doubted) or right < SURE:
        return
    share = len(doubted) / len(samples)
    yield Finding(
        "VTK206", "warning" if right >= VERY_SURE and share >= MANY_WRONG else "note",
        f"A quick learner ({right:.1%} right on samples that it has not seen) confidently takes "
        f"{several(len(doubted), 'sample')} ({share:.2%}) for another class than their label says; "
        "the first ones deserve a look.",
        len(doubted), share, numbers={"out_of_fold_accuracy": right},
        lines=tuple(
            f"{samples.ids[i]}: labelled {printable(samples.labels[samples.y[i]])}, looks like "
            f"{printable(samples.labels[said[i]])} ({found[i, said[i]]:.2f})" for i in doubted[:20]
        ),
        examples=tuple((str(samples.ids[i]),) for i in doubted[:20]),
    )  # fmt: skip


def doubts(probability: Floats, y: Ints) -> tuple[Ints, Ints]:
    """Positions of doubted samples, the least credible first, and for every sample the class it is taken for.

    Parameters
    ----------
    probability : ndarray of shape (n, n_classes)
        Out of fold.
    y : ndarray of int64, shape (n,)
        The labels as given.

    Examples
    --------
    >>> sure = np.array([[0.9, 0.1], [0.8, 0.2], [0.05, 0.95], [0.1, 0.9], [0.95, 0.05]])
    >>> doubts(sure, np.array([0, 0, 1, 1, 1]))[0].tolist()
    [4]
    """
    n_classes = probability.shape[1]
    own = probability[np.arange(len(y)), y]
    sums = np.bincount(y, weights=own, minlength=n_classes)
    counts = np.bincount(y, minlength=n_classes)
    thresholds = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    above = np.where(probability >= thresholds, probability, -1.0)
    said = np.where(above.max(axis=1) > 0, above.argmax(axis=1), y).astype(np.int64)
    # The other class must win outright, and by more than the label's own doubts.
    wrong = (said != y) & (probability.argmax(axis=1) == said) & (own < thresholds[y] / 2)
    margin = own - probability[np.arange(len(y)), said]
    order = np.flatnonzero(wrong)
    return order[np.argsort(margin[order], kind="stable")], said
