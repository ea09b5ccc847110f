"""What is made of scores before they are judged: the same for every learner, by the valid part of each fit."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

from visiontk.core import Floats, Task
from visiontk.errors import ConfigError
from visiontk.harness.outcome import Predictions
from visiontk.harness.plan import check_threshold
from visiontk.metrics.operating import LARGEST, decisions, threshold_rule
from visiontk.stats.recalibration import recalibration


class Policy(NamedTuple):
    """How probabilities and decisions come from scores.

    Parameters
    ----------
    calibration : {"none", "temperature", "isotonic"}
        Fitted on the valid part of each fit.
    threshold : {"largest", "youden"} or float
        Who is called a member of the second of two classes: who scores more for it, who is above the threshold with
        the largest sum of sensitivity and specificity on valid, or above the one that finds this share of valid's.
    """

    calibration: str = "none"
    threshold: str | float = LARGEST

    def calibrated(self, part: Predictions, *, probabilities: bool) -> Predictions:
        """Predictions with the scores as they are judged."""
        if self.calibration == "none":
            return part
        apply = recalibration(self.calibration, part.valid_y_true, part.valid_scores, probabilities=probabilities)
        return part._replace(scores=apply(part.scores), valid_scores=apply(part.valid_scores))

    def decided(self, part: Predictions) -> Floats:
        """Scores of test of which the largest is the decision, shape (n, n_classes)."""
        choose = threshold_rule(self.threshold)
        return part.scores if choose is None else decisions(choose)(part.valid_y_true, part.valid_scores)(part.scores)

    def of(self, task: Task, n_classes: int) -> Task:
        """The task with its metrics of decisions at this threshold.

        Raises
        ------
        ConfigError
            If a threshold is asked for and there are not two classes.
        """
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
        """For the signature; empty where scores are judged as they are.

        Examples
        --------
        >>> Policy("isotonic", 0.9).words()
        'isotonic calibration on valid, threshold of 90 % sensitivity on valid'
        """
        told = [] if self.calibration == "none" else [f"{self.calibration} calibration on valid"]
        if isinstance(self.threshold, float):
            told.append(f"threshold of {100 * self.threshold:g} % sensitivity on valid")
        elif self.threshold != LARGEST:
            told.append("Youden's threshold on valid")
        return ", ".join(told)


def as_threshold(given: str | float, where: str = "threshold") -> str | float:
    """A threshold as a config or a command line names it.

    Raises
    ------
    ConfigError
        If there is none of this name.

    Examples
    --------
    >>> as_threshold("0.95"), as_threshold("youden")
    (0.95, 'youden')
    """
    if isinstance(given, str):
        with contextlib.suppress(ValueError):
            given = float(given)
    try:
        threshold_rule(given)
    except ValueError as error:
        raise ConfigError(
            f"{where}: {error}", error_id="E-CONFIG-THRESHOLD", hint="Such as youden, or 0.95 for 95 % sensitivity."
        ) from error
    return given


def policy_of(document: Mapping[str, Any]) -> Policy:
    """The policy that a run was planned with."""
    return Policy(document.get("calibration", "none"), document.get("threshold", LARGEST))  # earlier runs have none
