"""Tables that name files."""

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


def test_files_classes_groups_and_parts(tmp_path):
    """In the order of the table; parts under their own names."""
    rows = ["deep/c.png,dog,p1,Train", "a.png,cat,p1,train", "b.png,dog,p2,val"]

    found = read_manifest(table_of(tmp_path, rows, "path,label,who,split"), group_column="who", part_column="split")

    assert found.root == tmp_path
    assert found.names == ("deep/c.png", "a.png", "b.png")
    assert found.labels == ("cat", "dog")
    assert found.y.tolist() == [1, 0, 1]
    assert found.groups.tolist() == ["p1", "p1", "p2"]
    assert found.parts.tolist() == ["train", "train", "valid"]
    assert found.notes == ()


def test_without_columns_there_are_no_groups_and_parts(tmp_path):
    found = read_manifest(table_of(tmp_path, ["a.png,cat", "b.png,dog"]))

    assert (found.groups, found.parts) == (None, None)


def test_parts_of_other_names_are_published_folds(tmp_path):
    """As the five of ESC-50."""
    found = read_manifest(table_of(tmp_path, ["a.png,x,1", "b.png,y,2"], "path,label,fold"), part_column="fold")

    assert found.parts.tolist() == ["1", "2"]


@pytest.mark.parametrize("second", ["", "fold1", "NaN"])
def test_half_a_split_is_refused(tmp_path, second):
    error = refused(table_of(tmp_path, ["a.png,x,train", f"b.png,y,{second}"], "path,label,split"), part_column="split")

    assert error.error_id == "E-SPLIT-PARTS"


def test_a_row_without_a_group_is_refused(tmp_path):
    error = refused(table_of(tmp_path, ["a.png,x,p1", "b.png,y, "], "path,label,who"), group_column="who")

    assert error.error_id == "E-GROUP-MISSING"
    assert "in lines 3" in str(error)


@pytest.mark.parametrize("name", ["./a.png", "deep/../a.png", "deep//../a.png", " a.png", "deep\\..\\a.png"])
def test_other_spellings_of_a_name_are_found(tmp_path, name):
    found = read_manifest(table_of(tmp_path, [f"{name},x", "b.png,y"]))

    assert found.names[0] == "a.png"


def test_names_from_another_system_are_found_and_noted(tmp_path):
    """Backslashes of Windows, decomposed letters of a Mac."""
    decomposed = unicodedata.normalize("NFD", "été.png")
    table = table_of(tmp_path, ["deep\\c.png,x", "été.png,y"], files=(decomposed, *FILES))

    found = read_manifest(table)

    assert found.names == ("deep/c.png", decomposed)
    assert found.notes == ("2 file names spelled differently on the disk",)


@pytest.mark.parametrize("name", ["../out.png", "/etc/hostname", "deep/../../out.png", ".."])
def test_files_outside_of_the_folder_are_refused(tmp_path, name):
    """Whether they are there or not."""
    (tmp_path / "out.png").touch()

    error = refused(table_of(tmp_path / "in", ["a.png,x", f"{name},y"]))

    assert error.error_id == "E-MANIFEST-PATH"
    assert str(error).splitlines()[1:] == [f"  line 3: {name}"]


def test_a_link_that_leads_outside_is_refused(tmp_path):
    """A link to a file, and a file in a linked folder."""
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "x.png").touch()
    table = table_of(tmp_path / "in", ["link.png,x", "folder/x.png,y", "near.png,y"])
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "far" / "x.png")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "far")
    (tmp_path / "in" / "near.png").symlink_to("a.png")

    assert str(refused(table)).splitlines()[1:] == ["  line 2: link.png", "  line 3: folder/x.png"]


def test_a_folder_that_is_itself_linked_may_be_named(tmp_path):
    table_of(tmp_path / "in", ["a.png,x", "b.png,y"])
    (tmp_path / "link").symlink_to(tmp_path / "in")

    assert read_manifest(tmp_path / "link" / "table.csv").names == ("a.png", "b.png")


def test_missing_files_are_listed_at_once(tmp_path):
    """A folder is no file; a pipe is none either; an empty cell names nothing."""
    os.mkfifo(tmp_path / "pipe.png")

    error = refused(table_of(tmp_path, ["a.png,x", "none.png,y", "deep,y", "pipe.png,y", ",y", f"{'x' * 300},y"]))

    assert error.error_id == "E-MANIFEST-MISSING"
    assert "5 of 6 files are missing" in str(error)
    assert str(error).splitlines()[1:5] == [
        "  line 3: none.png",
        "  line 4: deep",
        "  line 5: pipe.png",
        "  line 6: no name",
    ]


def test_a_file_in_two_rows_is_refused(tmp_path):
    """Also in two spellings: it could be learnt and tested."""
    error = refused(table_of(tmp_path, ["a.png,x", "b.png,y", "./a.png,x"]))

    assert error.error_id == "E-MANIFEST-TWICE"
    assert str(error).splitlines()[1:] == ["  a.png: lines 2, 4"]


@pytest.mark.parametrize(
    ("rows", "error_id"),
    [(["a.png,x", "b.png,x"], "E-LABEL-SINGLE"), (["a.png,", "b.png,x"], "E-LABEL-MISSING"), ([], "E-CSV-EMPTY")],
)
def test_labels_are_checked(tmp_path, rows, error_id):
    assert refused(table_of(tmp_path, rows)).error_id == error_id


def test_a_missing_column_is_named(tmp_path):
    error = refused(table_of(tmp_path, ["a.png,x"], "file,label"), group_column="patient")

    assert error.error_id == "E-CSV-COLUMN"
    assert "'path'" in str(error)


def test_an_empty_path_is_a_config_error():
    with pytest.raises(ConfigError) as caught:
        read_manifest("")
    assert caught.value.error_id == "E-CONFIG-PATH"


def test_encoding_and_delimiter_are_passed_on(tmp_path):
    table = table_of(tmp_path, [])
    table.write_bytes("path;label\na.png;été\nb.png;x\n".encode("latin-1"))

    assert read_manifest(table, encoding="latin-1", delimiter=";").labels == ("x", "été")
