"""Small networks of separable convolutions with shortcuts, after Xception.

References
----------
.. [1] Chollet (2017), Xception: deep learning with depthwise separable convolutions, CVPR.
.. [2] Arriaga, Valdenegro-Toro and Plöger (2017), Real-time convolutional neural networks for emotion and
   gender classification, arXiv:1710.07557.
"""

from __future__ import annotations

from typing import Any

import keras

from visiontk.blocks.convolution import MOMENTUM, conv_norm
from visiontk.blocks.standardization import standardized_input
from visiontk.core import Inputs

MODULES = 4


def separable_norm(x: Any, filters: int, *, name: str = "") -> Any:
    """Depthwise 3 x 3 and pointwise 1 x 1 convolution [1]_, then batch normalisation.

    Parameters
    ----------
    x : keras tensor of shape (n, height, width, channels)
        Feature maps.
    filters : int
        Output channels.
    name : str
        Prefix of the layers' names.

    References
    ----------
    .. [1] Chollet (2017), Xception: deep learning with depthwise separable convolutions, CVPR.
    """
    x = keras.layers.SeparableConv2D(
        filters,
        3,
        padding="same",
        use_bias=False,
        depthwise_initializer="he_normal",
        pointwise_initializer="he_normal",
        name=f"{name}_separable" if name else None,
    )(x)
    return keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_norm" if name else None)(x)


def separable_residual(x: Any, filters: int, *, name: str = "") -> Any:
    """Two separable convolutions and a 3 x 3 maximum, beside a 1 x 1 shortcut; halves both sides [1]_.

    Arguments as for `separable_norm`.

    References
    ----------
    .. [1] Arriaga, Valdenegro-Toro and Plöger (2017), arXiv:1710.07557, figure 3.
    """
    shortcut = conv_norm(x, filters, 1, strides=2, name=f"{name}_shortcut")
    x = keras.layers.ReLU()(separable_norm(x, filters, name=f"{name}_1"))
    x = separable_norm(x, filters, name=f"{name}_2")
    return keras.layers.MaxPooling2D(3, strides=2, padding="same")(x) + shortcut


def mini_xception(sample: Inputs, n_classes: int, *, width: int = 8) -> keras.Model:
    """Mini-Xception [1]_: two convolutions, four separable modules, one map per class whose mean is the logit.

    Parameters
    ----------
    width : int
        Filters of the first convolutions; the modules have 2, 4, 8 and 16 times as many. 8 gives about the
        60,000 weights of the paper.

    References
    ----------
    .. [1] Arriaga, Valdenegro-Toro and Plöger (2017), arXiv:1710.07557, section III.

    Examples
    --------
    >>> import numpy as np
    >>> model = mini_xception(np.random.default_rng(0).integers(0, 255, (4, 48, 48, 1), np.uint8), 7)
    >>> sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    56951
    """
    inputs, x = standardized_input(sample)
    for i in (1, 2):
        x = keras.layers.ReLU()(conv_norm(x, width, 3, name=f"stem_{i}"))
    for i in range(MODULES):
        x = separable_residual(x, width * 2 ** (i + 1), name=f"module_{i + 1}")
    x = keras.layers.Conv2D(n_classes, 3, padding="same", name="output")(x)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))
