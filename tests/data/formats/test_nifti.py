from __future__ import annotations

import gzip
import struct
import sys

import numpy as np
import pytest
from scans import CANARY, nifti

from visiontk.data.formats.intensity import Window
from visiontk.data.formats.nifti import SLACK, decode_nifti
from visiontk.errors import DataError, EnvironmentFault

VALUES = np.arange(4 * 5 * 6, dtype=np.float32).reshape(4, 5, 6)
FULL = Window(0.0, 119.0)


def refused(content, **options):
    with pytest.raises(DataError) as caught:
        decode_nifti(content, "image-00007", **options)
    assert caught.value.message.startswith("image-00007: ")
    assert CANARY not in caught.value.message
    return caught.value


def patched(content, place, code, *values):
    changed = bytearray(content)
    struct.pack_into(f"<{code}", changed, place, *values)
    return bytes(changed)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(("plane", "shape"), [("axial", (5, 4)), ("coronal", (6, 4)), ("sagittal", (6, 5))])
def test_each_plane_has_its_shape(plane, shape, packed):
    assert decode_nifti(nifti(VALUES, packed=packed), "f", plane=plane).shares.shape == shape


def test_the_middle_slice_has_radiological_orientation():
    """Anterior at the top, the right of the body on the left."""
    result = decode_nifti(nifti(VALUES), "f", window=FULL).shares * 119

    assert result == pytest.approx(VALUES[::-1, ::-1, 3].T)


def test_a_mirrored_volume_gives_the_same_image():
    mirrored = np.diag([-1.0, 1.0, 1.0, 1.0])

    plain, reoriented = decode_nifti(nifti(VALUES), "f"), decode_nifti(nifti(VALUES[::-1], mirrored), "f")

    assert (reoriented.shares == plain.shares).all()
    assert (plain.reoriented, reoriented.reoriented) == (False, True)


def test_slope_and_intercept_of_the_header_are_applied():
    content = patched(nifti(VALUES, packed=False), 112, "ff", 2.0, 10.0)

    result = decode_nifti(content, "f", window=Window(10.0, 248.0)).shares * 119

    assert result == pytest.approx(VALUES[::-1, ::-1, 3].T)


def test_a_slice_can_be_selected():
    assert decode_nifti(nifti(VALUES), "f", slice_index=0, window=FULL).shares.min() == 0
    assert refused(nifti(VALUES), slice_index=6).error_id == "E-NIFTI-SLICE"


def test_an_image_of_two_axes_is_read():
    assert decode_nifti(nifti(VALUES[..., 0]), "f").shares.shape == (5, 4)


def test_a_fourth_axis_requires_a_frame():
    content = nifti(np.stack([np.zeros_like(VALUES), VALUES], axis=3))

    assert refused(content).error_id == "E-NIFTI-SHAPE"
    assert decode_nifti(content, "f", frame=1, window=FULL).shares.max() > 0
    assert refused(content, frame=2).error_id == "E-NIFTI-SLICE"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_truncated_file_is_refused(share, packed):
    values = np.random.default_rng(0).normal(size=(10, 10, 10))
    content = nifti(values, packed=packed)

    error = refused(content[: int(share * len(content))])

    assert error.error_id in {"E-DATA-TRUNC", "E-DATA-DECODE"}


def test_a_truncated_file_is_refused_with_both_sizes():
    content = nifti(VALUES, packed=False)

    assert "declares 832 bytes, found 800" in refused(content[:800]).message


def test_a_header_with_too_many_voxels_is_refused_before_reading():
    content = patched(nifti(VALUES, packed=False), 40, "4h", 3, 32767, 32767, 32767)

    error = refused(content)

    assert (error.error_id, "32767x32767x32767" in error.message) == ("E-DATA-HUGE", True)


@pytest.mark.slow
def test_a_gzip_bomb_is_decompressed_up_to_the_declared_size_only():
    plain = nifti(VALUES, packed=False)
    bomb = gzip.compress(plain + bytes(200 << 20), compresslevel=6)
    assert len(bomb) < 1 << 20

    error = refused(bomb)

    assert (error.error_id, f"{SLACK:,}" in error.message) == ("E-DATA-HUGE", True)


@pytest.mark.parametrize("size", [0, -3])
def test_an_axis_without_length_is_refused(size):
    content = patched(nifti(VALUES, packed=False), 40, "4h", 3, 4, size, 6)

    assert refused(content).error_id == "E-NIFTI-SHAPE"


@pytest.mark.parametrize(
    "content",
    [b"plain text" * 100, bytes(1000), gzip.compress(b"plain text" * 100, mtime=0)],
    ids=["text", "zeros", "packed text"],
)
def test_files_that_are_not_nifti_are_refused(content):
    assert refused(content).error_id == "E-DATA-DECODE"


def test_the_header_of_a_file_pair_is_recognised():
    content = patched(nifti(VALUES, packed=False), 344, "4s", b"ni1\0")

    assert "pair" in refused(content).message


def test_a_singular_affine_matrix_is_refused():
    content = bytearray(nifti(VALUES, packed=False))
    struct.pack_into("<2h", content, 252, 0, 1)  # use the matrix
    struct.pack_into("<12f", content, 280, *([0.0] * 12))

    assert refused(bytes(content)).error_id == "E-NIFTI-AFFINE"


def test_a_few_nan_voxels_are_filled_and_counted():
    values = np.random.default_rng(0).normal(size=(30, 30, 3)).astype(np.float32)
    values[3, 4, 1] = np.nan

    result = decode_nifti(nifti(values), "f")

    assert result.filled == 1
    assert np.isfinite(result.shares).all()


def test_a_background_of_nan_becomes_the_smallest_value():
    """As around a masked brain."""
    values = np.random.default_rng(0).normal(size=(30, 30, 3)).astype(np.float32)
    values[:20] = np.nan

    result = decode_nifti(nifti(values), "f")

    assert result.filled == 600
    assert (result.shares == 0).sum() >= 600
    assert result.shares.max() == 1


@pytest.mark.parametrize(("bad", "rows", "n"), [(np.inf, 2, "8 of 20"), (np.nan, 5, "20 of 20")])
def test_infinite_values_and_a_slice_without_numbers_are_refused(bad, rows, n):
    values = VALUES.copy()
    values[:, :rows] = bad

    error = refused(nifti(values))

    assert (error.error_id, n in error.message) == ("E-DATA-NONFINITE", True)


def test_damaged_files_raise_documented_errors_only(caplog):
    content = nifti(VALUES, packed=False)
    rng = np.random.default_rng(0)
    quoted = 0
    for _ in range(150):
        damaged = bytearray(content)
        for place in rng.integers(0, 348, 4):
            damaged[place] = rng.integers(256)

        try:
            decode_nifti(bytes(damaged), "image-00001")
        except DataError as error:
            quoted += CANARY in error.message + error.hint
    assert quoted == 0
    assert caplog.text == ""


def test_without_nibabel_the_missing_package_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "nibabel", None)

    with pytest.raises(EnvironmentFault, match="nibabel"):
        decode_nifti(b"", "f")
