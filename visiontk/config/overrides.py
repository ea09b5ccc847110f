"""Changes of a config before it is read: ``key=value`` of the command line, and paths."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from visiontk import strict_yaml
from visiontk.errors import ConfigError
from visiontk.registry import get_task


def override(value: dict[str, Any], text: str) -> None:
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


def relative_to(folder: Path, value: dict[str, Any]) -> dict[str, Any]:
    """Resolve a path in a config relative to the config, not to the current directory."""
    return _with_path(value, lambda path: path if path.parts[:1] == ("~",) else folder / path)


def absolute(value: dict[str, Any]) -> dict[str, Any]:
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
