"""Fits as JSON and plain arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from visiontk.learners.state import ARRAYS, STATE, read_state, write_state


def test_arrays_keep_type_shape_and_bits(tmp_path: Path) -> None:
    """Scalars, empty arrays and transposed ones too."""
    values = np.random.default_rng(0).normal(size=(3, 4))
    arrays = {"a": values.T, "b": np.float32(0.1) * np.ones(()), "c": np.zeros((0, 3), np.int64), "d": values > 0}

    write_state(tmp_path, {"length": 3}, arrays)

    state = read_state(tmp_path)
    assert state.value == {"length": 3}
    for name, array in arrays.items():
        assert state.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(state.arrays[name], array)
        assert state.arrays[name].flags.writeable


@pytest.mark.parametrize(
    ("name", "data"),
    [(STATE, b"[1]"), (STATE, b"{"), (STATE, b"[" * 100_000), (STATE, b"\xff"), (ARRAYS, b""), (ARRAYS, b"\xff" * 40)],
)
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    write_state(tmp_path, {}, {"w": np.ones(2)})
    (tmp_path / name).write_bytes(data)

    with pytest.raises(ValueError, match=r"."):
        read_state(tmp_path)


def test_numbers_and_arrays_are_checked_when_they_are_taken(tmp_path: Path) -> None:
    """Type, range, shape and finiteness."""
    write_state(
        tmp_path, {"n": 3, "t": True}, {"w": np.ones((2, 3)), "i": np.ones(2, np.int64), "x": np.array([np.nan])}
    )
    state = read_state(tmp_path)

    assert state.whole("n", 3) == 3
    for name, most in (("n", 2), ("t", 5), ("missing", 5)):
        with pytest.raises(ValueError, match=f"{name} is .*, expected a whole number from 1 to {most}"):
            state.whole(name, most)
    assert state.array("w", shape=(None, 3)).shape == (2, 3)
    for name, shape, words in (
        ("w", (2, 2), r"has shape \(2, 3\)"),
        ("w", (6,), "no array of numbers"),
        ("i", (2,), "no array of numbers"),
        ("y", (2,), "no array of numbers"),
        ("x", (1,), "not finite"),
    ):
        with pytest.raises(ValueError, match=words):
            state.array(name, shape=shape)
