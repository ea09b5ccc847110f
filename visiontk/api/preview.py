"""What a comparison would do, before it does it: data, split, fits, time and disk. Nothing is trained or written."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from visiontk.api.single import Request, default_out
from visiontk.api.sliced import own_columns
from visiontk.api.user_data import Unread, UserData
from visiontk.core import Fold, Samples, Task, Trial, about
from visiontk.data.checks.rare_classes import handle_rare_classes
from visiontk.data.layouts.time_split import LATE, LATEST
from visiontk.data.options import ClassOptions
from visiontk.errors import ResumeError
from visiontk.executors import executor_of
from visiontk.harness.drive import Prepared, prepare
from visiontk.harness.plan import MIN_TEST_UNITS, folds_of, n_official_folds, plan, resolve_folds
from visiontk.harness.store import RunDirectory
from visiontk.version import VERSION

MOST_RUNS = 100
"""Run directories beside the new one that are searched for measured costs."""


FEW_GROUPS = 50
"""Groups up to which it is looked at how many of them are tested."""

FOLDS_OFFERED = 10
"""Folds that are proposed at most."""

BESIDE = 8192
"""Bytes of the small files beside the predictions of a fit."""


class Planned(NamedTuple):
    """A comparison that has not begun: its task, experiment, samples and trials, folds, and where it will go."""

    task: Task
    prepared: Prepared
    folds: list[Fold]
    own: UserData | None
    out: Path


def look_ahead(request: Request, *, out: Path | None = None) -> Planned:
    """Plan a comparison. Files of a folder or table of the user's own are named, not opened.

    Raises
    ------
    ConfigError, DataError
        As the comparison itself, but for files that cannot be read.
    """
    task, experiment = request.read()
    own_columns(experiment)
    own = request.own
    if (
        own is None
        or own.recognised is None
        or (own.recognised.kind == "DICOM files" and own.recognised.groups is None)
    ):
        # What they are, or which patient they are of, shows when they are read.
        return planned(task, prepare(experiment, task, version=VERSION), own, out)
    samples = own.samples()
    given = experiment.dataset_parameters
    least, rare = given.get("min_per_class", 1), given.get("on_rare_class", "refuse")
    samples = handle_rare_classes(
        samples, ClassOptions(least, rare), samples.card.name, own.recognised.kind.removesuffix("s")
    )
    experiment = resolve_folds(experiment, samples)
    assert experiment.folds is not None
    try:
        return planned(task, Prepared(experiment, samples, plan(experiment, task, samples, version=VERSION)), own, out)
    except Unread:  # the folds of this task look into the samples
        return planned(task, prepare(experiment, task, version=VERSION), own, out)


def planned(task: Task, prepared: Prepared, own: UserData | None, out: Path | None) -> Planned:
    """The plan of data that were read, in this folder or the one where they go if nobody says."""
    experiment, samples, _ = prepared
    assert experiment.folds is not None
    folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    return Planned(task, prepared, folds, own, out or default_out(experiment))


def as_value(planned: Planned, *, executor: str = "processes", workers: int | None = None) -> dict[str, Any]:
    """The plan as a JSON value, schema 1; see ``docs/own_data.md``."""
    _, (experiment, samples, trials), folds, own, out = planned
    assert experiment.folds is not None
    counts = dict(zip(samples.labels, samples.counts().tolist(), strict=True))
    policy, why = split_policy(samples, experiment.folds, own)
    return {
        "schema": 1,
        "task": experiment.task,
        "dataset": experiment.dataset,
        "recognised": [choice._asdict() for choice in (own.settings if own else ())],
        "notes": list(samples.card.notes),
        "n_samples": len(samples),
        "labels": counts,
        "groups": _groups(samples),
        "split": {
            "policy": policy,
            "why": why,
            "folds": experiment.folds,
            **{f"n_{name}": len(part) for name, part in zip(Fold._fields, folds[0], strict=True)},
        },
        "learners": list(experiment.learners),
        "seeds": list(experiment.seeds),
        "preset": experiment.preset,
        "budget_s": experiment.budget_s,
        "trials": experiment.trials,
        "n_fits": len(trials),
        "n_search_fits_at_most": _n_search_fits(planned),
        "warnings": [*samples.card.warnings, *warnings_on(planned.task, planned.prepared, folds)],
        "time": _time(planned, executor, workers),
        "disk": _disk(planned),
        "out": str(out),
        "config": experiment.as_document(),
    }


def warnings_on(task: Task, prepared: Prepared, folds: Sequence[Fold] | None = None) -> list[str]:
    """What will limit the answer, known before anything is trained, with what to type.

    Parameters
    ----------
    task, prepared
        The comparison.
    folds : sequence of Fold, optional
        Those of the comparison, where they are known already.
    """
    experiment, samples, _ = prepared
    if samples.groups is None or (n_groups := len(np.unique(samples.groups))) > FEW_GROUPS:
        return []
    folds = folds or folds_of(task, samples, experiment.folds or 1, experiment.max_train)
    tested = len(np.unique(samples.groups[np.concatenate([fold.test for fold in folds])]))
    if tested >= MIN_TEST_UNITS:
        return []
    what = f"{tested} of {n_groups} groups {'is' if tested == 1 else 'are'} tested, too few to say who is better"
    if n_official_folds(samples):
        return [f"{what}: the split that is given leaves no more for test"]
    if n_groups < MIN_TEST_UNITS:
        return [f"{what}, and the data have no more: add data of other groups"]
    return [f"{what}: --folds {min(n_groups, FOLDS_OFFERED)} tests all of them"]


def split_policy(samples: Samples, n_folds: int, own: UserData | None) -> tuple[str, str]:
    """How the samples are split, in a word, and why so.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> split_policy(tiny_images(), 5, None)[0]
    'stratified'
    """
    time = own.recognised.columns.get("time") if own and own.recognised else ""
    if time:
        return "by time", (
            f"the latest one in {LATEST} by {time!r} is test, the latest one in {LATE} of the others valid, as you said"
        )
    published = n_official_folds(samples)
    if published == 1:
        given = "the data come with train and test"
        parts = set(np.unique(samples.parts).tolist()) if samples.parts is not None else set()
        return "official", given + ("" if "valid" in parts else "; a tenth of train is valid")
    if published:
        return "official folds", f"the data come in {published} folds, each of which is test in turn"
    whole = "one part in five is test" if n_folds == 1 else f"every sample is test once in {n_folds} folds"
    if samples.groups is not None:
        n = len(np.unique(samples.groups))
        return "grouped", f"{whole}, and each of {n:,} groups is whole on one side, as what is alike belongs together"
    return "stratified", f"{whole}, with the classes in equal shares, as there is no split and nothing names groups"


def _groups(samples: Samples) -> dict[str, Any] | None:
    if samples.groups is None:
        return None
    names, sizes = np.unique(samples.groups, return_counts=True)
    return {"n": len(names), "smallest": int(sizes.min()), "largest": int(sizes.max())}


def _time(planned: Planned, executor: str, workers: int | None) -> dict[str, Any]:
    """Seconds by what the same fits took in this run directory and those beside it; nothing is extrapolated."""
    experiment, _, trials = planned.prepared
    done, costs = _measured(planned)
    pending = [trial for trial in trials if _identity(trial) not in done]
    slots = executor_of(executor, workers=workers, threads=experiment.threads).slots
    team = max(1, min(slots, len(pending)))
    means = {name: float(np.mean(values)) for name, values in costs.items()}
    unknown = sorted({trial.learner for trial in pending} - set(means))
    known = sum(means.get(trial.learner, 0.0) for trial in pending) / team
    # With a search the budget is for all fits of a learner on a fold; those that test its choice come on top.
    searches = _n_searches(planned) if experiment.trials > 1 else 0
    n_bounded = len(pending) + (searches + sum(map(_looks(planned), trials)) if searches else 0)
    return {
        "n_done": len(trials) - len(pending),
        "n_workers": team,
        "at_most_s": -(-n_bounded // team) * experiment.budget_s,
        "expected_s": None if unknown or searches else known,
        "measured_s": {name: means[name] for name in experiment.learners if name in means},
        "unknown_for": unknown,
    }


def _n_searches(planned: Planned) -> int:
    """One for each learner that looks at its input, and each fold."""
    return len({(trial.learner, trial.fold) for trial in planned.prepared.trials if _looks(planned)(trial)})


def _n_search_fits(planned: Planned) -> int:
    """Fits that a search may add: configurations beside the given one, and the fits that test the choice."""
    experiment, _, trials = planned.prepared
    if experiment.trials < 2:
        return 0
    return _n_searches(planned) * (experiment.trials - 1) + sum(map(_looks(planned), trials))


def _looks(planned: Planned) -> Callable[[Trial], bool]:
    """Whether a trial of the comparison itself is one whose learner is searched for."""

    def looks(trial: Trial) -> bool:
        return trial.draw == 0 and about(planned.task.learner(trial.learner)).family != "floor"

    return looks


def _measured(planned: Planned) -> tuple[set[str], dict[str, list[float]]]:
    """Trials that are done in this run directory, and wall seconds of like fits there and in directories beside it."""
    wanted = {_alike(trial): trial.learner for trial in planned.prepared.trials}
    done: set[str] = set()
    costs: dict[str, list[float]] = {}
    for path in _runs(planned.out):
        run = RunDirectory(path)
        try:
            there = [trial for trial in run.trials() if run.is_done(trial)]
            done |= {_identity(trial) for trial in there} if path == planned.out else set()
            for trial in there:
                if _alike(trial) in wanted:
                    costs.setdefault(trial.learner, []).append(run.cost(trial).fit_wall_s)
        except ResumeError:
            continue  # damaged, or another version's: it tells nothing
    return done, costs


def _runs(out: Path) -> Sequence[Path]:
    try:
        beside = sorted(path for path in out.parent.iterdir() if (path / "plan.json").is_file() and path != out)
    except OSError:
        beside = []
    here = [out] if (out / "plan.json").is_file() else []
    return [*here, *beside[: MOST_RUNS - 1]]


def _identity(trial: Trial) -> str:
    """The trial but for the content of the data, which a plan has not read."""
    return dataclasses.replace(trial, fingerprint="").key


def _alike(trial: Trial) -> str:
    """What decides how long a fit takes: fold and seed do not."""
    same = dataclasses.replace(trial, fingerprint="", fold=0, seed=0, budget_s=1.0, version="")
    return f"{same.key} {trial.dataset_parameters.get('path', '')}"


def _disk(planned: Planned) -> dict[str, Any]:
    """Bytes of all fits at most, before they are packed, and bytes free; checkpoints are not known yet."""
    _, samples, trials = planned.prepared
    width = samples.ids.dtype.itemsize + 8 + 4 * samples.n_classes
    each = [(len(fold.valid) + len(fold.test)) * width + BESIDE for fold in planned.folds]
    per_fold = Counter(trial.fold for trial in trials)
    place = planned.out.absolute()
    while not place.exists():
        place = place.parent
    try:
        free: int | None = shutil.disk_usage(place).free
    except OSError:
        free = None
    return {"predictions_at_most_bytes": sum(n * each[fold] for fold, n in per_fold.items()), "free_bytes": free}
