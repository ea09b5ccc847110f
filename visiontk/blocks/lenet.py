"""LeNet-5 as described by LeCun et al. in 1998, layer by layer.

References
----------
.. [1] LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
   recognition, Proceedings of the IEEE 86, 2278. Section II.B and table I.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from visiontk.blocks.standardization import standardized_input
from visiontk.core import Inputs

SIDE = 32

C3_INPUTS = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip
"""Maps of S2 connected to each of the 16 maps of C3: table I of the paper."""


def scaled_tanh(x: Any) -> Any:
    """1.7159 tanh(2x/3): f(1) = 1 and f(-1) = -1, appendix A of the paper.

    Examples
    --------
    >>> round(float(scaled_tanh(ops.convert_to_tensor(1.0))), 3)
    1.0
    """
    return 1.7159 * ops.tanh(x * (2 / 3))


@keras.saving.register_keras_serializable("visiontk")
class Subsampling(keras.layers.Layer):  # type: ignore[misc]
    """Mean of 2 x 2 pixels times a trainable coefficient plus a trainable bias, one of each per map.

    Examples
    --------
    >>> layer = Subsampling()
    >>> layer(np.ones((1, 4, 4, 6), "float32")).shape, layer.count_params()
    (TensorShape([1, 2, 2, 6]), 12)
    """

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Create coefficient and bias."""
        maps = input_shape[-1]
        self.gamma = self.add_weight(shape=(maps,), initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=(maps,), initializer="zeros", name="beta")

    def call(self, x: Any) -> Any:
        """Feature maps of shape (n, height, width, maps) at half the resolution."""
        return ops.average_pool(x, 2, 2) * self.gamma + self.beta

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape with half the sides."""
        n, height, width, maps = input_shape
        return n, height and height // 2, width and width // 2, maps


@keras.saving.register_keras_serializable("visiontk")
class PartialConv2D(keras.layers.Layer):  # type: ignore[misc]
    """Convolution with partial connections between input and output maps.

    Parameters
    ----------
    inputs : tuple of tuple of int
        Input maps connected to each output map.
    kernel_size : int
        Side of the kernel.

    Examples
    --------
    >>> layer = PartialConv2D(((0,), (0, 1)), 5)
    >>> layer(np.ones((1, 6, 6, 2), "float32")).shape, layer.n_connected
    (TensorShape([1, 2, 2, 2]), 77)
    """

    def __init__(self, inputs: tuple[tuple[int, ...], ...], kernel_size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inputs = tuple(tuple(maps) for maps in inputs)
        self.kernel_size = kernel_size

    @property
    def n_connected(self) -> int:
        """Number of weights of the connections, and biases."""
        return sum(len(maps) for maps in self.inputs) * self.kernel_size**2 + len(self.inputs)

    def build(self, input_shape: tuple[int, ...]) -> None:
        """Create one kernel per connection; `call` scatters them into a full kernel."""
        connections = [(maps, out) for out, inputs in enumerate(self.inputs) for maps in inputs]
        fan_in = np.array([len(self.inputs[out]) * self.kernel_size**2 for _, out in connections])
        rng = keras.initializers.RandomUniform(-1.0, 1.0)
        spread = np.sqrt(3.0 / fan_in)[None, None, :].astype("float32")
        self.kernel = self.add_weight(
            shape=(self.kernel_size, self.kernel_size, len(connections)),
            initializer=lambda shape, dtype=None: rng(shape, dtype) * ops.cast(spread, dtype or "float32"),
            name="kernel",
        )
        self.bias = self.add_weight(shape=(len(self.inputs),), initializer="zeros", name="bias")
        place = np.zeros((len(connections), input_shape[-1] * len(self.inputs)), "float32")
        for i, (maps, out) in enumerate(connections):
            place[i, maps * len(self.inputs) + out] = 1
        self._place = place
        self._n_maps = input_shape[-1]

    def call(self, x: Any) -> Any:
        """Convolve maps of shape (n, height, width, maps) without padding."""
        full = ops.matmul(self.kernel, ops.cast(self._place, self.kernel.dtype))
        full = ops.reshape(full, (self.kernel_size, self.kernel_size, self._n_maps, len(self.inputs)))
        return ops.conv(x, ops.cast(full, x.dtype), padding="valid") + ops.cast(self.bias, x.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Shape with the sides reduced by the kernel."""
        n, height, width, _ = input_shape
        less = self.kernel_size - 1
        return n, height and height - less, width and width - less, len(self.inputs)


def lenet5(sample: Inputs, n_classes: int) -> keras.Model:
    """LeNet-5: C1, S2, C3, S4, C5, F6 and the output, with logits.

    As in the paper: 32 x 32 inputs, scaled tanh, trainable subsampling, the partial connections of
    C3. A dense softmax output replaces its fixed radial basis functions. Smaller images are padded
    with the mean if they have at least 28 pixels, and resized otherwise; larger ones are resized.

    Examples
    --------
    >>> model = lenet5(np.random.default_rng(0).integers(0, 255, (9, 28, 28, 1), np.uint8), 10)
    >>> sum(weight.shape.num_elements() for weight in model.trainable_weights) - 850
    60000
    """
    layers = keras.layers
    inputs, x = standardized_input(sample)
    x = _resized(x)
    x = scaled_tanh(layers.Conv2D(6, 5, kernel_initializer="lecun_uniform", name="c1")(x))
    x = scaled_tanh(Subsampling(name="s2")(x))
    x = scaled_tanh(PartialConv2D(C3_INPUTS, 5, name="c3")(x))
    x = scaled_tanh(Subsampling(name="s4")(x))
    x = scaled_tanh(layers.Conv2D(120, 5, kernel_initializer="lecun_uniform", name="c5")(x))
    x = layers.Flatten()(x)
    x = scaled_tanh(layers.Dense(84, kernel_initializer="lecun_uniform", name="f6")(x))
    return keras.Model(inputs, layers.Dense(n_classes, name="output")(x))


def _resized(x: Any) -> Any:
    height, width = x.shape[1], x.shape[2]
    if (height, width) == (SIDE, SIDE):
        return x
    if min(height, width) >= 28 and max(height, width) <= SIDE:
        up, left = (SIDE - height) // 2, (SIDE - width) // 2
        return keras.layers.ZeroPadding2D(((up, SIDE - height - up), (left, SIDE - width - left)))(x)
    return keras.layers.Resizing(SIDE, SIDE, antialias=max(height, width) > SIDE)(x)
