"""From a YAML file, or values of a command line, to an experiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from visiontk import strict_yaml
from visiontk.config.task_keys import WRONG, Problem, TaskReader, located, short
from visiontk.core import Task
from visiontk.errors import ConfigError, did_you_mean, unknown
from visiontk.harness.experiment import PRESETS, SETTINGS, Experiment
from visiontk.harness.setting import Declared, names, words
from visiontk.registry import get_task
from visiontk.strict_yaml import Document

OF_TASK = ("task", "dataset", "learners", "reference", "claim")
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
    value = _relative_to(path.parent, document.value)
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
    named = value.get("learners") is not None
    for text in overrides:
        _override(value, text)
    value = _absolute(value)
    if not isinstance(value.get("task"), str):
        raise (
            unknown("task", str(value.get("task")), [], where=where)
            if "task" in value
            else ConfigError(f"{where + ': ' if where else ''}task: missing; name the task.", error_id="E-CONFIG-KEY")
        )
    task = get_task(value["task"])
    reader = TaskReader(task, value)
    values, problems = read_settings(value)
    values |= {"task": task.name, **reader.read(), "learners_named": named}
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


def _override(value: dict[str, Any], text: str) -> None:
    """Apply ``a.b.c=value`` to a document."""
    path, sign, scalar = text.partition("=")
    keys = [key.strip() for key in path.split(".")]
    if not sign or not all(keys):
        raise ConfigError(
            f"--set {text}: expected key=value, such as learners.lenet5.epochs=3.", error_id="E-CONFIG-SET"
        )
    if len(keys) > 1:
        _fill_default(value, keys[0])
    place = value
    for key in keys[:-1]:
        inner = place.get(key)
        if key == "learners" and isinstance(inner, list):
            inner = dict.fromkeys(map(str, inner))
        elif key == "dataset" and isinstance(inner, str):
            inner = {"name": inner}
        elif inner is None:
            inner = {}
        elif isinstance(inner, dict):
            inner = dict(inner)
        else:
            raise ConfigError(f"--set {text}: {key!r} is {inner!r}, not a mapping.", error_id="E-CONFIG-SET")
        place[key] = inner
        place = inner
    place[keys[-1]] = strict_yaml.read(scalar, where=f"--set {path}").value if scalar.strip() else None


def _fill_default(value: dict[str, Any], key: str) -> None:
    """Write out the default of a key, so that setting one parameter in it leaves the others as they are."""
    if value.get(key) is not None or not isinstance(value.get("task"), str):
        return
    if key == "learners":
        task = get_task(value["task"])
        value[key] = list(task.defaults or task.learners)
    elif key == "dataset":
        value[key] = next(iter(get_task(value["task"]).datasets))


def _relative_to(folder: Path, value: dict[str, Any]) -> dict[str, Any]:
    """Resolve a path in a config relative to the config, not to the current directory."""
    return _with_path(value, lambda path: path if path.parts[:1] == ("~",) else folder / path)


def _absolute(value: dict[str, Any]) -> dict[str, Any]:
    """Make the path of the dataset absolute: a run can be repeated from any directory."""
    return _with_path(value, _resolved)


def _with_path(value: dict[str, Any], change: Callable[[Path], Path]) -> dict[str, Any]:
    dataset = value.get("dataset")
    if isinstance(dataset, dict) and isinstance(dataset.get("path"), str) and dataset["path"]:
        return value | {"dataset": dataset | {"path": str(change(Path(dataset["path"])))}}
    return value


def _resolved(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except (RuntimeError, OSError, ValueError):  # no home folder, a loop of links, a NUL: the dataset reports it
        return path
