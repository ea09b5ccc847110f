"""Training arguments shared by all networks, without importing a framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from visiontk.learners.imbalance import Imbalance
from visiontk.spaces import Categorical, Range

SAMPLES_SEEN = 540_000
MIN_EPOCHS, MAX_EPOCHS = 6, 40
BATCH, MIN_STEPS, MIN_BATCH = 128, 16, 16


@dataclass(frozen=True)
class Training:
    """One-cycle AdamW with early stopping.

    Parameters
    ----------
    epochs : int or None
        Passes over the training set. None: enough for about 540,000 samples, but 6 to 40, so that small
        data are seen often enough and large data do not take all day.
    batch_size : int or None
        Samples per step, at most the whole training set. None: 128, halved until an epoch has 16 steps, but
        not below 16.
    learning_rate : float
        The peak, > 0. The rate rises from a tenth of it and falls to a thousandth.
    warmup : float
        Fraction of the steps until the peak, in (0, 1).
    weight_decay : float
        Of weights; biases and scales of normalisation are exempt.
    label_smoothing : float
        Fraction of the target spread over all classes, in [0, 1).
    patience : int
        Epochs without a better validation score after which training ends.
    keep : {"accuracy", "loss", "last"}
        Weights used for prediction: of the epoch with the best validation accuracy or the lowest validation
        loss, or of the last epoch. "last" suits validation sets that are small, or so easy that many epochs tie.
    averaging : float
        Decay of an exponential moving average of the weights over steps, in [0, 1); the averaged weights are
        validated and used for prediction. 0 disables it. A fit of n steps uses at most 1 - 5 / n, so that
        the initial weights are forgotten.
    imbalance : {"none", "balanced"}
        "balanced" gives every class the same total weight.
    precision : {"float32", "mixed_bfloat16"}
        "mixed_bfloat16" is faster on processors with bfloat16 arithmetic, and much slower on others.
    """

    epochs: Annotated[int, Ge(1), Le(10_000)] | None = None
    batch_size: Annotated[int, Ge(1), Le(65_536)] | None = None
    learning_rate: Annotated[float, Gt(0), Range(5e-4, 3e-2, log=True)] = 2e-3
    warmup: Annotated[float, Gt(0), Lt(1)] = 0.25
    weight_decay: Annotated[float, Ge(0), Range(1e-3, 0.3, log=True)] = 0.01
    label_smoothing: Annotated[float, Ge(0), Lt(1), Range(0.0, 0.2)] = 0.1
    patience: Annotated[int, Ge(1)] = 15
    keep: Literal["accuracy", "loss", "last"] = "accuracy"
    averaging: Annotated[float, Ge(0), Lt(1), Categorical((0.0, 0.95, 0.99))] = 0.0
    imbalance: Imbalance = "none"
    precision: Literal["float32", "mixed_bfloat16"] = "float32"

    def n_epochs(self, n_train: int) -> int:
        """Epochs for `n_train` samples.

        Examples
        --------
        >>> Training().n_epochs(54_000), Training().n_epochs(1_000), Training(epochs=3).n_epochs(1_000)
        (10, 40, 3)
        """
        if self.epochs is not None:
            return self.epochs
        return min(max(round(SAMPLES_SEEN / n_train), MIN_EPOCHS), MAX_EPOCHS)

    def n_batch(self, n_train: int) -> int:
        """Batch size for `n_train` samples: small data need small batches, or there are too few steps.

        Examples
        --------
        >>> [Training().n_batch(n) for n in (54_000, 1_200, 9)], Training(batch_size=32).n_batch(50)
        ([128, 64, 9], 32)
        """
        if self.batch_size is not None:
            return min(self.batch_size, n_train)
        size = BATCH
        while size // 2 >= MIN_BATCH and n_train // size < MIN_STEPS:
            size //= 2
        return min(size, n_train)
