"""Audio as images and clips."""

from __future__ import annotations

import base64
import io
import wave

import numpy as np
import pytest

from visiontk.report.exhibits.clips import (
    COLUMNS,
    LARGEST_CLIP_URI,
    ROWS,
    is_wav_uri,
    spectrogram,
    trimmed,
    wav_uri,
    waveform,
)


def tone(hertz: float, seconds: float = 1.0, rate: int = 8000) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_a_clip_is_a_wav_file(rate: int) -> None:
    """The standard library reads its rate and, to 16 bits, its samples."""
    signal = tone(440, rate=rate)

    uri = wav_uri(signal, rate)

    with wave.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as clip:
        assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (rate, 1, 2)
        read = np.frombuffer(clip.readframes(clip.getnframes()), "<i2") / 32767
    assert np.abs(read - signal).max() < 1 / 32767
    assert is_wav_uri(uri)


def test_long_recordings_have_no_clip() -> None:
    """3 s at 48 kHz fit; a minute does not."""
    assert is_wav_uri(wav_uri(tone(440, 3, 48_000), 48_000))
    assert not is_wav_uri(wav_uri(tone(440, 60, 48_000), 48_000))
    assert LARGEST_CLIP_URI < 500_000


def test_nan_and_overload_are_clipped() -> None:
    """Without integer overflow."""
    uri = wav_uri(np.array([2.0, -2.0, np.nan, np.inf], np.float32), 8000)

    with wave.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as clip:
        assert np.frombuffer(clip.readframes(4), "<i2").tolist() == [32767, -32767, 0, 32767]


@pytest.mark.parametrize("uri", ["data:audio/mp3;base64,AAAA", "data:audio/wav;base64,A'", "https://x/a.wav", None, 3])
def test_only_base64_wav_is_a_clip(uri: object) -> None:
    assert not is_wav_uri(uri)


@pytest.mark.parametrize("hertz", [500, 1500, 3000])
@pytest.mark.parametrize("seconds", [0.3, 1.0, 5.0])
def test_a_tone_is_a_bright_line_at_its_frequency(hertz: float, seconds: float) -> None:
    """The axis goes up from 0 to half of the sample rate."""
    image = spectrogram(tone(hertz, seconds))

    row = int(image.mean(axis=1).argmax())
    assert image.shape == (ROWS, COLUMNS)
    assert abs((ROWS - 1 - row) / ROWS - hertz / 4000) < 0.03


def test_time_runs_to_the_right() -> None:
    """A signal that ends halfway leaves the right half dark."""
    signal = np.concatenate([tone(1000, 0.5), np.zeros(4000, np.float32)])

    image = spectrogram(signal)

    assert image[:, : COLUMNS // 3].max() == 255
    assert image[:, -COLUMNS // 3 :].max() == 0


@pytest.mark.parametrize("signal", [np.zeros(1), np.zeros(5000), np.array([0.5]), np.full(10, np.nan)])
def test_silence_and_very_short_signals_are_drawn(signal: np.ndarray) -> None:
    """Without a division by zero."""
    signal = signal.astype(np.float32)

    assert spectrogram(signal).shape == waveform(signal).shape == (ROWS, COLUMNS)


def test_the_waveform_shows_the_amplitude() -> None:
    """A loud half is tall, a quiet one is low."""
    image = waveform(np.concatenate([tone(50), 0.1 * tone(50)]))

    heights = (image > 0).sum(axis=0)
    assert heights[:60].mean() > 5 * heights[-60:].mean()


def test_only_trailing_zeros_are_removed() -> None:
    """Silence at the beginning and in between is part of the signal."""
    assert trimmed(np.array([0, 0, 1, 0, 2, 0, 0], np.float32)).tolist() == [0, 0, 1, 0, 2]
