from pathlib import Path

import pytest


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """Return an empty folder for public data."""
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path))
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))
    return tmp_path
