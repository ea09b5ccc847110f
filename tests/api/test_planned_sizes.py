"""A plan says at which size images will be read, and the reader does so."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visiontk.api.preview import preview_of
from visiontk.api.request import Request
from visiontk.api.rough_time import PIXELS, relative_size
from visiontk.core import read_dataset
from visiontk.registry import get_task

PHOTOS = "images of 40x30 pixels read at 30x30, aspect kept by a border"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes of ten photos of 40 x 30 pixels, and a table that names them."""
    rng = np.random.default_rng(0)
    rows = ["path,label"]
    for i in range(20):
        path = tmp_path / "photos" / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)).save(path)
        rows.append(f"{path.relative_to(tmp_path)},{path.parent.name}")
    (tmp_path / "table.csv").write_text("\n".join(rows))
    return tmp_path


@pytest.mark.parametrize("target", ["photos", "table.csv"])
@pytest.mark.parametrize("task", ["image_classification", "medical_imaging"])
def test_a_plan_names_the_sizes_and_the_reader_agrees(photos: Path, target: str, task: str) -> None:
    """Original sizes, the size for learners, and what happens to the aspect, without reading the images."""
    preview = preview_of(Request(str(photos / target), {"task": task, "preset": "quick"}))

    experiment = preview.prepared.experiment
    read = read_dataset(get_task(task).datasets[experiment.dataset], experiment.dataset_parameters)
    assert PHOTOS in preview.as_json()["notes"]
    assert PHOTOS in read.card.notes
    assert relative_size(preview.prepared.samples, {"size": "auto"}) == relative_size(read, {}) == 900 / PIXELS


@pytest.mark.parametrize(
    ("override", "note"),
    [
        ("dataset.size=16", "images of 40x30 pixels read at 16x16, aspect kept by a border"),
        ("dataset.aspect=crop", "images of 40x30 pixels read at 30x30, aspect kept by cropping to the middle"),
        ("dataset.aspect=stretch", "images of 40x30 pixels read at 30x30, stretched to a square"),
    ],
)
def test_a_plan_follows_the_settings(photos: Path, override: str, note: str) -> None:
    preview = preview_of(Request(str(photos / "photos"), {"preset": "quick"}, [override]))

    assert note in preview.as_json()["notes"]
