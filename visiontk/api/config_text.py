"""An experiment as the text of a config to edit: every default filled in, every key explained."""

from __future__ import annotations

from typing import Any

import yaml

from visiontk.api.preview import Preview
from visiontk.core import summary
from visiontk.harness.experiment import SETTINGS, Experiment
from visiontk.report.formatting import visible

WIDTH = 118


def config_text(preview: Preview) -> str:
    """Return the text of a config that repeats a comparison, with comments."""
    task, user_data = preview.task, preview.user_data
    experiment = preview.prepared.experiment
    document = experiment.as_document()
    lines = ["# Run it: visiontk compare FILE.yaml"]
    for choice in user_data.settings if user_data else ():
        lines.append(
            f"# {visible(choice.name)}: {visible(choice.value)} ({visible(choice.reason)})"
            + (f"; otherwise: {choice.option}" if choice.option else "")
        )
    lines += ["", f"task: {_scalar(document.pop('task'))}", ""]
    lines += [f"# {summary(task.datasets[experiment.dataset])}", *_mapping("dataset", document.pop("dataset"), 0)]
    lines += ["", "# Remove a learner and it is not compared; visiontk list learners shows all.", "learners:"]
    for name, options in document.pop("learners").items():
        lines += [f"  # {summary(task.learners[name])}", *_mapping(name, options, 2)]
    lines.append("")
    lines += [f"{name}: {_scalar(value)}  # {_comment(name, experiment)}" for name, value in document.items()]
    return "\n".join(_folded(line) for line in lines) + "\n"


def _mapping(name: str, values: dict[str, Any], indent: int) -> list[str]:
    margin = " " * indent
    if not values:
        return [f"{margin}{_scalar(name)}: {{}}"]
    return [
        f"{margin}{_scalar(name)}:",
        *(f"{margin}  {_scalar(key)}: {_scalar(value)}" for key, value in values.items()),
    ]


def _comment(name: str, experiment: Experiment) -> str:
    if name == "folds" and experiment.folds == 1:
        return "Number of folds; 1 is one split into train, valid and test."
    return SETTINGS[name].setting.help


def _scalar(value: Any) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _folded(line: str) -> str:
    """Wrap a comment that is too long; values stay whole."""
    if not line.lstrip().startswith("#") or len(line) <= WIDTH:
        return line
    margin = line[: len(line) - len(line.lstrip())] + "# "
    words, rows = line.lstrip().removeprefix("#").split(), [margin]
    for word in words:
        if len(rows[-1]) + len(word) > WIDTH and rows[-1] != margin:
            rows.append(margin)
        rows[-1] += word if rows[-1] == margin else f" {word}"
    return "\n".join(rows)
