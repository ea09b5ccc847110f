"""Simulated samples of known populations: coverage of 95 % intervals and level of 5 % tests.

Each case is simulated 2,000 times with a fixed seed, so a proportion of 95 % has a standard error of half a point.
"""

import numpy as np
import pytest
from scipy.special import digamma, ndtr, ndtri

from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss, macro_f1
from visiontk.stats import bootstrap_weights, conclude, difference, estimate, holm, simultaneous

CASES = 2000
N = 200
ZEROS = np.zeros(N, dtype=np.int64)
WEIGHTS = bootstrap_weights(N, n_resamples=300)
GROUPS = np.repeat(np.arange(40), 5)
GROUP_WEIGHTS = bootstrap_weights(N, groups=GROUPS.astype(str), n_resamples=300)
SAMPLES, IN_GROUPS = (WEIGHTS, None), (GROUP_WEIGHTS, GROUPS)


def coverage(metric, draw, truth, units=SAMPLES, cases=CASES):
    """Return the share of intervals that contain the truth; `draw()` returns targets and scores."""
    result = (estimate(metric, *draw(), *units) for _ in range(cases))
    return np.mean([e.low <= truth <= e.high for e in result])


def paired(metric, draw, truth, units=SAMPLES, cases=CASES):
    """Return the same for a difference, and the share of p-values below 5 %."""
    result = [difference(metric, *draw(), *units) for _ in range(cases)]
    return np.mean([d.low <= truth <= d.high for d in result]), np.mean([d.p_value < 0.05 for d in result])


def right_or_wrong(right):
    """Return scores of shape (n_seeds, n, 2) that are correct where `right` is True, if every target is 0."""
    return np.eye(2)[np.where(np.atleast_2d(right), 0, 1)]


def clustered(rng, p, correlation):
    """Return correct answers with probability p, in groups with this latent normal correlation."""
    common = rng.standard_normal(40)[GROUPS]
    return np.sqrt(correlation) * common + np.sqrt(1 - correlation) * rng.standard_normal(N) < ndtri(p)


def seeds_by_samples(rng, n_seeds, shared, *, p=0.85, seed_sd=0.1):
    """Return answers of a crossed probit model: seeds, samples (half of it `shared` by learners), interaction."""
    specific = np.sqrt(0.3) * rng.standard_normal(N)
    seeds = seed_sd * rng.standard_normal((n_seeds, 1))
    latent = seeds + np.sqrt(0.3) * shared + specific + np.sqrt(0.4) * rng.standard_normal((n_seeds, N))
    return latent < ndtri(p) * np.sqrt(1 + seed_sd**2)


def test_accuracy_is_covered():
    """Wilson's interval for 200 samples and an accuracy of 90 %."""
    rng = np.random.default_rng(0)

    share = coverage(accuracy, lambda: (ZEROS, right_or_wrong(rng.random(N) < 0.9)), 0.9)

    assert 0.93 <= share <= 0.97


@pytest.mark.parametrize("p", [0.8, 0.9, 0.95])
def test_accuracy_in_correlated_groups_is_covered(p):
    """40 groups of 5, latent correlation 0.6: a design effect near 3."""
    rng = np.random.default_rng(1)

    share = coverage(accuracy, lambda: (ZEROS, right_or_wrong(clustered(rng, p, 0.6))), p, IN_GROUPS)

    assert 0.93 <= share <= 0.97


def test_ignoring_groups_undercovers():
    """The simulation can fail: the interval for independent samples is too narrow for groups."""
    rng = np.random.default_rng(1)

    share = coverage(accuracy, lambda: (ZEROS, right_or_wrong(clustered(rng, 0.8, 0.6))), 0.8, cases=500)

    assert share < 0.85


@pytest.mark.parametrize(("p_a", "p_b"), [(0.8, 0.8), (0.9, 0.85)])
def test_difference_of_accuracies_is_covered(p_a, p_b):
    """Correlated learners; a true null is rejected in at most 6.5 %."""
    rng = np.random.default_rng(2)

    def draw():
        shared = np.sqrt(0.4) * rng.standard_normal(N)
        latent = shared + np.sqrt(0.6) * rng.standard_normal((2, N))
        return ZEROS, right_or_wrong(latent[0] < ndtri(p_a)), right_or_wrong(latent[1] < ndtri(p_b))

    share, rejected = paired(accuracy, draw, p_a - p_b)

    assert 0.93 <= share <= 0.97
    assert p_a != p_b or 0.01 <= rejected <= 0.065


@pytest.mark.slow
@pytest.mark.parametrize(("p", "correlation"), [(0.8, 0.6), (0.9, 0.9), (0.8, 0.0)])
def test_difference_in_groups_is_covered_and_its_test_holds_its_level(p, correlation):
    """40 groups of 5, from independent samples to nearly identical ones."""
    rng = np.random.default_rng(3)

    def draw():
        return ZEROS, *(right_or_wrong(clustered(rng, p, correlation)) for _ in "ab")

    share, rejected = paired(accuracy, draw, 0.0, IN_GROUPS)

    assert 0.93 <= share <= 0.97
    assert 0.035 <= rejected <= 0.065


PRIOR = np.array([0.6, 0.3, 0.1])
CONFUSION = np.array([[0.85, 0.10, 0.05], [0.20, 0.70, 0.10], [0.20, 0.20, 0.60]])
JOINT = PRIOR[:, None] * CONFUSION
MACRO = [
    (balanced_accuracy, np.diag(CONFUSION).mean()),
    (macro_f1, np.mean(2 * np.diag(JOINT) / (JOINT.sum(axis=0) + JOINT.sum(axis=1)))),
]
MACRO_UNITS = (bootstrap_weights(300, n_resamples=300), None)


def unequal_classes(rng, n_learners):
    """Return 300 samples of three classes, and learners that share half of their predictions."""
    y = rng.choice(3, size=300, p=PRIOR)
    common = rng.random(300)
    learners = []
    for _ in range(n_learners):
        u = np.where(rng.random(300) < 0.5, common, rng.random(300))
        predicted = np.minimum((u[:, None] > CONFUSION.cumsum(axis=1)[y]).sum(axis=1), 2)
        learners.append(np.eye(3)[predicted][None])
    return y, *learners


@pytest.mark.parametrize(("metric", "truth"), MACRO, ids=["balanced accuracy", "macro F1"])
def test_averages_over_unequal_classes_are_covered(metric, truth):
    """Three classes of 60, 30 and 10 %, so 30 samples of the rarest."""
    rng = np.random.default_rng(4)

    assert 0.93 <= coverage(metric, lambda: unequal_classes(rng, 1), truth, MACRO_UNITS) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("metric", [m for m, _ in MACRO], ids=["balanced accuracy", "macro F1"])
def test_differences_over_unequal_classes_are_covered(metric):
    """The same samples and two equally good learners."""
    rng = np.random.default_rng(5)

    share, rejected = paired(metric, lambda: unequal_classes(rng, 2), 0.0, MACRO_UNITS)

    assert 0.93 <= share <= 0.97
    assert 0.035 <= rejected <= 0.065


def two_normals(rng, n_learners):
    """Return scores with 30 % positives, one standard deviation higher; learners correlate by half."""
    y = (rng.random(N) < 0.3).astype(np.int64)
    shared = rng.standard_normal(N)
    scores = (np.sqrt(0.5) * shared + np.sqrt(0.5) * rng.standard_normal(N) + y for _ in range(n_learners))
    return y, *(np.stack([-s, s], axis=1)[None] for s in scores)


@pytest.mark.slow
def test_auc_is_covered():
    """Two normal distributions: the AUC is Phi(1 / sqrt 2)."""
    rng = np.random.default_rng(6)

    assert 0.93 <= coverage(auc, lambda: two_normals(rng, 1), ndtr(1 / np.sqrt(2))) <= 0.97


@pytest.mark.slow
def test_difference_of_aucs_is_covered():
    """Two equally good learners."""
    rng = np.random.default_rng(7)

    share, rejected = paired(auc, lambda: two_normals(rng, 2), 0.0)

    assert 0.93 <= share <= 0.97
    assert 0.035 <= rejected <= 0.065


def test_log_loss_is_covered():
    """Probabilities of the truth from Beta(4, 1): the expected loss is digamma(5) - digamma(4)."""
    rng = np.random.default_rng(8)

    def draw():
        p = rng.beta(4, 1, size=N)
        return ZEROS, np.stack([p, 1 - p], axis=1)[None]

    assert 0.93 <= coverage(log_loss, draw, digamma(5) - digamma(4)) <= 0.97


def confident_errors(rng, shape):
    """Return losses of a learner with confident errors in a tenth of the samples; their mean is 0.515."""
    wrong = rng.random(shape) < 0.1
    return np.where(wrong, rng.exponential(4, shape) + 0.7, rng.exponential(0.05, shape))


def of_losses(loss):
    """Return scores of two classes with these losses, if every target is 0."""
    p = np.exp(-loss)
    return np.stack([p, 1 - p], axis=1)[None]


@pytest.mark.slow
def test_log_loss_with_confident_errors_is_covered():
    """A few large losses: without the correction for skewness 92 %."""
    rng = np.random.default_rng(14)

    share = coverage(log_loss, lambda: (ZEROS, of_losses(confident_errors(rng, N))), 0.515)

    assert 0.94 <= share <= 0.975


@pytest.mark.slow
@pytest.mark.parametrize("other", ["calibrated", "alike"])
def test_differences_of_log_losses_are_covered(other):
    """Skewed if only one learner has confident errors, symmetric if both have."""
    rng = np.random.default_rng(15)

    def draw():
        a = confident_errors(rng, N)
        b = -np.log(rng.beta(4, 1, N)) if other == "calibrated" else confident_errors(rng, N)
        return ZEROS, of_losses(a), of_losses(b)

    share, _ = paired(log_loss, draw, 0.515 - (digamma(5) - digamma(4)) if other == "calibrated" else 0.0)

    assert 0.94 <= share <= 0.985


@pytest.mark.parametrize("n_seeds", [3, 5])
def test_accuracy_of_a_procedure_is_covered(n_seeds):
    """Seeds x samples, seeds with a standard deviation of 2.3 points."""
    rng = np.random.default_rng(9)

    share = coverage(
        accuracy, lambda: (ZEROS, right_or_wrong(seeds_by_samples(rng, n_seeds, rng.standard_normal(N)))), 0.85
    )

    assert 0.93 <= share <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [3, 5])
def test_difference_of_procedures_is_covered_and_its_test_holds_its_level(n_seeds):
    """Two equally good procedures with independent seed effects and common hard samples."""
    rng = np.random.default_rng(10)

    def draw():
        shared = rng.standard_normal(N)
        return ZEROS, *(right_or_wrong(seeds_by_samples(rng, n_seeds, shared)) for _ in "ab")

    share, rejected = paired(accuracy, draw, 0.0)

    assert 0.93 <= share <= 0.97
    assert 0.035 <= rejected <= 0.065


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [2, 4])
def test_uneven_seeds_are_covered(n_seeds):
    """One learner with more seeds than the other: conservative, 96 to 99.6 %; a null is rejected in 0.4 to 4 %."""
    rng = np.random.default_rng(11)

    def draw():
        shared = rng.standard_normal(N)
        return ZEROS, *(right_or_wrong(seeds_by_samples(rng, s, shared)) for s in (n_seeds, n_seeds + 1))

    share, rejected = paired(accuracy, draw, 0.0)

    assert 0.93 <= share <= 0.997
    assert rejected <= 0.065


def test_holm_bounds_the_familywise_error_rate():
    """Five independent true nulls: some adjusted p-value is below 5 % in 1 - 0.99^5 = 4.9 % of the cases."""
    rng = np.random.default_rng(12)

    alarms = np.mean([holm(rng.random(5)).min() < 0.05 for _ in range(CASES)])

    assert 0.035 <= alarms <= 0.065


@pytest.mark.slow
def test_comparisons_with_one_reference_hold_the_error_rate():
    """Three learners against one, all equally good, by macro F1: at most 6.5 % with any false verdict."""
    rng = np.random.default_rng(13)
    alarms = 0

    for _ in range(1000):
        y, reference, *others = unequal_classes(rng, 4)
        rows = [difference(macro_f1, y, other, reference, *MACRO_UNITS).at(simultaneous(3)) for other in others]
        alarms += any(conclude(row).verdict in ("better", "worse") for row in rows)

    assert 0.02 <= alarms / 1000 <= 0.065


def false_verdicts(metric, draw, groups=None, cases=1000):
    """Return the share of "better" or "worse" between equally good learners."""
    wrong = 0
    for _ in range(cases):
        y, a, b = draw()
        weights = bootstrap_weights(len(y), groups=groups, n_resamples=200)
        wrong += conclude(difference(metric, y, a, b, weights, groups)).verdict in ("better", "worse")
    return wrong / cases


@pytest.mark.parametrize("n_positives", [3, 5])
@pytest.mark.parametrize("metric", [auc, balanced_accuracy], ids=lambda m: m.name)
def test_few_samples_of_a_class_give_few_false_verdicts(metric, n_positives):
    """By the units of each class; with one positive 52 % were false."""
    rng, y = np.random.default_rng(16), (np.arange(50) < n_positives).astype(np.int64)

    def draw():
        shared = y + rng.standard_normal(50)
        return y, *(np.stack([-s, s], axis=1)[None] for s in shared - 0.5 + rng.standard_normal((2, 50)))

    assert false_verdicts(metric, draw) <= 0.06


@pytest.mark.parametrize("n_groups", [6, 20])
def test_unequal_groups_hold_the_level(n_groups):
    """One group holds half of the samples; with a degree of freedom for each group up to 21 % were false."""
    rng, sizes = np.random.default_rng(17), np.r_[100, np.full(n_groups - 1, 100 // (n_groups - 1))]
    groups = np.repeat(np.arange(n_groups), sizes)

    def draw():
        latent = np.sqrt(0.3) * rng.standard_normal((2, n_groups))[:, groups]
        right = latent + np.sqrt(0.7) * rng.standard_normal((2, len(groups))) < ndtri(0.8)
        return np.zeros(len(groups), np.int64), right_or_wrong(right[0]), right_or_wrong(right[1])

    assert false_verdicts(accuracy, draw, groups) <= 0.06


@pytest.mark.parametrize("n", [400, 1000])
def test_a_learner_that_fails_rarely_is_seldom_equivalent(n):
    """It fails alone on one of 100 samples, which is the margin: of 400, a symmetric interval said so in 9 %."""
    rng, equivalent = np.random.default_rng(18), 0
    weights = bootstrap_weights(n, n_resamples=2)
    for _ in range(1000):
        right = rng.random(n) < 0.95
        fails = right & (rng.random(n) < 0.01 / 0.95)
        row = difference(
            accuracy, np.zeros(n, np.int64), right_or_wrong(right & ~fails), right_or_wrong(right), weights
        )
        equivalent += conclude(row).verdict == "equivalent"

    assert equivalent <= 35


def test_a_learner_that_fails_on_whole_groups_is_seldom_equivalent():
    """On one of 100 groups; a pseudo-sample in place of a pseudo-group said so in 66 % of the cases."""
    rng, equivalent, groups = np.random.default_rng(19), 0, np.repeat(np.arange(40), 50)
    weights = bootstrap_weights(2000, groups=groups, n_resamples=100)
    for _ in range(200):
        right = rng.random(2000) < 0.95
        fails = (rng.random(40) < 0.01)[groups]
        one, other = (right ^ (rng.random(2000) < 0.003) for _ in "ab")
        scores = right_or_wrong(one & ~fails), right_or_wrong(other)
        row = difference(accuracy, np.zeros(2000, np.int64), *scores, weights, groups)
        equivalent += conclude(row, unit="group").verdict == "equivalent"

    assert equivalent <= 10


@pytest.mark.slow
def test_the_primary_comparison_alone_finds_more_than_one_of_four():
    """Like FSDD: six groups, a network ten points ahead, three rivals more: found in 55 %, with Holm in 23 %."""
    rng, groups = np.random.default_rng(5), np.repeat(np.arange(6), 100)
    weights, shown = bootstrap_weights(600, n_resamples=2), np.zeros(2)
    for _ in range(500):
        shared = np.sqrt(0.1) * rng.standard_normal(6)[groups] + np.sqrt(0.3) * rng.standard_normal(600)
        own = np.sqrt(0.05) * rng.standard_normal((5, 6))[:, groups] + np.sqrt(0.55) * rng.standard_normal((5, 600))
        reference, network, *others = (
            right_or_wrong(shared + z < ndtri(p)) for z, p in zip(own, (0.79, 0.89, 0.78, 0.76, 0.72), strict=True)
        )
        y = np.zeros(600, np.int64)
        rows = [difference(accuracy, y, each, reference, weights, groups) for each in (network, *others)]
        alone = rows[0].low > 0
        shown += alone, alone and holm([row.p_value for row in rows])[0] < 0.05

    assert shown[0] / 500 > 0.47
    assert shown[1] / 500 < 0.30
