"""Keras layers behind `StrongAugmentation`. Each passes its input on untouched when it is not training.

They compute in float32 and give the dtype of the input back: whole numbers are rounded and kept in their range.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("visiontk")
class RandomAffine(keras.layers.Layer):  # type: ignore[misc]
    """Shift, resize and turn each picture about its centre; bilinear, edges repeated.

    Parameters
    ----------
    shift : float
        Largest shift as a share of the side.
    zoom : float
        Largest change of size.
    rotation : float
        Largest turn in degrees.
    seed : int, optional
        By default drawn from Keras's global seed.

    Examples
    --------
    >>> layer = RandomAffine(0.1, 0.1, 10.0, seed=0)
    >>> x = keras.random.normal((4, 8, 8, 1))
    >>> bool(ops.all(layer(x, training=False) == x)), layer(x, training=True).shape
    (True, TensorShape([4, 8, 8, 1]))
    """

    def __init__(self, shift: float, zoom: float, rotation: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shift, self.zoom, self.rotation, self.seed = shift, zoom, rotation, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x: Any, training: bool = False) -> Any:
        """Images of shape (n, height, width, channels), of any dtype."""
        if not training:
            return x
        given, x = x, ops.cast(x, "float32")
        n, height, width = ops.shape(x)[0], x.shape[1], x.shape[2]
        draws = keras.random.uniform((n, 4), -1.0, 1.0, seed=self.generator)
        angle = draws[:, 0] * (self.rotation * math.pi / 180)
        # The transform leads from places in the result to places in the input: so its scale is the inverse.
        scale = 1 / (1 + draws[:, 1] * self.zoom)
        cosine, sine = ops.cos(angle) * scale, ops.sin(angle) * scale
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        by_x = middle_x - cosine * middle_x + sine * middle_y + draws[:, 2] * (self.shift * width)
        by_y = middle_y - sine * middle_x - cosine * middle_y + draws[:, 3] * (self.shift * height)
        none = ops.zeros_like(cosine)
        transform = ops.stack([cosine, -sine, by_x, sine, cosine, by_y, none, none], axis=1)
        return _like(given, ops.image.affine_transform(x, transform, interpolation="bilinear", fill_mode="nearest"))

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        own = {"shift": self.shift, "zoom": self.zoom, "rotation": self.rotation, "seed": self.seed}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("visiontk")
class RandomGammaContrast(keras.layers.Layer):  # type: ignore[misc]
    """Change gamma, contrast and brightness of each picture at random.

    Grey levels are brought to 0 to 1 by the range of the picture itself for gamma, so any scale will do;
    contrast is about the picture's mean; brightness moves by up to a half of `strength` of the range.

    Parameters
    ----------
    strength : float
        0 to 1. Gamma is between exp(-strength) and exp(strength), contrast between 1 - strength and 1 + strength.
    seed : int, optional
        By default drawn from Keras's global seed.

    Examples
    --------
    >>> layer = RandomGammaContrast(0.3, seed=0)
    >>> x = keras.random.normal((4, 8, 8, 1))
    >>> bool(ops.all(layer(x, training=False) == x)), layer(x, training=True).shape
    (True, TensorShape([4, 8, 8, 1]))
    """

    def __init__(self, strength: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strength, self.seed = strength, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x: Any, training: bool = False) -> Any:
        """Images of shape (n, height, width, channels), of any dtype."""
        if not training:
            return x
        given, x = x, ops.cast(x, "float32")
        draws = keras.random.uniform((ops.shape(x)[0], 3), -1.0, 1.0, seed=self.generator)[:, :, None, None, None]
        low = ops.min(x, axis=(1, 2, 3), keepdims=True)
        span = ops.maximum(ops.max(x, axis=(1, 2, 3), keepdims=True) - low, 1e-6)
        # Never 0: the derivative of a power is not finite there.
        shares = ops.power(ops.clip((x - low) / span, 1e-6, 1.0), ops.exp(draws[:, 0] * self.strength))
        mean = ops.mean(shares, axis=(1, 2, 3), keepdims=True)
        shares = (shares - mean) * (1 + draws[:, 1] * self.strength) + mean + draws[:, 2] * (self.strength / 2)
        return _like(given, shares * span + low)

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "strength": self.strength, "seed": self.seed}


@keras.saving.register_keras_serializable("visiontk")
class Cutout(keras.layers.Layer):  # type: ignore[misc]
    """Replace one square of each picture, of random side and place, by the picture's mean.

    Parameters
    ----------
    largest : float
        Largest side as a share of the side of the picture, 0 to 0.9.
    seed : int, optional
        By default drawn from Keras's global seed.

    References
    ----------
    .. [1] DeVries and Taylor (2017), Improved regularization of convolutional neural networks with cutout,
       arXiv:1708.04552. There the side is fixed.

    Examples
    --------
    >>> layer = Cutout(0.5, seed=0)
    >>> x = keras.random.normal((4, 8, 8, 1))
    >>> bool(ops.all(layer(x, training=False) == x)), layer(x, training=True).shape
    (True, TensorShape([4, 8, 8, 1]))
    """

    def __init__(self, largest: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.largest, self.seed = largest, seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x: Any, training: bool = False) -> Any:
        """Images of shape (n, height, width, channels), of any dtype."""
        if not training:
            return x
        given, x = x, ops.cast(x, "float32")
        n, height, width = ops.shape(x)[0], x.shape[1], x.shape[2]
        draws = keras.random.uniform((n, 3), 0.0, 1.0, seed=self.generator)
        half = draws[:, :1] * (self.largest / 2)
        row = (ops.arange(height, dtype="float32") + 0.5)[None, :] / height
        column = (ops.arange(width, dtype="float32") + 0.5)[None, :] / width
        hidden_rows = ops.abs(row - draws[:, 1:2]) < half
        hidden_columns = ops.abs(column - draws[:, 2:3]) < half
        hidden = ops.logical_and(hidden_rows[:, :, None], hidden_columns[:, None, :])[..., None]
        return _like(given, ops.where(hidden, ops.mean(x, axis=(1, 2), keepdims=True), x))

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {**super().get_config(), "largest": self.largest, "seed": self.seed}


def _like(given: Any, x: Any) -> Any:
    """`x` in the dtype of `given`."""
    dtype = keras.backend.standardize_dtype(given.dtype)
    if "int" not in dtype:
        return ops.cast(x, dtype)
    limits = np.iinfo(dtype)
    return ops.cast(ops.clip(ops.round(x), limits.min, limits.max), dtype)
