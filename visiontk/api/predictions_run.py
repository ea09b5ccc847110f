"""Predictions of models that were fitted elsewhere, as a run directory: reports are made of it as of any other run."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from visiontk.api.input_files import exhibits_of_files
from visiontk.api.predictions_task import (
    ORIGIN,
    TASK,
    PredictionSettings,
    check,
    is_predictions_run,
    metrics_of,
    predictions_task,
)
from visiontk.api.run_result import Result
from visiontk.core import Ints, Strings, Trial
from visiontk.errors import ConfigError, ResumeError, disk_errors
from visiontk.harness.environment import environment
from visiontk.harness.files import write_file
from visiontk.harness.outcome import Cost, Outcome, Predictions
from visiontk.harness.store import DATA, GROUPS, SLICES, RunDirectory
from visiontk.messages import printable
from visiontk.predictions.aligned import Aligned, ModelScores
from visiontk.predictions.labels import ordered
from visiontk.report.results import compute_results
from visiontk.version import VERSION

MAX_NAMED = 50
PAIR = "the first two that are named are the pair that is compared"
WHOLE = ("n_parameters", "size_bytes")
UNSUPERVISED = (
    "fitted elsewhere: split, tuning and the number of looks at the test set are not known, and costs are as stated or "
    "not known. The verdict holds as far as the test set was not used to choose among models."
)


def write_run(
    folder: Path | None,
    aligned: Aligned,
    settings: PredictionSettings,
    *,
    valid: Aligned | None = None,
    command: str = "",
    files: Path | None = None,
) -> Result:
    """Write predictions as a run directory with results and page, complete or not at all.

    `files` is a folder with the files of the samples, for the galleries. The run directory is by default
    ``runs/predictions-<hash>``, by all that decides the result. Settings are checked here.
    """
    check(aligned, settings, valid)
    trials = _trials(aligned, settings, valid)
    document = _document(aligned, settings, valid, trials) | {"command": command}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    if folder is None:
        everything = hashlib.sha256("".join([text, *(trial.key for trial in trials)]).encode())
        folder = Path("runs") / f"predictions-{everything.hexdigest()[:8]}"

    def fill(store: RunDirectory) -> None:
        for trial, outcome in zip(trials, _outcomes(aligned, valid), strict=True):
            store.commit(trial, outcome, dtype=np.float64)
        store.write_json(DATA, _description(aligned, settings, valid))
        write_file(store.path / "experiment.yaml", text)
        store.write_json("environment.json", environment())
        store.write_json("plan.json", [json.loads(trial.to_json()) for trial in trials])
        _write_columns(store, aligned)
        _write_results(store, files, command)

    if _is_same(folder, trials):
        fill(RunDirectory(folder))
        return Result(folder, RunDirectory(folder).read_json("results.json"))
    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fill(RunDirectory(staging / "run"))
        with disk_errors(folder):
            (staging / "run").rename(folder)  # an empty folder is replaced
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Result(folder, RunDirectory(folder).read_json("results.json"))


def _write_results(store: RunDirectory, files: Path | None, command: str) -> None:
    results = compute_results(store, predictions_task(store), command=command)
    store.write_json("results.json", results)
    store.write_json("exhibits.json", {} if files is None else exhibits_of_files(files, results))
    Result(store.path, results).report()


def _seeds(model: ModelScores) -> list[int]:
    if all(fit.isdecimal() and len(fit) < 10 for fit in model.fits) and len({*map(int, model.fits)}) == len(model.fits):
        return [int(fit) for fit in model.fits]
    return list(range(len(model.fits)))


def _digest(*arrays: Any) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _trials(aligned: Aligned, settings: PredictionSettings, valid: Aligned | None) -> list[Trial]:
    labels = np.array(aligned.labels)
    units = [] if aligned.groups is None else [aligned.groups]
    folds = _folds(aligned, valid)
    fingerprint = _digest(labels, aligned.ids, aligned.y, *units, *([] if valid is None else [valid.ids, valid.y]))
    return [
        Trial(
            TASK,
            1,
            settings.name,
            model.name,
            fingerprint,
            VERSION,
            parameters=_entry(model, settings, valid),
            fold=fold,
            n_folds=len(folds),
            seed=seed,
        )
        for model in aligned.models
        for seed in _seeds(model)
        for fold in range(len(folds))
    ]


def _folds(aligned: Aligned, valid: Aligned | None) -> list[Ints]:
    """Return the positions of the samples of each fold; with a validation set, whose folds are not known, one."""
    if aligned.folds is None or valid is not None:
        return [np.arange(len(aligned.ids))]
    return [np.flatnonzero(aligned.folds == fold) for fold in range(int(aligned.folds.max()) + 1)]


def _entry(model: ModelScores, settings: PredictionSettings, valid: Aligned | None) -> dict[str, Any]:
    """Return what the config holds of a model."""
    of_valid = [] if valid is None else [each.scores for each in valid.models if each.name == model.name]
    return {
        "family": settings.families.get(model.name, "unstated"),
        "scores": model.kind,
        "fitted": "by visiontk" if model.name in settings.fitted_here else "elsewhere",
        "file": Path(model.where).name,
        "columns": ", ".join(f"{each.what}: {each.value}" for each in model.choices if each.value and each.option),
        "hash": _digest(model.scores, *of_valid),
    }


def _valid_scores(valid: Aligned | None, model: int, fit: int) -> list[Any]:
    """Return the validation scores of a fit: its own, or those of the only fit."""
    if valid is None:
        return []
    scores = valid.models[model].scores
    return [scores[fit if len(scores) > 1 else 0]]


def _outcomes(aligned: Aligned, valid: Aligned | None) -> list[Outcome]:
    """Return predictions and costs in the order of `_trials`."""
    outcomes = []
    for m, model in enumerate(aligned.models):
        for i in range(len(model.fits)):
            scores = _valid_scores(valid, m, i) or [np.empty((0, len(aligned.labels)))]
            ids: Strings = np.empty(0, np.str_) if valid is None else valid.ids
            y: Ints = np.empty(0, np.int64) if valid is None else valid.y
            for fold in _folds(aligned, valid):
                of_test = aligned.ids[fold], aligned.y[fold], model.scores[i][fold]
                outcomes.append(Outcome(Predictions(*of_test, ids, y, scores[0]), _cost(model)))
    return outcomes


def _cost(model: ModelScores) -> Cost:
    n_parameters, size_bytes = (None if (n := model.costs.get(name)) is None else int(n) for name in WHOLE)
    return Cost(model.costs.get("fit_s"), None, model.costs.get("predict_ms"), n_parameters, size_bytes)


def _document(
    aligned: Aligned, settings: PredictionSettings, valid: Aligned | None, trials: Sequence[Trial]
) -> dict[str, Any]:
    reference = settings.reference or aligned.models[0].name
    names = [model.name for model in aligned.models]
    first_two, others = names[:2], [name for name in names if name != reference]
    return {
        "task": TASK,
        "dataset": {"name": settings.name},
        "learners": {model.name: _entry(model, settings, valid) for model in aligned.models},
        "metric": settings.metric,
        "pair": first_two if reference in first_two else [others[0], reference],
        "seeds": sorted({trial.seed for trial in trials}),
        "folds": trials[0].n_folds,
        "preset": "",
        "budget": 0.0,
        "search": 1,
        "max_train": None,
        "curve": 0,
        "threads": 1,
        "imbalance": None,
        "reference": reference,
        "reference_reason": f"{'as requested' if settings.reference else 'named first'}; {PAIR}",
        "claim": settings.claim,
        "margin": settings.margin,
        "calibration": settings.calibration,
        "threshold": settings.threshold,
        "slices": list(aligned.slices),
    }


def _description(aligned: Aligned, settings: PredictionSettings, valid: Aligned | None) -> dict[str, Any]:
    n_classes = len(aligned.labels)
    counts = {
        "train": [0] * n_classes,
        "valid": [0] * n_classes if valid is None else np.bincount(valid.y, minlength=n_classes).tolist(),
        "test": np.bincount(aligned.y, minlength=n_classes).tolist(),
    }
    n_groups = None if aligned.groups is None else len(np.unique(aligned.groups))
    named = n_groups is not None and n_groups <= MAX_NAMED
    trial = _trials(aligned, settings, valid)[0]
    return {
        "name": settings.name,
        "fingerprint": trial.fingerprint,
        "origin": ORIGIN,
        "synthetic": False,
        **dict.fromkeys(("licence", "citation", "homepage", "part_of", "caution"), ""),
        "mirror": False,
        "sample_rate": 0,
        "grouped_by": aligned.grouped_by,
        "shown": True,
        "n_unknown": 0,
        "seen_in": [],
        "warnings": [_unsupervised(aligned, settings), *aligned.warnings],
        "notes": [*aligned.notes, *_listed(aligned)],
        "task": TASK,
        "task_version": 1,
        "dataset": settings.name,
        "package": None,
        "labels": list(aligned.labels),
        "split": "split not known",
        "n_groups": n_groups,
        "group_names": [f"group {i + 1}" for i in range(n_groups or 0)] if named else None,
        "fold_names": None,
        "counts": counts,
        "metrics": {
            name: {"kind": metric.kind, "higher_is_better": metric.higher_is_better}
            for name, metric in metrics_of(n_classes, has_valid=valid is not None).items()
        },
    }


def _unsupervised(aligned: Aligned, settings: PredictionSettings) -> str:
    if not settings.fitted_here:
        return f"These models were {UNSUPERVISED}"
    elsewhere = [model.name for model in aligned.models if model.name not in settings.fitted_here]
    return f"{', '.join(elsewhere)} {'was' if len(elsewhere) == 1 else 'were'} {UNSUPERVISED}"


def _listed(aligned: Aligned) -> list[str]:
    """Return the recognised columns of each table as notes."""
    return [
        f"{model.name}: {choice.what}: {choice.value or 'none'}" + (f" ({choice.why})" if choice.why else "")
        for model in aligned.models
        for choice in model.choices
    ]


def _write_columns(store: RunDirectory, aligned: Aligned) -> None:
    """Write groups by number, as the name of a group may be that of a patient, and the columns of slices."""
    if aligned.groups is not None:
        number = {name: i for i, name in enumerate(ordered(aligned.groups.tolist()))}
        numbers = (number[name] for name in aligned.groups.tolist())
        store.write_json(GROUPS, dict(zip(aligned.ids.tolist(), numbers, strict=True)))
    if aligned.slices:
        columns = {name: {"chosen": "after", "values": dict(each)} for name, each in aligned.slices.items()}
        store.write_json(SLICES, columns)


def _is_same(folder: Path, trials: Sequence[Trial]) -> bool:
    """Return True if a folder holds these predictions already."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    try:
        same = is_predictions_run(folder) and [t.key for t in RunDirectory(folder).trials()] == [t.key for t in trials]
    except ResumeError:
        same = False
    if not same:
        raise ConfigError(
            f"{printable(str(folder))}: holds something else than these predictions.",
            error_id="E-PREDICTIONS-OUT",
            hint="Choose another folder with --out; nothing is replaced.",
        )
    return True
