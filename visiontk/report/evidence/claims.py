"""The claim of a run and the time when it was made: before the test set was read, or afterwards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from visiontk.core import Task
from visiontk.errors import ConfigError
from visiontk.harness.claim import FAMILIES, Claim, claim_of
from visiontk.report.evidence.choice import Entrant, Learners, Primary, chosen_by_fold, family_of, named
from visiontk.report.evidence.stored import Settings
from visiontk.report.evidence.view import View
from visiontk.report.formatting import listed, words
from visiontk.report.values import CHALLENGERS

DESIGN = ("learners", "seeds", "folds", "max_train", "budget", "search", "reference", "calibration", "threshold")
"""Settings that the answer to a claim depends on."""

BEFOREHAND = "stated before the test set was read"


class StatedClaim(NamedTuple):
    """A claim, and when it was made; one that was not made beforehand, for all that it depends on, is exploratory."""

    claim: Claim
    stated: str
    exploratory: bool


def sides_of(claim: Claim, task: Task, learners: Learners, settings: Settings) -> tuple[Entrant | None, Entrant | None]:
    """Return the learners that a claim is about, those of its families as in the primary comparison.

    None stands for a learner without finished trials, or for the best of several that no validation set tells apart.
    """

    def side(name: str) -> Entrant | None:
        if name in settings.learners:
            return named(learners, name)
        family = FAMILIES[name]
        requested = [each for each in settings.pair or (settings.reference,) if each in settings.learners]
        of_family = [each for each in requested if family_of(task, each) == family]
        if len(of_family) == 1:
            return named(learners, of_family[0])
        chosen = chosen_by_fold(task, learners, family)
        several = sum(family_of(task, each) == family for each in learners) > 1
        return None if chosen is None or (several and not np.isfinite(chosen.learner.valid)) else chosen

    return side(claim.left), side(claim.right)


def claimed_primary(claim: Claim, task: Task, learners: Learners, settings: Settings) -> list[Primary]:
    """Return the primary comparison that a claim made beforehand names; none if a side is missing.

    A challenger and a traditional learner stand in this order, others in that of the claim.
    """
    left, right = sides_of(claim, task, learners, settings)
    if left is None or right is None:
        return []
    one, other = (family_of(task, each.learner.name) for each in (left, right))
    turned = one == "classical" and other in CHALLENGERS
    return [Primary(right, left, (other, one)) if turned else Primary(left, right, (one, other))]


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


def planned_pair(settings: Settings, task: Task) -> Claim | None:
    """Return the planned claim if it is about learners by name, so that they are the primary comparison.

    A claim about a floor leaves the primary comparison as it is.
    """
    claim = planned_claim(settings, task)
    by_name = [name for name in (claim.left, claim.right) if name in settings.learners] if claim else []
    return claim if by_name and not any(family_of(task, name) == "floor" for name in by_name) else None
