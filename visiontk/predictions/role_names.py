"""Names by which columns of predictions are recognised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from visiontk.predictions.json_rows import SCORE

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": (
        *("id", "ids", "sample_id", "sample", "image_id", "item_id", "uid", "key", "filename", "file_name", "file"),
        *("path", "paths", "img_path", "image_path", "file_path", "filepath", "image", "img", "item", "index"),
    ),
    "truth": (
        *("truth", "true", "y_true", "ground_truth", "gt", "gt_label", "true_label", "true_class", "target"),
        *("targets", "actual", "true_0", "reference_standard"),
    ),
    "prediction": (
        *("prediction", "predicted", "predictions", "pred", "preds", "y_pred", "yhat", "y_hat", "predicted_class"),
        *("predicted_label", "pred_class", "pred_label", "decision", "answer", "response", "output"),
    ),
    "score": (
        *("probability", "proba", "prob", "p", "y_prob", "y_proba", "pred_proba", "y_score", "score", "scores"),
        *("risk", "confidence", "conf", "pred_score", "decision_function", "margin", "logit"),
    ),
    "seed": ("seed", "fit", "run", "repeat", "repetition", "rep"),
    "fold": ("fold", "folds", "cv_fold"),
    "fit_s": ("fit_s", "fit_cpu_s", "fit_seconds", "train_s", "train_seconds", "training_seconds", "training_time_s"),
    "predict_ms": ("predict_ms", "predict_ms_per_sample", "inference_ms", "inference_time_ms", "latency_ms"),
    "n_parameters": ("n_parameters", "n_params", "parameters", "params"),
    "size_bytes": ("size_bytes", "model_size_bytes"),
}
"""Names, lower case, by the role that a column of that name has; the first are preferred."""

EITHER = ("label", "labels", "class", "y", "category", "name")
"""Names of columns that hold the true class in some tables and the predicted one in others."""

GROUPS = frozenset(
    {"group", "groups", "patient", "patients", "subject", "speaker", "person", "participant", "individual"}
    | {"animal", "donor", "family", "household", "writer", "author", "singer", "actor"}
)
PREFIXES = (
    *("score:", "predict_proba", "probability", "proba", "probs", "prob", "y_proba", "y_prob", "p"),
    *("class_scores", "class_score", "y_score", "scores", "score", "confidence", "conf", "logits", "logit", "margin"),
    "pred",
)
"""Beginnings of names of columns with the score of one class; the first are preferred."""

CONFIDENCES = ("confidence", "conf", "pred_score")
"""Names of a score that belongs to the predicted class rather than to the second class."""


def recognised_name(names: Iterable[str], known: Sequence[str]) -> str:
    """Return the name that comes first in a list of known ones; empty if there is none.

    Examples
    --------
    >>> recognised_name(["Score", "Image ID"], NAMES["id"])
    'Image ID'
    """
    matches = [name for name in names if plain(name) in known]
    return min(matches, key=lambda name: known.index(plain(name)), default="")


def plain(name: str) -> str:
    """Return a name in lower case, with single underscores for everything but letters and digits."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def base(name: str) -> str:
    """Return the word of a column, without endings such as _id."""
    return re.sub(r"(_?id|_name|_no|_nr|_number)$", "", plain(name))


def suffix(name: str, prefix: str) -> str:
    """Return the class in a name such as prob_cat, p(cat) or score: cat; empty if the name has another beginning."""
    if prefix == SCORE.strip():
        return name.removeprefix(SCORE) if name.startswith(SCORE) else ""
    if any(plain(name) in known for known in NAMES.values()):
        return ""
    start = rf"{re.escape(prefix)}\s*"
    match = re.fullmatch(rf"{start}(?:\((.+)\)|\[(.+)\])", name.strip(), re.IGNORECASE) or re.fullmatch(
        rf"{start}[_:.\- ]\s*(.+)", name.strip(), re.IGNORECASE
    )
    return next(filter(None, match.groups()), "").strip() if match else ""


def class_in(name: str) -> str:
    """Return the class that the name of a score column ends with, or the whole name."""
    return next((part for prefix in PREFIXES if (part := suffix(name, prefix))), name)
