"""What the folds of a run say for themselves, beside the verdict that rests on all predictions together."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from visiontk.core import Floats, Ints, Metric
from visiontk.report import formatting as fmt
from visiontk.stats.folds import corrected_resampled_t


class Stored(Protocol):
    """What one learner left, as in `visiontk.report.results.Record`."""

    @property
    def y(self) -> Ints:
        """True classes, shape (n,)."""

    @property
    def folds(self) -> Ints:
        """The fold in which each sample was tested, shape (n,)."""

    def scores_for(self, metric: str) -> Floats:
        """Scores, shape (n_seeds, n, n_classes)."""


def second_opinion(
    metric: Metric, name: str, rival: Stored, reference: Stored, n_train: float
) -> dict[str, Any] | None:
    """The corrected resampled t test over the folds; None with fewer than three, or where a fold has no value.

    Parameters
    ----------
    metric : Metric
        What is compared.
    name : str
        Of the metric, in its task.
    rival, reference : Stored
        With predictions of the same samples.
    n_train : float
        Training samples of a fold.

    Returns
    -------
    dict or None
        ``test``, ``n_folds``, ``difference``, ``low``, ``high``, ``p_value`` and a ``text``.
    """
    y, folds = rival.y, rival.folds
    n_folds = len(np.unique(folds))
    if n_folds < 3:
        return None
    means = []
    for stored in (rival, reference):
        scores = stored.scores_for(name)
        parts = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
        means.append([float(np.mean([metric(y[part], of_seed[part]) for of_seed in scores])) for part in parts])
    differences = np.array(means[0]) - np.array(means[1])
    if not np.isfinite(differences).all():
        return None
    found = corrected_resampled_t(differences, n_train, len(y) / n_folds)
    if found is None:
        return None
    p = fmt.p_value(found.p_value)
    return {
        "test": "corrected resampled t",
        "n_folds": n_folds,
        **found._asdict(),
        "text": f"Over the {n_folds} folds, with an allowance for training sets that overlap: "
        f"{fmt.difference(found.value, metric.kind, found.low, found.high)}{fmt.unit(metric.kind)} "
        f"{fmt.interval(found.low, found.high, metric.kind, signed=True)}, p {p if p.startswith('<') else f'= {p}'} "
        f"(corrected resampled t test).",
    }
