"""The result of one comparison: computed from the stored predictions of a run directory."""

from __future__ import annotations

import contextlib
import difflib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from visiontk.api.predictions_task import stored_command, task_of
from visiontk.core import Task, Trial
from visiontk.errors import EXIT_DONE, EXIT_PARTIAL, ConfigError, EnvironmentFault, ResumeError, StoreError
from visiontk.harness.files import write_file
from visiontk.harness.models import KeptModel, kept_models
from visiontk.harness.store import RunDirectory
from visiontk.messages import printable
from visiontk.report.evidence.view import View
from visiontk.report.pages.single import render
from visiontk.report.results import SCHEMA, compute_results, read_results
from visiontk.report.sections.headline import answer
from visiontk.report.tables import readable_table
from visiontk.report.values import Results
from visiontk.report.writers import html
from visiontk.version import VERSION

if TYPE_CHECKING:
    import pandas as pd

COSTS = ("fit_cpu_s", "predict_ms_per_sample", "n_parameters", "size_bytes", "n_trials")
VERDICTS = ("learner", "reference", "metric", "difference", "low", "high", "confidence", "p_value", "p_adjusted",
            "test", "scope", "verdict", "reason", "second_opinion")  # fmt: skip

MAX_SUGGESTED = 3
"""Run directories that are suggested for a folder that is not one."""


@dataclass(frozen=True, repr=False)
class Result:
    """Result of a comparison.

    Parameters
    ----------
    path : Path
        The run directory.
    values : mapping
        The value of ``results.json``; see ``docs/run-directory.md``.
    """

    path: Path
    values: Results

    def __repr__(self) -> str:
        return f"<Result in {printable(str(self.path))}: {printable(self.sentence)}>"

    def _repr_html_(self) -> str:
        # For notebooks.
        if not self.values["learners"]:
            return ""
        return html(readable_table(self.values), self.sentence, self.values["signature"])

    @property
    def sentence(self) -> str:
        """The answer to each question, in one sentence each."""
        return answer(self.values)

    @property
    def exit_code(self) -> int:
        """0 if every trial is done, 5 if some failed or are missing."""
        return EXIT_DONE if self.values["complete"] else EXIT_PARTIAL

    @property
    def models(self) -> list[KeptModel]:
        """The fitted models that were to be kept: learner, fold, seed, key of the trial, size, or why there is none.

        A kept one is in the folder ``models/<trial>`` of the run directory.
        """
        return kept_models(RunDirectory(self.path))

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
            for name, score in row["metrics"].items():
                metrics |= {name: score["value"], f"{name}_low": score["low"], f"{name}_high": score["high"]}
            costs = {name: value for name, value in row.items() if name in COSTS}
            rows.append({"learner": row["name"], "family": row["family"], **metrics, **costs})
        bounds = [f"{name}{end}" for name in self.values["metrics"] for end in ("", "_low", "_high")]
        return pd.DataFrame(rows, columns=["learner", "family", *bounds, *COSTS])

    def verdicts(self) -> pd.DataFrame:
        """One row per comparison with the reference.

        Returns
        -------
        DataFrame
            Columns ``learner``, ``reference``, ``metric``, ``difference`` with ``low`` and ``high`` at
            ``confidence``, ``p_value``, ``p_adjusted`` (for the number of comparisons), ``test``, ``scope``,
            ``verdict``, ``reason``, ``second_opinion``. Primary comparisons come first.
        """
        import pandas as pd

        return pd.DataFrame(self.values["comparisons"], columns=list(VERDICTS))

    def report(self, path: str | Path | None = None) -> Path:
        """Write the report as one HTML file, by default ``report.html`` in the run directory."""
        target = Path(path) if path is not None else self.path / "report.html"
        exhibits = {}
        with contextlib.suppress(ResumeError):  # a report without exhibits is better than none
            exhibits = RunDirectory(self.path).read_json("exhibits.json")
        write_file(target, render(self.values, exhibits))
        return target


def open_single(path: str | Path, view: View | None = None) -> Result:
    """Compute the results of a run directory again from its predictions; nothing is trained.

    It may have been moved, or lie on a read-only disk. Results with another view than that of the run are not stored.
    """
    must_be_run(Path(path))
    store = RunDirectory(Path(path))
    trials = store.trials()
    if not trials:
        raise ResumeError(f"{path}: no trial was planned.", error_id="E-RUN-DAMAGED")
    task = task_of(store, trials[0].task)
    _all_installed(trials, task)
    values = compute_results(store, task, command=stored_command(store) or repeat_command(store.path), view=view)
    if view:
        return Result(store.path, values)
    try:
        store.write_json("results.json", values)
    except StoreError as error:
        if error.error_id == "E-IO-FULL":
            raise
    return Result(store.path, values)


def stored_single(path: str | Path) -> Result:
    """Return the stored results of a run directory; compute them if they are missing, older or incomplete."""
    must_be_run(Path(path))
    store = RunDirectory(Path(path))
    with contextlib.suppress(ResumeError):
        values = read_results(store.path)
        n_done = sum(map(store.is_done, store.trials()))
        if (values["schema"], values["visiontk"], values["n_done"]) == (SCHEMA, VERSION, n_done):
            return Result(store.path, values)
    return open_single(path)


def is_run(path: str | Path) -> bool:
    """Return True if a comparison has written here."""
    return any((Path(path) / name).exists() for name in ("plan.json", "data.json", "results.json"))


def must_be_run(path: Path) -> None:
    """Raise E-RUN-PATH for a path where no comparison has written; missing files of a run are another error."""
    if is_run(path):
        return
    what = "a folder, but not a run directory" if path.is_dir() else "a file, not a run directory"
    inside = sorted(plan.parent for plan in path.glob("*/plan.json")) if path.is_dir() else []
    near = [printable(str(folder)) for folder in inside] or near_path(path) * (not path.exists())
    raise ConfigError(
        f"{path}: {what if path.exists() else 'no such folder'}."
        + (f" Did you mean {' or '.join(near[:MAX_SUGGESTED])}?" if near else ""),
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


def repeat_command(out: Path) -> str:
    """Return the command line that repeats a run from its own config."""
    return f"visiontk compare {shlex.quote(str(out / 'experiment.yaml'))} --out {shlex.quote(str(out))}"


def near_path(path: Path) -> list[str]:
    """Return the path in this folder with the most similar name, in a list."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return []
    return [printable(str(path.with_name(name))) for name in difflib.get_close_matches(path.name, sorted(names), n=1)]
