"""Records of a finished trial: predictions, cost and history."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from visiontk.core import Floats, Ints, Strings

MODEL, UNSAVED = "model", "model_error.txt"
"""In the folder of a trial: its fitted learner until one is chosen to be kept, or why there is none."""


class Predictions(NamedTuple):
    """The result of a trial: predictions for each sample.

    ``ids`` (n,), ``y_true`` (n,) and ``scores`` (n, n_classes) of the test set; the same of the validation set.
    """

    ids: Strings
    y_true: Ints
    scores: Floats
    valid_ids: Strings
    valid_y_true: Ints
    valid_scores: Floats


class Cost(NamedTuple):
    """Cost of a trial: seconds, bytes, milliseconds per predicted sample; warnings and training samples.

    ``predict_ms_per_sample`` is measured on the whole test set at once, ``predict_ms_alone`` on single samples.
    None is unknown, as for models that were fitted elsewhere. ``knew`` and ``input_size`` are those of the `FitReport`.
    """

    fit_cpu_s: float | None
    fit_wall_s: float | None
    predict_ms_per_sample: float | None
    n_parameters: int | None = None
    size_bytes: int | None = None
    peak_memory_bytes: int | None = None
    cut_off: bool = False
    notes: tuple[str, ...] = ()
    n_train: int | None = None
    predict_ms_alone: float | None = None
    knew: str = ""
    input_size: str = ""


class Outcome(NamedTuple):
    """Everything stored of a finished trial: predictions, cost, and the learner's history if it wrote one.

    ``model`` is the folder of the fitted learner if it was to be saved; ``unsaved`` says why there is none then.
    """

    predictions: Predictions
    cost: Cost
    history: str = ""
    model: Path | None = None
    unsaved: str = ""
