"""Texture features."""

from __future__ import annotations

import numpy as np
import pytest

from visiontk.baselines.texture_features import OFFSETS, PROPERTIES, TextureFeatures, glcm, glcm_properties, quantize


def images(n=5, side=12, dtype=np.uint8, channels=1, seed=0):
    limit = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, limit, (n, side, side, channels), dtype)


@pytest.mark.parametrize("distance", [1, 2, 4])
@pytest.mark.parametrize("direction", range(4))
def test_matrices_and_properties_agree_with_scikit_image(distance, direction):
    """Against skimage.feature.graycomatrix and graycoprops."""
    from skimage.feature import graycomatrix, graycoprops

    levels = np.random.default_rng(0).integers(0, 8, (4, 11, 13))
    down, right = (distance * step for step in OFFSETS[direction])
    angle = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4][direction]
    if direction in (1, 3):
        # Its diagonal offsets have this Euclidean length, rounded to pixels; ours have it along both axes.
        expected = [_pairs(image, down, right) for image in levels]
    else:
        expected = [
            graycomatrix(image.astype(np.uint8), [distance], [angle], 8, symmetric=True, normed=True)[..., 0, 0]
            for image in levels
        ]

    result = glcm(levels, 8, (down, right))
    properties = glcm_properties(result)

    assert result == pytest.approx(np.array(expected))
    for i, name in enumerate(PROPERTIES[:5]):
        expected_property = [graycoprops(matrix[..., None, None], name)[0, 0] for matrix in result]
        assert properties[:, i] == pytest.approx(expected_property), name


def _pairs(image, down, right):
    """Count pairs by the definition."""
    height, width = image.shape
    counts = np.zeros((8, 8))
    for r in range(height):
        for c in range(width):
            if 0 <= r + down < height and 0 <= c + right < width:
                counts[image[r, c], image[r + down, c + right]] += 1
    both = counts + counts.T
    return both / both.sum()


def test_entropy_agrees_with_its_definition():
    matrix = np.array([[0.5, 0.25], [0.25, 0.0]])

    result = glcm_properties(matrix[None])[0, PROPERTIES.index("entropy")]

    assert result == pytest.approx(0.5 * np.log(2) + 2 * 0.25 * np.log(4))


def test_levels_span_the_range_of_each_image():
    result = quantize(np.array([[[0.0, 50.0, 100.0]], [[7.0, 7.0, 7.0]]], np.float32), 4)

    assert result.tolist() == [[[0, 2, 3]], [[0, 0, 0]]]


def test_features_are_invariant_to_exposure_and_depth():
    x = images()
    brighter = x.astype(np.uint16) * 200 + 1000

    assert TextureFeatures().transform(brighter) == pytest.approx(TextureFeatures().transform(x), abs=2e-3)


def test_features_do_not_depend_on_the_batch():
    x = images(9)

    assert (TextureFeatures().transform(x)[::3] == TextureFeatures().transform(x[::3])).all()


@pytest.mark.parametrize("side", [1, 2, 3, 5])
def test_tiny_images_have_finite_features(side):
    assert np.isfinite(TextureFeatures().transform(images(3, side))).all()


def test_an_image_of_one_colour_has_finite_features():
    assert np.isfinite(TextureFeatures().transform(np.full((2, 8, 8, 1), 9, np.uint8))).all()


def test_colours_are_converted_to_grey():
    grey = images(2)

    assert TextureFeatures().transform(np.repeat(grey, 3, axis=3)) == pytest.approx(
        TextureFeatures().transform(grey), abs=1e-3
    )
