"""Thumbnails of published photos that ImageNet is known to contain, as the audit compares them.

Writes ``visiontk/audit/known_pictures.npy``: for each photo of ``hymenoptera``, which of the 16 x 16 pixels of its
thumbnail are brighter than the mean, 32 bytes. Needs the public data::

    VISIONTK_DATA=DIR python benchmarks/known_pictures.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from visiontk.audit.pretraining_checks import outlines
from visiontk.audit.signatures import of_images
from visiontk.registry import get_task

TARGET = Path(__file__).parents[1] / "visiontk" / "audit" / "known_pictures.npy"


def main() -> None:
    """Write the file, and print the smallest distances between its photos and those of other data sets."""
    task = get_task("image_classification")
    photos = task.dataset("hymenoptera")()
    known = outlines(of_images(photos.take(np.arange(len(photos))))[0])
    np.save(TARGET, known)
    for name in ("sign_language_digits", "bccd_cells"):
        others = task.dataset(name)()
        each = outlines(of_images(others.take(np.arange(len(others))))[0])
        distances = [int(np.bitwise_count(known ^ one).sum(axis=1).min()) for one in each]
        print(name, len(each), "smallest distances:", sorted(distances)[:5])


if __name__ == "__main__":
    main()
