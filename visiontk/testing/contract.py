"""Steps of ``visiontk task check``: the checks of a task with its additions, or of a single addition.

`steps` lists them; `visiontk.testing.check_process` runs them in a separate process.
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
    "folds_are_disjoint_complete_and_repeatable",
    "no_group_is_in_two_parts_of_a_fold",
    "tiny_data_has_every_class",
    "trials_survive_pickle_and_json",
)
OF_METRICS = ("metrics_prefer_true_scores", "influence_functions_agree_with_the_jackknife")
OF_LEARNERS = (
    "importing_the_task_loads_no_framework",
    "every_learner_cites_a_source",
    "search_spaces_are_within_parameter_ranges",
    "every_parameter_is_described",
    "every_number_of_a_learner_has_a_range",
    "pretrained_learners_name_their_source_data",
    "trials_survive_pickle_and_json",
)
"""Checks that fit nothing, by kind of addition; the fitting ones are about learners."""


class Step(NamedTuple):
    """One check of one subject: a task, or ``task.name`` for an addition."""

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
        return words.replace("json", "JSON").replace("disjoint complete", "disjoint, complete")


def steps(subject: str, *, only: str = "", speed: Speed | None = None) -> list[Step]:
    """Return the checks of a subject, cheapest first.

    Parameters
    ----------
    subject : str
        A task: its contract with all additions, also learners that are not compared by default, then the checks of
        each added dataset. Or ``task.name``: one learner, dataset or metric of it.
    only : str
        Only checks whose sentence contains this.
    speed : {"fast", "slow"}, optional
        Only the checks that fit nothing, or only the others; by default all.

    Raises
    ------
    ConfigError
        If the task, the addition or the check does not exist.
    EnvironmentFault
        If it cannot be imported.
    """
    subjects = [subject, *_datasets_added_to(subject)] if "." not in subject else [subject]
    fitting = {check.__name__ for check in fitting_checks()}
    candidates = [
        Step(each, name)
        for each in subjects
        for name in names_of(each)
        if speed is None or (name in fitting) == (speed == "slow")
    ]
    selected = [step for step in candidates if only.lower() in step.sentence.lower() or only in step.check]
    if not selected:
        sentences = ", ".join(step.sentence.lower() for step in candidates)
        raise ConfigError(
            f"--only {only}: no check of {subject} contains this. Known: {sentences}.", error_id="E-CHECK-NONE"
        )
    return selected


def names_of(subject: str) -> tuple[str, ...]:
    """Return the names of the checks of a subject."""
    kind = _limited(subject)[1]
    fitting = tuple(check.__name__ for check in fitting_checks())
    return {
        "task": tuple(check.__name__ for check in plain_checks()) + fitting,
        "learner": OF_LEARNERS + fitting,
        "dataset": OF_DATASETS,
        "metric": OF_METRICS,
    }[kind]


def run_check(step: Step) -> None:
    """Run one check; raises whatever it raises."""
    task, kind = _limited(step.subject)
    added = [each.name for each in additions(task.name) if each.kind == "learner" and each.name in task.learners]
    default = task.defaults or tuple(task.learners)
    learners = [*default, *(name for name in added if name not in default)] if kind == "task" else default
    check: Check = {check.__name__: check for check in task_checks(learners)}[step.check]
    check(task)


def _limited(subject: str) -> tuple[Task, str]:
    """Return the task restricted to this subject, and the kind of the subject."""
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
    # Cached, as checks cache fits by the identity of the task.
    plain = dataclasses.replace(task, excused={})  # excuses of a task do not apply to additions
    if kind == "learner":
        one = {name: task.learners[name]}
        return dataclasses.replace(plain, learners=one, defaults=(name,), reference=BEST_CLASSICAL)
    if kind == "dataset":
        return dataclasses.replace(plain, datasets={name: task.datasets[name]})
    return dataclasses.replace(plain, metrics={name: task.metrics[name]})


def _datasets_added_to(task: str) -> Sequence[str]:
    datasets = get_task(task).datasets
    rejected = rejected_additions(task)
    return [
        f"{task}.{each.name}"
        for each in additions(task)
        if each.kind == "dataset" and each.name in datasets and ("dataset", each.name) not in rejected
    ]
