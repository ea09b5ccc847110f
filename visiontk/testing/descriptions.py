"""Checks of what functions say about themselves: every parameter is explained, and numbers of learners have ranges.

The signature is the schema of a config, and the docstring is all that a user sees of it.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Interval, Le, Lt

from visiontk.core import Task, described, parameters

BOUNDS = (Ge, Gt, Le, Lt, Interval)


def every_parameter_is_described(task: Task) -> None:
    """Who sets a parameter must know what it does."""
    for kind, functions in (("learner", task.learners), ("dataset", task.datasets)):
        for name, function in functions.items():
            missing = ", ".join(each for each in parameters(function) if each not in described(function))
            assert not missing, f"the docstring of {kind} {name} has no entry for {missing} in its section Parameters"


def every_number_of_a_learner_has_a_range(task: Task) -> None:
    """A value that cannot be is refused before anything is trained. Datasets may refuse it when they see the data."""
    for name_of, function in task.learners.items():
        what = f"learner {name_of}"
        hints = get_type_hints(function, include_extras=True)
        for name in parameters(function):
            assert name in hints, f"{name} of {what} has no type"
            assert not _is_unbounded(hints[name]), f"{name} of {what} is any number: write Annotated[..., Ge(...)]"


def _is_unbounded(hint: Any) -> bool:
    if hint in (int, float):
        return True
    if get_origin(hint) is Annotated:
        inner, *told = get_args(hint)
        return not any(isinstance(each, BOUNDS) for each in told) and _is_unbounded(inner)
    return any(_is_unbounded(each) for each in get_args(hint))
