"""The contract by names: of a whole task with what packages add to it, or of one thing that a package adds.

This is what ``visiontk check`` carries out: `steps` says what is to be checked, `visiontk.testing.conduct` does it in a
process of its own.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Literal, NamedTuple

from visiontk.core import BEST_CLASSICAL, Task
from visiontk.errors import ConfigError, unknown
from visiontk.registry import additions, get_task, rejected_additions
from visiontk.testing.checks import Check, fitting_checks, plain_checks, task_checks

Speed = Literal["fast", "slow"]

OF_DATASETS = (
    "importing_the_task_loads_no_framework",
    "every_parameter_is_described",
    "ids_are_unique_and_stable",
    "take_and_batches_agree",
    "folds_are_disjoint_cover_and_repeat",
    "no_group_straddles_a_fold",
    "tiny_data_has_every_class",
    "trials_survive_pickle_and_json",
)
OF_METRICS = ("metrics_prefer_the_truth",)
OF_LEARNERS = (
    "importing_the_task_loads_no_framework",
    "every_learner_cites_a_source",
    "search_spaces_hold_what_parameters_allow",
    "every_parameter_is_described",
    "every_number_of_a_learner_has_a_range",
    "trials_survive_pickle_and_json",
)
"""Checks that do not fit anything, by what they are about; those that fit are about learners."""


class Step(NamedTuple):
    """One check of one subject: a task, or ``task.name`` for what a package adds to it."""

    subject: str
    check: str

    @property
    def sentence(self) -> str:
        """The check as a sentence.

        Examples
        --------
        >>> Step("waves", "same_seed_gives_same_scores").sentence
        'Same seed gives same scores'
        """
        words = self.check.replace("_", " ").capitalize()
        return words.replace("json", "JSON").replace("disjoint cover", "disjoint, cover all")


def steps(subject: str, *, only: str = "", speed: Speed | None = None) -> list[Step]:
    """What is to be checked, cheapest first.

    Parameters
    ----------
    subject : str
        A task: its contract with everything that packages add to it, learners that do not compete by default
        included, and then that of every dataset that they add. Or ``task.name``, which is one learner, dataset or
        metric of it.
    only : str
        Checks whose sentence has this in it.
    speed : {"fast", "slow"}, optional
        Only those that fit nothing, or only those that do; by default all.

    Raises
    ------
    ConfigError
        If there is no such task, nothing of this name in it, or no such check.
    EnvironmentFault
        If it cannot be imported.
    """
    subjects = [subject, *_datasets_added_to(subject)] if "." not in subject else [subject]
    fitting = {check.__name__ for check in fitting_checks()}
    found = [
        Step(each, name)
        for each in subjects
        for name in names_of(each)
        if speed is None or (name in fitting) == (speed == "slow")
    ]
    chosen = [step for step in found if only.lower() in step.sentence.lower() or only in step.check]
    if not chosen:
        sentences = ", ".join(step.sentence.lower() for step in found)
        raise ConfigError(
            f"--only {only}: no check of {subject} has this in its name. Known: {sentences}.", error_id="E-CHECK-NONE"
        )
    return chosen


def names_of(subject: str) -> tuple[str, ...]:
    """Names of the checks that concern a subject."""
    kind = _limited(subject)[1]
    fitting = tuple(check.__name__ for check in fitting_checks())
    return {
        "task": tuple(check.__name__ for check in plain_checks()) + fitting,
        "learner": OF_LEARNERS + fitting,
        "dataset": OF_DATASETS,
        "metric": OF_METRICS,
    }[kind]


def carry_out(step: Step) -> None:
    """Do one check; raises whatever it raises."""
    task, kind = _limited(step.subject)
    added = [each.name for each in additions(task.name) if each.kind == "learner" and each.name in task.learners]
    competing = task.defaults or tuple(task.learners)
    learners = [*competing, *(name for name in added if name not in competing)] if kind == "task" else competing
    check: Check = {check.__name__: check for check in task_checks(learners)}[step.check]
    check(task)


def _limited(subject: str) -> tuple[Task, str]:
    """The task as far as this subject is concerned, and what the subject is."""
    name, _, part = subject.partition(".")
    task = get_task(name)
    if not part:
        return task, "task"
    for kind in ("learner", "dataset", "metric"):
        if (error := rejected_additions(name).get((kind, part))) is not None:
            raise error
    for kind, known in (("learner", task.learners), ("dataset", task.datasets), ("metric", task.metrics)):
        if part in known:
            return _only(task, kind, part), kind
    raise unknown("part", part, [*task.learners, *task.datasets, *task.metrics], where=name)


@functools.lru_cache(maxsize=16)
def _only(task: Task, kind: str, name: str) -> Task:
    # Kept, as checks keep fits by the identity of the task.
    mine = dataclasses.replace(task, excused={})  # what a task excuses itself from is no excuse for what others add
    if kind == "learner":
        one = {name: task.learners[name]}
        return dataclasses.replace(mine, learners=one, defaults=(name,), reference=BEST_CLASSICAL)
    if kind == "dataset":
        return dataclasses.replace(mine, datasets={name: task.datasets[name]})
    return dataclasses.replace(mine, metrics={name: task.metrics[name]})


def _datasets_added_to(task: str) -> Sequence[str]:
    known = get_task(task).datasets
    out = rejected_additions(task)
    return [
        f"{task}.{each.name}"
        for each in additions(task)
        if each.kind == "dataset" and each.name in known and ("dataset", each.name) not in out
    ]
