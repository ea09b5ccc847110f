import numpy as np
import pytest

from visiontk.learners.checkpoint import Checkpoint, read_checkpoint, write_checkpoint


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def checkpoint(epoch, **arrays):
    return Checkpoint(epoch, arrays or {"w": np.full(3, epoch)}, {"best": epoch / 3})


ARRAYS = {
    "scalar": np.int64(7),
    "vector": np.linspace(0, 1, 5, dtype=np.float32),
    "transposed": np.arange(6.0).reshape(2, 3).T,
    "strided": np.arange(10)[::-2],
    "seed": np.array([1, 2**32 - 1], np.uint32),
    "empty": np.zeros((0, 3)),
    "extreme": np.array([np.nan, np.inf, -0.0, 5e-324]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_is_restored_bit_for_bit(tmp_path, name):
    """For any memory order; a scalar stays a scalar."""
    write_checkpoint(tmp_path, checkpoint(1, a=ARRAYS[name]))

    restored = read_checkpoint(tmp_path).arrays["a"]

    assert restored.dtype == np.asarray(ARRAYS[name]).dtype
    assert restored.shape == np.shape(ARRAYS[name])
    assert restored.tobytes() == np.asarray(ARRAYS[name]).tobytes()


def test_numbers_of_the_state_are_restored_exactly(tmp_path):
    state = {"best": (-np.inf, 0.1 + 0.2), "history": [{"loss": 1 / 3}], "finished": False}
    write_checkpoint(tmp_path, Checkpoint(2, {"w": np.zeros(1)}, state))

    assert read_checkpoint(tmp_path).state == state | {"best": [-np.inf, 0.1 + 0.2]}


def test_the_two_newest_checkpoints_are_retained(tmp_path):
    for epoch in range(1, 5):
        write_checkpoint(tmp_path, checkpoint(epoch))

    assert names(tmp_path) == ["epoch-000003", "epoch-000004"]
    assert read_checkpoint(tmp_path).epoch == 4


def test_a_checkpoint_of_a_later_epoch_is_removed(tmp_path):
    """The current fit did not resume from it, so it is damaged or belongs to another fit."""
    for epoch in (6, 7, 1):
        write_checkpoint(tmp_path, checkpoint(epoch))

    assert names(tmp_path) == ["epoch-000001"]


def test_an_epoch_can_be_overwritten(tmp_path):
    write_checkpoint(tmp_path, checkpoint(1))
    write_checkpoint(tmp_path, checkpoint(1, w=np.ones(2)))

    assert read_checkpoint(tmp_path).arrays["w"].tolist() == [1, 1]


@pytest.mark.parametrize("folder", [".", "missing"])
def test_a_folder_without_checkpoints_returns_none(tmp_path, folder):
    (tmp_path / "history.csv").write_text("epoch\n")

    assert read_checkpoint(tmp_path / folder) is None


@pytest.mark.parametrize("file", ["arrays.safetensors", "state.json", "sha256"])
@pytest.mark.parametrize("damage", ["missing", "empty", "half", "first bit", "last bit"])
def test_damage_to_any_file_is_detected(tmp_path, file, damage, caplog):
    """The previous checkpoint is read, and the log names the damaged one."""
    for epoch in (1, 2):
        write_checkpoint(tmp_path, checkpoint(epoch))
    path = tmp_path / "epoch-000002" / file
    data = bytearray(path.read_bytes())
    if damage == "missing":
        path.unlink()
    else:
        data[0] ^= damage == "first bit"
        data[-1] ^= damage == "last bit"
        path.write_bytes({"empty": b"", "half": data[: len(data) // 2]}.get(damage, data))

    restored = read_checkpoint(tmp_path)

    assert restored.epoch == 1
    assert restored.arrays["w"].tolist() == [1, 1, 1]
    assert "W-CKPT-FALLBACK: epoch-000002" in caplog.text


def test_a_failed_write_preserves_earlier_checkpoints(tmp_path, monkeypatch):
    """No temporary folder remains."""
    write_checkpoint(tmp_path, checkpoint(1))

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_checkpoint(tmp_path, checkpoint(2))

    assert names(tmp_path) == ["epoch-000001"]
    assert read_checkpoint(tmp_path).epoch == 1


def test_a_partial_checkpoint_of_a_killed_process_is_ignored(tmp_path):
    write_checkpoint(tmp_path, checkpoint(1))
    (tmp_path / ".writing-99").mkdir()
    (tmp_path / ".writing-99" / "arrays.safetensors").write_bytes(b"x")

    assert read_checkpoint(tmp_path).epoch == 1
