"""Make ``pneumoniamnist_part.npz``: a part of PneumoniaMNIST, from the publisher's file.

Run with the folder that holds ``pneumoniamnist``; the same images follow from any order of them, without any seed::

    VISIONTK_DATA=... python -m visiontk.tasks.medical_imaging.make_pneumoniamnist_part

Each part of the publisher's split keeps its share of both classes. Within a part and a class, the images with the
smallest SHA-256 of their pixels are taken, in this order: a choice that no content could have influenced. Of equal
images, of which the publisher's file has some, one is taken.
"""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from visiontk.core import Inputs
from visiontk.data import published, read_npz, require

TARGET = Path(__file__).with_name("pneumoniamnist_part.npz")
TAKEN = {"train": 600, "val": 100, "test": 300}
"""Images of each part, by the publisher's names."""


def content(whole: Mapping[str, Inputs]) -> dict[str, Inputs]:
    """Images and labels of each part under the publisher's names, selected from all of them."""
    selected: dict[str, Inputs] = {}
    seen: set[bytes] = set()
    for part, n in TAKEN.items():
        images, labels = whole[f"{part}_images"], whole[f"{part}_labels"]
        rows = _chosen(images, labels[:, 0], n, seen)
        selected |= {f"{part}_images": images[rows], f"{part}_labels": labels[rows]}
    return selected


def _chosen(images: Inputs, y: Inputs, n: int, seen: set[bytes]) -> list[int]:
    """Positions of `n` images, of each class its share, by hash; none of them or `seen`, which grows, are equal."""
    n_positive = round(n * float(y.mean()))
    missing = {0: n - n_positive, 1: n_positive}
    rows = []
    for digest, i in sorted((hashlib.sha256(image.tobytes()).digest(), i) for i, image in enumerate(images)):
        if digest not in seen and missing[int(y[i])]:
            missing[int(y[i])] -= 1
            seen.add(digest)
            rows.append(i)
    return rows


def main() -> None:
    """Write the file and print what is in it."""
    name = "pneumoniamnist"
    arrays = content(read_npz(require(name, f"{name}.npz", homepage=published(name).homepage)[0]))
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)  # type: ignore[arg-type]
    TARGET.write_bytes(packed.getvalue())
    for name, array in arrays.items():
        sys.stdout.write(f"{name:13} {array.shape} {np.bincount(array.ravel()) if array.ndim == 2 else ''}\n")
    sys.stdout.write(f"{TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
