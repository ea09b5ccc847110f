"""From a YAML file, or values of a command line, to an experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from visiontk import strict_yaml
from visiontk.config.overrides import absolute, override, relative_to
from visiontk.config.task_keys import WRONG, Problem, TaskReader, located, short
from visiontk.core import Task
from visiontk.errors import ConfigError, did_you_mean, unknown
from visiontk.harness.experiment import PRESETS, SETTINGS, Experiment
from visiontk.harness.setting import Declared, names, words
from visiontk.registry import get_task
from visiontk.strict_yaml import Document

OF_TASK = ("task", "dataset", "learners", "reference")
"""Settings whose valid values depend on the task."""


def read_config(path: Path, *, overrides: Sequence[str] = (), **settings: Any) -> tuple[Task, Experiment]:
    """Read the task and the experiment that a YAML file describes; `overrides` and `settings` win over it."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror or error}", error_id="E-CONFIG-FILE", hint="Name a YAML file."
        ) from error
    document = strict_yaml.read(text, where=str(path))
    if not isinstance(document.value, dict):
        raise ConfigError(
            f"{path}: the top of a config is a mapping (task: …), not a {type(document.value).__name__}.",
            error_id="E-CONFIG-YAML",
        )
    value = relative_to(path.parent, document.value)
    return experiment(Document(value, document.lines), where=str(path), overrides=overrides, **settings)


def experiment(
    document: Document, *, where: str = "", overrides: Sequence[str] = (), **settings: Any
) -> tuple[Task, Experiment]:
    """Read the task and the experiment that a document describes; a ConfigError lists every problem at once.

    `where` is the file name for messages, empty for a command line. `overrides` are ``key.key=value`` with YAML values.
    `settings` win over the document; None is left out.

    Examples
    --------
    >>> task, digits = experiment(Document({"task": "image_classification", "seeds": 2}, {}))
    >>> digits.dataset, digits.seeds
    ('digits', (0, 1))
    """
    value = _with_settings(document.value, {name: each for name, each in settings.items() if each is not None})
    for text in overrides:
        override(value, text)
    value = absolute(value)
    if not isinstance(value.get("task"), str):
        raise (
            unknown("task", str(value.get("task")), [], where=where)
            if "task" in value
            else ConfigError(f"{where + ': ' if where else ''}task: missing; name the task.", error_id="E-CONFIG-KEY")
        )
    task = get_task(value["task"])
    reader = TaskReader(task, value)
    values, problems = read_settings(value)
    values |= {"task": task.name, **reader.read()}
    if "folds" not in value:
        values["folds"] = None  # published folds come before those of the preset
    problems += reader.problems
    if problems:
        raise ConfigError(
            "\n".join(located(problem, document.lines, where) for problem in problems),
            error_id=next((each.error_id for each in reversed(problems) if each.error_id != WRONG), WRONG),
        )
    return task, Experiment(**values)


def read_settings(
    value: Mapping[str, Any], settings: Mapping[str, Declared] = SETTINGS
) -> tuple[dict[str, Any], list[Problem]]:
    """Read every setting that does not depend on the task; missing ones as the preset or the default.

    The problems are what is wrong with keys, types and ranges.

    Examples
    --------
    >>> values, problems = read_settings({"preset": "quick", "margn": 0.1, "search": 0})
    >>> values["budget"], problems[1].text
    (60.0, '0 given; expected a whole number from 1 to 10000.')
    """
    problems = [
        Problem((name,), f"unknown key. {did_you_mean(name, settings)}", "E-CONFIG-KEY")
        for name in value
        if name not in settings
    ]
    preset = value.get("preset")
    preset = preset if isinstance(preset, str) and preset in PRESETS else "standard"
    values: dict[str, Any] = {}
    for name, each in settings.items():
        values[name] = each.setting.presets.get(preset, each.default)
        if name not in value or name in OF_TASK:
            continue
        try:
            values[name] = _value(each, value[name])
        except ValueError:  # pydantic's ValidationError is one
            problems.append(Problem((name,), _mismatch(value[name], each.form)))
    return values, problems


def _value(each: Declared, value: Any) -> Any:
    # Here, as it takes 0.1 s to import and reports and lists read no settings.
    from pydantic import TypeAdapter

    checked = TypeAdapter(each.form).validate_python(value, strict=True)
    return each.setting.convert(checked) if each.setting.convert else checked


def _mismatch(value: Any, form: Any) -> str:
    known = names(form)
    if isinstance(value, str) and known:
        return f"{short(value)} given. {did_you_mean(value, known)}"
    return f"{short(value)} given; expected {words(form)}."


def _with_settings(value: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Merge settings that win over the document, also where one of them sets several keys."""
    merged = dict(value)
    if "preset" in settings:
        for name in PRESETS["standard"]:
            merged.pop(name, None)
    if "imbalance" in settings and isinstance(merged.get("learners"), dict):
        merged["learners"] = {
            name: {k: v for k, v in options.items() if k != "imbalance"} if isinstance(options, dict) else options
            for name, options in merged["learners"].items()
        }
    return merged | dict(settings)
