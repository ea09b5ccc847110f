"""The learners that are compared: of each family the best on the validation set of each fold.

One comparison is planned for each family of challengers that takes part: the best pretrained learner with the best
traditional method (what should be used?), and the best network from scratch with it (is such a network worth it?).

With several folds, samples that are validated in one fold are tested in another. A single choice by the mean over all
validation sets would therefore have seen test samples; with six learners in one family and one in the other, it was
0.6 to 2.3 points in favour of the six. The choice on each fold sees the validation set of that fold only, as a search
does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from visiontk.core import BEST_CLASSICAL, Task, about
from visiontk.report.evidence.learner import LearnerEvidence
from visiontk.report.values import CHALLENGERS, MIXED, Family

Learners = Mapping[str, LearnerEvidence]


@dataclass(frozen=True, eq=False)
class Entrant:
    """A family's side of the primary comparison: the learner that was chosen on each fold, with its predictions."""

    learner: LearnerEvidence  # pooled over folds, named after the learner that was chosen most often
    by_fold: tuple[str, ...]
    requested: bool = False  # named by the user

    @property
    def is_mixed(self) -> bool:
        """True if not every fold chose the same learner."""
        return len(set(self.by_fold)) > 1

    def name(self, family: Family) -> str:
        """Return the name of the learner, or words for the best of its family if folds chose several."""
        return MIXED[family] if self.is_mixed else self.learner.name


class Primary(NamedTuple):
    """A planned comparison: the best of a family of challengers and the best traditional learner, or a named pair."""

    challenger: Entrant
    classical: Entrant
    families: tuple[Family, Family] = ("network", "classical")
    turned: bool = False  # the challenger is the reference

    @property
    def names(self) -> tuple[str, str]:
        """Names of challenger and traditional learner, as chosen most often."""
        return self.challenger.learner.name, self.classical.learner.name

    @property
    def reference(self) -> Entrant:
        """The side that is subtracted."""
        return self.challenger if self.turned else self.classical

    @property
    def rival(self) -> Entrant:
        """The other side."""
        return self.classical if self.turned else self.challenger


def family_of(task: Task, name: str) -> Family:
    """Return the family of a learner."""
    family: Family = about(task.learner(name)).family
    return family


def chosen_by_fold(task: Task, learners: Learners, family: Family) -> Entrant | None:
    """Return the learners of a family that did best on the validation set of each fold; None without one.

    Among equals the first by name is taken: the mean over all folds would let samples choose that this fold tests, and
    equals are frequent on small validation sets. With ties by that mean, one network against six traditional learners
    was 0.1 to 0.4 points too bad.
    """
    names = sorted(name for name in learners if family_of(task, name) == family)
    if not names:
        return None
    sign = 1 if task.metrics[task.metric].higher_is_better else -1

    def rank(value: float) -> float:
        return sign * value if np.isfinite(value) else -np.inf

    by_fold = [
        max(names, key=lambda name: rank(learners[name].valid_by_fold[fold]))
        for fold in range(len(learners[names[0]].valid_by_fold))
    ]
    most = max(names, key=lambda name: (by_fold.count(name), rank(learners[name].valid)))
    return Entrant(pooled(learners[most], [learners[name] for name in by_fold]), tuple(by_fold))


def in_folds(name: str, by_fold: Sequence[str]) -> str:
    """Return how often a learner was chosen.

    Examples
    --------
    >>> in_folds("hog_svm", ["hog_svm", "mlp", "hog_svm"])
    'in 2 of 3 folds'
    """
    return f"in {by_fold.count(name)} of {len(by_fold)} folds"


def pooled(first: LearnerEvidence, by_fold: Sequence[LearnerEvidence]) -> LearnerEvidence:
    """Return the predictions of the learner that was chosen on each fold, as one learner called as `first`.

    Seeds are those that all of them have; a learner that ignores seeds has the same predictions for each.
    """
    if all(each is first for each in by_fold):
        return first
    seeded = [each for each in by_fold if len(each.seeds) > 1]
    shared = [seed for seed in (seeded or [first])[0].seeds if all(seed in each.seeds for each in seeded)]
    shared = shared or first.seeds[:1]
    rows = [[each.seeds.index(seed) if seed in each.seeds else 0 for seed in shared] for each in by_fold]
    order = np.argsort(np.argsort(first.folds, kind="stable"), kind="stable")

    def of_folds(arrays: Sequence[np.ndarray]) -> np.ndarray:
        parts = [array[own][:, first.folds == fold] for fold, (array, own) in enumerate(zip(arrays, rows, strict=True))]
        return np.asarray(np.concatenate(parts, axis=1)[:, order])

    used = [[i for i, trial in enumerate(each.trials) if trial.fold == fold] for fold, each in enumerate(by_fold)]
    return replace(
        first,
        trials=[each.trials[i] for each, own in zip(by_fold, used, strict=True) for i in own],
        costs=[each.costs[i] for each, own in zip(by_fold, used, strict=True) for i in own],
        seeds=shared,
        scores=of_folds([each.scores for each in by_fold]),
        decided=of_folds([each.decided for each in by_fold]),
        adapted={metric: of_folds([each.adapted[metric] for each in by_fold]) for metric in first.adapted},
        valid=float(np.mean([each.valid_by_fold[fold] for fold, each in enumerate(by_fold)])),
        valid_by_fold=np.array([each.valid_by_fold[fold] for fold, each in enumerate(by_fold)]),
        histories=[],
        probabilities=all(each.probabilities for each in by_fold),
        ranked=all(each.ranked for each in by_fold),
        seen=next((each.seen for each in by_fold if each.seen), ""),
    )


def named(learners: Learners, name: str) -> Entrant | None:
    """Return a learner that the user named as a side of the comparison; None if it has no finished trials."""
    learner = learners.get(name)
    return None if learner is None else Entrant(learner, (name,) * len(learner.valid_by_fold), requested=True)


def primaries_of(task: Task, learners: Learners, requested: str, pair: tuple[str, str] | None = None) -> list[Primary]:
    """Return the planned comparisons that have both sides, the pretrained learner first.

    `requested` is a learner that takes the place of the choice of its family, or `BEST_CLASSICAL`; `pair` are two that
    were named, in place of all families.
    """
    if pair is not None:
        first, second = (named(learners, name) for name in pair)
        families = family_of(task, pair[0]), family_of(task, pair[1])
        return [Primary(first, second, families, turned=requested == pair[0])] if first and second else []
    sides = {family: chosen_by_fold(task, learners, family) for family in (*CHALLENGERS, "classical")}
    family: Family = "classical"
    if requested != BEST_CLASSICAL:
        family = family_of(task, requested)
        if family not in sides:
            return []
        sides[family] = named(learners, requested)
    classical = sides["classical"]
    return [
        Primary(side, classical, (challenger, "classical"), turned=challenger == family)
        for challenger in CHALLENGERS
        if (side := sides[challenger]) and classical
    ]


def n_questions(task: Task, names: Iterable[str]) -> int:
    """Return the number of comparisons that are planned among these learners, whether or not their fits finish."""
    return max(1, len({family_of(task, name) for name in names}.intersection(CHALLENGERS)))


def reference_of(task: Task, learners: Learners, requested: str) -> tuple[str | None, str]:
    """Return the learner that all others are compared with, None if there is none, and the reason."""
    if requested != BEST_CLASSICAL:
        return (requested, "as requested") if requested in learners else (None, f"{requested} has no finished trials")
    entrant = chosen_by_fold(task, learners, "classical")
    if entrant is None:
        return None, "no traditional learner has finished"
    name, n = entrant.learner.name, len(entrant.by_fold)
    often = f" {in_folds(name, entrant.by_fold)}" if entrant.is_mixed else ""
    return name, f"best traditional learner on the validation set{'s' * (n > 1)}{often}"
