from __future__ import annotations

import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visiontk.data import read_npz
from visiontk.errors import DataError

X, Y = np.arange(600, dtype=np.int16).reshape(20, 30), np.array([1.5, 2.5])


def npz(save=np.savez_compressed, **arrays) -> bytes:
    stream = io.BytesIO()
    save(stream, **arrays)
    return stream.getvalue()


GOOD = npz(train_images=X, train_labels=Y)


def refused(path, content: bytes, *names: str) -> DataError:
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_npz(path, *names)
    assert str(path) in str(caught.value)
    return caught.value


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("x", [X, np.asfortranarray(X), X.astype(">f8"), np.array(3), np.zeros((0, 4))])
def test_arrays_equal_those_read_by_numpy(tmp_path, save, x):
    (tmp_path / "a.npz").write_bytes(npz(save, x=x, y=Y))

    result = read_npz(tmp_path / "a.npz", "y", "x")

    assert list(result) == ["y", "x"]
    with np.load(tmp_path / "a.npz") as same:
        np.testing.assert_array_equal(result["x"], same["x"])
        assert result["x"].dtype == same["x"].dtype
    assert list(read_npz(tmp_path / "a.npz")) == ["x", "y"]


def test_a_missing_name_suggests_the_nearest(tmp_path):
    error = refused(tmp_path / "a.npz", GOOD, "train_image")

    assert error.error_id == "E-DATA-KEY"
    assert "Did you mean 'train_images'? Known: train_images, train_labels." in str(error)


def test_object_arrays_are_refused_without_unpickling(tmp_path):
    class Hostile:
        def __reduce__(self):
            return (open, (str(tmp_path / "marker"), "w"))

    content = npz(x=np.array([Hostile()], dtype=object))

    assert refused(tmp_path / "a.npz", content).error_id == "E-DATA-UNSAFE"
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("fraction", [0, 0.01, 0.3, 0.5, 0.9, 0.99])
def test_truncated_files_are_refused(tmp_path, fraction):
    assert refused(tmp_path / "a.npz", GOOD[: int(fraction * len(GOOD))]).error_id == "E-DATA-DECODE"


@pytest.mark.parametrize(
    ("header", "error_id"),
    [
        ("{'descr': '<i2', 'fortran_order': False, 'shape': (70000, 70000), }", "E-DATA-HUGE"),
        ("{'descr': '<i2', 'fortran_order': False, 'shape': (700, 2), }", "E-DATA-TRUNC"),
        ("{'descr': '<i2', 'fortran_order': False, 'shape': (-1, 2), }", "E-DATA-DECODE"),
        ("nonsense", "E-DATA-DECODE"),
    ],
)
def test_an_inconsistent_header_is_refused(tmp_path, header, error_id):
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        text = (header + "\n").encode()
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(20))

    assert refused(tmp_path / "a.npz", (tmp_path / "archive").read_bytes(), "x").error_id == error_id


def test_a_member_larger_than_declared_uses_no_memory(tmp_path):
    text = b"{'descr': '|u1', 'fortran_order': False, 'shape': (10,), }\n"
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(50_000_000))

    tracemalloc.start()
    with pytest.raises(DataError, match=r"needs 10 bytes, the file declares 50000000"):
        read_npz(tmp_path / "a.npz")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1_000_000


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_is_detected_or_harmless(tmp_path, place, change):
    content = bytearray(GOOD)
    content[place] ^= change
    (tmp_path / "a.npz").write_bytes(bytes(content))

    try:
        result = read_npz(tmp_path / "a.npz", "train_images")["train_images"]
    except DataError:
        return
    np.testing.assert_array_equal(result, X)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(DataError, match=r"nothing.npz: No such file") as caught:
        read_npz(tmp_path / "nothing.npz")
    assert caught.value.error_id == "E-DATA-MISSING"
