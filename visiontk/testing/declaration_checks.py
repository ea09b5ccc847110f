"""Checks of the declarations of a task: light imports, cited sources, documented parameters, ranges, JSON values."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Interval, Le, Lt

from visiontk.core import Task, Trial, about, described, parameters, source
from visiontk.spaces import Categorical, space

FRAMEWORKS = ("tensorflow", "keras", "torch", "jax", "sklearn")
BOUNDS = (Ge, Gt, Le, Lt, Interval)


def importing_the_task_loads_no_framework(task: Task) -> None:
    """Listing tasks must be fast, and baselines must run without a deep-learning framework."""
    functions = [*task.datasets.values(), *task.learners.values(), task.folds]
    modules = sorted({function.__module__ for function in functions})
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules!r}]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"importing {', '.join(modules)} failed:\n{done.stderr}"
    loaded = set(FRAMEWORKS) & set(done.stdout.split())
    assert not loaded, f"importing {task.name} imports {', '.join(sorted(loaded))}: import it inside the functions"


def every_learner_cites_a_source(task: Task) -> None:
    """Readers must be able to look up every method."""
    for name, factory in task.learners.items():
        assert source(factory), f"the docstring of {name} has no References section with an entry .. [1]"
        about(factory)
        parameters(factory)


def search_spaces_are_within_parameter_ranges(task: Task) -> None:
    """Every value of a search space must be valid in a config; floors have no search space."""
    from pydantic import TypeAdapter, ValidationError

    for name, factory in task.learners.items():
        hints = get_type_hints(factory, include_extras=True)
        for parameter, declared in space(factory).items():
            for value in declared.values if isinstance(declared, Categorical) else (declared.low, declared.high):
                try:
                    TypeAdapter(hints[parameter]).validate_python(value, strict=True)
                except ValidationError:
                    raise AssertionError(
                        f"{name}: {parameter} may not be {value!r}, which is in its search space."
                    ) from None
            assert about(factory).family != "floor", (
                f"{name}: a floor has no search space, so {parameter} must not declare one."
            )


def trials_survive_pickle_and_json(task: Task) -> None:
    """A trial must run on another machine."""
    for name in task.learners:
        trial = Trial(
            task.name,
            task.version,
            next(iter(task.datasets)),
            name,
            "0",
            "0",
            parameters=parameters(task.learner(name)),
        )
        again = Trial.from_json(trial.to_json())
        assert again == trial, f"the parameters of {name} do not survive JSON"
        assert again.key == trial.key
        assert pickle.loads(pickle.dumps(trial)) == trial, f"the parameters of {name} do not survive pickle"


def every_parameter_is_described(task: Task) -> None:
    """The docstring explains each parameter to users of configs."""
    for kind, functions in (("learner", task.learners), ("dataset", task.datasets)):
        for name, function in functions.items():
            missing = ", ".join(each for each in parameters(function) if each not in described(function))
            assert not missing, f"the docstring of {kind} {name} has no entry for {missing} in its section Parameters"


def every_number_of_a_learner_has_a_range(task: Task) -> None:
    """Invalid values are refused before training. Datasets may refuse them when they read the data."""
    for learner, function in task.learners.items():
        where = f"learner {learner}"
        hints = get_type_hints(function, include_extras=True)
        for name in parameters(function):
            assert name in hints, f"{name} of {where} has no type"
            assert not _is_unbounded(hints[name]), f"{name} of {where} is unbounded: write Annotated[..., Ge(...)]"


def pretrained_learners_name_their_source_data(task: Task) -> None:
    """A learner that has seen the test samples before gets no verdict, for which its source data must be known."""
    for name, factory in task.learners.items():
        declared = about(factory)
        if declared.family == "pretrained":
            assert declared.pretrained_on, f'{name} does not name its source data: About("pretrained", pretrained_on=)'
        else:
            assert not declared.pretrained_on, (
                f"{name} is declared as {declared.family}, but pretrained on {declared.pretrained_on}."
            )


def _is_unbounded(hint: Any) -> bool:
    if hint in (int, float):
        return True
    if get_origin(hint) is Annotated:
        inner, *metadata = get_args(hint)
        return not any(isinstance(each, BOUNDS) for each in metadata) and _is_unbounded(inner)
    return any(_is_unbounded(each) for each in get_args(hint))
