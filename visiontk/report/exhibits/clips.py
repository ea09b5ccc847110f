"""Signals as small spectrograms or waveforms, and as clips to play."""

from __future__ import annotations

import base64
import re
import struct

import numpy as np
from numpy.typing import NDArray

LONGEST_CLIP_S = 3.0
LARGEST_CLIP_URI = 420_000
"""Characters; 3 s of 16 bits at 48 kHz in base64 fit."""

COLUMNS, ROWS = 144, 72
FLOOR_DB = -70.0
_URI = re.compile(r"data:audio/wav;base64,[A-Za-z0-9+/]+={0,2}")


def is_wav_uri(uri: object) -> bool:
    """True for a base64 data URI of a WAV clip of at most 420 kB, the only audio that a page plays."""
    return isinstance(uri, str) and len(uri) <= LARGEST_CLIP_URI and _URI.fullmatch(uri) is not None


def trimmed(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    """The signal, shape (time,), without its zero padding at the end; at least one sample."""
    nonzero = np.flatnonzero(signal)
    return signal[: int(nonzero[-1]) + 1 if len(nonzero) else 1]


def wav_uri(signal: NDArray[np.float32], sample_rate: int) -> str:
    """A mono clip of 16 bits as ``data:audio/wav;base64,...``.

    Amplitudes of shape (time,) are clipped to [-1, 1], NaN becomes 0; the sample rate is in Hz.
    """
    pcm = np.round(32767 * np.clip(np.nan_to_num(signal), -1, 1)).astype("<i2").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(pcm), b"WAVE", b"fmt ", 16, 1, 1, sample_rate,
                       2 * sample_rate, 2, 16, b"data", len(pcm))  # fmt: skip
    return "data:audio/wav;base64," + base64.b64encode(head + pcm).decode()


def spectrogram(signal: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Log-power spectrogram as a grey image of shape (72, 144), low frequencies at the bottom.

    White is the loudest point of the clip, black is 70 dB below it. The hop size follows from the length of the clip,
    so that every clip fills the image; frequencies go from 0 to half of the sample rate.
    """
    n = 2 * ROWS * (4 if len(signal) > 30_000 else 2)  # better frequency resolution for long clips
    padded = np.pad(np.nan_to_num(np.asarray(signal, np.float64)), (0, max(0, n - len(signal))))
    starts = np.linspace(0, len(padded) - n, COLUMNS).astype(np.int64)
    frames = padded[starts[:, None] + np.arange(n)] * np.hanning(n)
    power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2)[:, : n // 2]
    power = power.reshape(COLUMNS, ROWS, -1).max(axis=2)
    loudest = power.max()
    if not loudest > 0:
        return np.zeros((ROWS, COLUMNS), np.uint8)
    level = 10 * np.log10(np.maximum(power / loudest, 10 ** (FLOOR_DB / 10)))
    image: NDArray[np.uint8] = np.round(255 * (1 - level / FLOOR_DB)).astype(np.uint8).T[::-1]
    return image


def waveform(signal: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Minimum and maximum over time as a grey image of shape (72, 144), scaled to the largest amplitude."""
    values = np.nan_to_num(np.asarray(signal, np.float64))
    edges = np.linspace(0, len(values), COLUMNS + 1).astype(np.int64)
    largest = np.abs(values).max() or 1.0
    image = np.zeros((ROWS, COLUMNS), np.uint8)
    for i in range(COLUMNS):
        start = min(int(edges[i]), len(values) - 1)
        piece = values[start : max(int(edges[i + 1]), start + 1)] / largest
        top, bottom = ((1 - end) / 2 * (ROWS - 1) for end in (piece.max(), piece.min()))
        image[round(top) : round(bottom) + 1, i] = 255
    return image
