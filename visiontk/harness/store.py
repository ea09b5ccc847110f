"""The run directory: what exists in it is complete.

A trial is done when its folder ``trials/<key>`` exists and holds all its files, and no ``error.txt``.
It is prepared beside it under a temporary name, flushed to disk and renamed in one step.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock, Timeout

from visiontk.core import Floats, Ints, Strings, Trial
from visiontk.errors import BusyError, ResumeError, write_failed

TRIAL = "trial.json"
COST = "cost.json"
PREDICTIONS = "predictions.npz"
HISTORY = "history.csv"
ERROR = "error.txt"
LEDGER = "ledger.jsonl"
SLICES = "slices.json"
DATA = "data.json"
GROUPS = "groups.json"


class Predictions(NamedTuple):
    """The result of a trial: what was predicted for which sample.

    ``ids`` (n,), ``y_true`` (n,) and ``scores`` (n, n_classes) of the test part; the same of the
    valid part, by which learners may be chosen.
    """

    ids: Strings
    y_true: Ints
    scores: Floats
    valid_ids: Strings
    valid_y_true: Ints
    valid_scores: Floats


class Cost(NamedTuple):
    """What a trial took: seconds, bytes, milliseconds per predicted sample, how it ended, and what it learnt from.

    ``predict_ms_per_sample`` is of the whole test part at once, ``predict_ms_alone`` of one sample that comes alone.
    """

    fit_cpu_s: float
    fit_wall_s: float
    predict_ms_per_sample: float
    n_parameters: int | None = None
    size_bytes: int | None = None
    peak_memory_bytes: int | None = None
    cut_off: bool = False
    notes: tuple[str, ...] = ()
    n_train: int | None = None
    predict_ms_alone: float | None = None


class Outcome(NamedTuple):
    """All that a finished trial leaves: predictions, cost, and the learner's history if it wrote one."""

    predictions: Predictions
    cost: Cost
    history: str = ""


def write_file(path: Path, content: bytes | str) -> None:
    """Write under a temporary name, flush, rename: a reader sees the old file or the new one, never half.

    Raises
    ------
    StoreError
        If the disk is full or cannot be written; the temporary file is removed.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.parent / f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_flushed(temporary, data)
        temporary.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise write_failed(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _write_flushed(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    # A rename survives a power cut once its folder is flushed; some systems cannot, and then nothing is lost but time.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@dataclass(frozen=True)
class RunDirectory:
    """A run directory.

    Parameters
    ----------
    path : Path
        Made when something is first written.
    """

    path: Path

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the directory: one driver at a time, by a kernel lock that dies with its process.

        Raises
        ------
        BusyError
            If another process holds it.
        """
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
            who = _text(holder) or "another process"
            raise BusyError(
                f"{self.path}: in use by {who}.",
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
        """Where a trial keeps checkpoints and progress until it is done."""
        return self.path / "work" / trial.key

    def folder(self, trial: Trial) -> Path:
        """Where a finished trial is."""
        return self.path / "trials" / trial.key

    def is_done(self, trial: Trial) -> bool:
        """Whether the trial is finished and complete; one that was partly deleted is not."""
        return _is_whole(self.folder(trial))

    def commit(self, trial: Trial, outcome: Outcome) -> None:
        """Store a finished trial. Whoever comes second finds it there and leaves it.

        Raises
        ------
        StoreError
            If it cannot be written; nothing is left half-written.
        """
        p = outcome.predictions
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            ids=np.asarray(p.ids, dtype=np.str_),
            y_true=p.y_true.astype(np.int64),
            scores=p.scores.astype(np.float32),
            valid_ids=np.asarray(p.valid_ids, dtype=np.str_),
            valid_y_true=p.valid_y_true.astype(np.int64),
            valid_scores=p.valid_scores.astype(np.float32),
        )
        files = {
            TRIAL: trial.to_json().encode(),
            COST: json.dumps(outcome.cost._asdict(), allow_nan=False).encode(),
            PREDICTIONS: buffer.getvalue(),
        }
        if outcome.history:
            files[HISTORY] = outcome.history.encode()
        self._put(trial, files)
        shutil.rmtree(self.workdir(trial), ignore_errors=True)

    def note_reading(self, trial: Trial) -> None:
        """Write down that a fit is about to see the test part; lines are added, never taken away.

        Raises
        ------
        StoreError
            If it cannot be written: what is not written down must not happen.
        """
        line = json.dumps({"trial": trial.key, "learner": trial.learner, "at": time.strftime("%Y-%m-%dT%H:%M:%S%z")})
        path = self.path / LEDGER
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # One write in append mode: two workers do not mix their lines.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(handle, line.encode() + b"\n")
            finally:
                os.close(handle)
        except OSError as error:
            raise write_failed(path, error) from error

    def n_readings(self) -> int | None:
        """How often a fit was shown the test part in this directory; None for runs that kept no ledger."""
        try:
            return (self.path / LEDGER).read_bytes().count(b"\n")
        except OSError:
            return None

    def fail(self, trial: Trial, reason: str) -> None:
        """Store why a trial failed; it is tried again next time, from its last checkpoint."""
        self._put(trial, {TRIAL: trial.to_json().encode(), ERROR: reason.encode("utf-8", "backslashreplace")})

    def _put(self, trial: Trial, files: dict[str, bytes]) -> None:
        target = self.folder(trial)
        staging: Path | None = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(prefix=f".{trial.key}-", dir=target.parent))
            new = staging / "new"
            new.mkdir()
            for name, data in files.items():
                _write_flushed(new / name, data)
            _flush_folder(new)
            self._swap_in(trial, new, staging / "old")
            _flush_folder(target.parent)
        except OSError as error:
            if self.is_done(trial):
                return
            raise write_failed(target, error) from error
        finally:
            if staging is not None:
                shutil.rmtree(staging, ignore_errors=True)

    def _swap_in(self, trial: Trial, new: Path, old: Path) -> None:
        """Rename `new` to the trial's folder unless the trial is done; what is no result there is put aside."""
        target = self.folder(trial)
        for _ in range(100):  # each time, another process was quicker between two of the steps
            if self.is_done(trial):
                return
            with contextlib.suppress(FileNotFoundError):
                target.rename(old)
                if _is_whole(old):  # it was finished just now
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
        """Remove what interrupted processes left of ours: half-prepared trials, work of finished ones."""
        for path in (self.path / "trials").glob(f".{'[0-9a-f]' * 16}-*"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.path / "work").glob("[0-9a-f]" * 16):
            if _is_whole(self.path / "trials" / path.name):
                shutil.rmtree(path, ignore_errors=True)
            else:
                _remove_if_empty(path)
        _remove_if_empty(self.path / "work")

    def predictions(self, trial: Trial) -> Predictions:
        """What a finished trial predicted.

        Raises
        ------
        ResumeError
            If the file is damaged.
        """
        path = self.folder(trial) / PREDICTIONS
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return Predictions(**{name: stored[name] for name in Predictions._fields})
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise _damaged(path, error, "Delete the folder of this trial; the same command runs it again.") from error

    def cost(self, trial: Trial) -> Cost:
        """What a finished trial took.

        Raises
        ------
        ResumeError
            If the file is damaged.
        """
        path = self.folder(trial) / COST
        try:
            # Keys of later versions are passed over, so that a folder may be read by an earlier one.
            value = {name: each for name, each in json.loads(path.read_bytes()).items() if name in Cost._fields}
            return Cost(**value | {"notes": tuple(value.get("notes", ()))})
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise _damaged(path, error, "Delete the folder of this trial; the same command runs it again.") from error

    def history(self, trial: Trial) -> str:
        """CSV text by epoch, empty if the learner wrote none."""
        return _text(self.folder(trial) / HISTORY)

    def trials(self) -> list[Trial]:
        """Every trial that was planned last.

        Raises
        ------
        ResumeError
            If the plan is missing or damaged.
        """
        try:
            return [Trial(**value) for value in self.read_json("plan.json")]
        except TypeError as error:
            raise _damaged(self.path / "plan.json", error, "Name a folder that visiontk compare wrote.") from error

    def groups(self) -> Mapping[str, int] | None:
        """The number of the group of each sample by its id; None where the data have no groups."""
        if self.read_json(DATA)["n_groups"] is None:
            return None
        found: dict[str, int] = self.read_json(GROUPS)
        return found

    def failure(self, trial: Trial) -> str:
        """Why the trial failed last time, or an empty text."""
        return _text(self.folder(trial) / ERROR)

    def write_json(self, name: str, value: Any) -> None:
        """Write a JSON file into the directory. NaN is an error: unknown numbers are null."""
        write_file(self.path / name, json.dumps(value, indent=1, allow_nan=False) + "\n")

    def read_json(self, name: str) -> Any:
        """Read what `write_json` wrote.

        Raises
        ------
        ResumeError
            If it is missing or damaged.
        """
        path = self.path / name
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise _damaged(path, error, "Name a folder that visiontk compare wrote.") from error


def _is_whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (PREDICTIONS, COST, TRIAL))


def _damaged(path: Path, error: Exception, hint: str) -> ResumeError:
    what = "not there" if isinstance(error, FileNotFoundError) else "damaged"
    return ResumeError(f"{path}: {what}; the run directory is not complete.", error_id="E-RUN-DAMAGED", hint=hint)


def _text(path: Path) -> str:
    """A text file of ours, empty if it is not there."""
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not empty, or not there
        folder.rmdir()
