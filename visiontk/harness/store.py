"""The run directory: every file and trial in it is complete.

A trial is done if its folder ``trials/<key>`` has all its files and no ``error.txt``. The folder is prepared under a
temporary name beside it, flushed to disk and renamed in one step.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import shutil
import socket
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from visiontk.core import Trial
from visiontk.errors import BusyError, ResumeError, write_failed
from visiontk.harness.files import flush_folder, read_text, write_file, write_flushed
from visiontk.harness.outcome import MODEL, UNSAVED, Cost, Outcome, Predictions

TRIAL = "trial.json"
COST = "cost.json"
PREDICTIONS = "predictions.npz"
HISTORY = "history.csv"
ERROR = "error.txt"
LEDGER = "ledger.jsonl"
SLICES = "slices.json"
DATA = "data.json"
GROUPS = "groups.json"
VOTES = "votes.json"
EXPERIMENT = "experiment.yaml"
PLANNED = "planned.yaml"
"""The experiment as it was when the test set was read first."""


@dataclass(frozen=True)
class RunDirectory:
    """A run directory, created when something is first written."""

    path: Path

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the directory for one driver, by a kernel lock that ends with its process."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_failed(self.path, error) from error
        holder = self.path / ".holder"
        since = time.strftime("%H:%M")
        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            owner = read_text(holder) or "another process"
            raise BusyError(
                f"{self.path}: in use by {owner}.",
                error_id="E-RUN-BUSY",
                hint="Wait until it is done, or choose another folder with --out.",
            ) from error
        except OSError as error:
            raise write_failed(self.path, error) from error
        try:
            write_file(holder, f"process {os.getpid()} on {socket.gethostname()} since {since}")
            yield
        finally:
            with contextlib.suppress(OSError):
                holder.unlink()
            lock.release()

    def workdir(self, trial: Trial) -> Path:
        """Return the folder of a trial's checkpoints and progress until it is done."""
        return self.path / "work" / trial.key

    def folder(self, trial: Trial) -> Path:
        """Return the folder of a finished trial."""
        return self.path / "trials" / trial.key

    def is_done(self, trial: Trial) -> bool:
        """Return True if the trial is finished and complete."""
        return _is_complete(self.folder(trial))

    def commit(self, trial: Trial, outcome: Outcome, *, dtype: type[np.floating[Any]] = np.float32) -> None:
        """Store a finished trial with scores of this type, unless another process has done so already."""
        p = outcome.predictions
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            ids=np.asarray(p.ids, dtype=np.str_),
            y_true=p.y_true.astype(np.int64),
            scores=p.scores.astype(dtype),
            valid_ids=np.asarray(p.valid_ids, dtype=np.str_),
            valid_y_true=p.valid_y_true.astype(np.int64),
            valid_scores=p.valid_scores.astype(dtype),
        )
        files = {
            TRIAL: trial.to_json().encode(),
            COST: json.dumps(outcome.cost._asdict(), allow_nan=False).encode(),
            PREDICTIONS: buffer.getvalue(),
        }
        if outcome.history:
            files[HISTORY] = outcome.history.encode()
        if outcome.unsaved:
            files[UNSAVED] = outcome.unsaved.encode("utf-8", "backslashreplace")
        self._store(trial, files, outcome.model)
        shutil.rmtree(self.workdir(trial), ignore_errors=True)

    def note_reading(self, trial: Trial) -> None:
        """Append to the ledger that a fit is about to see the test set; raise StoreError if that fails."""
        line = json.dumps({"trial": trial.key, "learner": trial.learner, "at": time.strftime("%Y-%m-%dT%H:%M:%S%z")})
        path = self.path / LEDGER
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # A single write in append mode: the lines of two workers do not mix.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(handle, line.encode() + b"\n")
            finally:
                os.close(handle)
        except OSError as error:
            raise write_failed(path, error) from error

    def n_readings(self) -> int:
        """Return the number of times that a fit was shown the test set in this directory."""
        return read_text(self.path / LEDGER).count("\n")

    def fail(self, trial: Trial, reason: str) -> None:
        """Store why a trial failed; the next run resumes it from its last checkpoint."""
        self._store(trial, {TRIAL: trial.to_json().encode(), ERROR: reason.encode("utf-8", "backslashreplace")})

    def _store(self, trial: Trial, files: dict[str, bytes], model: Path | None = None) -> None:
        target = self.folder(trial)
        staging: Path | None = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=f".{trial.key}-", dir=target.parent))
            new = staging / "new"
            new.mkdir()
            for name, data in files.items():
                write_flushed(new / name, data)
            if model is not None:
                model.rename(new / MODEL)
            flush_folder(new)
            self._swap_in(trial, new, staging / "old")
            flush_folder(target.parent)
        except OSError as error:
            if self.is_done(trial):
                return
            raise write_failed(target, error) from error
        finally:
            if staging is not None:
                shutil.rmtree(staging, ignore_errors=True)

    def _swap_in(self, trial: Trial, new: Path, old: Path) -> None:
        """Rename `new` to the trial's folder unless the trial is done; an incomplete folder there is moved away."""
        target = self.folder(trial)
        for _ in range(100):  # repeated only if another process renames between two of the steps
            if self.is_done(trial):
                return
            with contextlib.suppress(FileNotFoundError):
                target.rename(old)
                if _is_complete(old):  # finished meanwhile by another process
                    new = old
            try:
                new.rename(target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
            else:
                return
            finally:
                if new is not old:
                    shutil.rmtree(old, ignore_errors=True)
        raise OSError(errno.EBUSY, "other processes keep writing it")

    def tidy(self) -> None:
        """Remove leftovers of interrupted processes: unfinished folders, and checkpoints of finished trials."""
        for path in (self.path / "trials").glob(f".{'[0-9a-f]' * 16}-*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.path / "work").glob("[0-9a-f]" * 16):
            if _is_complete(self.path / "trials" / path.name):
                shutil.rmtree(path, ignore_errors=True)
            else:
                _remove_if_empty(path)
        _remove_if_empty(self.path / "work")

    def predictions(self, trial: Trial) -> Predictions:
        """Return the predictions of a finished trial."""
        path = self.folder(trial) / PREDICTIONS
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return Predictions(**{name: stored[name] for name in Predictions._fields})
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise _damaged(path, error, "Delete the folder of this trial; the same command runs it again.") from error

    def cost(self, trial: Trial) -> Cost:
        """Return the cost of a finished trial."""
        path = self.folder(trial) / COST
        try:
            value = json.loads(path.read_bytes())
            return Cost(**value | {"notes": tuple(value["notes"])})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise _damaged(path, error, "Delete the folder of this trial; the same command runs it again.") from error

    def history(self, trial: Trial) -> str:
        """Return the history by epoch as CSV text, empty if the learner wrote none."""
        return read_text(self.folder(trial) / HISTORY)

    def trials(self) -> list[Trial]:
        """Return the trials of the last plan."""
        values = self.read_json("plan.json")
        try:
            return [Trial.from_value(value) for value in values]
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise _damaged(self.path / "plan.json", error, "Name a folder that visiontk compare wrote.") from error

    def groups(self) -> Mapping[str, int] | None:
        """Return the group number of each sample by its id; None if the data have no groups."""
        if self.read_json(DATA)["n_groups"] is None:
            return None
        groups: dict[str, int] = self.read_json(GROUPS)
        return groups

    def votes(self) -> tuple[Mapping[str, Sequence[int]], dict[str, Any]] | None:
        """Return the votes of each test sample by its id, and the rule of its target; None without repeated labels."""
        if not (self.path / VOTES).is_file():
            return None
        stored = self.read_json(VOTES)
        try:
            return stored["counts"], {name: stored[name] for name in ("rule", "least", "share")}
        except (TypeError, KeyError) as error:
            raise _damaged(self.path / VOTES, error, "Name a folder that visiontk compare wrote.") from error

    def failure(self, trial: Trial) -> str:
        """Return why the trial failed last time, or an empty string."""
        return read_text(self.folder(trial) / ERROR)

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file into the directory; NaN is an error, unknown numbers are null."""
        write_file(self.path / name, json.dumps(value, indent=1, allow_nan=False) + "\n")

    def read_json(self, name: str) -> Any:
        """Read a JSON file of the directory; ResumeError if it is missing or damaged."""
        path = self.path / name
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise _damaged(path, error, "Name a folder that visiontk compare wrote.") from error


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (PREDICTIONS, COST, TRIAL))


def _damaged(path: Path, error: Exception, hint: str) -> ResumeError:
    what = "missing" if isinstance(error, FileNotFoundError) else "damaged"
    return ResumeError(f"{path}: {what}; the run directory is not complete.", error_id="E-RUN-DAMAGED", hint=hint)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not empty, or missing
        folder.rmdir()
