"""An experiment carried out: read the data, plan, run what is not there yet, and leave a run directory."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import yaml

from visiontk.core import Fold, Samples, Task, Trial, package_of
from visiontk.errors import ConfigError, ResumeError, unknown
from visiontk.harness.environment import environment
from visiontk.harness.executors import ExecutorName, execute
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import folds_of, plan, settled
from visiontk.harness.store import DATA, GROUPS, SLICES, RunDirectory, write_file
from visiontk.harness.tuning import Tuning

MOST_NAMED = 50
"""Groups or published folds up to which each has results of its own."""


class Progress(NamedTuple):
    """Where a run stands: trials done, failed and planned, what is running, and seconds left (None: unknown)."""

    n_done: int
    n_failed: int
    n_planned: int
    running: tuple[str, ...]
    left_s: float | None


class Prepared(NamedTuple):
    """An experiment with its data and trials, before anything is trained."""

    experiment: Experiment
    samples: Samples
    fits: list[Trial]


def prepare(experiment: Experiment, task: Task, *, version: str) -> Prepared:
    """Read the data, check every fold, list the trials. Writes nothing.

    Raises
    ------
    DataError
        If the data or their folds cannot be used.
    """
    samples = task.dataset(experiment.dataset)(**experiment.dataset_parameters)
    experiment = settled(experiment, samples)
    assert experiment.folds is not None
    folds_of(task, samples, experiment.folds, experiment.max_train)
    return Prepared(experiment, samples, plan(experiment, task, samples, version=version))


def drive(
    prepared: Prepared,
    task: Task,
    out: Path,
    *,
    executor: ExecutorName = "processes",
    workers: int = 2,
    show: Callable[[Progress], None] = lambda progress: None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> RunDirectory:
    """Run every trial that is not done and leave the run directory complete but for the report.

    `columns` are what results will be shown by: by name, the value of each sample by its id. They are kept with whether
    they were named before test was read.

    Raises
    ------
    ConfigError
        If there is no such executor, or less than one worker.
    BusyError
        If another process works on the directory.
    ResumeError
        If the directory holds another task, other data or files of somebody else.
    StoreError
        If the disk does not take results; what is done stays.
    """
    if executor not in get_args(ExecutorName):
        raise unknown("executor", executor, get_args(ExecutorName))
    if workers < 1:
        raise ConfigError(f"workers: {workers} given; expected 1 or more.", error_id="E-CONFIG-VALUE")
    trials = prepared.fits
    store = RunDirectory(out.absolute())  # a learner may change the current folder
    _belongs(store, prepared)  # before the lock, which writes
    with store.locked():
        _belongs(store, prepared)  # another driver may have been quicker
        _describe(store, prepared, task)
        _keep(store, trials, columns or {})
        store.tidy()
        tuning = Tuning(prepared.experiment, task, trials, store) if prepared.experiment.search > 1 else None
        followers = [] if tuning is None else tuning.waiting()
        pending = [*(trial for trial in trials if not store.is_done(trial)), *followers]
        team = workers if executor == "processes" else 1
        watch = _Watch(store, len(trials) + len(followers), pending, team, show, tuning)
        watch.report([])
        # Closed here and now, so that workers are gone before the lock is.
        with closing(
            execute(executor, pending, store, task=task, workers=workers, tick=watch.report, then=watch.then)
        ) as endings:
            for trial, reason in endings:
                watch.ended(trial, reason)
        if tuning is not None:
            tuning.write()
            given = {trial.key for trial in trials}
            _write_plan(store, [*trials, *(trial for trial in tuning.finals() if trial.key not in given)])
        watch.report([])
        store.tidy()
    return store


def _belongs(store: RunDirectory, prepared: Prepared) -> None:
    if not (store.path / DATA).exists():
        # It is the first of these to be written: without it they are somebody else's.
        for name in ("experiment.yaml", "environment.json", "plan.json", "results.json", "report.html"):
            if (store.path / name).exists():
                raise ResumeError(
                    f"{store.path}: holds {name} but no data.json, so it is no run directory; nothing was written.",
                    error_id="E-RESUME-FOREIGN",
                    hint="Choose another folder with --out.",
                )
        return
    there = store.read_json(DATA)
    there = there if isinstance(there, dict) else {}
    here = {
        "task": prepared.experiment.task,
        "dataset": prepared.experiment.dataset,
        "fingerprint": prepared.samples.card.fingerprint,
    }
    for name, value in here.items():
        if there.get(name) != value:
            raise ResumeError(
                f"{store.path}: holds a run with {name} {there.get(name)!r}; this one has {value!r}.",
                error_id="E-RESUME-MISMATCH",
                hint="Choose another folder with --out.",
            )


def _describe(store: RunDirectory, prepared: Prepared, task: Task) -> None:
    experiment, samples, trials = prepared
    assert experiment.folds is not None
    folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    package = package_of(task.dataset(experiment.dataset))
    document = yaml.safe_dump(experiment.as_document(), sort_keys=False, allow_unicode=True)
    store.write_json(
        DATA,
        {
            **dataclasses.asdict(samples.card),
            "synthetic": samples.card.synthetic,
            "task": experiment.task,
            "task_version": task.version,
            "dataset": experiment.dataset,
            "package": None if package is None else package._asdict(),
            "labels": list(samples.labels),
            "split": _split_name(samples, experiment.folds),
            "n_groups": None if samples.groups is None else len(np.unique(samples.groups)),
            **_unit_names(samples, folds),
            # Of the first fold: with several, train and valid of the others have about the same counts.
            "counts": {
                "train": samples.subset(folds[0].train).counts().tolist(),
                "valid": samples.subset(folds[0].valid).counts().tolist(),
                "test": samples.subset(np.concatenate([fold.test for fold in folds])).counts().tolist(),
            },
            "metrics": {
                name: {"kind": metric.kind, "higher_is_better": metric.higher_is_better}
                for name, metric in task.metrics.items()
            },
        },
    )
    write_file(store.path / "experiment.yaml", document)
    store.write_json("environment.json", environment())
    _write_plan(store, trials)
    if samples.groups is not None:
        # Which samples belong together, not to whom: a group may be the name of a patient.
        _, number = np.unique(samples.groups, return_inverse=True)
        store.write_json(GROUPS, dict(zip(samples.ids.tolist(), number.tolist(), strict=True)))


def _keep(store: RunDirectory, trials: Sequence[Trial], columns: Mapping[str, Mapping[str, str]]) -> None:
    """Keep columns; those of before stay, and one that is new or changed is of before only if test was not read yet."""
    if not columns:
        return
    known: dict[str, Any] = {}
    readings = store.n_readings()
    late = any(store.is_done(trial) for trial in trials) if readings is None else readings > 0
    if (store.path / SLICES).is_file():
        try:
            known = dict(store.read_json(SLICES))
        except (ResumeError, TypeError, ValueError):
            known = {}  # what it said of before is lost
    for name, values in columns.items():
        same = isinstance(known.get(name), dict) and known[name].get("values") == values
        known[name] = known[name] if same else {"chosen": "after" if late else "before", "values": dict(values)}
    store.write_json(SLICES, known)


def _write_plan(store: RunDirectory, trials: Sequence[Trial]) -> None:
    store.write_json("plan.json", [json.loads(trial.to_json()) for trial in trials])


def _unit_names(samples: Samples, folds: Sequence[Fold]) -> dict[str, list[str] | None]:
    """What groups and published folds are called, where they are few.

    Those of a user's own data are numbered: a group may be the name of a patient.
    """
    groups = None if samples.groups is None else np.unique(samples.groups).tolist()
    parts = None
    if samples.parts is not None and len(folds) > 1:
        parts = ["/".join(np.unique(samples.parts[fold.test]).tolist()) for fold in folds]

    def names(kind: str, found: list[str] | None) -> list[str] | None:
        if found is None or len(found) > MOST_NAMED:
            return None
        return [f"{kind} {i + 1}" for i in range(len(found))] if samples.card.origin == "own" else found

    return {"group_names": names("group", groups), "fold_names": names("fold", parts)}


def _split_name(samples: Samples, n_folds: int) -> str:
    if samples.parts is not None:
        return "official split" if n_folds == 1 else f"{n_folds} official folds"
    return "hold-out of 20 %" if n_folds == 1 else f"{n_folds} folds"


class _Watch:
    """Counts trials and estimates the time that is left from what is done and how far the others are."""

    def __init__(
        self,
        store: RunDirectory,
        n_known: int,
        pending: Sequence[Trial],
        workers: int,
        show: Callable[[Progress], None],
        tuning: Tuning | None = None,
    ) -> None:
        self.store = store
        self.tuning = tuning
        self.n_known = n_known
        self.waiting = {trial.key: trial for trial in pending}
        self.n_waiting = Counter(trial.learner for trial in pending)
        self.workers = workers
        self.show = show
        self.n_failed = 0
        self.started: dict[str, float] = {}
        self.first: dict[str, tuple[float, float]] = {}
        self.seconds: dict[str, list[float]] = {}

    def report(self, running: Sequence[Trial]) -> None:
        now = time.monotonic()
        fractions = {}
        words = []
        for trial in running:
            self.started.setdefault(trial.key, now)
            fraction, what = _fraction(self.store.workdir(trial))
            fractions[trial.key] = fraction
            words.append(f"{trial.name} ({what})" if what else trial.name)
        n_done = self.n_known - len(self.waiting) - self.n_failed
        n_planned = self.n_known + sum(self._ahead().values())
        self.show(Progress(n_done, self.n_failed, n_planned, tuple(words), self._left(now, fractions)))

    def then(self, trial: Trial) -> Sequence[Trial]:
        """What follows from a trial that is over."""
        more = [] if self.tuning is None else [each for each in self.tuning.then(trial) if each.key not in self.waiting]
        self.waiting |= {each.key: each for each in more}
        self.n_known += len(more)
        self.n_waiting.update(each.learner for each in more)
        return more

    def _ahead(self) -> Mapping[str, int]:
        return {} if self.tuning is None else self.tuning.n_ahead()

    def ended(self, trial: Trial, reason: str) -> None:
        self.waiting.pop(trial.key)
        self.n_waiting[trial.learner] -= 1
        self.n_failed += bool(reason)
        took = time.monotonic() - self.started.pop(trial.key, time.monotonic())
        self.seconds.setdefault(trial.learner, []).append(took)

    def _left(self, now: float, fractions: dict[str, float]) -> float | None:
        """Seconds; None until every learner that is left has ended once or shown how fast it is: others say nothing."""
        known = {name: float(np.mean(values)) for name, values in self.seconds.items()}
        for key, fraction in fractions.items():
            # The clock of a fit starts with its first step: what it imports before is no measure of its speed.
            first, done = self.first.setdefault(key, (now, fraction)) if fraction else (now, fraction)
            if fraction > done:
                whole = first - self.started[key] + (now - first) / (fraction - done) * (1 - done)
                known.setdefault(self.waiting[key].learner, whole)
        ahead = Counter(self._ahead())
        ahead.update(self.n_waiting)
        if not set(+ahead) <= set(known):
            return None
        total = sum(n * known[learner] for learner, n in (+ahead).items())
        for key in fractions:
            total -= min(now - self.started[key], 0.98 * known[self.waiting[key].learner])
        return total / self.workers


def _fraction(workdir: Path) -> tuple[float, str]:
    try:
        value: dict[str, Any] = json.loads((workdir / "progress.json").read_bytes())
        fraction, text = float(value["done"]) / float(value["total"]), str(value["text"])
    except (OSError, ValueError, KeyError, TypeError, ZeroDivisionError):
        return 0.0, ""
    return (fraction if 0 <= fraction <= 1 else 0.0), text
