"""Ceiling of the accuracy from repeated labels, against simulated votes whose ceiling is known."""

import numpy as np
import pytest

from visiontk.stats.ceiling import Ceiling, ceiling

POPULATIONS = {
    "nearly agreed": lambda rng, n, k: _shuffled(rng, np.full(n, 0.9), k),
    "clear and doubtful": lambda rng, n, k: _shuffled(rng, np.where(rng.random(n) < 0.7, 0.97, 0.55), k),
    "spread": lambda rng, n, k: rng.dirichlet(np.full(k, 0.3), n),
    "uniform": lambda rng, n, k: _shuffled(rng, rng.uniform(1 / k, 1, n), k),
}
RULES = [(10, "majority", 2, 0.5), (5, "majority", 1, 0.0), (3, "majority", 1, 0.0), (3, "single", 1, 0.0)]


def _shuffled(rng, top, n_classes):
    p = np.repeat(((1 - top) / (n_classes - 1))[:, None], n_classes, axis=1)
    p[:, 0] = top
    return rng.permuted(p, axis=1)


def labels(rng, votes, rule, least, share, p):
    """Return a label of each sample drawn as the rule says, -1 without one."""
    if rule == "single":
        return (rng.random((len(p), 1)) > np.cumsum(p, axis=1)[:, :-1]).sum(axis=1)
    counted = np.where(votes >= least, votes, 0)
    clear = (counted.max(axis=1) > 0) & (counted.max(axis=1) > share * counted.sum(axis=1))
    return np.where(clear, (counted + rng.random(counted.shape) * 0.5).argmax(axis=1), -1)


def simulated(population, n_votes, rule, least, share, n_classes=4, n=400, seed=0):
    """Return the votes of labelled samples, and the accuracy of the best answer for each on new labels."""
    rng = np.random.default_rng(seed)
    p = POPULATIONS[population](rng, 3 * n, n_classes)
    votes = rng.multinomial(n_votes, p)
    kept = np.flatnonzero(labels(rng, votes, rule, least, share, p) >= 0)[:n]
    fresh = np.stack([labels(rng, rng.multinomial(n_votes, p[kept]), rule, least, share, p[kept]) for _ in range(400)])
    counts = np.stack([(fresh == c).sum(axis=0) for c in range(n_classes)])
    truth = (p[kept].max(axis=1) if rule == "single" else counts.max(axis=0) / counts.sum(axis=0)).mean()
    return votes[kept], float(truth)


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize(("n_votes", "rule", "least", "share"), RULES)
def test_the_ceiling_of_simulated_votes_is_covered_or_exceeded(population, n_votes, rule, least, share):
    """The true ceiling is never above the upper limit, and at most by noise above the value."""
    for seed in range(3):
        votes, truth = simulated(population, n_votes, rule, least, share, seed=seed)

        result = ceiling(votes, rule, least=least, share=share)

        assert result.low <= truth <= result.high
        assert truth <= result.value + 0.025  # two standard errors of 400 samples


@pytest.mark.parametrize("population", ["nearly agreed", "clear and doubtful"])
def test_a_ceiling_of_many_votes_is_close(population):
    """With 30 votes of one annotator each, the shares are nearly known."""
    votes, truth = simulated(population, 30, "single", 1, 0.0, n=2000)

    assert ceiling(votes, "single").value == pytest.approx(truth, abs=0.03)


def test_annotators_who_agree_leave_no_ceiling():
    votes = 5 * np.eye(3, dtype=np.int64)[np.arange(300) % 3]

    assert ceiling(votes, "majority").value == pytest.approx(1.0, abs=1e-3)
    assert ceiling(votes, "single").value == pytest.approx(1.0, abs=1e-3)


def test_few_samples_or_groups_widen_the_limits():
    """Twenty samples of a group count as one."""
    votes, _ = simulated("clear and doubtful", 10, "majority", 2, 0.5)

    every = ceiling(votes, "majority", least=2, share=0.5)
    few = ceiling(votes[:40], "majority", least=2, share=0.5)
    grouped = ceiling(votes, "majority", least=2, share=0.5, groups=np.arange(400) // 20)

    assert every.high - every.low < min(few.high - few.low, grouped.high - grouped.low)


def test_samples_without_repeated_labels_are_left_out():
    """They say nothing on agreement; without any other there is no ceiling."""
    votes, _ = simulated("spread", 3, "single", 1, 0.0)
    single = np.eye(4, dtype=np.int64)[np.zeros(50, int)]

    assert ceiling(np.concatenate([votes, single, 0 * single]), "single") == ceiling(votes, "single")
    assert ceiling(single, "single") is None
    assert isinstance(ceiling(votes, "single"), Ceiling)


def test_numbers_of_votes_may_differ():
    """Such as where some votes were for no class."""
    three, truth = simulated("nearly agreed", 3, "single", 1, 0.0)
    five, other = simulated("nearly agreed", 5, "single", 1, 0.0, seed=1)

    result = ceiling(np.concatenate([three, five]), "single")

    assert result.n == 800
    assert result.value == pytest.approx((truth + other) / 2, abs=0.03)


@pytest.mark.parametrize(
    ("counts", "rule", "confidence", "message"),
    [
        (np.ones((3, 1), int), "single", 0.95, "two classes or more"),
        (np.ones(3, int), "single", 0.95, "two classes or more"),
        (-np.ones((3, 2), int), "single", 0.95, "Votes are counts"),
        (np.ones((3, 2), int), "mean", 0.95, "majority or single"),
        (np.ones((3, 2), int), "single", 95, "confidence between 0 and 1"),
    ],
)
def test_wrong_votes_are_errors(counts, rule, confidence, message):
    with pytest.raises(ValueError, match=message):
        ceiling(counts, rule, confidence=confidence)
