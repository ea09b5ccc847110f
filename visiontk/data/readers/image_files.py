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
from visiontk.data.formats.image import Color, DecodedImage, Depth, Resize, decode_image, read_file
from visiontk.data.options import ImageOptions
from visiontk.data.readers.image_sizes import Side, chosen_side, size_note, sizes_in
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
    size: Side,
    images: ImageOptions,
    on_bad_file: str = "refuse",
    on_problem: Problems | None = None,
) -> ReadFiles:
    """Images in these files, uint8 of shape (n, side, side, 1 or 3); every bad file is listed at once.

    The side is `size`, or with "auto" that of `chosen_side`.
    """
    side = size if size != "auto" else chosen_side(size, sizes_in(root, names).shorter_side)

    def decode(i: int) -> tuple[DecodedImage, bytes]:
        content = read_file(root / names[i], printable(names[i]))
        return (
            decode_image(content, names[i], size=side, color=images.color, depth=images.depth, resize=images.aspect),
            content,
        )

    reading = read_all(names, decode, Reading(side, images, len(names)), images.color, on_problem)
    kept = usable_files(reading.failures, len(names), printable(str(root)), on_bad_file, _KINDS, on_problem)
    kept_names, digests = tuple(names[i] for i in kept), tuple(reading.digests)
    reader = _Files(str(root), kept_names, digests, side, reading.channels, images.depth, images.aspect)
    return ReadFiles(
        kept,
        reader if reading.pixels is None else InMemory(reading.pixels, reader),
        reader.fingerprint(),
        (*reading.notes(), *skipped_note(reading.failures)),
        copies_in(reading.positions),
        reading.shorter_side,
    )


class Reading:
    """State of the first reading of all images."""

    def __init__(self, side: int, images: ImageOptions, n: int) -> None:
        self.side, self.aspect = side, images.aspect
        self.channels = 3 if images.color == "rgb" else 1
        self.digests: list[bytes] = []
        self.positions: dict[bytes, list[int]] = {}
        self.failures: dict[int, DataError] = {}
        self.counts: Counter[str] = Counter()
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.pixels: NDArray[np.uint8] | None = None
        if n * side * side * self.channels <= MEMORY_LIMIT:
            self.pixels = np.empty((n, side, side, self.channels), np.uint8)

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
        self.sizes[(image.width, image.height)] += 1
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

    @property
    def shorter_side(self) -> int:
        """Median of the shorter sides of the images as stored."""
        return int(np.median([min(pair) for pair in self.sizes.elements()])) if self.sizes else 0

    def notes(self) -> list[str]:
        """Counts, as sentences for a card."""
        modes = {key.removeprefix("mode "): n for key, n in self.counts.items() if key.startswith("mode ")}
        texts = [
            f"{n} {mode} images converted to {'RGB' if self.channels == 3 else 'grey'}"
            for mode, n in sorted(modes.items())
            if mode != ("RGB" if self.channels == 3 else "L")
        ]
        texts += [f"{n} {text}" for text, n in sorted(self.counts.items()) if n and not text.startswith("mode ")]
        if self.sizes:
            square = all(width == height for width, height in self.sizes)
            texts.append(size_note(min(self.sizes), max(self.sizes), square, self.side, self.aspect))
        return [text for text in texts if text]


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
    aspect: Resize = "pad"

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
        return decode_image(
            content, self.names[i], size=self.size, color=color, depth=self.depth, resize=self.aspect
        ).pixels

    def fingerprint(self) -> str:
        """Hash over names, contents and options; not over the place of the folder."""
        total = hashlib.sha256(f"{self.aspect}:{self.size}:{self.channels}:{self.depth}".encode())
        for name, digest in zip(self.names, self.digests, strict=True):
            total.update(hashlib.sha256(os.fsencode(name)).digest() + digest)
        return total.hexdigest()[:16]
