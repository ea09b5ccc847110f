"""The result of a comparison of all tasks, computed only from the ``results.json`` of the runs."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from visiontk.api.run_result import Result, open_single
from visiontk.errors import (
    EXIT_DONE,
    EXIT_PARTIAL,
    EnvironmentFault,
    ResumeError,
    StoreError,
    VisiontkError,
    as_options,
)
from visiontk.harness.files import write_file
from visiontk.harness.store import RunDirectory
from visiontk.report.formatting import visible
from visiontk.report.pages.all_tasks import render_all_tasks
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.records import AllTasks, TaskRow
from visiontk.report.several.task_rows import task_row

if TYPE_CHECKING:
    import pandas as pd

FILE = "all.json"


@dataclass(frozen=True, repr=False)
class AllTasksResult:
    """Result of the comparisons of all tasks.

    Parameters
    ----------
    path : Path
        The folder of all run directories.
    values : mapping
        The value of ``all.json``; see ``docs/run-directory.md``.
    """

    path: Path
    values: AllTasks

    def __repr__(self) -> str:
        return f"<AllTasksResult in {visible(str(self.path))}: {visible(self.sentence)}>"

    @property
    def sentence(self) -> str:
        """The answer in one sentence: in how many domains which family is better."""
        return self.values["headline"]["sentence"]

    @property
    def exit_code(self) -> int:
        """0 if every trial of every task is done, 5 otherwise."""
        return EXIT_DONE if self.values["complete"] else EXIT_PARTIAL

    @property
    def results(self) -> dict[str, Result]:
        """The result of each task that has one, by the task's name."""
        return {
            row["task"]: Result(folder, json.loads((folder / "results.json").read_bytes()))
            for row in self.values["tasks"]
            if (folder := self.path / row["folder"]) and (folder / "results.json").is_file()
        }

    def table(self) -> pd.DataFrame:
        """One row per task.

        Returns
        -------
        DataFrame
            Columns ``task``, ``dataset``, ``origin``, ``metric``, ``classical``, ``network`` and ``pretrained`` (the
            best of each family on the validation set) with ``classical_value``, ``network_value`` and
            ``pretrained_value``, ``status``, ``n_done``, ``n_planned``.
        """
        import pandas as pd

        columns = ["task", "dataset", "origin", "metric", "classical", "classical_value", "network", "network_value",
                   "pretrained", "pretrained_value", "status", "n_done", "n_planned"]  # fmt: skip
        rows = [row | _best(row, "name") | _best(row, "value", "_value") for row in self.values["tasks"]]
        return pd.DataFrame(rows, columns=columns)

    def verdicts(self) -> pd.DataFrame:
        """One row per task.

        Returns
        -------
        DataFrame
            Columns ``task``, ``metric``, ``challenger`` (``pretrained`` where one takes part, else ``network``),
            ``pretrained``, ``network``, ``classical``, ``difference`` with ``low`` and ``high`` (challenger less
            classical), ``outcome``: the family that is better, ``equivalent``, ``undecided``, ``none``, ``failed`` or
            ``waiting``; ``reason``.
        """
        import pandas as pd

        columns = ["task", "metric", "challenger", "pretrained", "network", "classical", "difference", "low", "high",
                   "outcome", "reason"]  # fmt: skip
        return pd.DataFrame([row | _best(row, "name") for row in self.values["tasks"]], columns=columns)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the combined page, by default ``report.html`` beside the run directories."""
        target = Path(path) if path is not None else self.path / "report.html"
        write_file(target, render_all_tasks(self.values))
        return target


def _best(row: TaskRow, field: Literal["name", "value"], suffix: str = "") -> dict[str, Any]:
    """Return a field of the best learner of each family; None if there is none."""
    learners = {"classical": row["classical"], "network": row["network"], "pretrained": row["pretrained"]}
    return {f"{family}{suffix}": learner and learner[field] for family, learner in learners.items()}


def open_all(path: str | Path) -> AllTasksResult:
    """Compute everything again from the predictions of the runs; nothing is trained."""
    folder = Path(path)
    before = RunDirectory(folder).read_json(FILE)
    try:
        fixed, rows = {name: before[name] for name in ("preset", "settings", "reproduce")}, []
        for old in before["tasks"]:
            run = folder / folder_of(old["task"])
            if not (run / "plan.json").exists():
                rows.append(old)
                continue
            try:
                result = open_single(run)
                result.report()
                rows.append(task_row(result.values, summary=old["summary"], folder=run.name))
            except (EnvironmentFault, ResumeError) as error:
                rows.append(old | {"status": "failed", "outcome": "failed", "reason": reason_of(error)})
    except (KeyError, TypeError, AttributeError) as error:
        raise ResumeError(f"{folder / FILE}: damaged.", error_id="E-RUN-DAMAGED") from error
    value = all_tasks(rows, preset=fixed["preset"], settings=fixed["settings"], command=fixed["reproduce"]["command"])
    with contextlib.suppress(StoreError):
        RunDirectory(folder).write_json(FILE, value)
    return AllTasksResult(folder, value)


def stored_all(path: str | Path) -> AllTasksResult:
    """Return the comparison of all tasks as it is stored; compute it again if that is damaged."""
    with contextlib.suppress(ResumeError, KeyError, TypeError):
        value = RunDirectory(Path(path)).read_json(FILE)
        if value["headline"]["sentence"]:
            return AllTasksResult(Path(path), value)
    return open_all(path)


def is_combined(path: str | Path) -> bool:
    """Return True if this is the folder of a comparison of all tasks."""
    return (Path(path) / FILE).is_file()


def folder_of(name: str) -> str:
    """Return the folder of a task's run: its name, or a safe name if that could lead elsewhere."""
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", name) and name not in ("logs", "trials", "work"):
        return name
    return f"task-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def reason_of(error: Exception) -> str:
    """Return an error in one sentence, with its hint."""
    if isinstance(error, VisiontkError):
        return as_options(f"{error.message.rstrip('.')}. {error.hint}".strip())
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"
