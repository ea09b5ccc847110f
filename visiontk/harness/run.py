"""One trial: a function of a JSON value. The same trial gives the same predictions anywhere."""

from __future__ import annotations

import contextlib
import json
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from visiontk.core import FitReport, Floats, Learner, Samples, Task, Trial
from visiontk.errors import DataError, EnvironmentFault
from visiontk.harness.plan import folds_of
from visiontk.harness.store import Cost, Outcome, Predictions
from visiontk.registry import get_task

ALONE, ALONE_S = 9, 0.25
"""Samples that are predicted one by one to be timed, and seconds after which no further one is."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VISIONTK_THREADS")


def run(
    trial: Trial, *, workdir: Path, task: Task | None = None, reading: Callable[[], None] = lambda: None
) -> Outcome:
    """Fit a learner on train and valid, predict test once, or not at all where the trial says so.

    Parameters
    ----------
    trial : Trial
        Decides everything.
    workdir : Path
        For checkpoints and progress; what an interrupted call left there is continued.
    task : Task, optional
        By default found by the trial's task name.
    reading : callable
        Called just before the test part is given to the learner.

    Returns
    -------
    Outcome
        Predictions of the valid and test parts (those of test are empty where it was not read), costs, and the
        history by epoch.

    Raises
    ------
    DataError
        If the data are not those that were planned, or the learner returns something that is no score.
    EnvironmentFault
        If packages are installed in other versions than those that were planned.
    """
    task = get_task(trial.task) if task is None else task
    _check_packages(task, trial)
    workdir.mkdir(parents=True, exist_ok=True)
    with pinned_threads(trial.threads), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parameters = json.dumps(dict(trial.dataset_parameters), sort_keys=True)
        samples = _load(task, trial.dataset, parameters, trial.fingerprint)
        fold = folds_of(task, samples, trial.n_folds, trial.max_train, draw=trial.draw)[trial.fold]
        train, valid, test = (samples.subset(part) for part in fold)
        # Building imports the frameworks: that is no cost of the fit.
        learner = task.learner(trial.learner)(**trial.parameters)
        _forget_peak_memory()
        wall, cpu = time.perf_counter(), time.process_time()
        report = learner.fit(train, valid, seed=trial.seed, workdir=workdir, budget_s=trial.budget_s)
        fit_wall_s, fit_cpu_s = time.perf_counter() - wall, time.process_time() - cpu
        if not isinstance(report, FitReport):
            raise TypeError(f"fit returned a {type(report).__name__}, expected a FitReport.")
        fit_cpu_s = max(fit_cpu_s, float(report.cpu_s))
        # Valid first: it warms up whatever is compiled on first use, so the timed call is the steady state.
        wall = time.perf_counter()
        valid_scores = _checked(learner.predict(valid.blind()), valid)
        predict_s, n_predicted = time.perf_counter() - wall, len(valid)
        alone_ms = _alone_ms(learner, valid) if trial.test else None
        if trial.test:
            reading()
            wall = time.perf_counter()
            scores = _checked(learner.predict(test.blind()), test)
            predict_s, n_predicted = time.perf_counter() - wall, len(test)
        else:
            test = test.subset(np.empty(0, np.int64))
            scores = np.empty((0, samples.n_classes))
    cost = Cost(
        fit_cpu_s=fit_cpu_s,
        fit_wall_s=fit_wall_s,
        predict_ms_per_sample=1000 * predict_s / n_predicted,
        n_parameters=_whole(report.n_parameters),
        size_bytes=_whole(report.size_bytes),
        peak_memory_bytes=_peak_memory(),
        cut_off=bool(report.cut_off) or fit_cpu_s > trial.budget_s,
        notes=tuple(dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught if _worth_telling(w))),
        n_train=len(train),
        predict_ms_alone=alone_ms,
    )
    history = workdir / "history.csv"
    return Outcome(
        Predictions(test.ids, test.y, scores, valid.ids, valid.y, valid_scores),
        cost,
        history.read_text("utf-8") if history.exists() else "",
    )


def _alone_ms(learner: Learner, valid: Samples) -> float:
    """Median milliseconds to predict one sample that comes alone, after one that lets compile what is to be."""
    learner.predict(valid.subset(np.zeros(1, np.int64)).blind())
    taken: list[float] = []
    for i in range(min(ALONE, len(valid))):
        one = valid.subset(np.array([i])).blind()
        wall = time.perf_counter()
        learner.predict(one)
        taken.append(time.perf_counter() - wall)
        if sum(taken) > ALONE_S:
            break
    return 1000 * float(np.median(taken))


@contextlib.contextmanager
def pinned_threads(n: int) -> Iterator[None]:
    """Limit BLAS, OpenMP and TensorFlow to `n` threads while the context lasts.

    Libraries that are loaded already are limited by threadpoolctl; those that are loaded later read
    the variables; the network learner reads ``VISIONTK_THREADS``.
    """
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, str(n)))
    try:
        with threadpool_limits(n):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@lru_cache(maxsize=1)
def _load(task: Task, dataset: str, parameters: str, fingerprint: str) -> Samples:
    # A worker runs many trials on one data set: read it once. Nothing can change it, samples are frozen.
    samples = task.dataset(dataset)(**json.loads(parameters))
    if samples.card.fingerprint != fingerprint:
        raise DataError(
            f"{dataset}: the data have changed since they were planned "
            f"(fingerprint {samples.card.fingerprint}, planned {fingerprint}).",
            error_id="E-DATA-CHANGED",
        )
    return samples


def _check_packages(task: Task, trial: Trial) -> None:
    here, planned = task.packages(trial.dataset, trial.learner), dict(trial.packages)
    if here != planned:
        raise EnvironmentFault(
            f"{trial.learner}: planned with {_named(planned)}, but here it is from {_named(here)}.",
            error_id="E-PLUGIN-CHANGED",
            hint="The same command plans anew with what is installed now.",
        )


def _named(packages: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in packages.items()) or "visiontk alone"


def _checked(scores: Floats, samples: Samples) -> Floats:
    expected = (len(samples), samples.n_classes)
    if np.shape(scores) != expected:
        raise DataError(f"predict returned shape {np.shape(scores)}, expected {expected}.", error_id="E-SCORES-SHAPE")
    scores = np.asarray(scores)
    if scores.dtype.kind not in "fiub":
        raise DataError(f"predict returned {scores.dtype}, expected real numbers.", error_id="E-SCORES-TYPE")
    with np.errstate(over="ignore"):
        kept = scores.astype(np.float32)  # as the store keeps them: 1e39 is infinite there
    if not np.isfinite(kept).all():
        bad = int((~np.isfinite(kept)).any(axis=1).sum())
        raise DataError(
            f"predict returned numbers that are not finite for {bad} of {len(samples)} samples.",
            error_id="E-SCORES-NONFINITE",
        )
    return scores


def _whole(value: int | None) -> int | None:
    return None if value is None else int(value)  # NumPy's integers are no JSON values


def _worth_telling(warning: warnings.WarningMessage) -> bool:
    # What a user can act on: a fit that did not converge, a number that is not what it seems.
    return issubclass(warning.category, (UserWarning, RuntimeWarning))


def _forget_peak_memory() -> None:
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self/clear_refs").write_text("5")


def _peak_memory() -> int | None:
    """Largest resident set since `_forget_peak_memory`, in bytes; None where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None
