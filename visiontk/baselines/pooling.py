"""Mean pooling in a grid of regions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pooling_weights(size: int, grid: int) -> NDArray[np.float32]:
    """Return weights that average positions 0 to `size` - 1 in `grid` regions of one axis, shape (grid, size).

    Examples
    --------
    >>> pooling_weights(4, 2).tolist()
    [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    region = np.arange(size) * grid // size
    weights = (region == np.arange(grid)[:, None]).astype(np.float32)
    return np.asarray(weights / np.maximum(weights.sum(axis=1, keepdims=True), 1))
