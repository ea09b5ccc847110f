"""A small residual network for radiographs and other grey images whose exposure varies from image to image."""

from __future__ import annotations

import keras

from visiontk.blocks.convolution import conv_norm
from visiontk.blocks.resnet import residual
from visiontk.blocks.standardization import PerImageStandardization
from visiontk.core import Inputs

LARGE_SIDE = 48
"""Above this side the first convolution halves the image, again above twice as much, and so on."""


def medical_cnn(
    sample: Inputs, n_classes: int, *, width: int = 16, stages: int = 3, dropout: float = 0.2
) -> keras.Model:
    """Residual stages on standardised images, global mean, dropout, logits.

    Parameters
    ----------
    width : int
        Filters of the first stage; each of the next ones has twice as many.
    stages : int
        Residual blocks; all but the first halve the sides.
    dropout : float
        Before the output, in [0, 1).
    """
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
