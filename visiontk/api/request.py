"""A comparison: its request, and how it is run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from visiontk.api.audit_result import audit_of
from visiontk.api.kept_models import keep_chosen
from visiontk.api.other_files import other_form
from visiontk.api.run_result import Result, near_path, repeat_command
from visiontk.api.slice_columns import slice_columns
from visiontk.api.user_data import UserData, is_own, recognise
from visiontk.config import experiment as read_experiment
from visiontk.config import read_config
from visiontk.core import Task
from visiontk.data.recognise.kinds import is_table
from visiontk.errors import ConfigError
from visiontk.executors import ExecutorName, executor_of
from visiontk.harness.drive import Prepared, drive
from visiontk.harness.experiment import USER_DATA, Experiment
from visiontk.harness.progress import Progress
from visiontk.registry import get_task, installed_tasks
from visiontk.report.evidence import read_evidence
from visiontk.report.evidence.view import View
from visiontk.report.exhibits.exhibit import exhibits_of
from visiontk.report.results import compute_results
from visiontk.strict_yaml import Document

DATA = "Name a task, a config (.yaml), a folder of class folders, or a table (.csv, .tsv, .jsonl, .parquet, .npz)."


@dataclass(frozen=True)
class Request:
    """The request of a comparison: a target, settings by their keys in a config, and overrides."""

    target: str
    settings: Mapping[str, Any]
    overrides: Sequence[str] = ()

    def read(self) -> tuple[Task, Experiment]:
        """Return the task and the experiment; ConfigError if the target or a setting is wrong."""
        if self.user_data is not None:
            known = ("task", *USER_DATA, *(["dataset"] if self._parameters else []))
            settings = {name: value for name, value in self.settings.items() if name not in known}
            overrides = (*self.overrides, *self._parameters)
            return read_experiment(Document(self.user_data.document, {}), overrides=overrides, **settings)
        if columns := [name for name in USER_DATA if name in self.settings]:
            raise ConfigError(
                f"{columns[0]}: {self.settings[columns[0]]!r} given, which is for your own folder or table only.",
                error_id="E-CONFIG-VALUE",
                hint="For other data, --set dataset.KEY=VALUE sets a parameter of the dataset.",
            )
        path = Path(self.target).expanduser()
        if path.suffix in (".yaml", ".yml"):
            return read_config(path, overrides=self.overrides, **self.settings)
        if self.target not in _task_names() and (_is_file(path) or "/" in self.target or is_table(path)):
            raise _unknown_path(self.target)
        name = self.settings.get("task", self.target)
        if name != self.target:
            raise ConfigError(
                f"task: {name!r} given, but the target names the task {self.target!r}.", error_id="E-CONFIG-TASK"
            )
        settings = {name: value for name, value in self.settings.items() if name != "task"}
        return read_experiment(Document({"task": self.target}, {}), overrides=self.overrides, **settings)

    @cached_property
    def user_data(self) -> UserData | None:
        """The folder or table of the user as it is recognised; None for a config or a task."""
        named = Path(self.target).suffix in (".yaml", ".yml") or self.target in _task_names()
        if named or not is_own(self.target):
            return None
        settings = {name: value for name, value in self.settings.items() if name != "dataset" or not self._parameters}
        return recognise(self.target, settings, (*self.overrides, *self._parameters))

    @property
    def _parameters(self) -> list[str]:
        """Parameters of the dataset of a folder or table, given as a mapping without its name, as overrides."""
        given = self.settings.get("dataset")
        if not isinstance(given, Mapping) or {"name", "path"} & given.keys():
            return []
        return [f"dataset.{name}={json.dumps(value)}" for name, value in given.items()]


def _is_file(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):  # a name that no file can have
        return path.is_file()
    return False


def _task_names() -> set[str]:
    return {each.name for each in installed_tasks()}


def _unknown_path(target: str) -> ConfigError:
    """Return the error of a path that is not a config, folder or table."""
    path = Path(target).expanduser()
    problem = f"no such {'file' if is_table(path) else 'folder'}"
    if _is_file(path):
        problem = "a file that is neither a config nor a table"
    near = [] if _is_file(path) or path.is_dir() else near_path(path)
    return ConfigError(
        f"{target}: {problem}." + (f" Did you mean {near[0]}?" if near else ""),
        error_id="E-CONFIG-PATH",
        hint=(_is_file(path) and other_form(path)) or DATA,
    )


def run_comparison(
    prepared: Prepared,
    task: Task,
    *,
    out: str | Path | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
    audit: bool = True,
) -> Result:
    """Audit the data, run the fits that are missing, compute the results and write the report."""
    folder = Path(out) if out is not None else default_out(prepared.experiment)
    chosen = executor_of(executor, workers=workers, threads=prepared.experiment.threads)
    columns = slice_columns(prepared.experiment, prepared.samples)
    audited = audit_of(prepared) if audit else None
    store = drive(prepared, task, folder, executor=chosen, show=show, columns=columns)
    if audited is not None:
        store.write_json("audit.json", dict(audited.values))
        audited.report(folder / "audit.html")
    evidence = read_evidence(store, task, View())
    values = compute_results(store, task, command=repeat_command(folder), evidence=evidence)
    keep_chosen(evidence, prepared.experiment.keep, complete=values["complete"])
    store.write_json("results.json", values)
    store.write_json("exhibits.json", exhibits_of(prepared.samples, values))
    result = Result(folder, values)
    result.report()
    return result


def default_out(experiment: Experiment) -> Path:
    """Return the default run directory: the same command finds its earlier fits there."""
    words = [experiment.task, experiment.dataset]
    if path := str(experiment.dataset_parameters.get("path") or ""):
        # The folder is named in reports, and its name may be that of a patient.
        private = get_task(experiment.task).is_private
        words.append(hashlib.sha256(os.fsencode(path)).hexdigest()[:8] if private else Path(path).name)
    if experiment.preset != "standard":
        words.append(experiment.preset)
    return Path("runs") / "-".join(words)
