"""Run one trial: the same trial gives the same predictions on any machine."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from visiontk.core import FitReport, Floats, Learner, Samples, Task, Trial, shuffled_labels
from visiontk.errors import DataError
from visiontk.harness.models import save_model
from visiontk.harness.outcome import MODEL, Cost, Outcome, Predictions
from visiontk.harness.packages import check_packages
from visiontk.harness.plan import folds_of
from visiontk.harness.threads import pinned_threads
from visiontk.registry import get_task

MAX_SINGLE, MAX_SINGLE_S = 9, 0.25
"""Samples that are predicted one at a time to measure latency, and seconds after which measuring stops."""


def run(
    trial: Trial,
    *,
    workdir: Path,
    task: Task | None = None,
    reading: Callable[[], None] = lambda: None,
    keep: bool = False,
) -> Outcome:
    """Fit a learner on train and valid, then predict test once, or not at all if the trial says so.

    An interrupted fit is resumed from `workdir`. `task` is by default the installed one that the trial names; `reading`
    is called just before the learner sees the test set. With `keep`, the fitted learner is saved into `workdir`.
    """
    task = get_task(trial.task) if task is None else task
    check_packages(task, trial)
    workdir.mkdir(parents=True, exist_ok=True)
    with pinned_threads(trial.threads), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        samples = _load(task, trial.dataset, json.dumps(dict(trial.dataset_parameters), sort_keys=True),
                        trial.fingerprint)  # fmt: skip
        samples = dataclasses.replace(samples, votes=None)  # learners see one target for each sample
        fold = folds_of(task, samples, trial.n_folds, trial.max_train, draw=trial.draw)[trial.fold]
        if trial.shuffle is not None:
            # After the folds, which are thus those of the true labels.
            samples = dataclasses.replace(samples, y=shuffled_labels(samples.y, trial.shuffle, samples.groups))
        train, valid, test = (samples.subset(part) for part in fold)
        # Constructed before the clock starts: this imports frameworks, which is not a cost of the fit.
        learner = task.learner(trial.learner)(**trial.parameters)
        _reset_peak_memory()
        report, fit_cpu_s, fit_wall_s = _timed_fit(learner, train, valid, trial, workdir)
        # Valid first: it warms up whatever is compiled on first use, so that the timed call is the steady state.
        valid_scores, predict_ms = _timed_predict(learner, valid)
        single_ms = _single_ms(learner, valid) if "test" in trial.asks else None
        if "test" in trial.asks:
            reading()
            scores, predict_ms = _timed_predict(learner, test)
        else:
            test = test.subset(np.empty(0, np.int64))
            scores = np.empty((0, samples.n_classes))
    cost = Cost(
        fit_cpu_s=fit_cpu_s,
        fit_wall_s=fit_wall_s,
        predict_ms_per_sample=predict_ms,
        n_parameters=_as_int(report.n_parameters),
        size_bytes=_as_int(report.size_bytes),
        peak_memory_bytes=_peak_memory(),
        cut_off=bool(report.cut_off) or fit_cpu_s > trial.budget_s,
        notes=tuple(dict.fromkeys(f"{w.category.__name__}: {w.message}" for w in caught if _is_relevant(w))),
        n_train=len(train),
        predict_ms_alone=single_ms,
        knew=report.knew,
        input_size=report.input_size,
    )
    history = workdir / "history.csv"
    # After the cost is measured: saving is no part of a fit.
    unsaved = save_model(learner, trial, samples.labels, workdir / MODEL) if keep else ""
    return Outcome(
        Predictions(test.ids, test.y, scores, valid.ids, valid.y, valid_scores),
        cost,
        history.read_text("utf-8") if history.exists() else "",
        model=workdir / MODEL if keep and not unsaved else None,
        unsaved=unsaved,
    )


def _timed_fit(
    learner: Learner, train: Samples, valid: Samples, trial: Trial, workdir: Path
) -> tuple[FitReport, float, float]:
    """Fit; return the report, CPU seconds (those of interrupted attempts included) and wall seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    report = learner.fit(train, valid, seed=trial.seed, workdir=workdir, budget_s=trial.budget_s)
    wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    if not isinstance(report, FitReport):
        raise TypeError(f"fit returned a {type(report).__name__}, expected a FitReport.")
    return report, max(cpu_s, float(report.cpu_s)), wall_s


def _timed_predict(learner: Learner, samples: Samples) -> tuple[Floats, float]:
    """Predict; return validated scores and milliseconds per sample."""
    wall = time.perf_counter()
    scores = _validated(learner.predict(samples.blind()), samples)
    return scores, 1000 * (time.perf_counter() - wall) / len(samples)


def _single_ms(learner: Learner, valid: Samples) -> float:
    """Return the median milliseconds to predict a single sample, after one that warms up."""
    learner.predict(valid.subset(np.zeros(1, np.int64)).blind())
    times: list[float] = []
    for i in range(min(MAX_SINGLE, len(valid))):
        one = valid.subset(np.array([i])).blind()
        wall = time.perf_counter()
        learner.predict(one)
        times.append(time.perf_counter() - wall)
        if sum(times) > MAX_SINGLE_S:
            break
    return 1000 * float(np.median(times))


@lru_cache(maxsize=1)
def _load(task: Task, dataset: str, parameters: str, fingerprint: str) -> Samples:
    # A worker runs many trials on one data set: read it once. Samples are frozen, so sharing them is safe.
    samples = task.dataset(dataset)(**json.loads(parameters))
    if samples.card.fingerprint != fingerprint:
        raise DataError(
            f"{dataset}: the data have changed since planning "
            f"(fingerprint {samples.card.fingerprint}, planned {fingerprint}).",
            error_id="E-DATA-CHANGED",
        )
    return samples


def _validated(scores: Floats, samples: Samples) -> Floats:
    expected = (len(samples), samples.n_classes)
    if np.shape(scores) != expected:
        raise DataError(f"predict returned shape {np.shape(scores)}, expected {expected}.", error_id="E-SCORES-SHAPE")
    scores = np.asarray(scores)
    if scores.dtype.kind not in "fiub":
        raise DataError(f"predict returned {scores.dtype}, expected real numbers.", error_id="E-SCORES-TYPE")
    with np.errstate(over="ignore"):
        stored = scores.astype(np.float32)  # as in the store, where 1e39 is infinite
    if not np.isfinite(stored).all():
        bad = int((~np.isfinite(stored)).any(axis=1).sum())
        raise DataError(
            f"predict returned non-finite scores for {bad} of {len(samples)} samples.",
            error_id="E-SCORES-NONFINITE",
        )
    return scores


def _as_int(value: int | None) -> int | None:
    return None if value is None else int(value)  # NumPy's integers are not JSON values


def _is_relevant(warning: warnings.WarningMessage) -> bool:
    # What a user can act on, such as a fit that did not converge.
    return issubclass(warning.category, (UserWarning, RuntimeWarning))


def _reset_peak_memory() -> None:
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self/clear_refs").write_text("5")


def _peak_memory() -> int | None:
    """Return the largest resident set since `_reset_peak_memory`, in bytes; None if the system does not report it."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None
