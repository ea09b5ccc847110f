"""Places and spellings of the files that a table names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from visiontk.data.layouts.manifest import read_manifest
from visiontk.data.layouts.named_files import folder_of_files, locate_files
from visiontk.data.options import NamedFiles
from visiontk.errors import DataError


def files(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def names_of(root: Path, cells: Sequence[str], part: str = "") -> list[str]:
    return locate_files(cells, root, root, part).names


@pytest.mark.parametrize(
    "form", ["{0}.png", "img/{0}.png", "{0}", "img/{0}", r"C:\me\pets\img\{0}.png", "/content/drive/img/{0}.png"]
)
def test_names_with_too_many_or_too_few_folders_and_endings_are_completed(tmp_path: Path, form: str) -> None:
    """All by one rule, which the notes state."""
    root = files(tmp_path, *(f"img/{i}.png" for i in range(4)))

    located = locate_files([form.format(i) for i in range(4)], root, root)

    assert located.names == [f"img/{i}.png" for i in range(4)]
    assert bool(located.notes) == (form != "img/{0}.png")


def test_absolute_names_inside_of_the_folder_are_read(tmp_path: Path) -> None:
    """Through a link to the folder too."""
    root = files(tmp_path / "own", "a/1.png", "b/2.png")
    (tmp_path / "link").symlink_to(root)

    assert names_of(root, [str(root / "a/1.png"), str(tmp_path / "link/b/2.png")]) == ["a/1.png", "b/2.png"]
    assert names_of(tmp_path / "link", [str(root / "a/1.png")]) == ["a/1.png"]


def test_files_below_another_folder_than_that_of_the_table_are_found(tmp_path: Path) -> None:
    """As in UrbanSound8K: the table lies in metadata, and the files in audio/fold1 and audio/fold2."""
    root = files(tmp_path, *(f"audio/fold{i % 2}/{i}.wav" for i in range(6)), "metadata/clips.csv")
    cells = [f"{i}.wav" for i in range(6)]

    assert folder_of_files(cells, root / "metadata") == root / "audio"
    assert locate_files(cells, root / "metadata", root / "audio").names == [f"fold{i % 2}/{i}.wav" for i in range(6)]


def test_a_missing_file_is_not_replaced_by_another_of_its_name(tmp_path: Path) -> None:
    root = files(tmp_path, "cat/1.png", "cat/2.png", "dog/1.png")

    assert names_of(root, ["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"])[-1] == ""


def test_a_name_in_several_folders_is_missing_unless_one_is_named_like_the_part(tmp_path: Path) -> None:
    root = files(tmp_path, *(f"{place}/x{i % 2}/{i}.png" for place in ("train_images", "test_images") for i in (1, 2)))

    assert names_of(root, ["1", "2"]) == ["", ""]
    assert names_of(root, ["1", "2"], "train") == ["train_images/x1/1.png", "train_images/x0/2.png"]


def test_an_ending_is_added_only_if_one_file_fits(tmp_path: Path) -> None:
    """A text beside an image is none of its files."""
    root = files(tmp_path, "1.png", "1.txt", "2.png", "2.jpg")

    assert names_of(root, ["1", "2"]) == ["1.png", ""]


def test_files_beside_above_and_at_absolute_paths_are_sought(tmp_path: Path) -> None:
    root = files(tmp_path / "set", *(f"audio/{i}.wav" for i in range(9)), *(f"deep/fold{i}/d{i}.wav" for i in range(9)))
    meta = root / "meta"
    meta.mkdir()

    assert folder_of_files([f"{i}.wav" for i in range(9)], meta) == root / "audio"
    assert folder_of_files([f"d{i}.wav" for i in range(9)], meta) == root / "deep"
    assert folder_of_files([f"audio/{i}.wav" for i in range(9)], meta) == root
    assert folder_of_files([f"../audio/{i}.wav" for i in range(9)], meta) == root / "audio"
    assert folder_of_files([str(root / f"audio/{i}.wav") for i in range(9)], tmp_path) is None
    assert folder_of_files([str(root / f"audio/{i}.wav") for i in range(9)], meta) == root / "audio"
    assert folder_of_files(["none.wav"], meta) is None


def test_the_folder_of_the_files_may_be_given(tmp_path: Path) -> None:
    files(tmp_path / "far", "x/1.png", "x/2.png")
    table = tmp_path / "a.csv"
    table.write_text("path,label\nx/1.png,a\nx/2.png,b\n")

    with pytest.raises(DataError, match="files are missing") as caught:
        read_manifest(_copied(table, tmp_path / "own"))

    assert "--files" in caught.value.hint
    manifest = read_manifest(table, NamedFiles("path", str(tmp_path / "far")))
    assert (manifest.root, manifest.names) == (tmp_path / "far", ("x/1.png", "x/2.png"))


def test_ten_thousand_names_are_located_in_two_seconds(tmp_path: Path) -> None:
    import time

    root = tmp_path / "many"
    (root / "img").mkdir(parents=True)
    for i in range(10_000):
        os.close(os.open(root / "img" / f"{i}.png", os.O_CREAT))
    begin = time.process_time()

    assert locate_files([str(i) for i in range(10_000)], root, root).share == 1
    assert time.process_time() - begin < 2


def _copied(table: Path, folder: Path) -> Path:
    folder.mkdir()
    (folder / table.name).write_bytes(table.read_bytes())
    return folder / table.name
