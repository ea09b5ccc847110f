"""Weights in PyTorch's older format, read without executing anything."""

import hashlib
import pickle
import sys

import numpy as np
import pytest

from visiontk.data.formats import torch_weights
from visiontk.data.formats.torch_weights import read_torch_weights
from visiontk.errors import DataError

MAGIC = 0x1950A86A20F9469CFC6C
HEAD = b"".join(pickle.dumps(v, 2) for v in (MAGIC, 1001, {"protocol_version": 1001, "little_endian": True}))
DICT, TENSOR, FLOATS = b"ccollections\nOrderedDict\n", b"ctorch._utils\n_rebuild_tensor_v2\n", b"ctorch\nFloatStorage\n"


def plain(value):
    """Return the operations that push a plain value."""
    return pickle.dumps(value, 2)[2:-1]


def tensor(key, size, offset, shape, strides, kind=FLOATS):
    """Return the operations that push a tensor, as PyTorch writes them."""
    storage = b"(" + plain("storage") + kind + plain(key) + plain("cpu") + plain(size) + b"NtQ"
    sizes = plain(offset) + plain(shape) + plain(strides)
    return TENSOR + b"((" + storage[1:] + sizes + b"\x89" + DICT + b")RtR"


def document(tensors, storages, *, head=HEAD, keys=None):
    """Return the bytes of a file of tensors, given as operations by name, and of storages, given as arrays by key."""
    items = b"".join(plain(name) + operations for name, operations in tensors.items())
    listing = b"\x80\x02" + DICT + b")R(" + items + b"u."
    content = head + listing + pickle.dumps(list(storages) if keys is None else keys, 2)
    return content + b"".join(len(a).to_bytes(8, "little") + a.tobytes() for a in storages.values())


def small():
    """Return a file of two tensors in two storages, one of them transposed and with an offset."""
    tensors = {"a.weight": tensor("1", 7, 1, (2, 3), (1, 2)), "b": tensor("2", 1, 0, (), (), b"ctorch\nLongStorage\n")}
    return document(tensors, {"1": np.arange(7, dtype="<f4"), "2": np.array([5], "<i8")})


def read(tmp_path, content, **options):
    (tmp_path / "w.pth").write_bytes(content)
    return read_torch_weights(tmp_path / "w.pth", **options)


def test_strides_and_offsets_are_honoured(tmp_path):
    weights = read(tmp_path, small())

    assert list(weights) == ["a.weight", "b"]
    assert weights["a.weight"].tolist() == [[1, 3, 5], [2, 4, 6]]
    assert (weights["a.weight"].dtype, weights["b"].dtype, int(weights["b"])) == (np.float32, np.int64, 5)


def test_another_hash_is_refused_before_the_file_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(torch_weights, "_tensors", lambda content: pytest.fail("read"))

    with pytest.raises(DataError, match=r"sha256 is .*expected 0000") as caught:
        read(tmp_path, small(), sha256="0" * 64)

    assert caught.value.error_id == "E-WEIGHTS-HASH"


def test_the_expected_hash_is_accepted(tmp_path):
    assert read(tmp_path, small(), sha256=hashlib.sha256(small()).hexdigest())


class Command:
    """Pickles to a call that leaves a trace."""

    def __reduce__(self):
        return (sys.setrecursionlimit, (123_456,))


HOSTILE = {
    "call": b"\x80\x02csys\nsetrecursionlimit\n" + plain((123_456,)) + b"R.",
    "call in a dict": b"\x80\x02}" + plain("a") + b"csys\nsetrecursionlimit\n" + plain((123_456,)) + b"Rs.",
    "new object": b"\x80\x02csys\nsetrecursionlimit\n" + plain((123_456,)) + b"\x81.",
    "old object": b"\x80\x02(" + plain(123_456) + b"isys\nsetrecursionlimit\n.",
    "object": b"\x80\x02(csys\nsetrecursionlimit\n" + plain(123_456) + b"o.",
    "stacked name": b"\x80\x04\x8c\x03sys\x8c\x11setrecursionlimit\x93" + plain((123_456,)) + b"R.",
    "extension": b"\x80\x02\x82\x01.",
    "buffer": b"\x80\x05\x97.",
    "protocol 4": pickle.dumps(Command(), 4),
    "protocol 0": pickle.dumps(Command(), 0),
    "call of a dict with values": b"\x80\x02" + DICT + plain((1,)) + b"R.",
    "call of a text": b"\x80\x02" + plain("print") + plain((1,)) + b"R.",
}


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pickles_are_refused_and_nothing_is_executed(tmp_path, name, position):
    """In place of each of the five pickles of a file."""
    parts = [pickle.dumps(v, 2) for v in (MAGIC, 1001, {"little_endian": True}, {"a": 1}, ["1"])]
    parts[position] = HOSTILE[name]
    limit = sys.getrecursionlimit()

    with pytest.raises(DataError) as caught:
        read(tmp_path, b"".join(parts))

    assert caught.value.error_id == "E-WEIGHTS-UNSAFE"
    assert sys.getrecursionlimit() == limit


def test_a_file_of_nested_tuples_is_refused_at_once(tmp_path):
    """Each tuple holds the one before twice, so that its text would have 2 to the power of 200 words."""
    bomb = b"\x80\x02)" + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86" for i in range(200)) + b"."
    shape = bomb[2:-1]
    tensors = {"a": tensor("1", 7, 0, (), ()).replace(plain(()) + plain(()), shape + plain(()), 1)}

    for content in (HEAD + bomb + bomb, document(tensors, {"1": np.zeros(7, "<f4")})):
        with pytest.raises(DataError, match="older format"):
            read(tmp_path, content)


@pytest.mark.parametrize(
    ("shape", "strides", "offset", "message"),
    [
        ((2, 4), (4, 1), 0, "leaves its storage of 7"),
        ((7,), (1,), 1, "leaves its storage of 7"),
        ((2, 2), (6, 1), 0, "leaves its storage of 7"),
        ((9, 9), (0, 0), 0, "leaves its storage of 7"),
        ((2,), (-1,), 1, "are not counts"),
        ((-2,), (1,), 0, "are not counts"),
        ((2, 3), (1,), 0, "are not counts"),
        (("2",), (1,), 0, "are not counts"),
    ],
)
def test_tensors_outside_their_storage_are_refused(tmp_path, shape, strides, offset, message):
    content = document({"a": tensor("1", 7, offset, shape, strides)}, {"1": np.zeros(7, "<f4")})

    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, content)

    assert caught.value.error_id == "E-WEIGHTS-DECODE"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "older format"),
        (b"PK\x03\x04 a newer file", "older format"),
        (pickle.dumps(1, 2) + small()[15:], "its beginning is that of another format"),
        (HEAD.replace(b"\x88", b"\x89") + small()[len(HEAD) :], "its beginning is that of another format"),
        (small()[:-1], "storage 2 ends after 7 bytes"),
        (small() + b"x", "it goes on after its last storage"),
        (
            document({"a": tensor("1", 7, 0, (7,), (1,))}, {"1": np.zeros(6, "<f4")}),
            "has 6 values, its tensors expect 7",
        ),
        (
            document({"a": tensor("1", 7, 0, (7,), (1,))}, {"1": np.zeros(7, "<f4")}, keys=["2"]),
            "not the 1 of its tensors",
        ),
        (document({"a": plain(3)}, {}), "does not list tensors by name"),
    ],
    ids=["empty", "zip", "magic", "big endian", "cut", "longer", "size", "keys", "number"],
)
def test_damaged_files_are_refused(tmp_path, content, message):
    with pytest.raises(DataError, match=message) as caught:
        read(tmp_path, content)

    assert caught.value.error_id == "E-WEIGHTS-DECODE"


def test_missing_and_huge_files_are_refused(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="No such file") as missing:
        read_torch_weights(tmp_path / "w.pth")
    monkeypatch.setattr(torch_weights, "MAX_BYTES", 10)
    with pytest.raises(DataError, match="the limit is 10"):
        read(tmp_path, small())

    assert missing.value.error_id == "E-WEIGHTS-MISSING"


def mutations(content, n, upto):
    """Yield seeded mutations of the first `upto` bytes: a byte changed, removed or inserted, or the rest cut off."""
    rng = np.random.default_rng(0)
    for _ in range(n):
        position, kind, byte = int(rng.integers(upto)), int(rng.integers(4)), bytes([int(rng.integers(256))])
        middle = {0: byte, 1: b"", 2: byte + content[position : position + 1], 3: None}[kind]
        yield content[:position] if middle is None else content[:position] + middle + content[position + 1 :]


def test_mutated_files_are_refused_or_are_still_tensors(tmp_path, monkeypatch):
    """Without the hash: some mutations change only a name, a shape that fits too, or nothing."""
    content = small()
    for name in ("load", "loads"):
        monkeypatch.setattr(pickle, name, lambda *_, **__: pytest.fail("executed"))
    error_ids = []
    for mutation in mutations(content, 300, len(content) - 40):
        try:
            weights = read(tmp_path, mutation)
        except DataError as error:
            error_ids.append(error.error_id)
        else:
            assert all(array.dtype in (np.float32, np.int64) for array in weights.values())

    assert len(error_ids) > 200
    assert set(error_ids) == {"E-WEIGHTS-UNSAFE", "E-WEIGHTS-DECODE"}


def test_every_mutation_of_known_weights_is_refused(tmp_path):
    content = small()
    digest = hashlib.sha256(content).hexdigest()

    for mutation in mutations(content, 100, len(content)):
        if mutation != content:
            with pytest.raises(DataError, match="not the published weights"):
                read(tmp_path, mutation, sha256=digest)
