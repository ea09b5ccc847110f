"""Local binary patterns."""

import numpy as np
import pytest
from skimage.feature import local_binary_pattern

from visiontk.baselines.grey import grey_integers
from visiontk.baselines.lbp import NEIGHBOURS, LocalBinaryPatterns, uniform_codes


def naive(image, grid, radius, tolerance):
    """Return histograms pixel by pixel: the code, its uniformity, and the cell that counts it."""
    height, width = image.shape
    histogram = np.zeros((grid, grid, 59))
    numbers = uniform_codes()
    for i in range(height):
        for j in range(width):
            code = 0
            for bit, (down, right) in enumerate(NEIGHBOURS):
                a = min(max(i + down * radius, 0), height - 1)
                b = min(max(j + right * radius, 0), width - 1)
                code += (int(image[a, b]) >= int(image[i, j]) + tolerance) << bit
            histogram[i * grid // height, j * grid // width, numbers[code]] += 1
    return (histogram / histogram.sum(axis=-1, keepdims=True)).ravel()


@pytest.mark.parametrize(("shape", "grid"), [((12, 12), 4), ((9, 14), 2), ((7, 5), 1)])
def test_histograms_agree_with_a_plain_loop(shape, grid, images):
    x = images(3, *shape, 1)

    result = LocalBinaryPatterns(grid, radii=(1, 2), tolerance=3).transform(x)

    expected = [np.concatenate([naive(i[..., 0], grid, radius, 3) for radius in (1, 2)]) for i in x]
    np.testing.assert_allclose(result, expected, atol=1e-6)


@pytest.mark.parametrize("radius", [1, 2, 3])
def test_straight_neighbours_agree_with_scikit_image(radius, images):
    """Four points need no interpolation: right, up, left, down."""
    x = images(1, 20, 17, 1)
    code = LocalBinaryPatterns(tolerance=0)._codes(grey_integers(x), radius)[0]
    place = {neighbour: bit for bit, neighbour in enumerate(NEIGHBOURS)}
    straight = [place[0, 1], place[-1, 0], place[0, -1], place[1, 0]]

    result = sum(((code >> bit) & 1) << i for i, bit in enumerate(straight))

    expected = local_binary_pattern(x[0, ..., 0], 4, radius, method="default")
    inner = slice(radius, -radius)
    assert np.array_equal(result[inner, inner], expected[inner, inner])


def test_neighbours_are_in_circular_order():
    """Steps along the square of eight, each adjacent to the one before."""
    steps = np.diff([*NEIGHBOURS, NEIGHBOURS[0]], axis=0)

    assert sorted(NEIGHBOURS) == sorted({(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1)} - {(0, 0)})
    assert (np.abs(steps).sum(axis=1) == 1).all()


def test_there_are_58_uniform_patterns_and_one_bin_for_the_rest():
    """P (P - 1) + 3 bins for P = 8, as in `method="nri_uniform"` of scikit-image."""
    codes = uniform_codes()

    assert np.bincount(codes).tolist() == [1] * 58 + [256 - 58]
    rest = {code for code in range(256) if codes[code] == 58}
    assert 0b01010101 in rest
    assert 0b00111100 not in rest
    assert 0b10000001 not in rest


def test_shares_of_each_cell_sum_to_1(images):
    result = LocalBinaryPatterns(grid=3).transform(images(4, 10, 13, 3))

    np.testing.assert_allclose(result.reshape(4, 3, 9, 59).sum(axis=-1), 1, atol=1e-6)


def test_features_are_invariant_to_brightness(images):
    x = images(4, 12, 12, 1) // 2

    assert np.array_equal(LocalBinaryPatterns().transform(x), LocalBinaryPatterns().transform(x + 100))


def test_noise_below_the_tolerance_is_ignored(images):
    """A flat image with noise of two levels is flat at tolerance 3."""
    noise = images(2, 12, 12, 1) % 3

    result = LocalBinaryPatterns(tolerance=3).transform(noise + np.uint8(100))

    assert np.array_equal(result, LocalBinaryPatterns(tolerance=3).transform(np.zeros_like(noise)))


def test_an_image_smaller_than_the_grid_has_one_cell_per_pixel(images):
    assert LocalBinaryPatterns(grid=8, radii=(1,)).transform(images(2, 4, 9, 1)).shape == (2, 4 * 4 * 59)


def test_colours_are_converted_to_grey_by_bt_601(images):
    x = images(2, 3, 3, 3)

    expected = np.round(0.299 * x[..., 0] + 0.587 * x[..., 1] + 0.114 * x[..., 2])

    assert np.array_equal(grey_integers(x), expected)


def test_features_do_not_depend_on_the_batch(images):
    x = images(600, 8, 8, 1)

    assert np.array_equal(LocalBinaryPatterns(2).transform(x)[[3, 555]], LocalBinaryPatterns(2).transform(x[[3, 555]]))
