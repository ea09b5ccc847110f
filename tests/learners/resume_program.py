"""Resume the fit in the named folder, with the network of conftest.py, in a separate process."""

import importlib.util
import sys
from pathlib import Path

import numpy as np

from visiontk.testing import tiny_images


def main(folder: Path) -> None:
    path = Path(__file__).with_name("conftest.py")
    specification = importlib.util.spec_from_file_location("fixtures", path)
    fixtures = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(fixtures)

    images = tiny_images(90)
    train, valid = images.subset(np.arange(60)), images.subset(np.arange(60, 90))
    network = fixtures.make.__wrapped__(None)()
    network.fit(train, valid, seed=0, workdir=folder, budget_s=600.0)
    np.save(folder / "scores.npy", network.predict(valid))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
