"""One recording from a file: decoded in full, one channel, at one rate, or an error with a plain reason."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.data.formats.image import read_file
from visiontk.errors import DataError
from visiontk.messages import printable

Channels = Literal["mean", "left", "error"]
Resample = Literal["allow", "forbid"]

LOWEST_RATE, HIGHEST_RATE = 4_000, 192_000
"""Hz. Other rates indicate a damaged header."""

MAX_SECONDS = 600.0
"""Longer files are refused by their header, before memory is allocated."""

MAX_FILE_BYTES = 1 << 30
"""Larger files are refused; ten minutes of 16-bit stereo at 192 kHz have 460 MB."""

MAX_CHANNELS = 64

UNKNOWN = (0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000, 0x80000000)
"""Sizes that ffmpeg, SoX and arecord declare where they do not know it."""

SUFFIXES = (".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav")
UNREAD = (".aac", ".aif", ".aiff", ".amr", ".au", ".caf", ".m4a", ".wma")
"""Unsupported formats; such files are refused instead of ignored."""

# Truncated files of other formats are not detected: the decoder returns the rest.
_FORMATS = ("WAV", "WAVEX", "FLAC", "OGG", "MP3")

_LOST = 0.05
_FULL_SCALE = 0.999
_CLIPPED = 1e-3


class Clip(NamedTuple):
    """A decoded recording and its properties."""

    signal: NDArray[np.float32]  # shape (n_time,): one channel, in [-1, 1], at the requested rate
    rate: int  # of the file, in Hz
    channels: int  # of the file
    seconds: float  # of the file
    silent: bool  # every sample is zero
    constant: bool  # one other value throughout
    clipped: bool  # more than one sample in a thousand at full scale
    scaled: bool  # values beyond 1 were divided by the largest
    streamed: bool = False  # the header does not know the size, as it was written before the samples


def read_audio_file(path: str | os.PathLike[str], name: str = "") -> bytes:
    """As `read_file`, of a recording."""
    return read_file(path, name, at_most=MAX_FILE_BYTES)


def decode_clip(
    content: bytes,
    name: str,
    sample_rate: int,
    *,
    channels: Channels = "mean",
    resample: Resample = "allow",
    max_seconds: float = MAX_SECONDS,
) -> Clip:
    """Recording from the bytes of a WAV, FLAC, OGG or MP3 file, recognised by content; errors begin with `name`.

    Other rates than `sample_rate` (in Hz) are resampled [1]_, or refused with ``resample="forbid"``; several channels
    are refused with ``channels="error"``. Files of more than `max_seconds` are refused before they are decoded.

    References
    ----------
    .. [1] Smith (2002), Digital audio resampling, Stanford; done by the SoX resampler library.
    """
    name = printable(name)
    content, streamed = _with_sizes(content)
    _check_content(content, name)
    samples, rate = _decoded(content, name, max_seconds)
    if not len(samples):
        raise DataError(f"{name}: 0 samples", error_id="E-DATA-EMPTY")
    if not np.isfinite(samples).all():
        bad = int(np.sum(~np.isfinite(samples)))
        raise DataError(f"{name}: {bad} of {samples.size} values are not finite", error_id="E-DATA-NONFINITE")
    if rate != sample_rate and resample == "forbid":
        raise DataError(f"{name}: {rate} Hz, expected {sample_rate} Hz", error_id="E-DATA-RATE")
    if samples.shape[1] > 1 and channels == "error":
        raise DataError(f"{name}: {samples.shape[1]} channels, expected 1", error_id="E-DATA-CHANNELS")
    # Before filters smooth it.
    clipped = bool((np.abs(samples) >= _FULL_SCALE).mean() > _CLIPPED)
    signal = samples[:, 0] if channels == "left" or samples.shape[1] == 1 else samples.mean(axis=1)
    signal, scaled = _in_range(signal)
    constant = bool(np.ptp(signal) == 0 and signal[0] != 0)
    if rate != sample_rate:
        signal, _ = _in_range(_resampled(signal, rate, sample_rate))
    seconds = len(samples) / rate
    return Clip(signal, rate, samples.shape[1], seconds, not signal.any(), constant, clipped, scaled, streamed)


def _in_range(signal: NDArray[np.float32]) -> tuple[NDArray[np.float32], bool]:
    """Signal within [-1, 1], scaled, as clipping would distort it."""
    largest = np.float32(np.abs(signal).max(initial=0))
    if largest > 1:
        return np.clip(signal / largest, -1, 1), True
    return np.ascontiguousarray(signal, dtype=np.float32), False


def _resampled(signal: NDArray[np.float32], rate: int, target_rate: int) -> NDArray[np.float32]:
    import soxr

    resampled = soxr.resample(signal, rate, target_rate, quality="HQ")
    # A clip of a few samples may be empty at a lower rate.
    return np.asarray(resampled if len(resampled) else signal[:1], dtype=np.float32)


def _check_content(content: bytes, name: str) -> None:
    if not content:
        raise DataError(f"{name}: empty file", error_id="E-DATA-DECODE")
    kind = _unread(content, name)
    if kind:
        raise _no_codec(name, kind)
    if content[:4] in (b"RIFF", b"RIFX"):
        _check_riff(content, name)
    if content[:4] == b"OggS":
        _check_ogg(content, name)


def _unread(content: bytes, name: str) -> str:
    """Name of an unsupported format; empty for others."""
    if content[4:8] == b"ftyp":
        return "MP4 (.m4a)"
    if content.startswith(bytes.fromhex("3026b2758e66cf11")):
        return "Windows Media (.wma)"
    if content.startswith(b"#!AMR"):
        return "AMR"
    # The same sync bits begin MP3, but there the layer is never 0.
    if content[0] == 0xFF and len(content) > 1 and content[1] & 0xF6 == 0xF0:
        return "AAC"
    suffix = Path(name).suffix.lower()
    return suffix if suffix in UNREAD else ""


def _no_codec(name: str, kind: str) -> DataError:
    return DataError(f"{name}: {kind} is not supported; convert to WAV or FLAC", error_id="E-DATA-CODEC")


def _with_sizes(content: bytes) -> tuple[bytes, bool]:
    """Content of a WAV file with its sizes, and True if they were not known when its header was written.

    Programs that write to a pipe declare a size of their own, and recorders that were switched off leave 0.
    """
    data = content.find(b"data", 12)
    if content[:4] != b"RIFF" or data < 0 or len(content) <= data + 8:
        return content, False
    sizes = [int.from_bytes(content[place : place + 4], "little") for place in (4, data + 4)]
    if not (sizes[1] in UNKNOWN or sizes == [0, 0]):
        return content, False
    rest = len(content) - data - 8
    whole = (len(content) - 8).to_bytes(4, "little")
    return b"".join((content[:4], whole, content[8 : data + 4], rest.to_bytes(4, "little"), content[data + 8 :])), True


def _check_riff(content: bytes, name: str) -> None:
    """Compare declared and actual sizes of a WAV file: the decoder accepts truncated files."""
    order: Literal["little", "big"] = "little" if content[:4] == b"RIFF" else "big"
    declared = int.from_bytes(content[4:8], order) + 8
    place = 12
    while place + 8 <= len(content):
        kind, size = content[place : place + 4], int.from_bytes(content[place + 4 : place + 8], order)
        if kind == b"data":
            rest = len(content) - place - 8
            if size > rest:
                raise _truncated(name, f"declared {size} bytes, found {rest}")
            break
        place += 8 + size + size % 2
    else:
        raise _truncated(name, f"declared {declared} bytes, found {len(content)}, none of them samples")
    if declared > len(content) + 1:  # the padding byte of an odd chunk is often missing
        raise _truncated(name, f"declared {declared} bytes, found {len(content)}")


def _check_ogg(content: bytes, name: str) -> None:
    """Refuse an Ogg file with an incomplete last page, which the decoder silently drops."""
    last = content.rfind(b"OggS")
    n_segments = content[last + 26] if last + 27 <= len(content) else 0
    table = content[last + 27 : last + 27 + n_segments]
    if last + 27 > len(content) or len(table) < n_segments or last + 27 + n_segments + sum(table) > len(content):
        raise DataError(f"{name}: ogg: truncated, its last page is incomplete", error_id="E-DATA-DECODE")


def _truncated(name: str, what: str) -> DataError:
    return DataError(f"{name}: {what}", error_id="E-DATA-TRUNC")


def _decoded(content: bytes, name: str, max_seconds: float) -> tuple[NDArray[np.float32], int]:
    """Samples of shape (n_time, channels) and their rate in Hz."""
    import soundfile

    try:
        with _no_stderr(), soundfile.SoundFile(BytesIO(content)) as file:
            _check_header(file, name, max_seconds)
            declared, rate, kind = file.frames, file.samplerate, file.format
            # Bounded whatever the header says: one second more than allowed.
            samples = file.read(frames=int(max_seconds * rate) + rate, dtype="float32", always_2d=True)
    except DataError:
        raise
    except soundfile.LibsndfileError as error:
        raise _damaged(content, name, error) from None
    except (RuntimeError, ValueError, TypeError, MemoryError) as error:  # decoders meet hostile bytes
        raise DataError(f"{name}: damaged ({type(error).__name__})", error_id="E-DATA-DECODE") from None
    if declared - len(samples) > (_LOST * declared if kind == "MP3" else 0):
        raise _truncated(name, f"declared {declared} samples, found {len(samples)}")
    return samples, rate


def _check_header(file: Any, name: str, max_seconds: float) -> None:
    if file.format not in _FORMATS:
        raise _no_codec(name, file.format)
    if not LOWEST_RATE <= file.samplerate <= HIGHEST_RATE:
        raise DataError(
            f"{name}: sample rate of {file.samplerate} Hz, expected {LOWEST_RATE} to {HIGHEST_RATE}",
            error_id="E-DATA-RATE",
        )
    if file.channels > MAX_CHANNELS:
        raise DataError(f"{name}: {file.channels} channels, at most {MAX_CHANNELS}", error_id="E-DATA-CHANNELS")
    if file.frames > max_seconds * file.samplerate:
        seconds = file.frames / file.samplerate
        raise DataError(f"{name}: {seconds:.0f} s, the limit is {max_seconds:g} s", error_id="E-DATA-LONG")


@contextlib.contextmanager
def _no_stderr() -> Iterator[None]:
    """Suppress messages of C libraries on the terminal: the error repeats them."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as waste:
        before = os.dup(2)
        try:
            os.dup2(waste.fileno(), 2)
            yield
        finally:
            os.dup2(before, 2)
            os.close(before)


def _damaged(content: bytes, name: str, error: Any) -> DataError:
    """Reason of the decoder without the address of its buffer."""
    reason = re.sub(r"^Error\s*:\s*", "", str(getattr(error, "error_string", error))).strip().rstrip(".")
    if any(words in reason.lower() for words in ("not recognised", "unknown format", "does not exist")):
        reason = _unlike(content)
    return DataError(f"{name}: {reason[:1].lower() + reason[1:]}", error_id="E-DATA-DECODE")


def _unlike(content: bytes) -> str:
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for kind, marks in (
        ("HTML", (b"<!doctype html", b"<html")),
        ("XML", (b"<?xml",)),
        ("a PDF", (b"%pdf",)),
        ("a ZIP archive", (b"pk\x03\x04",)),
        ("an image", (b"\x89png", b"\xff\xd8\xff", b"gif8")),
    ):
        if head.startswith(marks):
            return f"not an audio file (looks like {kind})"
    if all(byte >= 32 or byte in b"\t\n\r\f" for byte in head):
        return "not an audio file (looks like text)"
    return "not an audio file, or damaged at its beginning"
