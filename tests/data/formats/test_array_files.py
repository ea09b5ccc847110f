"""Images and classes in files of arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.data import image_table
from visiontk.data.formats.array_files import read_arrays
from visiontk.errors import ConfigError, DataError


def images(n: int = 12, shape: tuple[int, ...] = (9, 9, 3)) -> Any:
    return np.random.default_rng(0).integers(0, 256, (n, *shape)).astype(np.uint8)


def y(n: int = 12) -> Any:
    return np.arange(n) % 2


@pytest.mark.parametrize(
    ("x", "labels"), [("x", "y"), ("X", "Y"), ("images", "labels"), ("data", "target"), ("arr_0", "arr_1")]
)
def test_inputs_and_classes_are_paired_by_their_names(tmp_path: Path, x: str, labels: str) -> None:
    np.savez(tmp_path / "a.npz", **{x: images(), labels: y()})

    table = read_arrays(tmp_path / "a.npz")

    assert table.columns["image"][1] == f"a.npz/{x}/000001.png"
    assert table.columns["label"] == ["0", "1"] * 6
    assert "split" not in table.columns


@pytest.mark.parametrize("form", ["x_train y_train x_test y_test", "xtrain ytrain xtest ytest",
                                  "train_images train_labels test_images test_labels"])  # fmt: skip
def test_names_of_parts_are_the_split(tmp_path: Path, form: str) -> None:
    values = [images(8), y(8), images(4), y(4)]
    np.savez(tmp_path / "a.npz", **dict(zip(form.split(), values, strict=True)))

    assert read_arrays(tmp_path / "a.npz").columns["split"] == ["train"] * 8 + ["test"] * 4


def test_images_equal_the_arrays(tmp_path: Path) -> None:
    """Bytes as they are; fractions times 255; channels first; one channel; flat squares."""
    pixels, grey = images(), images(shape=(9, 9))
    for name, x, expected in (
        ("rgb", pixels, pixels),
        ("fractions", (pixels / 255).astype(np.float32), pixels),
        ("first", np.moveaxis(pixels, -1, 1), pixels),
        ("grey", grey, grey[..., None]),
        ("one", grey[..., None], grey[..., None]),
        ("flat", grey.reshape(12, 81), grey[..., None]),
        ("int", grey.astype(np.int64), grey[..., None]),
    ):
        np.savez(tmp_path / f"{name}.npz", x=x, y=y())

        samples = image_table(str(tmp_path / f"{name}.npz"), path_column="image", size=9)

        np.testing.assert_array_equal(samples.take(np.arange(12)), expected)


def test_single_arrays_in_a_folder_belong_together(tmp_path: Path) -> None:
    for name, value in (("x_train", images(10)), ("y_train", y(10)), ("x_test", images(14)[10:]), ("y_test", y(4))):
        np.save(tmp_path / f"{name}.npy", value)

    samples = image_table(str(tmp_path / "x_train.npy"), path_column="image", part_column="split", size=9)

    assert len(samples) == 14
    assert samples.parts is not None


def test_hdf5_is_read(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"], file["labels"] = images(), y()

    assert len(image_table(str(tmp_path / "a.h5"), path_column="image", size=9)) == 12


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.eye(2)[y()], ["0", "1"]),
        (y()[:, None], ["0", "1"]),
        (y().astype(float), ["0", "1"]),
        (np.array(["cat", "dog"])[y()], ["cat", "dog"]),
        (np.array([b"cat", b"dog"])[y()], ["cat", "dog"]),
    ],
)
def test_classes_may_be_numbers_texts_or_one_hot_rows(tmp_path: Path, labels: Any, expected: list[str]) -> None:
    np.savez(tmp_path / "a.npz", x=images(), y=labels)

    assert read_arrays(tmp_path / "a.npz").columns["label"][:2] == expected


def test_texts_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", texts=np.array(["it barks", "it mews"]), labels=np.array([0, 1]))

    assert read_arrays(tmp_path / "a.npz").columns["text"] == ["it barks", "it mews"]


@pytest.mark.parametrize(
    ("arrays", "error_id", "message"),
    [
        ({"x": images()}, "E-GUESS-INPUT", r"arrays x \(12, 9, 9, 3\)"),
        ({"x": images(), "y": np.ones((12, 2))}, "E-DATA-SHAPE", "one class for each row"),
        ({"x": images(), "y": y(11)}, "E-DATA-SHAPE", "12 rows in x, but 11 in y"),
        ({"x": np.zeros((12, 5)), "y": y()}, "E-DATA-SHAPE", "no images"),
        ({"x": images() - 128.0, "y": y()}, "E-DATA-RANGE", "expected 0 to 255 or 0 to 1"),
    ],
)
def test_other_arrays_are_refused(tmp_path: Path, arrays: dict[str, Any], error_id: str, message: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)

    with pytest.raises((ConfigError, DataError), match=message) as caught:
        read_arrays(tmp_path / "a.npz")

    assert caught.value.error_id == error_id
    assert caught.value.hint
