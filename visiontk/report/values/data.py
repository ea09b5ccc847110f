"""Values of the sections on the data: their card, units, slices and audit."""

from __future__ import annotations

from typing import Annotated, Literal

from typing_extensions import TypedDict

from visiontk.report.values.basic import Interval, Kind, NamedMeasurement, Package
from visiontk.report.values.comparing import Comparison


class Counts(TypedDict):
    """Samples of each class."""

    train: list[int]
    valid: list[int]
    test: list[int]


class Dataset(TypedDict):
    """The data of a run."""

    name: str
    title: Annotated[str, "for people: of your own data, the name of the folder or table"]
    fingerprint: str
    licence: str
    citation: str
    homepage: str
    part_of: Annotated[str, "published data of which these are a part; empty for whole ones"]
    origin: str
    synthetic: bool
    labels: list[str]
    counts: Annotated[Counts, "by class"]
    n_train: int
    n_valid: int
    n_test: int
    n_unknown: Annotated[int, "more test samples, excluded by every metric as their class cannot be learnt"]
    n_groups: int | None
    n_test_units: Annotated[int, "groups in the test set, or test samples without groups"]
    test_units: Annotated[list[int], "the same by class"]
    grouped_by: Annotated[str, "what a group is, such as person; empty where unknown"]
    seen_in: Annotated[list[str], "names of other data sets that are known to contain these samples"]
    split: str
    package: Annotated[Package | None, "that brings the data; `null` for visiontk"]
    caution: str
    notes: list[str]


class MetricInfo(TypedDict):
    """Properties of a metric."""

    kind: Kind
    higher_is_better: bool
    by_class: Annotated[bool, "an average over classes"]
    adapted: Annotated[bool, "if an operating point is chosen on the validation set"]
    n_excluded: Annotated[int, "test samples that it excludes as unknown"]
    package: Package | None


class Units(TypedDict):
    """Groups or published folds of the test set."""

    kind: Literal["group", "fold"]
    names: list[str]
    n: Annotated[list[int], "test samples of each"]


class Finding(TypedDict):
    """A finding of the audit, without its examples."""

    severity: Literal["error", "warning", "note"]
    code: str
    title: str
    message: str
    count: int
    share: float | None
    remedy: str
    lines: list[str]
    numbers: dict[str, object]


class WithoutLeaks(TypedDict):
    """Results without the test samples that leaked."""

    n_removed: int
    n_left: int
    metric: str
    learners: list[NamedMeasurement]
    comparisons: list[Comparison]


class Audit(TypedDict):
    """Summary of the audit of the data."""

    counts: dict[str, int]
    findings: list[Finding]
    n_leaked: dict[str, int]
    without_leaks: WithoutLeaks | None


class Ceiling(Interval):
    """Accuracy of the best possible answers, from repeated labels; too high rather than too low."""

    rule: Annotated[Literal["majority", "single"], "that made the label of the votes"]
    n: Annotated[int, "test samples with repeated labels"]
    n_votes: Annotated[float, "votes on each of them, on average"]
    above: Annotated[list[str], "learners whose accuracy is above `high`"]
