from __future__ import annotations

import datetime
import os
import pickle
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visiontk.data import read_cifar, read_pickle
from visiontk.data.formats import cifar
from visiontk.errors import DataError


class Python2(pickle._Pickler):
    """Writes texts, bytes and names of modules as Python 2 with the NumPy of 2009 did."""

    def save_text(self, value):
        raw = value if isinstance(value, bytes) else value.encode()
        short = pickle.SHORT_BINSTRING + bytes([len(raw)]) if len(raw) < 256 else b""
        self.write((short or pickle.BINSTRING + struct.pack("<i", len(raw))) + raw)
        self.memoize(value)

    def save_type(self, value):
        module = value.__module__.replace("numpy._core", "numpy.core")
        self.write(pickle.GLOBAL + f"{module}\n{value.__name__}\n".encode())
        self.memoize(value)

    dispatch = pickle._Pickler.dispatch | {
        bytes: save_text,
        str: save_text,
        type: save_type,
        type(len): save_type,
        type(np.dtype): save_type,
    }


def python2(value, path):
    with path.open("wb") as stream:
        Python2(stream, protocol=2).dump(value)
    return path


def batch(n=7, **other):
    x = np.random.default_rng(0).integers(0, 256, (n, 3072), dtype=np.uint8)
    return {
        b"batch_label": b"training batch 1 of 5",
        b"labels": [i % 10 for i in range(n)],
        b"data": x,
        b"filenames": [b"leptodactylus_pentadactylus_s_%06d.png" % i for i in range(n)],
    } | other


def refused(path, content: bytes | None = None) -> DataError:
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_pickle(path)
    assert str(path) in str(caught.value)
    return caught.value


def test_a_batch_as_the_publisher_wrote_it_is_read(tmp_path):
    made = batch()
    path = python2(made, tmp_path / "data_batch_1")
    assert b"numpy.core.multiarray\n_reconstruct" in path.read_bytes()
    assert b"_codecs" not in path.read_bytes()

    found = read_cifar(path)

    np.testing.assert_array_equal(found.x[3, 10, 20], made[b"data"][3, [10 * 32 + 20, 1344 + 20, 2368 + 20]])
    assert found.x.shape == (7, 32, 32, 3)
    assert found.y.tolist() == made[b"labels"]
    assert found.names[2] == "leptodactylus_pentadactylus_s_000002.png"


def test_python_itself_reads_the_made_batch_alike(tmp_path):
    """The file that these tests make is one that other readers understand."""
    path = python2(batch(), tmp_path / "a")

    same = pickle.loads(path.read_bytes(), encoding="bytes")

    np.testing.assert_array_equal(same[b"data"], read_pickle(path)["data"])


@pytest.mark.parametrize(
    "value", [np.arange(6, dtype=">i4").reshape(2, 3), np.asfortranarray(np.eye(3, 4)), np.float32([[1]])]
)
@pytest.mark.parametrize("protocol", [2, 3])
def test_arrays_of_any_order_written_by_python_3_are_read(tmp_path, value, protocol):
    (tmp_path / "a").write_bytes(pickle.dumps({"x": value, "n": 3, "f": 0.5, "none": None}, protocol=protocol))

    found = read_pickle(tmp_path / "a")

    np.testing.assert_array_equal(found["x"], value)
    assert (found["n"], found["f"], found["none"]) == (3, 0.5, None)


def test_cifar_100_has_two_kinds_of_targets(tmp_path):
    made = batch(fine_labels=[9] * 7) | {b"coarse_labels": [4] * 7}
    made[b"fine_labels"] = made.pop("fine_labels")
    del made[b"labels"]
    path = python2(made, tmp_path / "train")

    assert read_cifar(path, "fine_labels").y.tolist() == [9] * 7
    assert read_cifar(path, "coarse_labels").y.tolist() == [4] * 7
    with pytest.raises(DataError, match=r"no entry 'labels'. Did you mean '.*labels'") as caught:
        read_cifar(path)
    assert caught.value.error_id == "E-DATA-KEY"


class Hostile:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_program_is_refused_by_name_and_not_run(tmp_path, protocol):
    marker = tmp_path / "marker"
    content = pickle.dumps({b"data": Hostile(os.system, f"touch {marker}")}, protocol=protocol)

    error = refused(tmp_path / "a", content)

    assert not marker.exists()
    assert error.error_id == "E-DATA-UNSAFE"
    assert f"{os.system.__module__}.system" in str(error)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"(S'touch marker'\nios\nsystem\n.", "os.system"),
        (b"c__builtin__\neval\n(S'1'\ntR.", "__builtin__.eval"),
        (b"cnumpy\nload\n.", "numpy.load"),
        (b"cnumpy.core.multiarray\nscalar\n.", "numpy.core.multiarray.scalar"),
        (b"\x80\x02cnumpy\nndarray.__reduce__\n.", "ndarray.__reduce__"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "os.system"),
        (b"c_codecs\ndecode\n.", "_codecs.decode"),
        (b"\x80\x02\x82\x01.", "outside the file"),
        (b"Pname\n.", "outside the file"),
    ],
)
def test_other_ways_to_a_global_are_refused(tmp_path, content, named):
    error = refused(tmp_path / "a", content)

    assert error.error_id == "E-DATA-UNSAFE"
    assert named in str(error)


@pytest.mark.parametrize(
    "content",
    [
        b"cnumpy\ndtype\n(tR.",
        b"cnumpy\ndtype\n(S'O'\ntR.",
        b"cnumpy\ndtype\n(S'V99999999999'\ntR.",
        b"cnumpy\ndtype\n}b.",
        b"cnumpy\ndtype\n]R.",
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\ndtype\ntR.",
        b"c_codecs\nencode\n(X\x01\0\0\0aX\x03\0\0\0rottR.",
        b"\x80\x02cnumpy\ndtype\n)\x81.",
        b"}}K\x01s.",
        b"](lp0\nh\0.",
        b"\x80\x02]q\0h\0.",
        b"<!doctype html><html></html>",
        b"\x80\x02}q\x00)K\x01s.",
    ],
)
def test_a_nonsensical_program_is_refused_as_damaged(tmp_path, content):
    assert refused(tmp_path / "a", content).error_id == "E-DATA-DECODE"


def test_nothing_global_is_looked_up_or_imported(tmp_path, monkeypatch):
    path = python2(batch(), tmp_path / "a")

    def never(*arguments, **named):
        raise AssertionError("something was imported")

    monkeypatch.setattr("builtins.__import__", never)
    try:
        found = read_pickle(path)
    finally:
        monkeypatch.undo()
    assert len(found["labels"]) == 7


def test_every_truncation_is_refused(tmp_path):
    content = python2(batch(n=1), tmp_path / "a").read_bytes()

    for cut in [*range(0, 200), *range(200, len(content), 37), len(content) - 1]:
        assert refused(tmp_path / "a", content[:cut]).error_id in ("E-DATA-TRUNC", "E-DATA-DECODE")


def test_a_memo_of_two_thousand_million_places_costs_no_memory(tmp_path):
    tracemalloc.start()
    refused(tmp_path / "a", b"\x80\x02]r\xff\xff\xff\x7f.")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1_000_000


@pytest.mark.parametrize("instruction", [b"B\xff\xff\xff\x7f", b"T\xff\xff\xff\x7f", b"\x8e" + b"\xff" * 7 + b"\x7f"])
def test_a_text_that_claims_to_be_long_costs_no_memory(tmp_path, instruction):
    tracemalloc.start()
    refused(tmp_path / "a", b"\x80\x02" + instruction)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1_000_000


def test_lists_of_lists_of_lists_stay_small_and_deep_ones_end(tmp_path):
    """Each level names the one before ten times: 10 ** 60 items if anybody walked through them."""
    laughs = b"\x80\x02}X\x01\0\0\0a]q\x00" + b"".join(
        b"](" + (b"h" + bytes([i])) * 10 + b"eq" + bytes([i + 1]) for i in range(60)
    )
    refused(tmp_path / "a", laughs + b".")

    assert refused(tmp_path / "a", b"\x80\x02}" + b")" + b"\x85" * 300_000 + b"K\x01s.").error_id == "E-DATA-DECODE"


def test_a_program_of_too_many_steps_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "MAX_STEPS", 1000)

    assert refused(tmp_path / "a", b"\x80\x02" + b"]" * 1001 + b".").error_id == "E-DATA-HUGE"


def test_a_file_over_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(cifar, "MAX_BYTES", 1000)

    assert refused(python2(batch(), tmp_path / "a")).error_id == "E-DATA-HUGE"


SMALL = pickle.dumps({b"data": np.zeros((2, 3), np.uint8), b"labels": [1, 2]}, protocol=2)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_a_changed_byte_never_escapes_as_another_error(tmp_path, place, change):
    content = bytearray(SMALL)
    content[place] ^= change
    (tmp_path / "a").write_bytes(bytes(content))

    try:
        read_pickle(tmp_path / "a")
    except DataError:
        return


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40))
def test_random_bytes_never_escape_as_another_error(tmp_path, content):
    (tmp_path / "a").write_bytes(b"\x80\x02" + content)

    try:
        read_pickle(tmp_path / "a")
    except DataError:
        return


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({b"data": np.zeros((7, 100), np.uint8)}, r"uint8 of shape \(7, 100\), expected uint8 of shape \(n, 3072\)"),
        ({b"data": [1, 2]}, "'data' is list"),
        ({b"labels": [1, 2]}, "7 images, 2 labels"),
        ({b"labels": ["a"] * 7}, "not a list of class numbers"),
        ({b"filenames": [b"a"]}, "1 filenames"),
    ],
)
def test_entries_that_do_not_fit_are_refused(tmp_path, change, words):
    with pytest.raises(DataError, match=words) as caught:
        read_cifar(python2(batch() | change, tmp_path / "a"))
    assert caught.value.error_id == "E-DATA-SHAPE"


def test_dates_are_refused_by_name(tmp_path):
    content = pickle.dumps({"when": datetime.date(2020, 1, 1)}, protocol=2)

    assert "datetime.date" in str(refused(tmp_path / "a", content))


def test_a_missing_file_is_named(tmp_path):
    assert refused(tmp_path / "nothing").error_id == "E-DATA-MISSING"
