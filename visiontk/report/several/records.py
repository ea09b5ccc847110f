"""Types of ``all.json`` and of a ranking; their JSON Schemas and the tables of the documentation are made from them."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from visiontk.report.values import Family, Kind

Status = Literal["done", "partial", "failed", "waiting"]
Outcome = Literal["network", "pretrained", "classical", "equivalent", "undecided", "none", "failed", "waiting"]


class Learner(TypedDict):
    """The best learner of a family."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    fit_cpu_s: float | None
    predict_ms_per_sample: float | None


class Scratch(TypedDict):
    """The answer about a network from scratch, where a pretrained learner takes part, too."""

    outcome: Outcome
    difference: Annotated[float | None, "network minus classical"]
    low: float | None
    high: float | None


class TaskRow(TypedDict):
    """One run."""

    task: str
    summary: str
    folder: Annotated[str, "run directory"]
    status: Status
    outcome: Annotated[Outcome, "the family with the verdict; `none`: a run without a verdict"]
    reason: Annotated[str, "of a task without results"]
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
    pretrained: Learner | None
    network: Annotated[Learner | None, "from scratch"]
    classical: Learner | None
    challenger: Annotated[Family, "that is compared with the traditional method: `pretrained` if there is one"]
    difference: Annotated[float | None, "challenger minus classical"]
    low: float | None
    high: float | None
    scope: str | None
    fit_cost_ratio: float | None
    scratch: Scratch | None
    sentence: str
    n_planned: int
    n_done: int
    n_failed: int
    signature: str


class RunRow(TaskRow):
    """One of several runs on different data."""

    label: Annotated[str, "of its data"]
    fingerprint: str
    preset: str
    seeds: list[int]
    budget_s: float
    search: int
    max_train: int | None


class FamilyTest(TypedDict):
    """Signed-rank test of network minus traditional."""

    n: Annotated[int, "rows that differ"]
    p_value: float
    smallest: Annotated[float, "possible p-value"]
    text: str


class Headline(TypedDict):
    """The result in one sentence."""

    sentence: str


class Reproduce(TypedDict):
    """The command that repeats it."""

    command: str


class AllTasks(TypedDict):
    """The value of ``all.json``."""

    schema: Annotated[int, "version of this format"]
    visiontk: str
    created: Annotated[str, "time in UTC"]
    preset: str
    settings: Annotated[dict[str, object], "of all runs, by name"]
    complete: Annotated[bool, "if every fit of every task is done"]
    counts: Annotated[dict[str, int], "tasks by outcome"]
    n_planned: int
    n_done: int
    n_failed: int
    tasks: list[TaskRow]
    families: FamilyTest
    headline: Headline
    warnings: list[str]
    reproduce: Reproduce


class RankedLearner(TypedDict):
    """A learner that ran on all data."""

    name: str
    family: Family
    mean_rank: float
    values: Annotated[list[float], "in the order of `runs`"]
    ranks: list[float]


class LeftOut(TypedDict):
    """A learner without a value in every run."""

    name: str
    family: Family
    reason: str


class FriedmanTest(TypedDict):
    """Friedman's test by permutation."""

    statistic: Annotated[float, "corrected for ties"]
    p_value: float
    smallest: Annotated[float, "p-value in full agreement"]
    exact: Annotated[bool, "if all permutations were counted"]


class Nemenyi(TypedDict):
    """Nemenyi's test."""

    critical_difference: Annotated[float, "of mean ranks at 0.05"]
    cliques: Annotated[list[list[str]], "learners that each bar of the diagram joins"]


class RankedPair(TypedDict):
    """Two learners; numbers are `null` where metrics have no common unit."""

    learner: Annotated[str, "with the smaller mean rank"]
    other: str
    rank_difference: float
    n: Annotated[int | None, "data sets on which they differ"]
    p_value: Annotated[float | None, "signed-rank test"]
    p_adjusted: Annotated[float | None, "Holm"]
    smallest: Annotated[float | None, "adjusted p-value in full agreement"]
    verdict: Literal["better", "worse", "undecided"]


class Ranking(TypedDict):
    """The value of ``visiontk report RUN RUN RUN --json``."""

    schema: Annotated[int, "version of this format"]
    visiontk: str
    created: Annotated[str, "time in UTC"]
    metric: Annotated[str, "chosen for all runs; empty where each has its own"]
    complete: Annotated[bool, "if every fit of every run is done"]
    runs: list[RunRow]
    learners: Annotated[list[RankedLearner], "by mean rank"]
    left_out: Annotated[list[LeftOut], "except floors"]
    friedman: FriedmanTest
    nemenyi: Nemenyi
    pairs: list[RankedPair]
    families: FamilyTest
    headline: Headline
    warnings: list[str]
    reproduce: Reproduce
