"""The JSON Schema of configs, for editors: made of what the configs themselves are checked with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_type_hints

from visiontk.config import DURATION, KEYS, MOST_SEEDS, SEED_LIMIT, WHOLE
from visiontk.core import Task, parameters, summary
from visiontk.errors import EnvironmentFault
from visiontk.harness.experiment import PRESETS
from visiontk.metrics.operating import THRESHOLDS
from visiontk.registry import get_task, installed_tasks
from visiontk.stats.recalibration import METHODS

Schema = dict[str, Any]


def schema(names: Iterable[str] | None = None) -> Schema:
    """The schema of configs of these tasks, by default of all that are installed and can be imported.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12. It accepts what `visiontk.config` accepts, but for what needs the data or the whole
        config: whether the reference competes, and a path.

    References
    ----------
    .. [1] JSON Schema, draft 2020-12, https://json-schema.org/draft/2020-12.

    Examples
    --------
    >>> found = schema(["image_classification"])
    >>> found["properties"]["task"]["enum"], found["properties"]["folds"]["maximum"]
    (['image_classification'], 100)
    """
    tasks = []
    for name in sorted(names if names is not None else {found.name for found in installed_tasks()}):
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
        "properties": {name: {"description": KEYS[name], **_top(name, tasks)} for name in KEYS},
        "allOf": [
            {
                "if": {"properties": {"task": {"const": task.name}}, "required": ["task"]},
                "then": {
                    "properties": {
                        "dataset": _datasets(task),
                        "learners": _learners(task),
                        **_imbalance(task),
                    }
                },
            }
            for task in tasks
        ],
    }


def _top(name: str, tasks: list[Task]) -> Schema:
    """A key as far as it is the same for all tasks."""
    if name in WHOLE:
        low, high = WHOLE[name]
        return {"type": ["integer", "null"], "minimum": low} | ({"maximum": high} if high else {})
    seed = {"type": "integer", "minimum": 0, "exclusiveMaximum": SEED_LIMIT}
    positive = r"(?!\s*0+(\.0+)?\s*[smh]?\s*$)"
    written = {"type": "string", "pattern": f"^{positive}{DURATION}$"}
    duration = {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, written]}
    known: dict[str, Schema] = {
        "task": {"enum": [task.name for task in tasks]},
        "dataset": {},
        "learners": {},
        "imbalance": {},
        "seeds": {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MOST_SEEDS},
                {"type": "array", "items": seed, "minItems": 1, "maxItems": MOST_SEEDS, "uniqueItems": True},
            ]
        },
        "preset": {"enum": list(PRESETS)},
        "budget": duration,
        "budget_s": duration,
        "reference": {"type": "string"},
        "margin": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
        "calibration": {"enum": list(METHODS)},
        "threshold": {"anyOf": [{"enum": list(THRESHOLDS)}, {"type": "number", "exclusiveMinimum": 0, "maximum": 1}]},
        "slices": {"type": "array", "items": {"type": "string", "pattern": r"[\s\S]"}, "uniqueItems": True},
    }
    return known[name]


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
    each = {name: {"anyOf": [{"type": "null"}, _arguments(made)]} for name, made in task.learners.items()}
    return {
        "anyOf": [
            {"type": "null"},
            {"type": "array", "items": {"enum": list(task.learners)}, "minItems": 1},
            {"type": "object", "properties": each, "additionalProperties": False, "minProperties": 1},
        ]
    }


def _imbalance(task: Task) -> dict[str, Schema]:
    able = [made for made in task.learners.values() if "imbalance" in parameters(made)]
    policies = [{"type": "null"}, *(_arguments(made)["properties"]["imbalance"] for made in able[:1])]
    return {"imbalance": {"anyOf": policies}}


def _arguments(function: Any, also: Schema | None = None) -> Schema:
    """The keyword arguments of a function, by the types that configs are checked with."""
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
