"""Claims of superiority, non-inferiority and equivalence: answer, interval and p value agree, and the level holds."""

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from visiontk.core import Floats, Metric
from visiontk.metrics import accuracy, log_loss
from visiontk.stats import Difference, answer_claim, bootstrap_weights, difference
from visiontk.stats.claims import ClaimKind
from visiontk.stats.limits import limits
from visiontk.stats.variance import VarianceComponent

KINDS = get_args(ClaimKind)


def result(value: float, error: float, df: float = 50.0, **change: object) -> Difference:
    parts = (VarianceComponent(error**2, df),)
    low, high = limits(value, parts, 0.95, math.inf)
    return Difference(value, low, high, 0.5, "t", "fitted models", parts, False, 0.95)._replace(**change)  # type: ignore[arg-type]


RESULTS = st.builds(result, st.floats(-0.2, 0.2), st.floats(1e-3, 0.2), st.floats(2, 500))


@given(RESULTS, st.sampled_from(KINDS), st.floats(0, 0.2), st.booleans())
def test_a_claim_is_supported_exactly_if_its_p_value_is_below_one_half_of_5_percent(
    given_by: Difference, kind: ClaimKind, bound: float, higher: bool
) -> None:
    answer, p, *_ = answer_claim(given_by, kind, bound, higher_is_better=higher)

    assert 0 <= p <= 1
    if abs(p - 0.025) > 1e-9:
        assert (answer == "supported") == (p < 0.025)


@given(RESULTS, st.floats(0, 0.2), st.booleans())
def test_the_interval_decides(given_by: Difference, bound: float, higher: bool) -> None:
    low, high = sorted((given_by.low, given_by.high)) if higher else sorted((-given_by.low, -given_by.high))

    def expected(limit: float) -> str:
        return "supported" if low > limit else "refuted" if high <= limit else "not shown"

    answers = {kind: answer_claim(given_by, kind, bound, higher_is_better=higher).answer for kind in KINDS}

    inside = -bound < low and high < bound
    outside = low >= bound or high <= -bound
    assert answers == {
        "superiority": expected(bound),
        "non-inferiority": expected(-bound),
        "equivalence": "supported" if inside else "refuted" if outside else "not shown",
    }


@given(RESULTS, st.floats(0, 0.2))
def test_superiority_is_refuted_where_the_claim_turned_round_is_supported(given_by: Difference, bound: float) -> None:
    """A better than B by more than X contradicts B not worse than A by X."""
    turned = given_by._replace(value=-given_by.value, low=-given_by.high, high=-given_by.low)

    if answer_claim(given_by, "superiority", bound).answer == "supported":
        assert answer_claim(turned, "superiority", bound).answer == "refuted"
        assert answer_claim(given_by, "non-inferiority", bound).answer == "supported"


@pytest.mark.parametrize(("kind", "limit"), [("superiority", 0.02), ("non-inferiority", -0.02)])
@pytest.mark.parametrize("higher", [True, False])
def test_p_values_are_those_of_a_one_sided_t_test(kind: ClaimKind, limit: float, higher: bool) -> None:
    given_by = result(0.05 if higher else -0.05, 0.02, df=30)

    p = answer_claim(given_by, kind, 0.02, higher_is_better=higher).p_value

    assert p == pytest.approx(stats.t.sf((0.05 - limit) / 0.02, 30))


def test_the_p_value_of_equivalence_is_the_larger_of_two_one_sided_tests() -> None:
    p = answer_claim(result(0.005, 0.01, df=30), "equivalence", 0.03).p_value

    assert p == pytest.approx(stats.t.sf((0.03 - 0.005) / 0.01, 30))


def test_a_negative_bound_is_refused() -> None:
    with pytest.raises(ValueError, match=r"bound is at least 0; got -0\.1"):
        answer_claim(result(0.1, 0.1), "superiority", -0.1)


N, DRAWS = 200, 1500
"""A false claim may be supported in 2.5 % of cases; with 1,500 draws, 4 standard errors of that are 1.6 points."""


def one_hot(right: np.ndarray) -> Floats:
    return np.eye(2)[np.where(right, 1, 0)][None]


@pytest.mark.parametrize(
    ("kind", "bound", "only_a", "only_b"),
    [
        ("superiority", 0.0, 0.08, 0.08),
        ("superiority", 0.02, 0.10, 0.08),
        ("non-inferiority", 0.03, 0.06, 0.09),
        pytest.param("equivalence", 0.08, 0.10, 0.02, marks=pytest.mark.slow),
        pytest.param("equivalence", 0.08, 0.02, 0.10, marks=pytest.mark.slow),
    ],
)
def test_a_claim_that_is_just_false_is_supported_in_at_most_2_5_percent(
    kind: ClaimKind, bound: float, only_a: float, only_b: float
) -> None:
    """The true difference is the bound of the claim; predictions are drawn as four cells of a table."""
    rng, weights, y = np.random.default_rng(0), bootstrap_weights(N, n_resamples=300), np.ones(N, dtype=np.int64)
    cells = rng.choice(4, size=(DRAWS, N), p=[only_a, only_b, 0.75, 0.25 - only_a - only_b])

    supported = [
        answer_claim(
            difference(accuracy, y, one_hot((c == 0) | (c == 2)), one_hot((c == 1) | (c == 2)), weights), kind, bound
        ).answer
        == "supported"
        for c in cells
    ]

    assert np.mean(supported) <= 0.025 + 4 * math.sqrt(0.025 * 0.975 / DRAWS)


def test_better_follows_the_direction_of_the_metric() -> None:
    """Of two learners with probabilities, the one with the lower log loss is better."""
    y = np.arange(N) % 2
    sure, unsure = (np.where(np.eye(2)[y] == 1, p, 1 - p)[None] for p in (0.9, 0.6))
    metric: Metric = log_loss

    given_by = difference(metric, y, sure, unsure, bootstrap_weights(N))

    assert given_by.value < 0
    assert answer_claim(given_by, "superiority", 0.1, higher_is_better=metric.higher_is_better).answer == "supported"
    assert answer_claim(given_by, "superiority", 0.1).answer == "refuted"


@pytest.mark.parametrize("kind", ["equivalence", "non-inferiority"])
def test_few_groups_do_not_show_that_no_learner_fails_on_whole_groups(kind: ClaimKind) -> None:
    """Two learners that fail on a few samples of 20 groups; 400 independent samples would show it."""
    y, groups, samples = np.ones(400, dtype=np.int64), np.repeat(np.arange(20), 20), np.arange(400)
    a, b = (one_hot(~np.isin(samples, first + 21 * np.arange(4))) for first in (0, 105))
    grouped = difference(accuracy, y, a, b, bootstrap_weights(400, groups=groups, n_resamples=300), groups)
    single = difference(accuracy, y, a, b, bootstrap_weights(400, n_resamples=300))

    test = answer_claim(grouped, kind, 0.05)

    assert grouped.low > -0.05
    assert (test.answer, answer_claim(single, kind, 0.05).answer) == ("not shown", "supported")
    assert test.low < -0.05
    assert test.p_value > 0.025


@pytest.mark.slow
def test_a_learner_that_fails_on_whole_groups_is_not_shown_to_be_noninferior() -> None:
    """Each group of 20 fails in 5 % of cases, so the true difference is the bound; in 36 % of draws none fails."""
    rng, y, groups = np.random.default_rng(0), np.ones(400, dtype=np.int64), np.repeat(np.arange(20), 20)
    weights, right = bootstrap_weights(400, groups=groups, n_resamples=300), one_hot(np.ones(400, dtype=bool))
    draws = [one_hot(np.repeat(rng.random(20) > 0.05, 20)) for _ in range(300)]

    answers = [
        answer_claim(difference(accuracy, y, a, right, weights, groups), "non-inferiority", 0.05).answer for a in draws
    ]

    assert np.mean([answer == "supported" for answer in answers]) <= 0.025 + 4 * math.sqrt(0.025 * 0.975 / 300)
