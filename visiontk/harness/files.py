"""Atomic writing of files."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from visiontk.errors import write_failed


def write_file(path: Path, content: bytes | str) -> None:
    """Write a file atomically: a reader sees the old content or the new one."""
    data = content.encode() if isinstance(content, str) else content
    temporary = path.parent / f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_flushed(temporary, data)
        temporary.replace(path)
        flush_folder(path.parent)
    except OSError as error:
        raise write_failed(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def write_flushed(path: Path, data: bytes) -> None:
    """Write a new file and flush it to disk."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Flush a folder, so that renames in it survive a power cut; without effect on systems that cannot."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_text(path: Path) -> str:
    """Read a text file; empty if it does not exist."""
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
