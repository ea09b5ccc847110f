"""Calibration of scores and decision threshold, chosen on the validation set of each fit, alike for every learner."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import NamedTuple

from visiontk.core import Floats, Task
from visiontk.errors import ConfigError
from visiontk.harness.outcome import Predictions
from visiontk.harness.plan import check_threshold
from visiontk.metrics.operating import LARGEST, decisions, threshold_rule
from visiontk.stats.recalibration import recalibration


class Policy(NamedTuple):
    """Calibration, and decision threshold of binary tasks, both chosen on the validation set of each fit.

    The threshold is the larger score, the one with the largest sum of sensitivity and specificity (Youden), or the one
    that reaches the sensitivity given as a number.
    """

    calibration: str = "none"  # none, temperature or isotonic
    threshold: str | float = LARGEST  # largest, youden or a sensitivity

    def calibrated(self, part: Predictions, *, probabilities: bool) -> Predictions:
        """Return predictions with calibrated scores."""
        if self.calibration == "none":
            return part
        apply = recalibration(self.calibration, part.valid_y_true, part.valid_scores, probabilities=probabilities)
        return part._replace(scores=apply(part.scores), valid_scores=apply(part.valid_scores))

    def decided(self, part: Predictions) -> Floats:
        """Return test scores whose largest is the predicted class, shape (n, n_classes)."""
        choose = threshold_rule(self.threshold)
        return part.scores if choose is None else decisions(choose)(part.valid_y_true, part.valid_scores)(part.scores)

    def of(self, task: Task, n_classes: int) -> Task:
        """Return the task with its metrics of decisions at this threshold; ConfigError unless there are two classes."""
        choose = threshold_rule(self.threshold)
        if choose is None:
            return task
        check_threshold(self.threshold, n_classes)
        metrics = {
            name: dataclasses.replace(metric, adapt=decisions(choose)) if metric.decides else metric
            for name, metric in task.metrics.items()
        }
        return dataclasses.replace(task, metrics=metrics)

    def words(self) -> str:
        """Return the policy in words; empty for scores as stored.

        Examples
        --------
        >>> Policy("isotonic", 0.9).words()
        'isotonic calibration on valid, threshold of 90 % sensitivity on valid'
        """
        words = [] if self.calibration == "none" else [f"{self.calibration} calibration on valid"]
        if isinstance(self.threshold, float):
            words.append(f"threshold of {100 * self.threshold:g} % sensitivity on valid")
        elif self.threshold != LARGEST:
            words.append("Youden's threshold on valid")
        return ", ".join(words)


def as_threshold(threshold: str | float, where: str = "threshold") -> str | float:
    """Parse a threshold of a config or a command line.

    Examples
    --------
    >>> as_threshold("0.95"), as_threshold("youden")
    (0.95, 'youden')
    """
    if isinstance(threshold, str):
        with contextlib.suppress(ValueError):
            threshold = float(threshold)
    try:
        threshold_rule(threshold)
    except ValueError as error:
        raise ConfigError(
            f"{where}: {error}", error_id="E-CONFIG-THRESHOLD", hint="Such as youden, or 0.95 for 95 % sensitivity."
        ) from error
    return threshold
