"""Checks of labels: rare, imbalanced, missing from parts, shifted between parts, and possibly wrong."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from visiontk.audit.audit_view import AuditView
from visiontk.audit.findings import Finding, count_noun
from visiontk.audit.quick_learner import folds_for, out_of_fold, probabilities
from visiontk.core import PARTS, Floats, Ints
from visiontk.messages import printable

RARE = 20
"""With fewer samples (or groups), the 95 % interval of the recall of a class is wider than 0.4."""

IMBALANCED = 3.0
"""Ratio of the largest class to the smallest from which on accuracy hides the small ones."""

MIN_SAMPLES = 100
MIN_ACCURACY = 0.85
"""Out-of-fold accuracy below which suspicious labels say more about the learner, and none are reported."""

WARNING_ACCURACY = 0.95
"""Out-of-fold accuracy from which on many suspicious labels are a warning."""

WARNING_SHARE = 0.01


def rare_classes(view: AuditView) -> Iterator[Finding]:
    """VTK204: classes of fewer than 20 samples, or groups."""
    samples = view.samples
    counts, what = samples.counts(), "sample"
    if samples.groups is not None:
        _, number = np.unique(samples.groups, return_inverse=True)
        pairs = np.unique(np.stack([samples.y, number]), axis=1)[0]
        groups = np.bincount(pairs, minlength=samples.n_classes)
        # With few groups in all, such as speakers who each say every class, no class is to blame.
        if groups.max() >= RARE:
            counts, what = groups, "group"
    rare = np.flatnonzero(counts < RARE)
    if len(rare) and len(rare) < samples.n_classes + 1:
        lines = [
            f"{printable(samples.labels[c])}: {count_noun(int(counts[c]), what)}"
            for c in rare[np.argsort(counts[rare])]
        ]
        yield Finding(
            "VTK204", "warning",
            f"{count_noun(len(rare), 'class', 'classes')} of {samples.n_classes} {'has' if len(rare) == 1 else 'have'} "
            f"fewer than {RARE} {what}s, the smallest {counts.min()}.",
            len(rare), lines=tuple(lines), numbers={"smallest": int(counts.min())},
        )  # fmt: skip


def imbalance(view: AuditView) -> Iterator[Finding]:
    """VTK205: the largest class has at least three times as many samples as the smallest."""
    samples = view.samples
    counts = samples.counts()
    largest, smallest = int(counts.argmax()), int(counts.argmin())
    ratio = counts[largest] / max(counts[smallest], 1)
    if ratio >= IMBALANCED:
        share = counts[largest] / len(samples)
        yield Finding(
            "VTK205", "warning" if ratio >= 10 or share >= 0.8 else "note",
            f"{printable(samples.labels[largest])} has {counts[largest]:,} samples ({share:.0%}), "
            f"{printable(samples.labels[smallest])} {counts[smallest]:,}: {ratio:.3g} times as many. "
            f"Always predicting {printable(samples.labels[largest])} gives an accuracy of {share:.1%}.",
            samples.n_classes, float(share), numbers={"ratio": float(ratio), "prior_accuracy": float(share)},
        )  # fmt: skip


def missing_from_parts(view: AuditView) -> Iterator[Finding]:
    """VTK207: a class without a sample in train, valid or test of the official split."""
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
            f"{count_noun(len(lines), 'class is', 'classes are')} missing from a part of the split.", len(lines),
            lines=tuple(lines),
        )  # fmt: skip


def label_shift(view: AuditView) -> Iterator[Finding]:
    """VTK208: class shares that differ between train and test by more than chance (chi-squared test)."""
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
    distance = float(np.abs(shares[0] - shares[1]).sum() / 2)
    expected = table.sum(axis=0) * table.sum(axis=1, keepdims=True) / table.sum()
    p = float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))
    if p < 1e-3 and distance >= 0.05:
        known = np.flatnonzero(np.bincount(samples.y, minlength=samples.n_classes))
        order = np.argsort(-np.abs(shares[0] - shares[1]))
        yield Finding(
            "VTK208", "note",
            f"Class shares differ between train and test: {distance:.1%} of the samples would have to change class.",
            len(order), numbers={"total_variation": distance, "p_value": p},
            lines=tuple(
                f"{printable(samples.labels[known[c]])}: {shares[0, c]:.1%} of train, {shares[1, c]:.1%} of test"
                for c in order[:20]
            ),
        )  # fmt: skip


def likely_wrong(view: AuditView) -> Iterator[Finding]:
    """VTK206: samples that an out-of-fold learner confidently assigns to another class (confident learning [1]_).

    The threshold of a class is the mean probability of that class over its samples; see `label_issues`.

    References
    ----------
    .. [1] Northcutt, Jiang and Chuang (2021), Confident learning: estimating uncertainty in dataset labels, Journal of
       Artificial Intelligence Research 70, 1373.
    """
    samples = view.samples.subset(view.compared)
    if view.content.descriptors is None or len(samples) < MIN_SAMPLES or (samples.counts() > 0).sum() < 2:
        return
    if samples.groups is not None and len(np.unique(samples.groups)) < 5:
        return
    fold = folds_for(samples.y, samples.groups)
    probability = probabilities(out_of_fold(view.content.descriptors, samples.y, samples.n_classes, fold), samples.y)
    suspicious, suggested = label_issues(probability, samples.y)
    accuracy = float((probability.argmax(axis=1) == samples.y).mean())
    if not len(suspicious) or accuracy < MIN_ACCURACY:
        return
    share = len(suspicious) / len(samples)
    yield Finding(
        "VTK206", "warning" if accuracy >= WARNING_ACCURACY and share >= WARNING_SHARE else "note",
        f"A quick learner (out-of-fold accuracy {accuracy:.1%}) confidently predicts another class than the label for "
        f"{count_noun(len(suspicious), 'sample')} ({share:.2%}); the first ones are worth checking.",
        len(suspicious), share, numbers={"out_of_fold_accuracy": accuracy},
        lines=tuple(
            f"{samples.ids[i]}: labelled {printable(samples.labels[samples.y[i]])}, predicted "
            f"{printable(samples.labels[suggested[i]])} ({probability[i, suggested[i]]:.2f})" for i in suspicious[:20]
        ),
        examples=tuple((str(samples.ids[i]),) for i in suspicious[:20]),
    )  # fmt: skip


def label_issues(probability: Floats, y: Ints) -> tuple[Ints, Ints]:
    """Return positions of samples with suspicious labels, the least credible first, and the suggested class of each.

    A label is suspicious if another class reaches its threshold and has the greatest probability, and the label's own
    probability is below half of its threshold. `probability` is out of fold, of shape (n, n_classes).

    Examples
    --------
    >>> probability = np.array([[0.9, 0.1], [0.8, 0.2], [0.05, 0.95], [0.1, 0.9], [0.95, 0.05]])
    >>> label_issues(probability, np.array([0, 0, 1, 1, 1]))[0].tolist()
    [4]
    """
    n_classes = probability.shape[1]
    own = probability[np.arange(len(y)), y]
    sums = np.bincount(y, weights=own, minlength=n_classes)
    counts = np.bincount(y, minlength=n_classes)
    thresholds = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    above = np.where(probability >= thresholds, probability, -1.0)
    suggested = np.where(above.max(axis=1) > 0, above.argmax(axis=1), y).astype(np.int64)
    suspicious = (suggested != y) & (probability.argmax(axis=1) == suggested) & (own < thresholds[y] / 2)
    margin = own - probability[np.arange(len(y)), suggested]
    order = np.flatnonzero(suspicious)
    return order[np.argsort(margin[order], kind="stable")], suggested
