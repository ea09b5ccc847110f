"""Numbers with intervals, names of verdicts and families, and other values that several sections share."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired

from typing_extensions import TypedDict

Kind = Literal["proportion", "bounded", "unbounded"]


Family = Literal["network", "pretrained", "classical", "floor", "unstated"]


Verdict = Literal["better", "worse", "equivalent", "undecided", "invalid"]


Parameters = dict[str, object]


CHALLENGERS: tuple[Family, ...] = ("pretrained", "network")
"""Families that are compared with traditional methods, in the order of the questions: what to use, and is a network
from scratch worth it."""

MIXED: dict[Family, str] = {
    "network": "best network", "pretrained": "best pretrained", "classical": "best traditional",
}  # fmt: skip
"""Name in a comparison of a family of which not every fold chose the same learner."""


class Interval(TypedDict):
    """A number with its 95 % interval."""

    value: float | None
    low: float | None
    high: float | None


class Measurement(Interval):
    """A metric of one learner, or the reason why it has no value."""

    reason: NotRequired[Annotated[str, "where `value` is `null`"]]
    item_variance: NotRequired[float | None]
    seed_variance: NotRequired[float | None]


class NamedMeasurement(Measurement):
    """A metric of a learner, by name."""

    name: str


class Package(TypedDict):
    """A distribution that brings a dataset, learner or metric."""

    name: str
    version: str
