"""Folders with a table for each part of a split."""

from __future__ import annotations

from pathlib import Path

import pytest

from visiontk.data.layouts.manifest import read_manifest
from visiontk.data.layouts.part_tables import join_tables, read_part_tables, read_user_table, table_names
from visiontk.data.options import NamedFiles, TableColumns
from visiontk.errors import DataError


def table(folder: Path, name: str, head: str = "text,label", n: int = 3) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = {"text": "it is {0} of " + name, "label": "c{1}", "path": "{0}.png", "id": "{0}"}
    rows = [",".join(cells[key].format(i, i % 2) for key in head.split(",")) for i in range(n)]
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def test_tables_of_a_split_are_joined_with_a_column_of_parts(tmp_path: Path) -> None:
    """A line is known by its table."""
    for name in ("train.csv", "dev-valid.csv", "test.csv"):
        table(tmp_path, name)

    result = read_user_table(tmp_path, "text", label="label")

    assert result.columns["split"] == ["valid"] * 3 + ["test"] * 3 + ["train"] * 3
    assert result.lines[0] == "2 of dev-valid.csv"
    assert result.sources == (("dev-valid.csv", 3), ("test.csv", 3), ("train.csv", 3))


def test_tables_in_folders_called_like_parts_are_joined(tmp_path: Path) -> None:
    """Each names files in its own folder."""
    for part in ("train", "test"):
        table(tmp_path, f"{part}/metadata.csv", "path,label")
        for i in range(3):
            (tmp_path / part / f"{i}.png").touch()

    manifest = read_manifest(tmp_path, columns=TableColumns(part_column="split"))

    assert manifest.root == tmp_path
    assert manifest.names[:2] == ("test/0.png", "test/1.png")
    assert manifest.parts is not None
    assert manifest.parts.tolist() == ["test"] * 3 + ["train"] * 3


def test_numbers_of_files_that_recur_are_sought_in_the_folder_of_the_part(tmp_path: Path) -> None:
    for part in ("train", "test"):
        table(tmp_path, f"{part}.csv", "id,label")
        (tmp_path / f"{part}_images").mkdir()
        for i in range(3):
            (tmp_path / f"{part}_images" / f"{i}.png").touch()

    manifest = read_manifest(tmp_path, NamedFiles("id"))

    assert manifest.names[::3] == ("test_images/0.png", "train_images/0.png")


@pytest.mark.parametrize("head", ["text", "text,label"])
def test_a_table_without_labels_is_ignored_and_noted(tmp_path: Path, head: str) -> None:
    """Without the column, or with -1 in every row as in benchmarks."""
    table(tmp_path, "train.csv")
    path = table(tmp_path, "test.csv", head)
    path.write_text(path.read_text().replace("c0", "-1").replace("c1", "-1"))

    result = join_tables(read_part_tables(tmp_path), "label")

    assert (result.names, len(result.table)) == (("train.csv",), 3)
    assert result.notes == ("test.csv ignored: no label",)
    assert "split" not in result.table.columns


def test_without_a_labelled_test_set_the_validation_set_takes_its_place(tmp_path: Path) -> None:
    for name, head in (("train.csv", "text,label"), ("validation.csv", "text,label"), ("test.csv", "text")):
        table(tmp_path, name, head)

    result = join_tables(read_part_tables(tmp_path), "label")

    assert set(result.table.columns["split"]) == {"train", "test"}
    assert result.notes[-1] == "the validation set is the test set, as no other is labelled"


def test_answers_to_a_competition_and_second_forms_are_no_tables(tmp_path: Path) -> None:
    """The same rows are often published as CSV and as JSON lines."""
    for name in ("train.csv", "test.csv", "sample_submission.csv"):
        table(tmp_path, name)
    (tmp_path / "train.jsonl").write_text('{"text": "a", "label": 1}\n')

    assert table_names(tmp_path) == ["test.csv", "train.csv"]


def test_only_columns_of_all_tables_are_kept(tmp_path: Path) -> None:
    table(tmp_path, "train.csv", "id,text,label")
    table(tmp_path, "test.csv", "text,label")

    assert list(read_user_table(tmp_path, label="label").columns) == ["text", "label", "split"]
    with pytest.raises(DataError, match="no column 'id'"):
        read_user_table(tmp_path, "id", label="label")


def test_a_folder_without_a_training_set_is_refused(tmp_path: Path) -> None:
    table(tmp_path, "test.csv")

    with pytest.raises(DataError, match="without a table for the training set"):
        read_user_table(tmp_path)
