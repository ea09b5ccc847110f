"""Inputs that are read when they are indexed, for data that do not fit into memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from visiontk.core import Inputs, Samples

IN_MEMORY_BYTES = 2_000_000_000
"""Inputs up to this size are held as one array; larger ones are read batch by batch."""


def all_inputs(samples: Samples) -> Inputs | LazyInputs:
    """All inputs as one array, or as `LazyInputs` if they are too large for that.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> all_inputs(tiny_images(5)).shape
    (5, 12, 12, 1)
    """
    if n_bytes(samples) <= IN_MEMORY_BYTES:
        return samples.take(np.arange(len(samples)))
    return LazyInputs(samples)


def n_bytes(samples: Samples) -> int:
    """Size of all inputs, estimated from the first one."""
    return samples.take(np.zeros(1, np.int64)).nbytes * len(samples) if len(samples) else 0


def image_size(samples: Samples) -> str:
    """Size of the images as a learner sees them, for its `FitReport`; empty for other inputs.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> image_size(tiny_images(5)), image_size(tiny_images(5).at_size(24))
    ('12 x 12', '24 x 24')
    """
    one = samples.take(np.zeros(min(len(samples), 1), np.int64))
    # Images are of whole numbers; spectrograms, which have as many axes, are not.
    return f"{one.shape[1]} x {one.shape[2]}" if one.ndim == 4 and one.dtype.kind == "u" else ""


class LazyInputs:
    """The part of the array interface that features need which process their inputs in batches.

    It has a length, a shape and a dtype, and is indexed by a slice, by positions, or by positions together with
    indices into the inputs.

    Parameters
    ----------
    samples : Samples
        In this order.

    Examples
    --------
    >>> from visiontk.testing import tiny_images
    >>> x = LazyInputs(tiny_images(9))
    >>> x.shape, x[2:4].shape, x[[8, 0], 3, 3].shape
    ((9, 12, 12, 1), (2, 12, 12, 1), (2, 1))
    """

    AT_ONCE = 512

    def __init__(self, samples: Samples) -> None:
        first = samples.take(np.zeros(1, np.int64))
        self.samples = samples
        self.dtype = first.dtype
        self.shape = (len(samples), *first.shape[1:])
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: Any) -> Inputs:
        if isinstance(index, slice):
            return self.samples.take(np.arange(len(self))[index])
        if not isinstance(index, tuple):
            return self.samples.take(np.asarray(index))
        positions, *places = np.broadcast_arrays(*index)
        values = np.empty((*positions.shape, *self.shape[len(index) :]), self.dtype)
        unique = np.unique(positions)
        for start in range(0, len(unique), self.AT_ONCE):
            batch = unique[start : start + self.AT_ONCE]
            inputs = self.samples.take(batch)
            here = (positions >= batch[0]) & (positions <= batch[-1])
            values[here] = inputs[(np.searchsorted(batch, positions[here]), *(place[here] for place in places))]
        return values
