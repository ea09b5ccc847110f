"""Trials: one learner on one fold with one seed, as a JSON value that decides its result."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from visiontk.core.shuffle import Shuffle


@dataclass(frozen=True)
class Trial:
    """One learner, one fold, one seed: a JSON value that decides its result.

    Parameters
    ----------
    task, task_version, dataset, learner : str, int, str, str
        By name, resolved where the trial runs; the version is that of the task.
    dataset_parameters, parameters : mapping
        Keyword arguments of the dataset and learner functions, defaults included.
    fingerprint : str
        Of the planned data; a trial refuses to run on others.
    fold, n_folds, seed : int
        Fold, from 0; number of folds; seed of the learner. Folds are the same for every seed.
    max_train : int or None
        At most this many training samples, sampled by class; None for all.
    budget_s : float
        CPU seconds per fit.
    threads : int
        Threads per fit. They change the order of sums, and so the last bits of a result.
    version : str
        Of visiontk.
    asks : tuple of {"valid", "test"}
        Sets that are predicted. Those of a hyperparameter search do not ask for the test set, which is then not read.
    study : str
        Study that the trial belongs to; empty for the comparison itself and its searches.
    draw : int
        Number of the random subset of `max_train` samples, from 1; 0 for the one that all seeds share.
    shuffle : Shuffle or None
        Permutation of the labels of all samples, of folds that were made from the true ones; None for true labels.
    packages : mapping of str to str
        Versions of the packages that provide the task, dataset and learner: a new version is a new trial.

    Examples
    --------
    >>> trial = Trial("images", 1, "digits", "prior", fingerprint="9f", version="0.1")
    >>> Trial.from_json(trial.to_json()) == trial
    True
    >>> trial.key == dataclasses.replace(trial, seed=1).key
    False
    """

    task: str
    task_version: int
    dataset: str
    learner: str
    fingerprint: str
    version: str
    dataset_parameters: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    fold: int = 0
    n_folds: int = 1
    seed: int = 0
    max_train: int | None = None
    budget_s: float = 600.0
    threads: int = 1
    asks: tuple[str, ...] = ("valid", "test")
    study: str = ""
    draw: int = 0
    shuffle: Shuffle | None = None
    packages: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return canonical JSON text: sorted keys, no spaces."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Trial:
        """Parse the text that `to_json` returns."""
        return cls.from_value(json.loads(text))

    @classmethod
    def from_value(cls, value: Mapping[str, Any]) -> Trial:
        """Return the trial of a parsed JSON value."""
        shuffle = None if value["shuffle"] is None else Shuffle(**value["shuffle"])
        return cls(**{**value, "asks": tuple(value["asks"]), "shuffle": shuffle})

    @cached_property
    def key(self) -> str:
        """First 16 hexadecimal digits of a hash of all fields.

        The ``path`` of the data is left out: their fingerprint identifies them, so a run directory and its data may
        be moved.
        """
        value = json.loads(self.to_json())
        value["dataset_parameters"].pop("path", None)
        text = json.dumps(value, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def is_compared(self) -> bool:
        """True for fits of a comparison and its searches, false for those of a study."""
        return not self.study

    @property
    def name(self) -> str:
        """Learner, seed and fold, for display."""
        fold = f", fold {self.fold + 1}/{self.n_folds}" if self.n_folds > 1 else ""
        size = f", {self.max_train} samples, draw {self.draw}" if self.draw else ""
        labels = ", shuffled labels" if self.shuffle else ""
        return f"{self.learner} seed {self.seed}{fold}{size}{labels}{'' if 'test' in self.asks else ', search'}"
