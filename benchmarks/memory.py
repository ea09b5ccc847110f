"""Comparison on a folder of images larger than the memory limit of a process.

``make memory`` or ``python benchmarks/memory.py [--images N] [--side PIXELS] [--limit BYTES]``. It writes a folder of
images, limits every worker (``RLIMIT_DATA``: heap and anonymous memory), runs a network and a traditional learner, and
prints the size of all decoded images, the limit, and the memory used.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

import visiontk


def main() -> None:
    """Write the images, set the limit, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--limit", type=int, default=2_000_000_000, help="memory limit of a process in bytes")
    parser.add_argument("--learners", default="lbp_forest,convnet")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_images(Path(folder, "images"), arguments.images, arguments.side)
        resource.setrlimit(resource.RLIMIT_DATA, (arguments.limit, arguments.limit))  # workers inherit it
        start = time.perf_counter()
        result = visiontk.compare(
            "image_classification",
            dataset={"name": "folder", "path": str(Path(folder, "images")), "size": arguments.side},
            learners={name: QUICK.get(name, {}) for name in arguments.learners.split(",")},
            seeds=1,
            folds=1,
            budget=1800,
            workers=1,
            out=Path(folder, "run"),
        )
        took = time.perf_counter() - start
        assert isinstance(result, visiontk.Result)
        decoded = arguments.images * arguments.side**2 * 3
        print(f"{arguments.images} images, decoded {decoded / 1e9:.2f} GB; limit {arguments.limit / 1e9:.2f} GB")
        for row in result.values["learners"]:
            accuracy = row["metrics"]["accuracy"]["value"]
            print(
                f"{row['name']}: peak {(row['peak_memory_bytes'] or 0) / 1e9:.2f} GB resident, accuracy {accuracy:.3f}"
            )
        print(f"{took:.0f} s; failed: {result.values['failed'] or 'none'}")


QUICK = {"convnet": {"epochs": 1, "batch_size": 8}, "lbp_forest": {"n_trees": 20}}


def write_images(folder: Path, n: int, side: int) -> None:
    """Write discs and squares of random place, size and colour on a plain background."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side]
    for i in range(n):
        name = ("disc", "square")[i % 2]
        path = folder / name / f"{i:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        reach = rng.integers(side // 8, side // 4)
        row, column = rng.integers(reach, side - reach, 2)
        down, right = np.abs(rows - row), np.abs(columns - column)
        inside = down**2 + right**2 <= reach**2 if name == "disc" else np.maximum(down, right) <= 0.886 * reach
        image = np.empty((side, side, 3), np.uint8)
        image[:] = rng.integers(0, 120, 3)
        image[inside] = rng.integers(130, 255, 3)
        Image.fromarray(image).save(path)


if __name__ == "__main__":
    main()
