"""Residual networks: the small ones for small images and ResNet-50.

References
----------
.. [1] He, Zhang, Ren and Sun (2016), Deep residual learning for image recognition, CVPR. Section 4.2
   for the small ones, table 1 for ResNet-50.
"""

from __future__ import annotations

from typing import Any

import keras

from visiontk.blocks.convolution import conv_norm
from visiontk.blocks.standardization import standardized_input
from visiontk.core import Inputs

SMALL_SIDE = 64
"""Below this side ResNet-50 keeps the resolution in its first layer, as the small networks do."""


def residual(x: Any, filters: int, *, strides: int = 1, name: str = "") -> Any:
    """Two 3 x 3 convolutions beside a shortcut; a projection where the shape changes [1]_.

    Parameters
    ----------
    x : keras tensor of shape (n, height, width, channels)
        Feature maps.
    filters, strides : int
        Of the block.
    name : str
        Prefix of the layers' names.

    References
    ----------
    .. [1] He et al. (2016), figure 2 and option B of section 4.1.
    """
    y = keras.layers.ReLU()(conv_norm(x, filters, 3, strides=strides, name=f"{name}_1"))
    y = conv_norm(y, filters, 3, name=f"{name}_2")
    return _with_shortcut(x, y, strides, name)


def bottleneck(x: Any, filters: int, *, strides: int = 1, name: str = "") -> Any:
    """1 x 1, 3 x 3 and 1 x 1 convolutions that narrow to `filters` and widen to four times as many [1]_.

    The stride is in the 3 x 3 convolution, as in today's implementations. Arguments as for `residual`.

    References
    ----------
    .. [1] He et al. (2016), figure 5.
    """
    y = keras.layers.ReLU()(conv_norm(x, filters, 1, name=f"{name}_1"))
    y = keras.layers.ReLU()(conv_norm(y, filters, 3, strides=strides, name=f"{name}_2"))
    y = conv_norm(y, 4 * filters, 1, name=f"{name}_3")
    return _with_shortcut(x, y, strides, name)


def _with_shortcut(x: Any, y: Any, strides: int, name: str) -> Any:
    """Rectified sum of the output `y` of a block and its input `x`, projected where the shapes differ."""
    if strides != 1 or x.shape[-1] != y.shape[-1]:
        x = conv_norm(x, y.shape[-1], 1, strides=strides, name=f"{name}_shortcut")
    return keras.layers.ReLU()(y + x)


def resnet(sample: Inputs, n_classes: int, *, depth: int = 8, width: int = 16, stem_strides: int = 1) -> keras.Model:
    """The small residual network: a stem and three stages of (depth - 2) / 6 blocks each, with logits.

    Parameters
    ----------
    depth : int
        6 n + 2: 8, 14, 20, 32, 44, 56 or 110.
    width : int
        Filters of the first stage; the next ones have two and four times as many.
    stem_strides : int
        Of the first convolution; 2 halves images that are larger than those of the paper.

    Raises
    ------
    ValueError
        If the depth is not 6 n + 2.

    Examples
    --------
    >>> import numpy as np
    >>> resnet(np.random.default_rng(0).random((4, 32, 32, 3)), 10, depth=20).count_params() // 10_000
    27
    """
    n_blocks = blocks_per_stage(depth)
    inputs, x = standardized_input(sample)
    x = keras.layers.ReLU()(conv_norm(x, width, 3, strides=stem_strides, name="stem"))
    for stage in range(3):
        for block in range(n_blocks):
            strides = 2 if stage and not block else 1
            x = residual(x, width * 2**stage, strides=strides, name=f"stage{stage + 1}_block{block + 1}")
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, name="output")(x))


def blocks_per_stage(depth: int) -> int:
    """Residual blocks in each of the three stages of `resnet`.

    Raises
    ------
    ValueError
        If the depth is not 6 n + 2.

    Examples
    --------
    >>> blocks_per_stage(20)
    3
    """
    if depth < 8 or (depth - 2) % 6:
        near = max(8, 6 * round((depth - 2) / 6) + 2)
        raise ValueError(f"depth is {depth}; a small residual network has 6 n + 2 layers. The nearest is {near}.")
    return (depth - 2) // 6


def resnet50(sample: Inputs, n_classes: int) -> keras.Model:
    """ResNet-50: a stem and stages of 3, 4, 6 and 3 bottlenecks, with logits.

    Below 64 pixels the stem is a 3 x 3 convolution without stride or pooling, since the original
    would leave less than one pixel for the last stage.
    """
    inputs, x = standardized_input(sample)
    if min(sample.shape[1:3]) < SMALL_SIDE:
        x = keras.layers.ReLU()(conv_norm(x, 64, 3, name="stem"))
    else:
        x = keras.layers.ReLU()(conv_norm(x, 64, 7, strides=2, name="stem"))
        x = keras.layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, blocks in enumerate((3, 4, 6, 3)):
        for block in range(blocks):
            strides = 2 if stage and not block else 1
            x = bottleneck(x, 64 * 2**stage, strides=strides, name=f"stage{stage + 1}_block{block + 1}")
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, name="output")(x))
