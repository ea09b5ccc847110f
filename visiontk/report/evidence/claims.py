"""The claim of a run and the time when it was made: before the test set was read, or afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from visiontk.core import Task
from visiontk.errors import ConfigError
from visiontk.harness.claim import FAMILIES, Claim, claim_of
from visiontk.report.evidence.comparing import best_on_valid
from visiontk.report.evidence.learner import LearnerEvidence
from visiontk.report.evidence.stored import Settings
from visiontk.report.evidence.view import View
from visiontk.report.formatting import listed, words

DESIGN = ("learners", "seeds", "folds", "max_train", "budget", "search", "reference", "calibration", "threshold")
"""Settings that the answer to a claim depends on."""

BEFOREHAND = "stated before the test set was read"


class StatedClaim(NamedTuple):
    """A claim, and when it was made; one that was not made beforehand, for all that it depends on, is exploratory."""

    claim: Claim
    stated: str
    exploratory: bool


class Side(NamedTuple):
    """One of the two sides of a claim."""

    learner: LearnerEvidence


def sides_of(claim: Claim, task: Task, learners: Mapping[str, LearnerEvidence]) -> tuple[Side | None, Side | None]:
    """Return the learners that a claim is about; None for one without finished trials."""

    def side(name: str) -> Side | None:
        chosen = name if name not in FAMILIES else best_on_valid(task, learners, FAMILIES[name])
        return Side(learners[chosen]) if chosen is not None and chosen in learners else None

    return side(claim.left), side(claim.right)


def stated_claim(view: View, settings: Settings, task: Task, *, fitted_here: bool, changed: bool) -> StatedClaim | None:
    """Return the claim to answer, None if there is none.

    `task` is that of the run, `fitted_here` is False for predictions of models that were fitted elsewhere, `changed` is
    True if metric, unit or policy are not those of the run. A claim is about the metric that it was made for: under
    another one, it has no answer unless it is stated anew.
    """
    text = view.claim or settings.claim
    if not text or (not view.claim and view.metric not in ("", task.metric)):
        return None
    claim = claim_of(text, view.of(task), settings.learners, where="--claim" if view.claim else "claim")
    if not fitted_here:
        return StatedClaim(claim, "stated after the predictions existed", True)
    if claim != planned_claim(settings, task):
        return StatedClaim(claim, "stated after the test set was read", True)
    other = [words(name) for name in DESIGN if settings.planned.get(name) != settings.document.get(name)]
    if other:
        return StatedClaim(claim, f"{BEFOREHAND}, but settings were changed afterwards: {listed(other)}", True)
    if changed:
        return StatedClaim(claim, f"{BEFOREHAND}, but what is compared was changed afterwards", True)
    return StatedClaim(claim, BEFOREHAND, False)


def planned_claim(settings: Settings, task: Task) -> Claim | None:
    """Return the claim that stood when the test set was read first; None if it is about learners no longer compared."""
    text = settings.planned.get("claim")
    try:
        return claim_of(text, task, settings.learners) if isinstance(text, str) and text else None
    except ConfigError:
        return None
