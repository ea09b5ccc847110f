"""Preview of a comparison: data, split, fits, time and disk. Nothing is trained or written."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from visiontk.api.decisiveness import decisiveness
from visiontk.api.planned_sizes import planned_shape, with_planned_size
from visiontk.api.request import Request, default_out
from visiontk.api.rough_time import relative_size, rough_seconds
from visiontk.api.slice_columns import slice_columns
from visiontk.api.user_data import Unread, UserData, named_guesses
from visiontk.core import Fold, Samples, Task, Trial, about, parameters
from visiontk.data.checks.rare_classes import handle_rare_classes
from visiontk.data.layouts.time_split import LATE, LATEST
from visiontk.data.options import ClassOptions
from visiontk.errors import ResumeError
from visiontk.executors import executor_of
from visiontk.harness.drive import Prepared, prepare
from visiontk.harness.offers import with_offers
from visiontk.harness.plan import (
    MIN_TEST_UNITS,
    fits_of_studies,
    fitted_once,
    folds_of,
    n_official_folds,
    plan,
    resolve_folds,
)
from visiontk.harness.store import RunDirectory
from visiontk.report.evidence.choice import n_questions
from visiontk.studies import STUDIES
from visiontk.version import VERSION

MOST_RUNS = 100
"""Run directories beside the new one that are searched for measured costs."""

FEW_GROUPS = 50
"""Groups up to which the number of tested groups is checked."""

FOLDS_OFFERED = 10
"""Largest number of folds that is suggested."""

BESIDE = 8192
"""Bytes of the small files of a fit, without its predictions."""


class Preview(NamedTuple):
    """A comparison before it is run: task, experiment with samples and fits, folds, and run directory."""

    task: Task
    prepared: Prepared
    folds: list[Fold]
    user_data: UserData | None
    out: Path

    def duration(self, executor: str = "processes", workers: int | None = None) -> dict[str, Any]:
        """Return the time of the fits that are left, see ``docs/own_data.md``."""
        return _time(self, executor, workers)

    def as_json(self, *, executor: str = "processes", workers: int | None = None) -> dict[str, Any]:
        """Return the preview as a JSON value, schema 1; see ``docs/own_data.md``."""
        _, (experiment, samples, fits), folds, user_data, out = self
        assert experiment.folds is not None
        policy, why = split_policy(samples, experiment.folds, user_data)
        return {
            "schema": 1,
            "task": experiment.task,
            "dataset": experiment.dataset,
            "recognised": [choice._asdict() for choice in (user_data.settings if user_data else ())],
            "notes": list(samples.card.notes),
            "n_samples": len(samples),
            "labels": dict(zip(samples.labels, samples.counts().tolist(), strict=True)),
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
            "budget": experiment.budget,
            "search": experiment.search,
            "n_fits": len(fits),
            "fitted_once": fitted_once(fits, len(experiment.seeds)),
            "n_study_fits": fits_of_studies(fits),
            "n_search_fits_at_most": _n_search_fits(self),
            "can_show": decisiveness(
                self.task.metrics[self.task.metric], samples, folds, n_questions(self.task, experiment.learners)
            ),
            "warnings": [*samples.card.warnings, *warnings_on(self.task, self.prepared, folds)],
            "time": self.duration(executor, workers),
            "disk": _disk(self),
            "out": str(out),
            "config": experiment.as_document(),
        }


def preview_of(request: Request, *, out: Path | None = None) -> Preview:
    """Plan a comparison. Files of a folder or table of the user are listed, not opened."""
    with named_guesses(request.user_data):
        return _preview_of(request, out)


def _preview_of(request: Request, out: Path | None) -> Preview:
    task, experiment = request.read()
    slice_columns(experiment)
    data = request.user_data
    known = data and data.recognised
    if data is None or known is None or (known.kind == "DICOM files" and known.groups is None):
        # Their kind, or their patients, are known only after reading.
        return preview_prepared(task, prepare(experiment, task, version=VERSION, studies=STUDIES), data, out)
    given = {**parameters(task.datasets[experiment.dataset]), **experiment.dataset_parameters}
    samples = with_planned_size(data.samples(), known.kind, given)
    least, rare = given.get("min_per_class", 1), given.get("on_rare_class", "refuse")
    samples = handle_rare_classes(samples, ClassOptions(least, rare), samples.card.name, known.kind.removesuffix("s"))
    experiment, samples = with_offers(experiment, task, samples, shape=planned_shape(samples, known.kind, given))
    experiment = resolve_folds(experiment, samples)
    assert experiment.folds is not None
    try:
        prepared = Prepared(experiment, samples, plan(experiment, task, samples, version=VERSION, studies=STUDIES))
        return preview_prepared(task, prepared, data, out)
    except Unread:  # the folds of this task depend on the inputs
        return preview_prepared(task, prepare(experiment, task, version=VERSION, studies=STUDIES), data, out)


def preview_prepared(task: Task, prepared: Prepared, user_data: UserData | None, out: Path | None) -> Preview:
    """Return the preview of a comparison whose data have been read."""
    experiment, samples, _ = prepared
    assert experiment.folds is not None
    with named_guesses(user_data):
        folds = folds_of(task, samples, experiment.folds, experiment.max_train)
    return Preview(task, prepared, folds, user_data, out or default_out(experiment))


def warnings_on(task: Task, prepared: Prepared, folds: Sequence[Fold] | None = None) -> list[str]:
    """Return the limits of the answer that are known before training, each with a remedy."""
    return [*_seen_in_pretraining(task, prepared), *_few_groups(task, prepared, folds)]


def _seen_in_pretraining(task: Task, prepared: Prepared) -> list[str]:
    seen_in, names = prepared.samples.card.seen_in, prepared.experiment.learners
    return [
        f"{name} has seen these samples in pretraining ({source}), so there will be no verdict on it: leave it out"
        for name in names
        if (source := about(task.learner(name)).pretrained_on) in seen_in
    ]


def _few_groups(task: Task, prepared: Prepared, folds: Sequence[Fold] | None) -> list[str]:
    experiment, samples, _ = prepared
    if samples.groups is None or (n_groups := len(np.unique(samples.groups))) > FEW_GROUPS:
        return []
    folds = folds or folds_of(task, samples, experiment.folds or 1, experiment.max_train)
    tested = len(np.unique(samples.groups[np.concatenate([fold.test for fold in folds])]))
    if tested >= MIN_TEST_UNITS:
        return []
    what = f"{tested} of {n_groups} groups {'is' if tested == 1 else 'are'} tested, too few to say who is better"
    if n_official_folds(samples):
        return [f"{what}: the given split leaves no more for the test set"]
    if n_groups < MIN_TEST_UNITS:
        return [f"{what}, and the data have no more: add data of other groups"]
    return [f"{what}: --folds {min(n_groups, FOLDS_OFFERED)} tests all of them"]


def split_policy(samples: Samples, n_folds: int, user_data: UserData | None) -> tuple[str, str]:
    """Return the name of the split and its reason.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> split_policy(tiny_images(), 5, None)[0]
    'stratified'
    """
    time = user_data.recognised.columns.get("time") if user_data and user_data.recognised else ""
    if time:
        return "by time", (
            f"the latest one in {LATEST} by {time!r} is the test set, the latest one in {LATE} of the others the "
            "validation set, as requested"
        )
    published = n_official_folds(samples)
    if published == 1:
        reason = "the data come with a training and a test set"
        parts = set(np.unique(samples.parts).tolist()) if samples.parts is not None else set()
        return "official", reason + ("" if "valid" in parts else "; a tenth of the training set is for validation")
    if published:
        return "official folds", f"the data come in {published} folds, each of which is the test set once"
    whole = "a fifth is the test set" if n_folds == 1 else f"every sample is tested once in {n_folds} folds"
    if samples.groups is not None:
        n = len(np.unique(samples.groups))
        return "grouped", f"{whole}, and each of {n:,} groups is on one side only, as its samples are alike"
    return "stratified", f"{whole}, with the classes in equal shares, as there is neither a split nor groups"


def _groups(samples: Samples) -> dict[str, Any] | None:
    if samples.groups is None:
        return None
    names, sizes = np.unique(samples.groups, return_counts=True)
    return {"n": len(names), "smallest": int(sizes.min()), "largest": int(sizes.max())}


def _time(preview: Preview, executor: str, workers: int | None) -> dict[str, Any]:
    """Return seconds: measured on the same fits in this and neighbouring run directories, else from declared costs."""
    experiment, samples, trials = preview.prepared
    done, costs = _measured(preview)
    pending = [trial for trial in trials if _identity(trial) not in done]
    slots = executor_of(executor, workers=workers, threads=experiment.threads).slots
    team = max(1, min(slots, len(pending)))
    means = {name: float(np.mean(values)) for name, values in costs.items()}
    given = {**parameters(preview.task.datasets[experiment.dataset]), **experiment.dataset_parameters}
    size = relative_size(samples, given)
    rough = [
        means[trial.learner] if trial.learner in means else rough_seconds(trial, preview.task, preview.folds, size)
        for trial in pending
    ]
    unknown = sorted({trial.learner for trial, seconds in zip(pending, rough, strict=True) if seconds is None})
    known = sum(seconds or 0.0 for seconds in rough)
    is_measured = all(trial.learner in means for trial in pending)
    # With a search the budget is for all fits of a learner on a fold; the fits that test its choice are extra.
    searches = _n_searches(preview) if experiment.search > 1 else 0
    n_bounded = len(pending) + (searches + len(_searched(preview)) if searches else 0)
    return {
        "n_done": len(trials) - len(pending),
        "n_workers": team,
        "at_most_s": -(-n_bounded // team) * experiment.budget,
        "expected_s": known / team if is_measured and not searches else None,
        "rough_s": None if unknown else (known + _rough_search(preview, pending, rough)) / team,
        "measured_s": {name: means[name] for name in experiment.learners if name in means},
        "unknown_for": unknown,
    }


def _rough_search(preview: Preview, pending: Sequence[Trial], rough: Sequence[float | None]) -> float:
    """Return the approximate seconds of all searches and of the fits that test what they choose."""
    search, budget = preview.prepared.experiment.search, preview.prepared.experiment.budget
    searched = {_identity(trial) for trial in _searched(preview)} if search > 1 else set()
    fits = [(trial, s or 0.0) for trial, s in zip(pending, rough, strict=True) if _identity(trial) in searched]
    each = {(trial.learner, trial.fold): seconds for trial, seconds in fits}
    return sum(min((search - 1) * seconds, budget) for seconds in each.values()) + sum(seconds for _, seconds in fits)


def _n_searches(preview: Preview) -> int:
    """Return the number of searches: one for each learner and fold, without floors."""
    return len({(trial.learner, trial.fold) for trial in _searched(preview)})


def _n_search_fits(preview: Preview) -> int:
    """Return the fits that searches may add: other configurations, and the fits that test the chosen ones."""
    search = preview.prepared.experiment.search
    return _n_searches(preview) * (search - 1) + len(_searched(preview)) if search > 1 else 0


def _searched(preview: Preview) -> list[Trial]:
    """Return the trials of the comparison itself whose learner is searched."""
    trials = [trial for trial in preview.prepared.fits if trial.is_compared]
    return [trial for trial in trials if about(preview.task.learner(trial.learner)).family != "floor"]


def _measured(preview: Preview) -> tuple[set[str], dict[str, list[float]]]:
    """Return finished trials of this run directory, and wall seconds of like fits there and in its neighbours."""
    learners = {_alike(trial): trial.learner for trial in preview.prepared.fits}
    done: set[str] = set()
    costs: dict[str, list[float]] = {}
    for path in _runs(preview.out):
        run = RunDirectory(path)
        try:
            there = [trial for trial in run.trials() if run.is_done(trial)]
            done |= {_identity(trial) for trial in there} if path == preview.out else set()
            for trial in there:
                if _alike(trial) in learners:
                    costs.setdefault(trial.learner, []).append(run.cost(trial).fit_wall_s or 0.0)
        except ResumeError:
            continue  # damaged, or of another version
    return done, costs


def _runs(out: Path) -> Sequence[Path]:
    try:
        beside = sorted(path for path in out.parent.iterdir() if (path / "plan.json").is_file() and path != out)
    except OSError:
        beside = []
    here = [out] if (out / "plan.json").is_file() else []
    return [*here, *beside[: MOST_RUNS - 1]]


def _identity(trial: Trial) -> str:
    """Return a key of the trial that ignores the content of the data, which a preview has not read."""
    return dataclasses.replace(trial, fingerprint="").key


def _alike(trial: Trial) -> str:
    """Return a key of everything that determines how long a fit takes: not fold, seed and labels."""
    same = dataclasses.replace(trial, fingerprint="", fold=0, seed=0, budget_s=1.0, version="", study="", shuffle=None)
    return f"{same.key} {trial.dataset_parameters.get('path', '')}"


def _disk(preview: Preview) -> dict[str, Any]:
    """Return an upper bound on the bytes of all fits, before compression, and free bytes; without checkpoints."""
    _, samples, trials = preview.prepared
    width = samples.ids.dtype.itemsize + 8 + 4 * samples.n_classes
    each = [(len(fold.valid) + len(fold.test)) * width + BESIDE for fold in preview.folds]
    per_fold = Counter(trial.fold for trial in trials)
    place = preview.out.absolute()
    while not place.exists():
        place = place.parent
    try:
        free: int | None = shutil.disk_usage(place).free
    except OSError:
        free = None
    return {"predictions_at_most_bytes": sum(n * each[fold] for fold, n in per_fold.items()), "free_bytes": free}
