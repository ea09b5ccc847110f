"""The value of ``results.json``."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from visiontk.report.values.comparing import (
    ClaimAnswer,
    Comparison,
    Disagreement,
    Headline,
    NegativeControl,
    SliceColumn,
)
from visiontk.report.values.data import Audit, Ceiling, Dataset, MetricInfo, Units
from visiontk.report.values.effort import Curve, Tuning
from visiontk.report.values.learner import Failure, LearnerRow, Probabilities


class Environment(TypedDict):
    """The machine and the versions of a run."""

    visiontk: str
    python: str
    platform: str
    cpu: str
    n_cpus: int
    packages: dict[str, str]
    git: str | None


class Reproduce(TypedDict):
    """The command that repeats a run, and its config."""

    command: str
    config: Annotated[str, "of data about patients with `PATH` in place of theirs"]


class Outcome(TypedDict):
    """Results that the headline follows from."""

    dataset: Annotated[Dataset, "the data"]
    metric: Annotated[str, "that is compared"]
    metrics: Annotated[dict[str, MetricInfo], "of each metric"]
    margin: Annotated[float, "largest difference of no practical importance"]
    margin_reason: Annotated[str, "where the margin comes from"]
    reference: Annotated[str | None, "learner that all others are compared with"]
    reference_reason: Annotated[str, "why it is this one"]
    pair: Annotated[list[str] | None, "the two that were named to be compared; `null`: chosen by family"]
    learners: Annotated[list[LearnerRow], "in the order of the table"]
    comparisons: Annotated[list[Comparison], "the primary ones, then every other learner but floors with the reference"]


class Results(Outcome):
    """The value of ``results.json``."""

    schema: Annotated[int, "version of this format"]
    visiontk: Annotated[str, "version of visiontk"]
    task: Annotated[str, "name"]
    created: Annotated[str, "time in UTC"]
    preset: Annotated[str, "setting"]
    seeds: Annotated[list[int], "setting"]
    n_folds: Annotated[int, "setting"]
    max_train: Annotated[int | None, "setting"]
    budget_s: Annotated[float, "setting"]
    search: Annotated[int, "configurations of a search; 1: no search"]
    threads: Annotated[int, "setting"]
    calibration: Annotated[Literal["none", "temperature", "isotonic"], "setting"]
    threshold: Annotated[str | float, "setting"]
    confidence: Annotated[float, "level of intervals"]
    complete: Annotated[bool, "if every trial is done"]
    n_planned: Annotated[int, "trials"]
    n_done: Annotated[int, "trials"]
    n_test_readings: Annotated[int | None, "how often a fit was shown the test set in this folder"]
    claim: ClaimAnswer | None
    headlines: list[Headline]
    units: Units | None
    ceiling: Ceiling | None
    slices: list[SliceColumn]
    tuning: dict[str, Tuning]
    as_configured: list[Comparison]
    curve: Curve | None
    negative_control: NegativeControl | None
    audit: Audit | None
    disagreement: Disagreement | None
    probabilities: Probabilities | None
    failed: Annotated[list[Failure], "trials without a result"]
    warnings: Annotated[list[str], "limits of the conclusions"]
    environment: Annotated[Environment, "of the run"]
    signature: Annotated[str, "data, effort and tests of the run, on one line"]
    reproduce: Annotated[Reproduce, "how to repeat the run"]
