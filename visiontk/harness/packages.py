"""Versions of the packages that a trial was planned with."""

from __future__ import annotations

from collections.abc import Mapping

from visiontk.core import Task, Trial
from visiontk.errors import EnvironmentFault


def check_packages(task: Task, trial: Trial) -> None:
    """Raise EnvironmentFault if a package of the trial has another version now."""
    installed, planned = task.packages(trial.dataset, trial.learner), dict(trial.packages)
    if installed != planned:
        raise EnvironmentFault(
            f"{trial.learner}: planned with {_named(planned)}, but installed is {_named(installed)}.",
            error_id="E-PLUGIN-CHANGED",
            hint="Run the same command again: it plans with the packages installed now.",
        )


def _named(packages: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in packages.items()) or "visiontk only"
