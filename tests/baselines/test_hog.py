"""Histograms of oriented gradients."""

import numpy as np
import pytest
from skimage.feature import hog as skimage_hog
from sklearn.decomposition import PCA

from visiontk.baselines.hog import HogComponents, hog, hog_cells


def images(*shape, low=0, high=256, seed=0):
    return np.random.default_rng(seed).integers(low, high, shape, np.uint8)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (19, 33, 1), (24, 17, 3)])
@pytest.mark.parametrize(("cell", "orientations"), [(4, 9), (5, 8), (8, 6), (3, 12)])
def test_without_interpolation_hog_agrees_with_scikit_image(shape, cell, orientations):
    """Unsigned directions, "L2-Hys", blocks of 2 x 2; of several channels the strongest gradient."""
    x = images(3, *shape)

    result = hog(x, cells=(cell,), orientations=orientations, signed=False, interpolate=False)

    for image, row in zip(x, result, strict=True):
        expected = skimage_hog(
            image.astype(float),
            orientations=orientations,
            pixels_per_cell=(cell, cell),
            cells_per_block=(2, 2),
            block_norm="L2-Hys",
            channel_axis=-1,
        )
        np.testing.assert_allclose(row, expected, atol=1e-6)


def naive(image, cell, orientations, span):
    """Return votes by the formulas of Dalal and Triggs, pixel by pixel."""
    height, width = image.shape
    down, right = height // cell, width // cell
    cells = np.zeros((down, right, orientations))
    for i in range(height):
        for j in range(width):
            dy = int(image[i + 1, j]) - int(image[i - 1, j]) if 0 < i < height - 1 else 0
            dx = int(image[i, j + 1]) - int(image[i, j - 1]) if 0 < j < width - 1 else 0
            if i >= down * cell or j >= right * cell:
                continue
            place = np.degrees(np.arctan2(dy, dx)) % span / span * orientations - 0.5
            up, left = (i + 0.5) / cell - 0.5, (j + 0.5) / cell - 0.5
            for a in (int(np.floor(up)), int(np.floor(up)) + 1):
                for b in (int(np.floor(left)), int(np.floor(left)) + 1):
                    for o in (int(np.floor(place)), int(np.floor(place)) + 1):
                        if 0 <= a < down and 0 <= b < right:
                            share = (1 - abs(up - a)) * (1 - abs(left - b)) * (1 - abs(place - o))
                            cells[a, b, o % orientations] += np.hypot(dx, dy) * share / cell**2
    blocks = []
    for a in range(down - 1):
        for b in range(right - 1):
            block = cells[a : a + 2, b : b + 2].ravel()
            block = np.minimum(block / np.sqrt((block**2).sum() + 1e-10), 0.2)
            blocks.append(block / np.sqrt((block**2).sum() + 1e-10))
    return np.concatenate(blocks)


@pytest.mark.parametrize("signed", [True, False])
def test_with_interpolation_hog_agrees_with_a_plain_loop(signed):
    x = images(2, 13, 11, 1)

    result = hog(x, cells=(4,), orientations=7, signed=signed)

    expected = [naive(image[..., 0], 4, 7, 360 if signed else 180) for image in x]
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_features_of_several_cell_sizes_are_concatenated():
    x = images(5, 20, 20, 1)

    assert np.array_equal(hog(x, cells=(4, 6)), np.hstack([hog(x, cells=(4,)), hog(x, cells=(6,))]))


def test_features_are_invariant_to_brightness_and_nearly_to_contrast():
    """Gradients cancel an offset; blocks are divided by their norm."""
    x = images(4, 20, 20, 1, low=20, high=80)

    assert np.array_equal(hog(x), hog(x + 100))
    np.testing.assert_allclose(hog(x), hog(x * 3), atol=1e-5)


def test_inverted_images_differ_only_in_signed_directions():
    x = images(4, 20, 20, 1)

    np.testing.assert_allclose(hog(x, signed=False), hog(255 - x, signed=False), atol=1e-5)
    assert np.abs(hog(x) - hog(255 - x)).max() > 0.1


def test_inverting_an_image_reverses_signed_directions():
    x = images(4, 20, 20, 1)
    result = hog(255 - x, orientations=8).reshape(4, -1, 8)

    np.testing.assert_allclose(np.roll(result, 4, axis=-1).reshape(4, -1), hog(x, orientations=8), atol=1e-5)


def test_a_mirrored_image_has_mirrored_features():
    """Cells change sides, and angle a becomes 180 - a."""
    x = images(2, 16, 16, 1)
    blocks = hog(x[:, :, ::-1], cells=(4,), orientations=8).reshape(2, 3, 3, 2, 2, 8)
    bins = (3 - np.arange(8)) % 8

    back = blocks[:, :, ::-1, :, ::-1][..., bins]

    np.testing.assert_allclose(back.reshape(2, -1), hog(x, cells=(4,), orientations=8), atol=1e-5)


def test_flat_images_have_no_features():
    assert not hog(np.full((2, 12, 12, 3), 77, np.uint8)).any()


def test_a_cell_larger_than_the_images_is_an_error():
    with pytest.raises(ValueError, match=r"A cell of 9 pixels does not fit into images of shape \(8, 20\)"):
        hog(images(1, 8, 20, 1), cells=(4, 9))


@pytest.mark.parametrize("side", [4, 8, 12, 28, 32, 64, 96])
def test_the_cells_fit_into_the_image(side):
    assert all(2 <= cell <= side // 2 for cell in hog_cells(side, 3 * side))


def test_features_do_not_depend_on_the_batch():
    x = images(300, 12, 12, 1)

    assert np.array_equal(hog(x)[[7, 290]], hog(x[[7, 290]]))


def test_components_agree_with_scikit_learn():
    """Up to sign, without and with whitening."""
    x = images(60, 12, 12, 1)
    features = hog(x, cells=hog_cells(12, 12))

    plain = HogComponents(n_components=6, whitening=0.0).fit(x).transform(x)
    white = HogComponents(n_components=6, whitening=1.0).fit(x).transform(x)

    expected = PCA(6, svd_solver="full").fit_transform(features.astype(np.float64))
    np.testing.assert_allclose(np.abs(plain), np.abs(expected), atol=1e-3)
    np.testing.assert_allclose(white.std(axis=0), white[:, 0].std(), rtol=1e-3)
    np.testing.assert_allclose(np.corrcoef(white.T), np.eye(6), atol=1e-3)


def test_components_are_estimated_from_an_evenly_spaced_subset():
    x = images(50, 12, 12, 1)

    few = HogComponents(n_components=4, n_fit=10).fit(x)
    same = HogComponents(n_components=4).fit(x[np.linspace(0, 49, 10).astype(int)])

    assert np.array_equal(few.components_, same.components_)


def test_the_number_of_components_is_limited_by_the_images():
    assert HogComponents(n_components=200).fit_transform(images(5, 12, 12, 1)).shape == (5, 4)


def test_batches_are_transformed_alike():
    """Images are transformed in batches of a thousand."""
    x = images(1003, 8, 8, 1)
    fitted = HogComponents(n_components=3).fit(x[:50])

    np.testing.assert_allclose(fitted.transform(x)[[0, 1001]], fitted.transform(x[[0, 1001]]), atol=1e-9)
