"""Comparisons: one interval, one p-value and one verdict that agree; the primary one does not depend on others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visiontk.core import About, Metric
from visiontk.core import learner as registered
from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss
from visiontk.report.evidence.choice import primaries_of, reference_of
from visiontk.report.evidence.comparing import Plan, compare_all, too_small
from visiontk.report.evidence.learner import LearnerEvidence, build_test_set
from visiontk.report.values import Comparison
from visiontk.testing import tiny_task
from visiontk.testing.tiny import centroid, prior


@registered(About("network"))
def network() -> Any:
    """Make a network; it is never fitted."""


FACTORIES = {
    **{f"svm_{i}": centroid for i in range(4)}, **{f"net_{i}": network for i in range(4)}, "prior": prior,
}  # fmt: skip
LABELS = ("cat", "dog")


def task_of(metric: Metric) -> Any:
    return replace(tiny_task(), learners=FACTORIES, metrics={"metric": metric})


def learner_of(
    name: str, y: Any, folds: Any, share: float, *, seeds: int, rng: np.random.Generator, valid: Any = None
) -> LearnerEvidence:
    """Return a learner that is correct in about this share of the samples."""
    n_folds = int(folds.max()) + 1
    right = rng.random((seeds, len(y))) < share
    sure = np.clip(0.5 + np.where(right, 1, -1) * rng.uniform(0.05, 0.45, right.shape), 0, 1)
    of_one = np.where(y == 1, sure, 1 - sure)
    scores = np.stack([1 - of_one, of_one], axis=2)
    by_fold = rng.random(n_folds).round(2) if valid is None else np.full(n_folds, valid)
    return LearnerEvidence(
        name=name, trials=[], costs=[], seeds=list(range(seeds)), ids=np.array([f"{i:05d}" for i in range(len(y))]),
        y=y, folds=folds, scores=scores, adapted={}, decided=scores, valid=float(by_fold.mean()),
        valid_by_fold=by_fold, histories=[], probabilities=True,
    )  # fmt: skip


def compared(
    learners: dict[str, LearnerEvidence],
    *,
    metric: Metric = accuracy,
    groups: Any = None,
    margin: float = 0.01,
    requested: str = "best classical",
    n_train: float = 300.0,
) -> list[Comparison]:
    task, first = task_of(metric), next(iter(learners.values()))
    test_set = build_test_set(first.y, groups, n_resamples=150)
    primaries, reference = primaries_of(task, learners, requested), reference_of(task, learners, requested)[0]
    return compare_all(Plan(task, test_set, LABELS, margin, n_train), learners, reference, primaries)


def evidence_of(seed: int, metric: Metric, *, seeds: int = 1, n: int = 120, grouped: bool = False) -> Any:
    """Return random learners of both families, some much better than others, and groups."""
    rng = np.random.default_rng(seed)
    y, n_folds = rng.integers(0, 2, n), int(rng.choice([1, 2, 5]))
    folds = np.arange(n) % n_folds
    names = [name for name in FACTORIES if rng.random() < 0.7]
    names = list(dict.fromkeys(["svm_0", "net_0", *names]))
    learners = {
        name: learner_of(name, y, folds, rng.uniform(0.5, 0.99), seeds=seeds if name.startswith("net") else 1, rng=rng)
        for name in names
    }
    return learners, (np.arange(n) // rng.integers(2, 6) if grouped else None)


CASES = [
    pytest.param(metric, seeds, grouped, id=f"{metric.name} {seeds} seeds{' groups' * grouped}")
    for metric, seeds, grouped in (
        (accuracy, 1, False), (accuracy, 3, False), (accuracy, 1, True), (auc, 1, False), (auc, 2, True),
        (balanced_accuracy, 1, False), (log_loss, 1, False), (log_loss, 2, True),
    )
]  # fmt: skip


@pytest.mark.parametrize(("metric", "seeds", "grouped"), CASES)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**31), margin=st.sampled_from([0.0, 0.01, 0.2]))
def test_interval_p_value_and_verdict_of_every_row_agree(
    metric: Metric, seeds: int, grouped: bool, seed: int, margin: float
) -> None:
    """The interval that is shown is the one that decides, at the confidence that is shown."""
    learners, groups = evidence_of(seed, metric, seeds=seeds, grouped=grouped)

    rows = compared(learners, metric=metric, groups=groups, margin=margin)

    assert sum(row["primary"] is not None for row in rows) == 1
    m = len(rows)
    for row in rows:
        low, high, p_adjusted = row["low"], row["high"], row["p_adjusted"]
        assert low is not None
        assert high is not None
        assert p_adjusted is not None
        excludes = low > 0 or high < 0
        within = -margin <= low and high <= margin
        assert excludes == (p_adjusted < 0.05)
        assert excludes == (row["verdict"] in ("better", "worse")) or (within and row["verdict"] == "equivalent")
        assert within or row["verdict"] != "equivalent"
        if row["verdict"] in ("better", "worse"):
            assert (row["verdict"] == "better") == ((low > 0) == metric.higher_is_better)
        k = 1 if row["primary"] else m - 1
        assert (row["confidence"], row["n_comparisons"]) == (pytest.approx(1 - 0.05 / k), k)
        assert p_adjusted == pytest.approx(min(1.0, k * (row["p_value"] or 0.0)))
        assert f"The {100 * (1 - 0.05 / k):.4g} % interval" in row["reason"]


@pytest.mark.parametrize("n_others", [1, 2, 5])
@pytest.mark.parametrize("requested", ["best classical", "svm_0", "net_0"])
def test_the_primary_comparison_does_not_depend_on_others(n_others: int, requested: str) -> None:
    """Under Holm's correction, a bad baseline more changed p-value and verdict of the headline."""
    rng = np.random.default_rng(3)
    y, folds = rng.integers(0, 2, 300), np.arange(300) % 3
    pair = {
        "svm_0": learner_of("svm_0", y, folds, 0.80, seeds=1, rng=rng, valid=0.8),
        "net_0": learner_of("net_0", y, folds, 0.88, seeds=2, rng=rng, valid=0.9),
    }
    names = ["svm_1", "net_1", "svm_2", "svm_3", "net_2"][:n_others]
    others = {name: learner_of(name, y, folds, 0.6, seeds=1, rng=rng, valid=0.5) for name in names}

    alone, among = compared(pair, requested=requested), compared(pair | others, requested=requested)

    assert len(alone) == 1
    assert among[0] == alone[0]
    assert alone[0]["p_value"] == alone[0]["p_adjusted"]
    assert [row["n_comparisons"] for row in among[1:]] == [n_others] * n_others
    assert [row["confidence"] for row in among[1:]] == [pytest.approx(1 - 0.05 / n_others)] * n_others


def test_one_comparison_has_no_secondary_family() -> None:
    """Floors are not compared."""
    rng = np.random.default_rng(0)
    y, folds = rng.integers(0, 2, 100), np.zeros(100, np.int64)
    learners = {name: learner_of(name, y, folds, 0.8, seeds=1, rng=rng) for name in ("svm_0", "net_0", "prior")}

    (row,) = compared(learners)

    assert (row["learner"], row["reference"], row["confidence"], row["n_comparisons"]) == ("net_0", "svm_0", 0.95, 1)


def mixed() -> dict[str, LearnerEvidence]:
    """Return two learners of each family, of which the second is best on the second of three folds."""
    rng = np.random.default_rng(5)
    y, folds = rng.integers(0, 2, 300), np.arange(300) % 3
    learners = {
        name: learner_of(name, y, folds, share, seeds=1, rng=rng)
        for name, share in {"svm_0": 0.7, "svm_1": 0.8, "net_0": 0.85, "net_1": 0.95}.items()
    }
    of_first, of_second = np.array([0.9, 0.5, 0.9]), np.array([0.8, 0.8, 0.8])
    return {
        name: replace(each, valid_by_fold=of_first if name.endswith("0") else of_second)
        for name, each in learners.items()
    }


def test_the_primary_comparison_pools_the_choice_of_each_fold() -> None:
    """And names the sides by their families, as neither is one learner."""
    learners = mixed()

    row, *others = compared(learners)

    right = {name: each.scores[0].argmax(axis=1) == each.y for name, each in learners.items()}
    second = learners["svm_0"].folds == 1
    network, classical = (np.where(second, right[f"{kind}_1"], right[f"{kind}_0"]).mean() for kind in ("net", "svm"))
    assert (row["learner"], row["reference"]) == ("best network", "best traditional")
    assert row["difference"] == pytest.approx(network - classical)
    assert row["primary"] == {
        "families": ["network", "classical"], "learner": "net_0", "reference": "svm_0",
        "learner_by_fold": ["net_0", "net_1", "net_0"],
        "reference_by_fold": ["svm_0", "svm_1", "svm_0"], "requested": [], "learner_value": pytest.approx(network),
        "reference_value": pytest.approx(classical),
    }  # fmt: skip
    # The others, each chosen somewhere too, are compared with the one that was chosen most often.
    assert {(other["learner"], other["reference"]) for other in others} == {
        ("svm_1", "svm_0"), ("net_0", "svm_0"), ("net_1", "svm_0")
    }  # fmt: skip
    assert {other["n_comparisons"] for other in others} == {3}


def test_a_named_reference_has_its_own_predictions_on_every_fold() -> None:
    learners = mixed()

    row = compared(learners, requested="svm_1")[0]

    right = {name: each.scores[0].argmax(axis=1) == each.y for name, each in learners.items()}
    network = np.where(learners["svm_0"].folds == 1, right["net_1"], right["net_0"]).mean()
    assert (row["learner"], row["reference"]) == ("best network", "svm_1")
    assert row["difference"] == pytest.approx(network - right["svm_1"].mean())


def test_a_network_as_reference_is_subtracted() -> None:
    learners = mixed()

    row, *others = compared(learners, requested="net_1")

    assert (row["learner"], row["reference"]) == ("best traditional", "net_1")
    assert (row["difference"] or 0.0) < 0
    assert {other["reference"] for other in others} == {"net_1"}


def test_with_a_floor_as_reference_there_is_no_primary_comparison() -> None:
    rng = np.random.default_rng(0)
    y, folds = rng.integers(0, 2, 100), np.zeros(100, np.int64)
    learners = {name: learner_of(name, y, folds, 0.8, seeds=1, rng=rng) for name in ("svm_0", "net_0", "prior")}

    rows = compared(learners, requested="prior")

    assert [(row["learner"], row["primary"], row["n_comparisons"]) for row in rows] == [
        ("svm_0", None, 2), ("net_0", None, 2)
    ]  # fmt: skip


def units_case(n_units: int, unit: str) -> tuple[Any, Any]:
    """Return targets with so many samples or groups of the second class, of which each group has four samples."""
    size = 4 if unit == "group" else 1
    y = np.zeros(200, np.int64)
    y[: n_units * size] = 1
    return y, (np.arange(200) // size if unit == "group" else None)


@pytest.mark.parametrize("unit", ["sample", "group"])
@pytest.mark.parametrize(("n_units", "words"), [(1, "1 {} of class dog"), (2, "2 {}s of class dog"), (3, "")])
def test_a_class_with_fewer_than_three_units_has_no_verdict(n_units: int, words: str, unit: str) -> None:
    """Of an average over classes. Two groups of many positives gave a false "better" in 18 % of the cases."""
    y, groups = units_case(n_units, unit)
    rng, folds = np.random.default_rng(0), np.zeros(200, np.int64)
    learners = {
        "svm_0": learner_of("svm_0", y, folds, 0.0, seeds=1, rng=rng),
        "net_0": learner_of("net_0", y, folds, 1.0, seeds=1, rng=rng),
    }

    (row,) = compared(learners, metric=auc, groups=groups)
    (plain,) = compared(learners, metric=accuracy, groups=groups)

    assert (row["verdict"] == "invalid") == bool(words)
    if words:
        assert row["reason"] == (
            f"the test set has {words.format(unit)}, too few for an interval of {auc.name}, which takes 3 of each class"
        )
        assert (row["low"], row["high"], row["p_value"]) == (-1.0, 1.0, 1.0)
    assert plain["verdict"] == "better"


@pytest.mark.parametrize("unit", ["sample", "group"])
def test_a_test_set_of_few_units_or_one_class_has_no_verdict(unit: str) -> None:
    """Whatever the metric."""
    y, groups = units_case(3, unit)

    assert too_small(accuracy, build_test_set(y, groups), LABELS) == ""
    assert too_small(accuracy, build_test_set(0 * y, groups), LABELS) == "the test set has one class only"
    few = build_test_set(y, np.arange(200) % 2)
    assert too_small(accuracy, few, LABELS) == "the test set has 2 groups, too few for an interval"


def pair_of(right_a: Any, right_b: Any, folds: Any) -> dict[str, LearnerEvidence]:
    """Return two learners that are correct on these samples of class 0 and 1 in turns."""
    y = np.arange(len(right_a)) % 2
    rng = np.random.default_rng(0)
    learners = {}
    for name, right in (("svm_0", right_b), ("net_0", right_a)):
        scores = np.eye(2)[np.where(right, y, 1 - y)][None]
        each = learner_of(name, y, folds, 0.5, seeds=1, rng=rng)
        learners[name] = replace(each, scores=scores, decided=scores)
    return learners


def test_mcnemar_is_a_second_opinion() -> None:
    """It has less power, as it counts no more than the samples on which the two disagree."""
    n = 400
    for only_a, only_b, disagrees in ((9, 2, True), (20, 2, False)):
        right_a, right_b = np.ones(n, bool), np.ones(n, bool)
        right_a[:only_b], right_b[only_b : only_b + only_a] = False, False
        (row,) = compared(pair_of(right_a, right_b, np.zeros(n, np.int64)), margin=0.0)

        assert row["test"] == "paired t"
        assert row["verdict"] == "better"
        assert row["mcnemar_p"] is not None
        assert (row["mcnemar_p"] >= 0.05) == disagrees
        expected = f"A second opinion is less sure: the exact McNemar test has p = {row['mcnemar_p']:.2g}."
        assert row["second_opinion"] == (expected if disagrees else "")


def test_the_test_over_folds_is_a_second_opinion() -> None:
    """All of the lead comes from one of five folds."""
    n, folds = 500, np.arange(500) % 5
    right_b = np.ones(n, bool)
    right_b[np.flatnonzero(folds == 0)[:30]] = False

    (row,) = compared(pair_of(np.ones(n, bool), right_b, folds), margin=0.0)

    assert row["verdict"] == "better"
    assert row["fold_test"] is not None
    assert row["fold_test"]["p_value"] > 0.05
    assert row["second_opinion"].startswith(
        "A second opinion is less sure: the corrected resampled t test over the folds gives -"
    )
    (alone,) = compared(pair_of(np.ones(n, bool), right_b, folds), margin=0.0, n_train=0)
    assert (alone["fold_test"], alone["second_opinion"]) == (None, "")
    assert (alone["verdict"], alone["low"], alone["high"]) == (row["verdict"], row["low"], row["high"])


def test_a_second_opinion_has_the_confidence_of_its_comparison() -> None:
    """One of k others is held against p < 0.05 / k."""
    n = 400
    right_a, right_b = np.ones(n, bool), np.ones(n, bool)
    right_a[0], right_b[1:10] = False, False
    learners = pair_of(right_a, right_b, np.zeros(n, np.int64))
    rng = np.random.default_rng(1)
    learners |= {
        name: learner_of(name, learners["svm_0"].y, learners["svm_0"].folds, 0.6, seeds=1, rng=rng, valid=0.0)
        for name in ("net_1", "net_2")
    }
    learners["net_3"] = replace(learners["net_0"], name="net_3", valid_by_fold=np.array([0.0]))

    rows = {row["learner"]: row for row in compared(learners, margin=0.0)}

    one, other = rows["net_0"], rows["net_3"]
    assert one["mcnemar_p"] == other["mcnemar_p"] == pytest.approx(2 * 11 * 0.5**10)
    assert (one["verdict"], other["verdict"]) == ("better", "better")
    assert (one["confidence"], other["confidence"]) == (0.95, pytest.approx(1 - 0.05 / 3))
    assert one["second_opinion"] == ""
    assert other["second_opinion"] == "A second opinion is less sure: the exact McNemar test has p = 0.021."


def test_an_equivalence_is_qualified_by_the_folds() -> None:
    """Folds that differ in both directions, beyond the margin."""
    n, folds = 5000, np.arange(5000) % 5
    right_a, right_b = np.ones(n, bool), np.ones(n, bool)
    right_b[np.flatnonzero(folds == 0)[:25]] = False
    right_a[np.flatnonzero(folds == 1)[:20]] = False

    (row,) = compared(pair_of(right_a, right_b, folds), margin=0.01)

    assert row["verdict"] == "equivalent"
    assert row["second_opinion"].endswith("points, beyond the margin.")


@given(st.integers(0, 2**31))
@settings(max_examples=10, deadline=None)
def test_no_two_learners_are_compared_twice(seed: int) -> None:
    """The primary pair is not among the others."""
    rows = compared(evidence_of(seed, accuracy, n=60)[0])

    pairs = [(row["learner"], row["reference"]) for row in rows]
    assert len(set(pairs)) == len(pairs)
