"""Views of a finished run: another metric, unit of independence, calibration or threshold; nothing is trained."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Ints, Strings, Task
from visiontk.errors import ConfigError, unknown
from visiontk.harness.store import RunDirectory
from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss, macro_f1
from visiontk.metrics.operating import brier
from visiontk.report.evidence.policy import Policy, as_threshold
from visiontk.report.evidence.slice_columns import read_column
from visiontk.report.evidence.stored import DataDescription
from visiontk.report.formatting import words
from visiontk.stats.recalibration import METHODS

GROUP, SAMPLE, FOLD = "group", "sample", "fold"
MULTIPLE_LOOKS = "whoever tries several and reports one finds differences that are not there."

EVERYWHERE = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
    "auc": auc,
    "log_loss": log_loss,
    "brier": brier,
}
"""Metrics that any run can be scored with, whatever its task."""


@dataclass(frozen=True)
class View:
    """Choices made after a run; an empty one leaves it to the run.

    Units of independence are ``group`` (those of the data, also by their name, such as ``person``), ``sample``,
    ``fold``, or ``FILE.csv:COLUMN``; by default the groups of the data where they have some, else samples.
    """

    metric: str = ""  # that is compared
    group: str = ""  # unit of independence
    calibration: str = ""  # none, temperature or isotonic
    threshold: str | float = ""  # largest, youden or a sensitivity on the validation set
    slices: tuple[str, ...] = ()  # each ``FILE.csv:COLUMN``
    claim: str = ""  # that is answered

    def __bool__(self) -> bool:
        return self != View()

    def regroups(self, data: DataDescription) -> bool:
        """Return True if units other than the groups of the data are independent; those may be named, too."""
        return self.group not in ("", GROUP, data["grouped_by"] or GROUP)

    def of(self, task: Task) -> Task:
        """Return the task with the metric of this view as its first.

        Examples
        --------
        >>> from visiontk.testing import tiny_task
        >>> View("accuracy").of(tiny_task()).metric
        'accuracy'
        """
        if not self.metric:
            return task
        known = EVERYWHERE | dict(task.metrics)
        if self.metric not in known:
            raise unknown("metric", self.metric, known, where="--metric")
        return dataclasses.replace(task, metrics={self.metric: known[self.metric]} | dict(task.metrics))

    def policy(self, planned: Policy) -> Policy:
        """Return the policy of this view, by default that of the run.

        Examples
        --------
        >>> View(calibration="isotonic").policy(Policy())
        Policy(calibration='isotonic', threshold='largest')
        """
        if self.calibration and self.calibration not in METHODS:
            raise unknown("calibration", self.calibration, METHODS, where="--calibration")
        threshold = planned.threshold if self.threshold == "" else as_threshold(self.threshold, "--threshold")
        return Policy(self.calibration or planned.calibration, threshold)

    def groups(self, store: RunDirectory, data: DataDescription, ids: Strings, folds: Ints) -> NDArray[Any] | None:
        """Return the unit of each test sample; None where samples are independent."""
        has_groups = data["n_groups"] is not None
        if self.group == SAMPLE or (not self.group and not has_groups):
            return None
        if not self.regroups(data):
            if not has_groups:
                raise ConfigError(
                    "--group: the data of this run have no groups.",
                    error_id="E-REPORT-GROUP",
                    hint="Name a table with the columns id and, for example, person: --group people.csv:person.",
                )
            by_id = store.groups() or {}
            return np.array([by_id[i] for i in ids.tolist()])
        if self.group == FOLD:
            return folds
        return _from_table(self.group, ids)

    def warnings(self, task: Task, data: DataDescription, planned: Policy) -> list[str]:
        """Return warnings about choices made after the run; `task` and policy are those of the run."""
        warnings = []
        policy = self.policy(planned)
        if policy != planned:
            warnings.append(
                f"Calibration or threshold was changed after the run, to {policy.words() or 'scores as stored'}: "
                f"{MULTIPLE_LOOKS}"
            )
        if self.metric and self.metric != task.metric:
            warnings.append(
                f"The metric that is compared was changed after the run, from {words(task.metric)} to "
                f"{words(self.metric)}: {MULTIPLE_LOOKS}"
            )
        if self.group == SAMPLE and data["n_groups"] is not None:
            warnings.append(
                f"Samples are counted as if they were independent, although they come in {data['n_groups']} groups: "
                "intervals are too short and verdicts too sure."
            )
        elif self.regroups(data) and self.group != SAMPLE:
            warnings.append(f"The unit of independence was changed after the run, to {Path(self.group).name}.")
        return warnings


def _from_table(spec: str, ids: Strings) -> Strings:
    column = read_column(
        spec,
        "--group",
        what="unit",
        error_id="E-REPORT-GROUP",
        example="group, sample, fold, or a table with the columns id and, for example, person: people.csv:person.",
    )
    missing = [i for i in ids.tolist() if not column.values.get(i)]
    if missing:
        raise ConfigError(
            f"{spec.removesuffix(f':{column.name}')}: no {column.name} for {len(missing)} of {len(ids)} test samples, "
            f"such as {missing[0]!r}.",
            error_id="E-REPORT-GROUP",
            hint="The column id holds the ids of predictions.npz, each with its group.",
        )
    return np.array([column.values[i] for i in ids.tolist()])
