"""Principal components."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from visiontk.baselines.principal_components import PrincipalComponents


def features(n, width, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random((n, 6)) @ rng.random((6, width)) + 0.05 * rng.random((n, width))).astype(np.float32)


@pytest.mark.parametrize(("n", "width"), [(80, 20), (30, 200)], ids=["tall", "wide"])
def test_components_agree_with_scikit_learn(n, width):
    """Up to sign; from the smaller of the two matrices of products."""
    x = features(n, width)

    result = PrincipalComponents(4, whitening=0).fit(x).transform(x)

    np.testing.assert_allclose(np.abs(result), np.abs(PCA(4).fit_transform(x)), atol=1e-3)


@pytest.mark.parametrize(("n", "width"), [(80, 20), (30, 200)], ids=["tall", "wide"])
def test_full_whitening_makes_variances_equal(n, width):
    x = features(n, width)

    variances = PrincipalComponents(4, whitening=1).fit(x).transform(x).var(axis=0)

    np.testing.assert_allclose(variances, variances[0], rtol=1e-2)


def test_half_a_power_is_the_square_root():
    x = features(40, 30)

    np.testing.assert_allclose(
        PrincipalComponents(3, power=0.5).fit(x).transform(x),
        PrincipalComponents(3).fit(np.sqrt(x)).transform(np.sqrt(x)),
        atol=1e-5,
    )


def test_signs_do_not_depend_on_the_order_of_samples():
    x = features(60, 25)

    result = PrincipalComponents(3).fit(x).components_, PrincipalComponents(3).fit(x[::-1]).components_

    np.testing.assert_allclose(*result, rtol=1e-2, atol=1e-3)


def test_the_number_of_components_is_limited_by_samples_and_features():
    assert PrincipalComponents(50).fit(features(10, 30)).transform(features(4, 30)).shape == (4, 9)
    assert PrincipalComponents(50).fit(features(30, 10)).transform(features(4, 10)).shape == (4, 10)


def test_constant_features_give_finite_components():
    x = np.ones((20, 5), np.float32)

    assert np.isfinite(PrincipalComponents(3).fit(x).transform(x)).all()
