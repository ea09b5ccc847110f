"""Images as numbers in a table, for every image task."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.core import Samples
from visiontk.data.readers import image_files
from visiontk.data.readers.image_folder import image_table
from visiontk.data.recognise.records import Overrides
from visiontk.data.recognise.user_tables import recognise_table
from visiontk.errors import DataError
from visiontk.registry import get_task

USAGE = ("Training", "Training", "Training", "PublicTest", "PrivateTest")


def values_of(n: int, side: int = 9, channels: int = 1) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).integers(0, 256, (n, side, side, channels), dtype=np.uint8)


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def strings(path: Path, x: np.ndarray[Any, Any], separator: str = " ", form: str = "{}") -> str:
    rows = [(i % 3, form.format(separator.join(map(str, image.ravel()))), USAGE[i % 5]) for i, image in enumerate(x)]
    return write(path / "fer.csv", ("emotion", "pixels", "Usage"), rows)


@pytest.mark.parametrize("task", ["image_classification", "facial_expression", "medical_imaging"])
def test_every_image_task_reads_pixels_as_recognised(tmp_path: Path, task: str) -> None:
    """In the form of FER-2013, with its split."""
    x = values_of(60, 16)
    path = strings(tmp_path, x)

    result = recognise_table(path, Overrides())
    samples: Samples = get_task(task).dataset("csv")(
        path, size=16, path_column="pixels", label_column="emotion", part_column="Usage"
    )

    assert (result.kind, result.columns["path"], result.columns["label"]) == ("images", "pixels", "emotion")
    assert result.columns["part"] == "Usage"
    np.testing.assert_array_equal(samples.take(np.arange(60)), x)
    assert samples.y.tolist() == result.y.tolist() == [i % 3 for i in range(60)]
    assert samples.parts is not None
    assert samples.parts.tolist() == [("train", "train", "train", "valid", "test")[i % 5] for i in range(60)]
    assert samples.card.notes


@pytest.mark.parametrize(
    ("separator", "form"), [(" ", "{}"), (", ", "[{}]"), (",", "{}"), (";", "({})"), ("\n ", "[{}]")]
)
def test_numbers_may_be_separated_and_bracketed_in_several_ways(tmp_path: Path, separator: str, form: str) -> None:
    x = values_of(30)
    path = strings(tmp_path, x, separator, form)

    assert recognise_table(path, Overrides()).columns["path"] == "pixels"
    samples = image_table(path, size=9, path_column="pixels", label_column="emotion")
    np.testing.assert_array_equal(samples.take(np.arange(30)), x)


def test_three_colours_a_pixel_and_fractions_are_recognised(tmp_path: Path) -> None:
    x = values_of(30, channels=3)

    samples = image_table(strings(tmp_path, x / 255), size=9, path_column="pixels", label_column="emotion")

    np.testing.assert_array_equal(samples.take(np.arange(30)), x)
    assert "numbers 0 to 1 scaled to 0 to 255" in samples.card.notes


@pytest.mark.parametrize(("names", "channels"), [("pixel{0}", 1), ("pixel{0:04}", 3), ("{1}x{2}", 1)])
def test_one_column_for_each_pixel_is_recognised(tmp_path: Path, names: str, channels: int) -> None:
    """As in tables of MNIST."""
    x = values_of(30, channels=channels)
    header = [names.format(i, i // 9 + 1, i % 9 + 1) for i in range(81 * channels)]
    path = write(tmp_path / "a.csv", ["label", *header], [[i % 2, *image.ravel()] for i, image in enumerate(x)])

    result = recognise_table(path, Overrides())
    samples = image_table(path, size=9, path_column=result.columns["path"])

    assert result.columns["path"] == header[0]
    assert result.ids.tolist() == samples.ids.tolist()
    assert not [note for note in result.notes if "not used" in note]
    np.testing.assert_array_equal(samples.take(np.arange(30)), x)


def test_pixels_have_precedence_over_names_of_files(tmp_path: Path) -> None:
    """As in tables of ages, whose images are not beside them."""
    rows = [(f"{i}.jpg", "ab"[i % 2], " ".join(map(str, image.ravel()))) for i, image in enumerate(values_of(30))]
    path = write(tmp_path / "a.csv", ("img_name", "label", "pixels"), rows)

    assert recognise_table(path, Overrides()).columns["path"] == "pixels"


def test_all_rows_that_are_no_image_are_listed(tmp_path: Path) -> None:
    x = values_of(30)
    path = Path(strings(tmp_path, x))
    lines = path.read_text().splitlines()
    lines[3] = "0,1 2 3,Training"
    lines[7] = lines[7].replace(" ", " x", 1)
    lines[9] = lines[9].replace(" ", " 999 ", 1).replace(" 999 ", " 999", 1)
    path.write_text("\n".join(lines))

    with pytest.raises(DataError) as caught:
        image_table(str(path), size=9, path_column="pixels", label_column="emotion")

    assert caught.value.error_id == "E-DATA-DECODE"
    for line in ("line 4: 3 numbers, expected 81", "line 8: not only numbers", "line 10: "):
        assert line in caught.value.message


def test_images_in_memory_and_from_texts_are_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = strings(tmp_path, values_of(30, 9, 3))
    held = image_table(path, size=7, path_column="pixels", label_column="emotion")
    monkeypatch.setattr(image_files, "MEMORY_LIMIT", 0)
    streamed = image_table(path, size=7, path_column="pixels", label_column="emotion")

    np.testing.assert_array_equal(held.take([7, 0, 7]), streamed.take([7, 0, 7]))
    assert held.card == streamed.card


@pytest.mark.parametrize("cell", ["1 2 3", "a b c " * 30, "1 " * 70, "-1 " * 64])
def test_other_texts_are_no_pixels(tmp_path: Path, cell: str) -> None:
    """Too few numbers, words, no square, and negative numbers."""
    path = write(tmp_path / "a.csv", ("text", "label"), [(f"{cell}", "ab"[i % 2]) for i in range(30)])

    assert recognise_table(path, Overrides(text="text")).kind == "texts"
    assert recognise_table(path, Overrides()).kind == "texts"
