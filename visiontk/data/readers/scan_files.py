"""Many scans from files: decoded once, held in memory if small, every bad one reported by number."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Inputs, Ints, Read
from visiontk.data.checks.bad_files import changed_error
from visiontk.data.checks.problems import Problems, refuse
from visiontk.data.formats.image import read_file
from visiontk.data.formats.intensity import Values, square
from visiontk.data.layouts.manifest import Manifest
from visiontk.data.options import ScanOptions, WholeAspect
from visiontk.data.privacy import sample_ids
from visiontk.data.readers.image_sizes import Sizes, chosen_side, planned
from visiontk.data.readers.in_memory import InMemory, Kept
from visiontk.data.readers.labelled_files import MEMORY_LIMIT
from visiontk.errors import DataError, EnvironmentFault
from visiontk.messages import refusal

_LOOKED_AT = 20
"""Scans whose size decides, as each is decoded for it."""


class ReadScans(NamedTuple):
    """Reader of squares, from memory if they are small, the hash of each, and what is known of their sizes."""

    read: Read
    digests: tuple[bytes, ...]
    shorter_side: int  # median, as stored
    note: str


def read_scans(
    manifest: Manifest,
    scans: ScanOptions,
    first: Callable[[bytes, str], Values],
    again: Callable[[bytes, str], Values],
    on_problem: Problems | None,
) -> ReadScans:
    """Read and decode all files of a table once; `again` decodes a file on demand."""
    ids = sample_ids(len(manifest.names)).tolist()
    size = chosen_side(scans.size, _shorter_side(manifest, again) if scans.size == "auto" else 0)
    shapes: list[tuple[int, int]] = []
    squares = None
    if len(ids) * size * size * 2 <= MEMORY_LIMIT:
        squares = np.empty((len(ids), size, size, 1), np.uint16)
    failures: list[DataError | EnvironmentFault] = []
    digests: list[bytes] = []
    for i, (name, number) in enumerate(zip(manifest.names, ids, strict=True)):
        try:
            shares = first(read_file(manifest.root / name, number), number)
            image = square(shares, size, scans.aspect)
        except (DataError, EnvironmentFault) as error:
            failures.append(error)
            continue
        digests.append(hashlib.sha256(image.tobytes()).digest())
        shapes.append((shares.shape[1], shares.shape[0]))
        if squares is not None:
            squares[i, ..., 0] = image
    _refuse_all(failures, len(ids), on_problem)
    files = _Files(str(manifest.root), manifest.names, tuple(digests), size, size, scans.aspect, again)
    sizes = Sizes(tuple(shapes), len(shapes))
    read = files if squares is None else InMemory(squares, files)
    return ReadScans(read, tuple(digests), sizes.shorter_side, planned(sizes, size, scans.aspect))


def _shorter_side(manifest: Manifest, decode: Callable[[bytes, str], Values]) -> int:
    """Median of the shorter sides of a few scans, spread evenly over the table."""
    spread = np.unique(np.linspace(0, len(manifest.names) - 1, _LOOKED_AT).astype(np.int64))
    pairs = []
    for i in spread.tolist():
        with contextlib.suppress(DataError, EnvironmentFault):  # reported when all are read
            height, width = decode(read_file(manifest.root / manifest.names[i]), "").shape
            pairs.append((width, height))
    return Sizes(tuple(pairs), len(manifest.names)).shorter_side


def _refuse_all(failures: Sequence[DataError | EnvironmentFault], n: int, on_problem: Problems | None) -> None:
    """One error for all bad files; a missing package is reported before damaged files."""
    if not failures:
        return
    if on_problem is not None:
        for error in failures:
            if isinstance(error, DataError):
                refuse(error, on_problem=on_problem)
    faults = [error for error in failures if isinstance(error, EnvironmentFault)]
    worst = (faults or failures)[0]
    chosen = [error for error in failures if error.error_id == worst.error_id] if faults else failures
    together = refusal(
        f"{len(chosen)} of {n} files cannot be read",
        [error.message for error in chosen],
        worst.error_id if len({error.error_id for error in chosen}) == 1 else "E-DATA-DECODE",
        worst.hint or "Images are numbered in the order of the table. Replace these files or remove their rows.",
    )
    raise type(worst)(together.message, error_id=together.error_id, hint=together.hint)


@dataclass(frozen=True)
class _Files:
    """Decodes images from their files on demand, and refuses a file that has changed."""

    root: str
    names: tuple[str, ...]
    digests: tuple[bytes, ...]
    first_size: int  # of the images whose digests these are
    size: int
    aspect: WholeAspect
    decode: Callable[[bytes, str], Values]

    def __call__(self, index: Ints, /) -> Inputs:
        images = np.empty((len(index), self.size, self.size, 1), np.uint16)
        for place, i in enumerate(np.asarray(index).tolist()):
            images[place, ..., 0] = self._one(i)
        return images

    def _one(self, i: int) -> NDArray[np.uint16]:
        number = f"image-{i + 1:05d}"
        shares = self.decode(read_file(Path(self.root, self.names[i]), number), number)
        image = square(shares, self.first_size, self.aspect)
        if hashlib.sha256(image.tobytes()).digest() != self.digests[i]:
            raise changed_error(number)
        return image if self.size == self.first_size else square(shares, self.size, self.aspect)

    def at_size(self, side: int) -> Read:
        """Reader of the same files at another size."""
        return Kept(replace(self, size=side))
