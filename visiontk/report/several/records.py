"""Records of ``all.json`` and of the value of ``visiontk report RUN RUN RUN --json``; their types give the schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from typing_extensions import TypedDict

Status = Literal["done", "partial", "failed", "waiting"]
Outcome = Literal["network", "classical", "equivalent", "undecided", "none", "failed", "waiting"]
"""The family that is better, or why none is: ``none`` is a run without a verdict, ``failed`` one without results."""

Family = Literal["network", "classical", "floor"]
Kind = Literal["proportion", "bounded", "unbounded"]


class Learner(TypedDict):
    """The learner of a family: its metric with an interval, and its costs."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    fit_cpu_s: float | None
    predict_ms_per_sample: float | None


class TaskRow(TypedDict):
    """One run: its data, metric, best learners, their difference and the verdict."""

    task: str
    summary: str
    folder: str
    status: Status
    outcome: Outcome
    reason: str
    dataset: str
    origin: str
    synthetic: bool
    caution: str
    n_train: int | None
    n_test: int | None
    metric: str
    kind: Kind | None
    higher_is_better: bool | None
    margin: float | None
    network: Learner | None
    classical: Learner | None
    difference: float | None
    low: float | None
    high: float | None
    scope: str | None
    fit_cost_ratio: float | None
    sentence: str
    n_planned: int
    n_done: int
    n_failed: int
    signature: str


class RunRow(TaskRow):
    """A run among several on different data; `label` names its data."""

    label: str
    fingerprint: str
    preset: str
    seeds: list[int]
    budget_s: float
    trials: int
    max_train: int | None


class FamilyTest(TypedDict):
    """Signed-rank test of network less traditional: runs that differ, p-value, smallest possible p-value."""

    n: int
    p_value: float
    smallest: float
    text: str


class Headline(TypedDict):
    """The result in one sentence."""

    sentence: str


class Reproduce(TypedDict):
    """The command that repeats it."""

    command: str


class AllTasks(TypedDict):
    """The value of ``all.json``."""

    schema: int
    visiontk: str
    created: str
    preset: str
    settings: Mapping[str, Any]
    complete: bool
    counts: dict[str, int]
    n_planned: int
    n_done: int
    n_failed: int
    tasks: list[TaskRow]
    families: FamilyTest
    headline: Headline
    warnings: list[str]
    reproduce: Reproduce


class RankedLearner(TypedDict):
    """A learner with its values and ranks in the order of the runs."""

    name: str
    family: Family
    mean_rank: float
    values: list[float]
    ranks: list[float]


class LeftOut(TypedDict):
    """A learner without a value in every run."""

    name: str
    family: Family
    reason: str


class FriedmanTest(TypedDict):
    """Friedman's test by permutation; `exact` is True if all arrangements were counted."""

    statistic: float
    p_value: float
    smallest: float
    exact: bool


class Nemenyi(TypedDict):
    """Critical difference of mean ranks at 0.05, and the learners that each bar joins."""

    critical_difference: float
    cliques: list[list[str]]


class RankedPair(TypedDict):
    """Two learners, the one with the smaller mean rank first; numbers are None where metrics have no common unit."""

    learner: str
    other: str
    rank_difference: float
    n: int | None
    p_value: float | None
    p_adjusted: float | None
    smallest: float | None
    verdict: Literal["better", "worse", "undecided"]


class Ranking(TypedDict):
    """The learners of several runs on different data, ranked and tested."""

    schema: int
    visiontk: str
    created: str
    metric: str
    complete: bool
    runs: list[RunRow]
    learners: list[RankedLearner]
    left_out: list[LeftOut]
    friedman: FriedmanTest
    nemenyi: Nemenyi
    pairs: list[RankedPair]
    families: FamilyTest
    headline: Headline
    warnings: list[str]
    reproduce: Reproduce
