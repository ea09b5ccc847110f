"""Spectrogram features."""

import numpy as np
import pytest

from visiontk.baselines.logmel import PADDING_DB
from visiontk.baselines.spectrogram_features import CepstralStatistics, SegmentMeans, deltas, n_frames, segment_means


def spectrograms(n=6, frames=50, bands=40, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-80, 0, (n, frames, bands, 1)).astype(np.float32)


def padded(x, n=30):
    return np.pad(x, ((0, 0), (0, n), (0, 0), (0, 0)), constant_values=PADDING_DB)


FEATURES = [
    CepstralStatistics(),
    CepstralStatistics(subtract_mean=True),
    CepstralStatistics(13, 4, deviations=False),
    SegmentMeans(12),
    SegmentMeans(12, "bands"),
]


@pytest.mark.parametrize("features", FEATURES, ids=repr)
def test_features_do_not_depend_on_padding_or_batch(features):
    x = spectrograms()

    result = features.fit_transform(x)

    np.testing.assert_allclose(features.transform(padded(x)), result, atol=1e-4)
    np.testing.assert_array_equal(features.transform(x[2:3])[0], result[2])
    assert result.dtype == np.float32


@pytest.mark.parametrize("features", FEATURES, ids=repr)
@pytest.mark.parametrize("frames", [1, 2, 3])
def test_short_and_silent_recordings_have_features(features, frames):
    silence = np.full((1, frames, 40, 1), -80, np.float32)

    assert np.isfinite(features.transform(padded(spectrograms(2, frames)))).all()
    assert np.isfinite(features.transform(padded(silence))).all()


def test_cepstra_are_cosine_transforms_of_bands():
    """The mean over the whole recording, from an independent source."""
    from scipy.fft import dct

    x = spectrograms(1)

    result = CepstralStatistics(13, 1, deviations=False).transform(x)[0]

    expected = dct(x[0, :, :, 0], axis=1, norm="ortho")[:, :13].mean(axis=0)
    np.testing.assert_allclose(result[:13], expected, rtol=1e-4)


def test_deviations_are_deviations_within_segments():
    x = spectrograms(1, frames=40)
    means_only, both = (CepstralStatistics(5, 4, deviations=s).transform(x)[0] for s in (False, True))

    from scipy.fft import dct

    cepstra = dct(x[0, :, :, 0], axis=1, norm="ortho")[:, :5].reshape(4, 10, 5)
    np.testing.assert_allclose(both[: len(means_only)], means_only, rtol=1e-6)
    np.testing.assert_allclose(both[len(means_only) :].reshape(4, 5), cepstra.std(axis=1), rtol=1e-3)


def test_subtracting_the_mean_cancels_the_microphone():
    """A constant added to every frame."""
    x = spectrograms() * 0.5 - 20
    response = np.linspace(-10, 10, 40, dtype=np.float32)[None, None, :, None]

    for removes in (CepstralStatistics(subtract_mean=True), SegmentMeans(10, "bands")):
        np.testing.assert_allclose(removes.transform(x + response), removes.transform(x), atol=2e-3)
    for keeps in (CepstralStatistics(), SegmentMeans(10)):
        assert np.abs(keeps.transform(x + response) - keeps.transform(x)).max() > 0.1


@pytest.mark.parametrize("n", [5, 12, 40])
def test_segment_means_preserve_the_mean_of_exact_segments(n):
    values = np.random.default_rng(0).normal(size=(n, 3))

    np.testing.assert_allclose(segment_means(values, 7).mean(axis=0), values.mean(axis=0))
    np.testing.assert_allclose(segment_means(values, n), values)


def test_deltas_are_slopes_of_regression_lines():
    """Over five frames; beyond the ends the first and last are repeated."""
    values = np.random.default_rng(0).normal(size=(30, 4))
    longer = np.pad(values, ((2, 2), (0, 0)), mode="edge")

    expected = [np.polyfit(np.arange(5), longer[i : i + 5], 1)[0] for i in range(30)]

    np.testing.assert_allclose(deltas(values), expected, atol=1e-9)


def test_frames_are_counted_without_padding():
    assert n_frames(padded(spectrograms(3, 17))).tolist() == [17, 17, 17]
    assert n_frames(np.full((1, 4, 40, 1), PADDING_DB)).tolist() == [1]
