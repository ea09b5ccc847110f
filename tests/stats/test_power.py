"""Power, required sample sizes and sources of variance."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from visiontk.metrics import accuracy
from visiontk.stats import (
    Difference,
    bootstrap_weights,
    conclude,
    describe_uncertainty,
    difference,
    power_analysis,
    variance_shares,
)
from visiontk.stats.power import detectable_difference, required_samples
from visiontk.stats.variance import VarianceComponent


def a_difference(
    value=0.02, *, items=4e-4, seeds=0.0, interaction=0.0, groups=0.0, n_units=1000, n_seeds=1, bounded=True
):
    """Return a difference whose variance has these components."""
    half = 2 * math.sqrt(items + seeds)
    return Difference(
        value=value,
        low=value - half,
        high=value + half,
        p_value=0.3,
        test="paired bootstrap t",
        scope="procedure" if n_seeds > 1 else "fitted models",
        components=(VarianceComponent(items, n_units - 1.0), VarianceComponent(seeds, max(n_seeds - 1.0, 1.0))),
        bounded=bounded,
        confidence=0.95,
        interaction_variance=interaction,
        group_variance=groups,
        n_units=n_units,
        n_seeds=n_seeds,
    )


VARIANCE = st.floats(1e-7, 1e-2)


@given(items=VARIANCE, seeds=VARIANCE, part=st.floats(0, 1), rest=st.floats(0, 1), n_seeds=st.integers(2, 9))
def test_variance_shares_sum_to_one(items, seeds, part, rest, n_seeds):
    """No share is negative."""
    one = a_difference(items=items, seeds=seeds, interaction=part * items, groups=rest * items, n_seeds=n_seeds)
    known = variance_shares(one)

    assert sum(known) == pytest.approx(1)
    assert min(known) >= -1e-12


@given(items=VARIANCE, seeds=VARIANCE, part=st.floats(0, 1), n_seeds=st.integers(2, 9), value=st.floats(-0.2, 0.2))
def test_planned_numbers_are_the_smallest_that_suffice(items, seeds, part, n_seeds, value):
    """With one unit or seed less, the target is not detectable."""
    one = a_difference(value, items=items, seeds=seeds, interaction=part * items, n_seeds=n_seeds)
    planned = power_analysis(one)

    for more, kind in [(planned.units, "units"), (planned.seeds, "seeds")]:
        start = one.n_units if kind == "units" else one.n_seeds
        if more is None or more == start:
            continue
        for n, enough in [(more, True), (more - 1, False)]:
            fewer = start / n
            common = one.item_variance - one.interaction_variance
            scaled = one._replace(
                components=(
                    VarianceComponent(one.item_variance * fewer, n - 1.0)
                    if kind == "units"
                    else VarianceComponent(common + part * items * fewer, one.n_units - 1.0),
                    VarianceComponent(one.seed_variance * (1 if kind == "units" else fewer), n_seeds - 1.0),
                ),
                interaction_variance=part * items * fewer,
                n_units=n if kind == "units" else one.n_units,
                n_seeds=n if kind == "seeds" else one.n_seeds,
            )
            ratio = power_analysis(scaled).detectable / planned.target
            assert ratio <= 1 + 1e-9 if enough else ratio > 1 - 1e-9  # one of millions makes no visible difference


@given(factor=st.integers(2, 50))
def test_required_samples_follow_the_square_law(factor):
    """With one seed, half the difference needs nearly four times the samples."""
    n = power_analysis(a_difference(0.02 * factor**-0.5, items=1e-3, n_units=10_000), margin=0.0).units

    base = power_analysis(a_difference(0.02, items=1e-3, n_units=10_000), margin=0.0).units
    assert n == pytest.approx(base * factor, rel=0.01)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.9])
def test_a_detectable_difference_is_detected_with_its_power(power):
    """Closed form of the two-sided z test: P(|Z + d / SE| > 1.96) is the power."""
    d = power_analysis(a_difference(items=0.02**2, n_units=10**6), power=power).detectable

    assert norm.sf(1.959964 - d / 0.02) == pytest.approx(power, abs=1e-4)


def test_few_seeds_use_students_t():
    """Three seeds have the quantile of two degrees of freedom, 4.30, not 1.96."""
    d = power_analysis(a_difference(items=0.0, seeds=0.02**2, n_seeds=3)).detectable

    assert d == pytest.approx((4.3027 + 0.8416) * 0.02, rel=1e-4)


def test_more_seeds_cannot_replace_samples_nor_samples_seeds():
    """The seed component does not depend on the number of samples, and vice versa."""
    of_seeds = power_analysis(a_difference(0.01, items=1e-8, seeds=1e-4, n_seeds=3))
    of_items = power_analysis(a_difference(0.01, items=1e-4, seeds=1e-10, n_seeds=3))
    of_both = power_analysis(a_difference(0.01, items=1e-4, seeds=1e-4, n_seeds=3))

    assert of_seeds.units is None
    assert of_seeds.seeds is not None
    assert of_items.seeds is None
    assert of_items.units is not None
    assert of_both.units is of_both.seeds is None


def test_correction_requires_more_samples():
    """For ten comparisons, the level of each is a tenth."""
    assert power_analysis(a_difference()._replace(confidence=0.995)).units > power_analysis(a_difference()).units


def test_one_unit_has_neither_plan_nor_shares():
    """Its variance is infinite."""
    one = a_difference(items=math.inf, n_units=1)

    assert power_analysis(one) == (math.inf, 0.02, None, None)
    assert variance_shares(one) is None
    assert describe_uncertainty(one) == ""


def of_right(right):
    """Return scores that are correct where `right` is True, if every target is 0."""
    return np.eye(2)[np.where(right, 0, 1)]


def test_the_share_of_groups_is_estimated():
    """Five copies of each sample: four fifths of the variance are due to correlated groups."""
    rng = np.random.default_rng(0)
    once = rng.random((2, 200)) < 0.7
    names = np.repeat(np.arange(200), 5).astype(str)
    y, weights = np.zeros(1000, int), bootstrap_weights(1000, groups=names, n_resamples=1000)

    copies = difference(accuracy, y, *(of_right(np.repeat(o, 5))[None] for o in once), weights, names)
    mixed = difference(accuracy, y, *(of_right(rng.random(1000) < 0.7)[None] for _ in "ab"), weights, names)

    assert variance_shares(copies).groups == pytest.approx(0.8, abs=0.06)
    assert variance_shares(mixed).groups < 0.25


def test_interaction_and_seed_effects_are_separated():
    """Independent errors of each seed are interaction; different accuracies of seeds are seed effects."""
    rng = np.random.default_rng(1)
    n, n_seeds = 400, 60  # many, since few seeds know their variance badly
    y, weights = np.zeros(n, int), bootstrap_weights(n, n_resamples=400)
    certain = np.repeat(of_right(np.ones(n, bool))[None], n_seeds, axis=0)
    order = rng.permutation(n)

    independent = np.stack([of_right(rng.random(n) < 0.7) for _ in range(n_seeds)])
    shifted = np.stack([of_right(order < n * share) for share in np.linspace(0.1, 0.9, n_seeds)])

    assert variance_shares(difference(accuracy, y, independent, certain, weights)).interaction > 0.5
    assert variance_shares(difference(accuracy, y, independent, certain, weights)).seeds < 0.1
    assert variance_shares(difference(accuracy, y, shifted, certain, weights)).seeds > 0.6


@pytest.mark.parametrize(
    ("one", "unit", "text"),
    [
        (
            a_difference(),
            "sample",
            "With one seed, test samples cause all of the measured variance: more test samples would reduce it, and "
            "more seeds would show whether the result holds for refitted models.",
        ),
        (
            a_difference(seeds=1e-5, n_seeds=3),
            "sample",
            "Test samples cause 98 % of the variance and seeds 2 %: more test samples would reduce it.",
        ),
        (
            a_difference(seeds=4e-3, n_seeds=3),
            "sample",
            "Test samples cause 9 % of the variance and seeds 91 %: more seeds would reduce it.",
        ),
        (
            a_difference(seeds=4e-4, interaction=2e-4, groups=1e-4, n_seeds=3),
            "group",
            "Test groups cause 25 % of the variance, seeds 50 % and their interaction 25 %; similar samples within "
            "groups cause 12 %: more test groups and more seeds would reduce it.",
        ),
    ],
)
def test_uncertainty_is_described_in_a_sentence(one, unit, text):
    """The sources of the variance and the remedy."""
    assert describe_uncertainty(one, unit=unit) == text


@pytest.mark.parametrize(
    ("one", "end"),
    [
        (a_difference(seeds=1e-9, n_seeds=3),
         "about 7,900 test samples instead of 1,000; more seeds alone do not suffice."),
        (a_difference(items=1e-9, seeds=1e-4, n_seeds=3),
         "about 8 seeds instead of 3; more test samples alone do not suffice."),
        (a_difference(items=1e-4, seeds=1e-4, n_seeds=3), "more test samples and more seeds: neither alone suffices."),
    ],
)  # fmt: skip
def test_an_undecided_comparison_names_the_required_numbers(one, end):
    """Samples, seeds, or both."""
    reason = conclude(one).reason

    assert "Detecting 2.0 points, the measured difference, " in reason
    assert reason.endswith(end)


@pytest.mark.slow
def test_a_plan_has_its_power():
    """In simulations with the planned number of samples, 80 of 100 comparisons are significant."""
    rng = np.random.default_rng(3)

    def simulated(n):
        common = rng.random(n) < 0.5
        a, b = (np.where(common, rng.random(n) < p, rng.random(n) < p) for p in (0.86, 0.83))
        return difference(accuracy, np.zeros(n, int), of_right(a)[None], of_right(b)[None], weights(n))

    cache = {}

    def weights(n):
        return cache.setdefault(n, bootstrap_weights(n, n_resamples=200))

    first = simulated(2000)._replace(value=0.03)
    n = power_analysis(first).units
    again = [simulated(n) for _ in range(400)]

    assert np.mean([d.low > 0 for d in again]) == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(("n", "disagreement"), [(40, 0.3), (100, 0.1), (200, 0.1), (467, 0.1), (1000, 0.02)])
def test_the_detectable_difference_has_the_power_that_is_stated(n, disagreement):
    """About 80 % of drawn test sets find it at 5 %, or more if hardly any disagreement is to the other side."""
    rng, d = np.random.default_rng(0), detectable_difference(n, disagreement=disagreement)
    share = max(disagreement, d)
    y, weights = np.zeros(n, np.int64), bootstrap_weights(n, n_resamples=2)
    rejected = []
    for _ in range(600):
        kind = rng.choice(3, n, p=[1 - share, (share + d) / 2, (share - d) / 2])
        a, b = np.eye(2)[(kind == 2).astype(int)], np.eye(2)[(kind == 1).astype(int)]
        rejected.append(difference(accuracy, y, a[None], b[None], weights).p_value < 0.05)

    assert 0.75 <= np.mean(rejected) <= (0.85 if d < 0.8 * disagreement else 0.95)


@given(st.floats(0.002, 0.5), st.floats(0.01, 1))
def test_the_required_samples_are_the_smallest_that_suffice(target, disagreement):
    n = required_samples(target, disagreement=disagreement)

    assert detectable_difference(n, disagreement=disagreement) <= target
    assert n == 2 or detectable_difference(n - 1, disagreement=disagreement) > target


def test_many_samples_agree_with_connor():
    """Of his sample size, with quantiles of the normal distribution."""
    z = norm.ppf([0.975, 0.8])
    known = ((z[0] * math.sqrt(0.1) + z[1] * math.sqrt(0.1 - 0.02**2)) / 0.02) ** 2

    assert required_samples(0.02) == pytest.approx(known, rel=0.005)


def test_two_samples_detect_nothing():
    assert detectable_difference(2) == math.inf


@pytest.mark.parametrize(
    ("n", "settings"),
    [
        (1, {}),
        (math.nan, {}),
        (100, {"disagreement": 0}),
        (100, {"disagreement": math.nan}),
        (100, {"alpha": 1}),
        (100, {"power": 0.4}),
    ],
)
def test_impossible_plans_are_errors(n, settings):
    with pytest.raises(ValueError, match="n is above 1, disagreement above 0"):
        detectable_difference(n, **settings)


@pytest.mark.parametrize("target", [0, -0.1, 1.1, math.nan])
def test_an_impossible_difference_to_detect_is_an_error(target):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        required_samples(target)
