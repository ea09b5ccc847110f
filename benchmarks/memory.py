"""Compare on a folder of pictures that does not fit into the memory a process may have.

``make memory`` or ``python benchmarks/memory.py [--pictures N] [--side PIXELS] [--limit BYTES]``. It draws a folder of
pictures, forbids every worker more than the limit (``RLIMIT_DATA``: heap and anonymous memory), runs a network and a
traditional learner, and prints what decoding everything would have needed, the limit, and what was used.
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
    """Draw, limit, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=4000)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--limit", type=int, default=2_000_000_000, help="bytes a process may have")
    parser.add_argument("--learners", default="lbp_forest,convnet")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder, "pictures"), arguments.pictures, arguments.side)
        resource.setrlimit(resource.RLIMIT_DATA, (arguments.limit, arguments.limit))  # workers inherit it
        start = time.perf_counter()
        result = visiontk.compare(
            "image_classification",
            dataset={"name": "folder", "path": str(Path(folder, "pictures")), "size": arguments.side},
            learners={name: QUICK.get(name, {}) for name in arguments.learners.split(",")},
            seeds=1,
            folds=1,
            budget=1800,
            workers=1,
            out=Path(folder, "run"),
        )
        took = time.perf_counter() - start
        assert isinstance(result, visiontk.Result)
        decoded = arguments.pictures * arguments.side**2 * 3
        print(f"{arguments.pictures} pictures, decoded {decoded / 1e9:.2f} GB; limit {arguments.limit / 1e9:.2f} GB")
        for row in result.values["learners"]:
            accuracy = row["metrics"]["accuracy"]["value"]
            print(
                f"{row['name']}: peak {(row['peak_memory_bytes'] or 0) / 1e9:.2f} GB resident, accuracy {accuracy:.3f}"
            )
        print(f"{took:.0f} s; failed: {result.values['failed'] or 'none'}")


QUICK = {"convnet": {"epochs": 1, "batch_size": 8}, "lbp_forest": {"n_trees": 20}}


def draw(folder: Path, n: int, side: int) -> None:
    """Discs and squares of any place, size and colour, on a plain ground."""
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
        picture = np.empty((side, side, 3), np.uint8)
        picture[:] = rng.integers(0, 120, 3)
        picture[inside] = rng.integers(130, 255, 3)
        Image.fromarray(picture).save(path)


if __name__ == "__main__":
    main()
