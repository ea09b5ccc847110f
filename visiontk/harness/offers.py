"""Learners that are compared as well, where none are named, on data that suit them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from visiontk.core import Factory, Samples, Task, about, parameters
from visiontk.errors import EnvironmentFault
from visiontk.harness.experiment import Experiment


def with_offers(
    experiment: Experiment, task: Task, samples: Samples, *, shape: tuple[int, ...] | None = None
) -> tuple[Experiment, Samples]:
    """Add the learners of a task that suit the data, or a note on the data that says how to get them.

    Parameters
    ----------
    experiment : Experiment
        Unchanged if its learners were named.
    task : Task
        Its learners declare with ``About.suits`` which data they are offered for.
    samples : Samples
        The data, of which one input is read.
    shape : tuple of int, optional
        Of one input, if the data are not read yet.

    Raises
    ------
    EnvironmentFault
        ``E-ENV-PACKAGE`` if a named learner needs what is not installed.
    """
    for name, values in experiment.learners.items():
        if missing := _missing(task.learner(name), values):
            raise EnvironmentFault(f"learners.{name}: {missing}.", error_id="E-ENV-PACKAGE")
    if experiment.learners_named:
        return experiment, samples
    learners, notes = dict(experiment.learners), []
    for name, factory in task.learners.items():
        suits = about(factory).suits
        if name in learners or suits is None:
            continue
        if shape is None:
            shape = np.shape(samples.take(np.zeros(1, np.int64)))[1:]
        if not suits(shape, samples.card.shorter_side):
            continue
        known = parameters(factory)
        if missing := _missing(factory, known):
            notes.append(f"not compared: {name}: {missing}")
        else:
            policy = {"imbalance": experiment.imbalance} if experiment.imbalance and "imbalance" in known else {}
            learners[name] = known | policy
    card = dataclasses.replace(samples.card, notes=(*samples.card.notes, *notes))
    experiment = dataclasses.replace(experiment, learners=learners, learners_named=True)
    return experiment, dataclasses.replace(samples, card=card)


def _missing(factory: Factory, values: Mapping[str, Any]) -> str:
    missing = about(factory).missing
    return missing(values) if missing else ""
