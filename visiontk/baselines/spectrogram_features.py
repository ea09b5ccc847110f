"""Features of spectrograms, of one length for clips of any length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visiontk.baselines.image_inputs import StatelessTransformer
from visiontk.baselines.logmel import FLOOR_DB, PADDING_DB
from visiontk.core import Floats, Inputs, Ints

_BETWEEN_DB = (FLOOR_DB + PADDING_DB) / 2


class CepstralStatistics(StatelessTransformer):
    """Statistics of mel-frequency cepstral coefficients [1]_ and their deltas in equal segments of each clip.

    Segments exclude the padding after the end of a clip, so its speed and length do not matter.

    Parameters
    ----------
    n_coefficients : int
        Number of coefficients, including the zeroth, which is loudness.
    n_segments : int
        Segments of each clip; features are the mean of every coefficient and of its delta [2]_ in each.
    deviations : bool
        If True, add the standard deviation of every coefficient in each segment.
    subtract_mean : bool
        If True, subtract the mean of each coefficient over the clip, which depends on microphone, speaker and
        timbre.

    References
    ----------
    .. [1] Davis and Mermelstein (1980), Comparison of parametric representations for monosyllabic word
       recognition in continuously spoken sentences, IEEE ASSP 28, 357.
    .. [2] Furui (1986), Speaker-independent isolated word recognition using dynamic features of speech
       spectrum, IEEE ASSP 34, 52.

    Examples
    --------
    >>> CepstralStatistics(13, 4).transform(np.full((2, 50, 40, 1), -80, np.float32)).shape
    (2, 156)
    """

    def __init__(
        self, n_coefficients: int = 20, n_segments: int = 8, deviations: bool = True, subtract_mean: bool = False
    ) -> None:
        self.n_coefficients = n_coefficients
        self.n_segments = n_segments
        self.deviations = deviations
        self.subtract_mean = subtract_mean

    def transform(self, x: Inputs) -> NDArray[np.float32]:
        """Return features of spectrograms of shape (n, n_frames, n_mels, 1)."""
        import librosa

        lengths = n_frames(x)
        bands = np.maximum(x[..., 0], FLOOR_DB).transpose(0, 2, 1)
        cepstra = librosa.feature.mfcc(S=bands, n_mfcc=self.n_coefficients).transpose(0, 2, 1)
        features = [self._statistics(clip[:end].astype(np.float64)) for clip, end in zip(cepstra, lengths, strict=True)]
        return np.stack(features).astype(np.float32)

    def _statistics(self, cepstra: Floats) -> Floats:
        """Return features of one clip from coefficients of shape (n_frames, n_coefficients)."""
        if self.subtract_mean:
            cepstra = cepstra - cepstra.mean(axis=0)
        delta = deltas(cepstra)
        means = segment_means(np.concatenate([cepstra, delta], axis=1), self.n_segments)
        features = [means.ravel()]
        if self.deviations:
            squares = segment_means(cepstra**2, self.n_segments)
            variance = squares - means[:, : cepstra.shape[1]] ** 2
            features.append(np.sqrt(np.maximum(variance, 0)).ravel())
        return np.concatenate(features)


def n_frames(x: Inputs) -> Ints:
    """Return the number of frames of each spectrogram before its padding, at least 1.

    Examples
    --------
    >>> x = np.full((1, 5, 40, 1), -100.0)
    >>> x[:, :3] = -80
    >>> n_frames(x).tolist()
    [3]
    """
    return np.asarray(np.maximum((x[..., 0].max(axis=2) > _BETWEEN_DB).sum(axis=1), 1), dtype=np.int64)


def segment_means(values: Floats, n_segments: int) -> Floats:
    """Return means over equal segments of the first axis, shape (n_segments, n_bands), weighting frames by overlap.

    Examples
    --------
    >>> segment_means(np.array([[0.0], [3.0], [6.0]]), 2).ravel().tolist()
    [1.0, 5.0]
    """
    cumulative = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    edges = np.linspace(0, len(values), n_segments + 1)
    lower = np.minimum(edges.astype(np.int64), len(values) - 1)
    fraction = (edges - lower)[:, None]
    at_edges = cumulative[lower] * (1 - fraction) + cumulative[lower + 1] * fraction
    return np.asarray(np.diff(at_edges, axis=0) * (n_segments / len(values)))


def deltas(values: Floats, reach: int = 2) -> Floats:
    """Return slopes of regression lines over 2 `reach` + 1 frames with repeated ends: Furui (1986), equation 1.

    Examples
    --------
    >>> deltas(np.arange(7.0)[:, None]).round(6)[3].item()
    1.0
    """
    import librosa

    return np.asarray(librosa.feature.delta(values, width=2 * reach + 1, axis=0, mode="nearest"))


class SegmentMeans(StatelessTransformer):
    """Standardized means of the bands of a spectrogram in equal segments of time.

    Parameters
    ----------
    n_segments : int
        Segments of each clip, without its padding.
    over : {"clip", "bands"}
        Subtract the mean of the clip or of each band; the vector is then scaled to a standard deviation of 1.

    Examples
    --------
    >>> SegmentMeans(10).transform(np.full((2, 50, 40, 1), -80, np.float32)).shape
    (2, 400)
    """

    def __init__(self, n_segments: int = 20, over: str = "clip") -> None:
        self.n_segments = n_segments
        self.over = over

    def transform(self, x: Inputs) -> NDArray[np.float32]:
        """Return features of spectrograms of shape (n, n_frames, n_mels, 1)."""
        decibels = np.maximum(x[..., 0], FLOOR_DB).astype(np.float64)
        means = np.stack(
            [segment_means(clip[:end], self.n_segments) for clip, end in zip(decibels, n_frames(x), strict=True)]
        )
        means -= means.mean(axis=(1, 2) if self.over == "clip" else 1, keepdims=True)
        deviation = means.std(axis=(1, 2), keepdims=True)
        # The deviation of a silent clip is 0; that of any sound is above 1 dB.
        return np.asarray((means / np.maximum(deviation, 1.0)).reshape(len(x), -1), dtype=np.float32)
