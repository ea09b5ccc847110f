"""JSON Schema of configs, for editors, from the types that configs are checked with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_type_hints

from visiontk.core import Task, parameters, summary
from visiontk.errors import EnvironmentFault
from visiontk.harness.experiment import SETTINGS
from visiontk.harness.setting import Declared
from visiontk.registry import get_task, installed_tasks

Schema = dict[str, Any]


def schema(names: Iterable[str] | None = None) -> Schema:
    """Return the schema of configs of these tasks, by default of all that are installed and can be imported.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12. It accepts what `visiontk.config` accepts, except for checks that need the data or
        the whole config: the reference is compared, and the path exists.

    References
    ----------
    .. [1] JSON Schema, draft 2020-12, https://json-schema.org/draft/2020-12.

    Examples
    --------
    >>> keys = schema(["image_classification"])["properties"]
    >>> keys["task"]["enum"], keys["search"]["maximum"]
    (['image_classification'], 10000)
    """
    tasks = []
    for name in sorted(names if names is not None else {each.name for each in installed_tasks()}):
        try:
            tasks.append(get_task(name))
        except EnvironmentFault:
            if names is not None:
                raise
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "visiontk config",
        "type": "object",
        "required": ["task"],
        "additionalProperties": False,
        "properties": {name: _key(each, tasks) for name, each in SETTINGS.items()},
        "allOf": [
            {
                "if": {"properties": {"task": {"const": task.name}}, "required": ["task"]},
                "then": {
                    "properties": {
                        "dataset": _datasets(task),
                        "learners": _learners(task),
                    }
                },
            }
            for task in tasks
        ],
    }


def _key(each: Declared, tasks: list[Task]) -> Schema:
    """Return the schema of a key, as far as it is the same for all tasks."""
    from pydantic import TypeAdapter

    if each.name == "task":
        return {"description": "Name of a task.", "enum": [task.name for task in tasks]}
    about = f"{each.setting.help} {each.setting.more}".strip()
    if each.name in ("dataset", "learners"):
        return {"description": about}
    return {"description": about, **TypeAdapter(each.form).json_schema()}


def _datasets(task: Task) -> Schema:
    named = {"enum": list(task.datasets)}
    return {
        "anyOf": [
            named,
            {
                "type": "object",
                "required": ["name"],
                "properties": {"name": named},
                "allOf": [
                    {
                        "if": {"properties": {"name": {"const": name}}},
                        "then": _arguments(function, {"name": {"const": name}}),
                    }
                    for name, function in task.datasets.items()
                ],
            },
        ]
    }


def _learners(task: Task) -> Schema:
    each = {name: {"anyOf": [{"type": "null"}, _arguments(factory)]} for name, factory in task.learners.items()}
    return {
        "anyOf": [
            {"type": "null"},
            {"type": "array", "items": {"enum": list(task.learners)}, "minItems": 1},
            {"type": "object", "properties": each, "additionalProperties": False, "minProperties": 1},
        ]
    }


def _arguments(function: Any, also: Schema | None = None) -> Schema:
    """Return the schema of the keyword arguments of a function."""
    from pydantic import TypeAdapter

    hints = get_type_hints(function, include_extras=True)
    properties: Schema = {}
    for name, default in parameters(function).items():
        properties[name] = {**TypeAdapter(hints.get(name, Any)).json_schema(), "default": default}
    return {
        "type": "object",
        "description": summary(function),
        "properties": properties | (also or {}),
        "additionalProperties": False,
    }
