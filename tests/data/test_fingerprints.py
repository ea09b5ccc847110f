from __future__ import annotations

import numpy as np
import pytest

from visiontk.data import fingerprint

X = np.arange(12, dtype=np.int32).reshape(3, 4)


def test_a_fingerprint_is_stable():
    """Computed by hand: sha256 of b"str:1:a"."""
    assert fingerprint("a") == "169b60836f393d96"
    assert len(fingerprint(X)) == 16


@pytest.mark.parametrize("same", [X.copy(), np.asfortranarray(X), X.astype(">i4"), np.repeat(X, 2, axis=0)[::2]])
def test_memory_layout_and_byte_order_are_ignored(same):
    assert fingerprint(same) == fingerprint(X)


@pytest.mark.parametrize("other", [X + 1, X.T, X.reshape(4, 3), X.astype(np.int64), X[:2], X.astype(np.uint32)])
def test_values_shape_and_dtype_change_the_fingerprint(other):
    assert fingerprint(other) != fingerprint(X)


def test_the_fingerprint_depends_on_the_borders_of_its_arguments():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("a") != fingerprint(b"a")
    assert fingerprint(X, "a") != fingerprint("a", X)


def test_the_width_of_a_text_array_is_ignored():
    assert fingerprint(np.array(["a", "b"])) == fingerprint(np.array(["a", "b", "ccc"])[:2])
    assert fingerprint(np.array(["ab", "c"])) != fingerprint(np.array(["a", "bc"]))


def test_empty_and_scalar_arrays_have_fingerprints():
    assert fingerprint(np.zeros((0, 3))) != fingerprint(np.zeros((3, 0)))
    assert fingerprint(np.array(1)) != fingerprint(np.array([1]))


def test_object_arrays_are_refused():
    with pytest.raises(TypeError, match="Python objects"):
        fingerprint(np.array([None]))
