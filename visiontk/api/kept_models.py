"""Which fitted models of a run are kept."""

from __future__ import annotations

from visiontk.core import Trial
from visiontk.harness.models import KeptModel, keep_models
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.choice import chosen_by_fold, family_of


def keep_chosen(evidence: Evidence, keep: str, *, complete: bool) -> list[KeptModel]:
    """Keep the models that the setting `keep` asks for: best, all or none."""
    return keep_models(evidence.store, _wanted(evidence, keep), complete=complete)


def _wanted(evidence: Evidence, keep: str) -> list[Trial]:
    """Return the trials whose fits are to be kept.

    Of the best, the fit of the first fold and the first seed: the one with the best result would be the luckiest.
    """
    if keep == "all":
        return [trial for each in evidence.learners.values() for trial in each.trials]
    if keep == "none":
        return []
    families = sorted({family_of(evidence.task, name) for name in evidence.learners} - {"floor"})
    chosen = [chosen_by_fold(evidence.task, evidence.learners, family) for family in families]
    names = [entrant.learner.name for entrant in chosen if entrant]
    first = evidence.settings.seeds[0]
    trials = [trial for name in names for trial in evidence.learners[name].trials]
    return [trial for trial in trials if trial.fold == 0 and trial.seed == first]
