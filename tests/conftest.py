"""Shared fixtures. Warnings are errors (pyproject.toml), and so are floating-point faults of NumPy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start tests marked `long` first, so that no worker waits for one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True)
def _strict_floats() -> Iterator[None]:
    with np.errstate(all="raise", under="ignore"):
        yield


@pytest.fixture(autouse=True)
def _no_audit(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Disable the audit process of comparisons in tests without the mark `audits`."""
    if request.node.get_closest_marker("audits") is None:
        monkeypatch.setattr("visiontk.api.request.audit_of", lambda prepared: None)


@pytest.fixture(scope="session")
def one_thread() -> None:
    """Limit TensorFlow to one thread; it reads these settings at its first operation."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


@pytest.fixture
def shared_data() -> Path:
    """Return the folder of public datasets; skip the test if VISIONTK_DATA does not name one."""
    folder = os.environ.get("VISIONTK_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs public data: set VISIONTK_DATA to a folder with them")
    return Path(folder)
