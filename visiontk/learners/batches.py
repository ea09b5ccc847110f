"""Samples as batches for Keras, in an order determined by seed and epoch alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import tensorflow as tf

from visiontk.core import Inputs, Ints, Samples
from visiontk.learners.imbalance import sample_weights
from visiontk.learners.lazy_inputs import LazyInputs, all_inputs
from visiontk.learners.training import Training

LARGEST_BATCH = 256
LARGEST_BATCH_VALUES = 256 * 64 * 64 * 3
"""Largest number of values in a batch for evaluation; large inputs come in smaller batches."""

STEPS_PER_EXECUTION = 8
"""Most steps per call; fewer where that would leave samples out."""


class Batches:
    """Training set in shuffled batches of one size; the order of an epoch is determined by seed and epoch alone.

    Samples that do not fill the last batch of an epoch are left out; they differ by epoch. So are up to
    seven batches, at most 2 %, where that lets several steps run in one call.
    """

    def __init__(self, train: Samples, training: Training, *, seed: int, n_epochs: int) -> None:
        self.train = train
        self.size = training.n_batch(len(train))
        steps = len(train) // self.size
        # A divisor of the steps, because Keras would otherwise take the surplus from the next epoch.
        choices = [k for k in range(1, STEPS_PER_EXECUTION + 1) if steps >= 8 * k and 50 * (steps % k) <= steps]
        self.steps_per_execution = max(choices, default=1)
        self.steps = steps - steps % self.steps_per_execution
        self.seed = seed
        self.n_epochs = n_epochs
        self.weights = sample_weights(train, training.imbalance)

    def order(self, epoch: int) -> Ints:
        """Positions of the samples of one epoch, shape (steps, size)."""
        shuffled = np.random.default_rng((self.seed, epoch)).permutation(len(self.train))
        return shuffled[: self.steps * self.size].reshape(self.steps, self.size)

    def dataset(self, first_epoch: int) -> tf.data.Dataset:
        """Batches from this epoch to the last, as (inputs, one-hot targets, weights)."""
        targets = tf.constant(np.eye(self.train.n_classes, dtype=np.float32)[self.train.y])
        weights = np.ones(len(self.train)) if self.weights is None else self.weights
        weights = tf.constant(weights.astype(np.float32))
        inputs = self._inputs()

        def gather(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            return inputs(index), tf.gather(targets, index), tf.gather(weights, index)

        def indices(epoch: tf.Tensor) -> tf.data.Dataset:
            order = tf.numpy_function(self.order, [epoch], tf.int64)
            return tf.data.Dataset.from_tensor_slices(tf.ensure_shape(order, (self.steps, self.size)))

        # Repeated so that Keras does not report missing data at the end of the last epoch.
        return tf.data.Dataset.range(first_epoch, self.n_epochs).flat_map(indices).map(gather).prefetch(2).repeat()

    def _inputs(self) -> Callable[[tf.Tensor], tf.Tensor]:
        first = self.train.take(np.zeros(1, np.int64))
        in_memory = all_inputs(self.train)
        if not isinstance(in_memory, LazyInputs):
            in_memory = tf.constant(in_memory)
            return lambda index: tf.gather(in_memory, index)

        def read(index: tf.Tensor) -> tf.Tensor:
            x = tf.numpy_function(self.train.take, [index], first.dtype)
            return tf.ensure_shape(x, (self.size, *first.shape[1:]))

        return read


def evaluation_batch_size(samples: Samples) -> int:
    """Batch size outside of training: 256, halved while the inputs are large.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> evaluation_batch_size(tiny_images(5))
    256
    """
    values = max(samples.take(np.zeros(1, np.int64)).size, 1)
    size = LARGEST_BATCH
    while size > 1 and size * values > LARGEST_BATCH_VALUES:
        size //= 2
    return size


def valid_dataset(valid: Samples, training: Training) -> tf.data.Dataset:
    """Validation set in its order, as (inputs, one-hot targets, weights)."""
    targets = np.eye(valid.n_classes, dtype=np.float32)[valid.y]
    weights = sample_weights(valid, training.imbalance)
    weights = np.ones(len(valid)) if weights is None else weights
    size = evaluation_batch_size(valid)

    def batches() -> Iterator[tuple[Inputs, Inputs, Inputs]]:
        start = 0
        for x in valid.batches(size):
            stop = start + len(x)
            yield x, targets[start:stop], weights[start:stop].astype(np.float32)
            start = stop

    one = valid.take(np.zeros(1, np.int64))
    signature = (
        tf.TensorSpec((None, *one.shape[1:]), one.dtype),
        tf.TensorSpec((None, valid.n_classes), tf.float32),
        tf.TensorSpec((None,), tf.float32),
    )
    n_batches = -(-len(valid) // size)
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    # Without a known length Keras warns at the end of every epoch that the data ran out.
    return dataset.apply(tf.data.experimental.assert_cardinality(n_batches))
