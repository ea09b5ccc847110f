"""The user's images read again at another size."""

from pathlib import Path

import numpy as np
import pytest
from images import folder_of, noise

from visiontk.core import Samples
from visiontk.data import image_folder, image_table, read_image
from visiontk.data.readers import image_files
from visiontk.data.readers.in_memory import Kept
from visiontk.errors import DataError


def test_files_are_decoded_again_at_another_size(tmp_path: Path) -> None:
    """The larger image has details that the smaller one lost, and follows the sample through a subset."""
    samples = image_folder(str(folder_of(tmp_path, {"a": 6, "b": 6})), size=4).subset([7, 2])

    larger = samples.at_size(10)

    expected = [read_image(tmp_path / name, size=10).pixels for name in samples.ids]
    assert np.array_equal(larger.take([0, 1]), np.stack(expected))
    assert samples.take([0]).shape == (1, 4, 4, 1)


@pytest.mark.parametrize("limit", [0, 1 << 30])
def test_it_is_the_same_whether_files_are_held_in_memory_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    """The limit decides about memory only; the number of channels is that of the first size."""
    folder_of(tmp_path, {"a": 6, "b": 6})
    noise(9, 9, "RGB").save(tmp_path / "a" / "colour.png")
    monkeypatch.setattr(image_files, "MEMORY_LIMIT", limit)

    samples = image_folder(str(tmp_path), size=5)

    assert samples.at_size(5).take([1]).shape == (1, 5, 5, 3)
    assert np.array_equal(samples.at_size(5).take([3, 0]), samples.take([3, 0]))


def test_a_file_that_changed_is_refused_at_another_size(tmp_path: Path) -> None:
    """Inputs of one comparison come from one state of the files."""
    samples = image_folder(str(folder_of(tmp_path, {"a": 5, "b": 5})), size=4)
    noise(12, 10, "L", seed=99).save(tmp_path / samples.ids[0])

    with pytest.raises(DataError, match="changed"):
        samples.at_size(8).take([0])


def test_pixels_in_a_table_are_read_at_another_size(tmp_path: Path) -> None:
    """They have a size of their own, and can be shrunk and restored."""
    x = np.random.default_rng(0).integers(0, 256, (10, 64))
    lines = [f"{i % 2},{' '.join(map(str, row))}" for i, row in enumerate(x)]
    (tmp_path / "t.csv").write_text("label,pixels\n" + "\n".join(lines))

    samples: Samples = image_table(str(tmp_path / "t.csv"), path_column="pixels", size=4)

    assert np.array_equal(samples.at_size(8).take([3])[0, ..., 0], x[3].reshape(8, 8))


def test_no_more_is_kept_than_the_limit() -> None:
    """Images beyond it are read again, and are the same."""
    calls: list[list[int]] = []

    def read(index: np.ndarray) -> np.ndarray:
        calls.append(index.tolist())
        return np.repeat(index[:, None].astype(np.uint8), 10, axis=1)

    kept = Kept(read, limit=20)
    first = [kept(np.array(index))[:, 0].tolist() for index in ([4, 5], [6], [4, 6, 4])]

    assert first == [[4, 5], [6], [4, 6, 4]]
    assert calls == [[4, 5], [6], [6]]
