from __future__ import annotations

import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visiontk.data import read_idx
from visiontk.errors import DataError

CODES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def idx(shape: tuple[int, ...], body: bytes, code: int = 8) -> bytes:
    return bytes([0, 0, code, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + body


GOOD = idx((3, 4, 5), bytes(range(60)))


def refused(path, content: bytes) -> DataError:
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)
    return caught.value


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_type_is_read_in_native_byte_order(tmp_path, code, pack):
    values = np.arange(24).reshape(2, 3, 4) - (0 if code == 8 else 5)
    (tmp_path / "a").write_bytes(pack(idx((2, 3, 4), values.astype(CODES[code]).tobytes(), code)))

    result = read_idx(tmp_path / "a")

    np.testing.assert_array_equal(result, values)
    assert result.dtype.isnative
    assert result.flags.writeable


@pytest.mark.parametrize("cut", range(len(GOOD)))
def test_every_truncation_of_a_plain_file_is_refused(tmp_path, cut):
    assert refused(tmp_path / "a", GOOD[:cut]).error_id == "E-DATA-TRUNC"


@pytest.mark.parametrize("cut", range(0, len(gzip.compress(GOOD, mtime=0)), 3))
def test_every_truncation_of_a_gzip_file_is_refused(tmp_path, cut):
    assert refused(tmp_path / "a", gzip.compress(GOOD)[:cut]).error_id in ("E-DATA-TRUNC", "E-DATA-DECODE")


def test_a_short_body_is_refused_with_both_sizes(tmp_path):
    for content in (GOOD[:-7], gzip.compress(GOOD[:-7])):
        assert "declared 60 bytes for shape (3, 4, 5), found 53" in str(refused(tmp_path / "a", content))


# With mtime=0, since every process must name the same tests.
@pytest.mark.parametrize(
    "content",
    [GOOD + b"x", gzip.compress(GOOD + b"x", mtime=0), gzip.compress(GOOD, mtime=0) + b"garbage!"],
    ids=["plain", "packed inside", "packed outside"],
)
def test_trailing_bytes_are_refused(tmp_path, content):
    assert refused(tmp_path / "a", content).error_id == "E-DATA-DECODE"


@pytest.mark.parametrize("magic", [b"\x01\x00\x08\x03", b"\0\0\x07\x03", b"\0\0\x08\0", b"\0\0\x08\x09", b"<htm"])
def test_other_files_are_refused_with_their_first_bytes(tmp_path, magic):
    error = refused(tmp_path / "a", magic + GOOD[4:])

    assert error.error_id == "E-DATA-DECODE"
    assert magic.hex(" ") in str(error)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("shape", [(2**32 - 1,) * 4, (2**31, 1), (70_000, 2**16)])
def test_absurd_sizes_are_refused_before_memory_is_allocated(tmp_path, pack, shape):
    (tmp_path / "a").write_bytes(pack(idx(shape, bytes(10))))

    tracemalloc.start()
    with pytest.raises(DataError, match=str(int(np.prod([int(n) for n in shape], dtype=object)))) as caught:
        read_idx(tmp_path / "a")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert caught.value.error_id in ("E-DATA-HUGE", "E-DATA-TRUNC")
    assert peak < 1_000_000


def test_a_gzip_bomb_uses_no_memory(tmp_path):
    (tmp_path / "a").write_bytes(gzip.compress(idx((10,), bytes(200_000_000)), compresslevel=1))

    tracemalloc.start()
    with pytest.raises(DataError, match="bytes follow the 10"):
        read_idx(tmp_path / "a")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1_000_000


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(gzip.compress(GOOD, mtime=0)) - 1), st.integers(1, 255))
def test_a_changed_byte_is_detected_or_harmless(tmp_path, place, change):
    content = bytearray(gzip.compress(GOOD, mtime=0))
    content[place] ^= change
    (tmp_path / "a").write_bytes(bytes(content))

    try:
        result = read_idx(tmp_path / "a")
    except DataError:
        return
    np.testing.assert_array_equal(result, np.arange(60).reshape(3, 4, 5))


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(DataError, match=r"nothing: No such file") as caught:
        read_idx(tmp_path / "nothing")
    assert caught.value.error_id == "E-DATA-MISSING"
