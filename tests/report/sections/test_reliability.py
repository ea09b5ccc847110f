"""Predicted against observed shares."""

from __future__ import annotations

import numpy as np
import pytest

from visiontk.report.sections.reliability import reliability_bins
from visiontk.stats import wilson


def binary(n: int, seed: int, bend: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return targets drawn with the predicted probability, bent by a power."""
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    y = (rng.random(n) < p**bend).astype(np.int64)
    return y, np.stack([1 - p, p], axis=1)[None]


def test_calibrated_probabilities_lie_on_the_diagonal() -> None:
    """In at least nine of ten bins the 95 % interval contains the prediction."""
    inside = [
        b["observed_low"] <= b["predicted"] <= b["observed_high"]
        for seed in range(20)
        for b in reliability_bins(*binary(2000, seed))["bins"]
    ]

    assert len(inside) == 200
    assert np.mean(inside) > 0.9


def test_overconfidence_lies_below_the_diagonal() -> None:
    bins = reliability_bins(*binary(4000, 0, bend=3.0))["bins"]

    assert all(b["observed_high"] < b["predicted"] for b in bins[3:8])


def test_every_sample_is_in_one_bin() -> None:
    """Including those at 0 and 1."""
    y, scores = binary(500, 1)
    scores[0, :2, 1], scores[0, :2, 0] = [0, 1], [1, 0]

    result = reliability_bins(y, scores)

    assert sum(b["n"] for b in result["bins"]) == 500
    assert all(b["low"] <= b["predicted"] <= b["high"] for b in result["bins"])


def test_several_seeds_do_not_count_as_more_samples() -> None:
    """The same predictions three times give the same intervals."""
    y, scores = binary(300, 2)

    once, thrice = reliability_bins(y, scores)["bins"], reliability_bins(y, np.repeat(scores, 3, axis=0))["bins"]

    assert thrice == [pytest.approx(b) for b in once]


def test_groups_are_counted_instead_of_samples() -> None:
    """Ten patients with thirty images each count as ten."""
    y, scores = np.ones(300, np.int64), np.tile([0.05, 0.95], (1, 300, 1))

    (result,) = reliability_bins(y, scores, np.repeat(np.arange(10), 30))["bins"]

    assert (result["observed_low"], result["observed_high"]) == pytest.approx(wilson(10, 10))


def test_with_several_classes_the_likeliest_is_assessed() -> None:
    scores = np.tile([0.8, 0.1, 0.1], (1, 10, 1))

    result = reliability_bins(np.array([0] * 8 + [1, 2]), scores)

    assert result["of"] == "likeliest class"
    assert [(b["predicted"], b["observed"]) for b in result["bins"]] == [(pytest.approx(0.8), pytest.approx(0.8))]
