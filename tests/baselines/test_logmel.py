"""Log-mel spectrograms: agreement with librosa, and invariants."""

import librosa
import numpy as np
import pytest

from visiontk.baselines.logmel import (
    FLOOR_DB,
    PADDING_DB,
    LogMel,
    clip_lengths,
    log_mel,
    mel_filters,
    n_frames_of,
)

RATE = 8_000


def sweep(n: int = 3, seconds: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    x = [np.sin(2 * np.pi * (200 + 900 * k * t) * t) + 0.05 * rng.normal(size=len(t)) for k in range(n)]
    return 0.4 * np.stack(x)[..., None].astype(np.float32)


def test_wide_filters_agree_with_librosa():
    expected = librosa.filters.mel(sr=16_000, n_fft=4096, n_mels=40, fmin=20.0, htk=True, norm=None).T

    np.testing.assert_allclose(mel_filters(16_000, 4096, 40) * (4096 / 4) ** 2, expected, atol=1e-5)


def test_spectrograms_agree_with_librosa():
    """Frame by frame, without centring, in dB relative to the loudest band of a recording."""
    x = sweep()
    result = log_mel(x, RATE, n_mels=20, window_ms=128.0, hop_ms=32.0)

    for one, clip in zip(result[..., 0], x[..., 0], strict=True):
        power = librosa.feature.melspectrogram(
            y=clip, sr=RATE, n_fft=1024, hop_length=256, window="hann", center=False, n_mels=20, fmin=20.0, htk=True,
            norm=None,
        )  # fmt: skip
        expected = librosa.power_to_db(power, ref=np.max, top_db=80.0).T
        np.testing.assert_allclose(one, expected, atol=0.02)


def test_frames_begin_with_the_recording_for_any_window():
    """A window of 200 samples in a transform of 256, computed frame by frame."""
    x = sweep(1)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(200) / 200)
    frames = [x[0, k : k + 200, 0] * window for k in range(0, RATE - 199, 80)]
    power = np.abs(np.fft.rfft(frames, n=256)) ** 2 @ mel_filters(RATE, 256, 20)

    result = log_mel(x, RATE, n_mels=20, window_ms=25.0, hop_ms=10.0)[0, :, :, 0]

    assert result.shape == power.shape
    np.testing.assert_allclose(result, np.maximum(10 * np.log10(power / power.max()), FLOOR_DB), atol=0.01)


@pytest.mark.parametrize("n_mels", [8, 40, 128, 256])
@pytest.mark.parametrize("rate", [4_000, 8_000, 44_100])
def test_no_band_is_empty(rate, n_mels):
    """Narrow bands of low frequencies would otherwise have no bin."""
    filters = mel_filters(rate, 256, n_mels)

    assert (filters.sum(axis=0) > 0).all()
    assert (filters >= 0).all()


@pytest.mark.parametrize("n_time", [1, 7, 8_000])
def test_silence_is_the_floor_without_nan(n_time):
    result = log_mel(np.zeros((2, n_time, 1), np.float32), RATE)

    assert result[:, 0].min() == result[:, 0].max() == FLOOR_DB
    assert set(np.unique(result)) <= {FLOOR_DB, PADDING_DB}


@pytest.mark.parametrize("x", [np.full(4000, 1e-30), np.full(4000, 1.0), np.sign(np.sin(np.arange(4000.0)))])
def test_extreme_recordings_stay_within_80_db(x):
    result = log_mel(x[None, :, None].astype(np.float32), RATE)

    inside = result[result > PADDING_DB]
    assert np.isfinite(result).all()
    assert inside.min() >= FLOOR_DB
    assert inside.max() <= 1e-4


def test_the_loudest_band_has_0_db_at_any_amplitude():
    x = sweep()

    result = log_mel(x, RATE)

    np.testing.assert_allclose(result.max(axis=(1, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(log_mel(x / 64, RATE), result, atol=1e-3)


def test_padding_does_not_change_the_frames():
    """A recording followed by zeros has its own frames, then padding."""
    x = sweep()
    alone = log_mel(x, RATE)

    padded = log_mel(np.pad(x, ((0, 0), (0, 4_000), (0, 0))), RATE)

    n = alone.shape[1]
    np.testing.assert_allclose(padded[:, :n], alone, atol=1e-5)
    assert (padded[:, n + 2 :] == PADDING_DB).all()


def test_silence_within_a_recording_is_not_padding():
    x = sweep()
    x[:, 2_000:6_000] = 0

    result = log_mel(x, RATE)

    assert (result[:, 17:44] == FLOOR_DB).all()
    assert (result > PADDING_DB).all()


def test_spectrograms_do_not_depend_on_the_batch():
    x = sweep(70)

    np.testing.assert_array_equal(log_mel(x, RATE)[-3:], log_mel(x[-3:], RATE))


def test_a_tone_is_loudest_in_its_band():
    for hertz in (300.0, 1000.0, 3000.0):
        x = np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)[None, :, None].astype(np.float32)

        band = log_mel(x, RATE, n_mels=40)[0, 20, :, 0].argmax()

        mel = np.linspace(*(2595 * np.log10(1 + np.array([20, RATE / 2]) / 700)), 42)
        edges = 700 * (10 ** (mel / 2595) - 1)
        assert edges[band] < hertz < edges[band + 2]


def test_lengths_and_frames():
    signals = np.zeros((4, 10), np.float32)
    signals[1, 0] = signals[2, 9] = signals[3, 4] = 1

    assert clip_lengths(signals).tolist() == [1, 1, 10, 5]
    assert n_frames_of(np.array([1, 4, 5, 100]), window=8, hop=4).tolist() == [1, 1, 1, 24]


def test_the_name_for_the_cache_has_every_setting():
    names = {LogMel().name, LogMel(n_mels=41).name, LogMel(window_ms=25).name, LogMel(hop_ms=9).name}

    assert len(names) == 4


def test_the_pipeline_step_agrees_with_the_function():
    x = sweep()

    result = LogMel(32, 25.0, 10.0).step(RATE)(x)

    np.testing.assert_array_equal(result, log_mel(x, RATE, n_mels=32, window_ms=25.0, hop_ms=10.0))
