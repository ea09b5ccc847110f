"""Checkpoints: hashed folders of plain arrays, the two newest retained, none overwritten in place.

Keras rewrites a checkpoint in place, so a full disk destroys the last good one, and it saves neither
the state of callbacks nor of random generators. Here a checkpoint is a folder that is renamed into
place: all variables (weights, optimizer, random generators) as safetensors, which cannot run code,
the remaining state as JSON, and a hash of both.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

RETAINED = 2

log = logging.getLogger(__name__)


class Checkpoint(NamedTuple):
    """State after `epoch` epochs: arrays by name, and a JSON value."""

    epoch: int
    arrays: dict[str, NDArray[Any]]
    state: dict[str, Any]


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, then remove all others except the one before.

    Checkpoints of later epochs are removed too: the current fit did not resume from them, so they are
    damaged or belong to another fit.

    Raises
    ------
    OSError
        If the disk is full; earlier checkpoints stay.
    """
    # safetensors writes the memory of an array as it is; ascontiguousarray would turn scalars into vectors.
    arrays = save({name: np.array(a, order="C") for name, a in checkpoint.arrays.items()})
    state = json.dumps({"epoch": checkpoint.epoch, **checkpoint.state}).encode()
    digest = hashlib.sha256(arrays + state).hexdigest().encode()
    staging = folder / f".writing-{os.getpid()}"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir(parents=True)
        for name, data in (("arrays.safetensors", arrays), ("state.json", state), ("sha256", digest)):
            with (staging / name).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        target = folder / f"epoch-{checkpoint.epoch:06d}"
        shutil.rmtree(target, ignore_errors=True)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    checkpoints = _folders(folder)
    retained = [path for path in checkpoints if path.name <= target.name][:RETAINED]
    for path in checkpoints:
        if path not in retained:
            shutil.rmtree(path, ignore_errors=True)


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """Newest checkpoint with a valid hash, or None; damaged ones are skipped with a warning in the log.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_checkpoint(folder, Checkpoint(3, {"w": np.ones(2)}, {"best": 0.5}))
    >>> checkpoint = read_checkpoint(folder)
    >>> checkpoint.epoch, checkpoint.arrays["w"].tolist(), checkpoint.state["best"]
    (3, [1.0, 1.0], 0.5)
    """
    for path in _folders(folder):
        try:
            arrays, state = (path / "arrays.safetensors").read_bytes(), (path / "state.json").read_bytes()
            digest = (path / "sha256").read_bytes()
        except OSError as error:
            log.warning("W-CKPT-FALLBACK: %s is not complete (%s); the previous one is used", path.name, error)
            continue
        if hashlib.sha256(arrays + state).hexdigest().encode() != digest:
            log.warning("W-CKPT-FALLBACK: %s is damaged; the previous one is used", path.name)
            continue
        value = json.loads(state)
        return Checkpoint(value.pop("epoch"), load(arrays), value)
    return None


def _folders(folder: Path) -> list[Path]:
    return sorted(folder.glob("epoch-*"), reverse=True)
