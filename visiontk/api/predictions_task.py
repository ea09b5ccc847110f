"""Predictions of models that were fitted elsewhere, as a task: its metrics, its models, its settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
import yaml

from visiontk.core import About, Factory, Family, Learner, Metric, Task, learner
from visiontk.errors import ConfigError, ResumeError, did_you_mean, unknown
from visiontk.harness.claim import claim_about
from visiontk.harness.store import DATA, RunDirectory
from visiontk.messages import printable
from visiontk.metrics import (
    accuracy,
    auc,
    balanced_accuracy,
    log_loss,
    macro_f1,
    sensitivity,
    sensitivity_at_95,
    specificity,
    specificity_at_95,
)
from visiontk.metrics.operating import LARGEST, brier
from visiontk.predictions.aligned import Aligned
from visiontk.registry import get_task

TASK = "predictions"
ORIGIN = "predictions"
"""Origin of data of which only predictions are known."""

FAMILIES = get_args(Family)


@dataclass(frozen=True)
class PredictionSettings:
    """Choices for a comparison of predictions; calibration and threshold need predictions for a validation set."""

    name: str = "test set"  # of the data
    metric: str = "accuracy"
    reference: str = ""  # by default the first model
    families: Mapping[str, str] = field(default_factory=dict)  # by model; ``unstated`` for those not named
    margin: float | None = None
    calibration: str = "none"
    threshold: str | float = LARGEST
    claim: str = ""  # that is answered, as an exploratory one
    fitted_here: tuple[str, ...] = ()  # all others were fitted elsewhere


def metrics_of(n_classes: int, *, has_valid: bool) -> dict[str, Metric]:
    """Return the metrics of predictions; those with a threshold chosen on the validation set only if there is one.

    Examples
    --------
    >>> list(metrics_of(3, has_valid=False))
    ['accuracy', 'balanced_accuracy', 'macro_f1', 'auc', 'log_loss', 'brier']
    """
    metrics = {"accuracy": accuracy, "balanced_accuracy": balanced_accuracy, "macro_f1": macro_f1, "auc": auc}
    metrics |= {"log_loss": log_loss, "brier": brier}
    if n_classes != 2:
        return metrics
    if not has_valid:
        rates = {"sensitivity": sensitivity, "specificity": specificity}
        return metrics | {name: dataclasses.replace(rate, adapt=None) for name, rate in rates.items()}
    metrics |= {"sensitivity": sensitivity, "specificity": specificity}
    return metrics | {"sensitivity_at_95": sensitivity_at_95, "specificity_at_95": specificity_at_95}


def is_predictions_run(path: str | Path) -> bool:
    """Return True if a run directory was written by `write_run`."""
    try:
        return bool(RunDirectory(Path(path)).read_json(DATA)["origin"] == ORIGIN)
    except (ResumeError, KeyError, TypeError):
        return False


def predictions_task(store: RunDirectory) -> Task:
    """Return the task of a run of predictions: its models as learners that cannot be fitted."""
    data = store.read_json(DATA)
    try:
        document = yaml.safe_load((store.path / "experiment.yaml").read_text(encoding="utf-8"))
        metrics = metrics_of(len(data["labels"]), has_valid=sum(data["counts"]["valid"]) > 0)
        return Task(
            name=TASK,
            version=1,
            summary="Predictions of models that were fitted elsewhere.",
            datasets={},
            folds=_no_folds,
            learners={name: _model(entry) for name, entry in document["learners"].items()},
            metrics={document["metric"]: metrics[document["metric"]]} | metrics,
            reference=document["reference"],
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        raise ResumeError(
            f"{store.path / 'experiment.yaml'}: missing or damaged.",
            error_id="E-RUN-DAMAGED",
            hint="Repeat visiontk compare --predictions with another --out.",
        ) from error


def task_of(store: RunDirectory, name: str) -> Task:
    """Return the task of a run: a registered one, or that of predictions."""
    return predictions_task(store) if name == TASK and is_predictions_run(store.path) else get_task(name)


def stored_command(store: RunDirectory) -> str:
    """Return the command line that made a run of predictions; empty for other runs, or one made in Python."""
    try:
        document = yaml.safe_load((store.path / "experiment.yaml").read_text(encoding="utf-8"))
        return str(document["command"]) if document["task"] == TASK else ""
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError):
        return ""


def _no_folds(*_: object) -> list[Any]:
    return []


def _model(entry: Mapping[str, Any]) -> Factory:
    def fitted_elsewhere() -> Learner:
        raise NotImplementedError("this model was fitted elsewhere")

    fitted_elsewhere.__doc__ = f"Fitted {entry['fitted']}; predictions from {entry['file']}."
    kind = entry["scores"]
    return learner(About(entry["family"], probabilities=kind == "probabilities", ranked=kind != "classes"))(
        fitted_elsewhere
    )


def check(aligned: Aligned, settings: PredictionSettings, valid: Aligned | None) -> None:
    """Refuse settings that do not fit the predictions."""
    names = [model.name for model in aligned.models]
    if len(names) < 2:
        raise ConfigError(
            f"predictions: {len(names)} model; a comparison needs two.",
            error_id="E-PREDICTIONS-NAME",
            hint="Name a second table.",
        )
    for option, name in [("--reference", settings.reference), *(("--family", name) for name in settings.families)]:
        if name and name not in names:
            raise ConfigError(
                f"{option}: no model {name!r}. {did_you_mean(name, names)}", error_id="E-PREDICTIONS-NAME"
            )
    for name, family in settings.families.items():
        if family not in FAMILIES:
            raise ConfigError(
                f"--family {name}={family}: no family {family!r}. {did_you_mean(family, FAMILIES)}",
                error_id="E-PREDICTIONS-NAME",
            )
    if settings.families.get(settings.reference or names[0]) == "floor":
        raise ConfigError(
            f"--reference: {settings.reference or names[0]} is a floor.",
            error_id="E-PREDICTIONS-NAME",
            hint="Name another model as the reference.",
        )
    metrics = metrics_of(len(aligned.labels), has_valid=valid is not None)
    if settings.metric not in metrics:
        raise unknown("metric", settings.metric, metrics, where="--metric")
    if settings.claim:
        families = {name: settings.families.get(name, "unstated") for name in names}
        claim_about(settings.claim, families, settings.metric, metrics[settings.metric], where="--claim")
    if settings.margin is not None and not 0 <= settings.margin < 1:
        raise ConfigError(f"margin: {settings.margin}, expected a number from 0 to below 1.", error_id="E-CONFIG-VALUE")
    if valid is None and (settings.calibration != "none" or settings.threshold != LARGEST):
        raise ConfigError(
            "calibration and threshold are chosen on a validation set, for which there are no predictions.",
            error_id="E-PREDICTIONS-VALID",
            hint="Add --valid with one table per model, in the order of --predictions.",
        )
    if valid is not None and [model.name for model in valid.models] != names:
        raise ConfigError(
            "valid: predictions for the validation set are needed of the same models, in the same order.",
            error_id="E-PREDICTIONS-VALID",
        )
    if valid is not None and (shared := np.intersect1d(aligned.ids, valid.ids)).size and _has_ids(valid):
        raise ConfigError(
            f"valid: {len(shared):,} ids are in the test set too, such as {printable(str(shared[0]))!r}.",
            error_id="E-PREDICTIONS-VALID",
            hint="A validation set holds other samples than the test set.",
        )


def _has_ids(aligned: Aligned) -> bool:
    return not any("matched by their position" in warning for warning in aligned.warnings)
