"""The search engine: the default first, nothing twice, the same proposals whenever it is asked."""

from __future__ import annotations

import math

import pytest

from visiontk.harness.search import Tried, best, proposal, stopped
from visiontk.spaces import Among, Between

SPACES = {"c": Between(0.01, 100.0, log=True), "n": Between(1, 8), "kernel": Among(("linear", "rbf", None))}
DEFAULTS = {"c": 1.0, "n": 2, "kernel": "linear"}


def search(score, n, spaces=SPACES, defaults=DEFAULTS, seed=0):
    tried = []
    while len(tried) < n and (values := proposal(spaces, defaults, tried, seed=seed)) is not None:
        tried.append(Tried(values, score(values), 1.0))
    return tried


def bowl(values):
    """Best at c = 10."""
    return -(abs(math.log10(values["c"]) - 1)) - 0.1 * abs(values["n"] - 5)


def test_the_default_is_first_even_outside_of_its_space():
    assert proposal(SPACES, {**DEFAULTS, "c": 1e6}, [], seed=3) == {**DEFAULTS, "c": 1e6}


def test_a_default_outside_of_its_space_does_not_stop_the_search():
    tried = search(lambda values: 0.5, 4, defaults={"c": 1e6, "n": None, "kernel": "poly"})

    assert len(tried) == 4


def test_proposals_lie_in_their_spaces_and_none_comes_twice():
    tried = search(bowl, 25)

    assert all(each.values[name] in stated for each in tried for name, stated in SPACES.items())
    assert len({repr(each.values) for each in tried}) == 25


def test_the_same_history_gives_the_same_proposal():
    assert search(bowl, 15) == search(bowl, 15)
    assert search(bowl, 15) != search(bowl, 15, seed=1)


def test_what_was_seen_guides_the_search():
    """After the ten random draws, proposals are nearer to the best place than random ones."""
    tried = search(bowl, 40)
    early = [bowl(each.values) for each in tried[1:11]]
    late = [bowl(each.values) for each in tried[25:]]

    assert sum(late) / len(late) > sum(early) / len(early) + 0.3


def test_a_small_space_is_exhausted_and_no_sooner():
    tried = search(lambda values: 0.0, 50, {"kernel": Among(("a", "b", "c"))}, {"kernel": "b"})

    assert tried[0].values["kernel"] == "b"
    assert sorted(each.values["kernel"] for each in tried) == ["a", "b", "c"]


def test_without_a_space_there_is_only_the_default():
    assert len(search(lambda values: 0.0, 5, {}, {})) == 1


def test_failures_are_no_scores():
    tried = search(lambda values: None if values["n"] > 4 else bowl(values), 20)

    assert tried[best(tried)].values["n"] <= 4
    assert best([Tried({}, None, 1.0)]) is None
    assert best([Tried({}, float("nan"), 1.0), Tried({"c": 1}, 0.1, 1.0)]) == 1


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
def test_nothing_is_begun_that_would_likely_overrun(cpu, expected):
    """The dearest so far must fit once more: 100 s for all."""
    assert stopped([Tried({}, 0.5, s) for s in cpu], n_most=5, budget_s=100.0) == expected
