"""The margin of a comparison: the difference too small to matter, set before the test set is read."""

from __future__ import annotations

import math
from typing import NamedTuple

from visiontk.core import Metric

MARGIN = 0.01
"""One point of accuracy."""

SHARE_OF_ERROR = 0.5
"""Largest margin as a share of the error of the reference.

14 and 22 mistakes in 1,797 samples lie within one point, but are not alike.
"""


class Margin(NamedTuple):
    """Difference too small to matter, in the unit of the metric, and the reason for it."""

    value: float
    reason: str


def margin_of(metric: Metric, setting: float | None, valid: float, n_test: int, reference: str = "") -> Margin:
    """Return the margin of a metric.

    Parameters
    ----------
    metric : Metric
        Metric that is compared.
    setting : float or None
        As set by the user; None for the default.
    valid : float
        Metric of the reference on its validation sets; NaN if not known.
    n_test : int
        Test samples.
    reference : str
        Name of the reference.

    Examples
    --------
    >>> from visiontk.metrics import accuracy
    >>> margin_of(accuracy, None, 0.9, 1000).value, margin_of(accuracy, None, 0.99, 1000, "hog_svm")
    (0.01, Margin(value=0.005, reason='half of the error of hog_svm on the validation set'))
    """
    if setting is not None:
        return Margin(setting, "as set")
    if metric.margin is not None:
        return Margin(metric.margin, f"of {metric.name}")
    if metric.kind == "unbounded" or not metric.higher_is_better:
        return Margin(0.0, f"{metric.name} states none, so that nothing is equivalent")
    error = SHARE_OF_ERROR * (1 - valid)
    if min(MARGIN, error) * n_test < 1 or MARGIN * n_test < 1:
        return Margin(1 / n_test, "one test sample")
    if math.isnan(error) or error >= MARGIN:
        return Margin(MARGIN, "by default")
    return Margin(round(error, 12), f"half of the error of {reference or 'the reference'} on the validation set")
