"""DeLong's variance of an AUC, from the influence of each sample."""

from __future__ import annotations

import numpy as np

from visiontk.core import Floats, Ints
from visiontk.stats.variance import NO_VARIANCE, VarianceComponent


def delong_component(y: Ints, influences: Floats) -> VarianceComponent | None:
    """Return the variance of an AUC, or of a difference of AUCs, from the influences of the samples [1]_.

    The variance within classes is, for two classes, that of DeLong, DeLong and Clarke-Pearson. With more classes the
    class means differ and the class frequencies of a test set are random: that variance is added. The degrees of
    freedom are Welch's [2]_: with 3 to 10 positives the normal quantile covered only 91 to 93 %, Welch's t 96 to 98 %.
    `influences`, shape (n,), are from `Metric.influence`; for two learners their difference. The result is None if a
    class has a single member, or without variance, as when every pair is ranked correctly.

    References
    ----------
    .. [1] DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more correlated receiver
       operating characteristic curves: a nonparametric approach, Biometrics 44, 837.
    .. [2] Welch (1947), The generalization of Student's problem when several different population variances are
       involved, Biometrika 34, 28.

    Examples
    --------
    >>> from visiontk.metrics import auc_influences
    >>> y = np.array([0, 0, 0, 1, 1])
    >>> scores = np.array([0.1, 0.4, 0.6, 0.5, 0.9])
    >>> component = delong_component(y, auc_influences(y, np.stack([1 - scores, scores], axis=1)))
    >>> round(component.variance, 4)
    0.0556
    """
    n = len(y)
    within, dfs, between = [], [], 0.0
    for c in np.unique(y):
        members = influences[y == c]
        if len(members) < 2:
            return None
        within.append(float(members.var(ddof=1)) * len(members) / n**2)
        dfs.append(len(members) - 1.0)
        between += len(members) * float(members.mean()) ** 2 / n**2
    total = sum(within) + between
    if total < NO_VARIANCE:
        return None
    scaled = sum(v**2 / df for v, df in zip(within, dfs, strict=True)) + between**2 / (n - 1)
    return VarianceComponent(total, total**2 / scaled)
