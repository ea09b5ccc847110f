"""A small network for radiographs and other grey pictures whose exposure varies from picture to picture."""

from __future__ import annotations

import keras

from visiontk.blocks.resnet import conv_norm, residual
from visiontk.blocks.standardise import PerImageStandardization
from visiontk.core import Inputs

LARGE_SIDE = 48
"""Above this side the first convolution halves the picture, again above twice as much, and so on."""


def medical_cnn(
    sample: Inputs, n_classes: int, *, width: int = 16, stages: int = 3, dropout: float = 0.2
) -> keras.Model:
    """Residual stages on pictures scaled one by one, mean over all places, dropout, logits."""
    inputs = keras.Input(sample.shape[1:], dtype=str(sample.dtype))
    x = PerImageStandardization(dtype="float32")(inputs)
    x = keras.layers.ReLU()(conv_norm(x, width, 3))
    side = min(sample.shape[1:3])
    while side > LARGE_SIDE:
        x = keras.layers.ReLU()(conv_norm(x, width, 3, strides=2))
        side = -(-side // 2)
    for stage in range(stages):
        x = residual(x, width * 2**stage, strides=1 if stage == 0 else 2, name=f"stage{stage + 1}")
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(dropout)(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, name="output")(x))
