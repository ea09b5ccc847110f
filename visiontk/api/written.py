"""An experiment as a config to edit: every default filled in, every key explained."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from visiontk.api.preview import Planned
from visiontk.config import KEYS
from visiontk.core import summary
from visiontk.harness.experiment import Experiment
from visiontk.report.formatting import visible

WIDTH = 118


def written(planned: Planned) -> str:
    """The text of a config that repeats a planned comparison, with comments.

    Examples
    --------
    >>> from visiontk.api.preview import look_ahead
    >>> from visiontk.api.single import Request
    >>> text = written(look_ahead(Request("image_classification", {"learners": ["prior"], "preset": "quick"})))
    >>> text.splitlines()[0], "  prior: {}" in text
    ('# Made by visiontk config. Run it: visiontk compare FILE.yaml', True)
    """
    task, prepared, _, own, _ = planned
    experiment = prepared.experiment
    document = experiment.as_document()
    lines = ["# Made by visiontk config. Run it: visiontk compare FILE.yaml"]
    if own is not None:
        lines += [
            f"# {visible(choice.name)}: {visible(choice.value)} ({visible(choice.reason)})"
            + (f"; otherwise: {choice.option}" if choice.option else "")
            for choice in own.settings
        ]
    lines += ["", f"task: {_scalar(document['task'])}  # {KEYS['task']}", ""]
    lines += _dataset(document["dataset"], summary(task.datasets[experiment.dataset]))
    lines += ["", "learners:  # remove a learner and it does not compete; visiontk list learners shows all"]
    for name, given in document["learners"].items():
        lines += [f"  # {summary(task.learners[name])}", *_mapping(name, given, 2)]
    lines.append("")
    lines += [f"{name}: {_scalar(document[name])}  # {_about(name, experiment)}" for name in _rest(document)]
    return "\n".join(_folded(line) for line in lines) + "\n"


def _dataset(given: dict[str, Any], about: str) -> list[str]:
    return [f"# {about}", *_mapping("dataset", given, 0)]


def _mapping(name: str, given: dict[str, Any], indent: int) -> list[str]:
    margin = " " * indent
    if not given:
        return [f"{margin}{_scalar(name)}: {{}}"]
    return [
        f"{margin}{_scalar(name)}:",
        *(f"{margin}  {_scalar(key)}: {_scalar(value)}" for key, value in given.items()),
    ]


def _rest(document: dict[str, Any]) -> Iterable[str]:
    return (name for name in document if name not in ("task", "dataset", "learners"))


def _about(name: str, experiment: Experiment) -> str:
    if name == "preset":
        return f"{KEYS[name]}; the keys below say what it sets"
    if name == "folds" and experiment.folds == 1:
        return f"{KEYS[name]}; 1 is one split into train, valid and test"
    return KEYS[name]


def _scalar(value: Any) -> str:
    """A value on one line, as YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _folded(line: str) -> str:
    """A comment of several lines where one would be too long; values stay whole."""
    if not line.lstrip().startswith("#") or len(line) <= WIDTH:
        return line
    margin = line[: len(line) - len(line.lstrip())] + "# "
    words, rows = line.lstrip().removeprefix("#").split(), [margin]
    for word in words:
        if len(rows[-1]) + len(word) > WIDTH and rows[-1] != margin:
            rows.append(margin)
        rows[-1] += word if rows[-1] == margin else f" {word}"
    return "\n".join(rows)
