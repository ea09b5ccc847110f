"""Tasks: data sets, folds, learners and metrics of a domain."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from visiontk.core.dataset import about_data
from visiontk.core.declarations import package_of
from visiontk.core.learner import Factory
from visiontk.core.metric import Metric
from visiontk.core.samples import Fold, Samples
from visiontk.errors import ConfigError, unknown

BEST_CLASSICAL = "best classical"
"""Reference: the classical learner with the best mean metric on the validation sets of the run."""

Dataset = Callable[..., Samples]
Folds = Callable[[Samples, int, int], list[Fold]]


@dataclass(frozen=True, eq=False)
class Task:
    """Data sets, folds, learners and metrics of a domain: a frozen record of functions.

    Parameters
    ----------
    name : str
        Lower case, as in ``image_classification``.
    version : int
        To be raised when the data or the meaning of a label changes; part of every trial's key.
    summary : str
        One sentence for lists.
    datasets : mapping of str to callable
        Functions that return `Samples`; their keyword arguments are the schema of the config. The
        first is embedded and needs no download.
    folds : callable
        ``folds(samples, n_folds, seed)`` returns a list of `Fold`.
    learners : mapping of str to callable
        Functions decorated by `learner`; their keyword arguments are the schema of the config.
    metrics : mapping of str to Metric
        The first one decides comparisons.
    reference : str
        Learner that the others are compared with, or `BEST_CLASSICAL`.
    defaults : tuple of str
        Learners that are compared if none are named; by default all.
    excused : mapping of str to str
        Contract checks that the task fails, each with the reason.
    """

    name: str
    version: int
    summary: str
    datasets: Mapping[str, Dataset]
    folds: Folds
    learners: Mapping[str, Factory]
    metrics: Mapping[str, Metric]
    reference: str = BEST_CLASSICAL
    defaults: tuple[str, ...] = ()
    excused: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for dataset, function in self.datasets.items():
            if "name" in inspect.signature(function).parameters:
                raise ConfigError(
                    f"task {self.name}: dataset {dataset!r} has a parameter called name, which in a config is "
                    "the name of the dataset.",
                    error_id="E-CONFIG-TASK",
                    hint="Give the parameter another name.",
                )
        for name in self.defaults:
            if name not in self.learners:
                raise unknown("learner", name, self.learners, where=f"task {self.name}: defaults")
        if self.reference != BEST_CLASSICAL and self.reference not in self.learners:
            raise unknown("learner", self.reference, self.learners, where=f"task {self.name}: reference")

    def dataset(self, name: str) -> Dataset:
        """Return the dataset function of this name; raises ConfigError with the nearest name."""
        if name not in self.datasets:
            raise unknown("dataset", name, self.datasets)
        return self.datasets[name]

    def learner(self, name: str) -> Factory:
        """Return the learner function of this name; raises ConfigError with the nearest name."""
        if name not in self.learners:
            raise unknown("learner", name, self.learners)
        return self.learners[name]

    @property
    def is_private(self) -> bool:
        """True if a dataset is declared private: then no message or report repeats names of files or folders."""
        return any(about_data(dataset).private for dataset in self.datasets.values())

    @property
    def metric(self) -> str:
        """Name of the metric that decides comparisons."""
        return next(iter(self.metrics))

    def packages(self, dataset: str, learner: str) -> dict[str, str]:
        """Return versions by name of the packages that provide folds, dataset and learner; empty if visiontk does."""
        functions: tuple[Callable[..., Any], ...] = (self.folds, self.dataset(dataset), self.learner(learner))
        return {package.name: package.version for function in functions if (package := package_of(function))}
