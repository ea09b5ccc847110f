"""Many images from files: read once in full, held in memory if small, every bad one named at once."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Inputs, Ints, Read
from visiontk.data.checks.bad_files import FailureKind, changed_error, skipped_note, usable_files
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.image import Color, DecodedImage, Depth, decode_image, read_file
from visiontk.data.options import ImageOptions
from visiontk.data.readers.in_memory import InMemory, Kept
from visiontk.data.readers.labelled_files import MEMORY_LIMIT, ReadFiles, copies_in
from visiontk.errors import DataError
from visiontk.messages import printable

_KINDS = {
    "E-DATA-DEPTH": FailureKind(
        "have more than 8 bits",
        "Say how to make them 8 bits: `depth: full` (of 16 bits) or `depth: percentile` (of each image).",
    ),
    "E-DATA-HUGE": FailureKind("are too large", "Make smaller copies."),
}
_STRIP = 50
_TINY = 8


def read_images(
    root: Path,
    names: Sequence[str],
    size: int,
    images: ImageOptions,
    on_bad_file: str = "refuse",
    on_problem: Problems | None = None,
) -> ReadFiles:
    """Images in these files, uint8 of shape (n, size, size, 1 or 3); every bad file is listed at once."""

    def decode(i: int) -> tuple[DecodedImage, bytes]:
        content = read_file(root / names[i], printable(names[i]))
        return decode_image(content, names[i], size=size, color=images.color, depth=images.depth), content

    reading = read_all(names, decode, Reading(size, images.color, len(names)), images.color, on_problem)
    kept = usable_files(reading.failures, len(names), printable(str(root)), on_bad_file, _KINDS, on_problem)
    kept_names, digests = tuple(names[i] for i in kept), tuple(reading.digests)
    reader = _Files(str(root), kept_names, digests, size, reading.channels, images.depth)
    return ReadFiles(
        kept,
        reader if reading.pixels is None else InMemory(reading.pixels, reader),
        reader.fingerprint(),
        (*reading.notes(size), *skipped_note(reading.failures)),
        copies_in(reading.positions),
    )


class Reading:
    """State of the first reading of all images."""

    def __init__(self, size: int, color: Color, n: int) -> None:
        self.channels = 3 if color == "rgb" else 1
        self.digests: list[bytes] = []
        self.positions: dict[bytes, list[int]] = {}
        self.failures: dict[int, DataError] = {}
        self.counts: Counter[str] = Counter()
        self.smallest, self.largest = (1 << 31, 1 << 31), (0, 0)
        self.pixels: NDArray[np.uint8] | None = None
        if n * size * size * self.channels <= MEMORY_LIMIT:
            self.pixels = np.empty((n, size, size, self.channels), np.uint8)

    def add(self, image: DecodedImage, digest: bytes, color: Color) -> None:
        """Add the next image; `digest` is that of its content as stored."""
        if color == "auto" and image.pixels.shape[2] > self.channels:
            self._widen()
        if self.pixels is not None:
            self.pixels[len(self.digests)] = image.pixels  # grey is repeated over three channels
        self._count(image, plain := bool((image.pixels == image.pixels[:1, :1]).all()))
        if not plain:
            content = hashlib.sha256(bytes([image.pixels.shape[2]]) + image.pixels.tobytes()).digest()
            self.positions.setdefault(content, []).append(len(self.digests))
        self.digests.append(digest)

    def _widen(self) -> None:
        self.channels = 3
        if self.pixels is not None:
            small = self.pixels.nbytes * 3 <= MEMORY_LIMIT
            self.pixels = np.repeat(self.pixels, 3, axis=3) if small else None

    def _count(self, image: DecodedImage, plain: bool) -> None:
        long, short = max(image.width, image.height), min(image.width, image.height)
        self.smallest = min(self.smallest, (image.width, image.height))
        self.largest = max(self.largest, (image.width, image.height))
        self.counts[f"mode {image.mode}"] += 1
        for text, counted in (
            (f"{image.mode} images composited on white", image.composited),
            ("images rotated or flipped by their EXIF data", image.rotated),
            ("files with several images, of which the first is used", image.animated),
            ("files with the suffix of another format", image.misnamed),
            (f"images more than {_STRIP} times as long as wide", long > _STRIP * short),
            (f"images with a side below {_TINY} pixels", short < _TINY),
            ("images of one colour only", plain),
        ):
            self.counts[text] += counted

    def notes(self, size: int) -> list[str]:
        """Counts, as sentences for a card."""
        modes = {key.removeprefix("mode "): n for key, n in self.counts.items() if key.startswith("mode ")}
        texts = [
            f"{n} {mode} images converted to {'RGB' if self.channels == 3 else 'grey'}"
            for mode, n in sorted(modes.items())
            if mode != ("RGB" if self.channels == 3 else "L")
        ]
        texts += [f"{n} {text}" for text, n in sorted(self.counts.items()) if n and not text.startswith("mode ")]
        if not self.smallest == self.largest == (size, size):
            low, high = ("x".join(map(str, pair)) for pair in (self.smallest, self.largest))
            texts.append(f"sizes {low} to {high} stretched to {size}x{size}")
        return texts


def read_all(
    names: Sequence[str],
    decode: Callable[[int], tuple[DecodedImage, bytes]],
    reading: Reading,
    color: Color,
    on_problem: Problems | None,
) -> Reading:
    """Add every image to the reading; `decode` gives one with its content as stored."""
    for i, name in enumerate(names):
        try:
            image, content = decode(i)
        except DataError as error:
            reading.failures[i] = error
            continue
        reading.add(image, hashlib.sha256(content).digest(), color)
        if on_problem is not None:
            on_problem.add_file(
                name, size_bytes=len(content), width=image.width, height=image.height, mode=image.mode,
                format=Path(name).suffix.lower(), misnamed=image.misnamed, rotated=image.rotated,
                animated=image.animated, composited=image.composited,
            )  # fmt: skip
    if reading.pixels is not None:
        reading.pixels = reading.pixels[: len(reading.digests)]
    return reading


@dataclass(frozen=True)
class _Files:
    """Reads images from their files on demand, and refuses a file that has changed."""

    root: str
    names: tuple[str, ...]
    digests: tuple[bytes, ...]
    size: int
    channels: int
    depth: Depth | None = None

    def __call__(self, index: Ints, /) -> Inputs:
        images = np.empty((len(index), self.size, self.size, self.channels), np.uint8)
        for place, i in enumerate(index):
            images[place] = self._one(int(i))
        return images

    def at_size(self, side: int) -> Read:
        """Reader of the same files at another size."""
        return Kept(replace(self, size=side))

    def _one(self, i: int) -> NDArray[np.uint8]:
        content = read_file(Path(self.root, self.names[i]))
        if hashlib.sha256(content).digest() != self.digests[i]:
            raise changed_error(printable(self.names[i]))
        color: Color = "rgb" if self.channels == 3 else "grey"
        return decode_image(content, self.names[i], size=self.size, color=color, depth=self.depth).pixels

    def fingerprint(self) -> str:
        """Hash over names, contents and options; not over the place of the folder."""
        total = hashlib.sha256(f"stretch:{self.size}:{self.channels}:{self.depth}".encode())
        for name, digest in zip(self.names, self.digests, strict=True):
            total.update(hashlib.sha256(os.fsencode(name)).digest() + digest)
        return total.hexdigest()[:16]
