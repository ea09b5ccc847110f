"""Image classification: readers on small files in the published formats."""

import gzip
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visiontk.core import about
from visiontk.errors import DataError
from visiontk.registry import get_task

TASK = get_task("image_classification")
IDX = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
NETWORKS = [name for name, make in TASK.learners.items() if about(make).family == "network"]
SIZES = {"train": 12, "test": 5}


def grey(n: int, seed: int):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 28, 28), np.uint8), rng.integers(0, 10, n).astype(np.uint8)


IMAGES = {part: grey(n, seed) for seed, (part, n) in enumerate(SIZES.items())}


def write_idx(folder: Path, *, packed: bool) -> None:
    folder.mkdir()
    for part, names in IDX.items():
        for name, values in zip(names, IMAGES[part], strict=True):
            head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
            content = head + values.tobytes()
            (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(content) if packed else content)


def assert_has_test_images(samples) -> None:
    x = np.concatenate([IMAGES[part][0] for part in SIZES])[..., None]
    y = np.concatenate([IMAGES[part][1] for part in SIZES])
    assert np.array_equal(samples.take(np.arange(17)), x)
    assert samples.y.tolist() == y.tolist()
    assert samples.parts.tolist() == ["train"] * 12 + ["test"] * 5
    assert samples.ids[[0, 11, 12]].tolist() == ["train-00000", "train-00011", "test-00000"]
    assert samples.card.origin == "public"
    assert samples.card.licence


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
@pytest.mark.parametrize("name", ["fashion_mnist", "mnist"])
def test_idx_files_are_read_compressed_or_not(data, name, packed):
    write_idx(data / name, packed=packed)

    samples = TASK.datasets[name]()

    assert_has_test_images(samples)
    assert samples.labels[:2] == (("T-shirt/top", "Trouser") if name == "fashion_mnist" else ("0", "1"))
    assert samples.card.mirror == (name == "fashion_mnist")


def test_the_file_format_does_not_change_the_fingerprint(data):
    """IDX and NPZ files of the same images are the same dataset."""
    (data / "mnist").mkdir()
    arrays = {f"{axis}_{part}": values for part in SIZES for axis, values in zip("xy", IMAGES[part], strict=True)}
    np.savez_compressed(data / "mnist" / "mnist.npz", **arrays)
    archive = TASK.datasets["mnist"]()
    (data / "mnist" / "mnist.npz").unlink()
    (data / "mnist").rmdir()
    write_idx(data / "mnist", packed=True)

    files = TASK.datasets["mnist"]()

    assert_has_test_images(archive)
    assert archive.card.fingerprint == files.card.fingerprint


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("fashion_mnist", r"t10k-labels-idx1-ubyte\.gz"),
        ("mnist", r"t10k-labels-idx1-ubyte\.gz"),
        ("cifar10", "data_batch_1"),
    ],
)
def test_missing_files_are_reported_with_their_publisher(data, name, missing):
    with pytest.raises(DataError, match=rf"{name}.*: .*{missing}.* not found in {re.escape(str(data))}") as caught:
        TASK.datasets[name]()

    assert caught.value.error_id == "E-DATA-MISSING"
    assert re.match(rf"visiontk data fetch {name} gets them. Or download them from https?://", caught.value.hint)


def test_the_numbers_of_images_and_labels_must_agree(data):
    write_idx(data / "mnist", packed=False)
    (data / "mnist" / IDX["test"][1]).write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">I", 4) + bytes(4))

    with pytest.raises(DataError, match="5 test images but 4 labels"):
        TASK.datasets["mnist"]()


def test_images_of_another_dtype_are_refused(data):
    (data / "mnist").mkdir()
    x, y = np.zeros((3, 28, 28), np.float32), np.zeros(3, np.uint8)
    np.savez(data / "mnist" / "mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)

    with pytest.raises(DataError, match=r"shape \(6, 28, 28, 1\) and type float32; expected .* uint8"):
        TASK.datasets["mnist"]()


@pytest.mark.parametrize("inner", ["", "cifar-10-batches-bin"], ids=["flat", "as unpacked"])
def test_the_published_batches_of_cifar_are_read(data, inner):
    """The red, green and blue planes become the last axis."""
    folder = data / "cifar10" / inner
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    planes = {}
    for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
        planes[name] = rng.integers(0, 256, (4, 3, 32, 32), np.uint8)
        rows = np.concatenate([rng.integers(0, 10, (4, 1), np.uint8), planes[name].reshape(4, 3072)], axis=1)
        (folder / f"{name}.bin").write_bytes(rows.tobytes())

    samples = TASK.datasets["cifar10"]()

    assert samples.take(np.arange(24)).shape == (24, 32, 32, 3)
    assert np.array_equal(samples.take([5])[0], planes["data_batch_2"][1].transpose(1, 2, 0))
    assert np.array_equal(samples.take([20])[0], planes["test_batch"][0].transpose(1, 2, 0))
    assert samples.parts.tolist() == ["train"] * 20 + ["test"] * 4
    assert samples.labels[0] == "airplane"
    assert samples.card.mirror


def test_a_folder_tree_of_cifar_is_read(data):
    rng = np.random.default_rng(0)
    for part, n in (("train", 6), ("test", 5)):
        for label in ("cat", "dog"):
            (data / "cifar10" / part / label).mkdir(parents=True)
            for i in range(n):
                image = rng.integers(0, 256, (32, 32, 3), np.uint8)
                Image.fromarray(image).save(data / "cifar10" / part / label / f"{i}.png")

    samples = TASK.datasets["cifar10"]()

    assert samples.labels == ("cat", "dog")
    assert samples.take([0]).shape == (1, 32, 32, 3)
    assert np.unique(samples.parts, return_counts=True)[1].tolist() == [10, 12]


def test_digits_equal_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    samples = TASK.datasets["digits"]()

    x = samples.take(np.arange(1797))
    assert x.shape == (1797, 8, 8, 1)
    assert x.dtype == np.uint8
    assert (x.min(), x.max()) == (0, 255)
    np.testing.assert_allclose(x[..., 0] / 255 * 16, load_digits().images, atol=0.04)
    assert len(set(samples.ids)) == 1797
    assert samples.card.origin == "embedded"
    assert not samples.card.mirror


@pytest.mark.slow
def test_the_published_fashion_mnist_is_complete(shared_data):
    """There are 70,000 images, 7,000 of each class, in the published split."""
    samples = TASK.datasets["fashion_mnist"]()

    assert samples.take([0]).shape == (1, 28, 28, 1)
    assert samples.counts().tolist() == [7000] * 10
    assert (samples.parts == "train").sum() == 60_000
    assert samples.labels[samples.y[0]] == "Ankle boot"
