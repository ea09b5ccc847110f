"""Learning curve: the learners with fewer training samples."""

from __future__ import annotations

import dataclasses

from visiontk.core import Trial, about
from visiontk.harness.study import Compared, Study
from visiontk.harness.subsets import MAX_HALVINGS


def trials(compared: Compared) -> list[Trial]:
    """Return trials on nested subsets of the training set, the same for every learner; floors do not need them."""
    experiment, task, samples, folds, first = compared
    sizes = curve_sizes(min(len(fold.train) for fold in folds), samples.n_classes)
    return [
        dataclasses.replace(trial, max_train=size, draw=draw, seed=experiment.seeds[(draw - 1) % len(experiment.seeds)])
        for draw in range(1, experiment.curve + 1)
        for size in sizes
        for trial in first
        if about(task.learner(trial.learner)).family != "floor"
    ]


def curve_sizes(n_train: int, n_classes: int) -> list[int]:
    """Return the training set sizes of a learning curve, ascending: halves, quarters and so on of all samples.

    At most seven, each with at least 32 samples and eight per class.

    Examples
    --------
    >>> curve_sizes(54_000, 10), curve_sizes(300, 3)
    ([421, 843, 1687, 3375, 6750, 13500, 27000], [37, 75, 150])
    """
    least = max(32, 8 * n_classes)
    return [size for k in range(MAX_HALVINGS, 0, -1) if (size := n_train // 2**k) >= least]


LEARNING_CURVE = Study(
    "learning_curve", "on smaller training sets", is_requested=lambda experiment: experiment.curve > 0, trials=trials
)
