"""The predictions of a run as tables, which ``visiontk compare --predictions`` reads back to the last digit."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from visiontk.api.predictions_task import task_of
from visiontk.api.run_result import must_be_run
from visiontk.core import Ints, Strings, Task, Trial, about
from visiontk.errors import ConfigError, ResumeError
from visiontk.harness.files import write_file
from visiontk.harness.store import DATA, RunDirectory
from visiontk.messages import printable
from visiontk.report.evidence import read_evidence
from visiontk.report.evidence.view import View

VALID = "valid"
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
"""Folder of the tables of the validation set, within that of the test set."""


def file_names(learners: Iterable[str]) -> dict[str, str]:
    """Return a name of a file for each learner, without its ending: other characters than letters and digits replaced.

    Examples
    --------
    >>> file_names(["hog_svm", "../a b", "../a/b"])
    {'hog_svm': 'hog_svm', '../a b': '_a_b', '../a/b': '_a_b-2'}
    """
    names: dict[str, str] = {}
    for learner in learners:
        plain = _ODD.sub("_", learner).lstrip(".") or "model"
        n = 1 + sum(name.split("-")[0] == plain for name in names.values())
        names[learner] = plain if n == 1 else f"{plain}-{n}"
    return names


def export_run(run: Path, folder: Path) -> list[Path]:
    """Write the predictions of a run directory, see `export_predictions`."""
    must_be_run(run)
    store = RunDirectory(run)
    return export_predictions(store, task_of(store, str(store.read_json(DATA)["task"])), folder)


def export_predictions(store: RunDirectory, task: Task, folder: Path) -> list[Path]:
    """Write the predictions of each learner for the test set, and for the validation set of a single split.

    Each ``<learner>.csv`` has the columns id, truth, group where the data have groups, seed where there are several,
    fold, and one score per class: ``prob_<class>``, ``margin_<class>`` for scores that only rank, or the class that is
    predicted. Tables that exist are not replaced, which is a ConfigError.
    """
    labels = [str(label) for label in store.read_json(DATA)["labels"]]
    groups = store.groups()
    by_learner = {name: each.trials for name, each in read_evidence(store, task, View()).learners.items()}
    trials = [trial for own in by_learner.values() for trial in own]
    if not trials:
        raise ResumeError(
            f"{store.path}: no finished trials.", error_id="E-RUN-DAMAGED", hint="Run visiontk compare first."
        )
    names = file_names(sorted(by_learner))
    tables = {folder / f"{names[name]}.csv": (own, False) for name, own in by_learner.items()}
    if all(trial.n_folds == 1 and len(store.predictions(trial).valid_ids) for trial in trials):
        tables |= {folder / VALID / f"{names[name]}.csv": (own, True) for name, own in by_learner.items()}
    for path in tables:
        if path.exists():
            raise ConfigError(
                f"{printable(str(path))}: exists already.",
                error_id="E-PREDICTIONS-OUT",
                hint="Choose another folder; nothing is replaced.",
            )
    for path, (own, valid) in tables.items():
        declared = about(task.learner(own[0].learner))
        prefix = ("prob" if declared.probabilities else "margin") if declared.ranked else ""
        columns = [f"{prefix}_{label}" for label in labels] if prefix else ["prediction"]
        write_file(path, _table(store, own, columns, labels, groups, valid=valid))
    return list(tables)


def _table(
    store: RunDirectory,
    trials: Sequence[Trial],
    columns: Sequence[str],
    labels: Sequence[str],
    groups: object,
    *,
    valid: bool,
) -> str:
    by_id = groups if isinstance(groups, dict) and not valid else None
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    write(["id", "truth", *(["group"] if by_id else []), "seed", "fold", *columns])
    for trial in trials:
        for name, truth, scores in _rows(store, trial, labels, valid=valid):
            cells = list(map(repr, scores)) if len(columns) > 1 else [labels[scores.index(max(scores))]]
            write([name, truth, *([by_id[name]] if by_id else []), trial.seed, trial.fold, *cells])
    return text.getvalue()


def _rows(
    store: RunDirectory, trial: Trial, labels: Sequence[str], *, valid: bool
) -> Iterator[tuple[str, str, list[float]]]:
    p = store.predictions(trial)
    ids: Strings = p.valid_ids if valid else p.ids
    y: Ints = p.valid_y_true if valid else p.y_true
    scores = (p.valid_scores if valid else p.scores).astype(np.float64)  # float32 in, every digit out
    for name, truth, row in zip(ids.tolist(), y.tolist(), scores.tolist(), strict=True):
        yield name, labels[truth], row
