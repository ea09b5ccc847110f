"""Resumed fits equal uninterrupted ones bit for bit."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from visiontk.core import Samples
from visiontk.errors import StoreError
from visiontk.learners import loop as module
from visiontk.learners.checkpoint import read_checkpoint, write_checkpoint
from visiontk.learners.network import Network

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("resume")]  # the uninterrupted fit runs once


class Fitted(NamedTuple):
    weights: list[np.ndarray]
    scores: np.ndarray
    history: list[str]
    best_epoch: int


def state(network: Network, workdir: Path, samples: Samples) -> Fitted:
    rows = [line.rsplit(",", 1)[0] for line in (workdir / "history.csv").read_text().splitlines()]
    best = read_checkpoint(workdir).state["best_epoch"]
    return Fitted(module.values_of(network.model.variables), network.predict(samples), rows, best)


def assert_same(a: Fitted, b: Fitted) -> None:
    assert a.history == b.history
    assert a.best_epoch == b.best_epoch
    assert all(np.array_equal(x, y) for x, y in zip(a.weights, b.weights, strict=True))
    assert np.array_equal(a.scores, b.scores)


def fit_into(network: Network, parts: tuple[Samples, Samples], workdir: Path) -> Fitted:
    workdir.mkdir(exist_ok=True)
    network.fit(*parts, seed=0, workdir=workdir, budget_s=600.0)
    return state(network, workdir, parts[1])


def interrupted(network: Network, parts: tuple[Samples, Samples], workdir: Path, *, after: int) -> None:
    """Fit until the checkpoint of epoch `after` is written."""

    def write(folder, checkpoint):
        write_checkpoint(folder, checkpoint)
        if checkpoint.epoch == after:
            raise KeyboardInterrupt

    workdir.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "write_checkpoint", write)
        with pytest.raises(KeyboardInterrupt):
            network.fit(*parts, seed=0, workdir=workdir, budget_s=600.0)


@pytest.fixture(scope="module")
def whole(make, parts, tmp_path_factory) -> Fitted:
    return fit_into(make(), parts, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def _after_four(make, parts, tmp_path_factory) -> Path:
    workdir = tmp_path_factory.mktemp("interrupted")
    interrupted(make(), parts, workdir, after=4)
    return workdir


@pytest.fixture
def workdir(_after_four, tmp_path) -> Path:
    """Return the folder of a fit that was interrupted after four of five epochs."""
    return Path(shutil.copytree(_after_four, tmp_path / "w"))


def checkpoints(workdir: Path) -> list[Path]:
    return sorted(workdir.glob("epoch-*"))


def test_a_fit_interrupted_after_every_epoch_equals_an_uninterrupted_one(make, parts, whole, tmp_path):
    """Weights, optimizer, random generators, history and best epoch, for four interruptions."""
    for epoch in range(1, 5):
        interrupted(make(), parts, tmp_path, after=epoch)

    assert_same(fit_into(make(), parts, tmp_path), whole)


def test_a_fit_interrupted_once_equals_an_uninterrupted_one(make, parts, whole, workdir):
    assert_same(fit_into(make(), parts, workdir), whole)


def test_an_interrupted_epoch_is_repeated(make, parts, whole, tmp_path, monkeypatch):
    """The third epoch is interrupted after its first batches."""
    original = module.Loop.on_train_batch_end

    def stop(self, batch, logs=None):
        original(self, batch, logs)
        if self.epoch == 2 and batch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module.Loop, "on_train_batch_end", stop)
        with pytest.raises(KeyboardInterrupt):
            fit_into(make(), parts, tmp_path)

    assert_same(fit_into(make(), parts, tmp_path), whole)


def test_early_stopping_resumes_its_count(make, parts, tmp_path):
    """Patience ends at the same epoch, and a finished fit is not resumed."""
    settings = {"epochs": 30, "patience": 2, "learning_rate": 1e-4}
    expected = fit_into(make(**settings), parts, tmp_path / "whole")
    last = int(expected.history[-1].split(",")[0])
    assert last < 30
    interrupted(make(**settings), parts, tmp_path / "w", after=last - 1)

    assert_same(fit_into(make(**settings), parts, tmp_path / "w"), expected)
    assert_same(fit_into(make(**settings), parts, tmp_path / "w"), expected)


def test_another_process_resumes_with_the_same_result(whole, workdir):
    """The result does not depend on the process that wrote the checkpoint."""
    shutil.rmtree(workdir / "epoch-000004")
    program = Path(__file__).with_name("resume_program.py")

    resumed = subprocess.run(
        [sys.executable, program, workdir],
        env=os.environ | {"VISIONTK_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert resumed.returncode == 0, resumed.stderr
    assert np.array_equal(np.load(workdir / "scores.npy"), whole.scores)
    rows = [line.rsplit(",", 1)[0] for line in (workdir / "history.csv").read_text().splitlines()]
    assert rows == whole.history


def truncate(path: Path) -> None:
    data = (path / "arrays.safetensors").read_bytes()
    (path / "arrays.safetensors").write_bytes(data[: len(data) // 2])


def clear(path: Path) -> None:
    (path / "arrays.safetensors").write_bytes(b"")


def flip(path: Path) -> None:
    data = bytearray((path / "arrays.safetensors").read_bytes())
    data[-5] ^= 1
    (path / "arrays.safetensors").write_bytes(data)


def edit(path: Path) -> None:
    value = json.loads((path / "state.json").read_text())
    (path / "state.json").write_text(json.dumps(value | {"best_epoch": 1}))


def remove_checksum(path: Path) -> None:
    (path / "sha256").unlink()


@pytest.mark.parametrize("damage", [truncate, clear, flip, edit, remove_checksum])
def test_a_damaged_checkpoint_is_ignored(make, parts, whole, workdir, damage, caplog):
    """The previous one is used and the log names the damaged one."""
    damage(checkpoints(workdir)[-1])

    resumed = fit_into(make(), parts, workdir)

    assert_same(resumed, whole)
    assert "W-CKPT-FALLBACK: epoch-000004" in caplog.text


def test_without_a_valid_checkpoint_the_fit_restarts(make, parts, whole, workdir, caplog):
    """Its checkpoints are retained, although the damaged ones are of later epochs."""
    for path in checkpoints(workdir):
        flip(path)

    interrupted(make(), parts, workdir, after=2)

    assert [path.name for path in checkpoints(workdir)] == ["epoch-000001", "epoch-000002"]
    assert caplog.text.count("W-CKPT-FALLBACK") == 2
    assert_same(fit_into(make(), parts, workdir), whole)


def test_a_checkpoint_of_other_settings_is_not_resumed(make, parts, workdir, tmp_path, caplog):
    resumed = fit_into(make(learning_rate=0.01), parts, workdir)

    assert_same(resumed, fit_into(make(learning_rate=0.01), parts, tmp_path / "alone"))
    assert "W-CKPT-OTHER" in caplog.text


def test_a_full_disk_ends_the_fit_and_preserves_saved_checkpoints(make, parts, whole, tmp_path, monkeypatch):
    """The exit code is 74; the same fit then resumes."""
    real, calls = os.fsync, []

    def full(handle):
        calls.append(handle)
        if len(calls) > 7:  # three files each: two checkpoints fit, the third does not
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError, match="No space left on device") as caught:
            fit_into(make(), parts, tmp_path)

    assert caught.value.error_id == "E-IO-FULL"
    assert caught.value.exit_code == 74
    assert [path.name for path in checkpoints(tmp_path)] == ["epoch-000001", "epoch-000002"]
    assert not list(tmp_path.glob(".*"))
    assert_same(fit_into(make(), parts, tmp_path), whole)


def test_a_history_that_cannot_be_written_ends_the_fit(make, parts, tmp_path, monkeypatch):
    def broken(self, text):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", broken)
        with pytest.raises(StoreError, match="Input/output error") as caught:
            fit_into(make(), parts, tmp_path)

    assert caught.value.error_id == "E-IO-WRITE"
