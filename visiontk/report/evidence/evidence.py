"""The evidence of a run: all that its sections compute from, read once from the run directory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from visiontk.core import BEST_CLASSICAL, Metric, Task, Trial
from visiontk.errors import ConfigError
from visiontk.harness.claim import Claim
from visiontk.harness.store import RunDirectory
from visiontk.report.evidence.choice import Entrant, Primary, n_questions, primaries_of, reference_of
from visiontk.report.evidence.claims import StatedClaim, claimed_primary, planned_pair, sides_of, stated_claim
from visiontk.report.evidence.comparing import Plan
from visiontk.report.evidence.learner import LearnerEvidence, TestSet, build_test_set, read_learner
from visiontk.report.evidence.margin import Margin, margin_of
from visiontk.report.evidence.policy import Policy
from visiontk.report.evidence.searches import Searches, configured, searches_of
from visiontk.report.evidence.slice_columns import Column, read_columns
from visiontk.report.evidence.stored import DataDescription, Settings, read_audit, read_data, read_settings
from visiontk.report.evidence.view import View
from visiontk.report.section import Section
from visiontk.report.values import Audit

V = TypeVar("V")
PREDICTIONS = "predictions"
"""Origin of data of which only predictions are known."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Stored predictions and settings of a run, under a view."""

    store: RunDirectory
    task: Task  # its metrics under the view and policy
    planned_metric: str  # of the run, which a view may replace
    settings: Settings
    data: DataDescription  # without groups if the view has others
    trials: Sequence[Trial]
    view: View  # metric and units
    policy: Policy  # calibration and decision threshold
    changes: Sequence[str]  # warnings about choices made after the run
    claim: StatedClaim | None  # to answer
    claimed: Claim | None  # made beforehand about learners by name: they are the primary comparison
    searches: Searches  # empty without a search
    learners: Mapping[str, LearnerEvidence]  # tuned
    configured: Mapping[str, LearnerEvidence]  # the same without a search
    groups: NDArray[Any] | None  # unit of independence of each test sample; None: samples
    columns: Sequence[Column]  # to slice by
    audit: Audit | None  # summary, if there was one
    leaked: Sequence[str]  # ids of samples that leaked
    _values: dict[str, object] = field(default_factory=dict)

    def value(self, section: Section[V]) -> V | None:
        """Return the value of a section, computed once."""
        if section.name not in self._values:
            self._values[section.name] = section.compute(self) if section.compute else None
        return cast("V | None", self._values[section.name])

    def read(self, name: str, trials: Sequence[Trial], policy: Policy | None = None) -> LearnerEvidence | None:
        """Read other trials of a learner, or the same under another policy."""
        return read_learner(self.store, self.task, name, trials, policy or self.policy, self.data["seen_in"])

    @property
    def metric(self) -> Metric:
        """The metric that is compared."""
        return self.task.metrics[self.task.metric]

    @cached_property
    def first(self) -> LearnerEvidence:
        """Any learner: test samples are the same for all."""
        return next(iter(self.learners.values()))

    @cached_property
    def test_set(self) -> TestSet:
        """The test set."""
        return build_test_set(self.first.y, self.groups)

    @property
    def is_supervised(self) -> bool:
        """False for predictions of models that were fitted elsewhere."""
        return self.data["origin"] != PREDICTIONS

    @cached_property
    def reference(self) -> tuple[str | None, str]:
        """The learner that all others are compared with, and why; None without one."""
        if self.settings.pair is not None:
            return self.settings.reference, str(self.settings.document["reference_reason"])
        if self.claimed and self.primary and self.settings.reference == BEST_CLASSICAL:
            subtracted = self.primary.reference
            if subtracted.requested:
                return subtracted.learner.name, "as in the claim"
        return reference_of(self.task, self.learners, self.settings.reference)

    @property
    def named(self) -> tuple[str, str] | None:
        """The two that were named to be compared, by the settings or by a claim; None where a family is compared."""
        if self.settings.pair or not self.claimed or not self.primary:
            return self.settings.pair
        return self.pair if self.primary.challenger.requested and self.primary.classical.requested else None

    def primaries_among(self, learners: Mapping[str, LearnerEvidence]) -> list[Primary]:
        """Return the planned comparisons, their sides chosen from these learners; without those that miss a side."""
        if self.claimed:
            return claimed_primary(self.claimed, self.task, learners, self.settings)
        return primaries_of(self.task, learners, self.settings.reference, self.settings.pair)

    @cached_property
    def primaries(self) -> list[Primary]:
        """The planned comparisons, the pretrained learner first; without those that miss a side."""
        return self.primaries_among(self.learners)

    @property
    def primary(self) -> Primary | None:
        """The first of the planned comparisons."""
        return next(iter(self.primaries), None)

    @property
    def n_primaries(self) -> int:
        """Number of planned comparisons, whether or not their fits have finished: they share the 5 %."""
        return 1 if self.settings.pair or self.claimed else n_questions(self.task, self.settings.learners)

    @property
    def pair(self) -> tuple[str, str] | None:
        """Names of the two sides of the first comparison, as chosen most often."""
        return self.primary and self.primary.names

    @cached_property
    def margin(self) -> Margin:
        """The difference too small to matter, and where it comes from."""
        setting = self.settings.margin if self.task.metric == self.planned_metric else None
        reference = self.primary.reference.learner if self.primary else self.learners.get(self.reference[0] or "")
        valid, name = (reference.valid, reference.name) if reference else (math.nan, "")
        return margin_of(self.metric, setting, valid, sum(self.data["counts"]["test"]), name)

    def plan_on(self, test_set: TestSet) -> Plan:
        """Return what comparisons on a test set have in common."""
        return Plan(self.task, test_set, self.data["labels"], self.margin.value, self.n_train, self.n_primaries)

    @cached_property
    def claim_sides(self) -> tuple[Entrant | None, Entrant | None]:
        """The two sides of the claim to answer."""
        return sides_of(self.claim.claim, self.task, self.learners, self.settings) if self.claim else (None, None)

    @property
    def n_train(self) -> float:
        """Training samples of a fit."""
        return min(sum(self.data["counts"]["train"]), self.settings.max_train or math.inf)

    @cached_property
    def n_done(self) -> int:
        """Finished trials."""
        return sum(self.store.is_done(trial) for trial in self.trials)


def read_evidence(store: RunDirectory, task: Task, view: View) -> Evidence:
    """Read the evidence of a run; missing trials make the results incomplete, damaged files raise a ResumeError."""
    settings, data, trials = read_settings(store), read_data(store), store.trials()
    planned = Policy(settings.calibration, settings.threshold)
    changes, policy = view.warnings(task, data, planned), view.policy(planned)
    if policy != Policy() and not sum(data["counts"]["valid"]):
        raise ConfigError(
            "calibration and threshold are chosen on a validation set, for which there are no predictions.",
            error_id="E-PREDICTIONS-VALID",
            hint="visiontk compare --predictions with --valid stores them.",
        )
    claimed = planned_pair(settings, task)
    claim = stated_claim(view, settings, task, fitted_here=data["origin"] != PREDICTIONS, changed=bool(changes))
    planned_metric, task = task.metric, policy.of(view.of(task), len(data["labels"]))
    searches = searches_of(store, settings)

    def read(trials_of: Any) -> dict[str, LearnerEvidence]:
        every = ((name, trials_of(name, parameters, trials)) for name, parameters in settings.learners.items())
        return {
            name: each for name, own in every if (each := read_learner(store, task, name, own, policy, data["seen_in"]))
        }

    learners = read(searches.tuned)
    groups, columns = None, []
    if learners:
        first = next(iter(learners.values()))
        groups = view.groups(store, data, first.ids, first.folds)
        columns = read_columns(store, view.slices, first.ids)
        if view.regroups(data):
            n_units = None if groups is None else len(np.unique(groups))
            data = {**data, "n_groups": n_units, "group_names": None, "grouped_by": ""}
    audit, leaked = read_audit(store)
    return Evidence(
        store=store,
        task=task,
        planned_metric=planned_metric,
        settings=settings,
        data=data,
        trials=trials,
        view=view,
        policy=policy,
        changes=changes,
        claim=claim,
        claimed=claimed,
        searches=searches,
        learners=learners,
        configured=read(configured) if searches.complete else learners,
        groups=groups,
        columns=columns,
        audit=audit,
        leaked=leaked,
    )
