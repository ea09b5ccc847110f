"""Files inside of Parquet tables."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.data import image_table
from visiontk.data.formats.image import read_file
from visiontk.data.formats.tables import read_parquet
from visiontk.data.readers.audio_folder import audio_table
from visiontk.errors import DataError

pa = pytest.importorskip("pyarrow")

RECORD = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def picture(i: int) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    pixels = np.random.default_rng(i).integers(100 * (i % 2), 100 + 100 * (i % 2), (9, 9, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def written(path: Path, columns: dict[str, Any], metadata: dict[bytes, bytes] | None = None) -> Path:
    from pyarrow import parquet

    parquet.write_table(pa.table(columns).replace_schema_metadata(metadata), path, row_group_size=4)
    return path


@pytest.mark.parametrize("form", ["record", "binary", "no path"])
def test_images_in_a_column_are_read_as_from_files(tmp_path: Path, form: str) -> None:
    """As records of bytes and path, with or without path, or as bytes."""
    contents = [picture(i) for i in range(12)]
    records = [{"bytes": each, "path": f"{i}.png" if form == "record" else None} for i, each in enumerate(contents)]
    column = pa.array(contents, pa.binary()) if form == "binary" else pa.array(records, RECORD)
    path = written(tmp_path / "a.parquet", {"the image": column, "label": [i % 2 for i in range(12)]})

    samples = image_table(str(path), path_column="the image", size=9)

    assert samples.ids[0] == "a.parquet/the%20image/000000.png"
    assert samples.take([3]).shape == (1, 9, 9, 3)
    assert read_file(tmp_path / samples.ids[5]) == contents[5]


def test_images_beyond_memory_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    column = pa.array([picture(i) for i in range(12)], pa.binary())
    path = written(tmp_path / "a.parquet", {"image": column, "label": [i % 2 for i in range(12)]})
    held = image_table(str(path), path_column="image", size=9)
    monkeypatch.setattr("visiontk.data.readers.image_files.MEMORY_LIMIT", 0)

    np.testing.assert_array_equal(image_table(str(path), path_column="image", size=9).take([7, 0]), held.take([7, 0]))


def test_recordings_in_a_column_are_read(tmp_path: Path) -> None:
    import soundfile

    def tone(i: int) -> bytes:
        stream = io.BytesIO()
        soundfile.write(stream, np.sin((0.1 + i % 2) * np.arange(4000 + i)), 8_000, format="WAV")
        return stream.getvalue()

    column = pa.array([{"bytes": tone(i), "path": None} for i in range(12)], RECORD)
    path = written(tmp_path / "a.parquet", {"audio": column, "label": [i % 2 for i in range(12)]})

    samples = audio_table(str(path), path_column="audio", sample_rate=8_000, duration_s=0.5)

    assert samples.take([0]).shape == (1, 4000, 1)


def test_numbers_of_classes_become_their_names(tmp_path: Path) -> None:
    """As stored by the library datasets."""
    features = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}, "text": {"_type": "Value"}}
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    path = written(tmp_path / "a.parquet", {"text": ["a", "b", "c"], "label": [0, 1, -1]}, metadata)

    assert read_parquet(path).columns["label"] == ["cat", "dog", "-1"]


def test_bytes_of_texts_stay_texts(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", {"text": pa.array([b"it barks", b"it mews"], pa.binary()), "label": [0, 1]})

    assert read_parquet(path).columns["text"] == ["it barks", "it mews"]


def test_a_row_beyond_the_end_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet", {"image": pa.array([picture(0)], pa.binary())})

    with pytest.raises(DataError, match="no such file in the Parquet table"):
        read_file(path / "image/000009.png")
