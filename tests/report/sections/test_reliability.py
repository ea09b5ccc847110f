"""Predicted against observed shares."""

from __future__ import annotations

import numpy as np
import pytest

from visiontk.report.sections.reliability import reliability_bins
from visiontk.stats import wilson


def binary(n: int, seed: int, bend: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Targets that come with the predicted probability, bent by a power."""
    rng = np.random.default_rng(seed)
    p = rng.random(n)
    y = (rng.random(n) < p**bend).astype(np.int64)
    return y, np.stack([1 - p, p], axis=1)[None]


def test_probabilities_that_are_true_lie_on_the_line() -> None:
    """In nine of ten bins at least, the interval holds the prediction: 95 % of them should."""
    inside = [
        b["observed_low"] <= b["predicted"] <= b["observed_high"]
        for seed in range(20)
        for b in reliability_bins(*binary(2000, seed))["bins"]
    ]

    assert len(inside) == 200
    assert np.mean(inside) > 0.9


def test_overconfidence_is_seen() -> None:
    """Events rarer than predicted lie below the diagonal."""
    bins = reliability_bins(*binary(4000, 0, bend=3.0))["bins"]

    assert all(b["observed_high"] < b["predicted"] for b in bins[3:8])


def test_every_sample_is_in_one_bin() -> None:
    """Also those at 0 and 1."""
    y, scores = binary(500, 1)
    scores[0, :2, 1], scores[0, :2, 0] = [0, 1], [1, 0]

    found = reliability_bins(y, scores)

    assert sum(b["n"] for b in found["bins"]) == 500
    assert all(b["low"] <= b["predicted"] <= b["high"] for b in found["bins"])


def test_several_seeds_do_not_count_as_more_samples() -> None:
    """The same predictions three times give the same intervals."""
    y, scores = binary(300, 2)

    once, thrice = reliability_bins(y, scores)["bins"], reliability_bins(y, np.repeat(scores, 3, axis=0))["bins"]

    assert thrice == [pytest.approx(b) for b in once]


def test_groups_are_counted_instead_of_samples() -> None:
    """Ten patients with thirty images each count as ten."""
    y, scores = np.ones(300, np.int64), np.tile([0.05, 0.95], (1, 300, 1))

    (found,) = reliability_bins(y, scores, np.repeat(np.arange(10), 30))["bins"]

    assert (found["observed_low"], found["observed_high"]) == pytest.approx(wilson(10, 10))


def test_of_several_classes_it_is_the_likeliest() -> None:
    """Right or wrong."""
    scores = np.tile([0.8, 0.1, 0.1], (1, 10, 1))

    found = reliability_bins(np.array([0] * 8 + [1, 2]), scores)

    assert found["of"] == "likeliest class"
    assert [(b["predicted"], b["observed"]) for b in found["bins"]] == [(pytest.approx(0.8), pytest.approx(0.8))]
