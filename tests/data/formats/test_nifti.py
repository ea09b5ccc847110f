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


def test_the_middle_slice_lies_as_a_radiologist_sees_it():
    """Anterior at the top, the right of the body on the left."""
    found = decode_nifti(nifti(VALUES), "f", window=FULL).shares * 119

    assert found == pytest.approx(VALUES[::-1, ::-1, 3].T)


def test_a_volume_stored_the_other_way_round_gives_the_same_image():
    mirrored = np.diag([-1.0, 1.0, 1.0, 1.0])

    plain, reoriented = decode_nifti(nifti(VALUES), "f"), decode_nifti(nifti(VALUES[::-1], mirrored), "f")

    assert (reoriented.shares == plain.shares).all()
    assert (plain.reoriented, reoriented.reoriented) == (False, True)


def test_slope_and_intercept_of_the_header_are_applied():
    content = patched(nifti(VALUES, packed=False), 112, "ff", 2.0, 10.0)

    found = decode_nifti(content, "f", window=Window(10.0, 248.0)).shares * 119

    assert found == pytest.approx(VALUES[::-1, ::-1, 3].T)


def test_a_slice_may_be_named():
    assert decode_nifti(nifti(VALUES), "f", slice_index=0, window=FULL).shares.min() == 0
    assert refused(nifti(VALUES), slice_index=6).error_id == "E-NIFTI-SLICE"


def test_a_image_of_two_axes_is_read():
    assert decode_nifti(nifti(VALUES[..., 0]), "f").shares.shape == (5, 4)


def test_a_fourth_axis_needs_a_frame():
    content = nifti(np.stack([np.zeros_like(VALUES), VALUES], axis=3))

    assert refused(content).error_id == "E-NIFTI-SHAPE"
    assert decode_nifti(content, "f", frame=1, window=FULL).shares.max() > 0
    assert refused(content, frame=2).error_id == "E-NIFTI-SLICE"


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_every_beginning_of_a_file_is_refused(share, packed):
    values = np.random.default_rng(0).normal(size=(10, 10, 10))
    content = nifti(values, packed=packed)

    error = refused(content[: int(share * len(content))])

    assert error.error_id in {"E-DATA-TRUNC", "E-DATA-DECODE"}


def test_a_truncated_file_tells_both_numbers():
    content = nifti(VALUES, packed=False)

    assert "declares 832 bytes, found 800" in refused(content[:800]).message


def test_a_header_that_claims_too_much_is_refused_before_it_is_read():
    content = patched(nifti(VALUES, packed=False), 40, "4h", 3, 32767, 32767, 32767)

    error = refused(content)

    assert (error.error_id, "32767x32767x32767" in error.message) == ("E-DATA-HUGE", True)


@pytest.mark.slow
def test_a_gzip_bomb_is_unpacked_no_further_than_its_header_says():
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
def test_what_is_no_nifti_is_refused(content):
    assert refused(content).error_id == "E-DATA-DECODE"


def test_the_header_of_a_pair_of_files_is_told_from_other_files():
    content = patched(nifti(VALUES, packed=False), 344, "4s", b"ni1\0")

    assert "pair" in refused(content).message


def test_axes_that_do_not_span_space_are_refused():
    content = bytearray(nifti(VALUES, packed=False))
    struct.pack_into("<2h", content, 252, 0, 1)  # use the matrix
    struct.pack_into("<12f", content, 280, *([0.0] * 12))

    assert refused(bytes(content)).error_id == "E-NIFTI-AFFINE"


def test_a_few_voxels_without_a_number_are_filled_and_counted():
    values = np.random.default_rng(0).normal(size=(30, 30, 3)).astype(np.float32)
    values[3, 4, 1] = np.nan

    found = decode_nifti(nifti(values), "f")

    assert found.filled == 1
    assert np.isfinite(found.shares).all()


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_many_values_that_are_no_numbers_are_refused(bad):
    values = VALUES.copy()
    values[:, :2] = bad

    error = refused(nifti(values))

    assert (error.error_id, "8 of 20" in error.message) == ("E-DATA-NONFINITE", True)


def test_damaged_files_end_in_an_error_of_ours(caplog):
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


def test_without_nibabel_the_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "nibabel", None)

    with pytest.raises(EnvironmentFault, match="nibabel"):
        decode_nifti(b"", "f")
