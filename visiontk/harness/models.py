"""Fitted learners as folders of data: saved by a fit, kept at the end of a run, checked before they are loaded.

A model folder holds ``manifest.json`` and what the learner wrote into ``learner/``. The manifest has a hash of each
file and one of itself, so a folder that was changed or cut is refused before anything of it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from typing_extensions import TypedDict

from visiontk.core import CannotSave, Learner, Task, Trial, load_learner, save_learner
from visiontk.errors import ModelError, ResumeError, StoreError, disk_errors
from visiontk.harness.files import flush_folder, read_text
from visiontk.harness.outcome import MODEL, UNSAVED
from visiontk.harness.packages import check_packages
from visiontk.harness.store import EXPERIMENT, RunDirectory
from visiontk.registry import get_task
from visiontk.version import VERSION

MODELS, KEPT = "models", "models.json"
MANIFEST, LEARNER = "manifest.json", "learner"
FORMAT = 1
MANIFEST_BYTES = 10_000_000
"""Largest manifest: of more classes than a comparison can have."""

GONE = "it was fitted earlier and not kept then; without its folder in trials it is fitted again"


class KeptModel(TypedDict):
    """An entry of ``models.json``: a fit that was to be kept."""

    learner: str
    fold: int
    seed: int
    trial: str  # key
    kept: bool
    reason: str  # why not; empty if kept
    bytes: int


class Manifest(NamedTuple):
    """Contents of ``manifest.json`` after all hashes were found true."""

    trial: Trial
    labels: tuple[str, ...]


def is_candidate(trial: Trial, store: RunDirectory) -> bool:
    """Return True if the fit of a trial may be kept: which learner is best is known after the last fit only."""
    import yaml

    settings = yaml.safe_load(read_text(store.path / EXPERIMENT)) or {}
    if not (trial.is_compared and "test" in trial.asks):
        return False
    first = trial.fold == 0 and trial.seed == next(iter(settings.get("seeds", ())), None)
    return settings.get("keep") == "all" or (settings.get("keep") == "best" and first)


def save_model(learner: Learner, trial: Trial, labels: Sequence[str], folder: Path) -> str:
    """Save a fitted learner with its manifest; return why it cannot be saved, or an empty string.

    Raises
    ------
    StoreError
        If the disk is full.
    """
    shutil.rmtree(folder, ignore_errors=True)
    reason = ""
    try:
        with disk_errors(folder):
            save_learner(learner, folder / LEARNER)
            _write_manifest(folder, trial, labels)
    except StoreError:
        raise
    except CannotSave as error:
        reason = str(error)
    except Exception as error:  # a learner of a package may fail in any way, and its predictions are valid all the same
        reason = f"{type(error).__name__}: {error}"
    if reason:
        shutil.rmtree(folder, ignore_errors=True)
    return reason


def load_model(folder: Path, *, task: Task | None = None) -> tuple[Learner, Manifest]:
    """Return the learner of a model folder and its manifest; `task` is by default the installed one of its trial.

    Raises
    ------
    ModelError
        If the folder was changed or cut, or another version wrote it; nothing of it was executed.
    EnvironmentFault
        If a package that the learner comes from is missing or has another version.
    """
    manifest = read_manifest(folder)
    trial = manifest.trial
    task = get_task(trial.task) if task is None else task
    factory = task.learner(trial.learner)
    check_packages(task, trial)
    try:
        learner = factory(**trial.parameters)
        load_learner(learner, folder / LEARNER)
    except ModelError as error:
        raise ModelError(f"{folder}: {error.message}", error_id=error.error_id, hint=error.hint) from error
    except Exception as error:
        raise ModelError(
            f"{folder}: {LEARNER}: {trial.learner} cannot be filled from it: {type(error).__name__}: {error}",
            error_id="E-MODEL-DAMAGED",
            hint="Take it again from where it was made, or fit it again.",
        ) from error
    return learner, manifest


def keep_models(store: RunDirectory, selected: Sequence[Trial], *, complete: bool) -> list[KeptModel]:
    """Move the selected models into ``models/`` and list them in ``models.json``; those kept before stay.

    The others are removed once every fit has ended (`complete`): until then the choice may change.
    """
    entries = [_kept(store, trial) for trial in selected]
    if complete:
        for folder in (store.path / "trials").glob(f"*/{MODEL}"):
            shutil.rmtree(folder, ignore_errors=True)
    if entries or (store.path / KEPT).exists():
        store.write_json(KEPT, entries)
    return entries


def _kept(store: RunDirectory, trial: Trial) -> KeptModel:
    target = store.path / MODELS / trial.key
    with disk_errors(target):
        if not target.exists() and (store.folder(trial) / MODEL).exists():
            target.parent.mkdir(exist_ok=True)
            (store.folder(trial) / MODEL).rename(target)
            flush_folder(target.parent)
    kept = target.exists()
    return {
        "learner": trial.learner,
        "fold": trial.fold,
        "seed": trial.seed,
        "trial": trial.key,
        "kept": kept,
        "reason": "" if kept else read_text(store.folder(trial) / UNSAVED) or GONE,
        "bytes": sum(path.stat().st_size for path in _files(target)) if kept else 0,
    }


def kept_models(store: RunDirectory) -> list[KeptModel]:
    """Return the entries of ``models.json``; none if there is no such file."""
    if not (store.path / KEPT).exists():
        return []
    entries = store.read_json(KEPT)
    known = KeptModel.__annotations__.keys()
    if not isinstance(entries, list) or not all(isinstance(each, dict) and known == each.keys() for each in entries):
        raise ResumeError(
            f"{store.path / KEPT}: damaged.",
            error_id="E-RUN-DAMAGED",
            hint="Repeat the command that made the run: it writes the file again and keeps finished trials.",
        )
    return cast(list[KeptModel], entries)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a model folder and check every file; ModelError names those that differ."""
    value = _parsed(folder)
    made_by = (value.get("format"), value.get("visiontk"))
    if made_by != (FORMAT, VERSION):
        raise ModelError(
            f"{folder}: made by visiontk {made_by[1]}, format {made_by[0]}; this is {VERSION}, format {FORMAT}.",
            error_id="E-MODEL-VERSION",
            hint=f"Install visiontk {made_by[1]}, or fit it again.",
        )
    try:
        members = {str(name): (str(each["sha256"]), int(each["bytes"])) for name, each in value["members"].items()}
        trial, labels = Trial.from_value(value["trial"]), tuple(map(str, value["labels"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(folder, [f"{MANIFEST}: not a manifest"]) from error
    try:
        faults = list(_faults(folder, members))
    except OSError as error:
        raise _damaged(folder, [f"{error.filename}: {error.strerror}"]) from error
    if faults:
        raise _damaged(folder, faults)
    return Manifest(trial, labels)


def _parsed(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        if path.is_symlink() or path.stat().st_size > MANIFEST_BYTES:
            raise _damaged(folder, [f"{MANIFEST}: not a manifest"])
        data = path.read_bytes()
        value = json.loads(data)
        signed = value.pop("sha256")
        if _canonical({**value, "sha256": signed}) != data or signed != _hash(_canonical(value)):
            raise _damaged(folder, [f"{MANIFEST}: changed"])
    except OSError as error:
        fault = "missing" if isinstance(error, FileNotFoundError) else "unreadable"
        raise _damaged(folder, [f"{MANIFEST}: {fault}"]) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, ModelError):
            raise
        raise _damaged(folder, [f"{MANIFEST}: changed"]) from error
    return dict(value)


def _faults(folder: Path, members: Mapping[str, tuple[str, int]]) -> Iterator[str]:
    """Yield each member that is missing, changed or not in the manifest."""
    present = {path.relative_to(folder).as_posix(): path for path in _entries(folder)} if folder.is_dir() else {}
    for name, (digest, size) in members.items():
        path = present.pop(name, None)
        if path is None:
            yield f"{name}: missing"
        elif path.is_symlink() or not path.is_file():
            yield f"{name}: not a file"
        elif path.stat().st_size != size:
            yield f"{name}: {path.stat().st_size} bytes, expected {size}"
        elif _hash_of(path) != digest:
            yield f"{name}: changed"
    yield from (f"{name}: not in the manifest" for name in sorted(present) if name != MANIFEST)


def _write_manifest(folder: Path, trial: Trial, labels: Sequence[str]) -> None:
    """Write the manifest of the files in a folder, which are flushed to disk."""
    members = {}
    for path in _files(folder):
        members[path.relative_to(folder).as_posix()] = {
            "sha256": _hash_of(path, flush=True),
            "bytes": path.stat().st_size,
        }
    value: dict[str, Any] = json.loads(trial.to_json())
    value["dataset_parameters"].pop("path", None)  # its name may be that of a patient
    content = {"format": FORMAT, "visiontk": VERSION, "trial": value, "labels": list(labels), "members": members}
    with (folder / MANIFEST).open("xb") as file:
        file.write(_canonical({**content, "sha256": _hash(_canonical(content))}))
        file.flush()
        os.fsync(file.fileno())


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, indent=1, allow_nan=False).encode()


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hash_of(path: Path, *, flush: bool = False) -> str:
    with path.open("rb") as file:
        if flush:
            os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entries(folder: Path) -> list[Path]:
    """Return everything below a folder but plain folders, in order of name."""
    return sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())


def _files(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_file()]


def _damaged(folder: Path, faults: Sequence[str]) -> ModelError:
    return ModelError(
        f"{folder}: this model was changed or cut: {'; '.join(faults[:5])}"
        + (f"; and {len(faults) - 5} more." if len(faults) > 5 else "."),
        error_id="E-MODEL-DAMAGED",
        hint="Nothing of it was read. Take it again from where it was made.",
        lines=faults,
    )
