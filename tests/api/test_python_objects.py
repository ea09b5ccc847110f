"""Data that are given as objects of Python."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import visiontk
from visiontk.api.request import Request
from visiontk.errors import ConfigError, DataError


class Dataset:
    """As that of the library datasets."""


Dataset.__module__ = "datasets.arrow_dataset"


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        (pd.DataFrame({"text": ["a"], "label": [1]}), "data.to_csv('data.csv', index=False)"),
        ((np.zeros((2, 9, 9)), [0, 1]), "numpy.savez('data.npz', x=x, y=y)"),
        (["a.png", "b.png"], "to_csv('data.csv', index=False)"),
        ([Path("a.png"), Path("b.png")], "to_csv('data.csv', index=False)"),
        ((["a.png"] * 2000, [0, 1] * 1000), "numpy.savez"),
        (Dataset(), "data.to_parquet('data.parquet')"),
        ({"x": 1}, "numpy.savez"),
    ],
)
def test_objects_are_refused_with_the_lines_that_save_them(target: Any, hint: str) -> None:
    with pytest.raises(ConfigError, match=f"target: a {type(target).__name__} given") as caught:
        visiontk.compare(target)

    assert hint in caught.value.hint


def test_a_text_that_no_file_can_be_called_is_an_unknown_target() -> None:
    with pytest.raises(ConfigError):
        Request("x" * 5000, {}).read()


def test_an_archive_is_refused_with_the_command_that_unpacks_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "my pets.zip", "w") as archive:
        archive.writestr("cat/1.png", "")

    with pytest.raises(ConfigError) as caught:
        Request(str(tmp_path / "my pets.zip"), {}).read()

    command = f"python3 -m zipfile -e '{tmp_path}/my pets.zip' '{tmp_path}/my pets'"
    assert f"{command} && visiontk compare '{tmp_path}/my pets'" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "hint"), [("a.xlsx", "read_excel"), ("a.mat", "numpy.savez"), ("a.pkl", "numpy.savez")]
)
def test_other_files_are_refused_with_the_way_to_save_them(tmp_path: Path, name: str, hint: str) -> None:
    (tmp_path / name).touch()

    with pytest.raises(ConfigError) as caught:
        Request(str(tmp_path / name), {}).read()

    assert hint in caught.value.hint


def test_a_folder_with_an_archive_or_arrays_alone_is_refused_with_the_command(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "pets.zip").touch()
    for label in "ab":
        (tmp_path / "two" / label).mkdir(parents=True)
        np.save(tmp_path / "two" / label / "1.npy", np.zeros((9, 9)))

    for folder, hint in (("one", "python3 -m zipfile -e"), ("two", "numpy.savez('data.npz', x=[numpy.load")):
        with pytest.raises(DataError) as caught:
            Request(str(tmp_path / folder), {}).read()
        assert hint in caught.value.hint
