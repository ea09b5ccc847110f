"""Duplicate images."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from images import encoded, folder_of, noise
from PIL import Image

from visiontk.data import image_folder, image_table
from visiontk.data.checks.copies import check_copies
from visiontk.errors import ConfigError, DataError


def split_of(root, n=6):
    for i, part in enumerate(("train", "test")):
        for name in ("cat", "dog"):
            folder = root / part / name
            folder.mkdir(parents=True)
            for j in range(n):
                noise(12, 10, seed=1000 * i + 100 * (name == "dog") + j).save(folder / f"{j}.png")
    return root


def refused(path, read=image_folder, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        read(str(path), **options)
    return caught.value


@pytest.mark.parametrize("again", ["copied", "encoded"])
def test_an_image_in_train_and_test_is_refused(tmp_path, again):
    """The same file, or the same pixels in another file."""
    split_of(tmp_path)
    source = tmp_path / "train" / "cat" / "0.png"
    if again == "copied":
        shutil.copy(source, tmp_path / "test" / "cat" / "x.png")
    else:
        (tmp_path / "test" / "cat" / "x.bmp").write_bytes(encoded(Image.open(source), "BMP"))

    error = refused(tmp_path)

    assert (error.error_id, error.exit_code) == ("E-LEAK-EXACT", 3)
    assert "2 images are copies in two parts of the split" in str(error)
    assert "test/cat/x." in str(error)
    assert "leak: warn" in error.hint


def test_leak_warn_notes_the_copies(tmp_path):
    """Published datasets such as CIFAR-10 have some."""
    split_of(tmp_path)
    shutil.copy(tmp_path / "train" / "cat" / "0.png", tmp_path / "test" / "cat" / "x.png")

    notes = image_folder(str(tmp_path), leak="warn").card.notes

    assert "1 images are copies of another: test/cat/x.png = train/cat/0.png" in notes
    assert any(note.startswith("2 images are copies in two parts") for note in notes)


def test_copies_within_one_part_are_noted(tmp_path):
    """They count twice in every metric."""
    folder_of(tmp_path, {"cat": 6, "dog": 6})
    shutil.copy(tmp_path / "cat" / "000.png", tmp_path / "cat" / "x.png")

    assert "1 images are copies of another: cat/000.png = cat/x.png" in image_folder(str(tmp_path)).card.notes


def test_many_images_with_two_labels_are_refused(tmp_path):
    """Two of 13 images are refused; two of 201 are noted."""
    folder_of(tmp_path / "few", {"cat": 6, "dog": 6})
    folder_of(tmp_path / "many", {"cat": 100, "dog": 100})
    for name in ("few", "many"):
        shutil.copy(tmp_path / name / "cat" / "000.png", tmp_path / name / "dog" / "x.png")

    error = refused(tmp_path / "few")

    assert error.error_id == "E-LABEL-CONFLICT"
    assert error.message.splitlines()[1:] == ["  cat/000.png = dog/x.png"]
    notes = image_folder(str(tmp_path / "many")).card.notes
    assert "2 images are copies under different labels: cat/000.png = dog/x.png" in notes


def test_copies_in_a_table_are_refused(tmp_path):
    """Published folds count as parts."""
    split_of(tmp_path)
    shutil.copy(tmp_path / "train" / "cat" / "0.png", tmp_path / "test" / "cat" / "x.png")
    names = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png"))
    rows = [f"{name},{name.split('/')[1]},fold {'12'[name.startswith('test')]}" for name in names]
    (tmp_path / "a.csv").write_text("\n".join(["path,label,part", *rows]))

    assert refused(tmp_path / "a.csv", image_table, part_column="part").error_id == "E-LEAK-EXACT"
    assert image_table(str(tmp_path / "a.csv")).parts is None
    assert len(image_table(str(tmp_path / "a.csv"), part_column="part", leak="warn")) == 25


def test_uniform_images_are_not_copies(tmp_path):
    """They are counted separately."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(5):
            Image.new("L", (9, 9), 255).save(tmp_path / name / f"{i}.png")

    assert [note for note in image_folder(str(tmp_path)).card.notes if "cop" in note] == []


def test_many_copies_are_counted_with_three_examples():
    names = [f"{i}" for i in range(1000)]

    notes = check_copies([[i, i + 500] for i in range(8)], names, np.zeros(1000, np.int64), None, "here")

    assert notes == ["8 images are copies of another: 0 = 500, 1 = 501, 2 = 502 and 5 more"]


def test_an_unknown_leak_policy_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="leak: 'ignore', expected refuse or warn"):
        image_folder(str(tmp_path), leak="ignore")  # type: ignore[arg-type]
