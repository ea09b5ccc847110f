"""Published photos: small copies in the layouts of their publishers, and the published ones where they are present."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from visiontk.tasks.image_classification.photos import student_blocks

from visiontk.core import Samples
from visiontk.data.formats.voc import read_voc
from visiontk.errors import DataError
from visiontk.registry import get_task

TASK = get_task("image_classification")


def photo(path: Path, width: int, height: int, seed: int) -> None:
    """Write noise as a photo."""
    path.parent.mkdir(parents=True, exist_ok=True)
    x = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(x).save(path)


def write_hands(root: Path, n_students: int) -> None:
    """Write ten photos of each student, numbered in turn; every third number of a new student is left out."""
    number = 1118
    for i in range(10 * n_students):
        number += 1 + (i % 30 == 0)
        photo(root / "sign_language_digits" / str(i % 10) / f"IMG_{number}.JPG", 20, 20, seed=i)


def test_photos_of_one_student_are_in_one_block(data: Path) -> None:
    """Blocks begin with a student, hold three or more, and are whole in every split."""
    write_hands(data, 15)

    samples = TASK.datasets["sign_language_digits"]()

    order = np.argsort([int(Path(name).stem[4:]) for name in samples.ids])
    students = np.arange(150) // 10
    blocks = samples.groups[order]
    assert samples.labels == tuple("0123456789")
    assert all(len(set(blocks[students == student])) == 1 for student in range(15))
    assert np.unique(blocks, return_counts=True)[1].tolist() == [30] * 5
    for fold in TASK.folds(samples, 2, 0):
        assert not set(samples.groups[fold.train]) & set(samples.groups[fold.test])


def test_blocks_do_not_depend_on_the_order_of_the_files() -> None:
    """Only numbers and digits decide; a repeated photo of a digit begins no block, nor does a missing zero."""
    numbers, digits = np.arange(12), [0, 1, 2, 2, 0, 0, 1, 2, 1, 2, 0, 1]
    order = np.random.default_rng(0).permutation(12)

    blocks = student_blocks(numbers.tolist(), digits, least=2)

    assert blocks.tolist() == ["0"] * 4 + ["4"] * 6 + ["10"] * 2
    assert (
        student_blocks(numbers[order].tolist(), np.array(digits)[order].tolist(), 2).tolist() == blocks[order].tolist()
    )


def test_a_photo_without_a_number_is_refused(data: Path) -> None:
    """Without it students would be on both sides of the split, in silence."""
    write_hands(data, 6)
    photo(data / "sign_language_digits" / "3" / "hand.JPG", 20, 20, seed=999)

    with pytest.raises(DataError, match=r"3/hand\.JPG has no number"):
        TASK.datasets["sign_language_digits"]()


def test_ants_and_bees_have_been_seen_by_networks_of_imagenet(data: Path) -> None:
    """The publisher's val is the test set; the card says whose networks know these photos."""
    for k, (part, n) in enumerate((("train", 6), ("val", 4))):
        for label in ("ants", "bees"):
            for i in range(n):
                photo(data / "hymenoptera" / part / label / f"{i}.jpg", 40, 30, seed=100 * k + 10 * len(label) + i)
    (data / "hymenoptera" / "train" / "ants" / "imageNotFound.gif").write_bytes(b"GIF89a")

    samples = TASK.datasets["hymenoptera"]()

    assert samples.card.seen_in == ("ImageNet-1k",)
    assert samples.labels == ("ants", "bees")
    assert samples.counts().tolist() == [10, 10]
    assert {name.split("/")[0] for name in samples.ids[samples.parts == "test"]} == {"val"}
    assert (samples.y == [name.split("/")[1] == "bees" for name in samples.ids]).all()
    assert len(TASK.folds(samples, 1, 0)[0].valid) == 2
    assert samples.take([0]).shape == (1, 30, 30, 3)
    assert samples.at_size(40).take([0]).shape == (1, 40, 40, 3)


ANNOTATION = "<annotation>{}</annotation>"
OBJECT = "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"


def write_cells(root: Path) -> dict[str, np.ndarray]:
    """Write eight pictures with three cells each, and lists of train, val and test."""
    folder = root / "bccd" / "BCCD"
    pictures = {}
    for i in range(8):
        name = f"BloodImage_{i:05d}"
        photo(folder / "JPEGImages" / f"{name}.png", 64, 48, seed=i)
        (folder / "JPEGImages" / f"{name}.png").rename(folder / "JPEGImages" / f"{name}.jpg")
        pictures[name] = np.asarray(Image.open(folder / "JPEGImages" / f"{name}.jpg"))
        items = [("RBC", 1, 1, 20, 20), ("WBC", 11, 5, 40, 24), ("Platelets", 50, 30, 70, 48), ("RBC", 9, 9, 9, 9)]
        (folder / "Annotations").mkdir(exist_ok=True)
        text = ANNOTATION.format("".join(OBJECT.format(*item) for item in items))
        (folder / "Annotations" / f"{name}.xml").write_text(text)
    (folder / "ImageSets" / "Main").mkdir(parents=True)
    for part, indices in (("train", range(4)), ("val", (4, 5)), ("test", (6, 7))):
        lines = "\n".join(f"BloodImage_{i:05d}" for i in indices)
        (folder / "ImageSets" / "Main" / f"{part}.txt").write_text(lines + "\n")
    return pictures


def test_cells_are_cut_out_by_their_boxes(data: Path) -> None:
    """Corners count from 1; a box over the edge is cut, and one without an area is left out and noted."""
    pictures = write_cells(data)

    samples: Samples = TASK.datasets["bccd_cells"](size=20)

    assert samples.labels == ("red cell", "white cell", "platelet")
    assert samples.counts().tolist() == [8, 8, 8]
    assert samples.ids[:3].tolist() == ["BloodImage_00000-00", "BloodImage_00000-01", "BloodImage_00000-02"]
    first = pictures["BloodImage_00000"]
    assert np.array_equal(samples.take([0])[0], first[:20, :20])
    assert np.array_equal(samples.at_size(30).take([1])[0, 5:25], first[4:24, 10:40])
    assert np.array_equal(samples.at_size(19).take([2])[0, :, 2:17], first[29:48, 49:64])
    assert any(note.startswith("8 boxes left out") for note in samples.card.notes)
    assert samples.card.shorter_side == 20


def test_cells_of_a_picture_are_on_one_side_of_the_publishers_split(data: Path) -> None:
    """The picture is the unit of independence."""
    write_cells(data)

    samples = TASK.datasets["bccd_cells"]()

    (fold,) = TASK.folds(samples, 1, 0)
    assert [len(part) for part in fold] == [12, 6, 6]
    assert set(samples.groups[fold.test]) == {"BloodImage_00006", "BloodImage_00007"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<annotation><object>", "damaged XML"),
        ("<!DOCTYPE a [<!ENTITY b 'bbb'>]><annotation/>", "entities"),
        (ANNOTATION.format(OBJECT.format("RBC", 1, "", 3, 4)), "four corners"),
        (ANNOTATION.format(OBJECT.format(" ", 1, 2, 3, 4)), "without a name"),
        (ANNOTATION.format(OBJECT.format("RBC", 1, "inf", 3, 4)), "four corners"),
    ],
)
def test_other_annotations_are_refused(tmp_path: Path, content: str, reason: str) -> None:
    """By name and reason; entities, which can grow without end, are not expanded."""
    (tmp_path / "a.xml").write_text(content)

    with pytest.raises(DataError, match=rf"a\.xml: .*{reason}") as caught:
        read_voc(tmp_path / "a.xml")

    assert caught.value.error_id == "E-DATA-DECODE"


@pytest.mark.parametrize("name", ["sign_language_digits", "hymenoptera", "bccd_cells"])
def test_missing_photos_are_reported_with_their_publisher(data: Path, name: str) -> None:
    """With the command that gets them."""
    with pytest.raises(DataError, match="not found in") as caught:
        TASK.datasets[name]()

    assert caught.value.error_id == "E-DATA-MISSING"
    assert f"visiontk data fetch {name.removesuffix('_cells')} gets them" in caught.value.hint


@pytest.mark.slow
def test_the_published_photos_are_complete(shared_data: Path) -> None:
    """Counts of the publishers; 68 or so blocks of the 218 students."""
    hands, insects, cells = (TASK.datasets[name]() for name in ("sign_language_digits", "hymenoptera", "bccd_cells"))

    assert len(hands) == 2062
    assert 60 <= len(np.unique(hands.groups)) <= 69
    assert (insects.parts == "train").sum() == 243
    assert (insects.parts == "test").sum() == 153
    assert cells.counts().tolist() == [4153, 372, 361]
