"""Convolutions with batch normalisation, as several networks use them."""

from __future__ import annotations

from typing import Any

import keras

MOMENTUM = 0.9
"""Of the moving averages of batch normalisation: short fits never fill Keras's average over about 100 steps."""


def convolution(x: Any, filters: int, kernel_size: int, *, strides: int = 1, name: str | None = None) -> Any:
    """Padded 2-D convolution without bias, initialised for rectifiers."""
    return keras.layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)


def conv_norm(x: Any, filters: int, kernel_size: int, *, strides: int = 1, name: str = "") -> Any:
    """Convolution without bias, then batch normalisation.

    Parameters
    ----------
    x : keras tensor of shape (n, height, width, channels)
        Feature maps.
    filters, kernel_size, strides : int
        As in ``keras.layers.Conv2D``; padded so that only strides reduce the sides.
    name : str
        Prefix of the layers' names.
    """
    x = convolution(x, filters, kernel_size, strides=strides, name=f"{name}_conv" if name else None)
    return keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm" if name else None)(x)


def norm_relu(x: Any) -> Any:
    """Batch normalisation, then rectification."""
    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=MOMENTUM)(x))
