"""One comparison: what is asked for, how it is carried out, what it found."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visiontk.api.audited import audit_of
from visiontk.api.sliced import own_columns
from visiontk.api.user_data import OPTIONS, UserData, is_own, recognise
from visiontk.config import experiment as read_experiment
from visiontk.config import read_config
from visiontk.core import Task, Trial
from visiontk.data.recognise.kinds import is_table
from visiontk.errors import EXIT_DONE, EXIT_PARTIAL, ConfigError, EnvironmentFault, ResumeError, StoreError
from visiontk.executors import ExecutorName, executor_of
from visiontk.harness.drive import Prepared, drive
from visiontk.harness.experiment import Experiment
from visiontk.harness.files import write_file
from visiontk.harness.progress import Progress
from visiontk.harness.store import RunDirectory
from visiontk.messages import printable
from visiontk.registry import get_task, installed_tasks
from visiontk.report.evidence.view import View
from visiontk.report.exhibits.exhibit import exhibits_of
from visiontk.report.pages.single import render
from visiontk.report.results import results
from visiontk.report.tables import notebook
from visiontk.strict_yaml import Document

if TYPE_CHECKING:
    import pandas as pd

ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
COSTS = ("fit_cpu_s", "predict_ms_per_sample", "n_parameters", "size_bytes", "n_trials")
VERDICTS = ("learner", "reference", "metric", "difference", "low", "high", "p_value", "p_adjusted", "test", "scope",
            "verdict", "reason")  # fmt: skip


MOST_NAMED = 3
"""Run directories that are proposed in place of a folder that is none."""


@dataclass(frozen=True, repr=False)
class Result:
    """What a comparison found.

    Parameters
    ----------
    path : Path
        The run directory.
    values : mapping
        The value of ``results.json``; see ``docs/run-directory.md``.
    """

    path: Path
    values: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"<Result in {printable(str(self.path))}: {printable(self.sentence)}>"

    def _repr_html_(self) -> str:
        # What notebooks show.
        return notebook(self.values) if self.values["learners"] else ""

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        return str(self.values["headline"]["sentence"])

    @property
    def exit_code(self) -> int:
        """0 if every trial is done, 5 if some failed or are missing."""
        return EXIT_DONE if self.values["complete"] else EXIT_PARTIAL

    def table(self) -> pd.DataFrame:
        """One row per learner, best first.

        Returns
        -------
        DataFrame
            Columns ``learner``, ``family``, every metric with ``<metric>_low`` and ``<metric>_high``
            (95 % interval; proportions from 0 to 1), ``fit_cpu_s`` (CPU seconds per fit),
            ``predict_ms_per_sample`` (milliseconds), ``n_parameters``, ``size_bytes``, ``n_trials``.
        """
        import pandas as pd

        rows = []
        for row in self.values["learners"]:
            metrics: dict[str, float | None] = {}
            for name, found in row["metrics"].items():
                metrics |= {name: found["value"], f"{name}_low": found["low"], f"{name}_high": found["high"]}
            rows.append({"learner": row["name"], "family": row["family"], **metrics, **{k: row[k] for k in COSTS}})
        bounds = [f"{name}{end}" for name in self.values["metrics"] for end in ("", "_low", "_high")]
        return pd.DataFrame(rows, columns=["learner", "family", *bounds, *COSTS])

    def verdicts(self) -> pd.DataFrame:
        """One row per comparison with the reference.

        Returns
        -------
        DataFrame
            Columns ``learner``, ``reference``, ``metric``, ``difference`` with ``low`` and ``high``,
            ``p_value``, ``p_adjusted`` (Holm), ``test``, ``scope``, ``verdict``, ``reason``.
        """
        import pandas as pd

        return pd.DataFrame(self.values["comparisons"], columns=list(VERDICTS))

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report as one HTML file, by default ``report.html`` in the run directory."""
        target = Path(path) if path is not None else self.path / "report.html"
        pictures = {}
        with contextlib.suppress(ResumeError):  # a report without pictures is better than none
            pictures = RunDirectory(self.path).read_json("exhibits.json")
        write_file(target, render(dict(self.values), pictures))
        return target


@dataclass(frozen=True)
class Request:
    """A comparison as asked for: settings by their names in a config, those that are None left to it."""

    target: str
    settings: Mapping[str, Any]
    overrides: Sequence[str] = ()

    def read(self) -> tuple[Task, Experiment]:
        """The task and the experiment.

        Raises
        ------
        ConfigError
            If the target is no task, config, folder or table, or a setting is wrong.
        """
        if self.own is not None:
            settings = {name: value for name, value in self.settings.items() if name not in ("task", *OPTIONS)}
            return read_experiment(Document(self.own.document, {}), overrides=self.overrides, **settings)
        said = [name for name in OPTIONS if name in self.settings]
        if said:
            raise ConfigError(
                f"{said[0]}: {self.settings[said[0]]!r} given, which is for a folder or table of your own only.",
                error_id="E-CONFIG-VALUE",
                hint="For other data, --set dataset.KEY=VALUE sets a parameter of the dataset.",
            )
        path = Path(self.target).expanduser()
        if path.suffix in (".yaml", ".yml"):
            return read_config(path, overrides=self.overrides, **self.settings)
        if self.target not in {found.name for found in installed_tasks()} and (
            path.is_file() or "/" in self.target or is_table(path)
        ):
            what = (
                "a file that is no config and no table"
                if path.is_file()
                else f"no such {'file' if is_table(path) else 'folder'}"
            )
            near = [] if path.exists() else _beside(path)
            raise ConfigError(
                f"{self.target}: {what}." + (f" Did you mean {near[0]}?" if near else ""),
                error_id="E-CONFIG-PATH",
                hint="An archive must be unpacked first."
                if path.name.lower().endswith(ARCHIVES) and path.is_file()
                else "Name a task, a config (.yaml), a folder of class folders, or a table (.csv, .tsv, .jsonl or "
                ".parquet).",
            )
        asked = self.settings.get("task", self.target)
        if asked != self.target:
            raise ConfigError(
                f"task: {asked!r} given, but the target names the task {self.target!r}.", error_id="E-CONFIG-TASK"
            )
        settings = {name: value for name, value in self.settings.items() if name != "task"}
        return read_experiment(Document({"task": self.target}, {}), overrides=self.overrides, **settings)

    @cached_property
    def own(self) -> UserData | None:
        """What the folder or table of the user's own was taken for; None for a config or a task."""
        named = Path(self.target).suffix in (".yaml", ".yml") or self.target in {
            found.name for found in installed_tasks()
        }
        return None if named or not is_own(self.target) else recognise(self.target, self.settings, self.overrides)

    def command(self, experiment: Experiment, out: Path) -> str:
        """The command line that repeats the run from its own config."""
        return _command(out)


def _beside(path: Path) -> list[str]:
    """What lies there under the most similar name."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return []
    return [printable(str(path.with_name(name))) for name in difflib.get_close_matches(path.name, sorted(names), n=1)]


def carry_out(
    prepared: Prepared,
    task: Task,
    request: Request,
    *,
    out: str | Path | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
    audit: bool = True,
) -> Result:
    """Audit the data, run what is not there yet, compute the results and write the report."""
    folder = Path(out) if out is not None else default_out(prepared.experiment)
    chosen = executor_of(executor, workers=workers, threads=prepared.experiment.threads)
    columns = own_columns(prepared.experiment, prepared.samples)
    audited = audit_of(prepared) if audit else None
    store = drive(prepared, task, folder, executor=chosen, show=show, columns=columns)
    if audited is not None:
        store.write_json("audit.json", dict(audited.values))
        audited.report(folder / "audit.html")
    values = results(store, task, command=request.command(prepared.experiment, folder))
    store.write_json("results.json", values)
    store.write_json("exhibits.json", exhibits_of(prepared.samples, values))
    result = Result(folder, values)
    result.report()
    return result


def open_single(path: str | Path, view: View | None = None) -> Result:
    """Compute the results of a run directory anew from its predictions; nothing is trained.

    It may have been moved, or lie on a disk that cannot be written. Another look than that of the run is not stored
    there.

    Raises
    ------
    ConfigError
        If it is no run directory.
    ResumeError
        If files of one are missing or damaged.
    """
    must_be_run(Path(path))
    store = RunDirectory(Path(path))
    trials = store.trials()
    if not trials:
        raise ResumeError(f"{path}: no trial was planned.", error_id="E-RUN-DAMAGED")
    task = get_task(trials[0].task)
    _all_installed(trials, task)
    values = results(store, task, command=_command(store.path), view=view)
    if view:
        return Result(store.path, values)
    try:
        store.write_json("results.json", values)
    except StoreError as error:
        if error.error_id == "E-IO-FULL":
            raise
    return Result(store.path, values)


def must_be_run(path: Path) -> None:
    """Refuse a path where no comparison has written; a run of which files are missing is another fault.

    Raises
    ------
    ConfigError
        ``E-RUN-PATH``, with the run directories that lie in the folder.
    """
    if any((path / name).exists() for name in ("plan.json", "data.json", "results.json")):
        return
    what = "a folder, but no run directory" if path.is_dir() else "a file, not a run directory"
    inside = sorted(found.parent for found in path.glob("*/plan.json")) if path.is_dir() else []
    near = [printable(str(folder)) for folder in inside] or _beside(path) * (not path.exists())
    raise ConfigError(
        f"{path}: {what if path.exists() else 'no such folder'}."
        + (f" Did you mean {' or '.join(near[:MOST_NAMED])}?" if near else ""),
        error_id="E-RUN-PATH",
        hint="Name a folder that visiontk compare wrote, such as runs/image_classification-digits.",
    )


def _all_installed(trials: Sequence[Trial], task: Task) -> None:
    for trial in trials:
        if trial.learner not in task.learners and trial.packages:
            names = ", ".join(f"{name} {version}" for name, version in trial.packages.items())
            raise EnvironmentFault(
                f"The learner {trial.learner!r} of this run comes from package {names}, which is not installed here or "
                "cannot be used.",
                error_id="E-PLUGIN-MISSING",
                hint="Install it; visiontk list learners shows what is wrong with one that is installed.",
            )


def _command(out: Path) -> str:
    """The command line that repeats a run from its own config."""
    return f"visiontk compare {shlex.quote(str(out / 'experiment.yaml'))} --out {shlex.quote(str(out))}"


def default_out(experiment: Experiment) -> Path:
    """Where a run goes if nobody says: the same command finds its earlier trials there."""
    words = [experiment.task, experiment.dataset]
    if path := str(experiment.dataset_parameters.get("path") or ""):
        # The folder stands in reports, and its name may be that of a patient.
        private = get_task(experiment.task).is_private
        words.append(hashlib.sha256(os.fsencode(path)).hexdigest()[:8] if private else Path(path).name)
    if experiment.preset != "standard":
        words.append(experiment.preset)
    return Path("runs") / "-".join(words)
