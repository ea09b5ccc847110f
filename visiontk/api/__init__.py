"""The library as Python functions: compare, load and verify runs, audit data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visiontk.api.all_tasks import ALL, RequestAll, run_all_tasks
from visiontk.api.all_tasks_result import AllTasksResult, is_combined, open_all, stored_all
from visiontk.api.audit_result import AuditResult, audit_of
from visiontk.api.audit_result import audit as audit_data
from visiontk.api.comparison import compare
from visiontk.api.config_schema import schema
from visiontk.api.config_text import config_text
from visiontk.api.preview import Preview, preview_of, preview_prepared
from visiontk.api.request import Request, default_out, run_comparison
from visiontk.api.run_result import COSTS, VERDICTS, Result, is_run, open_single, stored_single
from visiontk.api.settings import Settings
from visiontk.api.several_runs import RankingResult, across
from visiontk.api.slice_columns import slice_columns
from visiontk.api.verification import Verification, verify
from visiontk.errors import ConfigError
from visiontk.report.evidence.view import View


def load(
    path: str | Path,
    *,
    metric: str = "",
    group: str = "",
    calibration: str = "",
    threshold: str | float = "",
    slices: Sequence[str] = (),
    claim: str = "",
) -> Result | AllTasksResult:
    """Compute the results of a run directory again from its predictions; nothing is trained.

    It may have been moved, or lie on a read-only disk.

    Parameters
    ----------
    path : path-like
        The run directory.
    metric : str
        Metric to compare, if not that of the run. The result then says so, and is not stored.
    group : str
        Unit of independence, if not that of the run: ``group``, ``sample``, ``fold``, or
        ``FILE.csv:COLUMN`` for a table with the columns id and COLUMN.
    calibration : str
        Calibration of the scores on the validation set: ``none``, ``temperature`` or ``isotonic``.
    threshold : str or float
        For two classes: ``largest``, ``youden``, or the sensitivity required on the validation set.
    slices : sequence of str
        Also show results by these columns, each as ``FILE.csv:COLUMN``. The result says that they were chosen after the
        run.
    claim : str
        A claim to answer, such as ``"network > traditional by 2"``, if not that of the run. It is marked as
        exploratory.

    Raises
    ------
    ResumeError
        If its files are missing or damaged.
    ConfigError
        If it is not a run directory, there is no such metric, group or column, or it holds several tasks and only one
        can be viewed.
    """
    view = View(metric, group, calibration, threshold, tuple(slices), claim)
    if not is_combined(path):
        return open_single(path, view)
    if view:
        raise ConfigError(
            f"{path}: holds several tasks; other settings are for one of them.",
            error_id="E-REPORT-ALL",
            hint="Name the folder of the task in it.",
        )
    return open_all(path)


def stored(path: str | Path) -> Result | AllTasksResult:
    """Return the stored results of a run directory; compute them only if they are not current."""
    return stored_all(path) if is_combined(path) else stored_single(path)


__all__ = [
    "ALL",
    "COSTS",
    "VERDICTS",
    "AllTasksResult",
    "AuditResult",
    "Preview",
    "RankingResult",
    "Request",
    "RequestAll",
    "Result",
    "Settings",
    "Verification",
    "across",
    "audit_data",
    "audit_of",
    "compare",
    "config_text",
    "default_out",
    "is_combined",
    "is_run",
    "load",
    "preview_of",
    "preview_prepared",
    "run_all_tasks",
    "run_comparison",
    "schema",
    "slice_columns",
    "stored",
    "verify",
]
