"""Signals as pictures and clips."""

from __future__ import annotations

import base64
import io
import wave

import numpy as np
import pytest

from visiontk.report.exhibits.sounds import (
    COLUMNS,
    LARGEST_SOUND_URI,
    ROWS,
    is_sound,
    spectrogram,
    trimmed,
    wav_uri,
    waveform,
)


def tone(hertz: float, seconds: float = 1.0, rate: int = 8000) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
def test_a_clip_is_what_other_programs_read(rate: int) -> None:
    """The standard library reads the rate and, to 16 bits, the samples."""
    signal = tone(440, rate=rate)

    uri = wav_uri(signal, rate)

    with wave.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as clip:
        assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (rate, 1, 2)
        read = np.frombuffer(clip.readframes(clip.getnframes()), "<i2") / 32767
    assert np.abs(read - signal).max() < 1 / 32767
    assert is_sound(uri)


def test_the_longest_clip_has_room() -> None:
    """3 s at 48 kHz; a minute has none."""
    assert is_sound(wav_uri(tone(440, 3, 48_000), 48_000))
    assert not is_sound(wav_uri(tone(440, 60, 48_000), 48_000))
    assert LARGEST_SOUND_URI < 500_000


def test_what_is_no_number_or_too_loud_is_clipped() -> None:
    """No overflow into the other sign."""
    uri = wav_uri(np.array([2.0, -2.0, np.nan, np.inf], np.float32), 8000)

    with wave.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as clip:
        assert np.frombuffer(clip.readframes(4), "<i2").tolist() == [32767, -32767, 0, 32767]


@pytest.mark.parametrize("uri", ["data:audio/mp3;base64,AAAA", "data:audio/wav;base64,A'", "https://x/a.wav", None, 3])
def test_anything_else_is_no_sound(uri: object) -> None:
    """Only base64 WAV goes on the page."""
    assert not is_sound(uri)


@pytest.mark.parametrize("hertz", [500, 1500, 3000])
@pytest.mark.parametrize("seconds", [0.3, 1.0, 5.0])
def test_a_tone_is_a_bright_line_at_its_height(hertz: float, seconds: float) -> None:
    """Frequencies go up, from 0 to half of the sample rate."""
    picture = spectrogram(tone(hertz, seconds))

    row = int(picture.mean(axis=1).argmax())
    assert picture.shape == (ROWS, COLUMNS)
    assert abs((ROWS - 1 - row) / ROWS - hertz / 4000) < 0.03


def test_time_goes_to_the_right() -> None:
    """A sound that ends after half of the time leaves the right half dark."""
    signal = np.concatenate([tone(1000, 0.5), np.zeros(4000, np.float32)])

    picture = spectrogram(signal)

    assert picture[:, : COLUMNS // 3].max() == 255
    assert picture[:, -COLUMNS // 3 :].max() == 0


@pytest.mark.parametrize("signal", [np.zeros(1), np.zeros(5000), np.array([0.5]), np.full(10, np.nan)])
def test_silence_and_specks_are_drawn(signal: np.ndarray) -> None:
    """Nothing divides by zero."""
    signal = signal.astype(np.float32)

    assert spectrogram(signal).shape == waveform(signal).shape == (ROWS, COLUMNS)


def test_the_waveform_shows_the_range() -> None:
    """A loud half is tall, a quiet one is low."""
    picture = waveform(np.concatenate([tone(50), 0.1 * tone(50)]))

    heights = (picture > 0).sum(axis=0)
    assert heights[:60].mean() > 5 * heights[-60:].mean()


def test_only_zeros_at_the_end_are_cut_off() -> None:
    """Silence at the beginning and in between belongs to the sound."""
    assert trimmed(np.array([0, 0, 1, 0, 2, 0, 0], np.float32)).tolist() == [0, 0, 1, 0, 2]
