"""Published data sets of images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from visiontk.core import AboutData, Card, Inputs, Samples, dataset
from visiontk.data import data_dir, fingerprint, published, read_cifar, read_idx, read_npz, require
from visiontk.data.checks.problems import Problems
from visiontk.data.options import ClassOptions, FileOptions, ImageOptions
from visiontk.data.readers.image_folder import read_image_folder
from visiontk.errors import DataError

FASHION = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


_DIGITS = AboutData(
    licence="CC BY 4.0",
    citation="Alpaydin and Kaynak (1998), Optical recognition of handwritten digits, UCI repository.",
    homepage="https://archive.ics.uci.edu/dataset/80",
)


@dataset(_DIGITS)
def digits() -> Samples:
    """1,797 handwritten digits of 8 x 8 pixels, embedded in scikit-learn; no official split.

    References
    ----------
    .. [1] Alpaydin and Kaynak (1998), Cascading classifiers, Kybernetika 34, 369. The test set of
       "Optical recognition of handwritten digits", UCI machine learning repository.
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    x = np.round(data.images * (255 / 16)).astype(np.uint8)[..., None]
    card = _DIGITS.embedded(
        "digits",
        fingerprint(x, data.target.astype(np.int64)),
        notes=("Grey levels 0 to 16 scaled to 0 to 255.", "Writers are not named, so images of one writer mix."),
    )
    ids = [f"digits-{i:04d}" for i in range(len(x))]
    return Samples.from_arrays(x, data.target, [str(c) for c in range(10)], card, ids=ids)


def fashion_mnist() -> Samples:
    """70,000 grey images of clothes, 28 x 28 pixels; the publisher's split.

    References
    ----------
    .. [1] Xiao, Rasul and Vollgraf (2017), Fashion-MNIST: a novel image dataset for benchmarking
       machine learning algorithms, arXiv:1708.07747.
    """
    x, y, parts = _idx("fashion_mnist")
    card = published("fashion_mnist").card(
        fingerprint(x, y, parts),
        mirror=True,
        notes=("Near-duplicates between training and test set are documented.",),
    )
    return _numbered(x, y, parts, FASHION, card)


def mnist() -> Samples:
    """70,000 handwritten digits of 28 x 28 pixels; the publisher's split, from IDX files or mnist.npz.

    References
    ----------
    .. [1] LeCun, Bottou, Bengio and Haffner (1998), Gradient-based learning applied to document
       recognition, Proceedings of the IEEE 86, 2278.
    """
    archive = data_dir() / "mnist" / "mnist.npz"
    if archive.exists():
        arrays = read_npz(archive, "x_train", "y_train", "x_test", "y_test")
        x, y, parts = _joined([(arrays[f"x_{part}"], arrays[f"y_{part}"], part) for part in ("train", "test")], archive)
    else:
        x, y, parts = _idx("mnist")
    card = published("mnist").card(
        fingerprint(x, y, parts),
        notes=("Training and test set have different writers; the files do not name them.",),
    )
    return _numbered(x, y, parts, [str(c) for c in range(10)], card)


@dataset(AboutData())
def cifar10(*, on_problem: Problems | None = None) -> Samples:
    """60,000 colour images of ten kinds of objects, 32 x 32 pixels; the publisher's split.

    From the publisher's binary version, or from a folder tree ``train/<class>/*`` and ``test/<class>/*``.

    References
    ----------
    .. [1] Krizhevsky (2009), Learning multiple layers of features from tiny images.
    """
    note = "About 3 % of the test images have near-duplicates in the training set."
    folder = data_dir() / "cifar10"
    if (folder / "train").is_dir():
        samples = read_image_folder(
            str(folder), 32, ImageOptions("rgb"), FileOptions(leak="warn"), ClassOptions(), on_problem=on_problem
        )
        card = published("cifar10").card(samples.card.fingerprint, mirror=True, notes=(note, *samples.card.notes))
        return replace(samples, card=card)
    inner = folder / "cifar-10-batches-bin"
    base = "cifar10/cifar-10-batches-bin" if inner.is_dir() else "cifar10"
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    paths = require(base, *names, homepage=published("cifar10").homepage)
    batches = [(*read_cifar(path), "test" if path.name == "test_batch.bin" else "train") for path in paths]
    x, y, parts = _joined(batches, folder)
    card = published("cifar10").card(fingerprint(x, y, parts), mirror=True, notes=(note,))
    return _numbered(x, y, parts, CIFAR10, card)


def _idx(dataset: str) -> tuple[Inputs, Inputs, Inputs]:
    folder = data_dir() / dataset
    packed = "" if all((folder / name).exists() for name in IDX) else ".gz"
    paths = require(dataset, *(name + packed for name in IDX), homepage=published(dataset).homepage)
    train_x, train_y, test_x, test_y = (read_idx(path) for path in paths)
    return _joined([(train_x, train_y, "train"), (test_x, test_y, "test")], folder)


def _joined(pieces: list[tuple[Inputs, Inputs, str]], where: Path) -> tuple[Inputs, Inputs, Inputs]:
    """All images (n, height, width, channels), their classes and their parts."""
    for x, y, part in pieces:
        if len(x) != len(y):
            raise DataError(f"{where}: {len(x)} {part} images but {len(y)} labels.", error_id="E-DATA-SHAPE")
    x = np.concatenate([piece[0] for piece in pieces])
    if x.ndim == 3:
        x = x[..., None]
    if x.ndim != 4 or x.dtype != np.uint8:
        raise DataError(
            f"{where}: images have shape {x.shape} and type {x.dtype}; expected (n, height, width) of uint8.",
            error_id="E-DATA-SHAPE",
        )
    y = np.concatenate([piece[1] for piece in pieces]).astype(np.int64)
    return x, y, np.repeat([piece[2] for piece in pieces], [len(piece[0]) for piece in pieces])


def _numbered(x: Inputs, y: Inputs, parts: Inputs, labels: list[str] | tuple[str, ...], card: Card) -> Samples:
    n = {part: int((parts == part).sum()) for part in ("train", "test")}
    ids = [f"{part}-{i:05d}" for part in ("train", "test") for i in range(n[part])]
    order = np.concatenate([np.flatnonzero(parts == part) for part in ("train", "test")])
    return Samples.from_arrays(x[order], y[order], labels, card, ids=ids, parts=parts[order])
