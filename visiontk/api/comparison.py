"""The comparison as a Python function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, overload

from typing_extensions import Unpack

from visiontk.api.all_tasks import ALL, RequestAll, run_all_tasks
from visiontk.api.all_tasks_result import AllTasksResult
from visiontk.api.predicted import PredictionChoices, compare_predictions
from visiontk.api.python_objects import path_of
from visiontk.api.request import Request, run_comparison
from visiontk.api.run_result import Result
from visiontk.api.settings import Settings
from visiontk.api.slice_columns import slice_columns
from visiontk.api.user_data import named_guesses
from visiontk.errors import did_you_mean
from visiontk.executors import ExecutorName
from visiontk.harness.drive import prepare
from visiontk.harness.experiment import SETTINGS, USER_DATA
from visiontk.harness.progress import Progress
from visiontk.harness.setting import members
from visiontk.studies import STUDIES
from visiontk.version import VERSION


@overload
def compare(
    target: str | Path,
    *,
    out: str | Path | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
    audit: bool = True,
    **settings: Unpack[Settings],
) -> Result | AllTasksResult: ...


@overload
def compare(
    *, predictions: Mapping[str, Any], out: str | Path | None = None, **settings: Unpack[PredictionChoices]
) -> Result: ...


def compare(
    target: str | Path | None = None,
    *,
    predictions: Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    executor: ExecutorName = "processes",
    workers: int | None = None,
    show: Callable[[Progress], None] = lambda progress: None,
    audit: bool = True,
    **settings: Any,
) -> Result | AllTasksResult:
    """Compare networks and traditional learners on the same splits with the same budget.

    Trials that are in the run directory already are not run again. With `predictions`, nothing is fitted: models that
    were fitted elsewhere are compared by their predictions.

    Parameters
    ----------
    target : str or Path
        A task, a config file, a folder of class folders or a table; or ``"all"``: every task on its first dataset,
        for which only settings are accepted that mean the same for every task.
    predictions : mapping of str to path, DataFrame or array
        In place of a target: predictions by the name of the model. `settings` are then those of
        `visiontk.api.predicted.compare_predictions`, such as ``y`` (true classes), ``groups`` and ``metric``.
    out : path, optional
        The run directory; by default ``runs/<task>-<dataset>``, ``runs/all``, or ``runs/predictions-<hash>``.
    executor : {"processes", "serial"}
        Worker processes, or this process.
    workers : int, optional
        Fits at a time; by default as many as processors divided by threads.
    show : callable, optional
        Called with `Progress` about twice a second.
    audit : bool
        If True, audit the data first, see ``docs/audit.md``. The findings are stored, so that this costs once.
    settings
        As in a config, see `visiontk.api.Settings`; a setting that is None is left to the config or its default.

    Returns
    -------
    Result or AllTasksResult
        With table, verdicts and report. The report is written to the run directory. `AllTasksResult`, for ``"all"``,
        has one row per task and a `Result` for each.

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
    if predictions is not None:
        return _compare_predictions(target, predictions, out, settings)
    if target is None:
        raise TypeError("compare() needs a target, such as a task or a folder, or predictions.")
    values = as_in_config(settings)
    target = path_of(target)
    if target == ALL:
        request_all = RequestAll(values)
        members = request_all.prepare()
        return run_all_tasks(members, request_all, out=out, executor=executor, workers=workers, show=show, audit=audit)
    request = Request(target, values)
    task, experiment = request.read()
    slice_columns(experiment)  # a misspelt column is refused before data are read
    with named_guesses(request.user_data):
        prepared = prepare(experiment, task, version=VERSION, studies=STUDIES)
    return run_comparison(prepared, task, out=out, executor=executor, workers=workers, show=show, audit=audit)


def _compare_predictions(
    target: str | Path | None, predictions: Mapping[str, Any], out: str | Path | None, settings: Mapping[str, Any]
) -> Result:
    if target is not None:
        raise TypeError("compare() takes a target or predictions, not both.")
    known = PredictionChoices.__annotations__
    for name in settings:
        if name not in known:
            raise TypeError(f"compare() has no argument {name!r} for predictions. {did_you_mean(name, known)}")
    return compare_predictions(predictions, out=out, **settings)


def as_in_config(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments as values of a config: a list for any sequence, nothing for None."""
    known = SETTINGS | USER_DATA
    values: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in known:
            raise TypeError(f"compare() has no argument {name!r}. {did_you_mean(name, known)}")
        if value is None:
            continue
        kinds = [getattr(kind, "__origin__", kind) for kind, _ in members(known[name].form)]
        if list in kinds and isinstance(value, str) and str not in kinds:
            value = [value]
        elif isinstance(value, Iterable) and not isinstance(value, str | Mapping):
            value = list(value)
        values[name] = value
    return values


def _signature() -> inspect.Signature:
    """Return the signature of `compare` with every setting by name, for notebooks."""
    own = inspect.signature(compare)
    named = [each for each in own.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    settings = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in {**PredictionChoices.__annotations__, **Settings.__annotations__}.items()
    ]
    return own.replace(parameters=[*named, *settings])


compare.__signature__ = _signature()  # type: ignore[attr-defined]
