"""Every task on its first data set: one run directory each, one page over all of them.

Task after task: sharing worker processes between tasks would save a few imports of frameworks, and cost a second kind
of run directory. What is shown is computed from the ``results.json`` of the runs and from nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shlex
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from visiontk.api.single import Request, Result, carry_out, open_single
from visiontk.core import Task
from visiontk.errors import (
    EXIT_DONE,
    EXIT_PARTIAL,
    BusyError,
    ConfigError,
    EnvironmentFault,
    ResumeError,
    StoreError,
    VisiontkError,
)
from visiontk.executors import ExecutorName, check_executor
from visiontk.harness import drive
from visiontk.harness.drive import Prepared
from visiontk.harness.experiment import Experiment
from visiontk.harness.files import write_file
from visiontk.harness.progress import Progress
from visiontk.harness.store import RunDirectory
from visiontk.registry import get_task, installed_tasks
from visiontk.report.formatting import visible
from visiontk.report.pages.all_tasks import render_all_tasks
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.records import AllTasks, TaskRow
from visiontk.report.several.task_rows import empty_row, task_row
from visiontk.version import VERSION

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
FILE = "all.json"
SHARED = (
    "preset",
    "seeds",
    "folds",
    "budget",
    "budget_s",
    "trials",
    "curve",
    "max_train",
    "threads",
    "margin",
    "imbalance",
    "calibration",
)
"""Settings that mean the same for every task."""

Reason = Exception | str


@dataclass(frozen=True, repr=False)
class Combined:
    """What the comparisons of all tasks found.

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
        return f"<Combined in {visible(str(self.path))}: {visible(self.sentence)}>"

    @property
    def sentence(self) -> str:
        """Who is better in how many domains."""
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
            Columns ``task``, ``dataset``, ``origin``, ``metric``, ``classical`` and ``network`` (the best of each
            family on valid) with ``classical_value`` and ``network_value``, ``status``, ``n_done``, ``n_planned``.
        """
        import pandas as pd

        columns = ["task", "dataset", "origin", "metric", "classical", "classical_value", "network", "network_value",
                   "status", "n_done", "n_planned"]  # fmt: skip
        rows = [row | _best(row, "name") | _best(row, "value", "_value") for row in self.values["tasks"]]
        return pd.DataFrame(rows, columns=columns)

    def verdicts(self) -> pd.DataFrame:
        """One row per task.

        Returns
        -------
        DataFrame
            Columns ``task``, ``metric``, ``network``, ``classical``, ``difference`` with ``low`` and ``high``
            (network less classical), ``outcome``: ``network`` or ``classical``, whichever is better, ``equivalent``,
            ``undecided``, ``none``, ``failed`` or ``waiting``; ``reason``.
        """
        import pandas as pd

        columns = ["task", "metric", "network", "classical", "difference", "low", "high", "outcome", "reason"]
        return pd.DataFrame([row | _best(row, "name") for row in self.values["tasks"]], columns=columns)

    def report(self, path: str | Path | None = None) -> Path:
        """Write the combined page, by default ``report.html`` beside the run directories that it leads to."""
        target = Path(path) if path is not None else self.path / "report.html"
        write_file(target, render_all_tasks(self.values))
        return target


def _best(row: TaskRow, field: Literal["name", "value"], suffix: str = "") -> dict[str, Any]:
    """A field of the best learner of each family; None where there is none."""
    learners = {"classical": row["classical"], "network": row["network"]}
    return {f"{family}{suffix}": learner and learner[field] for family, learner in learners.items()}


class Member(NamedTuple):
    """A task that takes part: ready to run, or the reason why it cannot."""

    name: str
    summary: str
    task: Task | None
    prepared: Prepared | None
    reason: str


@dataclass(frozen=True)
class RequestAll:
    """A comparison of all tasks as asked for.

    Parameters
    ----------
    settings : mapping
        By their names in a config; only those of `SHARED` are allowed.
    overrides : sequence of str
        ``key=value``, for the same keys.

    Raises
    ------
    ConfigError
        If a setting differs from task to task.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    overrides: Sequence[str] = ()

    def __post_init__(self) -> None:
        refused = [name for name in self.settings if name not in SHARED]
        refused += [key for text in self.overrides if (key := text.partition("=")[0].strip()) not in SHARED]
        if refused:
            raise ConfigError(
                f"{', '.join(refused)}: not for all tasks at once, as every task has its own. "
                f"What can be set for all: {', '.join(SHARED)}.",
                error_id="E-CONFIG-ALL",
                hint="Compare one task after the other: visiontk compare TASK.",
            )

    def prepare(self) -> list[Member]:
        """Every installed task with its first data set read and its trials planned; broken ones with the reason.

        Raises
        ------
        VisiontkError
            If no task can be run: the first reason, which is that of all where a setting is wrong.
        """
        members: list[Member] = []
        refusals: list[VisiontkError] = []
        for found in installed_tasks():
            summary, task = "", None
            try:
                task = get_task(found.name)
                summary = task.summary
                chosen, experiment = Request(found.name, self.settings, self.overrides).read()
                prepared = drive.prepare(experiment, chosen, version=VERSION)
            except Exception as error:  # a plugin may fail in any way; the others are compared
                members.append(Member(found.name, summary, None, None, _words(error)))
                refusals += [error] if isinstance(error, VisiontkError) else []
            else:
                members.append(Member(found.name, summary, task, prepared, ""))
        if any(member.prepared for member in members):
            return members
        # What the user can change comes before what a plugin's author could.
        for refusal in sorted(refusals, key=lambda refusal: not isinstance(refusal, ConfigError)):
            raise refusal
        raise EnvironmentFault(
            "; ".join(f"{member.name}: {member.reason}" for member in members) or "No task is installed.",
            error_id="E-TASK-BROKEN",
            hint="visiontk doctor looks at the installation.",
        )

    @property
    def preset(self) -> str:
        """The preset of all runs."""
        pairs = [text.partition("=") for text in self.overrides]
        given = [value.strip() for key, _, value in pairs if key.strip() == "preset"]
        return str(given[-1] if given else self.settings.get("preset") or Experiment("", "", {}).preset)

    def default_out(self) -> Path:
        """Where it goes if nobody says."""
        return Path("runs") / (ALL if self.preset == "standard" else f"{ALL}-{self.preset}")

    def command(self, out: Path) -> str:
        """The command line that repeats it."""
        words = ["visiontk", "compare", ALL]
        for name, value in self.settings.items():
            given = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
            words += [f"--{name.replace('_', '-')}", given]
        for text in self.overrides:
            words += ["--set", text]
        return shlex.join([*words, "--out", str(out)])


def carry_out_all(
    members: Sequence[Member],
    request: RequestAll,
    *,
    out: str | Path | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
    audit: bool = True,
) -> Combined:
    """Run task after task what is not there yet; the combined page is written anew after each of them.

    A task that fails is shown with its reason and the next one is run.

    Raises
    ------
    StoreError, BusyError
        If the disk takes nothing, or another process works there: no other task would fare better.
    ResumeError
        If the folder is a run directory of one task.
    ConfigError
        If there is no such executor, or less than one worker.
    """
    check_executor(executor, workers)
    folder = Path(out) if out is not None else request.default_out()
    if (folder / "data.json").exists():
        raise ResumeError(
            f"{folder}: holds the run of one task.",
            error_id="E-RESUME-FOREIGN",
            hint="Choose another folder with --out.",
        )
    reasons: dict[str, str] = {member.name: member.reason for member in members if member.reason}
    page = _Page(folder, members, request)
    total = _Total(members, folder, show)
    with RunDirectory(folder.absolute()).locked():
        combined = page.write(reasons)
        for member in members:
            if member.prepared is None or member.task is None:
                continue
            target = folder / folder_of(member.name)
            try:
                carry_out(
                    member.prepared, member.task, Request(member.name, request.settings), out=target,
                    executor=executor, workers=workers, show=total.of(member), audit=audit,
                )  # fmt: skip
            except (StoreError, BusyError):
                raise
            except Exception as error:  # a plugin may fail in any way; the others are compared
                reasons[member.name] = _words(error)
                if not isinstance(error, VisiontkError):
                    write_file(folder / "logs" / f"{folder_of(member.name)}.txt", traceback.format_exc())
            combined = page.write(reasons)
    return combined


def open_all(path: str | Path) -> Combined:
    """Compute everything anew from the predictions of the runs; nothing is trained.

    Raises
    ------
    ResumeError
        If it holds no ``all.json``, or a damaged one.
    """
    folder = Path(path)
    before = RunDirectory(folder).read_json(FILE)
    try:
        kept, rows = {name: before[name] for name in ("preset", "settings", "reproduce")}, []
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
                rows.append(old | {"status": "failed", "outcome": "failed", "reason": _words(error)})
    except (KeyError, TypeError, AttributeError) as error:
        raise ResumeError(f"{folder / FILE}: damaged.", error_id="E-RUN-DAMAGED") from error
    value = all_tasks(rows, preset=kept["preset"], settings=kept["settings"], command=kept["reproduce"]["command"])
    with contextlib.suppress(StoreError):
        RunDirectory(folder).write_json(FILE, value)
    return Combined(folder, value)


def is_combined(path: str | Path) -> bool:
    """Whether this is the folder of a comparison of all tasks."""
    return (Path(path) / FILE).is_file()


def folder_of(name: str) -> str:
    """The folder of a task's run: its name, or a safe one where that could lead elsewhere.

    Examples
    --------
    >>> folder_of("image_classification"), folder_of("../x")
    ('image_classification', 'task-d6b96a97')
    """
    if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,99}", name) and name not in ("logs", "trials", "work"):
        return name
    return f"task-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


class _Page:
    """The combined page and ``all.json``, from what the runs hold."""

    def __init__(self, folder: Path, members: Sequence[Member], request: RequestAll) -> None:
        self.folder = folder
        self.members = members
        self.request = request

    def write(self, reasons: Mapping[str, str]) -> Combined:
        rows = [self._row(member, reasons.get(member.name, "")) for member in self.members]
        settings = dict(self.request.settings) | {"set": list(self.request.overrides)}
        value = all_tasks(
            rows, preset=self.request.preset, settings=settings, command=self.request.command(self.folder)
        )
        RunDirectory(self.folder.absolute()).write_json(FILE, value)
        combined = Combined(self.folder, value)
        combined.report()
        return combined

    def _row(self, member: Member, reason: str) -> TaskRow:
        name = folder_of(member.name)
        place = {"summary": member.summary, "folder": name}
        if reason:
            return empty_row(member.name, status="failed", reason=reason, **place)
        try:
            values = json.loads((self.folder / name / "results.json").read_bytes())
            return task_row(values, **place)
        except (OSError, ValueError, KeyError, TypeError):  # not there yet, or of another version: it is made anew
            return empty_row(member.name, status="waiting", **place)


class _Total:
    """Progress over all tasks."""

    def __init__(self, members: Sequence[Member], folder: Path, show: Callable[[Progress], None]) -> None:
        self.show = show
        self.planned = {member.name: len(member.prepared.trials) for member in members if member.prepared}
        self.before = {
            member.name: sum(
                RunDirectory(folder / folder_of(member.name)).is_done(trial) for trial in member.prepared.trials
            )
            for member in members
            if member.prepared
        }
        self.ended: dict[str, tuple[int, int]] = {}
        self.started = time.monotonic()

    def of(self, member: Member) -> Callable[[Progress], None]:
        """What a run of this task calls with its own progress."""

        def show(progress: Progress) -> None:
            self.ended[member.name] = (progress.n_done, progress.n_failed)
            self.show(self._sum(member.name, progress))

        return show

    def _sum(self, name: str, progress: Progress) -> Progress:
        later = {other: n for other, n in self.before.items() if other not in self.ended}
        n_done = sum(done for done, _ in self.ended.values()) + sum(later.values())
        n_failed = sum(failed for _, failed in self.ended.values())
        n_planned = sum(self.planned.values())
        n_new = sum(done + failed - self.before[other] for other, (done, failed) in self.ended.items())
        left = None
        if n_new >= 3:  # of unlike tasks the mean is all that is known
            left = (time.monotonic() - self.started) / n_new * (n_planned - n_done - n_failed)
        running = tuple(f"{name}: {words}" for words in progress.running)
        return Progress(n_done, n_failed, n_planned, running, left)


def _words(error: Exception) -> str:
    if isinstance(error, VisiontkError):
        return f"{error.message.rstrip('.')}. {error.hint}".strip()
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"


__all__ = ["ALL", "Combined", "Member", "RequestAll", "carry_out_all", "folder_of", "is_combined", "open_all"]
