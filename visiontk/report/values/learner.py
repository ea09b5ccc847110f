"""Values of the sections on single learners."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from visiontk.report.values.basic import Family, Interval, Measurement, Package, Parameters


class History(TypedDict):
    """Loss and metrics of one fit by epoch."""

    seed: int
    fold: int
    columns: dict[str, list[float | None]]


class SeedValue(TypedDict):
    """The metric that is compared, of one seed."""

    seed: int
    value: float | None


class UnitValue(Interval):
    """The metric that is compared, within one group or fold."""

    name: str
    n: int


class Recall(Interval):
    """Recall of one class."""

    n: Annotated[int, "test samples"]


class Bin(TypedDict):
    """A bin of a reliability diagram."""

    low: float
    high: float
    n: float
    predicted: float
    observed: float
    observed_low: float
    observed_high: float


class Calibration(TypedDict):
    """A reliability diagram."""

    of: Annotated[Literal["second class", "likeliest class"], "whose probability is predicted"]
    bins: list[Bin]


class Coverage(Interval):
    """The error rate among the surest answers."""

    coverage: Annotated[float, "share of the samples that is answered"]


class Selective(TypedDict):
    """The risk-coverage curve of a learner."""

    curve: list[Coverage]
    area: Interval


class LearnerRow(TypedDict):
    """All of one learner."""

    name: str
    family: Family
    summary: str
    source: str
    package: Package | None
    parameters: Parameters
    set_by_hand: Annotated[Parameters, "values that differ from the defaults"]
    layers: int | None
    pretrained_on: Annotated[str, "data set that it had seen before; empty: from scratch"]
    knew: Annotated[str, "what it had learnt before this training set, as it says; empty: nothing"]
    input_size: Annotated[str, "of images, as the learner sees them"]
    n_trials: int
    metrics: Annotated[dict[str, Measurement], "by name, of the test set"]
    valid: Annotated[float | None, "the metric that is compared, of the validation sets"]
    fit_cpu_s: float | None
    fit_wall_s: float | None
    predict_ms_per_sample: Annotated[float | None, "the whole test set at once"]
    predict_ms_alone: Annotated[float | None, "one sample at a time"]
    n_parameters: int | None
    size_bytes: int | None
    peak_memory_bytes: int | None
    n_cut_off: Annotated[int, "fits that reached the budget"]
    notes: list[str]
    confusion: Annotated[list[list[int]], "true classes in rows, summed over seeds; empty above 1,000 classes"]
    recall: Annotated[list[Recall], "by class"]
    histories: list[History]
    by_seed: list[SeedValue]
    by_group: Annotated[list[UnitValue], "of each of `units`, with the interval for more samples of the same unit"]
    calibration: Annotated[Calibration | None, "`null` where scores are not probabilities"]
    selective: Selective


Calibrated = dict[str, dict[str, Measurement] | None]
"""By calibration method, then by metric; None where scores are not probabilities."""


class Probabilities(TypedDict):
    """Brier score and log loss after each calibration."""

    learners: Annotated[
        dict[str, Calibrated], "by name: `none`, `temperature` and `isotonic`, each `brier` and `log_loss`"
    ]
    difference: Annotated[dict[str, dict[str, Interval | None]], "of `pair`, by calibration and metric"]
    pair: list[str] | None


class Failure(TypedDict):
    """A trial that failed."""

    learner: str
    trial: str
    reason: str
