"""Run an experiment: read the data, plan, run the missing trials, and complete the run directory."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from visiontk.core import Fold, Samples, Task, Trial, package_of
from visiontk.errors import ResumeError
from visiontk.harness.environment import environment
from visiontk.harness.executor import Executor
from visiontk.harness.experiment import Experiment
from visiontk.harness.files import write_file
from visiontk.harness.offers import with_offers
from visiontk.harness.plan import folds_of, plan, resolve_folds
from visiontk.harness.progress import ProgressMonitor, ShowProgress
from visiontk.harness.store import DATA, EXPERIMENT, GROUPS, PLANNED, SLICES, VOTES, RunDirectory
from visiontk.harness.study import Study
from visiontk.harness.tuning import Tuning

MAX_NAMED = 50
"""Groups or official folds up to which each has separate results."""


class Prepared(NamedTuple):
    """An experiment with its data and trials, before training."""

    experiment: Experiment
    samples: Samples
    fits: list[Trial]


def prepare(experiment: Experiment, task: Task, *, version: str, studies: Sequence[Study] = ()) -> Prepared:
    """Read the data, check every fold, list the trials. Writes nothing."""
    samples = task.dataset(experiment.dataset)(**experiment.dataset_parameters)
    experiment, samples = with_offers(experiment, task, samples)
    experiment = resolve_folds(experiment, samples)
    assert experiment.folds is not None
    folds_of(task, samples, experiment.folds, experiment.max_train)
    return Prepared(experiment, samples, plan(experiment, task, samples, version=version, studies=studies))


def drive(
    prepared: Prepared,
    task: Task,
    out: Path,
    *,
    executor: Executor,
    show: ShowProgress = lambda progress: None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> RunDirectory:
    """Run every trial that is not done and complete the run directory, except for the report.

    `task` is used by executors that run in this process; `show` is called about twice a second. `columns` slice the
    results: by name, the value of each sample by its id; each is stored with whether it was chosen before the test set
    was read.
    """
    trials = prepared.fits
    store = RunDirectory(out.absolute())  # a learner may change the current folder
    _check_same_run(store, prepared)  # before locking, which writes
    with store.locked():
        _check_same_run(store, prepared)  # another driver may have written it meanwhile
        _describe(store, prepared, task)
        _write_slices(store, columns or {})
        store.tidy()
        tuning = Tuning(prepared.experiment, task, trials, store) if prepared.experiment.search > 1 else None
        follow_up = [] if tuning is None else tuning.waiting()
        pending = [*(trial for trial in trials if not store.is_done(trial)), *follow_up]
        monitor = ProgressMonitor(store, len(trials) + len(follow_up), pending, executor.slots, show, tuning)
        monitor.report([])
        # Closed here, so that workers have stopped before the lock is released.
        with closing(executor(pending, store, task=task, tick=monitor.report, then=monitor.then)) as endings:
            for trial, reason in endings:
                monitor.ended(trial, reason)
        if tuning is not None:
            tuning.write()
            configured = {trial.key for trial in trials}
            _write_plan(store, [*trials, *(trial for trial in tuning.finals() if trial.key not in configured)])
        monitor.report([])
        store.tidy()
    return store


def _check_same_run(store: RunDirectory, prepared: Prepared) -> None:
    if not (store.path / DATA).exists():
        # It is written first: without it the other files are not ours.
        for name in ("experiment.yaml", "environment.json", "plan.json", "results.json", "report.html"):
            if (store.path / name).exists():
                raise ResumeError(
                    f"{store.path}: holds {name} but no data.json, so it is not a run directory; nothing was written.",
                    error_id="E-RESUME-FOREIGN",
                    hint="Choose another folder with --out.",
                )
        return
    value = store.read_json(DATA)
    stored = value if isinstance(value, dict) else {}
    requested = {
        "task": prepared.experiment.task,
        "dataset": prepared.experiment.dataset,
        "fingerprint": prepared.samples.card.fingerprint,
    }
    for name, value in requested.items():
        if stored.get(name) != value:
            raise ResumeError(
                f"{store.path}: holds a run with {name} {stored.get(name)!r}; this one has {value!r}.",
                error_id="E-RESUME-MISMATCH",
                hint="Choose another folder with --out.",
            )


def _describe(store: RunDirectory, prepared: Prepared, task: Task) -> None:
    """Write the description of data, experiment, environment, plan and groups."""
    experiment, samples, trials = prepared
    store.write_json(DATA, _description(experiment, samples, task))
    document = yaml.safe_dump(experiment.as_document(), sort_keys=False, allow_unicode=True)
    write_file(store.path / EXPERIMENT, document)
    if not store.n_readings():
        write_file(store.path / PLANNED, document)
    store.write_json("environment.json", environment())
    _write_plan(store, trials)
    if samples.groups is not None:
        # By number: the name of a group may be that of a patient.
        _, number = np.unique(samples.groups, return_inverse=True)
        store.write_json(GROUPS, dict(zip(samples.ids.tolist(), number.tolist(), strict=True)))
    if samples.votes is not None:
        _write_votes(store, experiment, samples, task)


def _description(experiment: Experiment, samples: Samples, task: Task) -> dict[str, Any]:
    assert experiment.folds is not None
    folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    package = package_of(task.dataset(experiment.dataset))
    return {
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
        # train and valid of the first fold; those of the others have about the same counts.
        "counts": {
            "train": samples.subset(folds[0].train).counts().tolist(),
            "valid": samples.subset(folds[0].valid).counts().tolist(),
            "test": samples.subset(np.concatenate([fold.test for fold in folds])).counts().tolist(),
        },
        "metrics": {
            name: {"kind": metric.kind, "higher_is_better": metric.higher_is_better}
            for name, metric in task.metrics.items()
        },
    }


def _write_votes(store: RunDirectory, experiment: Experiment, samples: Samples, task: Task) -> None:
    """Write the repeated labels of the test samples, for the ceiling of the accuracy."""
    assert experiment.folds is not None
    folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    test = samples.subset(np.unique(np.concatenate([fold.test for fold in folds])))
    assert test.votes is not None
    rule = {name: getattr(test.votes, name) for name in ("rule", "least", "share")}
    counts = dict(zip(test.ids.tolist(), test.votes.counts.tolist(), strict=True))
    store.write_json(VOTES, {**rule, "counts": counts})


def _write_slices(store: RunDirectory, columns: Mapping[str, Mapping[str, str]]) -> None:
    """Add columns to those stored; a new or changed one counts as chosen before only if test was not read yet."""
    if not columns:
        return
    stored: dict[str, Any] = {}
    late = store.n_readings() > 0
    if (store.path / SLICES).is_file():
        try:
            stored = dict(store.read_json(SLICES))
        except (ResumeError, TypeError, ValueError):
            stored = {}  # damaged: the columns count as new
    for name, values in columns.items():
        same = isinstance(stored.get(name), dict) and stored[name].get("values") == values
        stored[name] = stored[name] if same else {"chosen": "after" if late else "before", "values": dict(values)}
    store.write_json(SLICES, stored)


def _write_plan(store: RunDirectory, trials: Sequence[Trial]) -> None:
    store.write_json("plan.json", [json.loads(trial.to_json()) for trial in trials])


def _unit_names(samples: Samples, folds: Sequence[Fold]) -> dict[str, list[str] | None]:
    """Return the names of groups and official folds, if there are few.

    Those of a user's own data are numbered: the name of a group may be that of a patient.
    """
    groups = None if samples.groups is None else np.unique(samples.groups).tolist()
    parts = None
    if samples.parts is not None and len(folds) > 1:
        parts = ["/".join(np.unique(samples.parts[fold.test]).tolist()) for fold in folds]

    def shown(kind: str, names: list[str] | None) -> list[str] | None:
        if names is None or len(names) > MAX_NAMED:
            return None
        return [f"{kind} {i + 1}" for i in range(len(names))] if samples.card.origin == "own" else names

    return {"group_names": shown("group", groups), "fold_names": shown("fold", parts)}


def _split_name(samples: Samples, n_folds: int) -> str:
    if samples.parts is not None:
        return "official split" if n_folds == 1 else f"{n_folds} official folds"
    return "hold-out of 20 %" if n_folds == 1 else f"{n_folds} folds"
