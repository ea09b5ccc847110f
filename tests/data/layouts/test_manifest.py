"""Tables of file names."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from visiontk.core import flat
from visiontk.data.layouts import manifest as module
from visiontk.errors import ConfigError, DataError

read_manifest = flat()(module.read_manifest)

FILES = ("a.png", "b.png", "deep/c.png")


def table_of(folder: Path, rows: list[str], head: str = "path,label", files: tuple[str, ...] = FILES) -> Path:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    table = folder / "table.csv"
    table.write_text("\n".join([head, *rows]), "utf-8")
    return table


def refused(path, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        read_manifest(path, **options)
    return caught.value


def test_files_classes_groups_and_parts_are_read(tmp_path):
    """In the order of the table, with normalised names of the parts."""
    rows = ["deep/c.png,dog,p1,Train", "a.png,cat,p1,train", "b.png,dog,p2,val"]

    result = read_manifest(
        table_of(tmp_path, rows, "path,label,person,split"), group_column="person", part_column="split"
    )

    assert result.root == tmp_path
    assert result.names == ("deep/c.png", "a.png", "b.png")
    assert result.labels == ("cat", "dog")
    assert result.y.tolist() == [1, 0, 1]
    assert result.groups.tolist() == ["p1", "p1", "p2"]
    assert result.parts.tolist() == ["train", "train", "valid"]
    assert result.notes == ()


def test_without_columns_there_are_no_groups_and_parts(tmp_path):
    result = read_manifest(table_of(tmp_path, ["a.png,cat", "b.png,dog"]))

    assert (result.groups, result.parts) == (None, None)


def test_other_part_names_are_published_folds(tmp_path):
    """As in ESC-50."""
    result = read_manifest(table_of(tmp_path, ["a.png,x,1", "b.png,y,2"], "path,label,fold"), part_column="fold")

    assert result.parts.tolist() == ["1", "2"]


@pytest.mark.parametrize("second", ["", "fold1", "NaN"])
def test_an_incomplete_split_is_refused(tmp_path, second):
    error = refused(table_of(tmp_path, ["a.png,x,train", f"b.png,y,{second}"], "path,label,split"), part_column="split")

    assert error.error_id == "E-SPLIT-PARTS"


def test_a_row_without_a_group_is_refused(tmp_path):
    error = refused(table_of(tmp_path, ["a.png,x,p1", "b.png,y, "], "path,label,person"), group_column="person")

    assert error.error_id == "E-GROUP-MISSING"
    assert "in lines 3" in str(error)


@pytest.mark.parametrize("name", ["./a.png", "deep/../a.png", "deep//../a.png", " a.png", "deep\\..\\a.png"])
def test_file_names_are_normalised(tmp_path, name):
    result = read_manifest(table_of(tmp_path, [f"{name},x", "b.png,y"]))

    assert result.names[0] == "a.png"


def test_file_names_of_another_operating_system_are_matched_and_noted(tmp_path):
    """Backslashes of Windows and decomposed characters of macOS."""
    decomposed = unicodedata.normalize("NFD", "été.png")
    table = table_of(tmp_path, ["deep\\c.png,x", "été.png,y"], files=(decomposed, *FILES))

    result = read_manifest(table)

    assert result.names == ("deep/c.png", decomposed)
    assert result.notes == ("2 file names spelled differently on the disk",)


@pytest.mark.parametrize("name", ["../out.png", "/etc/hostname", "deep/../../out.png", ".."])
def test_files_outside_the_folder_are_refused(tmp_path, name):
    """Existing or not."""
    (tmp_path / "out.png").touch()

    error = refused(table_of(tmp_path / "in", ["a.png,x", f"{name},y"]))

    assert error.error_id == "E-MANIFEST-PATH"
    assert error.message.splitlines()[1:] == [f"  line 3: {name}"]


def test_a_link_to_outside_the_folder_is_refused(tmp_path):
    """As a link to a file, or as a file in a linked folder."""
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "x.png").touch()
    table = table_of(tmp_path / "in", ["link.png,x", "folder/x.png,y", "near.png,y"])
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "far" / "x.png")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "far")
    (tmp_path / "in" / "near.png").symlink_to("a.png")

    assert refused(table).message.splitlines()[1:] == ["  line 2: link.png", "  line 3: folder/x.png"]


def test_the_folder_itself_may_be_a_link(tmp_path):
    table_of(tmp_path / "in", ["a.png,x", "b.png,y"])
    (tmp_path / "link").symlink_to(tmp_path / "in")

    assert read_manifest(tmp_path / "link" / "table.csv").names == ("a.png", "b.png")


def test_all_missing_files_are_listed(tmp_path):
    """Folders, pipes and empty cells count as missing."""
    os.mkfifo(tmp_path / "pipe.png")

    error = refused(table_of(tmp_path, ["a.png,x", "none.png,y", "deep,y", "pipe.png,y", ",y", f"{'x' * 300},y"]))

    assert error.error_id == "E-MANIFEST-MISSING"
    assert "5 of 6 files are missing" in str(error)
    assert error.message.splitlines()[1:5] == [
        "  line 3: none.png",
        "  line 4: deep",
        "  line 5: pipe.png",
        "  line 6: no name",
    ]


def test_a_file_in_two_rows_is_refused(tmp_path):
    """In different spellings too; it could be in the training and test set."""
    error = refused(table_of(tmp_path, ["a.png,x", "b.png,y", "./a.png,x"]))

    assert error.error_id == "E-MANIFEST-TWICE"
    assert error.message.splitlines()[1:] == ["  a.png: lines 2, 4"]


@pytest.mark.parametrize(
    ("rows", "error_id"),
    [(["a.png,x", "b.png,x"], "E-LABEL-SINGLE"), (["a.png,", "b.png,x"], "E-LABEL-MISSING"), ([], "E-CSV-EMPTY")],
)
def test_invalid_labels_are_refused(tmp_path, rows, error_id):
    assert refused(table_of(tmp_path, rows)).error_id == error_id


def test_a_missing_column_is_reported(tmp_path):
    error = refused(table_of(tmp_path, ["a.png,x"], "file,label"), group_column="patient")

    assert error.error_id == "E-CSV-COLUMN"
    assert "'path'" in str(error)


def test_an_empty_path_is_a_config_error():
    with pytest.raises(ConfigError) as caught:
        read_manifest("")
    assert caught.value.error_id == "E-CONFIG-PATH"


def test_encoding_and_delimiter_are_options(tmp_path):
    table = table_of(tmp_path, [])
    table.write_bytes("path;label\na.png;été\nb.png;x\n".encode("latin-1"))

    assert read_manifest(table, encoding="latin-1", delimiter=";").labels == ("x", "été")
