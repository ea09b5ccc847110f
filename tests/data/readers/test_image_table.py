"""Tables of images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from images import folder_of, noise

from visiontk.core import parameters
from visiontk.data import image_folder, image_table, official_or, stratified_folds
from visiontk.errors import ConfigError, DataError


def table_of(root: Path, n: int = 6, *, mode: str = "L", columns: dict[str, list[str]] | None = None) -> Path:
    """Write two class folders of n images each, and a table of them."""
    folder_of(root, {"cat": n, "dog": n}, mode)
    names = [f"{label}/{i:03d}.png" for label in ("cat", "dog") for i in range(n)]
    cells = {"path": names, "label": [name.split("/")[0] for name in names]} | (columns or {})
    rows = [",".join(cells), *map(",".join, zip(*cells.values(), strict=True))]
    (root / "pets.csv").write_text("\n".join(rows))
    return root / "pets.csv"


def refused(path, kind=DataError, **options) -> DataError:
    with pytest.raises(kind) as caught:
        image_table(str(path), **options)
    return caught.value


def test_a_table_gives_the_same_images_as_a_folder(tmp_path):
    """Both use the same reader; the order of the rows is that of the table."""
    table = table_of(tmp_path)
    folder = image_folder(str(tmp_path), size=9)

    samples = image_table(str(table), size=9)

    assert samples.ids.tolist() == folder.ids.tolist()
    assert samples.labels == folder.labels == ("cat", "dog")
    assert samples.y.tolist() == folder.y.tolist()
    np.testing.assert_array_equal(samples.take(np.arange(12)), folder.take(np.arange(12)))
    assert (samples.card.name, samples.card.origin) == ("pets", "own")
    assert "images of 12x10 pixels read at 9x9, aspect kept by a border" in samples.card.notes


def test_its_arguments_are_the_config_schema():
    arguments = parameters(image_table)

    assert arguments.pop("path") == ""
    shared = parameters(image_folder)
    assert {name: value for name, value in arguments.items() if name in shared} == {
        name: value for name, value in shared.items() if name not in ("path", "label", "split", "group")
    }
    assert {name for name in arguments if name not in shared} == {
        "path_column", "files_folder", "label_column", "group_column", "part_column", "encoding", "delimiter",
        "header", "time_column",
    }  # fmt: skip


def test_images_in_memory_and_on_disk_are_equal(tmp_path, monkeypatch):
    table = table_of(tmp_path, mode="RGB")
    held = image_table(str(table), size=9)
    monkeypatch.setattr("visiontk.data.readers.image_files.MEMORY_LIMIT", 0)
    streamed = image_table(str(table), size=9)

    np.testing.assert_array_equal(held.take([7, 0, 7]), streamed.take([7, 0, 7]))
    assert held.card == streamed.card


def test_a_group_is_in_one_part_of_every_fold(tmp_path):
    """The column prevents that a patient is in the training and the test set."""
    people = [f"p{i % 12 // 2}" for i in range(24)]
    table = table_of(tmp_path, 12, columns={"person": people})

    samples = image_table(str(table), group_column="person")

    assert samples.groups.tolist() == people
    for fold in stratified_folds(samples, 3, 0):
        assert not set(samples.groups[fold.train]) & set(samples.groups[fold.test])


def test_the_part_column_defines_the_split(tmp_path):
    """As published."""
    split = (["train"] * 5 + ["test"]) * 2
    table = table_of(tmp_path, columns={"split": split})

    samples = image_table(str(table), part_column="split")

    (fold,) = official_or(stratified_folds)(samples, 1, 0)
    assert [len(fold.train) + len(fold.valid), len(fold.test)] == [10, 2]


def test_a_split_without_a_test_set_is_refused(tmp_path):
    table = table_of(tmp_path, columns={"split": ["train"] * 11 + ["valid"]})

    error = refused(table, part_column="split")

    assert error.error_id == "E-SPLIT-PARTS"
    assert "no image is in test" in str(error)


def test_a_class_missing_from_the_test_set_is_noted_and_from_the_training_set_refused(tmp_path):
    noted = table_of(tmp_path / "a", columns={"split": ["train"] * 5 + ["test"] + ["train"] * 6})
    bad = table_of(tmp_path / "b", columns={"split": ["train"] * 6 + ["test"] * 6})

    assert "classes without test samples: dog" in image_table(str(noted), part_column="split").card.notes
    error = refused(bad, part_column="split")
    assert error.error_id == "E-SPLIT-CLASS"
    assert "dog: 0" in str(error)


def test_published_folds_may_have_any_names(tmp_path):
    table = table_of(tmp_path, columns={"fold": ["1", "2", "3"] * 4})

    samples = image_table(str(table), part_column="fold", min_per_class=6)

    assert len(official_or(stratified_folds)(samples, 3, 0)) == 3


def test_a_class_with_too_few_images_is_refused(tmp_path):
    table = table_of(tmp_path, 4)

    assert refused(table).error_id == "E-SPLIT-CLASS"
    assert len(image_table(str(table), min_per_class=4)) == 8


def test_unreadable_files_are_refused_or_skipped(tmp_path):
    """As for a folder."""
    table = table_of(tmp_path, 50)
    (tmp_path / "cat" / "003.png").write_bytes(b"")

    assert refused(table).error_id == "E-DATA-DECODE"
    samples = image_table(str(table), on_bad_file="skip", size=9)
    assert len(samples) == 99
    assert "cat/003.png" not in samples.ids
    assert samples.y.tolist() == [0] * 49 + [1] * 50
    assert "1 unreadable files skipped: cat/003.png: empty file" in samples.card.notes
    full = image_folder(str(tmp_path), size=9, on_bad_file="skip")
    np.testing.assert_array_equal(samples.take(np.arange(99)), full.take(np.arange(99)))


@pytest.mark.parametrize("change", ["label", "group", "split", "image"])
def test_the_fingerprint_covers_everything_in_the_table(tmp_path, change):
    """Unlike in a folder, class, group and part are not in the file name."""
    columns = {"person": [f"p{i}" for i in range(12)], "split": (["train"] * 5 + ["test"]) * 2}
    options = {"group_column": "person", "part_column": "split", "min_per_class": 1}
    table = table_of(tmp_path, columns=columns)
    before = image_table(str(table), **options).card.fingerprint
    assert image_table(str(table), **options).card.fingerprint == before
    rows = table.read_text().splitlines()
    if change == "label":
        rows[1] = rows[1].replace(",cat,", ",dog,")
    elif change == "group":
        rows[1] = rows[1].replace(",p0,", ",p1,")
    elif change == "split":
        rows[1] = rows[1].replace(",train", ",valid")
    else:
        noise(seed=99).save(tmp_path / "cat" / "000.png")
    table.write_text("\n".join(rows))

    assert image_table(str(table), **options).card.fingerprint != before


def test_a_moved_table_has_the_same_fingerprint(tmp_path):
    """The fingerprint does not depend on the path."""
    before = image_table(str(table_of(tmp_path / "a"))).card.fingerprint
    (tmp_path / "a").rename(tmp_path / "b")

    assert image_table(str(tmp_path / "b" / "pets.csv")).card.fingerprint == before


@pytest.mark.parametrize(("options", "words"), [({"size": 0}, "size: 0"), ({"color": "gray"}, "color: 'gray'")])
def test_arguments_out_of_range_are_refused(tmp_path, options, words):
    with pytest.raises(ConfigError, match=words):
        image_table(str(tmp_path / "pets.csv"), **options)


def test_reading_does_not_modify_files(tmp_path):
    table = table_of(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in [tmp_path, *tmp_path.rglob("*")]}

    image_table(str(table)).take([0])

    assert {path: path.stat().st_mtime_ns for path in [tmp_path, *tmp_path.rglob("*")]} == before
