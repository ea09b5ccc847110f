"""Each row of the table in docs/own_data.md, typed on data as it describes them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from making import CASES
from typist import check_hints, check_plan, typed

PAGE = Path(__file__).parents[2] / "docs" / "own_data.md"

ROWS = {
    "`cat/1.png`, `dog": ["pet_images", "caltech101", "bbc"],
    "`Training/cat`": ["split_folders-english", "split_folders-chinese", "intel_scenes"],
    "`cat/train/1.png`": ["split_folders-inside"],
    "`fold1/cat` to": ["published_folds-fold", "published_folds-inside"],
    "`train/cat`, `val/cat`": ["imagenet_sorted", "cats_and_dogs_filtered"],
    "`train/cat` and a flat": ["imagenet", "flat_test_set"],
    "`train` alone": ["train_alone-train"],
    "`train`, `test` and": ["split_beside-extra"],
    "`fold1/train/cat`": ["splits_in_folds"],
    "`yes`, `no`": ["copy_inside-brain"],
    "hospitals": ["idc_patients"],
    "class folders that hold": ["by_year"],
    "a class called": ["class_called_train"],
    "folders that are only": ["numbered_folders-part"],
    "`train/pos`": ["acl_imdb", "brain_br35h"],
    "classes in file names": ["dogs_vs_cats-kaggle", "oxford_pets"],
    "codes in file names": ["ravdess"],
    "names of cameras": ["camera_names-camera", "camera_names-browser"],
    "texts beside images": ["captions"],
    "text files without": ["newsgroups_by_date"],
    "`.heic`": ["unread_files-warned"],
    "a class folder that is a link": ["linked_class"],
    "a table beside": ["table_beside-csv", "fsd_kaggle"],
    "a table whose files": ["files_elsewhere-files"],
    "absolute paths": ["paths_of_another_computer-windows", "files_elsewhere-below"],
    "identifiers": ["aptos", "dataframe_without_suffix"],
    "a competition": ["digit_recognizer", "disaster_tweets"],
    "`train.csv`": ["tables_of_a_split-csv", "tables_of_a_split-jsonl", "tables_of_a_split-parquet", "sst2"],
    "`train/metadata.csv`": ["hf_audiofolder"],
    "class folders, and tables": ["eurosat", "ham10000"],
    "several tables": ["unrelated_tables"],
    "a column of folds": ["esc50-esc50", "urbansound8k"],
    "images or recordings inside": ["images_in_parquet-images", "images_in_parquet-bytes"],
    "`fer2013.csv`": ["pixel_strings-kaggle"],
    "`mnist.csv`": ["mnist_csv", "emnist"],
    "arrays: ": ["arrays_with_a_split-keras"],
    "arrays of recordings": ["arrays_of_recordings-npz_recordings", "flat_images-chw", "normalised"],
    "a DataFrame": [],  # see tests/api/test_python_objects.py
    "a table of texts": ["imdb_csv"],
    "a title": ["title_and_text-news"],
    "two other texts": ["quora_pairs"],
    "a table whose first": ["no_header"],
    "a spreadsheet": ["sms_spam_kaggle"],
    "JSON, one": ["news_category-lines", "news_category-records"],
    "a table called": ["emotions_txt", "sms_spam_uci-spam"],
    "one-hot": ["isic"],
    "lists or several": ["several_labels-lists", "several_labels-marks"],
    "ages, prices": ["measured-ages"],
    "columns of measurements": ["numbers_only-iris"],
    "boxes": ["coco", "yolo"],
    "WAV written": ["streamed_sounds"],
    "scans in class": ["class_folders_of_scans-nii"],
    "volumes with NaN": ["volumes-gz"],
    "a volume with": ["volumes-nii"],
    "an archive": ["archives-zip"],
}
"""Layouts for each row, by its beginning."""


def rows() -> list[tuple[str, str]]:
    """Return the first two columns of the table."""
    section = PAGE.read_text(encoding="utf-8").split("## What you have, what to type")[1].split("\n## ")[0]
    cells = (re.split(r"(?<!\\)\|", line) for line in section.splitlines() if line.startswith("| "))
    return [(row[1].strip(), row[2].strip()) for row in cells][1:]


def test_every_row_is_typed() -> None:
    assert {next((key for key in ROWS if have.startswith(key)), have) for have, _ in rows()} == set(ROWS)


@pytest.mark.parametrize(("have", "types"), rows(), ids=[have[:30] for have, _ in rows()])
def test_the_command_of_a_row_can_be_typed(
    have: str, types: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives a plan; where the row only names what is printed, so do the hints."""
    monkeypatch.setenv("COLUMNS", "1000")
    for name in next(cases for key, cases in ROWS.items() if have.startswith(key)):
        folder = tmp_path / name
        folder.mkdir()
        CASES[name].make(folder)
        command = re.fullmatch(r"`((?:DIR|TABLE).*)`", types)
        if command is None:
            end = typed(str(folder))
            assert end.plan is None, end.says
            assert check_hints(end, folder), end.text
            continue
        target, *options = shlex.split(command[1])
        place = str(table_in(folder)) if target == "TABLE" else target.replace("DIR", str(folder))
        place = re.sub(r"/brain$", "/brain_tumor_dataset", place)
        end = typed(place, *(option.replace("FOLDER", str(tmp_path / "store")) for option in options))
        assert end.plan is not None, end.text
        check_plan(end.plan)


def table_in(folder: Path) -> Path:
    """Return the table of the training set, or the largest one."""
    tables = [each for each in folder.rglob("*") if each.suffix in (".csv", ".tsv", ".jsonl", ".parquet")]
    return max(tables, key=lambda each: ("Truth" in each.name, "train" in each.name.lower(), each.stat().st_size))
