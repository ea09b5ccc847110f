"""Download of public data: complete or not at all, with checksums, once."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from visiontk.data.public.download import Progress, Transfer
from visiontk.data.public.locations import data_dir
from visiontk.data.public.records import MB, Remote, Source
from visiontk.data.public.sources import published
from visiontk.data.public.unpack import ARCHIVES, Members, unpack
from visiontk.errors import BusyError, EnvironmentFault, StoreError, disk_errors, write_failed

_SPARE = 64 * MB


class Fetched(NamedTuple):
    """The folder of a downloaded dataset."""

    folder: Path
    new: bool  # downloaded by this call


def fetch(name: str, *, progress: Progress | None = None) -> Fetched:
    """Fetch a public data set into the folder of public data; existing data are not touched.

    Everything is prepared in a hidden folder beside it, which is renamed in one step: a folder with the name
    of the dataset is complete. After a failure the hidden folder stays, and the next call resumes.
    """
    source = published(name)
    folder = data_dir() / name
    if present(source, folder):
        return Fetched(folder, new=False)
    if not source.remotes:
        raise EnvironmentFault(
            f"{name}: available to registered users only: {source.homepage}",
            error_id="E-FETCH-REGISTER",
            hint=f"{source.instructions} into {folder}.",
        )
    _refuse_occupied(source, folder)
    stage = _stage(folder)
    with _locked(stage, name):
        try:
            if not present(source, folder):
                _check_space(source, stage)
                _prepare(source, stage, progress)
                _publish(source, stage / "ready", folder)
        finally:
            shutil.rmtree(stage / "ready", ignore_errors=True)
            if present(source, folder) or not any(path.stat().st_size for path in stage.iterdir()):
                shutil.rmtree(stage, ignore_errors=True)
    return Fetched(folder, new=True)


def present(source: Source, folder: Path) -> bool:
    """True if the folder has the files of a dataset; one file is enough for each pattern."""
    try:
        return any(
            all(any(True for _ in folder.glob(pattern)) for pattern in patterns)
            for patterns in (tuple(source.files), *source.others)
        )
    except OSError:
        return False


def _refuse_occupied(source: Source, folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        missing = [pattern for pattern in source.files if not any(True for _ in folder.glob(pattern))]
        raise EnvironmentFault(
            f"{folder}: exists already, without {', '.join(missing)}.",
            error_id="E-FETCH-OCCUPIED",
            hint="Move it away or complete it by hand; existing files are not overwritten.",
        )


def _stage(folder: Path) -> Path:
    """Hidden folder beside the dataset, in which everything is prepared."""
    stage = folder.with_name(f".{folder.name}.fetch")
    try:
        stage.mkdir(parents=True, exist_ok=True)
        (stage / "writable").touch()
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise EnvironmentFault(
                f"{folder.parent}: not writable: {error.strerror}.",
                error_id="E-FETCH-READONLY",
                hint="Set VISIONTK_DATA to a writable folder, or put the files there by hand.",
            ) from None
        raise write_failed(stage, error) from error
    return stage


@contextmanager
def _locked(stage: Path, name: str) -> Iterator[None]:
    """Lock against other processes; it ends with its process."""
    from filelock import FileLock, Timeout

    lock = FileLock(stage / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"{name}: another process is fetching it.", error_id="E-FETCH-BUSY", hint="Wait until it is done."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _check_space(source: Source, stage: Path) -> None:
    received = sum(path.stat().st_size for path in stage.iterdir() if path.is_file())
    needed = max(source.size - received, 0) + source.unpacked
    free = shutil.disk_usage(stage).free
    if free < needed:
        raise StoreError(
            f"{stage.parent}: {source.name} needs about {needed / MB:,.0f} MB, {free / MB:,.0f} MB are free.",
            error_id="E-IO-FULL",
            hint="Free some space, or set VISIONTK_DATA to a folder on another disk.",
        )


def _prepare(source: Source, stage: Path, progress: Progress | None) -> None:
    """Download all files and unpack them into the folder ``ready``."""
    paths = [_download(source, remote, stage, progress) for remote in source.remotes]
    ready = stage / "ready"
    with disk_errors(ready):
        shutil.rmtree(ready, ignore_errors=True)  # of an earlier attempt
        ready.mkdir()
    names: list[str] = []
    for remote, path in zip(source.remotes, paths, strict=True):
        if not remote.name.endswith(ARCHIVES):
            with disk_errors(ready):
                path.replace(ready / remote.name)
            names.append(remote.name)
            continue
        members = Members(tuple(source.files), source.strip, source.renamed)
        try:
            names += unpack(path, ready, members, 2 * source.unpacked + _SPARE, progress=_unpacking(remote, progress))
        except EnvironmentFault:
            # A damaged archive must be downloaded again.
            path.unlink(missing_ok=True)
            raise
    _check_names(source, names, [path for path in paths if path.exists()])


def _unpacking(remote: Remote, progress: Progress | None) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(f"{remote.name}, unpacking", done, None)


def _download(source: Source, remote: Remote, stage: Path, progress: Progress | None) -> Path:
    """One file from the first address that works."""
    faults: list[EnvironmentFault] = []
    for address in remote.addresses:
        try:
            return _retrieve(source, remote, address, stage, progress)
        except EnvironmentFault as error:
            faults.append(error)
    last = faults[-1]
    others = "".join(f"\n{fault.message}" for fault in faults[:-1])
    raise EnvironmentFault(last.message + others, error_id=last.error_id, hint=last.hint)


def _retrieve(source: Source, remote: Remote, address: str, stage: Path, progress: Progress | None) -> Path:
    import pooch

    pooch.get_logger().setLevel("WARNING")
    transfer = Transfer(
        stage / f"{remote.name}.part", 4 * remote.size + _SPARE, checked=bool(remote.checksum), progress=progress
    )
    checked = _ChecksumTransfer(transfer, source, remote)
    return Path(pooch.retrieve(address, remote.checksum or None, fname=remote.name, path=stage, downloader=checked))


class _ChecksumTransfer:
    """Downloader that compares the published checksum before pooch does, for a better message."""

    def __init__(self, transfer: Transfer, source: Source, remote: Remote) -> None:
        self.transfer = transfer
        self.source = source
        self.remote = remote

    def __call__(self, url: str, output_file: str, pooch: object = None, check_only: bool = False) -> None:
        self.transfer(url, output_file)
        checksum = self._sum(output_file)
        if checksum != self.remote.checksum and self.transfer.resumed:
            # The file may have changed between the two halves.
            self.transfer.resumed = False
            self.transfer(url, output_file)
            checksum = self._sum(output_file)
        if checksum != self.remote.checksum:
            raise EnvironmentFault(
                f"{url}: the checksum is {checksum}, expected {self.remote.checksum} "
                f"(from {self.source.checksums_by}).",
                error_id="E-FETCH-CHECKSUM",
                hint="The file was removed. It may have changed in transit, or the publisher replaced it.",
            )

    def _sum(self, path: str) -> str:
        import pooch

        if not self.remote.checksum:
            return ""
        kind = self.remote.checksum.partition(":")[0]
        return f"{kind}:{pooch.file_hash(path, alg=kind)}"


def _check_names(source: Source, names: list[str], archives: list[Path]) -> None:
    missing = [
        f"{n} of {least} {pattern}"
        for pattern, least in source.files.items()
        if (n := sum(fnmatchcase(name, pattern) for name in names)) < least
    ]
    if missing:
        for path in archives:
            path.unlink(missing_ok=True)
        raise EnvironmentFault(
            f"{source.name}: the download has {', '.join(missing)}.",
            error_id="E-FETCH-CONTENT",
            hint="It was removed. The publisher may have changed it; see the homepage in visiontk data list NAME.",
        )


def _publish(source: Source, ready: Path, folder: Path) -> None:
    """Rename the prepared folder to that of the dataset, after syncing the disk."""
    os.sync()
    try:
        ready.rename(folder)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            _refuse_occupied(source, folder)
        raise write_failed(folder, error) from error
    with suppress(OSError):
        handle = os.open(folder.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
