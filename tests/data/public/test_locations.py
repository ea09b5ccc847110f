from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from visiontk.data import data_dir, require
from visiontk.errors import DataError, EnvironmentFault


def test_the_environment_variable_selects_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path))

    assert data_dir() == tmp_path


def test_relative_and_home_folders_become_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))

    monkeypatch.setenv("VISIONTK_DATA", "here")
    assert data_dir() == tmp_path / "here"
    monkeypatch.setenv("VISIONTK_DATA", "~/there")
    assert data_dir() == tmp_path / "me" / "there"


def test_the_cache_folder_is_the_default(monkeypatch, tmp_path):
    monkeypatch.delenv("VISIONTK_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert data_dir() == tmp_path / "visiontk"

    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_dir() == tmp_path / ".cache" / "visiontk"


def test_without_a_home_directory_the_hint_names_the_variable(monkeypatch):
    monkeypatch.delenv("VISIONTK_DATA", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def nowhere():
        raise RuntimeError

    monkeypatch.setattr(Path, "home", nowhere)

    with pytest.raises(EnvironmentFault) as caught:
        data_dir()
    assert caught.value.error_id == "E-ENV-CACHE"
    assert "VISIONTK_DATA" in caught.value.hint


def test_all_missing_files_are_listed_with_a_hint(monkeypatch, tmp_path):
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path))
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits" / "b").touch()

    with pytest.raises(DataError, match=r"digits: a, c not found in ") as caught:
        require("digits", "a", "b", "c", homepage="https://example.org/digits")

    assert caught.value.error_id == "E-DATA-MISSING"
    assert str(tmp_path / "digits") in str(caught.value)
    assert "https://example.org/digits" in caught.value.hint
    assert "VISIONTK_DATA" in caught.value.hint


def test_existing_files_are_returned_in_the_requested_order(monkeypatch, tmp_path):
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path))
    (tmp_path / "digits").mkdir()
    for name in "ab":
        (tmp_path / "digits" / name).touch()

    assert require("digits", "b", "a") == [tmp_path / "digits" / "b", tmp_path / "digits" / "a"]


def test_importing_data_loads_no_heavy_library():
    code = "import sys, visiontk.data; print([m for m in ('PIL', 'sklearn', 'scipy', 'pandas') if m in sys.modules])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
