"""Differences that data can show, estimated before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from visiontk.core import Fold, Ints, Metric, Samples
from visiontk.report.evidence.comparing import too_small
from visiontk.report.evidence.learner import TestSet, finite
from visiontk.stats.power import detectable_difference, required_samples

DISAGREEMENT, POWER = 0.1, 0.8
"""Share of the samples that exactly one of two learners is assumed to predict correctly, and power."""

TARGETS = (0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Differences of which one that cannot be shown yet is planned for."""


def decisiveness(metric: Metric, samples: Samples, folds: Sequence[Fold], n_comparisons: int = 1) -> dict[str, Any]:
    """Return the smallest differences that the test samples of all folds can show, as a JSON value.

    `detectable` and `needed` (samples to detect `target`) have two ends: as if all samples were independent, and as if
    those of a group were one. Without groups both are equal. They are null if unknown: for other metrics than shares of
    correct samples and averages over classes, and if no verdict is possible, for which `reason` says why.
    `n_comparisons` are planned, and share the 5 %.
    """
    tested = samples.subset(np.unique(np.concatenate([fold.test for fold in folds])))
    groups = None if tested.groups is None else np.unique(tested.groups, return_inverse=True)[1].ravel()
    value: dict[str, Any] = {
        "metric": metric.name,
        "n_test": len(tested),
        "n_groups": None if groups is None else len(np.unique(groups)),
        "disagreement": DISAGREEMENT,
        "power": POWER,
        "detectable": None,
        "target": None,
        "needed": None,
        "reason": too_small(metric, TestSet(tested.y, None, groups), samples.labels),
    }
    if not value["reason"] and metric.kind != "proportion" and not metric.averages_classes:
        value["reason"] = f"how much {metric.name} varies is not known beforehand"
    if value["reason"]:
        return value
    alpha = 0.05 / n_comparisons
    sizes = [_effective(metric, tested.y, None), _effective(metric, tested.y, groups)]
    detectable = [detectable_difference(size, disagreement=DISAGREEMENT, alpha=alpha, power=POWER) for size in sizes]
    target = next((each for each in TARGETS if each < detectable[0] / 1.5), None)
    # More samples of the same classes: their number grows with what they count as.
    totals = (len(tested), len(tested) if groups is None else value["n_groups"])
    required = target and required_samples(target, disagreement=DISAGREEMENT, alpha=alpha, power=POWER)
    needed = required and [round(required * total / size) for total, size in zip(totals, sizes, strict=True)]
    return {**value, "detectable": [finite(each) for each in detectable], "target": target, "needed": needed or None}


def _effective(metric: Metric, y: Ints, groups: Ints | None) -> float:
    """Return the number of independent samples with the variance of this metric, with one group as one sample."""
    if not metric.averages_classes:
        return _n_units(groups, np.arange(len(y)))
    units = np.array([_n_units(groups, np.flatnonzero(y == c)) for c in np.unique(y)])
    return float(len(units) ** 2 / (1 / units).sum())


def _n_units(groups: Ints | None, index: Ints) -> float:
    """Return the number of samples, or the effective number 1 / sum(h^2) of their groups with shares h."""
    if groups is None:
        return float(len(index))
    shares = np.bincount(groups[index]) / len(index)
    return float(1 / (shares**2).sum())
