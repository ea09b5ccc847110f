"""The contract of a task: checks named as sentences, cheapest first."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from visiontk.core import Task
from visiontk.testing import data_checks, declaration_checks, learner_checks, metric_checks, saved_checks

Check = Callable[[Task], None]


def task_checks(learners: Sequence[str] | None = None) -> list[Check]:
    """Return every check of the contract, to be called with a `Task`.

    Excused checks run too: one that fails is skipped with its reason, and one that passes is an error.

    Parameters
    ----------
    learners : sequence of str, optional
        Learners to fit; by default those of a comparison.

    Returns
    -------
    list of callable
        Each raises AssertionError with the problem.

    Examples
    --------
    >>> from visiontk.testing import tiny_task
    >>> for check in task_checks():
    ...     check(tiny_task())
    """
    names = tuple(learners) if learners else None
    return [_excusable(check) for check in plain_checks()] + [
        _excusable(functools.wraps(check)(functools.partial(check, learners=names))) for check in fitting_checks()
    ]


def plain_checks() -> list[Check]:
    """Return the checks that fit no learner."""
    return [
        declaration_checks.importing_the_task_loads_no_framework,
        declaration_checks.every_learner_cites_a_source,
        declaration_checks.search_spaces_are_within_parameter_ranges,
        declaration_checks.every_parameter_is_described,
        declaration_checks.every_number_of_a_learner_has_a_range,
        declaration_checks.pretrained_learners_name_their_source_data,
        data_checks.ids_are_unique_and_stable,
        data_checks.take_and_batches_agree,
        data_checks.folds_are_disjoint_complete_and_repeatable,
        data_checks.no_group_is_in_two_parts_of_a_fold,
        data_checks.tiny_data_has_every_class,
        metric_checks.metrics_prefer_true_scores,
        metric_checks.influence_functions_agree_with_the_jackknife,
        declaration_checks.trials_survive_pickle_and_json,
    ]


def fitting_checks() -> list[Callable[..., None]]:
    """Return the checks that fit learners; they take names as ``learners``."""
    return [
        learner_checks.scores_are_finite_and_have_the_right_shape,
        learner_checks.predictions_do_not_depend_on_other_samples,
        learner_checks.predictions_do_not_depend_on_targets,
        learner_checks.learners_beat_the_prior_on_tiny_data,
        learner_checks.same_seed_gives_same_scores,
        learner_checks.only_seeded_learners_depend_on_the_seed,
        saved_checks.a_loaded_learner_gives_the_same_scores,
        learner_checks.only_pretrained_learners_knew_other_data,
        learner_checks.a_finished_trial_is_not_run_again,
        learner_checks.a_resumed_trial_equals_an_uninterrupted_one,
    ]


def _excusable(check: Check) -> Check:
    name = check.__name__

    @functools.wraps(check)
    def checked(task: Task) -> None:
        if name not in task.excused:
            check(task)
            return
        try:
            check(task)
        except AssertionError:
            import pytest

            pytest.skip(f"{task.name} is excused from {name}: {task.excused[name]}")
        raise AssertionError(f"{task.name} is excused from {name}, but passes it: remove the excuse.")

    return checked
