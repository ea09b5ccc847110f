"""Small networks for audio: on spectrograms, and one-dimensional on waveforms."""

from __future__ import annotations

from typing import Any, Literal

import keras

from visiontk.blocks.audio_normalization import ClipNormalisation, Loudness
from visiontk.blocks.convolution import convolution as conv
from visiontk.blocks.convolution import norm_relu
from visiontk.core import Inputs

Convolution = Literal["full", "separable"]


def spectrogram_network(
    sample: Inputs,
    n_classes: int,
    *,
    width: int = 24,
    convolution: Convolution = "full",
    over: Literal["clip", "bands"] = "clip",
    dropout: float = 0.2,
) -> keras.Model:
    """Five 3 x 3 convolutions on a log-mel spectrogram, with logits.

    The first halves time and bands, the second and fourth are pooled; global mean and maximum go to a linear layer.

    Parameters
    ----------
    sample : ndarray of shape (n, frames, bands, 1)
        In dB.
    width : int
        Filters of the first convolution; the next ones have two and four times as many.
    convolution : {"full", "separable"}
        "separable" makes all but the first depthwise and pointwise, as in DS-CNN: a seventh of the weights.
    over : {"clip", "bands"}
        See `ClipNormalisation`.
    dropout : float
        Before the linear layer.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).uniform(-80, 0, (2, 61, 40, 1)).astype(np.float32)
    >>> [spectrogram_network(x, 10, convolution=kind).count_params() for kind in ("full", "separable")]
    [158914, 23482]
    """
    inputs = keras.Input(sample.shape[1:], dtype=str(sample.dtype))
    x = ClipNormalisation(over)(inputs)
    x = norm_relu(conv(x, width, 3, strides=2))
    for filters, pool in ((2 * width, True), (2 * width, False), (4 * width, True), (4 * width, False)):
        x = conv(x, filters, 3) if convolution == "full" else _separable(x, filters)
        if pool and min(x.shape[1:3]) >= 2:
            x = keras.layers.MaxPooling2D(2)(x)
        x = norm_relu(x)
    x = keras.layers.Concatenate()([keras.layers.GlobalAveragePooling2D()(x), keras.layers.GlobalMaxPooling2D()(x)])
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, name="output")(x))


def _separable(x: Any, filters: int) -> Any:
    return conv(norm_relu(keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)), filters, 1)


def waveform_network(sample: Inputs, n_classes: int, *, width: int = 16) -> keras.Model:
    """One-dimensional convolutions on a waveform, with logits.

    The first convolution has the length and step of short frames; four stages halve the time and double
    the filters.

    Parameters
    ----------
    sample : ndarray of shape (n, time, 1)
        Amplitudes.
    width : int
        Filters of the first stage.
    """
    inputs = keras.Input(sample.shape[1:], dtype=str(sample.dtype))
    x = Loudness()(inputs)
    x = norm_relu(keras.layers.Conv1D(2 * width, 64, strides=8, padding="same", use_bias=False)(x))
    x = keras.layers.MaxPooling1D(4)(x)
    for stage in range(3):
        x = keras.layers.Conv1D(width * 2 ** (stage + 1), 5, padding="same", use_bias=False)(x)
        x = norm_relu(keras.layers.MaxPooling1D(2)(x) if x.shape[1] >= 2 else x)
    x = keras.layers.Concatenate()([keras.layers.GlobalAveragePooling1D()(x), keras.layers.GlobalMaxPooling1D()(x)])
    x = keras.layers.Dropout(0.2)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, name="output")(x))
