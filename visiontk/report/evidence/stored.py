"""Typed contents of the files of a run directory that the report reads: the only place where their JSON is untyped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from typing_extensions import TypedDict

from visiontk.errors import ResumeError
from visiontk.harness.store import DATA, EXPERIMENT, PLANNED, RunDirectory
from visiontk.harness.tuning import SEARCHES
from visiontk.report.values import Audit, Counts, Finding, Package, Parameters

LEAKS = ("exact", "near")
"""Kinds of leaks: exact copies and near duplicates."""

FINDING = ("severity", "code", "title", "message", "count", "share", "remedy", "lines", "numbers")


class DataDescription(TypedDict):
    """Contents of ``data.json``."""

    dataset: str
    name: str
    fingerprint: str
    licence: str
    citation: str
    homepage: str
    part_of: str
    origin: str
    synthetic: bool
    labels: list[str]
    counts: Counts
    split: str
    n_groups: int | None
    group_names: list[str] | None
    fold_names: list[str] | None
    grouped_by: str
    caution: str
    n_unknown: int
    seen_in: list[str]
    warnings: list[str]
    notes: list[str]
    package: Package | None


class Configuration(TypedDict):
    """A configuration that a search tried."""

    values: Parameters
    valid: float | None
    cpu_s: float
    cut_off: bool


class Search(TypedDict):
    """An entry of ``searches.json``: the search of one learner on one fold."""

    learner: str
    fold: int
    space: dict[str, object]
    tried: list[Configuration]
    best: int | None
    chosen: int | None
    edges: dict[str, str]
    stopped: str
    n_most: int
    budget_s: float
    finals: list[str]


@dataclass(frozen=True)
class Settings:
    """Contents of ``experiment.yaml``."""

    preset: str
    seeds: list[int]
    n_folds: int
    max_train: int | None
    budget_s: float
    search: int  # configurations; 1 for no search
    threads: int
    margin: float | None
    reference: str
    calibration: str
    threshold: str | float
    learners: Mapping[str, Parameters]  # parameters by name
    document: Mapping[str, object]  # the whole file
    text: str  # of the file
    claim: str = ""  # that is answered
    planned: Mapping[str, object] = field(default_factory=dict)  # as the file was when the test set was read first
    pair: tuple[str, str] | None = None  # named to be compared, in place of the best of each family

    def config(self, *, hide_path: bool) -> str:
        """Return the config as text; without the path of the data if it may name a patient."""
        dataset = self.document["dataset"]
        if not hide_path or not isinstance(dataset, dict) or not dataset.get("path"):
            return self.text
        hidden = {**self.document, "dataset": {**dataset, "path": "PATH"}}
        return yaml.safe_dump(hidden, sort_keys=False, allow_unicode=True)


def read_settings(store: RunDirectory) -> Settings:
    """Read ``experiment.yaml``."""
    path = store.path / EXPERIMENT
    try:
        text = path.read_text(encoding="utf-8")
        document: dict[str, Any] = dict(yaml.safe_load(text))
        return Settings(
            **{name: document[name] for name in ("preset", "seeds", "max_train", "search", "threads")},
            **{name: document[name] for name in ("margin", "reference", "calibration", "threshold")},
            n_folds=document["folds"],
            budget_s=document["budget"],
            learners={name: dict(parameters) for name, parameters in document["learners"].items()},
            document=document,
            text=text,
            claim=document["claim"],
            planned=_read_planned(store),
            pair=tuple(document["pair"]) if "pair" in document else None,
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        raise damaged(store, path.name, "missing or damaged.") from error


def _read_planned(store: RunDirectory) -> Mapping[str, object]:
    """Read ``planned.yaml``; empty if it is missing or damaged, so that nothing counts as planned."""
    try:
        document = yaml.safe_load((store.path / PLANNED).read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return document if isinstance(document, dict) else {}


def read_data(store: RunDirectory) -> DataDescription:
    """Read ``data.json``."""
    data = store.read_json(DATA)
    if not isinstance(data, dict) or not DataDescription.__annotations__.keys() <= data.keys():
        raise damaged(store, DATA)
    return cast(DataDescription, data)


def read_searches(store: RunDirectory) -> list[Search]:
    """Read ``searches.json``; empty without a search."""
    if not (store.path / SEARCHES).exists():
        return []
    searches = store.read_json(SEARCHES)
    needed = Search.__annotations__.keys()
    if not isinstance(searches, list) or not all(isinstance(each, dict) and needed <= each.keys() for each in searches):
        raise damaged(store, SEARCHES)
    return cast(list[Search], searches)


def read_audit(store: RunDirectory) -> tuple[Audit | None, list[str]]:
    """Read ``audit.json``: its summary, None if there is none or it is damaged, and the ids of samples that leaked."""
    try:
        audit = store.read_json("audit.json")
        return audit_summary(audit), [str(name) for ids in audit["leaks"].values() for name in ids]
    except (ResumeError, KeyError, TypeError, AttributeError):  # results without an audit are better than none
        return None, []


def audit_summary(audit: Mapping[str, Any]) -> Audit:
    """Return what ``results.json`` holds of an audit: findings without examples, and the number of samples that leaked.

    Examples
    --------
    >>> summary = audit_summary({"findings": [], "counts": {"error": 0}, "leaks": {"exact": ["a"], "near": []}})
    >>> summary["n_leaked"]
    {'exact': 1, 'near': 0}
    """
    return {
        "counts": dict(audit["counts"]),
        "findings": [cast(Finding, {key: finding[key] for key in FINDING}) for finding in audit["findings"]],
        "n_leaked": {kind: len(audit["leaks"][kind]) for kind in LEAKS},
        "without_leaks": None,
    }


def damaged(store: RunDirectory, name: str, fault: str = "damaged; the run directory is not complete.") -> ResumeError:
    """Return the error of a file of a run."""
    return ResumeError(
        f"{store.path / name}: {fault}",
        error_id="E-RUN-DAMAGED",
        hint="Repeat the command that made the run: it writes the file again and keeps finished trials.",
    )
