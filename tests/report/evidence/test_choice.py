"""The learners of the primary comparison: of each fold the best on the validation set of that fold."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.core import BEST_CLASSICAL, About, Metric
from visiontk.core import learner as registered
from visiontk.metrics import log_loss
from visiontk.report.evidence.choice import chosen_by_fold, pooled, primaries_of, reference_of
from visiontk.report.evidence.learner import LearnerEvidence
from visiontk.testing import tiny_task
from visiontk.testing.tiny import centroid, prior


@registered(About("network"))
def network() -> Any:
    """Make a network; it is never fitted."""


TASK = replace(
    tiny_task(), learners={"a": centroid, "b": centroid, "c": centroid, "net": network, "wide": network, "prior": prior}
)
NAN = float("nan")


def learner(name: str, valid_by_fold: list[float], seeds: tuple[int, ...] = (0,), **more: Any) -> LearnerEvidence:
    """Return a learner with these results on the validation sets, tested on two samples in each fold.

    Its scores state its name, seed and sample; folds are not in the order of the ids.
    """
    n_folds = len(valid_by_fold)
    folds = np.array([(3 * i + 1) % n_folds if n_folds % 3 else i % n_folds for i in range(2 * n_folds)])
    scores = np.zeros((len(seeds), 2 * n_folds, 3))
    scores[..., 0], scores[..., 1] = ord(name[0]), np.array(seeds)[:, None]
    scores[..., 2] = np.arange(2 * n_folds)
    trials: Any = [SimpleNamespace(learner=name, fold=fold, seed=seed) for seed in seeds for fold in range(n_folds)]
    return replace(
        LearnerEvidence(
            name=name, trials=trials, costs=[f"{name} {each.seed} {each.fold}" for each in trials],  # type: ignore[misc]
            seeds=list(seeds), ids=np.array([f"{i:03d}" for i in range(2 * n_folds)]),
            y=np.zeros(2 * n_folds, np.int64), folds=folds, scores=scores, adapted={"at": scores + 0.5},
            decided=scores + 0.25, valid=float(np.mean(valid_by_fold)), valid_by_fold=np.array(valid_by_fold),
            histories=[], probabilities=True,
        ),
        **more,
    )  # fmt: skip


def named(*learners: LearnerEvidence) -> dict[str, LearnerEvidence]:
    return {each.name: each for each in learners}


def origin(scores: np.ndarray) -> list[str]:
    """Return the first letters of the learners whose predictions these are, one a sample."""
    return [chr(int(value)) for value in scores[0, :, 0]]


def choice(*learners: LearnerEvidence, metric: Metric | None = None, family: Any = "classical") -> tuple[str, ...]:
    task = TASK if metric is None else replace(TASK, metrics={"metric": metric})
    entrant = chosen_by_fold(task, named(*learners), family)
    assert entrant is not None
    return entrant.by_fold


def test_each_fold_chooses_by_its_own_validation_set() -> None:
    """By the mean over all validation sets, a would have been taken on every fold, and test samples with it."""
    learners = named(learner("a", [0.99, 0.7, 0.7]), learner("b", [0.8, 0.75, 0.8]))

    entrant = chosen_by_fold(TASK, learners, "classical")

    assert entrant is not None
    assert learners["a"].valid > learners["b"].valid
    assert entrant.by_fold == ("a", "b", "b")
    assert entrant.is_mixed
    assert entrant.learner.name == "b"
    assert entrant.learner.valid_by_fold.tolist() == [0.99, 0.75, 0.8]
    assert entrant.learner.valid == pytest.approx(np.mean([0.99, 0.75, 0.8]))


def test_the_smaller_loss_is_chosen_on_each_fold() -> None:
    assert choice(learner("a", [0.2, 0.4]), learner("b", [0.3, 0.3]), metric=log_loss) == ("a", "b")


def test_other_folds_do_not_decide_between_equals() -> None:
    """Their validation samples are tested in this fold: the first by name is taken, not the best over all folds."""
    assert choice(learner("b", [0.8, 0.9]), learner("a", [0.8, 0.1])) == ("a", "b")


def test_learners_chosen_equally_often_are_named_by_their_mean_on_validation_sets() -> None:
    """The name changes no prediction."""
    entrant = chosen_by_fold(TASK, named(learner("a", [0.8, 0.1]), learner("b", [0.7, 0.9])), "classical")

    assert entrant is not None
    assert (entrant.by_fold, entrant.learner.name) == (("a", "b"), "b")


@pytest.mark.parametrize(
    ("first", "expected"), [([NAN, 0.9], ("b", "a")), ([NAN, NAN], ("b", "b")), ([0.7, 0.9], ("b", "a"))]
)
def test_a_learner_is_not_chosen_on_a_fold_where_its_value_is_unknown(
    first: list[float], expected: tuple[str, ...]
) -> None:
    """NaN compares false with everything, so it could be chosen by being first."""
    assert choice(learner("a", first), learner("b", [0.8, 0.2])) == expected


def test_without_any_value_the_first_by_name_is_chosen() -> None:
    assert choice(learner("b", [NAN, NAN]), learner("a", [NAN, NAN])) == ("a", "a")


@pytest.mark.parametrize("values", [[0.8], [0.8, 0.9, 0.7]])
def test_one_choice_for_all_folds_is_the_learner_itself(values: list[float]) -> None:
    """One split gives what it gave before."""
    learners = named(learner("a", values), learner("b", [0.1] * len(values)))

    entrant = chosen_by_fold(TASK, learners, "classical")

    assert entrant is not None
    assert entrant.learner is learners["a"]
    assert not entrant.is_mixed


def test_a_family_without_learners_has_no_entrant() -> None:
    assert chosen_by_fold(TASK, named(learner("a", [0.8])), "network") is None


def test_predictions_costs_and_trials_are_those_of_the_choice_of_each_fold() -> None:
    """Samples stay in the order of their ids, though folds are not."""
    a, b = learner("a", [0.9, 0.1, 0.9, 0.1]), learner("b", [0.5] * 4)

    entrant = chosen_by_fold(TASK, named(a, b), "classical")

    assert entrant is not None
    assert entrant.by_fold == ("a", "b", "a", "b")
    both = entrant.learner
    assert a.folds.tolist() != sorted(a.folds)
    for scores in (both.scores, both.decided, both.adapted["at"]):
        assert origin(scores) == [entrant.by_fold[fold] for fold in a.folds]
    assert both.scores[0, :, 2].tolist() == list(range(8))
    assert (both.decided[0] - both.scores[0] == 0.25).all()
    assert (both.adapted["at"][0] - both.scores[0] == 0.5).all()
    assert [(trial.learner, trial.fold) for trial in both.trials] == [("a", 0), ("b", 1), ("a", 2), ("b", 3)]
    assert both.costs == ["a 0 0", "b 0 1", "a 0 2", "b 0 3"]
    assert (both.ids == a.ids).all()
    assert (both.folds == a.folds).all()


@pytest.mark.parametrize("first", [0, 1])
def test_a_learner_that_ignores_seeds_has_the_same_predictions_for_each(first: int) -> None:
    """A deterministic choice on one fold, a seeded one on the other, whichever gives the name."""
    a, b = learner("a", [0.9, 0.1], seeds=(0, 1, 2)), learner("b", [0.5, 0.5])

    both = pooled((a, b)[first], [a, b])

    assert both.seeds == [0, 1, 2]
    assert both.scores.shape == (3, 4, 3)
    of_a, of_b = both.scores[:, a.folds == 0], both.scores[:, a.folds == 1]
    assert of_a[:, 0, 1].tolist() == [0, 1, 2]
    assert (of_b == of_b[0]).all()
    assert len(both.trials) == 4


def test_seeds_are_paired_by_their_number() -> None:
    """A learner without seed 0, of which a fold failed, counts with the seeds that both have."""
    a, b = learner("a", [0.9, 0.1], seeds=(0, 1, 2)), learner("b", [0.5, 0.5], seeds=(2, 1))

    both = pooled(a, [a, b])

    assert both.seeds == [1, 2]
    assert both.scores[..., 1].tolist() == [[1] * 4, [2] * 4]


@pytest.mark.parametrize(("one", "other", "seed"), [((7,), (7,), 7), ((0, 1), (2, 3), 0)])
def test_seeds_that_no_other_choice_has_leave_one_fit_of_each(
    one: tuple[int, ...], other: tuple[int, ...], seed: int
) -> None:
    both = pooled(learner("a", [0.9, 0.1], seeds=one), [learner("a", [0.9, 0.1], one), learner("b", [0.5] * 2, other)])

    assert both.seeds == [seed]
    assert both.scores.shape == (1, 4, 3)


def test_scores_of_several_learners_are_probabilities_only_if_all_are() -> None:
    """And rank only if all do."""
    a, b = learner("a", [0.9, 0.1]), learner("b", [0.5, 0.5], probabilities=False, ranked=False)

    assert (pooled(a, [a, a]).probabilities, pooled(a, [a, b]).probabilities) == (True, False)
    assert (pooled(a, [a, a]).ranked, pooled(a, [a, b]).ranked) == (True, False)


@given(st.integers(0, 2**31))
def test_test_samples_have_no_say(seed: int) -> None:
    """Other predictions and other targets of the test set: the same choice, reference and order."""
    rng = np.random.default_rng(seed)
    learners = named(*(learner(name, rng.random(5).round(1).tolist()) for name in ("a", "b", "c", "net", "wide")))
    other = {
        name: replace(each, scores=rng.normal(size=each.scores.shape), y=rng.integers(0, 3, len(each.y)))
        for name, each in learners.items()
    }

    (one,), (two,) = (primaries_of(TASK, each, BEST_CLASSICAL) for each in (learners, other))

    assert (one.challenger.by_fold, one.classical.by_fold) == (two.challenger.by_fold, two.classical.by_fold)
    assert reference_of(TASK, learners, BEST_CLASSICAL) == reference_of(TASK, other, BEST_CLASSICAL)


@given(st.integers(0, 2**31))
def test_the_choice_on_a_fold_follows_from_its_validation_set_alone(seed: int) -> None:
    """Whatever the others are, whose samples are tested in this fold."""
    rng = np.random.default_rng(seed)
    values = {name: rng.random(4).round(1) for name in ("a", "b", "c")}
    changed = {name: np.concatenate([each[:1], rng.random(3).round(1)]) for name, each in values.items()}

    one, two = (
        choice(*(learner(name, of_folds.tolist()) for name, of_folds in each.items())) for each in (values, changed)
    )

    assert one[0] == two[0]


LEARNERS = named(
    learner("a", [0.9, 0.7, 0.7]), learner("b", [0.8, 0.8, 0.8]), learner("net", [0.8, 0.9, 0.9]),
    learner("wide", [0.9, 0.1, 0.1]), learner("prior", [0.99] * 3),
)  # fmt: skip


def test_both_families_are_chosen_fold_by_fold() -> None:
    """Floors are never chosen."""
    (primary,) = primaries_of(TASK, LEARNERS, BEST_CLASSICAL)

    assert primary.challenger.by_fold == ("wide", "net", "net")
    assert primary.classical.by_fold == ("a", "b", "b")
    assert not primary.turned
    assert (primary.reference, primary.rival) == (primary.classical, primary.challenger)


def test_a_named_reference_takes_the_place_of_the_choice_of_its_family() -> None:
    """On every fold; the other family is chosen as before."""
    (primary,) = primaries_of(TASK, LEARNERS, "a")

    assert primary.classical.by_fold == ("a",) * 3
    assert primary.classical.learner is LEARNERS["a"]
    assert (primary.classical.requested, primary.challenger.requested) == (True, False)
    assert primary.challenger.by_fold == ("wide", "net", "net")


def test_a_network_as_reference_turns_the_comparison() -> None:
    """The best traditional learner is compared with it."""
    (primary,) = primaries_of(TASK, LEARNERS, "wide")

    assert primary.turned
    assert primary.challenger.by_fold == ("wide",) * 3
    assert primary.classical.by_fold == ("a", "b", "b")
    assert (primary.reference, primary.rival) == (primary.challenger, primary.classical)


@pytest.mark.parametrize(
    ("requested", "left"),
    [("prior", tuple(LEARNERS)), ("c", tuple(LEARNERS)), ("a", ("a", "b")), (BEST_CLASSICAL, ("net", "prior"))],
)
def test_without_two_sides_there_is_no_primary_comparison(requested: str, left: tuple[str, ...]) -> None:
    """The reference is a floor or did not finish, or a family is missing."""
    assert primaries_of(TASK, {name: LEARNERS[name] for name in left}, requested) == []


def test_a_named_pair_is_compared_whatever_its_families() -> None:
    (primary,) = primaries_of(TASK, LEARNERS, "b", ("a", "b"))
    (turned,) = primaries_of(TASK, LEARNERS, "a", ("a", "b"))

    assert (primary.rival.by_fold, primary.reference.by_fold) == (("a",) * 3, ("b",) * 3)
    assert (turned.rival.by_fold, turned.reference.by_fold) == (("b",) * 3, ("a",) * 3)
    assert primaries_of(TASK, LEARNERS, "c", ("a", "c")) == []


def test_others_are_compared_with_the_traditional_learner_chosen_most_often() -> None:
    """The reason says on how many folds; not the pooled one, which is no learner."""
    assert reference_of(TASK, LEARNERS, BEST_CLASSICAL) == (
        "b", "best traditional learner on the validation sets in 2 of 3 folds"
    )  # fmt: skip
    alone = named(learner("a", [0.9]), learner("b", [0.8]))
    assert reference_of(TASK, alone, BEST_CLASSICAL) == ("a", "best traditional learner on the validation set")
    assert reference_of(TASK, LEARNERS, "wide") == ("wide", "as requested")
    assert reference_of(TASK, LEARNERS, "c") == (None, "c has no finished trials")
    assert reference_of(TASK, named(LEARNERS["net"]), BEST_CLASSICAL) == (None, "no traditional learner has finished")
