"""Risk-coverage curves."""

from __future__ import annotations

import numpy as np
import pytest

from visiontk.stats import bootstrap_weights
from visiontk.stats.selective import COVERAGES, Selective, confidence, risk_coverage


def simulated(n: int, seed: int, steep: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return targets and scores; if steep, confident answers are more often correct."""
    rng = np.random.default_rng(seed)
    sure = rng.random(n)
    wrong = rng.random(n) < (0.4 * (1 - sure) ** 2 if steep else 0.2)
    return np.zeros(n, np.int64), (np.eye(2)[wrong.astype(np.int64)] * sure[:, None])[None]


def result(y: np.ndarray, scores: np.ndarray) -> Selective:
    return risk_coverage(y, scores, bootstrap_weights(len(y), n_resamples=200))


def test_the_risk_at_full_coverage_is_the_error_rate() -> None:
    y, scores = simulated(500, 0)

    assert result(y, scores).risks[0].value == pytest.approx(np.mean(scores[0].argmax(axis=1) != y))


def test_the_most_confident_samples_are_answered_first() -> None:
    """8 of 10 correct, and the 2 errors least confident."""
    y = np.zeros(10, np.int64)
    sure = np.linspace(1, 0.1, 10)
    scores = (np.eye(2)[[0] * 8 + [1] * 2] * sure[:, None])[None]
    risks = dict(zip(COVERAGES, (risk.value for risk in result(y, scores).risks), strict=True))

    assert risks[1.0] == pytest.approx(0.2)
    assert risks[0.9] == pytest.approx(1 / 9)
    assert risks[0.8] == risks[0.5] == 0.0


def test_the_area_is_the_mean_risk() -> None:
    """Over one answer, two answers, ... all answers."""
    y, scores = simulated(40, 1)
    order = np.argsort(-confidence(scores[0]))
    wrong = (scores[0].argmax(axis=1) != y)[order]

    assert result(y, scores).area.value == pytest.approx(np.mean(np.cumsum(wrong) / np.arange(1, 41)))


def test_order_of_equally_confident_samples_does_not_matter() -> None:
    y, scores = simulated(200, 2)
    coarse = np.round(scores, 1)
    shuffle = np.random.default_rng(0).permutation(200)

    one, other = result(y, coarse), result(y[shuffle], coarse[:, shuffle])
    assert [risk.value for risk in one.risks] == pytest.approx([risk.value for risk in other.risks])
    assert one.area.value == pytest.approx(other.area.value)


def test_constant_confidence_has_constant_risk() -> None:
    """The error rate at every coverage."""
    y = np.arange(100) % 5 // 4
    scores = np.tile([0.6, 0.4], (1, 100, 1))

    assert [risk.value for risk in result(y, scores).risks] == pytest.approx([0.2] * len(COVERAGES))


def test_zero_risk_has_an_interval() -> None:
    """It widens with fewer answers."""
    y, scores = np.zeros(100, np.int64), np.tile([0.9, 0.1], (1, 100, 1)) + np.linspace(0, 0.05, 100)[None, :, None]
    risks = result(y, scores).risks

    assert {risk.value for risk in risks} == {0.0}
    widths = [risk.high for risk in risks]
    assert widths == sorted(widths)
    assert 0.03 < widths[0] < widths[-1] < 0.3


def test_seeds_are_averaged() -> None:
    y, one = simulated(300, 3)
    _, other = simulated(300, 4)
    both = [result(y, np.concatenate([one, other])), result(y, one), result(y, other)]

    risks = [[risk.value for risk in each.risks] for each in both]
    np.testing.assert_allclose(risks[0], np.mean(risks[1:], axis=0))


def test_groups_widen_the_interval() -> None:
    y, scores = simulated(300, 5)
    groups = np.repeat(np.arange(30), 10)
    weights = bootstrap_weights(300, groups=groups, n_resamples=200)
    alike = np.repeat(scores[:, ::10], 10, axis=1)

    wide, narrow = risk_coverage(y, alike, weights, groups).risks[0], result(y, alike).risks[0]
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


@pytest.mark.slow
@pytest.mark.parametrize("coverage", [1.0, 0.8, 0.5])
def test_intervals_cover_the_risk_of_the_population(coverage: float) -> None:
    """At coverage c it is 0.4 c^2 / 3; the documentation has 2,000 simulated cases."""
    truth, i = 0.4 * coverage**2 / 3, COVERAGES.index(coverage)
    ends = [result(*simulated(300, seed)).risks[i] for seed in range(400)]

    assert 0.925 <= np.mean([each.low <= truth <= each.high for each in ends]) <= 0.995


@pytest.mark.parametrize(("y", "message"), [([0, 2], "Targets reach from 0 to 2"), ([-1, 1], "from -1 to 1")])
def test_a_target_outside_of_the_classes_is_an_error(y, message):
    with pytest.raises(ValueError, match=message):
        risk_coverage(np.array(y), np.eye(2)[None], np.ones((9, 2)), 2)
