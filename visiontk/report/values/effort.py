"""Values of the sections on searches and on less data."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from visiontk.report.values.basic import Interval, Parameters


class Configured(Interval):
    """Result of a learner with its configured parameters."""

    valid: float


class Gain(Interval):
    """Tuned minus configured, on the same samples."""

    reason: Annotated[str, "why there is no interval"]


class Tuning(TypedDict):
    """Searches of one learner; lists are by fold."""

    configured: Annotated[Configured, "with the parameters of the config"]
    gain: Annotated[Gain, "tuned minus configured; 0 without an interval where both are the same fits"]
    n_most: Annotated[int, "configurations allowed"]
    budget_s: float
    n_tried: list[int]
    cpu_s: list[float]
    stopped: list[str]
    chosen: list[Parameters | None]
    n_failed: int
    n_cut_off: int
    n_default: Annotated[int, "folds that retained the default"]
    n_unsure: Annotated[
        int,
        "folds on which the default was retained as the leading configuration was ahead by at most one standard error",
    ]
    edges: Annotated[dict[str, dict[str, int]], "parameters whose chosen value lies at an end of its space"]
    space: dict[str, object]


class CurvePoint(Interval):
    """A learner at one size of the training set."""

    n: float
    fit_cpu_s: float
    n_fits: int


class Extrapolation(TypedDict):
    """CPU time of a fit on twice the data, extrapolated."""

    n: float
    fit_cpu_s: float | None
    exponent: float | None


class Crossover(TypedDict):
    """Size of the training set at which two curves cross."""

    challenger: str
    classical: str
    n: float | None
    low: Annotated[float | None, "0: below the smallest size; `null`: beyond the largest"]
    high: float | None
    reached: bool
    smallest: float
    largest: float
    sizes: list[float]
    differences: list[float]


class Curve(TypedDict):
    """Learning curves."""

    draws: int
    learners: dict[str, list[CurvePoint]]
    extrapolation: Annotated[dict[str, Extrapolation], "to twice the data"]
    crossovers: Annotated[list[Crossover], "of the two of each headline that has both curves"]
