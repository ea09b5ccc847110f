"""Published photos: hands, insects, and single blood cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from visiontk.core import AboutData, Inputs, Ints, Read, Samples, Strings, dataset
from visiontk.data import data_dir, fingerprint, published, require
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.image import decode_array, decode_image, read_file
from visiontk.data.formats.voc import Box, read_voc
from visiontk.data.options import AutoSize, ClassOptions, FileOptions, ImageOptions
from visiontk.data.readers.image_files import read_images
from visiontk.data.readers.image_folder import read_image_folder
from visiontk.data.readers.image_sizes import Sizes, chosen_side, planned
from visiontk.data.readers.in_memory import InMemory, Kept
from visiontk.errors import DataError
from visiontk.messages import printable

BLOCK = 30
"""Consecutive photos of hands that are kept together at least: those of three students."""

CELLS = {"RBC": "red cell", "WBC": "white cell", "Platelets": "platelet"}
PARTS = {"train": "train", "val": "valid", "test": "test"}


@dataset(AboutData())
def sign_language_digits(size: AutoSize = "auto", *, on_problem: Problems | None = None) -> Samples:
    """2,062 photos of hands that sign the digits 0 to 9, 100 x 100 pixels, by 218 students; no official split.

    Parameters
    ----------
    size : "auto" or int
        Side of the images in pixels; "auto" as for `image_folder`.

    References
    ----------
    .. [1] Mavi (2020), A new dataset and proposed convolutional neural network architecture for classification of
       American Sign Language digits, arXiv:2011.08927.
    """
    source = published("sign_language_digits")
    folder = data_dir() / source.name
    if not any(folder.glob("[0-9]/*.JPG")):
        require(source.name, *(f"{digit}/*.JPG" for digit in range(10)), homepage=source.homepage)
    samples = read_image_folder(
        str(folder), size, ImageOptions("rgb"), FileOptions(leak="warn"), ClassOptions(), on_problem=on_problem
    )
    groups = student_blocks([_number(name) for name in samples.ids], [int(samples.labels[y]) for y in samples.y])
    n = len(np.unique(groups))
    card = source.card(
        fingerprint(samples.card.fingerprint, groups),
        grouped_by="block of photos",
        shorter_side=samples.card.shorter_side,
        notes=(
            "218 students signed the digits in turn; the files do not name them.",
            f"{n} blocks of {BLOCK} or more photos by the numbers of the files, each beginning where the digits begin "
            "again; a block is on one side of every split, so that students are too, as far as the numbers show.",
            *samples.card.notes,
        ),
    )
    return replace(samples, groups=groups, card=card)


def student_blocks(numbers: Sequence[int], digits: Sequence[int], least: int = BLOCK) -> Strings:
    """Blocks of consecutive photos that begin where the digits begin again, named by their first number.

    Examples
    --------
    >>> student_blocks([7, 1, 2, 5, 3, 6], [1, 0, 1, 1, 0, 0], least=2).tolist()
    ['6', '1', '1', '3', '3', '6']
    """
    order = np.argsort(numbers, kind="stable")
    starts = [0]
    for place in range(least, len(order) - least + 1):
        again = digits[order[place]] == 0 and digits[order[place - 1]] > 0
        if again and place - starts[-1] >= least:
            starts.append(place)
    block = np.searchsorted(starts, np.arange(len(order)), side="right") - 1
    names = np.empty(len(order), dtype=np.int64)
    names[order] = np.asarray(numbers)[order[starts]][block]
    return names.astype(np.str_)


def _number(name: str) -> int:
    digits = re.sub(r"\D", "", Path(name).stem)
    if not digits:
        raise DataError(
            f"sign_language_digits: {printable(name)} has no number, by which photos of one student are kept together.",
            error_id="E-DATA-MISSING",
        )
    return int(digits)


@dataset(AboutData())
def hymenoptera(size: AutoSize = "auto", *, on_problem: Problems | None = None) -> Samples:
    """396 photos of ants and bees; the publisher's validation part is the test set.

    A subset of ImageNet: networks that were pretrained there have seen these photos, so that no verdict on them is
    given.

    Parameters
    ----------
    size : "auto" or int
        Side of the images in pixels; "auto" as for `image_folder`.

    References
    ----------
    .. [1] Chilamkurthy (2017), Transfer learning for computer vision, PyTorch tutorials.
    .. [2] Deng et al. (2009), ImageNet: a large-scale hierarchical image database, CVPR.
    """
    source = published("hymenoptera")
    folder = data_dir() / source.name
    names = [
        f"{part}/{label}/{path.name}"
        for part in ("train", "val")
        for label in ("ants", "bees")
        for path in sorted((folder / part / label).glob("*.jpg"))
    ]
    if not names:
        require(source.name, "train/ants/*.jpg", "val/ants/*.jpg", homepage=source.homepage)
    content = read_images(folder, names, size, ImageOptions("rgb"), on_problem=on_problem)
    names = [names[i] for i in content.kept]
    card = source.card(
        content.fingerprint,
        mirror=True,
        shorter_side=content.shorter_side,
        seen_in=("ImageNet-1k",),
        notes=("The publisher's part val is the test set; the validation set is cut from train.", *content.notes),
    )
    return Samples(
        ids=np.array(names, dtype=np.str_),
        y=np.array(["bees" in name.split("/")[1] for name in names], dtype=np.int64),
        labels=("ants", "bees"),
        read=content.read,
        card=card,
        parts=np.array(["train" if name.startswith("train") else "test" for name in names], dtype=np.str_),
    )


@dataset(AboutData())
def bccd_cells(size: AutoSize = "auto") -> Samples:
    """4,886 single blood cells (red, white, platelets) cut out of 364 pictures; the publisher's split by pictures.

    Parameters
    ----------
    size : "auto" or int
        Side of the images in pixels; "auto" as for `image_folder`. Each cell
        fills its image, whatever its own size is, with the mean of its border beside it.

    References
    ----------
    .. [1] Shenggan (2017), BCCD: a small dataset for the detection of blood cells, GitHub.
    """
    source = published("bccd")
    root = data_dir() / "bccd" / "BCCD"
    lists = require("bccd", *(f"BCCD/ImageSets/Main/{part}.txt" for part in PARTS), homepage=source.homepage)
    parts = {name: part for part, path in zip(PARTS, lists, strict=True) for name in path.read_text().split()}
    cells = [(name, box) for name in parts for box in read_voc(root / "Annotations" / f"{name}.xml")]
    # A box from a corner to the same corner has no area.
    known = [(name, box) for name, box in cells if box.label in CELLS and min(box.width, box.height) > 1]
    sizes = Sizes(tuple((box.width, box.height) for _, box in known), len(known))
    side = chosen_side(size, sizes.shorter_side)
    reader = _Cells(str(root / "JPEGImages"), tuple(known), side)
    images = reader(np.arange(len(known)))
    y = np.array([list(CELLS).index(box.label) for _, box in known], dtype=np.int64)
    pictures = np.array([name for name, _ in known], dtype=np.str_)
    of_part = np.array([PARTS[parts[name]] for name, _ in known], dtype=np.str_)
    skipped = len(cells) - len(known)
    card = source.card(
        fingerprint(images, y, pictures, of_part),
        name="bccd_cells",
        mirror=True,
        grouped_by="picture",
        shorter_side=sizes.shorter_side,
        notes=(
            f"{len(known)} cells cut out of {len(parts)} pictures by the boxes of the publisher.",
            *([f"{skipped} boxes left out: without an area, or of another kind"] if skipped else []),
            "Not every cell has a box: 15 pictures are full of red cells without one.",
            planned(sizes, side, "pad"),
        ),
    )
    number = np.concatenate([np.arange((pictures == name).sum()) for name in dict.fromkeys(pictures.tolist())])
    return Samples(
        ids=np.array([f"{name}-{i:02d}" for name, i in zip(pictures, number, strict=True)], dtype=np.str_),
        y=y,
        labels=tuple(CELLS.values()),
        read=InMemory(images, reader),
        card=card,
        groups=pictures,
        parts=of_part,
    )


@dataclass(frozen=True)
class _Cells:
    """Reads cells from their pictures, each of which is decoded once for all of its cells."""

    root: str
    cells: tuple[tuple[str, Box], ...]
    side: int

    def __call__(self, index: Ints, /) -> Inputs:
        images = np.empty((len(index), self.side, self.side, 3), np.uint8)
        places: dict[str, list[int]] = {}
        for place, i in enumerate(index.tolist()):
            places.setdefault(self.cells[i][0], []).append(place)
        for name, of_picture in places.items():
            file = Path(self.root, f"{name}.jpg")
            pixels = decode_image(read_file(file), str(file), color="rgb").pixels
            for place in of_picture:
                images[place] = decode_array(_cut(pixels, self.cells[int(index[place])][1]), size=self.side).pixels
        return images

    def at_size(self, side: int) -> Read:
        """Reader of the same cells at another size."""
        return Kept(replace(self, side=side))


def _cut(pixels: Inputs, box: Box) -> Inputs:
    """The pixels in a box, at least one: some boxes reach over the edge of the picture."""
    height, width = pixels.shape[:2]
    left, top = min(max(box.left, 0), width - 1), min(max(box.top, 0), height - 1)
    return pixels[top : max(min(box.bottom, height), top + 1), left : max(min(box.right, width), left + 1)]
