"""Tasks, datasets, learners, metrics, presets and settings as rows; no framework is imported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from visiontk.cli.command_options import KINDS
from visiontk.cli.public_data import data_folder
from visiontk.cli.wrapping import wrapped
from visiontk.core import Package, Task, about, about_data, package_of, parameters, source, summary
from visiontk.errors import EnvironmentFault, unknown
from visiontk.harness.experiment import PRESETS, SETTINGS
from visiontk.harness.setting import Declared, words
from visiontk.registry import additions, get_task, installed_tasks, rejected_additions, stray_additions
from visiontk.report.formatting import seconds, short, visible


def listing(what: str, only: str | None = None) -> list[dict[str, Any]]:
    """Return rows of one kind, as JSON values."""
    if what not in KINDS:
        raise unknown("list", what, KINDS)
    if what == "presets":
        return [{"preset": name, **preset, "seeds": list(preset["seeds"])} for name, preset in PRESETS.items()]
    if what == "settings":
        return [
            {"setting": name, "option": each.option, "value": words(each.form), "help": _help(each)}
            for name, each in SETTINGS.items()
        ]
    if only is not None:
        get_task(only)
    added_to = {addition.task for addition in additions()}
    rows = []
    for listed in installed_tasks():
        if only not in (None, listed.name):
            continue
        try:
            task = get_task(listed.name)
        except EnvironmentFault as error:
            rows.append({"task": listed.name, "origin": listed.origin, "broken": error.message})
            continue
        rows += _rows(what, task, listed.origin)
        rows += [
            {"task": task.name, kind: name, "broken": error.message}
            for (kind, name), error in (rejected_additions(task.name).items() if task.name in added_to else ())
            if what == f"{kind}s"
        ]
    if only is None:
        rows += [
            {"task": each.task or "no task", each.kind: each.name, "broken": error.message}
            for each, error in stray_additions()
            if what == f"{each.kind}s"
        ]
    return rows


def _rows(what: str, task: Task, origin: str) -> list[dict[str, Any]]:
    if what == "tasks":
        first = next(iter(task.datasets))
        return [
            {
                "task": task.name,
                "summary": task.summary,
                "datasets": len(task.datasets),
                "default": first,
                "learners": len(task.learners),
                "metric": task.metric,
                "origin": origin,
            }
        ]
    if what == "datasets":
        place = data_folder()
        return [
            {
                "task": task.name,
                "dataset": name,
                "default": name == next(iter(task.datasets)),
                "summary": summary(function),
                "package": _named(package_of(function)),
                "parameters": parameters(function),
                "place": None if place is None else str(place),
                "folder": str(place / name) if place is not None and (place / name).is_dir() else None,
                "licence": about_data(function).licence or None,
                "citation": about_data(function).citation or None,
            }
            for name, function in task.datasets.items()
        ]
    if what == "metrics":
        return [
            {
                "task": task.name,
                "metric": name,
                "compared": name == task.metric,
                "better": "higher" if metric.higher_is_better else "lower",
                "package": _named(package_of(metric.function)),
            }
            for name, metric in task.metrics.items()
        ]
    chosen = task.defaults or tuple(task.learners)
    return [
        {
            "task": task.name,
            "learner": name,
            "family": about(function).family,
            "pretrained_on": about(function).pretrained_on,
            "default": name in chosen,
            "layers": about(function).layers,
            "weights": about(function).weights,
            "at": about(function).at,
            "summary": summary(function),
            "source": source(function),
            "package": _named(package_of(function)),
            "parameters": parameters(function),
        }
        for name, function in task.learners.items()
    ]


def _help(each: Declared) -> str:
    return f"{each.setting.help} {each.setting.more}".strip()


def _named(package: Package | None) -> str | None:
    return None if package is None else str(package)


def print_listing(what: str, rows: list[dict[str, Any]]) -> None:
    """Print rows for people, in lines that fit the terminal."""
    task = ""
    for row in rows:
        added = row.get(what[:-1])  # the name of a learner, metric or dataset; of a broken task there is none
        if "broken" in row and (what == "tasks" or added is None):
            print(wrapped(f"{visible(row['task'])}  BROKEN: {visible(row['broken'])}", hanging=4))
            continue
        if what not in ("tasks", "presets", "settings") and row["task"] != task:
            print(f"{'' if not task else chr(10)}{visible(row['task'])}:")
            task = row["task"]
        if "broken" in row:
            print(wrapped(f"{visible(str(added))}  BROKEN: {visible(row['broken'])}", 2, hanging=4))
            continue
        _PRINTERS[what](row)
    if not rows:
        print("No task is installed.")
    elif what == "datasets":
        _print_places(rows)
    elif what in _ENDINGS:
        print(f"\n{wrapped(_ENDINGS[what])}")


_ENDINGS = {
    "tasks": "visiontk list learners shows the learners; visiontk compare TASK runs a comparison.",
    "learners": "* compared by default. Weights are trainable parameters for the input in brackets. Parameters are "
    "shown with their defaults: --set learners.NAME.PARAMETER=VALUE.",
    "presets": "visiontk compare TASK --preset NAME; --seeds, --folds, --budget, --search and --max-train override.",
    "settings": "Keys of a config and options of visiontk compare; visiontk list settings --schema is the JSON Schema.",
}
INDENT = 4
"""Blanks before the text about a name."""


def _print_task(row: dict[str, Any]) -> None:
    print(row["task"])
    _paragraph(row["summary"])
    _paragraph(f"{row['datasets']} datasets (default {row['default']}), {row['learners']} learners, by {row['metric']}")


def _print_dataset(row: dict[str, Any]) -> None:
    print(f"  {row['dataset']}{'  (default)' if row['default'] else ''}")
    _paragraph(row["summary"].replace("``", ""))
    _origin(row)
    if row["licence"]:
        _paragraph(f"embedded, licence {row['licence']}; cite {row['citation']}")
    if row["folder"]:
        _paragraph(f"here: {visible(row['folder'])}")
    if row["parameters"]:
        _paragraph(_arguments(row["parameters"]))


def _print_places(rows: list[dict[str, Any]]) -> None:
    place = visible(str(Path(rows[0].get("place") or "")))
    print(
        "\n"
        + wrapped(
            f"Published data are read from {place}{os.sep}DATASET, in their publishers' files; visiontk data fetch "
            "DATASET fetches them, visiontk data list shows which are here. Set VISIONTK_DATA to another folder."
        )
    )


def _print_learner(row: dict[str, Any]) -> None:
    source = f"on {row['pretrained_on']}" if row["pretrained_on"] else ""
    layers = f"{row['layers']} layers, {short(row['weights'])} weights [{row['at']}]" if row["layers"] else ""
    size = ", ".join(filter(None, (source, layers)))
    head = f"{'*' if row['default'] else ' '} {row['learner']:16} {row['family']:10} {size}"
    print(wrapped(head.rstrip(), hanging=2 * INDENT))
    _paragraph(row["summary"])
    _paragraph(row["source"])
    _origin(row)
    if row["parameters"]:
        _paragraph(_arguments(row["parameters"]))


def _print_metric(row: dict[str, Any]) -> None:
    compared = ", compared" if row["compared"] else ""
    print(wrapped(f"{row['metric']:20} {row['better']} is better{compared}", 2, hanging=INDENT))
    _origin(row)


def _print_preset(row: dict[str, Any]) -> None:
    limit = f"at most {row['max_train']:,} training samples" if row["max_train"] else "all training samples"
    seeds = f"{len(row['seeds'])} seed{'s' if len(row['seeds']) > 1 else ''}"
    folds = f"{row['folds']} fold{'s' if row['folds'] > 1 else ''} where there is no official split"
    default = " (default)" if row["preset"] == "standard" else ""
    print(f"{row['preset']}{default}")
    _paragraph(f"{seeds}, {folds}, at most {seconds(row['budget'])} of CPU time per fit, {limit}")


def _print_setting(row: dict[str, Any]) -> None:
    print(wrapped(f"{row['setting']}: {row['value']}", hanging=INDENT))
    _paragraph(row["help"])


def _origin(row: dict[str, Any]) -> None:
    if row["package"]:
        _paragraph(f"from package {row['package']}")


def _paragraph(text: str) -> None:
    if text:
        print(wrapped(visible(text), INDENT))


def _arguments(values: dict[str, Any]) -> str:
    # No break within one of them: a name alone at the end of a line would look like a word.
    return ", ".join(f"{name}={value!r}".replace(" ", "") for name, value in values.items())


_PRINTERS = {
    "tasks": _print_task,
    "datasets": _print_dataset,
    "learners": _print_learner,
    "metrics": _print_metric,
    "presets": _print_preset,
    "settings": _print_setting,
}
