"""Models that were fitted elsewhere beside the learners of a run, on the same test set."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visiontk.api.exported_predictions import export_predictions, file_names
from visiontk.api.predictions_run import write_run
from visiontk.api.predictions_task import PredictionSettings, metrics_of, task_of
from visiontk.api.run_result import Result, must_be_run, open_single
from visiontk.errors import ConfigError
from visiontk.harness.store import RunDirectory
from visiontk.messages import printable
from visiontk.predictions.align import align
from visiontk.predictions.aligned import Aligned
from visiontk.predictions.table import Options
from visiontk.report.values import LearnerRow

COSTS = {"fit_cpu_s": "fit_s", "predict_ms_per_sample": "predict_ms", "n_parameters": "n_parameters",
         "size_bytes": "size_bytes"}  # fmt: skip


def compare_beside(
    run: str | Path,
    predictions: Mapping[str, Any],
    *,
    options: Options = Options(),  # noqa: B008 (frozen)
    files: Path | None = None,
    out: str | Path | None = None,
    command: str = "",
) -> Result:
    """Compare models that were fitted elsewhere with the learners of a run, on the test samples of the run.

    The first of the models and the reference of the run are the pair that the headline is about. Ids are those of the
    test samples, which ``visiontk report RUN --predictions FOLDER`` writes; `files` is a folder with the files of the
    samples, for the galleries. The run directory is by default that of the run with ``-with-`` and names of the models.
    """
    must_be_run(Path(run))
    store, values = RunDirectory(Path(run)), open_single(run).values
    rows: dict[str, LearnerRow] = {row["name"]: row for row in values["learners"]}
    for name in predictions:
        if name in rows:
            raise ConfigError(
                f"--also: a learner of {printable(str(run))} is called {printable(name)!r} too.",
                error_id="E-PREDICTIONS-NAME",
                hint="Name the model with NAME=FILE.",
            )
    reference = values["reference"]
    if reference is None:
        raise ConfigError(
            f"{printable(str(run))}: no reference: {values['reference_reason']}.", error_id="E-PREDICTIONS-NAME"
        )
    ours = [reference, *(name for name in rows if name != reference)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        export_predictions(store, task_of(store, values["task"]), folder)
        written = {name: folder / f"{file}.csv" for name, file in file_names(sorted(rows)).items()}
        aligned = align({**predictions, **{name: written[name] for name in ours}}, options=options)
    aligned = _with_costs(dataclasses.replace(aligned, grouped_by=values["dataset"]["grouped_by"]), rows)
    metric = values["metric"] if values["metric"] in metrics_of(len(aligned.labels), has_valid=False) else "accuracy"
    settings = PredictionSettings(
        name=values["dataset"]["title"],
        metric=metric,
        reference=reference,
        families={name: row["family"] for name, row in rows.items()},
        margin=values["margin"],
        fitted_here=tuple(ours),
    )

    default = store.path.with_name(f"{store.path.name}-with-{'-'.join(file_names(predictions).values())}")
    return write_run(default if out is None else Path(out), aligned, settings, command=command, files=files)


def _with_costs(aligned: Aligned, rows: Mapping[str, LearnerRow]) -> Aligned:
    """Return the predictions with the measured costs of the learners of the run."""
    models = []
    for model in aligned.models:
        if model.name in rows:
            row: Mapping[str, Any] = rows[model.name]
            costs = {name: float(row[key]) for key, name in COSTS.items() if row[key] is not None}
            model = dataclasses.replace(model, costs=costs)
        models.append(model)
    return dataclasses.replace(aligned, models=tuple(models))
