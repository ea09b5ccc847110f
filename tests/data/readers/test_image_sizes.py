"""The size at which learners see images, chosen from the data."""

from __future__ import annotations

import numpy as np
import pytest
from images import encoded, folder_of, noise
from PIL import Image
from scans import dicom, table

from visiontk.data import image_folder, image_table, read_image
from visiontk.data.formats.image import image_size
from visiontk.data.options import ScanOptions, WholeImageOptions, check_options
from visiontk.data.readers import image_sizes
from visiontk.data.readers.image_sizes import LIMITS, Sizes, chosen_side, planned, sizes_in
from visiontk.errors import ConfigError


def photos(root, sizes):
    """Write one class folder for each half of the images."""
    for i, (width, height) in enumerate(sizes):
        path = root / "ab"[i % 2] / f"{i:03d}.png"
        path.parent.mkdir(exist_ok=True)
        noise(width, height, seed=i).save(path)
    return str(root)


@pytest.mark.parametrize(
    ("sizes", "side"),
    [([(28, 28)] * 10, 28), ([(300, 200)] * 10, LIMITS[1]), ([(30, 20)] * 6 + [(90, 90)] * 4, 20), ([(5, 4)] * 10, 8)],
)
def test_the_side_is_the_median_of_the_shorter_sides_within_limits(tmp_path, sizes, side):
    """Small images are not enlarged, but to the 8 pixels that learners need."""
    samples = image_folder(photos(tmp_path, sizes))

    assert samples.take([0]).shape == (1, side, side, 3)
    assert samples.card.shorter_side == int(np.median([min(pair) for pair in sizes]))


def test_a_given_size_is_kept(tmp_path):
    assert image_folder(photos(tmp_path, [(28, 28)] * 10), size=40).take([0]).shape == (1, 40, 40, 3)


@pytest.mark.parametrize("aspect", ["pad", "crop", "stretch"])
def test_the_aspect_is_as_asked_for_and_noted(tmp_path, aspect):
    """In memory and again from the files; each is another data set."""
    path = photos(tmp_path, [(40, 20)] * 10)

    samples = image_folder(path, aspect=aspect)

    expected = read_image(tmp_path / samples.ids[0], size=20, resize=aspect).pixels
    assert np.array_equal(samples.take([0])[0], expected)
    assert np.array_equal(samples.at_size(20).take([0])[0], expected)
    how = {"pad": "aspect kept by a border", "crop": "aspect kept by cropping to the middle",
           "stretch": "stretched to a square"}[aspect]  # fmt: skip
    assert samples.card.notes == (f"images of 40x20 pixels read at 20x20, {how}",)
    others = {image_folder(path, aspect=each).card.fingerprint for each in ("pad", "crop", "stretch")}
    assert len(others) == 3


def test_all_files_decide_or_as_many_as_are_looked_at(tmp_path, monkeypatch):
    """Spread over the list, as files of one kind lie together; headers are enough."""
    monkeypatch.setattr(image_sizes, "LOOKED_AT", 3)
    path = photos(tmp_path, [(20, 20)] * 4 + [(40, 40)] * 5)
    names = [f"{'ab'[i % 2]}/{i:03d}.png" for i in range(9)]

    sizes = sizes_in(tmp_path, names)

    assert sizes == Sizes(((20, 20), (40, 40), (40, 40)), 9)
    assert planned(sizes, 40, "pad") == "images of 20x20 to 40x40 pixels read at 40x40 (3 of 9 looked at)"
    assert path


def test_the_size_of_an_image_is_read_from_its_header(tmp_path):
    """Upright, as it is read; a truncated image still has a size, and a text has none."""
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "short.png").write_bytes(encoded(noise(40, 30))[:200])
    (tmp_path / "text.png").write_text("no image")

    for kind in ("jpg", "png", "tiff", "webp"):
        noise(40, 30).save(tmp_path / f"turned.{kind}", exif=exif)
        image = read_image(tmp_path / f"turned.{kind}")
        assert image_size(tmp_path / f"turned.{kind}") == image.pixels.shape[1::-1] == (image.width, image.height)
        assert (image.width, image.height) == (30, 40)
    assert image_size(tmp_path / "short.png") == (40, 30)
    assert image_size(tmp_path / "text.png") is None
    assert image_size(tmp_path / "none.png") is None


def test_pixels_in_a_table_have_their_own_size(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (10, 144))
    (tmp_path / "t.csv").write_text(
        "label,pixels\n" + "\n".join(f"{i % 2},{' '.join(map(str, row))}" for i, row in enumerate(x))
    )

    samples = image_table(str(tmp_path / "t.csv"), path_column="pixels")

    assert np.array_equal(samples.take(np.arange(10)).reshape(10, 144), x)


def test_scans_have_the_size_of_their_files(tmp_path):
    """At most the limit; the aspect is kept, and how is noted."""
    from visiontk.tasks.medical_imaging import TASK

    stored = [np.random.default_rng(i).integers(0, 4096, (24, 36)).astype(np.uint16) for i in range(10)]
    files = [(f"{i}.dcm", "ill" if i % 2 else "well", f"{i}") for i in range(10)]
    path = table(tmp_path, files, [dicom(each, patient=str(i)) for i, each in enumerate(stored)])

    samples = TASK.datasets["dicom"](path, patient_column="patient")

    assert samples.take([0]).shape == (1, 24, 24, 1)
    assert samples.card.shorter_side == 24
    assert "images of 36x24 pixels read at 24x24, aspect kept by a border" in samples.card.notes
    assert len(np.unique(samples.take([0])[0, :3])) == 1, "a border above"


@pytest.mark.parametrize("record", [ScanOptions, WholeImageOptions])
def test_medical_images_are_never_cropped(record):
    """A finding may lie at the edge."""
    with pytest.raises(ConfigError, match="aspect: 'crop', expected pad or stretch"):
        check_options(record(aspect="crop"))


@pytest.mark.parametrize(("size", "text"), [("large", "size: 'large', expected auto or a number"), (0, "size: 0")])
def test_a_wrong_size_is_refused(tmp_path, size, text):
    with pytest.raises(ConfigError, match=text):
        image_folder(str(folder_of(tmp_path, {"a": 5, "b": 5})), size=size)


def test_the_limits_hold_for_unknown_sizes() -> None:
    """Files that all fail are reported by the reader, not by the choice of a size."""
    assert chosen_side("auto", 0) == LIMITS[1]
    assert planned(Sizes((), 0), 64, "pad") == ""
