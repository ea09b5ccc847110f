from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def _one_thread(one_thread) -> None:
    """Use `one_thread` in every test of this folder."""
