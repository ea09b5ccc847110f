"""Disk cache of features: files are named by content and never changed."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from visiontk.core import Inputs, Ints, Samples
from visiontk.data.public.locations import user_cache
from visiontk.version import VERSION

log = logging.getLogger(__name__)

CHUNK = 256


def cache_dir() -> Path | None:
    """Folder of computed features: ``$VISIONTK_CACHE``, else in the user's cache folder; None without a home folder."""
    if chosen := os.environ.get("VISIONTK_CACHE"):
        return Path(chosen).expanduser().absolute()
    cache = user_cache()
    return None if cache is None else cache / "features"


def cached(samples: Samples, compute: Callable[[Inputs], Inputs], name: str) -> tuple[Inputs, float]:
    """Features of all samples, from the cache if possible, and the CPU seconds of their computation.

    `compute` is a function of each input alone; `name` contains its version and all its parameters. CPU seconds include
    those of cached rows: the cost of a learner must not depend on the order of fits.
    """
    folder = _folder(samples, name)
    known, seconds = _known(folder, samples.rows)
    missing = np.array([row for row in samples.rows.tolist() if row not in known], dtype=np.int64)
    if len(missing):
        start = time.process_time()
        rows = np.concatenate([compute(samples.read(missing[i : i + CHUNK])) for i in range(0, len(missing), CHUNK)])
        took = time.process_time() - start
        seconds += took
        _store(folder, missing, rows, took)
        known.update(zip(missing.tolist(), rows, strict=True))
    return np.stack([known[row] for row in samples.rows.tolist()]), seconds


def _folder(samples: Samples, name: str) -> Path | None:
    root = cache_dir()
    key = hashlib.sha256(f"{VERSION}|{samples.card.sample_rate}|{name}".encode()).hexdigest()[:16]
    return None if root is None else root / f"{samples.card.fingerprint}-{key}"


def _known(folder: Path | None, rows: Ints) -> tuple[dict[int, Inputs], float]:
    """Cached features of these rows, and their share of the CPU seconds of their files."""
    known: dict[int, Inputs] = {}
    seconds = 0.0
    requested = set(rows.tolist())
    for path in sorted(folder.glob("*.npz")) if folder is not None and folder.is_dir() else []:
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                there, values, took = file["rows"], file["values"], float(file["seconds"])
        except Exception as error:  # a damaged file is computed again
            log.warning("W-CACHE-DAMAGED: %s is ignored: %s", path, error)
            continue
        new = [(row, i) for i, row in enumerate(there.tolist()) if row in requested and row not in known]
        known.update((row, values[i]) for row, i in new)
        seconds += took * len(new) / max(len(there), 1)
    return known, seconds


def _store(folder: Path | None, rows: Ints, values: Inputs, seconds: float) -> None:
    if folder is None:
        return
    name = hashlib.sha256(rows.tobytes()).hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
            try:
                np.savez(file, rows=rows, values=values, seconds=np.float64(seconds))
                file.flush()
                Path(file.name).replace(folder / f"{name}.npz")
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(file.name).unlink()
                raise
    except OSError as error:
        log.warning("W-CACHE: features are not kept, %s: %s", folder, error.strerror or error)
