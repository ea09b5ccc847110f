"""Comparison of every task on its first dataset: one run directory each, one page over all.

Tasks are run one after the other: sharing worker processes between tasks would save a few imports of frameworks, and
cost a second kind of run directory.
"""

from __future__ import annotations

import json
import shlex
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from visiontk.api.all_tasks_result import FILE, AllTasksResult, folder_of, reason_of
from visiontk.api.request import Request, run_comparison
from visiontk.core import Task
from visiontk.errors import BusyError, ConfigError, EnvironmentFault, ResumeError, StoreError, VisiontkError
from visiontk.executors import ExecutorName, check_executor
from visiontk.harness import drive
from visiontk.harness.drive import Prepared
from visiontk.harness.experiment import ALL_TASKS, SETTINGS
from visiontk.harness.files import write_file
from visiontk.harness.progress import Progress
from visiontk.harness.store import RunDirectory
from visiontk.registry import get_task, installed_tasks
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.records import TaskRow
from visiontk.report.several.task_rows import empty_row, task_row
from visiontk.studies import STUDIES
from visiontk.version import VERSION

ALL = "all"


class Member(NamedTuple):
    """A task with its prepared comparison, or the reason why it cannot be run."""

    name: str
    summary: str
    task: Task | None
    prepared: Prepared | None
    reason: str


@dataclass(frozen=True)
class RequestAll:
    """The request of a comparison of all tasks; only the settings of `ALL_TASKS` are allowed."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    overrides: Sequence[str] = ()

    def __post_init__(self) -> None:
        refused = [name for name in self.settings if name not in ALL_TASKS]
        refused += [key for text in self.overrides if (key := text.partition("=")[0].strip()) not in ALL_TASKS]
        if refused:
            raise ConfigError(
                f"{', '.join(refused)}: not for all tasks at once, as every task has its own. "
                f"What can be set for all: {', '.join(ALL_TASKS)}.",
                error_id="E-CONFIG-ALL",
                hint="Compare one task after the other: visiontk compare TASK.",
            )

    def prepare(self) -> list[Member]:
        """Return every installed task with its first dataset read and its fits planned, or with the reason why not."""
        members: list[Member] = []
        refusals: list[VisiontkError] = []
        for each in installed_tasks():
            summary, task = "", None
            try:
                task = get_task(each.name)
                summary = task.summary
                chosen, experiment = Request(each.name, self.settings, self.overrides).read()
                prepared = drive.prepare(experiment, chosen, version=VERSION, studies=STUDIES)
            except Exception as error:  # a plugin may fail in any way; the others are compared
                members.append(Member(each.name, summary, None, None, reason_of(error)))
                refusals += [error] if isinstance(error, VisiontkError) else []
            else:
                members.append(Member(each.name, summary, task, prepared, ""))
        if any(member.prepared for member in members):
            return members
        # Errors that the user can correct come before those of a plugin's author.
        for refusal in sorted(refusals, key=lambda refusal: not isinstance(refusal, ConfigError)):
            raise refusal
        raise EnvironmentFault(
            "; ".join(f"{member.name}: {member.reason}" for member in members) or "No task is installed.",
            error_id="E-TASK-BROKEN",
            hint="visiontk doctor checks the installation.",
        )

    @property
    def preset(self) -> str:
        """The preset of all runs."""
        pairs = [text.partition("=") for text in self.overrides]
        values = [value.strip() for key, _, value in pairs if key.strip() == "preset"]
        return str(values[-1] if values else self.settings.get("preset") or SETTINGS["preset"].default)

    def default_out(self) -> Path:
        """Return the default folder."""
        return Path("runs") / (ALL if self.preset == "standard" else f"{ALL}-{self.preset}")

    def command(self, out: Path) -> str:
        """Return the command line that repeats the comparison."""
        words = ["visiontk", "compare", ALL]
        for name, value in self.settings.items():
            word = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
            words += [f"--{name.replace('_', '-')}", word]
        for text in self.overrides:
            words += ["--set", text]
        return shlex.join([*words, "--out", str(out)])


def run_all_tasks(
    members: Sequence[Member],
    request: RequestAll,
    *,
    out: str | Path | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
    audit: bool = True,
) -> AllTasksResult:
    """Run the missing fits of one task after the other; write the combined page again after each task.

    A task that fails is shown with its reason, and the next one is run.
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
    total = _Total(members, folder, show)
    with RunDirectory(folder.absolute()).locked():
        combined = _write_page(folder, members, request, reasons)
        for member in members:
            if member.prepared is None or member.task is None:
                continue
            target = folder / folder_of(member.name)
            try:
                run_comparison(
                    member.prepared, member.task, out=target, executor=executor, workers=workers,
                    show=total.of(member), audit=audit,
                )  # fmt: skip
            except (StoreError, BusyError):
                raise
            except Exception as error:  # a plugin may fail in any way; the others are compared
                reasons[member.name] = reason_of(error)
                if not isinstance(error, VisiontkError):
                    write_file(folder / "logs" / f"{folder_of(member.name)}.txt", traceback.format_exc())
            combined = _write_page(folder, members, request, reasons)
    return combined


def _write_page(
    folder: Path, members: Sequence[Member], request: RequestAll, reasons: Mapping[str, str]
) -> AllTasksResult:
    """Write the combined page and ``all.json`` from the results of the runs."""
    rows = [_row(folder, member, reasons.get(member.name, "")) for member in members]
    settings = dict(request.settings) | {"set": list(request.overrides)}
    value = all_tasks(rows, preset=request.preset, settings=settings, command=request.command(folder))
    RunDirectory(folder.absolute()).write_json(FILE, value)
    combined = AllTasksResult(folder, value)
    combined.report()
    return combined


def _row(folder: Path, member: Member, reason: str) -> TaskRow:
    name = folder_of(member.name)
    place = {"summary": member.summary, "folder": name}
    if reason:
        return empty_row(member.name, status="failed", reason=reason, **place)
    try:
        return task_row(json.loads((folder / name / "results.json").read_bytes()), **place)
    except (OSError, ValueError, KeyError, TypeError):  # missing, or of another version: computed again
        return empty_row(member.name, status="waiting", **place)


class _Total:
    """Progress over all tasks."""

    def __init__(self, members: Sequence[Member], folder: Path, show: Callable[[Progress], None]) -> None:
        self.show = show
        self.n_planned = sum(len(member.prepared.fits) for member in members if member.prepared)
        self.before = {
            member.name: sum(
                RunDirectory(folder / folder_of(member.name)).is_done(trial) for trial in member.prepared.fits
            )
            for member in members
            if member.prepared
        }
        self.ended: dict[str, tuple[int, int]] = {}
        self.started = time.monotonic()

    def of(self, member: Member) -> Callable[[Progress], None]:
        """Return the function that a run of this task calls with its own progress."""

        def show(progress: Progress) -> None:
            self.ended[member.name] = (progress.n_done, progress.n_failed)
            self.show(self._sum(member.name, progress))

        return show

    def _sum(self, name: str, progress: Progress) -> Progress:
        later = sum(n for other, n in self.before.items() if other not in self.ended)
        n_done = sum(done for done, _ in self.ended.values()) + later
        n_failed = sum(failed for _, failed in self.ended.values())
        n_new = sum(done + failed - self.before[other] for other, (done, failed) in self.ended.items())
        left = None
        if n_new >= 3:  # tasks differ, so only the mean is known
            left = (time.monotonic() - self.started) / n_new * (self.n_planned - n_done - n_failed)
        running = tuple(f"{name}: {words}" for words in progress.running)
        return Progress(n_done, n_failed, self.n_planned, running, left)
