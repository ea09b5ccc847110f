import numpy as np
import pytest
from scipy.signal import convolve2d

from visiontk.baselines.gabor import STEP, Gabor, _bank


def images(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def wave(angle, wavelength, side=48):
    """A grating whose grey levels change along a direction, in radians from the rows."""
    down, right = np.mgrid[:side, :side]
    along = right * np.cos(angle) + down * np.sin(angle)
    return np.rint(127 + 100 * np.sin(2 * np.pi * along / wavelength)).astype(np.uint8)[None, ..., None]


def test_magnitudes_are_those_of_a_convolution_with_the_published_wavelet():
    """Wiskott et al. (1997), equation 2: a plane wave under a Gaussian, less its mean, at one place."""
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
def test_the_filter_of_a_grating_answers_most(scale, direction):
    x = wave(np.pi * direction / 8, 4 * STEP**scale)

    answers = Gabor(scales=5, orientations=8, grid=1).transform(x).reshape(5, 8)

    assert np.unravel_index(answers.argmax(), answers.shape) == (scale, direction)


def test_filters_do_not_answer_to_brightness():
    """Their mean is 0, so that the frequency 0 does not pass."""
    assert np.abs(_bank(5, 8, 40, 50)[:, 0, 0]).max() < 1e-7


def test_brightness_and_contrast_do_not_matter():
    x = images(3, 20, 20, 1) // 4

    np.testing.assert_allclose(Gabor().transform(x), Gabor().transform(x * 3 + 20), atol=1e-4)


def test_a_flat_image_has_no_answer():
    assert not Gabor().transform(np.full((2, 16, 16, 1), 99, np.uint8)).any()


def test_a_mirrored_image_has_the_answers_of_mirrored_cells_and_directions():
    x = images(2, 21, 21, 1)

    plain = Gabor(3, 8, 3).transform(x).reshape(2, 3, 8, 3, 3)
    mirrored = Gabor(3, 8, 3).transform(x[:, :, ::-1]).reshape(2, 3, 8, 3, 3)

    np.testing.assert_allclose(mirrored[:, :, -np.arange(8) % 8, :, ::-1], plain, atol=2e-3)


@pytest.mark.parametrize("shape", [(8, 8, 1), (5, 30, 1), (48, 48, 3)])
def test_images_of_any_size_have_finite_features(shape):
    result = Gabor(grid=7).transform(images(2, *shape))

    assert result.shape == (2, 40 * min(7, shape[0]) * min(7, shape[1]))
    assert np.isfinite(result).all()


def test_the_same_image_has_the_same_features_in_any_batch():
    x = images(40, 12, 12, 1)

    np.testing.assert_allclose(Gabor().transform(x)[[3, 39]], Gabor().transform(x[[3, 39]]), atol=1e-5)
