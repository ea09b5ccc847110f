"""Hyperparameter search: the default comes first, and no configuration is repeated."""

from __future__ import annotations

import math

import numpy as np
import pytest

from visiontk.harness.search import SearchResult, best, chosen, proposal, stopped
from visiontk.harness.tuning import ONE_STANDARD_ERROR, RESAMPLES
from visiontk.metrics import accuracy
from visiontk.spaces import Categorical, Range
from visiontk.stats import bootstrap_weights, difference

SPACES = {"c": Range(0.01, 100.0, log=True), "n": Range(1, 8), "kernel": Categorical(("linear", "rbf", None))}
DEFAULTS = {"c": 1.0, "n": 2, "kernel": "linear"}


def search(score, n, spaces=SPACES, defaults=DEFAULTS, seed=0):
    history = []
    while len(history) < n and (values := proposal(spaces, defaults, history, seed=seed)) is not None:
        history.append(SearchResult(values, score(values), 1.0))
    return history


def bowl(values):
    """Best at c = 10."""
    return -(abs(math.log10(values["c"]) - 1)) - 0.1 * abs(values["n"] - 5)


def test_the_default_is_first_even_outside_of_its_space():
    assert proposal(SPACES, {**DEFAULTS, "c": 1e6}, [], seed=3) == {**DEFAULTS, "c": 1e6}


def test_a_default_outside_of_its_space_does_not_stop_the_search():
    history = search(lambda values: 0.5, 4, defaults={"c": 1e6, "n": None, "kernel": "poly"})

    assert len(history) == 4


def test_proposals_are_in_their_spaces_and_never_repeated():
    history = search(bowl, 25)

    assert all(each.values[name] in space for each in history for name, space in SPACES.items())
    assert len({repr(each.values) for each in history}) == 25


def test_the_same_history_gives_the_same_proposal():
    assert search(bowl, 15) == search(bowl, 15)
    assert search(bowl, 15) != search(bowl, 15, seed=1)


def test_results_guide_the_search():
    """After the ten random configurations, proposals are nearer to the optimum than random ones."""
    history = search(bowl, 40)
    early = [bowl(each.values) for each in history[1:11]]
    late = [bowl(each.values) for each in history[25:]]

    assert sum(late) / len(late) > sum(early) / len(early) + 0.3


def test_a_small_space_is_searched_exhaustively():
    history = search(lambda values: 0.0, 50, {"kernel": Categorical(("a", "b", "c"))}, {"kernel": "b"})

    assert history[0].values["kernel"] == "b"
    assert sorted(each.values["kernel"] for each in history) == ["a", "b", "c"]


def test_without_a_space_there_is_only_the_default():
    assert len(search(lambda values: 0.0, 5, {}, {})) == 1


def test_failed_fits_have_no_scores():
    history = search(lambda values: None if values["n"] > 4 else bowl(values), 20)

    assert history[best(history)].values["n"] <= 4
    assert best([SearchResult({}, None, 1.0)]) is None
    assert best([SearchResult({}, float("nan"), 1.0), SearchResult({"c": 1}, 0.1, 1.0)]) == 1


def test_the_default_is_chosen_unless_another_is_ahead_by_a_standard_error():
    history = [
        SearchResult({}, 0.5, 1.0),
        SearchResult({"c": 1}, 0.9, 1.0, gain_low=-0.1),
        SearchResult({"c": 2}, 0.7, 1.0, gain_low=0.1),
    ]

    assert (best(history), chosen(history), chosen(history[:2])) == (1, 2, 0)


def test_without_a_score_of_the_default_the_best_is_chosen():
    """If nothing has a score, nothing is chosen."""
    undefined = SearchResult({}, float("nan"), 1.0)

    assert chosen([undefined, SearchResult({"c": 1}, 0.1, 1.0)]) == 1
    assert chosen([undefined]) is None
    assert chosen([]) is None


def test_the_rule_is_a_tie_break_and_not_a_test():
    """Of 20 equally good configurations it replaces the default in about 64 % of searches; a test would in 5 %."""
    rng, n, n_searches = np.random.default_rng(0), 100, 150
    y, weights = np.zeros(n, np.int64), bootstrap_weights(n, n_resamples=RESAMPLES)
    replaced = []
    for _ in range(n_searches):
        right = rng.random((20, n)) < np.where(rng.random(n) < 0.3, 0.5, rng.random(n) < 0.9)
        scores = np.eye(2)[1 - right.astype(int)]
        gains = [
            difference(accuracy, y, each[None], scores[:1], weights, confidence=ONE_STANDARD_ERROR).low
            for each in scores[1:]
        ]
        means = right.mean(axis=1)
        history = [SearchResult({}, means[0], 1.0)]
        history += [SearchResult({}, mean, 1.0, gain_low=low) for mean, low in zip(means[1:], gains, strict=True)]
        replaced.append(chosen(history) != 0)

    assert np.mean(replaced) == pytest.approx(0.64, abs=0.12)  # three standard errors


def test_keeping_the_default_costs_less_than_choosing_the_luckiest():
    """With twenty configurations that differ less than the noise of valid, the rule loses less than choosing the best.

    If they differ more, it gains about as much.
    """
    rng = np.random.default_rng(0)
    gains = {}
    for spread in (0.2, 3.0):
        true = rng.normal(-spread, spread, (2000, 20))  # most are worse than a carefully chosen default
        measured = true + rng.normal(0, 1, true.shape)
        rows = [
            [SearchResult({}, 0.0, 1.0), *(SearchResult({}, s, 1.0, gain_low=s - 1) for s in row)] for row in measured
        ]
        truths = np.concatenate([np.zeros((2000, 1)), true], axis=1)
        gains[spread] = [
            float(np.mean([truth[pick(row)] for truth, row in zip(truths, rows, strict=True)]))
            for pick in (best, chosen)
        ]

    assert gains[0.2][0] < gains[0.2][1] < 0
    assert gains[3.0][1] > 0.95 * gains[3.0][0] > 1


@pytest.mark.parametrize(
    ("cpu", "expected"),
    [
        ([], ""),
        ([50.0], ""),
        ([51.0], "budget"),
        ([20.0, 40.0, 1.0], "budget"),
        ([20.0, 30.0], ""),
        ([1.0] * 5, "configurations"),
    ],
)
def test_no_fit_is_started_that_would_likely_exceed_the_budget(cpu, expected):
    """The most expensive fit so far must fit in once more: 100 s for all."""
    assert stopped([SearchResult({}, 0.5, s) for s in cpu], n_max=5, budget_s=100.0) == expected
