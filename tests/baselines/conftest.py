"""Random images."""

import numpy as np
import pytest


@pytest.fixture
def images():
    """Return a function that makes random images of a shape, dtype uint8."""

    def make(*shape, seed=0):
        return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)

    return make
