"""AlexNet: five convolutions and three dense layers.

References
----------
.. [1] Krizhevsky, Sutskever and Hinton (2012), ImageNet classification with deep convolutional neural
   networks, NeurIPS. Section 3 and figure 2.
"""

from __future__ import annotations

from typing import Any

import keras

from visiontk.blocks.standardization import standardized_input
from visiontk.core import Inputs

SMALL_SIDE = 64


def alexnet(sample: Inputs, n_classes: int, *, dropout: float = 0.5) -> keras.Model:
    """AlexNet with logits: eight learned layers.

    From 64 pixels on as in the paper, without its split over two GPUs: 96, 256, 384, 384 and 256 filters
    of side 11 (stride 4), 5, 3, 3 and 3, pooling over 3 x 3 after the first, second and fifth, and dense
    layers of 4096. Local response normalisation is replaced by batch normalisation, which trains from any
    initialisation. Below 64 pixels the same eight layers have 3 x 3 kernels without stride, half the
    filters, pooling over 2 x 2, and dense layers of 512.

    Parameters
    ----------
    dropout : float
        After each of the two dense layers, in [0, 1).
    """
    layers = keras.layers
    small = min(sample.shape[1:3]) < SMALL_SIDE
    filters = (48, 128, 192, 192, 128) if small else (96, 256, 384, 384, 256)
    kernels = (3, 3, 3, 3, 3) if small else (11, 5, 3, 3, 3)
    pool = layers.MaxPooling2D(2) if small else layers.MaxPooling2D(3, strides=2)
    inputs, x = standardized_input(sample)
    for i in range(5):
        x = _convolution(x, filters[i], kernels[i], strides=4 if i == 0 and not small else 1, normalise=i < 2)
        if i in (0, 1, 4) and min(x.shape[1], x.shape[2]) >= pool.pool_size[0]:
            x = pool(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(512 if small else 4096, activation="relu", kernel_initializer="he_normal")(x)
        x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(n_classes, name="output")(x))


def _convolution(x: Any, filters: int, kernel_size: int, *, strides: int, normalise: bool) -> Any:
    x = keras.layers.Conv2D(
        filters, kernel_size, strides=strides, padding="same", activation="relu", kernel_initializer="he_normal"
    )(x)
    return keras.layers.BatchNormalization(momentum=0.9)(x) if normalise else x
