"""CIFAR files in the published binary version."""

import numpy as np
import pytest

from visiontk.data import read_cifar
from visiontk.data.formats import cifar
from visiontk.errors import DataError


def rows(n, labels, seed=0):
    """Return the bytes of `n` rows with these label columns, and their colour planes."""
    planes = np.random.default_rng(seed).integers(0, 256, (n, 3, 32, 32), np.uint8)
    head = np.array(labels, np.uint8).reshape(n, -1)
    return np.concatenate([head, planes.reshape(n, -1)], axis=1).tobytes(), planes


def test_colour_planes_become_the_last_axis(tmp_path):
    content, planes = rows(3, [4, 0, 9])
    (tmp_path / "a.bin").write_bytes(content)

    x, y = read_cifar(tmp_path / "a.bin")

    assert np.array_equal(x, planes.transpose(0, 2, 3, 1))
    assert (x.dtype, y.dtype, y.tolist()) == (np.uint8, np.int64, [4, 0, 9])


@pytest.mark.parametrize(("labels", "expected"), [("coarse", [19, 3]), ("fine", [99, 40])])
def test_cifar_100_has_coarse_and_fine_labels(tmp_path, labels, expected):
    content, planes = rows(2, [[19, 99], [3, 40]])
    (tmp_path / "train.bin").write_bytes(content)

    x, y = read_cifar(tmp_path / "train.bin", labels=labels)

    assert y.tolist() == expected
    assert np.array_equal(x, planes.transpose(0, 2, 3, 1))


@pytest.mark.parametrize(
    ("content", "error_id", "message"),
    [
        (b"", "E-DATA-TRUNC", "0 bytes, expected a multiple of 3073"),
        (rows(2, [1, 2])[0][:-1], "E-DATA-TRUNC", "6145 bytes, expected a multiple of 3073"),
        (rows(2, [1, 10])[0], "E-DATA-TARGETS", "label 10, expected 0 to 9"),
        (b"\x80\x02}q\x01(U\x04data" * 3073, "E-DATA-TARGETS", "label"),
    ],
    ids=["empty", "cut", "label", "pickle"],
)
def test_other_files_are_refused(tmp_path, content, error_id, message):
    (tmp_path / "a.bin").write_bytes(content)

    with pytest.raises(DataError, match=message) as caught:
        read_cifar(tmp_path / "a.bin")

    assert caught.value.error_id == error_id


def test_missing_and_huge_files_are_refused(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="No such file") as missing:
        read_cifar(tmp_path / "a.bin")
    (tmp_path / "a.bin").write_bytes(rows(1, [0])[0])
    monkeypatch.setattr(cifar, "MAX_BYTES", 3072)
    with pytest.raises(DataError, match="3073 bytes, the limit is 3072") as huge:
        read_cifar(tmp_path / "a.bin")

    assert (missing.value.error_id, huge.value.error_id) == ("E-DATA-MISSING", "E-DATA-HUGE")
