"""The comparison as a Python function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from visiontk.api.audited import Audited, audit_of
from visiontk.api.audited import audit as audit_data
from visiontk.api.combined import ALL, Combined, RequestAll, carry_out_all, is_combined, open_all
from visiontk.api.config_schema import schema
from visiontk.api.preview import Planned, as_value, look_ahead, planned
from visiontk.api.several import Across, across
from visiontk.api.single import COSTS, VERDICTS, Request, Result, carry_out, default_out, open_single
from visiontk.api.sliced import own_columns
from visiontk.api.verified import Verified, verify
from visiontk.api.written import written
from visiontk.errors import ConfigError
from visiontk.executors import ExecutorName
from visiontk.harness.drive import prepare
from visiontk.harness.progress import Progress
from visiontk.report.evidence.view import View
from visiontk.version import VERSION


def compare(
    target: str | Path,
    *,
    task: str | None = None,
    dataset: str | Mapping[str, Any] | None = None,
    learners: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
    seeds: int | Sequence[int] | None = None,
    folds: int | None = None,
    preset: str | None = None,
    budget: str | float | None = None,
    trials: int | None = None,
    curve: int | None = None,
    reference: str | None = None,
    margin: float | None = None,
    imbalance: str | None = None,
    calibration: str | None = None,
    threshold: str | float | None = None,
    max_train: int | None = None,
    threads: int | None = None,
    out: str | Path | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
    label: str | None = None,
    group: str | None = None,
    split: str | None = None,
    time: str | None = None,
    text: str | None = None,
    path: str | None = None,
    slices: Sequence[str] | None = None,
    audit: bool = True,
) -> Result | Combined:
    """Compare networks and traditional learners on the same splits with the same budget.

    Trials that are in the run directory already are not run again.

    Parameters
    ----------
    target : str or Path
        A task, a config file, a folder of class folders or a table; or ``"all"``: every task on its first data set,
        for which `task`, `dataset`, `learners` and `reference` are refused, as they differ from task to task.
    task : str, optional
        For a folder or table: which task compares it, by default the general one for its kind of files.
    dataset : str or mapping, optional
        By default the first of the task, which is embedded. A mapping has ``name`` and parameters.
    learners : sequence of str, or mapping of str to parameters, optional
        By default those that the task names.
    seeds : int or sequence of int, optional
        How many fits per fold and learner, or with which seeds.
    folds : int, optional
        For data without an official split, 1 to 100. 1 holds out a fifth.
    preset : {"quick", "standard", "thorough"}, optional
        Sets seeds, folds, budget and the number of training samples where they are not given.
    budget : str or float, optional
        CPU time per fit: seconds, or a text such as "10m"; with a search, of all fits of a learner on a fold.
    trials : int, optional
        Search: every learner tries up to this many configurations on each fold, its default first; the best on valid
        is fitted with every seed and tested. By default as the preset says: 1 (no search), or 20 for "thorough".
    curve : int, optional
        Learning curve: every learner is also fitted on a half, a quarter and so on of train, each drawn so many times.
    reference : str, optional
        The learner that others are compared with; by default the traditional one that does best on valid.
    margin : float, optional
        A difference of no practical importance, 0 to below 1; by default 0.01, which is one point.
    imbalance : {"none", "balanced"}, optional
        Weights of classes, for every learner alike.
    calibration : {"none", "temperature", "isotonic"}, optional
        What is made of the scores of every learner by its valid part; by default nothing. The report shows all three.
    threshold : {"largest", "youden"} or float, optional
        For two classes: where the second is called, by valid; a number is the sensitivity that is required there.
    max_train : int, optional
        At most this many training samples, drawn by class.
    threads : int, optional
        Per fit.
    out : path, optional
        The run directory; by default ``runs/<task>-<dataset>``, or ``runs/all``.
    executor : {"processes", "serial"}
        Worker processes, or this process.
    workers : int, optional
        By default as many as processors divided by threads.
    show : callable, optional
        Called with `Progress` about twice a second.
    label, group, split, time, text, path : str, optional
        For a folder or table of your own: which column is what, where that is not found out; ``"none"`` for no
        group or split. The group may be a part of the names of files too: ``"name:2"``, ``"name"``, ``"folder"``.
    slices : sequence of str, optional
        Columns of your own table by which results are shown too, such as ``["scanner", "age"]``; no learner sees them.
    audit : bool
        Whether the data are audited first, see ``docs/audit.md``; what was found is kept, so that it costs once.

    Returns
    -------
    Result or Combined
        With table, verdicts and report. The report is written to the run directory. `Combined`, for ``"all"``, has
        one row a task and a `Result` for each.

    Raises
    ------
    ConfigError, DataError, EnvironmentFault, ResumeError, StoreError, BusyError
        See `visiontk.errors`.

    References
    ----------
    .. [1] Dietterich (1998), Approximate statistical tests for comparing supervised classification
       learning algorithms, Neural Computation 10, 1895: why one split and one seed are not enough.

    Examples
    --------
    >>> import tempfile
    >>> result = compare("image_classification", learners=["prior", "logistic"], preset="quick",
    ...                  out=tempfile.mkdtemp(), executor="serial", audit=False)
    >>> result.table()["learner"].tolist()
    ['logistic', 'prior']
    """
    given = {
        "task": task,
        "dataset": dataset,
        "learners": [learners]
        if isinstance(learners, str)
        else learners
        if learners is None or isinstance(learners, Mapping)
        else list(learners),
        "seeds": seeds if seeds is None or isinstance(seeds, int) else list(seeds),
        "folds": folds,
        "preset": preset,
        "budget": budget,
        "trials": trials,
        "curve": curve,
        "reference": reference,
        "margin": margin,
        "imbalance": imbalance,
        "calibration": calibration,
        "threshold": threshold,
        "max_train": max_train,
        "threads": threads,
        "label": label,
        "group": group,
        "split": split,
        "time": time,
        "text": text,
        "path": path,
        "slices": [slices] if isinstance(slices, str) else slices if slices is None else list(slices),
    }
    settings = {name: value for name, value in given.items() if value is not None}
    if target == ALL:
        everything = RequestAll(settings)
        members = everything.prepare()
        return carry_out_all(members, everything, out=out, executor=executor, workers=workers, show=show, audit=audit)
    request = Request(str(target), settings)
    chosen, experiment = request.read()
    own_columns(experiment)  # a misspelt column is refused before data are read
    prepared = prepare(experiment, chosen, version=VERSION)
    return carry_out(prepared, chosen, request, out=out, executor=executor, workers=workers, show=show, audit=audit)


def open_run(
    path: str | Path,
    *,
    metric: str = "",
    group: str = "",
    calibration: str = "",
    threshold: str | float = "",
    slices: Sequence[str] = (),
) -> Result | Combined:
    """Compute the results of a run directory anew from its predictions; nothing is trained.

    It may have been moved, or lie on a disk that cannot be written.

    Parameters
    ----------
    path : path-like
        The run directory.
    metric : str
        The metric that is compared, if another than that of the run. The result then says so, and is not stored.
    group : str
        What counts as independent, if something else than in the run: ``group``, ``sample``, ``fold``, or
        ``FILE.csv:COLUMN`` for a table with the columns id and COLUMN.
    calibration : str
        Of the scores of every learner, by valid: ``none``, ``temperature`` or ``isotonic``.
    threshold : str or float
        For two classes: ``largest``, ``youden``, or the sensitivity that is required on valid.
    slices : sequence of str
        Columns by which results are shown too, each as ``FILE.csv:COLUMN``. The result then says that they were chosen
        after the run.

    Raises
    ------
    ResumeError
        If files of the run directory are missing or damaged.
    ConfigError
        If it is no run directory, if there is no such metric, group or column, or if the directory holds several tasks
        and one is asked for.
    """
    view = View(metric, group, calibration, threshold, tuple(slices))
    if not is_combined(path):
        return open_single(path, view)
    if view:
        raise ConfigError(
            f"{path}: holds several tasks; another look is taken at one of them.",
            error_id="E-REPORT-ALL",
            hint="Name the folder of the task in it.",
        )
    return open_all(path)


__all__ = [
    "ALL",
    "COSTS",
    "VERDICTS",
    "Across",
    "Audited",
    "Combined",
    "Planned",
    "Request",
    "RequestAll",
    "Result",
    "Verified",
    "across",
    "as_value",
    "audit_data",
    "audit_of",
    "carry_out",
    "carry_out_all",
    "compare",
    "default_out",
    "look_ahead",
    "open_run",
    "own_columns",
    "planned",
    "schema",
    "verify",
    "written",
]
