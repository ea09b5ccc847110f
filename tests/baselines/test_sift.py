"""Dense SIFT descriptors and bags of visual words."""

import numpy as np
import pytest

from visiontk.baselines.sift import CELLS, ORIENTATIONS, VisualWords, centres, dense_sift


def naive(image, row, column, size):
    """Return one descriptor, pixel by pixel: section 6 of the paper with a flat window."""
    height, width = image.shape
    cells = np.zeros((CELLS, CELLS, ORIENTATIONS))
    grey = image.astype(float)
    for i in range(height):
        for j in range(width):
            down = (grey[i + 1, j] - grey[i - 1, j]) / 2 if 0 < i < height - 1 else 0.0
            right = (grey[i, j + 1] - grey[i, j - 1]) / 2 if 0 < j < width - 1 else 0.0
            angle = np.arctan2(down, right) / (2 * np.pi) * ORIENTATIONS
            for a in range(CELLS):
                for b in range(CELLS):
                    near = max(0, 1 - abs(row + (a - 1.5) * size - i) / size)
                    near *= max(0, 1 - abs(column + (b - 1.5) * size - j) / size)
                    for o in range(ORIENTATIONS):
                        apart = abs((angle - o + 4) % 8 - 4)
                        cells[a, b, o] += near * max(0, 1 - apart) * np.hypot(down, right) / size**2
    flat = cells.ravel()
    flat = np.minimum(flat / (np.linalg.norm(flat) + 1.0), 0.2)
    return flat / max(np.linalg.norm(flat), 0.5)


def test_descriptors_agree_with_a_plain_loop(images):
    x = images(1, 20, 17, 1)
    down, right = centres(20, 3, 5), centres(17, 3, 5)
    expected = [naive(x[0, ..., 0], row, column, 3) for row in down for column in right]

    result = dense_sift(x, bin_sizes=(3,), step=5)[0]

    np.testing.assert_allclose(result, expected, atol=1e-4)


def test_descriptors_of_several_sizes_are_concatenated(images):
    x = images(2, 24, 24, 1)

    both = dense_sift(x, bin_sizes=(3, 5), step=4)

    parts = [dense_sift(x, bin_sizes=(size,), step=4) for size in (3, 5)]
    np.testing.assert_allclose(both, np.concatenate(parts, axis=1), atol=1e-6)


def test_descriptors_of_textured_places_have_norm_1(images):
    np.testing.assert_allclose(np.linalg.norm(dense_sift(images(2, 32, 32, 1)), axis=-1), 1, atol=1e-5)


def test_flat_images_have_empty_descriptors():
    assert not dense_sift(np.full((1, 24, 24, 1), 80, np.uint8)).any()


def test_descriptors_are_invariant_to_brightness_and_nearly_to_contrast(images):
    x = images(2, 24, 24, 1) // 4

    np.testing.assert_allclose(dense_sift(x + 60), dense_sift(x), atol=1e-6)
    assert np.abs(dense_sift(x * 3) - dense_sift(x)).max() < 0.03


def test_rotating_an_image_rotates_descriptors(images):
    """A quarter turn moves positions, cells and directions."""
    x = images(1, 25, 25, 1)
    n = len(centres(25, 3, 4))
    shape = (n, n, CELLS, CELLS, ORIENTATIONS)

    plain = dense_sift(x, bin_sizes=(3,), step=4).reshape(shape)
    rotated = dense_sift(np.rot90(x, axes=(1, 2)), bin_sizes=(3,), step=4).reshape(shape)

    expected = np.roll(np.rot90(np.rot90(plain, axes=(0, 1)), axes=(2, 3)), -2, axis=-1)
    np.testing.assert_allclose(rotated, expected, atol=1e-5)


@pytest.mark.parametrize("side", [1, 4, 8, 31, 48])
def test_centres_are_inside_and_centred(side):
    result = centres(side, 4, 3)

    assert result.min() >= 0
    assert result.max() <= side - 1
    assert result.mean() == pytest.approx((side - 1) / 2)


def test_shares_of_each_region_sum_to_1(images):
    x = images(12, 30, 26, 1)

    result = VisualWords(20, pyramid=(1, 2, 4), n_descriptors=500).fit(x).transform(x).reshape(12, 21, 20)

    np.testing.assert_allclose(result.sum(axis=-1), 1, atol=1e-5)
    assert result.min() >= 0


def test_regions_of_a_level_average_to_the_level_above(images):
    """All descriptors have equal weight."""
    x = images(5, 32, 32, 1)
    words = VisualWords(10, bin_sizes=(3,), step=4, pyramid=(1, 2), n_descriptors=300).fit(x)

    result = words.transform(x).reshape(5, 5, 10)

    counts = words._regions(32, 32)[1:] > 0
    share = counts.sum(axis=1) / counts.sum()
    np.testing.assert_allclose(np.einsum("r,nrw->nw", share, result[:, 1:]), result[:, 0], atol=1e-5)


def test_a_hard_assignment_counts_the_nearest_word(images):
    x = images(3, 24, 24, 1)
    words = VisualWords(8, pyramid=(1,), nearest=1, n_descriptors=200).fit(x)
    places = dense_sift(x)

    result = words.transform(x)

    distance = ((places[:, :, None] - words.words_) ** 2).sum(axis=-1)
    expected = [np.bincount(row, minlength=8) / len(row) for row in distance.argmin(axis=2)]
    np.testing.assert_allclose(result, expected, atol=1e-6)


def test_the_seed_determines_the_words(images):
    x = images(30, 24, 24, 1)
    one, same, other = (VisualWords(10, n_descriptors=300, random_state=seed).fit(x).words_ for seed in (0, 0, 1))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_features_do_not_depend_on_the_batch(images):
    x = images(40, 24, 24, 1)
    words = VisualWords(10, n_descriptors=300).fit(x)

    np.testing.assert_allclose(words.transform(x)[[3, 39]], words.transform(x[[3, 39]]), atol=1e-5)


def test_equal_images_and_few_descriptors_give_features(images):
    x = np.repeat(images(1, 16, 16, 1), 4, axis=0)

    result = VisualWords(5000, n_descriptors=100).fit(x).transform(x)

    assert np.isfinite(result).all()
    np.testing.assert_array_equal(result[0], result[3])
