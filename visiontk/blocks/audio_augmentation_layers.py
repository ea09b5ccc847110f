"""Keras layers for audio augmentation in training: log-mel spectrograms (n, frames, bands, channels) in dB, waveforms.

Frames after the end of a clip have -100 dB (`visiontk.baselines.logmel`) and never count as audio.
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from visiontk.blocks.audio_normalization import FLOOR_DB, PADDING_DB, frame_mask
from visiontk.blocks.random_layer import RandomLayer


def _interpolated(x: Any, positions: Any, equation: str) -> Any:
    """Linear interpolation along an axis: hat functions around `positions`, shape (n, axis), as a matrix product."""
    size = positions.shape[1]
    grid = ops.cast(ops.arange(size), "float32")
    hats = ops.relu(1 - ops.abs(positions[:, :, None] - grid[None, None, :]))
    return ops.einsum(equation, ops.cast(hats, x.dtype), x), hats


@keras.saving.register_keras_serializable("visiontk")
class RandomTime(RandomLayer):
    """Change the speed of each clip and shift it in time.

    Parameters
    ----------
    stretch : float
        Largest change of speed; 0.2 is up to a factor of 1.2 faster or slower. Pitch and timbre stay.
    shift : float
        Largest shift as a fraction of all frames. Uncovered frames become padding.

    References
    ----------
    .. [1] Park et al. (2019), SpecAugment, Interspeech, time warping; here one factor for a clip.

    Examples
    --------
    >>> RandomTime(0.2, 0.1, seed=0)(ops.zeros((2, 50, 40, 1)), training=True).shape
    TensorShape([2, 50, 40, 1])
    """

    def __init__(self, stretch: float, shift: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stretch, self.shift = stretch, shift

    def augment(self, x: Any) -> Any:
        """Warped spectrograms."""
        n, frames = ops.shape(x)[0], x.shape[1]
        draws = keras.random.uniform((n, 2), -1.0, 1.0, dtype="float32", seed=self.generator)
        speed = ops.exp(draws[:, :1] * math.log1p(self.stretch))
        start = draws[:, 1:] * (self.shift * frames)
        positions = (ops.cast(ops.arange(frames), "float32")[None, :] - start) * speed
        warped, hats = _interpolated(x, positions, "nst,ntbc->nsbc")
        uncovered = ops.cast(1 - ops.sum(hats, axis=2), x.dtype)[:, :, None, None]
        return warped + uncovered * PADDING_DB


@keras.saving.register_keras_serializable("visiontk")
class RandomBands(RandomLayer):
    """Stretch and shift each clip along the mel axis, as a longer or shorter vocal tract does.

    Parameters
    ----------
    stretch : float
        Largest relative change of a distance between bands.
    shift : float
        Largest shift as a fraction of all bands; the outermost band is repeated.

    References
    ----------
    .. [1] Jaitly and Hinton (2013), Vocal tract length perturbation (VTLP) improves speech
       recognition, ICML workshop on deep learning for audio, speech and language processing.
    """

    def __init__(self, stretch: float, shift: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stretch, self.shift = stretch, shift

    def augment(self, x: Any) -> Any:
        """Warped spectrograms."""
        n, bands = ops.shape(x)[0], x.shape[2]
        draws = keras.random.uniform((n, 2), -1.0, 1.0, dtype="float32", seed=self.generator)
        scale = 1 + draws[:, :1] * self.stretch
        middle = (bands - 1) / 2
        grid = ops.cast(ops.arange(bands), "float32")[None, :]
        positions = (grid - middle) * scale + middle + draws[:, 1:] * (self.shift * bands)
        return _interpolated(x, ops.clip(positions, 0, bands - 1), "nsb,ntbc->ntsc")[0]


@keras.saving.register_keras_serializable("visiontk")
class RandomChannel(RandomLayer):
    """Simulate another microphone for each clip: a smooth frequency response, and background noise.

    Parameters
    ----------
    filter_db : float
        Standard deviation of each of the four lowest cosines over the bands that make up the response.
    noise_db : float
        Noise of a level between the floor, -80 dB, and this much above it; it fluctuates by 4 dB.

    References
    ----------
    .. [1] Ko et al. (2017), A study on data augmentation of reverberant speech for robust speech
       recognition, ICASSP, on channels and point-source noises.
    """

    COSINES = 4

    def __init__(self, filter_db: float, noise_db: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filter_db, self.noise_db = filter_db, noise_db

    def augment(self, x: Any) -> Any:
        """Filtered spectrograms with noise."""
        n, frames, bands = ops.shape(x)[0], x.shape[1], x.shape[2]
        grid = (ops.cast(ops.arange(bands), "float32") + 0.5) * (math.pi / bands)
        cosines = ops.cos(ops.arange(1, self.COSINES + 1, dtype="float32")[:, None] * grid[None, :])
        weights = keras.random.normal((n, self.COSINES), stddev=self.filter_db, dtype="float32", seed=self.generator)
        response = ops.cast(ops.matmul(weights, cosines), x.dtype)[:, None, :, None]
        level = keras.random.uniform((n, 1, 1, 1), 0.0, self.noise_db, dtype="float32", seed=self.generator)
        noise = level + 4 * keras.random.normal((n, frames, bands, 1), dtype="float32", seed=self.generator)
        noise = ops.cast(noise + FLOOR_DB, x.dtype)
        decibels = 10 / math.log(10)
        mixed = decibels * ops.logaddexp((x + response) / decibels, noise / decibels)
        return ops.where(frame_mask(x) > 0, ops.maximum(mixed, FLOOR_DB), x)


@keras.saving.register_keras_serializable("visiontk")
class RandomMasks(RandomLayer):
    """Mask runs of frames and of bands.

    Masked bands take their mean over the clip; masked frames become padding.

    Parameters
    ----------
    frames, bands : float
        Longest run as a fraction of the axis; the length of each run is uniform between 0 and this.
    count : int
        Runs along each axis.

    References
    ----------
    .. [1] Park et al. (2019), SpecAugment: a simple data augmentation method for automatic speech
       recognition, Interspeech.
    """

    def __init__(self, frames: float, bands: float, count: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.frames, self.bands, self.count = frames, bands, count

    def augment(self, x: Any) -> Any:
        """Masked spectrograms."""
        mask = frame_mask(x)
        mean = ops.sum(x * mask, axis=1, keepdims=True) / ops.maximum(ops.sum(mask, axis=1, keepdims=True), 1)
        masked_bands = self._runs(x, 2, self.bands)[:, None, :, None]
        x = ops.where(ops.logical_and(masked_bands, mask > 0), mean, x)
        return ops.where(self._runs(x, 1, self.frames)[:, :, None, None], ops.cast(PADDING_DB, x.dtype), x)

    def _runs(self, x: Any, axis: int, longest: float) -> Any:
        """True inside the runs, shape (n, size of the axis)."""
        n, size = ops.shape(x)[0], x.shape[axis]
        draws = keras.random.uniform((n, self.count, 2), dtype="float32", seed=self.generator)
        length = draws[..., :1] * (longest * size)
        start = draws[..., 1:] * (size - length)
        grid = ops.cast(ops.arange(size), "float32")[None, None, :]
        return ops.any(ops.logical_and(grid >= start, grid < start + length), axis=1)


@keras.saving.register_keras_serializable("visiontk")
class RandomSpeed(RandomLayer):
    """Change the speed of each waveform, shift it in time and add white noise.

    Pitch and timbre change with the speed, as on tape.

    Parameters
    ----------
    speed : float
        Largest change of speed; 0.1 is up to a factor of 1.1 faster or slower.
    shift : float
        Largest shift as a fraction of the clip; uncovered samples are zero.
    noise : float
        Largest standard deviation of the noise, as a fraction of the root mean square of the clip.

    References
    ----------
    .. [1] Ko, Peddinti, Povey and Khudanpur (2015), Audio augmentation for speech recognition, Interspeech.
    """

    def __init__(self, speed: float, shift: float, noise: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.speed, self.shift, self.noise = speed, shift, noise

    def augment(self, x: Any) -> Any:
        """Resampled waveforms with noise, shape (n, time, 1)."""
        n, size = ops.shape(x)[0], x.shape[1]
        draws = keras.random.uniform((n, 3), -1.0, 1.0, dtype="float32", seed=self.generator)
        speed = ops.exp(draws[:, :1] * math.log1p(self.speed))
        grid = ops.cast(ops.arange(size), "float32")[None, :]
        position = (grid - draws[:, 1:2] * (self.shift * size)) * speed
        inside = ops.logical_and(position >= 0, position <= size - 1)
        lower = ops.clip(ops.cast(ops.floor(position), "int32"), 0, size - 2)
        fraction = ops.cast(position - ops.cast(lower, "float32"), x.dtype)[:, :, None]
        moved = ops.take_along_axis(x, lower[:, :, None], axis=1) * (1 - fraction)
        moved = moved + ops.take_along_axis(x, lower[:, :, None] + 1, axis=1) * fraction
        moved = ops.where(inside[:, :, None], moved, ops.zeros_like(moved))
        power = ops.sqrt(ops.mean(ops.square(x), axis=1, keepdims=True))
        level = ops.cast(ops.abs(draws[:, 2:, None]) * self.noise, x.dtype) * power
        noise = keras.random.normal((n, size, 1), dtype="float32", seed=self.generator)
        return moved + level * ops.cast(noise, x.dtype)
