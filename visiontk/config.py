"""Configs stop here: YAML and command-line words become an `Experiment`, checked, with every default filled in."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from visiontk import strict_yaml
from visiontk.core import BEST_CLASSICAL, Task, about, parameters
from visiontk.errors import ConfigError, did_you_mean, unknown
from visiontk.harness.experiment import PRESETS, Experiment
from visiontk.harness.threads import n_cpus
from visiontk.metrics.operating import LARGEST, threshold_rule
from visiontk.registry import get_task, rejected_additions
from visiontk.stats.recalibration import METHODS
from visiontk.strict_yaml import Document, Key

KEYS = {
    "task": "name of a task",
    "dataset": "name, or a mapping with name and its parameters",
    "learners": "list of names, or a mapping of names to parameters",
    "seeds": "how many, or a list",
    "folds": "how many, for data without an official split",
    "preset": "quick, standard or thorough",
    "budget": "CPU time per fit, such as 90s, 10m or 1h; with trials for all of a learner's fits on a fold together",
    "budget_s": "as budget, in CPU seconds",
    "trials": "configurations that each learner may try, judged by valid; 1 is no search",
    "curve": "draws of each smaller training part for the learning curve, 0 for none",
    "max_train": "at most this many training samples",
    "threads": "per fit",
    "reference": "the learner that others are compared with",
    "margin": "difference of no practical importance, such as 0.01",
    "slices": "columns of your own table by which results are shown too, a list",
    "imbalance": "none or balanced, for every learner alike",
    "calibration": "none, temperature or isotonic: probabilities of every learner, fitted on valid",
    "threshold": "for two classes: largest, youden, or the sensitivity required on valid, such as 0.95",
}


WHOLE: dict[str, tuple[int, int | None]] = {
    "folds": (1, 100),
    "trials": (1, 10_000),
    "curve": (0, 100),
    "max_train": (2, 10**9),
    "threads": (1, None),
}
"""Keys that are whole numbers or null, with their ranges; threads are limited by the machine."""

MOST_SEEDS = 1000
SEED_LIMIT = 2**31
DURATION = r"\s*([0-9]+(?:\.[0-9]+)?)\s*(s|m|h|)\s*"


class Problem(NamedTuple):
    """Something wrong with a config: under which key, and what."""

    key: Key
    text: str


def read_config(path: Path, *, overrides: Sequence[str] = (), **settings: Any) -> tuple[Task, Experiment]:
    """The task and experiment that a YAML file describes.

    Parameters
    ----------
    path : Path
        Of the file.
    overrides : sequence of str
        Such as ``learners.cnn.epochs=3``; they win over the file.
    settings
        As `experiment`; they win too.

    Raises
    ------
    ConfigError
        That lists everything wrong at once, with lines.
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
    """The task and experiment that a document describes.

    Parameters
    ----------
    document : Document
        A mapping with the keys of `KEYS`, and their lines.
    where : str
        File name, for messages; empty for a command line.
    overrides : sequence of str
        ``key.key=value`` with YAML values.
    settings
        Keys of `KEYS` that win over the document; those that are None are left out.

    Raises
    ------
    ConfigError
        That lists everything wrong at once.

    Examples
    --------
    >>> task, made = experiment(Document({"task": "image_classification", "seeds": 2}, {}))
    >>> made.dataset, made.seeds
    ('digits', (0, 1))
    """
    value = _with_settings(document.value, {name: given for name, given in settings.items() if given is not None})
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
    reader = _Reader(task, value)
    made = reader.read()
    if reader.problems:
        raise ConfigError(
            "\n".join(_located(problem, document.lines, where) for problem in reader.problems),
            error_id=reader.error_id,
        )
    return task, made


def _with_settings(value: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The document with settings that win over it, also where one of them stands for several of its keys."""
    merged = dict(value)
    if "preset" in settings:
        for name in ("seeds", "folds", "budget", "budget_s", "trials", "max_train"):
            merged.pop(name, None)
    if "imbalance" in settings and isinstance(merged.get("learners"), dict):
        merged["learners"] = {
            name: {k: v for k, v in given.items() if k != "imbalance"} if isinstance(given, dict) else given
            for name, given in merged["learners"].items()
        }
    return merged | dict(settings)


def _absolute(value: dict[str, Any]) -> dict[str, Any]:
    """Paths from elsewhere than a file are relative to where the program was started; a run remembers them whole."""
    dataset = value.get("dataset")
    if isinstance(dataset, dict) and isinstance(dataset.get("path"), str) and dataset["path"]:
        return value | {"dataset": dataset | {"path": str(_resolved(Path(dataset["path"])))}}
    return value


def _resolved(path: Path) -> Path:
    try:
        return path.expanduser().resolve()
    except (RuntimeError, OSError, ValueError):  # no home folder, a loop of links, a NUL: the reader says what is wrong
        return path


def seconds(text: str | float) -> float:
    """Seconds in a duration such as ``90``, ``90s``, ``10m`` or ``1.5h``.

    Raises
    ------
    ValueError
        If it is no positive duration.

    Examples
    --------
    >>> seconds("10m"), seconds(90)
    (600.0, 90.0)
    """
    found = re.fullmatch(DURATION, str(text))
    duration = float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]] if found else 0.0
    if not 0 < duration < math.inf:
        raise ValueError(f"{_short(text)} is no duration: write 90s, 10m or 1h.")
    return duration


class _Reader:
    """Reads the keys of one document one after the other and keeps every problem it meets."""

    def __init__(self, task: Task, value: dict[str, Any]) -> None:
        self.task = task
        self.value = value
        self.refused = rejected_additions(task.name)
        self.problems: list[Problem] = []
        self.error_id = "E-CONFIG-VALUE"

    def read(self) -> Experiment:
        for name in self.value:
            if name not in KEYS:
                self._problem((name,), f"unknown key. {did_you_mean(name, KEYS)}", "E-CONFIG-KEY")
        preset_name = self._typed("preset", str, "standard")
        if preset_name not in PRESETS:
            self._problem(("preset",), f"No preset {preset_name!r}. {did_you_mean(str(preset_name), PRESETS)}")
            preset_name = "standard"
        preset = PRESETS[preset_name]
        dataset, dataset_parameters = self._dataset()
        return Experiment(
            task=self.task.name,
            dataset=dataset,
            dataset_parameters=dataset_parameters,
            learners=self._learners(),
            seeds=self._seeds(preset.seeds),
            folds=self._whole("folds", None),
            preset=preset_name,
            budget_s=self._budget(preset.budget_s),
            trials=self._whole("trials", preset.trials) or 1,
            curve=self._whole("curve", 0) or 0,
            max_train=self._whole("max_train", preset.max_train),
            threads=self._whole("threads", 1) or 1,
            reference=self._reference(),
            margin=self._margin(),
            calibration=self._calibration(),
            threshold=self._threshold(),
            slices=self._slices(),
        )

    def _problem(self, key: Key, text: str, error_id: str = "") -> None:
        self.problems.append(Problem(key, text))
        self.error_id = error_id or self.error_id

    def _typed(self, name: str, kind: type, default: Any) -> Any:
        given = self.value.get(name, default)
        if not isinstance(given, kind) or isinstance(given, bool):
            self._problem((name,), f"{given!r} given; expected {KEYS[name]}.")
            return default
        return given

    def _whole(self, name: str, default: int | None) -> int | None:
        low, limit = WHOLE[name]
        high = limit or max(64, n_cpus())
        given = self.value.get(name, default)
        if given is None:
            return None
        if not isinstance(given, int) or isinstance(given, bool) or not low <= given <= high:
            self._problem((name,), f"{_short(given)} given; expected a whole number from {low} to {high}.")
            return default
        return given

    def _dataset(self) -> tuple[str, dict[str, Any]]:
        default = next(iter(self.task.datasets))
        given = self.value.get("dataset", default)
        name, options = (given, {}) if isinstance(given, str) else (None, given)
        if isinstance(options, dict) and name is None:
            options = dict(options)
            name = options.pop("name", None)
        if not isinstance(name, str) or not isinstance(options, dict):
            self._problem(("dataset",), f"{given!r} given; expected {KEYS['dataset']}.")
            return default, {}
        self._refuse("dataset", name if "dataset" in self.value else None)
        if name not in self.task.datasets:
            self._problem(
                ("dataset",), f"No dataset {name!r}. {did_you_mean(name, self.task.datasets)}", "E-UNKNOWN-DATASET"
            )
            return default, {}
        return name, self._arguments(self.task.datasets[name], options, ("dataset",))

    def _learners(self) -> dict[str, dict[str, Any]]:
        given: Any = self.value.get("learners")
        if given is None:
            given = list(self.task.defaults or self.task.learners)
        named = isinstance(given, list) and all(isinstance(name, str) for name in given)
        if not given or not (named or isinstance(given, dict)):
            self._problem(("learners",), f"{given!r} given; expected {KEYS['learners']}.")
            return {}
        known: dict[str, dict[str, Any]] = {}
        for name, options in dict.fromkeys(given).items() if named else given.items():
            key = ("learners", name)
            self._refuse("learner", name if "learners" in self.value else None)
            if name not in self.task.learners:
                self._problem(
                    key, f"No learner {name!r}. {did_you_mean(name, self.task.learners)}", "E-UNKNOWN-LEARNER"
                )
            elif options is not None and not isinstance(options, dict):
                self._problem(key, f"{options!r} given; expected a mapping of parameters.")
            else:
                known[name] = self._arguments(self.task.learners[name], self._with_policy(name, options or {}), key)
        return known

    def _refuse(self, kind: str, name: str | None) -> None:
        """Say why something that a package adds under this name cannot be used, where it was asked for."""
        if name is not None and (error := self.refused.get((kind, name))) is not None:
            raise error

    def _with_policy(self, name: str, options: dict[str, Any]) -> dict[str, Any]:
        # One policy for class imbalance, for both families; a floor looks at no class anyway.
        policy = self.value.get("imbalance")
        factory = self.task.learners[name]
        if policy is None or about(factory).family == "floor":
            return options
        if "imbalance" not in parameters(factory):
            self._problem(("imbalance",), f"learner {name!r} has no such parameter, so it cannot be treated alike.")
            return options
        return {"imbalance": policy, **options}

    def _arguments(self, function: Any, given: Mapping[str, Any], key: Key) -> dict[str, Any]:
        # Here, as it takes 0.1 s to import and reports and lists read no parameters.
        from pydantic import TypeAdapter, ValidationError

        known = parameters(function)
        hints = get_type_hints(function, include_extras=True)
        filled = dict(known)
        for name, value in given.items():
            if name not in known:
                self._problem((*key, name), f"unknown parameter. {did_you_mean(str(name), known)}", "E-CONFIG-KEY")
                continue
            try:
                filled[name] = TypeAdapter(hints.get(name, Any)).validate_python(value, strict=True)
            except ValidationError as error:
                reasons = "; ".join(dict.fromkeys(_plainly(detail["msg"]) for detail in error.errors()))
                self._problem((*key, name), f"{_short(value)} given; {reasons}. Default: {known[name]!r}.")
                continue
            if isinstance(value, float) and not math.isfinite(value):
                self._problem((*key, name), f"{value} given; expected a finite number.")
        return filled

    def _seeds(self, default: tuple[int, ...]) -> tuple[int, ...]:
        given = self.value.get("seeds", list(default))
        if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MOST_SEEDS:
            return tuple(range(given))
        fine = isinstance(given, list) and 1 <= len(given) == len(set(map(str, given))) <= MOST_SEEDS
        if fine and all(
            isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < SEED_LIMIT for seed in given
        ):
            return tuple(given)
        self._problem(("seeds",), f"{_short(given)} given; expected how many, or a list of different whole numbers.")
        return default

    def _budget(self, default: float) -> float:
        given = self.value.get("budget", self.value.get("budget_s", default))
        try:
            return seconds(given)
        except ValueError as error:
            self._problem(("budget" if "budget" in self.value else "budget_s",), str(error))
            return default

    def _reference(self) -> str:
        given = self._typed("reference", str, self.task.reference)
        named = self.value.get("learners") or self.task.defaults or self.task.learners
        competing = (
            [name for name in named if name in self.task.learners] if isinstance(named, list | dict | tuple) else []
        )
        if given != BEST_CLASSICAL and given not in competing:
            self._problem(("reference",), f"{given!r} does not compete. {did_you_mean(given, competing)}")
        return str(given)

    def _margin(self) -> float:
        given = self.value.get("margin", 0.01)
        if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < 1:
            self._problem(("margin",), f"{given!r} given; expected a number from 0 to below 1.")
            return 0.01
        return float(given)

    def _calibration(self) -> str:
        given = self._typed("calibration", str, METHODS[0])
        if given not in METHODS:
            self._problem(("calibration",), f"{given!r} given. {did_you_mean(given, METHODS)}")
            return METHODS[0]
        return str(given)

    def _threshold(self) -> str | float:
        given = self.value.get("threshold", LARGEST)
        try:
            if isinstance(given, list | dict):
                raise ValueError(f"{given!r} given; expected {KEYS['threshold']}.")
            threshold_rule(given)
        except ValueError as error:
            self._problem(("threshold",), str(error))
            return LARGEST
        return given if isinstance(given, str) else float(given)

    def _slices(self) -> tuple[str, ...]:
        given = self.value.get("slices", [])
        fine = isinstance(given, list) and all(isinstance(name, str) and name for name in given)
        if not fine or len(given) != len(set(given)):
            self._problem(("slices",), f"{_short(given)} given; expected a list of different names of columns.")
            return ()
        return tuple(given)


def _plainly(text: str) -> str:
    """A reason of pydantic's in our words."""
    text = re.sub(r"Input should be (?=greater|less|a multiple)", "expected a number ", text)
    text = re.sub(r"Input should be a valid ([aeiou])", r"expected an \1", text)
    return text.replace("Input should be a valid", "expected a").replace("Input should be", "expected")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _located(problem: Problem, lines: Mapping[Key, int], where: str) -> str:
    path = list(problem.key)
    while path and tuple(path) not in lines:
        path.pop()
    line = f":{lines[tuple(path)]}" if path and where else ""
    prefix = f"{where}{line}: " if where else ""
    return f"{prefix}{'.'.join(problem.key)}: {problem.text}"


def _override(value: dict[str, Any], text: str) -> None:
    """Carry out ``a.b.c=value`` on a document."""
    path, sign, given = text.partition("=")
    keys = [key.strip() for key in path.split(".")]
    if not sign or not all(keys):
        raise ConfigError(
            f"--set {text}: expected key=value, such as learners.lenet5.epochs=3.", error_id="E-CONFIG-SET"
        )
    if len(keys) > 1:
        _unfold(value, keys[0])
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
    place[keys[-1]] = strict_yaml.read(given, where=f"--set {path}").value if given.strip() else None


def _unfold(value: dict[str, Any], key: str) -> None:
    """Write out the default of a key, so that setting one parameter in it leaves the rest of it as it is."""
    if value.get(key) is not None or not isinstance(value.get("task"), str):
        return
    if key == "learners":
        task = get_task(value["task"])
        value[key] = list(task.defaults or task.learners)
    elif key == "dataset":
        value[key] = next(iter(get_task(value["task"]).datasets))


def _relative_to(folder: Path, value: dict[str, Any]) -> dict[str, Any]:
    """A path in a config is relative to the config, not to where the program was started."""
    dataset = value.get("dataset")
    if isinstance(dataset, dict) and isinstance(dataset.get("path"), str) and dataset["path"]:
        path = Path(dataset["path"])
        return value | {"dataset": dataset | {"path": str(path if path.parts[:1] == ("~",) else folder / path)}}
    return value
