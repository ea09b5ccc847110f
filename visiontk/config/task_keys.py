"""Keys of a config whose valid values depend on the task (dataset, learners, ...), and problems of any key."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, get_type_hints

from visiontk.core import BEST_CLASSICAL, Task, about, parameters
from visiontk.errors import ConfigError, did_you_mean
from visiontk.harness.claim import claim_of
from visiontk.harness.experiment import SETTINGS
from visiontk.harness.setting import names, words
from visiontk.registry import rejected_additions
from visiontk.strict_yaml import Key

LONGEST_VALUE = 60
"""Characters of a value in a message."""

WRONG = "E-CONFIG-VALUE"
"""Error of a config where no problem has a more special one."""


class Problem(NamedTuple):
    """A problem of a config: its key and what is wrong."""

    key: Key
    text: str
    error_id: str = WRONG


def located(problem: Problem, lines: Mapping[Key, int], where: str) -> str:
    """Return a problem with file and line, if known."""
    path = list(problem.key)
    while path and tuple(path) not in lines:
        path.pop()
    line = f":{lines[tuple(path)]}" if path and where else ""
    prefix = f"{where}{line}: " if where else ""
    return f"{prefix}{'.'.join(problem.key)}: {problem.text}"


def short(value: Any) -> str:
    """Return a value for a message, cut if it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}…"


class TaskReader:
    """Reader of the keys whose valid values depend on the task; it collects their problems."""

    def __init__(self, task: Task, value: dict[str, Any]) -> None:
        self.task = task
        self.value = value
        self.refused = rejected_additions(task.name)
        self.problems: list[Problem] = []

    def read(self) -> dict[str, Any]:
        """Return the fields of the experiment that these keys set."""
        dataset, dataset_parameters = self._dataset()
        learners = self._learners()
        return {
            "dataset": dataset,
            "dataset_parameters": dataset_parameters,
            "learners": learners,
            "reference": self._reference(),
            "claim": self._claim(list(learners)),
        }

    def _problem(self, key: Key, text: str, error_id: str = WRONG) -> None:
        self.problems.append(Problem(key, text, error_id))

    def _dataset(self) -> tuple[str, dict[str, Any]]:
        default = next(iter(self.task.datasets))
        value = self.value.get("dataset", default)
        options = dict(value) if isinstance(value, dict) else {}
        name = options.pop("name", None) if isinstance(value, dict) else value
        if not isinstance(name, str):
            self._problem(("dataset",), f"{short(value)} given; expected name, or a mapping with name and parameters.")
            return default, {}
        self._raise_refused("dataset", name if "dataset" in self.value else None)
        if name not in self.task.datasets:
            self._problem(
                ("dataset",), f"No dataset {name!r}. {did_you_mean(name, self.task.datasets)}", "E-UNKNOWN-DATASET"
            )
            return default, {}
        return name, self._arguments(self.task.datasets[name], options, ("dataset",))

    def _learners(self) -> dict[str, dict[str, Any]]:
        value: Any = self.value.get("learners")
        if value is None:
            value = list(self.task.defaults or self.task.learners)
        is_list = isinstance(value, list) and all(isinstance(name, str) for name in value)
        if not value or not (is_list or isinstance(value, dict)):
            self._problem(
                ("learners",),
                f"{short(value)} given; expected a list of names, or a mapping of names to parameters.",
            )
            return {}
        known: dict[str, dict[str, Any]] = {}
        for name, options in dict.fromkeys(value).items() if is_list else value.items():
            key = ("learners", name)
            self._raise_refused("learner", name if "learners" in self.value else None)
            if name not in self.task.learners:
                self._problem(
                    key, f"No learner {name!r}. {did_you_mean(name, self.task.learners)}", "E-UNKNOWN-LEARNER"
                )
            elif options is not None and not isinstance(options, dict):
                self._problem(key, f"{short(options)} given; expected a mapping of parameters.")
            else:
                known[name] = self._arguments(self.task.learners[name], self._with_policy(name, options or {}), key)
        return known

    def _raise_refused(self, kind: str, name: str | None) -> None:
        """Raise the error of an addition of a package that cannot be used, where it is named."""
        if name is not None and (error := self.refused.get((kind, name))) is not None:
            raise error

    def _with_policy(self, name: str, options: dict[str, Any]) -> dict[str, Any]:
        # One policy for class imbalance, for both families; a floor does not depend on classes.
        policy = self.value.get("imbalance")
        factory = self.task.learners[name]
        if policy not in names(SETTINGS["imbalance"].form) or about(factory).family == "floor":
            return options
        if "imbalance" not in parameters(factory):
            self._problem(("imbalance",), f"learner {name!r} has no such parameter, so it cannot be treated alike.")
            return options
        return {"imbalance": policy, **options}

    def _arguments(self, function: Any, options: Mapping[str, Any], key: Key) -> dict[str, Any]:
        from pydantic import TypeAdapter, ValidationError

        known = parameters(function)
        hints = get_type_hints(function, include_extras=True)
        filled = dict(known)
        for name, value in options.items():
            if name not in known:
                self._problem((*key, name), f"unknown parameter. {did_you_mean(str(name), known)}", "E-CONFIG-KEY")
                continue
            try:
                filled[name] = TypeAdapter(hints.get(name, Any)).validate_python(value, strict=True)
            except ValidationError as error:
                reasons = "; ".join(dict.fromkeys(_plain(detail["msg"]) for detail in error.errors()))
                self._problem((*key, name), f"{short(value)} given; {reasons}. Default: {known[name]!r}.")
                continue
            if isinstance(value, float) and not math.isfinite(value):
                self._problem((*key, name), f"{value} given; expected a finite number.")
        return filled

    def _reference(self) -> str:
        value = self.value.get("reference", self.task.reference)
        named = self.value.get("learners") or self.task.defaults or self.task.learners
        named = named if isinstance(named, list | dict | tuple) else ()
        compared = [name for name in named if name in self.task.learners]
        if not isinstance(value, str):
            self._problem(("reference",), f"{short(value)} given; expected the name of a learner.")
        elif value != BEST_CLASSICAL and value not in compared:
            self._problem(("reference",), f"{value!r} is not compared. {did_you_mean(value, compared)}")
        return str(value)

    def _claim(self, compared: list[str]) -> str:
        """Return the claim with the names of learners as they are spelt."""
        value = self.value.get("claim", "")
        if not isinstance(value, str):
            self._problem(("claim",), f"{short(value)} given; expected {words(SETTINGS['claim'].form)}.")
        if not value or not isinstance(value, str) or not compared:
            return ""
        try:
            return str(claim_of(value, self.task, compared))
        except ConfigError as error:
            self._problem(("claim",), f"{error.message} {error.hint}".strip(), error.error_id)
            return ""


def _plain(text: str) -> str:
    """Reword a message of pydantic."""
    text = re.sub(r"Input should be (?=greater|less|a multiple)", "expected a number ", text)
    text = re.sub(r"Input should be a valid ([aeiou])", r"expected an \1", text)
    return text.replace("Input should be a valid", "expected a").replace("Input should be", "expected")
