"""Comparison of models by predictions that exist already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from typing_extensions import TypedDict

from visiontk.api.predictions_run import write_run
from visiontk.api.predictions_task import PredictionSettings
from visiontk.api.run_result import Result
from visiontk.errors import ConfigError
from visiontk.messages import printable
from visiontk.predictions.align import align
from visiontk.predictions.aligned import Aligned
from visiontk.predictions.table import Options


class PredictionChoices(TypedDict, total=False):
    """Keyword arguments of `compare_predictions`, each optional."""

    y: Any
    groups: Any
    ids: Any
    valid: Mapping[str, Any] | None
    valid_y: Any
    metric: str
    reference: str
    families: Mapping[str, str] | None
    claim: str
    margin: float | None
    calibration: str
    threshold: str | float
    columns: Mapping[str, str] | None
    classes: Sequence[str]
    positive: str
    scale: str
    on_missing: Literal["refuse", "drop"]
    slices: Sequence[str]
    files: str | Path | None
    name: str


def compare_predictions(
    predictions: Mapping[str, Any],
    *,
    y: Any = None,
    groups: Any = None,
    ids: Any = None,
    valid: Mapping[str, Any] | None = None,
    valid_y: Any = None,
    metric: str = "accuracy",
    reference: str = "",
    families: Mapping[str, str] | None = None,
    claim: str = "",
    margin: float | None = None,
    calibration: str = "none",
    threshold: str | float = "largest",
    columns: Mapping[str, str] | None = None,
    classes: Sequence[str] = (),
    positive: str = "",
    scale: str = "",
    on_missing: Literal["refuse", "drop"] = "refuse",
    slices: Sequence[str] = (),
    files: str | Path | None = None,
    name: str = "test set",
    out: str | Path | None = None,
    command: str = "visiontk.compare(predictions=...)",
) -> Result:
    """Compare models by their predictions for the same test set; nothing is fitted.

    The first two models are the pair that the headline is about; all models are compared with the reference; the
    intervals of the others hold together (Bonferroni).

    Parameters
    ----------
    predictions : mapping of str to source
        By the name of the model: a path (CSV, TSV, JSON lines, JSON, Parquet, ``.npz``, ``.npy``, a folder of JSON
        files), a DataFrame, columns by name, or an array: classes of shape (n,), scores of shape (n,) for two classes,
        (n, n_classes) in the order of the sorted classes, or (n_fits, n, n_classes).
    y : source or array-like, optional
        True classes, where the tables do not hold them: a table with ids, a mapping of ids to classes, a Series, or one
        class per sample by position.
    groups : array-like or str, optional
        Unit of independence of each sample, such as a patient, by position; or the name of a column.
    ids : array-like, optional
        Ids of `y` and of arrays, by position.
    valid, valid_y
        The same for a validation set, which calibration and threshold are chosen on.
    metric : str
        The metric that is compared; ``accuracy``, ``balanced_accuracy``, ``macro_f1``, ``auc``, ``log_loss``, ``brier``
        and for two classes ``sensitivity`` and ``specificity``.
    reference : str
        The model that all others are compared with; by default the first one.
    families : mapping of str to str, optional
        ``network`` (from scratch), ``pretrained``, ``classical`` or ``floor`` by model; the others are ``unstated``.
    claim : str
        A claim to answer, such as ``"a > b by 2"``; it is marked as exploratory, as the predictions existed before it.
    margin : float, optional
        A difference of no practical importance, 0 to below 1; by default as for fits (docs/statistics.md).
    calibration : {"none", "temperature", "isotonic"}
        Of the scores of every model, on the validation set.
    threshold : {"largest", "youden"} or float
        For two classes, chosen on the validation set; a number is the sensitivity that is required there.
    columns : mapping of str to str, optional
        Columns of the tables by role where they are not recognised: ``id``, ``truth``, ``prediction``, ``score``,
        ``scores``, ``group``, ``seed``, ``fold``, ``fit_s``, ``predict_ms``, ``n_parameters``, ``size_bytes``.
    classes : sequence of str
        All classes in order, where they do not follow from the tables.
    positive : str
        The class that one score for two classes belongs to; by default the second.
    scale : {"", "probability", "percent", "logit", "margin"}
        Of the scores; by default from their values.
    on_missing : {"refuse", "drop"}
        If samples are missing from a table, refuse, or compare on those that all tables have.
    slices : sequence of str
        Columns of the tables by which results are shown too.
    files : path, optional
        Folder with the files of the samples, called like their ids, for the galleries of the report.
    name : str
        Of the data.
    out : path, optional
        The run directory; by default ``runs/predictions-<hash>``.
    command : str
        That repeats the comparison, for the report.

    Returns
    -------
    Result
        With table, verdicts and report.

    Raises
    ------
    ConfigError, DataError, EnvironmentFault, StoreError
        With an id ``E-PREDICTIONS-...``, see ``docs/errors.md``. Nothing is written then.

    Examples
    --------
    >>> import tempfile
    >>> y = [0, 1] * 50
    >>> result = compare_predictions({"always right": y, "always 1": [1] * 100}, y=y, out=tempfile.mkdtemp())
    >>> result.verdicts()["verdict"].tolist()
    ['worse']
    """
    roles = dict(columns or {})
    if isinstance(groups, str):
        roles, groups = roles | {"group": groups}, None
    options = Options(
        columns=roles,
        classes=tuple(map(str, classes)),
        positive=positive,
        scale=scale,
        on_missing=on_missing,
        slices=(slices,) if isinstance(slices, str) else tuple(slices),
    )
    settings = PredictionSettings(name, metric, reference, families or {}, margin, calibration, threshold, claim)
    aligned = align(predictions, truth=y, groups=groups, ids=ids, options=options)
    of_valid = None if valid is None else _aligned_valid(valid, valid_y, aligned, options)
    return write_run(
        None if out is None else Path(out), aligned, settings, valid=of_valid, command=command,
        files=None if files is None else Path(files),
    )  # fmt: skip


def _aligned_valid(valid: Mapping[str, Any], y: Any, test: Aligned, options: Options) -> Aligned:
    """Return predictions for the validation set, with the classes of the test set."""
    roles = {role: name for role, name in options.columns.items() if role != "group"} | {"group": "none"}
    options = Options(
        columns=roles,
        classes=test.labels,
        positive=options.positive,
        scale=options.scale,
        on_missing=options.on_missing,
    )
    aligned = align(valid, truth=y, options=options)
    for model, of_test in zip(aligned.models, test.models, strict=False):
        if len(model.fits) > 1 and model.fits != of_test.fits:
            raise ConfigError(
                f"valid: {printable(model.name)} has fits {', '.join(model.fits)}; those for the test set are "
                f"{', '.join(of_test.fits)}.",
                error_id="E-PREDICTIONS-VALID",
                hint="Give predictions of the same fits for both sets.",
            )
    return aligned
