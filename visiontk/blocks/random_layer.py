"""Base of the layers that change their input at random in training."""

from __future__ import annotations

from typing import Any

import keras


class RandomLayer(keras.layers.Layer):  # type: ignore[misc]
    """Abstract layer that augments in training, passes its input through otherwise, and preserves the shape.

    Subclasses define ``augment(x)`` and draw from ``self.generator``. Keras derives ``get_config`` from the
    arguments of their constructors.

    Parameters
    ----------
    seed : int, optional
        By default from Keras's global seed.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x: Any, training: bool = False) -> Any:
        """Augmented inputs in training, else the inputs."""
        return self.augment(x) if training else x

    def augment(self, x: Any) -> Any:
        """Inputs changed at random, of the same shape and dtype."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input shape."""
        return input_shape
