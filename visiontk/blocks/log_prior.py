"""Layer for logit adjustment."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("visiontk")
class LogPrior(keras.layers.Layer):  # type: ignore[misc]
    """Add the logarithm of each class's frequency in the training set to its logit, in training only [1]_.

    The network then learns how much more likely a class is than its frequency suggests, so that the largest logit
    without the frequencies minimises the balanced error. All samples keep equal weights, so a class of ten samples
    among thousands does not make steps jump.

    Parameters
    ----------
    shares : list of float
        Class frequencies, each > 0.

    References
    ----------
    .. [1] Menon, Jayasumana, Rawat, Jain, Veit and Kumar (2021), Long-tail learning via logit adjustment, ICLR,
       equation 10 with tau = 1.

    Examples
    --------
    >>> layer = LogPrior([0.5, 0.25, 0.25])
    >>> [f"{logit:.2f}" for logit in layer(ops.zeros((1, 3)), training=True).numpy()[0]]
    ['-0.69', '-1.39', '-1.39']
    >>> layer(ops.zeros((1, 3))).numpy().tolist()
    [[0.0, 0.0, 0.0]]
    """

    def __init__(self, shares: list[float], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shares = list(shares)

    def call(self, x: Any, training: bool = False) -> Any:
        """Logits of shape (n, n_classes)."""
        return x + ops.cast(ops.log(ops.array(self.shares)), x.dtype) if training else x

    def compute_output_shape(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The input shape."""
        return input_shape
