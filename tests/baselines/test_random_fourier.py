"""Random Fourier features."""

import numpy as np

from visiontk.baselines.random_fourier import RandomFourierFeatures


def test_random_features_approximate_the_gaussian_kernel():
    """Rahimi and Recht (2007), claim 1."""
    x = np.random.default_rng(0).normal(size=(30, 5))
    features = RandomFourierFeatures(20_000, width=0.7, random_state=3).fit(x)

    z = features.transform(x)

    squares = ((x[:, None] - x[None]) ** 2).sum(axis=2)
    scale = (0.7**2) * 2 * x.var(axis=0).sum()
    np.testing.assert_allclose(z @ z.T, np.exp(-squares / (2 * scale)), atol=0.04)


def test_the_seed_determines_the_features():
    x = np.random.default_rng(0).normal(size=(9, 5))
    one, same, other = (RandomFourierFeatures(50, random_state=s).fit(x).transform(x) for s in (1, 1, 2))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
