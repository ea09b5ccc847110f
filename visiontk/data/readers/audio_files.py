"""Many sounds from files: read once in full, kept where they are small, every bad one named at once."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Inputs, Ints
from visiontk.data.checks.bad_files import Kind, changed, good_files, skipped
from visiontk.data.checks.problems import note_file
from visiontk.data.formats.audio import (
    HIGHEST_RATE,
    LOWEST_RATE,
    Channels,
    Clip,
    Resample,
    decode_clip,
    read_sound_file,
)
from visiontk.errors import ConfigError, DataError
from visiontk.messages import printable

OnBadFile = Literal["refuse", "skip"]

MEMORY_LIMIT = 1 << 30
"""Bytes of decoded clips that are kept; above, files are decoded again whenever they are read."""

MAX_DURATION_S = 60.0

_SHORT_S = 0.025

_KINDS = {
    "E-DATA-TRUNC": Kind("are shorter than they declare"),
    "E-DATA-EMPTY": Kind("have no samples"),
    "E-DATA-NONFINITE": Kind("hold values that are not finite"),
    "E-DATA-RATE": Kind("have a sample rate that is not allowed", "Mend their headers, or set resample: allow."),
    "E-DATA-CHANNELS": Kind("have more than one channel", "Set channels: mean or channels: left."),
    "E-DATA-LONG": Kind("are too long", "Cut them into pieces."),
    "E-DATA-HUGE": Kind("are too large", "Cut them into pieces."),
    "E-DATA-CODEC": Kind("are of a format that is not read", "Convert them to WAV or FLAC."),
}


@dataclass(frozen=True)
class Sound:
    """What becomes of every file.

    Parameters
    ----------
    sample_rate : int
        In Hz, 4,000 to 192,000.
    duration_s : float
        Seconds that every clip has in the end, at most 60: longer ones are cut at the end, shorter ones followed
        by zeros.
    channels : {"mean", "left", "error"}
        What becomes of several channels; "error" refuses such files.
    resample : {"allow", "forbid"}
        Whether files of other rates are refused.
    """

    sample_rate: int
    duration_s: float
    channels: Channels = "mean"
    resample: Resample = "allow"

    @property
    def n_time(self) -> int:
        """Samples of a clip."""
        return max(round(self.sample_rate * self.duration_s), 1)

    @property
    def name(self) -> str:
        """Of all settings, for a fingerprint."""
        return f"{self.sample_rate} Hz, {self.n_time} samples, {self.channels}"


class Clips(NamedTuple):
    """What the first reading of many files yields.

    Parameters
    ----------
    kept : list of int
        Positions of the files that could be read.
    read : callable
        Takes positions in `kept`, returns float32 of shape (n, time, 1): from memory, or from the files,
        which must not have changed.
    fingerprint : str
        Hash over names, contents and settings; not over where the files lie.
    notes : tuple of str
        Conversions and counts, for a card.
    copies : tuple of tuple of int
        Positions in `kept` of clips that are the same, whatever their files; silent and constant ones are left out.
    """

    kept: list[int]
    read: Callable[[Ints], Inputs]
    fingerprint: str
    notes: tuple[str, ...]
    copies: tuple[tuple[int, ...], ...] = ()


def check_arguments(sound: Sound, on_bad_file: str, min_per_class: int = 1, leak: str = "refuse") -> None:
    """Refuse arguments of the readers of sounds that are out of range.

    Raises
    ------
    ConfigError
        ``E-CONFIG-RANGE``.
    """
    for name, value, known in (
        ("channels", sound.channels, ("mean", "left", "error")),
        ("resample", sound.resample, ("allow", "forbid")),
        ("on_bad_file", on_bad_file, ("refuse", "skip")),
        ("leak", leak, ("refuse", "warn")),
    ):
        if value not in known:
            raise ConfigError(f"{name}: {value!r}, expected {' or '.join(known)}.", error_id="E-CONFIG-RANGE")
    for name, number, low, high in (
        ("sample_rate", sound.sample_rate, LOWEST_RATE, HIGHEST_RATE),
        ("duration_s", sound.duration_s, 0.05, MAX_DURATION_S),
        ("min_per_class", min_per_class, 1, 1_000_000),
    ):
        if not low <= number <= high:
            raise ConfigError(f"{name}: {number:g}, expected {low:g} to {high:g}.", error_id="E-CONFIG-RANGE")


def read_clips(
    root: Path,
    names: Sequence[str],
    sound: Sound,
    *,
    starts_s: Sequence[float] | None = None,
    on_bad_file: OnBadFile = "refuse",
) -> Clips:
    """The sounds in these files, one clip of the same length for each.

    Parameters
    ----------
    root : Path
        The folder of all files.
    names : sequence of str
        Relative, with forward slashes. With `starts_s`, a name may occur more than once.
    sound : Sound
        Rate, length, channels.
    starts_s : sequence of float, optional
        Where in its file each clip begins, in seconds; by default at 0.
    on_bad_file : {"refuse", "skip"}
        Whether a file that cannot be read ends the work. At most 1 % may be skipped; they are noted.

    Raises
    ------
    DataError
        As `read_clip`, every bad file listed at once; ``E-DATA-DECODE`` where they are bad for several
        reasons; ``E-DATA-SYSTEMIC`` where so many are bad that the files are not the reason.
    """
    found = _Found(sound, len(names))
    starts = tuple(starts_s) if starts_s is not None else (0.0,) * len(names)
    decoder = _Decoder(str(root), sound)
    for i, (name, start) in enumerate(zip(names, starts, strict=True)):
        try:
            clip, digest = decoder(name)
        except DataError as error:
            found.failures[i] = error
        else:
            found.add(clip, digest, start)
            note_file(
                name, size_bytes=decoder.size_bytes, sample_rate=clip.rate, channels=clip.channels,
                seconds=clip.seconds, format=Path(name).suffix.lower(), clipped=clip.clipped,
            )  # fmt: skip
    kept = good_files(found.failures, len(names), printable(str(root)), on_bad_file, _KINDS)
    reader = _Files(decoder, tuple(names[i] for i in kept), tuple(starts[i] for i in kept), tuple(found.digests))
    if found.signals is not None:
        found.signals.flags.writeable = False
    return Clips(
        kept,
        reader if found.signals is None else found.signals[: len(kept)].__getitem__,
        reader.fingerprint(),
        (*found.notes(), *skipped(found.failures)),
        tuple(tuple(places) for places in found.alike.values() if len(places) > 1),
    )


def fixed_length(signal: NDArray[np.float32], n_time: int) -> NDArray[np.float32]:
    """The first `n_time` samples, followed by zeros where there are fewer.

    Examples
    --------
    >>> fixed_length(np.array([1, 2, 3], np.float32), 5).tolist()
    [1.0, 2.0, 3.0, 0.0, 0.0]
    """
    found = np.zeros(n_time, np.float32)
    found[: len(signal)] = signal[:n_time]
    return found


@dataclass
class _Decoder:
    """Decodes a file; the last one is kept, as several clips may be parts of one."""

    root: str
    sound: Sound
    last: tuple[str, Clip, bytes] | None = field(default=None, compare=False)
    size_bytes: int = field(default=0, compare=False)  # of the last file

    def __call__(self, name: str) -> tuple[Clip, bytes]:
        if self.last is None or self.last[0] != name:
            content = read_sound_file(Path(self.root, name), printable(name))
            sound = self.sound
            clip = decode_clip(content, name, sound.sample_rate, channels=sound.channels, resample=sound.resample)
            self.last = name, clip, hashlib.sha256(content).digest()
            self.size_bytes = len(content)
        return self.last[1], self.last[2]

    def __getstate__(self) -> dict[str, object]:
        return {"root": self.root, "sound": self.sound, "last": None, "size_bytes": 0}


class _Found:
    """What the first reading of all files yields."""

    def __init__(self, sound: Sound, n: int) -> None:
        self.sound = sound
        self.digests: list[bytes] = []
        self.alike: dict[bytes, list[int]] = {}
        self.failures: dict[int, DataError] = {}
        self.counts: Counter[str] = Counter()
        self.rates: Counter[int] = Counter()
        self.channels: Counter[int] = Counter()
        self.signals: NDArray[np.float32] | None = None
        if 4 * n * sound.n_time <= MEMORY_LIMIT:
            self.signals = np.zeros((n, sound.n_time, 1), np.float32)

    def add(self, clip: Clip, digest: bytes, start_s: float) -> None:
        begin = round(start_s * self.sound.sample_rate)
        signal = clip.signal[begin:]
        heard = fixed_length(signal, self.sound.n_time)
        if self.signals is not None:
            self.signals[len(self.digests), :, 0] = heard
        if np.ptp(signal[: self.sound.n_time]):
            self.alike.setdefault(hashlib.sha256(heard.tobytes()).digest(), []).append(len(self.digests))
        self.digests.append(digest)
        self.rates[clip.rate] += clip.rate != self.sound.sample_rate
        self.channels[clip.channels] += clip.channels > 1
        whole = begin == 0 and not start_s
        for what, true in (
            (f"clips longer than {self.sound.duration_s:g} s cut", whole and len(signal) > self.sound.n_time),
            (
                f"clips shorter than {self.sound.duration_s:g} s followed by zeros",
                whole and len(signal) < self.sound.n_time,
            ),
            (f"clips shorter than {1000 * _SHORT_S:g} ms", clip.seconds < _SHORT_S),
            ("clips of digital silence", clip.silent),
            ("clips of one constant value", clip.constant),
            ("clips with more than one sample in a thousand at full scale", clip.clipped),
            ("clips with values beyond full scale divided by the largest", clip.scaled),
        ):
            self.counts[what] += bool(true)

    def notes(self) -> list[str]:
        """Counts, as sentences for a card."""
        mixed = "first channel of" if self.sound.channels == "left" else "mean of all channels of"
        return [
            *(f"{n} clips resampled from {rate} to {self.sound.sample_rate} Hz" for rate, n in _some(self.rates)),
            *(f"{mixed} {n} clips with {channels} channels" for channels, n in _some(self.channels)),
            *(f"{n} {what}" for what, n in _some(self.counts)),
        ]


def _some(counts: Counter[Any]) -> Iterable[tuple[Any, int]]:
    return ((what, n) for what, n in sorted(counts.items()) if n)


@dataclass(frozen=True)
class _Files:
    """Reads clips from their files whenever asked, and refuses a file that has changed."""

    decoder: _Decoder
    names: tuple[str, ...]
    starts_s: tuple[float, ...]
    digests: tuple[bytes, ...]

    def __call__(self, index: Ints) -> Inputs:
        sound = self.decoder.sound
        found = np.empty((len(index), sound.n_time, 1), np.float32)
        for place, i in enumerate(index):
            clip, digest = self.decoder(self.names[i])
            if digest != self.digests[i]:
                raise changed(printable(self.names[i]))
            begin = round(self.starts_s[i] * sound.sample_rate)
            found[place, :, 0] = fixed_length(clip.signal[begin:], sound.n_time)
        return found

    def fingerprint(self) -> str:
        """Hash over names, places, contents and settings; not over where the files lie."""
        total = hashlib.sha256(self.decoder.sound.name.encode())
        for name, start, digest in zip(self.names, self.starts_s, self.digests, strict=True):
            total.update(hashlib.sha256(os.fsencode(name) + f" {start!r}".encode()).digest() + digest)
        return total.hexdigest()[:16]
