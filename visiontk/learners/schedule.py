"""Optimizer of all networks: AdamW with a one-cycle learning rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras

from visiontk.learners.training import Training

TIME_CONSTANTS = 5
"""A fit lasts at least this many time constants of the average of weights, so that initial weights are forgotten."""


@keras.saving.register_keras_serializable("visiontk")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Learning rate that rises linearly to a peak and falls along a cosine.

    Parameters
    ----------
    peak : float
        Reached after ``warmup * n_steps`` steps.
    n_steps : int
        Total number of steps.
    warmup : float
        Fraction of the steps until the peak, in (0, 1).
    first, last : float
        Fractions of the peak at the first and the last step.

    References
    ----------
    .. [1] Smith and Topin (2019), SPIE 11006. The cosine in place of their line is as in Loshchilov
       and Hutter (2017), SGDR, ICLR, equation 5.

    Examples
    --------
    >>> schedule = OneCycle(0.1, 100, warmup=0.25)
    >>> [round(float(schedule(step)), 4) for step in (0, 25, 100)]
    [0.01, 0.1, 0.0001]
    """

    def __init__(
        self, peak: float, n_steps: int, *, warmup: float = 0.25, first: float = 0.1, last: float = 1e-3
    ) -> None:
        super().__init__()
        self.peak, self.n_steps, self.warmup, self.first, self.last = peak, n_steps, warmup, first, last

    def __call__(self, step: Any) -> Any:
        """Return the rate at a step, from 0."""
        ops = keras.ops
        progress = ops.cast(step, "float32") / self.n_steps
        up = self.first + (1 - self.first) * progress / self.warmup
        fall = ops.clip((progress - self.warmup) / (1 - self.warmup), 0.0, 1.0)
        down = self.last + (1 - self.last) * 0.5 * (1 + ops.cos(math.pi * fall))
        return self.peak * ops.where(progress < self.warmup, up, down)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {
            "peak": self.peak,
            "n_steps": self.n_steps,
            "warmup": self.warmup,
            "first": self.first,
            "last": self.last,
        }


class LayerwiseAdamW(keras.optimizers.AdamW):  # type: ignore[misc]
    """AdamW whose variables learn at different rates.

    A scaled gradient would not do: Adam divides by its size.

    Parameters
    ----------
    rates : sequence of float
        Share of the learning rate for each trainable variable, in the order of the model.
    **options
        Of AdamW.
    """

    def __init__(self, rates: Sequence[float], **options: Any) -> None:
        super().__init__(**options)
        self.rates = tuple(rates)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update one variable at its own rate."""
        super().update_step(gradient, variable, learning_rate * self.rates[self._get_variable_index(variable)])


def adamw(training: Training, *, n_steps: int, rates: Sequence[float] | None = None) -> keras.optimizers.Optimizer:
    """AdamW for `n_steps` steps; biases and scales of normalisation are not decayed.

    Parameters
    ----------
    training : Training
        Peak of the learning rate, warmup, decay and averaging.
    n_steps : int
        Of the whole fit.
    rates : sequence of float, optional
        Share of the learning rate for each trainable variable.

    References
    ----------
    .. [1] Loshchilov and Hutter (2019), Decoupled weight decay regularization, ICLR.
    """
    schedule = OneCycle(training.learning_rate, max(n_steps, 1), warmup=training.warmup)
    # Averages are variables of the optimizer, so that checkpoints hold them. In a short fit the decay is lower,
    # or the initial weights would dominate the average: exp(-5) is less than 1 %.
    decay = min(training.averaging, max(1 - TIME_CONSTANTS / max(n_steps, 1), 0.0))
    options: dict[str, Any] = {"learning_rate": schedule, "weight_decay": training.weight_decay}
    if training.averaging:
        options |= {"use_ema": True, "ema_momentum": decay}
    optimizer = keras.optimizers.AdamW(**options) if rates is None else LayerwiseAdamW(rates, **options)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
