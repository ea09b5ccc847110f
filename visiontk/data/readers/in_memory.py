"""Readers of images that hold in memory what they have read."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from visiontk.core import Inputs, Ints, Read, ResizableRead, read_at_size
from visiontk.data.readers.labelled_files import MEMORY_LIMIT

KEPT_LIMIT = MEMORY_LIMIT // 4
"""Bytes of images at another size that stay in memory: training, validation and test set each keep their own."""


@dataclass(frozen=True, eq=False)
class InMemory:
    """All images in memory; at another size they are read from their source.

    Parameters
    ----------
    images : ndarray of shape (n, height, width, channels)
        At the first size.
    source : ResizableRead
        Reads the same images from their files.
    """

    images: Inputs
    source: ResizableRead

    def __call__(self, index: Ints, /) -> Inputs:
        """Inputs at these positions."""
        return np.asarray(self.images[index])

    def at_size(self, side: int) -> Read:
        """Reader of the source at another size."""
        return self.source.at_size(side)


@dataclass(frozen=True, eq=False)
class Kept:
    """Reads each image once and keeps it, until `limit` bytes are held; the others are read again.

    Parameters
    ----------
    read : Read
        The source.
    limit : int
        Bytes.

    Examples
    --------
    >>> calls = []
    >>> kept = Kept(lambda index: calls.append(index.tolist()) or index[:, None])
    >>> kept(np.array([3, 1]))[:, 0].tolist(), kept(np.array([1, 2]))[:, 0].tolist(), calls
    ([3, 1], [1, 2], [[3, 1], [2]])
    """

    read: Read
    limit: int = KEPT_LIMIT
    rows: dict[int, Inputs] = field(default_factory=dict)

    def __call__(self, index: Ints, /) -> Inputs:
        """Inputs at these positions."""
        missing = np.array([i for i in dict.fromkeys(index.tolist()) if i not in self.rows], dtype=np.int64)
        if not len(missing) and len(index):
            return np.stack([self.rows[i] for i in index.tolist()])
        read = self.read(missing)
        here = dict(zip(missing.tolist(), read, strict=True))
        if len(read) and (len(self.rows) + len(read)) * read[0].nbytes <= self.limit:
            self.rows.update((i, image.copy()) for i, image in here.items())
        if len(missing) == len(index):
            return read
        return np.stack([here[i] if i in here else self.rows[i] for i in index.tolist()])

    def at_size(self, side: int) -> Read:
        """Reader of the source at another size."""
        return read_at_size(self.read, side)
