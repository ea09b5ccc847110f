"""Extraction of selected members of a zip or tar archive into one folder, with a limit on size."""

from __future__ import annotations

import gzip
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import IO, cast

from visiontk.errors import EnvironmentFault, disk_errors
from visiontk.messages import printable

ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Members:
    """Members of an archive to extract, and their names."""

    patterns: Sequence[str]  # as for `fnmatch`, of names after stripping and renaming
    strip: int = 0  # number of leading folders to strip
    renamed: Mapping[str, str] | None = None  # local names by stripped names

    def name(self, member: str) -> str:
        """Local name of a member; empty if it is not extracted."""
        parts = [part for part in PurePosixPath(member).parts if part != "."][self.strip :]
        name = "/".join(parts)
        name = (self.renamed or {}).get(name, name)
        return name if any(fnmatchcase(name, pattern) for pattern in self.patterns) else ""


class _TooMuchError(Exception):
    """More bytes than were expected."""


def unpack(
    archive: Path, folder: Path, members: Members, most: int, *, progress: Callable[[int], None] | None = None
) -> list[str]:
    """Extract members of a zip or tar archive into a new, empty folder; return the relative names of the files.

    Nothing is ever written outside of the folder: members that point outside, links, devices and duplicates are refused
    (``E-FETCH-UNSAFE``). So are more than `most` bytes, written or decompressed: a small archive can contain terabytes.
    """
    writer = _Writer(archive.name, folder, most, progress)
    with _content_errors(archive, most):
        if zipfile.is_zipfile(archive):
            _unzip(archive, members, writer)
        else:
            _untar(archive, members, writer, most)
    return writer.names


@contextmanager
def _content_errors(archive: Path, most: int) -> Iterator[None]:
    try:
        yield
    except _TooMuchError:
        raise EnvironmentFault(
            f"{archive.name}: contains more than the expected {most} bytes.",
            error_id="E-FETCH-UNSAFE",
            hint="It differs from its publisher's description; nothing was stored.",
        ) from None
    except (
        zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile,
        NotImplementedError, RuntimeError, UnicodeDecodeError,
    ) as error:  # fmt: skip
        if isinstance(error, EnvironmentFault):
            raise
        raise EnvironmentFault(
            f"{archive.name}: not a readable archive ({archive.stat().st_size} bytes): {error or 'truncated'}.",
            error_id="E-FETCH-CONTENT",
            hint="It was removed; the same command downloads it again.",
        ) from None


class _Writer:
    """Writes members and counts bytes."""

    def __init__(self, archive: str, folder: Path, most: int, progress: Callable[[int], None] | None) -> None:
        self.archive = archive
        self.folder = folder
        self.most = most
        self.progress = progress
        self.written = 0
        self.names: list[str] = []

    def check(self, member: str) -> None:
        """Refuse a name that points outside, extracted or not: such an archive is malicious."""
        if (
            member.startswith("/")
            or "\\" in member
            or "\0" in member
            or ".." in member.split("/")
            or re.match("[A-Za-z]:", member)
        ):
            raise self.unsafe(f"a member points outside of the folder: {printable(member)}")

    def write(self, name: str, stream: IO[bytes]) -> None:
        path = self.folder.joinpath(*name.split("/"))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("xb")
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise self.unsafe(f"two members have the name {printable(name)}") from None
        except OSError:
            with disk_errors(path):
                raise
        with file:
            while piece := stream.read(_CHUNK):
                self.written += len(piece)
                if self.written > self.most:
                    raise _TooMuchError
                with disk_errors(path):
                    file.write(piece)
            with disk_errors(path):
                file.flush()
        self.names.append(name)
        if self.progress is not None:
            self.progress(self.written)

    def unsafe(self, what: str) -> EnvironmentFault:
        return EnvironmentFault(
            f"{self.archive}: {what}.",
            error_id="E-FETCH-UNSAFE",
            hint="It differs from its publisher's description; nothing was stored.",
        )


def _unzip(archive: Path, members: Members, writer: _Writer) -> None:
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            writer.check(member.orig_filename)
            name = members.name(member.filename)
            if not name or member.is_dir():
                continue
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise writer.unsafe(f"{printable(member.filename)} is a link or a device, not a file")
            with opened.open(member) as stream:
                writer.write(name, stream)


def _untar(archive: Path, members: Members, writer: _Writer, most: int) -> None:
    with archive.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        stream: IO[bytes] = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if packed else raw
        # Other members are decompressed too: they count.
        limited = cast("IO[bytes]", _Limited(stream, 2 * most))
        with tarfile.open(fileobj=limited, mode="r|") as opened:
            for member in opened:
                writer.check(member.name)
                name = members.name(member.name)
                if not name or member.isdir():
                    continue
                if not member.isreg():
                    raise writer.unsafe(f"{printable(member.name)} is a link or a device, not a file")
                content = opened.extractfile(member)
                assert content is not None
                writer.write(name, content)


class _Limited:
    """Stream with an error beyond a limit of bytes."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self.stream = stream
        self.left = most

    def read(self, size: int) -> bytes:
        piece = self.stream.read(min(size, self.left + 1))
        self.left -= len(piece)
        if self.left < 0:
            raise _TooMuchError
        return piece
