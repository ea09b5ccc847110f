"""Standardisation of inputs: by statistics of the training set, or of each image."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from visiontk.core import Inputs

CHUNK = 100
CHUNK_VALUES = 4_000_000


def standardized_input(sample: Inputs) -> tuple[Any, Any]:
    """Keras input for arrays like `sample`, and the same scaled to mean 0 and standard deviation 1 per channel.

    Parameters
    ----------
    sample : ndarray of shape (n, ..., channels)
        Training inputs.

    Returns
    -------
    inputs, scaled : keras tensors
        The first takes arrays of the dtype of `sample`; the second is float.

    Examples
    --------
    >>> inputs, scaled = standardized_input(np.array([[[0.0]], [[2.0]]]))
    >>> keras.Model(inputs, scaled).predict(np.array([[[4.0]]]), verbose=0).tolist()
    [[[3.0]]]
    """
    axes = tuple(range(sample.ndim - 1))
    mean = sample.mean(axis=axes, dtype=np.float64)
    # In chunks: 10,000 colour images of side 64 would be a gigabyte of float64.
    size = max(min(CHUNK, CHUNK_VALUES * len(sample) // max(sample.size, 1)), 1)
    chunks = (sample[i : i + size].astype(np.float64) - mean for i in range(0, len(sample), size))
    squares = sum((chunk * chunk).sum(axis=axes) for chunk in chunks)
    deviation = np.sqrt(squares / (sample.size // sample.shape[-1]))
    # A constant channel carries no information; dividing by its deviation would amplify rounding errors.
    scale = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0.0)
    inputs = keras.Input(sample.shape[1:], dtype=str(sample.dtype))
    return inputs, ChannelScaling(scale.tolist(), (-mean * scale).tolist(), name="standardise")(inputs)


@keras.saving.register_keras_serializable("visiontk")
class ChannelScaling(keras.layers.Layer):  # type: ignore[misc]
    """Multiply each channel by a number and add another; both are weights that are not trained.

    As weights they are saved with the others, so a network that is loaded needs no training data.

    Parameters
    ----------
    scale, offset : list of float
        One number for each channel.

    Examples
    --------
    >>> ChannelScaling([2.0], [1.0])(np.array([[3.0]])).numpy().tolist()
    [[7.0]]
    """

    def __init__(self, scale: list[float], offset: list[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Create both weights."""
        self.scales, self.offsets = (
            self.add_weight(shape=(len(values),), initializer=_constant(values), trainable=False, name=name)
            for name, values in (("scale", self.scale), ("offset", self.offset))
        )

    def call(self, x: Any) -> Any:
        """Inputs of shape (n, ..., channels), of any dtype."""
        return ops.cast(x, self.compute_dtype) * self.scales + self.offsets

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The input shape."""
        return input_shape


def _constant(values: list[float]) -> Any:
    return lambda shape, dtype=None: ops.convert_to_tensor(values, dtype=dtype)


@keras.saving.register_keras_serializable("visiontk")
class PerImageStandardization(keras.layers.Layer):  # type: ignore[misc]
    """Scale each image to mean 0 and standard deviation 1, which removes exposure and contrast.

    Examples
    --------
    >>> x = ops.reshape(ops.arange(4.0), (1, 2, 2, 1))
    >>> bool(ops.all(ops.abs(PerImageStandardization()(10 * x + 3) - PerImageStandardization()(x)) < 1e-4))
    True
    """

    def call(self, x: Any) -> Any:
        """Images of shape (n, height, width, channels), of any dtype."""
        x = ops.cast(x, "float32")
        mean = ops.mean(x, axis=(1, 2, 3), keepdims=True)
        variance = ops.mean(ops.square(x - mean), axis=(1, 2, 3), keepdims=True)
        # A uniform image stays 0: dividing by its deviation would amplify rounding errors.
        return (x - mean) / ops.sqrt(ops.maximum(variance, 1e-4))

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The input shape."""
        return input_shape
