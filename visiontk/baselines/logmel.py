"""Log-mel spectrograms of batches of clips; the padding of short clips is marked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from visiontk.core import Inputs, Ints

FLOOR_DB = -80.0
"""The quietest value: 80 dB below the loudest band of the clip."""

PADDING_DB = -100.0
"""Value of frames after the end of a clip, below every value of a sound."""

_SILENCE = 1e-10
"""Power of a mel band below which a clip is silent; the quantization noise of 16 bits has about 1e-9."""

_CHUNK = 64


@dataclass(frozen=True)
class LogMel:
    """Settings of a log-mel spectrogram.

    Parameters
    ----------
    n_mels : int
        Number of mel bands, 8 to 256.
    window_ms : float
        Length of a frame in milliseconds, > 0.
    hop_ms : float
        Milliseconds from one frame to the next, > 0.
    """

    n_mels: Annotated[int, Ge(8), Le(256)] = 40
    window_ms: Annotated[float, Gt(0), Le(1000)] = 32.0
    hop_ms: Annotated[float, Gt(0), Le(1000)] = 16.0

    @property
    def name(self) -> str:
        """Key of a cache: the function and all its parameters."""
        return f"log-mel v3 {self.n_mels} {self.window_ms:g} {self.hop_ms:g}"

    def step(self, sample_rate: int) -> partial[NDArray[np.float32]]:
        """Return a function from clips (n, time, 1) to spectrograms (n, n_frames, n_mels, 1)."""
        return partial(
            log_mel, sample_rate=sample_rate, n_mels=self.n_mels, window_ms=self.window_ms, hop_ms=self.hop_ms
        )


def log_mel(
    clips: Inputs, sample_rate: int, *, n_mels: int = 40, window_ms: float = 32.0, hop_ms: float = 16.0
) -> NDArray[np.float32]:
    """Return the log-mel spectrogram [1]_ of each clip, with a Hann window.

    Parameters
    ----------
    clips : ndarray of shape (n, n_time, 1)
        Amplitudes in [-1, 1]; zeros at the end are padding.
    sample_rate : int
        In Hz.
    n_mels : int
        Number of mel bands between 20 Hz and half the sample rate.
    window_ms, hop_ms : float
        Length of a frame and the hop between frames in milliseconds.

    Returns
    -------
    ndarray of float32, shape (n, n_frames, n_mels, 1)
        In dB relative to the loudest band of the clip, at least -80 dB; a silent clip is -80 dB everywhere.
        Frames after the end of a clip have -100 dB.

    References
    ----------
    .. [1] Stevens, Volkmann and Newman (1937), A scale for the measurement of the psychological
       magnitude pitch, JASA 8, 185. Davis and Mermelstein (1980), Comparison of parametric
       representations for monosyllabic word recognition, IEEE ASSP 28, 357.

    Examples
    --------
    >>> spectrogram = log_mel(np.zeros((2, 16_000, 1), np.float32), 16_000)
    >>> spectrogram.shape, spectrogram.min().item(), spectrogram.max().item()
    ((2, 61, 40, 1), -100.0, -80.0)
    """
    window = max(round(window_ms * sample_rate / 1000), 2)
    hop = max(round(hop_ms * sample_rate / 1000), 1)
    n_fft = 1 << (window - 1).bit_length()
    filters = mel_filters(sample_rate, n_fft, n_mels)
    signals = np.asarray(clips, dtype=np.float32).reshape(len(clips), -1)
    short = max(window - signals.shape[1], 0)
    signals = np.pad(signals, ((0, 0), (0, short)))
    n_frames = 1 + (signals.shape[1] - window) // hop
    power = np.empty((len(signals), n_frames, n_mels), np.float32)
    for start in range(0, len(signals), _CHUNK):
        power[start : start + _CHUNK] = _power(signals[start : start + _CHUNK], window, hop, n_fft, filters)
    decibels = _decibels(power)
    ends = n_frames_of(clip_lengths(signals), window, hop)
    decibels[np.arange(n_frames) >= ends[:, None]] = PADDING_DB
    return decibels[..., None]


def _power(
    signals: NDArray[np.float32], window: int, hop: int, n_fft: int, filters: NDArray[np.float32]
) -> NDArray[np.float32]:
    import librosa

    # librosa centres a short window in a long frame: this padding aligns the first window with the start of the clip.
    before = (n_fft - window) // 2
    padded = np.pad(signals, ((0, 0), (before, n_fft - window - before)))
    spectrum = librosa.stft(padded, n_fft=n_fft, hop_length=hop, win_length=window, center=False)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(power.transpose(0, 2, 1) @ filters, dtype=np.float32)


def _decibels(power: NDArray[np.float32]) -> NDArray[np.float32]:
    loudest = power.max(axis=(1, 2), keepdims=True)
    relative = power / np.maximum(loudest, np.float32(_SILENCE))
    least = np.float32(10 ** (FLOOR_DB / 10))
    # The logarithm of 1e-8 in float32 is a little below -8.
    return np.asarray(np.maximum(10 * np.log10(np.maximum(relative, least)), np.float32(FLOOR_DB)))


def clip_lengths(signals: NDArray[np.float32]) -> Ints:
    """Return the length of each clip of (n, n_time) up to its last non-zero sample, at least 1.

    Examples
    --------
    >>> clip_lengths(np.array([[0, 1, 2, 0], [0, 0, 0, 0]])).tolist()
    [3, 1]
    """
    after = (signals != 0)[:, ::-1].argmax(axis=1)
    after[~signals.any(axis=1)] = signals.shape[1] - 1
    return np.asarray(signals.shape[1] - after, dtype=np.int64)


def n_frames_of(lengths: Ints, window: int, hop: int) -> Ints:
    """Return the number of frames whose middle lies in a clip of this length, at least 1.

    Examples
    --------
    >>> n_frames_of(np.array([1, 100, 1000]), window=200, hop=80).tolist()
    [1, 1, 12]
    """
    return np.asarray(np.maximum(-(-(lengths - window // 2) // hop), 1), dtype=np.int64)


@lru_cache(maxsize=8)
def mel_filters(sample_rate: int, n_fft: int, n_mels: int, lowest_hz: float = 20.0) -> NDArray[np.float32]:
    """Return triangular mel filters, each between the centres of its neighbours.

    A triangle narrower than two frequency bins is widened to them, so that no band is empty, as some of librosa's
    are. The mel scale is 2595 log10(1 + f / 700) for f in Hz.

    Returns
    -------
    ndarray of float32, shape (n_fft // 2 + 1, n_mels)
        Scaled so that a full-scale sine under a Hann window of `n_fft` has a power of about 1 in its band.

    Examples
    --------
    >>> bool((mel_filters(8000, 256, 128).sum(axis=0) > 0).all())
    True
    """
    import librosa

    bins = librosa.fft_frequencies(sr=sample_rate, n_fft=n_fft)
    edges = librosa.mel_frequencies(n_mels + 2, fmin=lowest_hz, fmax=sample_rate / 2, htk=True)
    centre = edges[1:-1]
    width = sample_rate / n_fft
    rising = (bins[:, None] - centre) / np.maximum(centre - edges[:-2], width) + 1
    falling = (centre - bins[:, None]) / np.maximum(edges[2:] - centre, width) + 1
    return np.asarray(np.clip(np.minimum(rising, falling), 0, None) / (n_fft / 4) ** 2, dtype=np.float32)
