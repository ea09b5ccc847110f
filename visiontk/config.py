"""Reading of configs: YAML and command-line values become an `Experiment`, checked, with every default filled in."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from visiontk import strict_yaml
from visiontk.core import BEST_CLASSICAL, Task, about, parameters
from visiontk.errors import ConfigError, did_you_mean, unknown
from visiontk.harness.experiment import PRESETS, SETTINGS, Experiment
from visiontk.harness.setting import Declared, names, words
from visiontk.registry import get_task, refused
from visiontk.strict_yaml import Document, Key

LONGEST_VALUE = 60
"""Characters of a value in a message."""


WRONG = "E-CONFIG-VALUE"
"""Error of a config where no problem has a more special one."""


class Problem(NamedTuple):
    """A problem of a config: its key and what is wrong."""

    key: Key
    text: str
    error_id: str = WRONG


def read_config(path: Path, *, overrides: Sequence[str] = (), **settings: Any) -> tuple[Task, Experiment]:
    """Read the task and the experiment that a YAML file describes.

    Parameters
    ----------
    path : Path
        Of the file.
    overrides : sequence of str
        Such as ``learners.cnn.epochs=3``; they win over the file.
    settings
        As for `experiment`; they win too.

    Raises
    ------
    ConfigError
        Lists every problem at once, with lines.
    """
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
    """Read the task and the experiment that a document describes.

    Parameters
    ----------
    document : Document
        A mapping with the keys of `SETTINGS`, and their lines.
    where : str
        File name, for messages; empty for a command line.
    overrides : sequence of str
        ``key.key=value`` with YAML values.
    settings
        Values by key that win over the document; None is left out.

    Raises
    ------
    ConfigError
        Lists every problem at once.

    Examples
    --------
    >>> task, digits = experiment(Document({"task": "image_classification", "seeds": 2}, {}))
    >>> digits.dataset, digits.seeds
    ('digits', (0, 1))
    """
    value = _with_settings(document.value, {name: each for name, each in settings.items() if each is not None})
    for override in overrides:
        _override(value, override)
    value = _absolute(value)
    if not isinstance(value.get("task"), str):
        raise (
            unknown("task", str(value.get("task")), [], where=where)
            if "task" in value
            else ConfigError(f"{where + ': ' if where else ''}task: missing; name the task.", error_id="E-CONFIG-KEY")
        )
    task = get_task(value["task"])
    reader = _TaskReader(task, value)
    values, problems = read_settings(value)
    values |= {"task": task.name, **reader.read()}
    if "folds" not in value:
        values["folds"] = None  # published folds come before those of the preset
    problems += reader.problems
    if problems:
        raise ConfigError(
            "\n".join(_located(problem, document.lines, where) for problem in problems),
            error_id=next((each.error_id for each in reversed(problems) if each.error_id != WRONG), WRONG),
        )
    return task, Experiment(**values)


def read_settings(
    value: Mapping[str, Any], settings: Mapping[str, Declared] = SETTINGS
) -> tuple[dict[str, Any], list[Problem]]:
    """Read every setting that does not depend on the task; missing ones as the preset or the default.

    Parameters
    ----------
    value : mapping
        A config.
    settings : mapping
        The declaration of each key.

    Returns
    -------
    dict, list of Problem
        Values by name, and what is wrong with keys, types and ranges.

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


OF_TASK = ("task", "dataset", "learners", "reference")
"""Settings of which only the task knows what is valid."""


def _value(each: Declared, value: Any) -> Any:
    # Here, as it takes 0.1 s to import and reports and lists read no settings.
    from pydantic import TypeAdapter

    checked = TypeAdapter(each.form).validate_python(value, strict=True)
    return each.setting.convert(checked) if each.setting.convert else checked


def _mismatch(value: Any, form: Any) -> str:
    known = names(form)
    if isinstance(value, str) and known:
        return f"{_short(value)} given. {did_you_mean(value, known)}"
    return f"{_short(value)} given; expected {words(form)}."


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


class _TaskReader:
    """Reads the keys of which only the task knows what is valid, and collects their problems."""

    def __init__(self, task: Task, value: dict[str, Any]) -> None:
        self.task = task
        self.value = value
        self.refused = refused(task.name)
        self.problems: list[Problem] = []

    def read(self) -> dict[str, Any]:
        dataset, dataset_parameters = self._dataset()
        return {
            "dataset": dataset,
            "dataset_parameters": dataset_parameters,
            "learners": self._learners(),
            "reference": self._reference(),
        }

    def _problem(self, key: Key, text: str, error_id: str = WRONG) -> None:
        self.problems.append(Problem(key, text, error_id))

    def _dataset(self) -> tuple[str, dict[str, Any]]:
        default = next(iter(self.task.datasets))
        value = self.value.get("dataset", default)
        options = dict(value) if isinstance(value, dict) else {}
        name = options.pop("name", None) if isinstance(value, dict) else value
        if not isinstance(name, str):
            self._problem(("dataset",), f"{_short(value)} given; expected name, or a mapping with name and parameters.")
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
                f"{_short(value)} given; expected a list of names, or a mapping of names to parameters.",
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
                self._problem(key, f"{_short(options)} given; expected a mapping of parameters.")
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
                self._problem((*key, name), f"{_short(value)} given; {reasons}. Default: {known[name]!r}.")
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
            self._problem(("reference",), f"{_short(value)} given; expected the name of a learner.")
        elif value != BEST_CLASSICAL and value not in compared:
            self._problem(("reference",), f"{value!r} is not compared. {did_you_mean(value, compared)}")
        return str(value)


def _plain(text: str) -> str:
    """Reword a message of pydantic."""
    text = re.sub(r"Input should be (?=greater|less|a multiple)", "expected a number ", text)
    text = re.sub(r"Input should be a valid ([aeiou])", r"expected an \1", text)
    return text.replace("Input should be a valid", "expected a").replace("Input should be", "expected")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}…"


def _located(problem: Problem, lines: Mapping[Key, int], where: str) -> str:
    path = list(problem.key)
    while path and tuple(path) not in lines:
        path.pop()
    line = f":{lines[tuple(path)]}" if path and where else ""
    prefix = f"{where}{line}: " if where else ""
    return f"{prefix}{'.'.join(problem.key)}: {problem.text}"


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
    dataset = value.get("dataset")
    if isinstance(dataset, dict) and isinstance(dataset.get("path"), str) and dataset["path"]:
        path = Path(dataset["path"])
        return value | {"dataset": dataset | {"path": str(path if path.parts[:1] == ("~",) else folder / path)}}
    return value


def _absolute(value: dict[str, Any]) -> dict[str, Any]:
    """Make the path of the dataset absolute: a run can be repeated from any directory."""
    dataset = value.get("dataset")
    if isinstance(dataset, dict) and isinstance(dataset.get("path"), str) and dataset["path"]:
        return value | {"dataset": dataset | {"path": str(_resolved(Path(dataset["path"])))}}
    return value


def _resolved(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except (RuntimeError, OSError, ValueError):  # no home folder, a loop of links, a NUL: the dataset reports it
        return path
