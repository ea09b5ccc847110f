"""The default network for small images: pairs of 3 x 3 convolutions, pooled before they are normalised.

The recipe was chosen on the validation set of Fashion-MNIST, for accuracy per CPU second on one thread;
``docs/decisions/003-convnet.md`` lists the alternatives.
"""

from __future__ import annotations

import keras

from visiontk.blocks.convolution import convolution, norm_relu
from visiontk.blocks.standardization import standardized_input
from visiontk.core import Inputs

LARGE_SIDE = 48
"""Above this side a first convolution halves the image; the rest is the same network."""

LOGIT_SCALE = 0.1
"""Small logits at the start let the high learning rate of one-cycle training work from the first step."""


def convnet(sample: Inputs, n_classes: int, *, width: int = 24) -> keras.Model:
    """Three stages of two convolutions with `width`, twice and four times as many filters, with logits.

    Each stage pools after its first convolution and before normalisation and rectification, which
    then cost a quarter; the global maximum goes to a linear layer.

    Parameters
    ----------
    width : int
        Filters of the first stage.

    Examples
    --------
    >>> import numpy as np
    >>> model = convnet(np.random.default_rng(0).random((4, 28, 28, 1)), 10)
    >>> sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    162552
    """
    inputs, x = standardized_input(sample)
    if max(x.shape[1:3]) > LARGE_SIDE:
        x = norm_relu(convolution(x, width, 3, strides=2))
    for stage in range(3):
        x = convolution(x, width * 2**stage, 3)
        if min(x.shape[1:3]) >= 2:
            x = keras.layers.MaxPooling2D(2)(x)
        x = norm_relu(x)
        x = norm_relu(convolution(x, width * 2**stage, 3))
    x = keras.layers.GlobalMaxPooling2D()(x)
    x = keras.layers.Dense(n_classes, use_bias=False, kernel_initializer="he_normal", name="output")(x)
    return keras.Model(inputs, keras.layers.Rescaling(LOGIT_SCALE)(x))
