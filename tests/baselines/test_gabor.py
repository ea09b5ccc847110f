"""Gabor features."""

import numpy as np
import pytest
from scipy.signal import convolve2d

from visiontk.baselines.gabor import STEP, Gabor, _bank


def wave(angle, wavelength, side=48):
    """Return a grating whose grey levels change along a direction, in radians from the rows."""
    down, right = np.mgrid[:side, :side]
    along = right * np.cos(angle) + down * np.sin(angle)
    return np.rint(127 + 100 * np.sin(2 * np.pi * along / wavelength)).astype(np.uint8)[None, ..., None]


def test_magnitudes_agree_with_the_published_wavelet(images):
    """Wiskott et al. (1997), equation 2, at one position."""
    x = images(1, 32, 32, 1)
    scaled = (x[0, ..., 0] - x.mean()) / x.std()
    k, sigma = np.pi / 2 / STEP, np.pi
    down, right = np.mgrid[-15:16, -15:16]
    envelope = k**2 / sigma**2 * np.exp(-(k**2) * (down**2 + right**2) / (2 * sigma**2))
    wavelet = envelope * (np.exp(1j * k * right) - np.exp(-(sigma**2) / 2)) / (2 * np.pi)
    padded = np.pad(scaled, 15, mode="reflect")
    expected = np.abs(convolve2d(padded, wavelet, mode="valid")).mean()

    result = Gabor(scales=2, orientations=4, grid=1).transform(x).reshape(2, 4)[1, 0]

    assert result == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("direction", range(8))
@pytest.mark.parametrize("scale", range(3))
def test_the_filter_of_a_grating_has_the_largest_response(scale, direction):
    x = wave(np.pi * direction / 8, 4 * STEP**scale)

    responses = Gabor(scales=5, orientations=8, grid=1).transform(x).reshape(5, 8)

    assert np.unravel_index(responses.argmax(), responses.shape) == (scale, direction)


def test_filters_do_not_respond_to_brightness():
    """Their mean is 0."""
    assert np.abs(_bank(5, 8, 40, 50)[:, 0, 0]).max() < 1e-7


def test_features_are_invariant_to_brightness_and_contrast(images):
    x = images(3, 20, 20, 1) // 4

    np.testing.assert_allclose(Gabor().transform(x), Gabor().transform(x * 3 + 20), atol=1e-4)


def test_a_flat_image_has_no_response():
    assert not Gabor().transform(np.full((2, 16, 16, 1), 99, np.uint8)).any()


def test_mirroring_an_image_mirrors_cells_and_directions(images):
    x = images(2, 21, 21, 1)

    plain = Gabor(3, 8, 3).transform(x).reshape(2, 3, 8, 3, 3)
    mirrored = Gabor(3, 8, 3).transform(x[:, :, ::-1]).reshape(2, 3, 8, 3, 3)

    np.testing.assert_allclose(mirrored[:, :, -np.arange(8) % 8, :, ::-1], plain, atol=2e-3)


@pytest.mark.parametrize("shape", [(8, 8, 1), (5, 30, 1), (48, 48, 3)])
def test_images_of_any_size_have_finite_features(shape, images):
    result = Gabor(grid=7).transform(images(2, *shape))

    assert result.shape == (2, 40 * min(7, shape[0]) * min(7, shape[1]))
    assert np.isfinite(result).all()


def test_features_do_not_depend_on_the_batch(images):
    x = images(40, 12, 12, 1)

    np.testing.assert_allclose(Gabor().transform(x)[[3, 39]], Gabor().transform(x[[3, 39]]), atol=1e-5)
