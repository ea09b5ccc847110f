"""Many recordings from files: read once in full, held in memory if small, every bad one named at once."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Inputs, Ints
from visiontk.data.checks.bad_files import FailureKind, changed_error, skipped_note, usable_files
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.audio import Clip, decode_clip, read_audio_file
from visiontk.data.options import AudioOptions
from visiontk.data.readers.labelled_files import MEMORY_LIMIT, ReadFiles, copies_in
from visiontk.errors import DataError
from visiontk.messages import printable

_SHORT_S = 0.025

_KINDS = {
    "E-DATA-TRUNC": FailureKind("are shorter than they declare"),
    "E-DATA-EMPTY": FailureKind("have no samples"),
    "E-DATA-NONFINITE": FailureKind("hold values that are not finite"),
    "E-DATA-RATE": FailureKind(
        "have a sample rate that is not allowed", "Repair their headers, or use `resample: allow`."
    ),
    "E-DATA-CHANNELS": FailureKind("have more than one channel", "Use `channels: mean` or `channels: left`."),
    "E-DATA-LONG": FailureKind("are too long", "Cut them into pieces."),
    "E-DATA-HUGE": FailureKind("are too large", "Cut them into pieces."),
    "E-DATA-CODEC": FailureKind("have a format that is not supported", "Convert them to WAV or FLAC."),
}


def read_clips(
    root: Path,
    names: Sequence[str],
    audio: AudioOptions,
    *,
    starts_s: Sequence[float] | None = None,
    on_bad_file: str = "refuse",
    on_problem: Problems | None = None,
) -> ReadFiles:
    """Clips of one length from these files, float32 of shape (n, time, 1); every bad file is listed at once.

    Names are relative, with forward slashes. `starts_s` is the start of each clip in its file in seconds, by default 0;
    with it, a name may occur more than once.
    """
    reading = _Reading(audio, len(names))
    starts = tuple(starts_s) if starts_s is not None else (0.0,) * len(names)
    decoder = _Decoder(str(root), audio)
    for i, (name, start) in enumerate(zip(names, starts, strict=True)):
        try:
            clip, digest = decoder(name)
        except DataError as error:
            reading.failures[i] = error
            continue
        reading.add(clip, digest, start)
        if on_problem is not None:
            on_problem.add_file(
                name, size_bytes=decoder.size_bytes, sample_rate=clip.rate, channels=clip.channels,
                seconds=clip.seconds, format=Path(name).suffix.lower(), clipped=clip.clipped,
            )  # fmt: skip
    kept = usable_files(reading.failures, len(names), printable(str(root)), on_bad_file, _KINDS, on_problem)
    reader = _Files(decoder, tuple(names[i] for i in kept), tuple(starts[i] for i in kept), tuple(reading.digests))
    if reading.signals is not None:
        reading.signals.flags.writeable = False
    return ReadFiles(
        kept,
        reader if reading.signals is None else reading.signals[: len(kept)].__getitem__,
        reader.fingerprint(),
        (*reading.notes(), *skipped_note(reading.failures)),
        copies_in(reading.positions),
    )


def fixed_length(signal: NDArray[np.float32], n_time: int) -> NDArray[np.float32]:
    """The first `n_time` samples, padded with zeros.

    Examples
    --------
    >>> fixed_length(np.array([1, 2, 3], np.float32), 5).tolist()
    [1.0, 2.0, 3.0, 0.0, 0.0]
    """
    padded = np.zeros(n_time, np.float32)
    padded[: len(signal)] = signal[:n_time]
    return padded


@dataclass
class _Decoder:
    """Decodes a file; the last one is cached, as several clips may be parts of one."""

    root: str
    audio: AudioOptions
    last: tuple[str, Clip, bytes] | None = field(default=None, compare=False)
    size_bytes: int = field(default=0, compare=False)  # of the last file

    def __call__(self, name: str) -> tuple[Clip, bytes]:
        if self.last is None or self.last[0] != name:
            content = read_audio_file(Path(self.root, name), printable(name))
            clip = decode_clip(
                content, name, self.audio.sample_rate, channels=self.audio.channels, resample=self.audio.resample
            )
            self.last = name, clip, hashlib.sha256(content).digest()
            self.size_bytes = len(content)
        return self.last[1], self.last[2]

    def __getstate__(self) -> dict[str, object]:
        return {"root": self.root, "audio": self.audio, "last": None, "size_bytes": 0}


class _Reading:
    """State of the first reading of all files."""

    def __init__(self, audio: AudioOptions, n: int) -> None:
        self.audio = audio
        self.digests: list[bytes] = []
        self.positions: dict[bytes, list[int]] = {}
        self.failures: dict[int, DataError] = {}
        self.counts: Counter[str] = Counter()
        self.rates: Counter[int] = Counter()
        self.channels: Counter[int] = Counter()
        self.signals: NDArray[np.float32] | None = None
        if 4 * n * audio.n_time <= MEMORY_LIMIT:
            self.signals = np.zeros((n, audio.n_time, 1), np.float32)

    def add(self, clip: Clip, digest: bytes, start_s: float) -> None:
        begin = round(start_s * self.audio.sample_rate)
        signal = clip.signal[begin:]
        window = fixed_length(signal, self.audio.n_time)
        if self.signals is not None:
            self.signals[len(self.digests), :, 0] = window
        if np.ptp(signal[: self.audio.n_time]):
            self.positions.setdefault(hashlib.sha256(window.tobytes()).digest(), []).append(len(self.digests))
        self.digests.append(digest)
        self.rates[clip.rate] += clip.rate != self.audio.sample_rate
        self.channels[clip.channels] += clip.channels > 1
        whole = begin == 0 and not start_s
        for text, counted in (
            (f"clips longer than {self.audio.duration_s:g} s cut", whole and len(signal) > self.audio.n_time),
            (
                f"clips shorter than {self.audio.duration_s:g} s padded with zeros",
                whole and len(signal) < self.audio.n_time,
            ),
            (f"clips shorter than {1000 * _SHORT_S:g} ms", clip.seconds < _SHORT_S),
            ("clips of digital silence", clip.silent),
            ("clips of one constant value", clip.constant),
            ("clips with more than one sample in a thousand at full scale", clip.clipped),
            ("clips with values beyond full scale divided by the largest", clip.scaled),
            ("files whose header does not know their size, as after a pipe, read to the end", clip.streamed),
        ):
            self.counts[text] += bool(counted)

    def notes(self) -> list[str]:
        """Counts, as sentences for a card."""
        mixed = "first channel of" if self.audio.channels == "left" else "mean of all channels of"
        return [
            *(f"{n} clips resampled from {rate} to {self.audio.sample_rate} Hz" for rate, n in _nonzero(self.rates)),
            *(f"{mixed} {n} clips with {channels} channels" for channels, n in _nonzero(self.channels)),
            *(f"{n} {text}" for text, n in _nonzero(self.counts)),
        ]


def _nonzero(counts: Counter[Any]) -> Iterable[tuple[Any, int]]:
    return ((key, n) for key, n in sorted(counts.items()) if n)


@dataclass(frozen=True)
class _Files:
    """Reads clips from their files on demand, and refuses a file that has changed."""

    decoder: _Decoder
    names: tuple[str, ...]
    starts_s: tuple[float, ...]
    digests: tuple[bytes, ...]

    def __call__(self, index: Ints) -> Inputs:
        audio = self.decoder.audio
        clips = np.empty((len(index), audio.n_time, 1), np.float32)
        for place, i in enumerate(index):
            clip, digest = self.decoder(self.names[i])
            if digest != self.digests[i]:
                raise changed_error(printable(self.names[i]))
            begin = round(self.starts_s[i] * audio.sample_rate)
            clips[place, :, 0] = fixed_length(clip.signal[begin:], audio.n_time)
        return clips

    def fingerprint(self) -> str:
        """Hash over names, starts, contents and options; not over the place of the files."""
        total = hashlib.sha256(self.decoder.audio.key.encode())
        for name, start, digest in zip(self.names, self.starts_s, self.digests, strict=True):
            total.update(hashlib.sha256(os.fsencode(name) + f" {start!r}".encode()).digest() + digest)
        return total.hexdigest()[:16]
