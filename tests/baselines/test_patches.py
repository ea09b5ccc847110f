"""Features of patches by k-means."""

import warnings

import numpy as np
import pytest
from sklearn.cluster import KMeans

from visiontk.baselines.patches import CONTRAST, KMeansPatches, patch_side


def normalise(patch):
    return (patch - patch.mean()) / np.sqrt(patch.var() + CONTRAST)


@pytest.mark.parametrize(("shape", "patch", "grid"), [((9, 9, 1), 3, 2), ((8, 11, 3), 4, 3), ((66, 70, 1), 5, 2)])
def test_codes_agree_with_the_equations_of_the_paper(shape, patch, grid, images):
    """Section 3, position by position: normalise, whiten, triangle, pool."""
    x = images(4, *shape)
    fitted = KMeansPatches(n_centroids=5, patch=patch, grid=grid, n_patches=200).fit(x)
    stride = max(1, min(shape[:2]) // 32)
    tops = range(0, shape[0] - patch + 1, stride)
    lefts = range(0, shape[1] - patch + 1, stride)

    result = fitted.transform(x)

    for image, row in zip(x, result, strict=True):
        sums, counts = np.zeros((grid, grid, 5)), np.zeros((grid, grid, 1))
        for i, top in enumerate(tops):
            for j, left in enumerate(lefts):
                piece = image[top : top + patch, left : left + patch].astype(np.float64).ravel()
                white = (normalise(piece) - fitted.mean_) @ fitted.whiten_
                distance = np.sqrt(((white - fitted.centroids_) ** 2).sum(axis=1))
                region = i * grid // len(tops), j * grid // len(lefts)
                sums[region] += np.maximum(distance.mean() - distance, 0)
                counts[region] += 1
        np.testing.assert_allclose(row, (sums / counts).ravel(), atol=2e-3)


def test_whitened_patches_have_identity_covariance(images):
    """ZCA with a tiny epsilon; the mean, which normalisation removes, stays 0."""
    x = images(30, 20, 20, 1)
    fitted = KMeansPatches(n_centroids=2, patch=3, n_patches=3000, epsilon=1e-9).fit(x)

    white = (fitted._sample_patches(x) - fitted.mean_) @ fitted.whiten_

    values = np.linalg.eigvalsh(np.cov(white.T, bias=True))
    np.testing.assert_allclose(values[1:], 1, atol=1e-2)
    np.testing.assert_allclose(fitted.whiten_, fitted.whiten_.T, atol=1e-2 * np.abs(fitted.whiten_).max())


def test_centroids_agree_with_k_means(images):
    x = images(20, 12, 12, 1)
    fitted = KMeansPatches(n_centroids=7, patch=3, n_patches=400, random_state=3).fit(x)
    white = (fitted._sample_patches(x) - fitted.mean_) @ fitted.whiten_

    expected = KMeans(7, init="random", n_init=1, max_iter=10, tol=0, random_state=3).fit(white)

    np.testing.assert_allclose(fitted.centroids_, expected.cluster_centers_, atol=1e-5)


def test_the_seed_determines_patches_and_centroids(images):
    x = images(20, 12, 12, 1)

    def features(seed):
        return KMeansPatches(8, n_patches=300, random_state=seed).fit(x).transform(x)

    assert np.array_equal(features(1), features(1))
    assert not np.array_equal(features(1), features(2))


def test_features_do_not_depend_on_the_batch(images):
    x = images(150, 12, 12, 3)
    fitted = KMeansPatches(8, n_patches=300).fit(x[:30])

    assert np.array_equal(fitted.transform(x)[[2, 140]], fitted.transform(x[[2, 140]]))


def test_flat_patches_are_left_out(images):
    """No patch is sampled from the constant half of the images."""
    x = images(20, 12, 12, 1)
    x[:, :, :6] = 50
    fitted = KMeansPatches(4, patch=3, n_patches=300).fit(x)

    simulated = fitted._sample_patches(x)

    assert len(simulated) == 300
    assert (np.abs(simulated).max(axis=1) > 0).all()


def test_images_without_contrast_are_an_error():
    with pytest.raises(ValueError, match="The images are flat: no patch has any contrast"):
        KMeansPatches().fit(np.full((5, 12, 12, 1), 9, np.uint8))


def test_a_patch_larger_than_the_images_is_an_error(images):
    with pytest.raises(ValueError, match=r"A patch of 9 pixels does not fit into images of shape \(8, 20\)"):
        KMeansPatches(patch=9).fit(images(5, 8, 20, 1))


def test_equal_patches_give_no_warning():
    """Synthetic images have fewer distinct patches than there are centroids."""
    x = np.zeros((6, 8, 8, 1), np.uint8)
    x[:, :, 4:] = 255
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = KMeansPatches(20, n_patches=200).fit(x).transform(x)

    assert np.isfinite(result).all()


@pytest.mark.parametrize("side", range(2, 70))
def test_patches_fit_into_the_images(side):
    assert min(3, side) <= patch_side(side) <= min(6, side)
