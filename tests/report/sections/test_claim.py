"""The answer to a claim: interval, p value, words and what would decide agree."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from visiontk.core import Task
from visiontk.executors import Serial
from visiontk.harness.claim import parse
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.store import RunDirectory
from visiontk.metrics import log_loss
from visiontk.report.evidence import read_evidence
from visiontk.report.evidence.comparing import difference_of
from visiontk.report.evidence.view import View
from visiontk.report.sections.claim import compute
from visiontk.report.values import ClaimAnswer
from visiontk.stats import power_analysis
from visiontk.testing import tiny_task

SIZES = (0.5, 2, 3.5, 5, 8, 20, 60)
CLAIMS = [
    f"{pair.format(sign)} {word} {size}"
    for pair in ("network {} traditional", "centroid {} noisy_centroid", "prior {} centroid", "centroid {} prior")
    for sign, word in ((">", "by"), (">=", "within"), ("=", "within"))
    for size in SIZES
]


def task() -> Task:
    tiny = tiny_task()
    return dataclasses.replace(tiny, metrics={**tiny.metrics, "log_loss": log_loss})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    learners = {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 100.0}}
    experiment = Experiment("tiny", "synthetic", learners, {"n": 240}, folds=4)
    prepared = prepare(experiment, task(), version="0.1.0")
    return drive(prepared, task(), tmp_path_factory.mktemp("claim") / "run", executor=Serial())


def answer(store: RunDirectory, claim: str, metric: str = "") -> ClaimAnswer:
    result = compute(read_evidence(store, task(), View(metric, claim=claim)))
    assert result is not None
    return result


@pytest.mark.parametrize("claim", CLAIMS)
def test_answer_interval_p_value_and_sentence_agree(store: RunDirectory, claim: str) -> None:
    result = answer(store, claim)
    low, high, p, bound = (result[key] for key in ("low", "high", "p_value", "bound"))
    assert low is not None
    assert high is not None
    assert p is not None

    limits = {"superiority": [(low, bound)], "non-inferiority": [(low, -bound)]}.get(
        result["kind"], [(low, -bound), (-high, -bound)]
    )
    against = {"superiority": high <= bound, "non-inferiority": high <= -bound}.get(
        result["kind"], low >= bound or high <= -bound
    )
    expected = "supported" if all(end > limit for end, limit in limits) else "refuted" if against else "not shown"

    assert result["answer"] == expected
    assert (p < 0.025) == (expected == "supported")
    assert f" is {expected}: {result['learner']} minus {result['reference']} is " in result["sentence"]
    assert bool(result["would_decide"]) == (expected == "not shown")


def test_every_answer_occurs(store: RunDirectory) -> None:
    """The test above sees each of them for each kind."""
    seen = {(result["kind"], result["answer"]) for claim in CLAIMS if (result := answer(store, claim))}

    assert len(seen) == 9


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("network > traditional", "the best network, noisy_centroid, is better than the best traditional method, cent"),
        ("centroid > prior by 1", "the claim that centroid is better than prior by more than 1 point of accuracy is "),
        ("centroid >= prior within 2.5", "that centroid is worse than prior by at most 2.5 points of accuracy is supp"),
        ("centroid = prior within 2", "that centroid and prior differ by less than 2 points of accuracy is refuted"),
    ],
)
def test_a_claim_in_words(store: RunDirectory, claim: str, words: str) -> None:
    assert words in answer(store, claim)["sentence"]


def test_a_metric_to_minimise_is_better_where_it_is_lower(store: RunDirectory) -> None:
    result = answer(store, "centroid > prior by 0.01", metric="log_loss")

    assert result["answer"] == "supported"
    assert (result["high"] or 0) < -0.01
    assert "centroid is better than prior by more than 0.01 of log loss is supported: " in result["sentence"]
    assert ", where lower is better (p " in result["sentence"]


def test_the_sizes_that_would_decide_are_those_of_a_power_analysis(store: RunDirectory) -> None:
    """Of the distance of the measured difference from the limit of the claim."""
    evidence = read_evidence(store, task(), View(claim="network > traditional by 5"))
    result = compute(evidence)
    row = evidence.claim_sides
    assert result is not None
    assert row[0] is not None
    assert row[1] is not None

    measured = difference_of(task(), row[0].learner, row[1].learner, evidence.test_set)
    assert not isinstance(measured, str)
    distance = abs(measured.value - parse("a > b by 5").bound("accuracy", bounded=True))
    needed = power_analysis(measured._replace(value=distance), margin=0.0).units
    stated = re.search(r"about ([\d,]+) test samples instead of 240 would decide", result["would_decide"])

    assert needed is not None
    assert stated is not None
    assert needed <= int(stated[1].replace(",", "")) <= 1.1 * needed
    assert f"lies {100 * distance:.1f} points from the limit" in result["would_decide"]


def test_a_test_set_that_allows_no_interval_has_no_answer(tmp_path: Path) -> None:
    learners = {"centroid": {}, "noisy_centroid": {}}
    experiment = Experiment("tiny", "synthetic", learners, {"n": 80, "groups": 4}, folds=2)
    store = drive(prepare(experiment, task(), version="0.1.0"), task(), tmp_path / "run", executor=Serial())

    result = answer(store, "network > traditional by 2")

    assert (result["answer"], result["difference"], result["would_decide"]) == ("not shown", None, "")
    assert "has no answer: the test set has 4 groups, too few for an interval." in result["sentence"]


@pytest.mark.parametrize(("size", "expected"), [(5, "not shown"), (12, "supported")])
def test_the_interval_of_a_claim_allows_for_groups_on_which_a_learner_fails(
    tmp_path: Path, size: int, expected: str
) -> None:
    """Forty groups on which two learners nearly agree do not show that they agree on all others."""
    learners = {"centroid": {}, "noisy_centroid": {"noise": 5.0}}
    experiment = Experiment("tiny", "synthetic", learners, {"n": 400, "groups": 40}, folds=4)
    store = drive(prepare(experiment, task(), version="0.1.0"), task(), tmp_path / "run", executor=Serial())

    result = answer(store, f"network = traditional within {size}")

    assert result["answer"] == expected
    assert (result["low"] or 0) < -0.05
    assert result["sentence"].endswith(" whole groups on which one of the two fails and that were not seen.")
    assert ("40 test groups are too few" in result["would_decide"]) == (expected == "not shown")
