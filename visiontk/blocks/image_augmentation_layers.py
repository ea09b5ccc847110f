"""Keras layers for image augmentation: (n, height, width, channels) of any dtype in, the same shape and dtype out.

They act in training only. Those that interpolate or rescale compute in float32; integers are rounded and clipped.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from visiontk.blocks.random_layer import RandomLayer


@keras.saving.register_keras_serializable("visiontk")
class RandomShift(RandomLayer):
    """Shift each image by a whole number of pixels along both axes; edge pixels are repeated.

    A gather per axis: measured about ten times faster on a CPU than ``keras.layers.RandomTranslation``,
    which interpolates.

    Parameters
    ----------
    pixels : int
        Largest shift, >= 1.

    Examples
    --------
    >>> layer = RandomShift(2, seed=0)
    >>> x = keras.random.normal((4, 8, 8, 1))
    >>> bool(ops.all(layer(x, training=False) == x)), layer(x, training=True).shape
    (True, TensorShape([4, 8, 8, 1]))
    """

    def __init__(self, pixels: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pixels = pixels

    def augment(self, x: Any) -> Any:
        """Shifted images."""
        n, height, width = ops.shape(x)[0], x.shape[1], x.shape[2]
        by = keras.random.randint((n, 2), -self.pixels, self.pixels + 1, seed=self.generator)
        rows = ops.clip(ops.arange(height)[None, :] + by[:, :1], 0, height - 1)
        columns = ops.clip(ops.arange(width)[None, :] + by[:, 1:], 0, width - 1)
        flat = ops.reshape(x, (n, height * width, x.shape[3]))
        index = ops.reshape(rows[:, :, None] * width + columns[:, None, :], (n, height * width, 1))
        return ops.reshape(ops.take_along_axis(flat, index, axis=1), ops.shape(x))


@keras.saving.register_keras_serializable("visiontk")
class RandomHorizontalFlip(RandomLayer):
    """Flip each image horizontally with probability one half.

    ``keras.layers.RandomFlip`` casts to float, after which `RandomGammaContrast` would no longer round and clip
    to the range of the integer dtype.

    Examples
    --------
    >>> x = ops.reshape(ops.arange(4.0), (1, 1, 4, 1))
    >>> flips = [ops.ravel(RandomHorizontalFlip(s)(x, training=True)).numpy().tolist() for s in range(9)]
    >>> sorted({tuple(row) for row in flips})
    [(0.0, 1.0, 2.0, 3.0), (3.0, 2.0, 1.0, 0.0)]
    """

    def augment(self, x: Any) -> Any:
        """Images, half of them flipped."""
        flipped = keras.random.uniform((ops.shape(x)[0], 1, 1, 1), seed=self.generator) < 0.5
        return ops.where(flipped, ops.flip(x, axis=2), x)


@keras.saving.register_keras_serializable("visiontk")
class RandomAffine(RandomLayer):
    """Shift, scale and rotate each image about its centre; bilinear, edges repeated.

    Parameters
    ----------
    shift : float
        Largest shift as a fraction of the side.
    zoom : float
        Largest relative change of scale.
    rotation : float
        Largest rotation in degrees.

    Examples
    --------
    >>> RandomAffine(0.1, 0.1, 10.0, seed=0)(keras.random.normal((4, 8, 8, 1)), training=True).shape
    TensorShape([4, 8, 8, 1])
    """

    def __init__(self, shift: float, zoom: float, rotation: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shift, self.zoom, self.rotation = shift, zoom, rotation

    def augment(self, x: Any) -> Any:
        """Transformed images."""
        images, x = x, ops.cast(x, "float32")
        n, height, width = ops.shape(x)[0], x.shape[1], x.shape[2]
        draws = keras.random.uniform((n, 4), -1.0, 1.0, seed=self.generator)
        angle = draws[:, 0] * (self.rotation * math.pi / 180)
        # The transform maps output to input coordinates, so its scale is the inverse.
        scale = 1 / (1 + draws[:, 1] * self.zoom)
        cosine, sine = ops.cos(angle) * scale, ops.sin(angle) * scale
        middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
        by_x = middle_x - cosine * middle_x + sine * middle_y + draws[:, 2] * (self.shift * width)
        by_y = middle_y - sine * middle_x - cosine * middle_y + draws[:, 3] * (self.shift * height)
        zeros = ops.zeros_like(cosine)
        transform = ops.stack([cosine, -sine, by_x, sine, cosine, by_y, zeros, zeros], axis=1)
        moved = ops.image.affine_transform(x, transform, interpolation="bilinear", fill_mode="nearest")
        return _cast_like(moved, images)


@keras.saving.register_keras_serializable("visiontk")
class RandomGammaContrast(RandomLayer):
    """Change gamma, contrast and brightness of each image at random.

    Gamma acts on grey levels scaled to [0, 1] by the range of the image, so any scale will do; contrast is
    relative to the mean of the image; brightness moves by up to half of `strength` times the range.

    Parameters
    ----------
    strength : float
        0 to 1. Gamma is between exp(-strength) and exp(strength), contrast between 1 - strength and 1 + strength.

    Examples
    --------
    >>> RandomGammaContrast(0.3, seed=0)(keras.random.normal((4, 8, 8, 1)), training=True).shape
    TensorShape([4, 8, 8, 1])
    """

    def __init__(self, strength: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.strength = strength

    def augment(self, x: Any) -> Any:
        """Images of another exposure."""
        images, x = x, ops.cast(x, "float32")
        draws = keras.random.uniform((ops.shape(x)[0], 3), -1.0, 1.0, seed=self.generator)[:, :, None, None, None]
        low = ops.min(x, axis=(1, 2, 3), keepdims=True)
        span = ops.maximum(ops.max(x, axis=(1, 2, 3), keepdims=True) - low, 1e-6)
        # Never 0: the derivative of a power is infinite there.
        levels = ops.power(ops.clip((x - low) / span, 1e-6, 1.0), ops.exp(draws[:, 0] * self.strength))
        mean = ops.mean(levels, axis=(1, 2, 3), keepdims=True)
        levels = (levels - mean) * (1 + draws[:, 1] * self.strength) + mean + draws[:, 2] * (self.strength / 2)
        return _cast_like(levels * span + low, images)


@keras.saving.register_keras_serializable("visiontk")
class Cutout(RandomLayer):
    """Replace one square of each image, of random side and position, by the mean of the image.

    Parameters
    ----------
    largest : float
        Largest side of the square as a fraction of the side of the image, 0 to 0.9.

    References
    ----------
    .. [1] DeVries and Taylor (2017), Improved regularization of convolutional neural networks with cutout,
       arXiv:1708.04552. There the side is fixed.

    Examples
    --------
    >>> Cutout(0.5, seed=0)(keras.random.normal((4, 8, 8, 1)), training=True).shape
    TensorShape([4, 8, 8, 1])
    """

    def __init__(self, largest: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.largest = largest

    def augment(self, x: Any) -> Any:
        """Images with one square masked."""
        images, x = x, ops.cast(x, "float32")
        n, height, width = ops.shape(x)[0], x.shape[1], x.shape[2]
        draws = keras.random.uniform((n, 3), 0.0, 1.0, seed=self.generator)
        half = draws[:, :1] * (self.largest / 2)
        row = (ops.arange(height, dtype="float32") + 0.5)[None, :] / height
        column = (ops.arange(width, dtype="float32") + 0.5)[None, :] / width
        masked_rows = ops.abs(row - draws[:, 1:2]) < half
        masked_columns = ops.abs(column - draws[:, 2:3]) < half
        masked = ops.logical_and(masked_rows[:, :, None], masked_columns[:, None, :])[..., None]
        return _cast_like(ops.where(masked, ops.mean(x, axis=(1, 2), keepdims=True), x), images)


def _cast_like(x: Any, images: Any) -> Any:
    """`x` in the dtype of `images`; integers are rounded and clipped to their range."""
    dtype = keras.backend.standardize_dtype(images.dtype)
    if "int" not in dtype:
        return ops.cast(x, dtype)
    limits = np.iinfo(dtype)
    return ops.cast(ops.clip(ops.round(x), limits.min, limits.max), dtype)
