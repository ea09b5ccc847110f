"""Many pictures from files: read once in full, kept where they are small, every bad one named at once."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Inputs, Ints
from visiontk.data.checks.bad_files import Kind, changed, good_files, skipped
from visiontk.data.checks.problems import note_file
from visiontk.data.formats.image import Color, Depth, Picture, decode_image, read_file
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable

OnBadFile = Literal["refuse", "skip"]

MEMORY_LIMIT = 1 << 30
"""Bytes of decoded pictures that are kept; above, files are decoded again whenever they are read."""

_KINDS = {
    "E-DATA-DEPTH": Kind(
        "have more than 8 bits",
        "Say how to make them 8 bits: depth: full (of 16 bits) or depth: percentile (of each picture).",
    ),
    "E-DATA-HUGE": Kind("are too large", "Make smaller copies."),
}
_STRIP = 50
_TINY = 8


class Pictures(NamedTuple):
    """What the first reading of many files yields.

    Parameters
    ----------
    kept : list of int
        Positions of the files that could be read.
    read : callable
        Takes positions in `kept`, returns uint8 of shape (n, size, size, 1 or 3): from memory, or from the
        files, which must not have changed.
    fingerprint : str
        Hash over names, contents and options; not over where the files lie.
    notes : tuple of str
        Conversions and counts, for a card.
    copies : tuple of tuple of int
        Positions in `kept` of pictures that have the same pixels, whatever their files; those of one colour
        are left out.
    """

    kept: list[int]
    read: Callable[[Ints], Inputs]
    fingerprint: str
    notes: tuple[str, ...]
    copies: tuple[tuple[int, ...], ...] = ()


def read_pictures(
    root: Path,
    names: tuple[str, ...],
    size: int,
    color: Color,
    *,
    depth: Depth | None = None,
    on_bad_file: OnBadFile = "refuse",
) -> Pictures:
    """The pictures in these files, each a square of `size` pixels; arguments as for `image_folder`.

    Raises
    ------
    DataError
        ``E-DATA-DECODE`` (every bad file listed at once), ``E-DATA-HUGE``, ``E-DATA-DEPTH``, ``E-DATA-PERM``
        or ``E-DATA-SYSTEMIC``.
    """
    found = _read_all(root, names, size, color, depth)
    kept = good_files(found.failures, len(names), printable(str(root)), on_bad_file, _KINDS)
    reader = _Files(str(root), tuple(names[i] for i in kept), tuple(found.digests), size, found.channels, depth)
    return Pictures(
        kept,
        reader if found.pixels is None else found.pixels.__getitem__,
        reader.fingerprint(),
        (*found.notes(size), *skipped(found.failures)),
        tuple(tuple(places) for places in found.alike.values() if len(places) > 1),
    )


def check_arguments(
    size: int, color: str, on_bad_file: str, min_per_class: int, depth: str | None, leak: str = "refuse"
) -> None:
    """Refuse arguments of `image_folder` and `image_table` that are out of range.

    Raises
    ------
    ConfigError
        ``E-CONFIG-RANGE``.
    """
    for name, value, known in (
        ("color", color, ("grey", "rgb", "auto")),
        ("on_bad_file", on_bad_file, ("refuse", "skip")),
        ("depth", depth, (None, "full", "percentile")),
        ("leak", leak, ("refuse", "warn")),
    ):
        if value not in known:
            expected = " or ".join(map(str, known))
            raise ConfigError(f"{name}: {value!r}, expected {expected}.", error_id="E-CONFIG-RANGE")
    for name, number, highest in (("size", size, 4096), ("min_per_class", min_per_class, 1_000_000)):
        if not 1 <= number <= highest:
            raise ConfigError(f"{name}: {number}, expected 1 to {highest}.", error_id="E-CONFIG-RANGE")


def identifier(name: str) -> str:
    """The name with undecodable bytes escaped, so that it can be written to files."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


class _Found:
    """What the first reading of all files yields."""

    def __init__(self, size: int, color: Color, n: int) -> None:
        self.channels = 3 if color == "rgb" else 1
        self.digests: list[bytes] = []
        self.alike: dict[bytes, list[int]] = {}
        self.failures: dict[int, DataError] = {}
        self.counts: Counter[str] = Counter()
        self.smallest, self.largest = (1 << 31, 1 << 31), (0, 0)
        self.pixels: NDArray[np.uint8] | None = None
        if n * size * size * self.channels <= MEMORY_LIMIT:
            self.pixels = np.empty((n, size, size, self.channels), np.uint8)

    def add(self, picture: Picture, digest: bytes, color: Color) -> None:
        if color == "auto" and picture.pixels.shape[2] > self.channels:
            self._widen()
        if self.pixels is not None:
            self.pixels[len(self.digests)] = picture.pixels  # grey is repeated over three channels
        self._count(picture, plain := bool((picture.pixels == picture.pixels[:1, :1]).all()))
        if not plain:
            content = hashlib.sha256(bytes([picture.pixels.shape[2]]) + picture.pixels.tobytes()).digest()
            self.alike.setdefault(content, []).append(len(self.digests))
        self.digests.append(digest)

    def _widen(self) -> None:
        self.channels = 3
        if self.pixels is not None:
            small = self.pixels.nbytes * 3 <= MEMORY_LIMIT
            self.pixels = np.repeat(self.pixels, 3, axis=3) if small else None

    def _count(self, picture: Picture, plain: bool) -> None:
        long, short = max(picture.width, picture.height), min(picture.width, picture.height)
        self.smallest = min(self.smallest, (picture.width, picture.height))
        self.largest = max(self.largest, (picture.width, picture.height))
        self.counts[f"mode {picture.mode}"] += 1
        for what, true in (
            (f"{picture.mode} pictures composited on white", picture.composited),
            ("pictures turned as their EXIF data say", picture.turned),
            ("files with several pictures, of which the first is used", picture.animated),
            ("files whose suffix is that of another format", picture.misnamed),
            (f"pictures more than {_STRIP} times as long as wide", long > _STRIP * short),
            (f"pictures with a side below {_TINY} pixels", short < _TINY),
            ("pictures of one colour only", plain),
        ):
            self.counts[what] += true

    def notes(self, size: int) -> list[str]:
        """Counts, as sentences for a card."""
        modes = {key.removeprefix("mode "): n for key, n in self.counts.items() if key.startswith("mode ")}
        texts = [
            f"{n} {mode} pictures converted to {'RGB' if self.channels == 3 else 'grey'}"
            for mode, n in sorted(modes.items())
            if mode != ("RGB" if self.channels == 3 else "L")
        ]
        texts += [f"{n} {what}" for what, n in sorted(self.counts.items()) if n and not what.startswith("mode ")]
        if not self.smallest == self.largest == (size, size):
            low, high = ("x".join(map(str, pair)) for pair in (self.smallest, self.largest))
            texts.append(f"sizes {low} to {high} stretched to {size}x{size}")
        return texts


def _read_all(root: Path, names: tuple[str, ...], size: int, color: Color, depth: Depth | None) -> _Found:
    found = _Found(size, color, len(names))
    for i, name in enumerate(names):
        try:
            content = read_file(root / name, printable(name))
            picture = decode_image(content, name, size=size, color=color, depth=depth)
        except DataError as error:
            found.failures[i] = error
        else:
            found.add(picture, hashlib.sha256(content).digest(), color)
            note_file(
                name, size_bytes=len(content), width=picture.width, height=picture.height, mode=picture.mode,
                format=Path(name).suffix.lower(), misnamed=picture.misnamed, turned=picture.turned,
                animated=picture.animated, composited=picture.composited,
            )  # fmt: skip
    if found.pixels is not None:
        found.pixels = found.pixels[: len(found.digests)]
    return found


@dataclass(frozen=True)
class _Files:
    """Reads pictures from their files whenever asked, and refuses a file that has changed."""

    root: str
    names: tuple[str, ...]
    digests: tuple[bytes, ...]
    size: int
    channels: int
    depth: Depth | None = None

    def __call__(self, index: Ints) -> Inputs:
        pictures = np.empty((len(index), self.size, self.size, self.channels), np.uint8)
        for place, i in enumerate(index):
            pictures[place] = self._one(int(i))
        return pictures

    def _one(self, i: int) -> NDArray[np.uint8]:
        content = read_file(Path(self.root, self.names[i]))
        if hashlib.sha256(content).digest() != self.digests[i]:
            raise changed(printable(self.names[i]))
        color: Color = "rgb" if self.channels == 3 else "grey"
        return decode_image(content, self.names[i], size=self.size, color=color, depth=self.depth).pixels

    def fingerprint(self) -> str:
        """Hash over names, contents and options; not over where the folder lies."""
        total = hashlib.sha256(f"stretch:{self.size}:{self.channels}:{self.depth}".encode())
        for name, digest in zip(self.names, self.digests, strict=True):
            total.update(hashlib.sha256(os.fsencode(name)).digest() + digest)
        return total.hexdigest()[:16]
