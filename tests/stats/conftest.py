"""Settings for the tests of statistics."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

# A busy machine is no failure: without this a case that takes 0.2 s fails.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(autouse=True)
def no_silent_floating_point_errors() -> Iterator[None]:
    """Division by zero, overflow and invalid operations are errors in every test of this folder."""
    with np.errstate(all="raise"):
        yield
