"""Which learners the primary comparison compares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from visiontk.report.evidence.choice import chosen_by_fold
from visiontk.report.evidence.learner import LearnerEvidence
from visiontk.testing import tiny_task
from visiontk.testing.tiny import centroid

TASK = replace(tiny_task(), learners={"a": centroid, "b": centroid})


def learner(name: str, valid_by_fold: list[float]) -> LearnerEvidence:
    """Return a learner with these results on the validation sets, tested on one sample in each fold."""
    n = len(valid_by_fold)
    scores = np.full((1, n, 2), 0.5)
    return LearnerEvidence(
        name=name, trials=[], costs=[], seeds=[0], ids=np.array([f"{i}" for i in range(n)]),
        y=np.zeros(n, np.int64), folds=np.arange(n), scores=scores, adapted={}, decided=scores,
        valid=float(np.mean(valid_by_fold)), valid_by_fold=np.array(valid_by_fold), histories=[], probabilities=True,
    )  # fmt: skip


def test_each_fold_chooses_by_its_own_validation_set() -> None:
    learners = {each.name: each for each in (learner("a", [0.9, 0.7, 0.7]), learner("b", [0.8, 0.8, 0.8]))}

    entrant = chosen_by_fold(TASK, learners, "classical")

    assert entrant is not None
    assert entrant.by_fold == ("a", "b", "b")
    assert entrant.learner.name == "b"


def test_other_folds_do_not_decide_between_equals() -> None:
    """Their validation samples are tested in this fold: the first by name is taken, not the best over all folds."""
    learners = {each.name: each for each in (learner("b", [0.8, 0.9]), learner("a", [0.8, 0.1]))}

    entrant = chosen_by_fold(TASK, learners, "classical")

    assert entrant is not None
    assert entrant.by_fold == ("a", "b")
