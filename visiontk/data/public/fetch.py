"""Public data from their publishers: whole or not at all, checked, and never twice."""

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
from visiontk.data.public.sources import MB, Remote, Source, published
from visiontk.data.public.unpack import ARCHIVES, Wanted, unpack
from visiontk.errors import BusyError, EnvironmentFault, StoreError, disk_errors, write_failed

_SPARE = 64 * MB


class Fetched(NamedTuple):
    """Where data lie.

    Parameters
    ----------
    folder : Path
        Of the dataset.
    new : bool
        Whether they were fetched now.
    """

    folder: Path
    new: bool


def fetch(name: str, *, progress: Progress | None = None) -> Fetched:
    """Fetch a public data set into the folder of public data.

    Everything is prepared in a hidden folder beside, which is renamed in one step: a folder with the name
    of the dataset is complete. What was fetched when something went wrong is kept there and gone on with.

    Parameters
    ----------
    name : str
        As in `published`.
    progress : callable, optional
        Called with the name of a file, the bytes that are there, and how many there will be, or None.

    Returns
    -------
    Fetched
        Where they lie. Data that are there already are not touched.

    Raises
    ------
    ConfigError
        ``E-UNKNOWN-DATASET``.
    EnvironmentFault
        ``E-FETCH-REGISTER`` for data that need a registration; ``E-FETCH-NETWORK``, ``E-FETCH-STATUS`` and
        ``E-FETCH-BROKEN`` for what does not arrive; ``E-FETCH-CHECKSUM``, ``E-FETCH-SIZE``,
        ``E-FETCH-CONTENT`` and ``E-FETCH-UNSAFE`` for what is not as published; ``E-FETCH-OCCUPIED`` and
        ``E-FETCH-READONLY`` for a folder that cannot be used.
    BusyError
        ``E-FETCH-BUSY`` if another process fetches the same.
    StoreError
        ``E-IO-FULL`` or ``E-IO-WRITE``.
    """
    source = published(name)
    folder = data_dir() / name
    if present(source, folder):
        return Fetched(folder, new=False)
    if not source.remotes:
        raise EnvironmentFault(
            f"{name}: its publisher gives it to registered users only: {source.homepage}",
            error_id="E-FETCH-REGISTER",
            hint=f"{source.instructions} into {folder}.",
        )
    _refuse_occupied(source, folder)
    stage = _stage(folder)
    with _alone(stage, name):
        try:
            if not present(source, folder):
                _enough_room(source, stage)
                _prepare(source, stage, progress)
                _publish(source, stage / "ready", folder)
        finally:
            shutil.rmtree(stage / "ready", ignore_errors=True)
            if present(source, folder) or not any(path.stat().st_size for path in stage.iterdir()):
                shutil.rmtree(stage, ignore_errors=True)
    return Fetched(folder, new=True)


def present(source: Source, folder: Path) -> bool:
    """Whether the files of a dataset lie in its folder; of many alike, one is looked for."""
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
        lacking = [pattern for pattern in source.files if not any(True for _ in folder.glob(pattern))]
        raise EnvironmentFault(
            f"{folder}: is there already, without {', '.join(lacking)}.",
            error_id="E-FETCH-OCCUPIED",
            hint="Move it away or complete it by hand; nothing of yours is overwritten.",
        )


def _stage(folder: Path) -> Path:
    """The hidden folder beside, in which everything is prepared."""
    stage = folder.with_name(f".{folder.name}.fetch")
    try:
        stage.mkdir(parents=True, exist_ok=True)
        (stage / "writable").touch()
    except OSError as error:
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            raise EnvironmentFault(
                f"{folder.parent}: data cannot be put there: {error.strerror}.",
                error_id="E-FETCH-READONLY",
                hint="Set VISIONTK_DATA to a folder that may be written, or put the files there by hand.",
            ) from None
        raise write_failed(stage, error) from error
    return stage


@contextmanager
def _alone(stage: Path, name: str) -> Iterator[None]:
    """No other process fetches the same; the lock dies with its process."""
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


def _enough_room(source: Source, stage: Path) -> None:
    there = sum(path.stat().st_size for path in stage.iterdir() if path.is_file())
    needed = max(source.size - there, 0) + source.unpacked
    free = shutil.disk_usage(stage).free
    if free < needed:
        raise StoreError(
            f"{stage.parent}: {source.name} needs about {needed / MB:,.0f} MB, free are {free / MB:,.0f} MB.",
            error_id="E-IO-FULL",
            hint="Free some space, or set VISIONTK_DATA to a folder on another disk.",
        )


def _prepare(source: Source, stage: Path, progress: Progress | None) -> None:
    """Fetch all files, then put them, unpacked, into the folder ``ready``."""
    paths = [_got(source, remote, stage, progress) for remote in source.remotes]
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
        wanted = Wanted(tuple(source.files), source.strip, source.renamed)
        try:
            names += unpack(path, ready, wanted, 2 * source.unpacked + _SPARE, progress=_unpacking(remote, progress))
        except EnvironmentFault:
            # What cannot be unpacked today cannot be tomorrow.
            path.unlink(missing_ok=True)
            raise
    _check_names(source, names, [path for path in paths if path.exists()])


def _unpacking(remote: Remote, progress: Progress | None) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(f"{remote.name}, unpacking", done, None)


def _got(source: Source, remote: Remote, stage: Path, progress: Progress | None) -> Path:
    """One file from the first address that gives it."""
    faults: list[EnvironmentFault] = []
    for address in remote.addresses:
        try:
            return _retrieved(source, remote, address, stage, progress)
        except EnvironmentFault as error:
            faults.append(error)
    last = faults[-1]
    others = "".join(f"\n{fault.message}" for fault in faults[:-1])
    raise EnvironmentFault(last.message + others, error_id=last.error_id, hint=last.hint)


def _retrieved(source: Source, remote: Remote, address: str, stage: Path, progress: Progress | None) -> Path:
    import pooch

    pooch.get_logger().setLevel("WARNING")
    transfer = Transfer(
        stage / f"{remote.name}.part", 4 * remote.size + _SPARE, checked=bool(remote.checksum), progress=progress
    )
    checked = _Checked(transfer, source, remote)
    return Path(pooch.retrieve(address, remote.checksum or None, fname=remote.name, path=stage, downloader=checked))


class _Checked:
    """A downloader that compares with the published checksum before pooch does, to say what differs."""

    def __init__(self, transfer: Transfer, source: Source, remote: Remote) -> None:
        self.transfer = transfer
        self.source = source
        self.remote = remote

    def __call__(self, url: str, output_file: str, pooch: object = None, check_only: bool = False) -> None:
        self.transfer(url, output_file)
        found = self._sum(output_file)
        if found != self.remote.checksum and self.transfer.resumed:
            # The file may have been exchanged between the two halves.
            self.transfer.resumed = False
            self.transfer(url, output_file)
            found = self._sum(output_file)
        if found != self.remote.checksum:
            raise EnvironmentFault(
                f"{url}: the checksum is {found}, expected is {self.remote.checksum} "
                f"(from {self.source.checksums_by}).",
                error_id="E-FETCH-CHECKSUM",
                hint="The file was removed. Something on the way may have changed it, or the publisher exchanged it.",
            )

    def _sum(self, path: str) -> str:
        import pooch

        if not self.remote.checksum:
            return ""
        kind = self.remote.checksum.partition(":")[0]
        return f"{kind}:{pooch.file_hash(path, alg=kind)}"


def _check_names(source: Source, names: list[str], archives: list[Path]) -> None:
    lacking = [
        f"{found} of {least} {pattern}"
        for pattern, least in source.files.items()
        if (found := sum(fnmatchcase(name, pattern) for name in names)) < least
    ]
    if lacking:
        for path in archives:
            path.unlink(missing_ok=True)
        raise EnvironmentFault(
            f"{source.name}: what was fetched has {', '.join(lacking)}.",
            error_id="E-FETCH-CONTENT",
            hint="It was removed. The publisher may have changed it; see the homepage in visiontk data list NAME.",
        )


def _publish(source: Source, ready: Path, folder: Path) -> None:
    """Make the prepared folder the dataset, in one step, with everything on the disk."""
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
