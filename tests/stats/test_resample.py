"""Bootstrap resamples as weights."""

import time

import numpy as np
import pytest

from visiontk.stats import bootstrap_weights
from visiontk.stats.resample import BLOCK


def test_each_resample_has_n_samples():
    """Counts sum to n, in one byte each."""
    weights = bootstrap_weights(50, n_resamples=200)

    assert (weights.shape, weights.dtype) == ((200, 50), np.uint8)
    assert (weights.sum(axis=1) == 50).all()


def test_counts_have_the_moments_of_a_multinomial():
    """Mean 1, variance 1 - 1/n, covariance -1/n."""
    n, b = 5, 40_000
    weights = bootstrap_weights(n, n_resamples=b).astype(float)

    covariance = np.cov(weights.T)

    assert weights.mean(axis=0) == pytest.approx(np.ones(n), abs=0.02)
    assert covariance == pytest.approx(np.eye(n) - 1 / n, abs=0.03)


def test_whole_groups_are_resampled():
    """In any order of samples; a resample has as many groups as the data."""
    groups = np.array(["b", "a", "b", "c", "a", "b"])

    weights = bootstrap_weights(6, groups=groups, n_resamples=100)

    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 0] == weights[:, 5]).all()
    assert (weights[:, 1] == weights[:, 4]).all()
    assert (weights[:, [0, 1, 3]].sum(axis=1) == 3).all()


def test_groups_of_one_sample_equal_no_groups():
    """If the names sort like the samples."""
    names = np.array(["a", "b", "c", "d"])

    assert (bootstrap_weights(4, groups=names, n_resamples=9) == bootstrap_weights(4, n_resamples=9)).all()


def test_the_seed_determines_the_resamples():
    assert (bootstrap_weights(30, seed=1) == bootstrap_weights(30, seed=1)).all()
    assert (bootstrap_weights(30, seed=1) != bootstrap_weights(30, seed=2)).any()


def test_ten_thousand_samples_take_half_a_second():
    """For 2,000 resamples, in processor time."""
    start = time.process_time()

    weights = bootstrap_weights(10_000)

    assert time.process_time() - start < 0.5
    assert weights.nbytes == 20_000_000


@pytest.mark.parametrize(
    ("n", "arguments", "message"),
    [
        (0, {}, "At least 1 sample and 2 resamples are needed; got n=0"),
        (3, {"n_resamples": 1}, "got n=3, n_resamples=1"),
        (3, {"groups": np.array(["a", "b"])}, r"groups must have shape \(3,\), one for each sample; got \(2,\)"),
    ],
)
def test_invalid_arguments_are_an_error(n, arguments, message):
    """The message has their values."""
    with pytest.raises(ValueError, match=message):
        bootstrap_weights(n, **arguments)


@pytest.mark.parametrize("n", [1, 7, 5000, BLOCK + 1])
def test_resamples_do_not_depend_on_the_block_size(n):
    rng = np.random.default_rng(3)
    expected = [np.bincount(rng.integers(n, size=n, dtype=np.int32), minlength=n) for _ in range(8)]

    result = bootstrap_weights(n, n_resamples=8, seed=3)

    assert np.array_equal(result, expected)
