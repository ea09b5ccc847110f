"""Decoding of audio files: every format, and the error for every kind of invalid file."""

import io
import os
import re
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from visiontk.data.formats.audio import SUFFIXES, UNREAD, decode_clip, read_audio_file
from visiontk.errors import DataError

RATE = 16_000
FORMATS = {"wav": ("WAV", "PCM_16"), "flac": ("FLAC", "PCM_16"), "ogg": ("OGG", "VORBIS"), "mp3": ("MP3", None)}


def tone(seconds: float = 1.0, rate: int = RATE, hertz: float = 440.0) -> np.ndarray:
    noise = np.random.default_rng(0).normal(size=round(seconds * rate))
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(len(noise)) / rate) + 0.02 * noise


def encoded(x: np.ndarray, kind: str = "wav", rate: int = RATE, subtype: str | None = None) -> bytes:
    stream = io.BytesIO()
    name, usual = FORMATS.get(kind, (kind.upper(), None))
    soundfile.write(stream, x, rate, format=name, subtype=subtype or usual)
    return stream.getvalue()


def refused(content: bytes, name: str = "a/b.wav", rate: int = RATE, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        decode_clip(content, name, rate, **options)
    assert caught.value.message.startswith(name)
    return caught.value


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_decoded(kind):
    """WAV and FLAC up to the rounding of 16 bits, lossy formats approximately."""
    x = tone()

    clip = decode_clip(encoded(x, kind), f"a.{kind}", RATE)

    assert clip.signal.dtype == np.float32
    assert (len(clip.signal), clip.rate, clip.channels, clip.seconds) == (RATE, RATE, 1, 1.0)
    error = np.abs(clip.signal - x).max() if kind in ("wav", "flac") else 1 - np.corrcoef(clip.signal, x)[0, 1]
    assert error < (4e-5 if kind in ("wav", "flac") else 0.01)
    assert not any((clip.silent, clip.constant, clip.clipped, clip.scaled))


def test_the_format_is_detected_by_content_instead_of_suffix():
    assert len(decode_clip(encoded(tone(), "flac"), "misnamed.wav", RATE).signal) == RATE


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "IMA_ADPCM"])
def test_common_subtypes_of_wav_are_read(subtype):
    x = tone()

    result = decode_clip(encoded(x, "wav", subtype=subtype), "a.wav", RATE).signal

    assert np.corrcoef(result[:RATE], x)[0, 1] > 0.99


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100])
def test_resampling_preserves_the_pitch(rate):
    clip = decode_clip(encoded(tone(rate=rate), rate=rate), "a.wav", RATE)

    spectrum = np.abs(np.fft.rfft(clip.signal))
    assert clip.rate == rate
    assert len(clip.signal) == pytest.approx(RATE, abs=2)
    assert spectrum.argmax() * RATE / len(clip.signal) == pytest.approx(440, abs=1.5)


def test_resampling_can_be_forbidden():
    error = refused(encoded(tone(rate=8_000), rate=8_000), resample="forbid")

    assert (error.error_id, error.message) == ("E-DATA-RATE", "a/b.wav: 8000 Hz, expected 16000 Hz")


@pytest.mark.parametrize("n", [2, 6])
def test_channels_are_averaged_selected_or_refused(n):
    x = np.stack([tone() * (i + 1) / n for i in range(n)], axis=1)
    content = encoded(x, subtype="FLOAT")

    mixed = decode_clip(content, "a.wav", RATE)

    assert mixed.channels == n
    np.testing.assert_allclose(mixed.signal, x.mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(decode_clip(content, "a.wav", RATE, channels="left").signal, x[:, 0], atol=1e-6)
    assert refused(content, channels="error").error_id == "E-DATA-CHANNELS"


@pytest.mark.parametrize("share", [0.99, 0.9, 0.5, 0.1, 0.002])
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_a_wav_file_shorter_than_it_declares_is_truncated(share, subtype):
    """The decoder itself reads a partial file without an error."""
    content = encoded(tone(), subtype=subtype)

    error = refused(content[: int(len(content) * share)])

    assert error.error_id == "E-DATA-TRUNC"
    assert re.search(r"declared \d+ bytes, found \d+", error.message)


@pytest.mark.parametrize("place", [4, 40], ids=["file", "data"])
def test_a_wav_header_that_declares_4_gigabytes_is_truncated(place):
    content = bytearray(encoded(tone()))
    content[place : place + 4] = struct.pack("<I", 0xFFFFFFF0)

    assert refused(bytes(content)).error_id == "E-DATA-TRUNC"


@pytest.mark.parametrize(("file", "data"), [(0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFF024, 0x7FFFF000), (0, 0)])
def test_a_wav_file_of_unknown_size_is_read_to_its_end(file, data):
    """As ffmpeg and SoX write to a pipe, and a recorder that was switched off; with tags before the samples."""
    plain = encoded(tone())
    tag = b"LIST" + struct.pack("<I", 4) + b"abcd"
    content = bytearray(plain[:36] + tag + plain[36:])
    struct.pack_into("<I", content, 4, file)
    struct.pack_into("<I", content, 52, data)

    clip = decode_clip(bytes(content), "a.wav", RATE)

    assert (len(clip.signal), clip.streamed) == (RATE, True)
    np.testing.assert_array_equal(clip.signal, decode_clip(plain, "a.wav", RATE).signal)


def test_chunks_around_the_samples_are_ignored():
    """Tags of odd length before and after the samples."""
    plain = encoded(tone())
    tag = b"LIST" + struct.pack("<I", 5) + b"abcde\0"
    content = plain[:36] + tag + plain[36:] + tag
    content = content[:4] + struct.pack("<I", len(content) - 8) + content[8:]

    assert len(decode_clip(content, "a.wav", RATE).signal) == RATE


@pytest.mark.parametrize("share", [0.9, 0.5, 0.25])
@pytest.mark.parametrize(
    ("kind", "expected"), [("flac", "E-DATA-DECODE"), ("ogg", "E-DATA-DECODE"), ("mp3", "E-DATA-TRUNC")]
)
def test_a_truncated_compressed_file_is_refused(kind, expected, share):
    content = encoded(tone(3), kind)

    error = refused(content[: int(len(content) * share)], f"a/b.{kind}")

    assert error.error_id == expected
    assert "0x" not in error.message
    assert "BytesIO" not in error.message


def test_a_damaged_mp3_of_nearly_full_length_is_read_without_output(capfd):
    """Messages of the C library are suppressed."""
    content = bytearray(encoded(tone(3), "mp3"))
    content[6_000:6_200] = bytes(200)

    clip = decode_clip(bytes(content), "a.mp3", RATE)

    assert len(clip.signal) > 0.95 * 3 * RATE
    assert capfd.readouterr().err == ""


def test_standard_error_is_restored_after_reading():
    """In a separate process, as the redirection is global."""
    code = (
        "import io, sys, numpy, soundfile; from visiontk.data.formats.audio import decode_clip; s = io.BytesIO();"
        "soundfile.write(s, numpy.zeros(9), 8000, format='WAV'); decode_clip(s.getvalue(), 'a', 8000);"
        "print('message', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr == "message\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty file"),
        (b"<!DOCTYPE html><p>404", "not an audio file (looks like HTML)"),
        (b"not found\n" * 9, "not an audio file (looks like text)"),
        (b"PK\x03\x04" + bytes(200), "not an audio file (looks like a ZIP archive)"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not an audio file (looks like an image)"),
        (bytes(range(7, 250)) * 9, "not an audio file, or damaged at its beginning"),
        (b"fLaC" + bytes(100), ""),
        (b"OggS", "ogg: truncated, its last page is incomplete"),
    ],
)
def test_other_content_is_described(content, message):
    error = refused(content)

    assert error.error_id == "E-DATA-DECODE"
    assert message in error.message


@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_a_file_without_samples_is_refused(kind):
    content = encoded(np.zeros(0), "wav") if kind == "wav" else _flac_without_frames()

    assert refused(content).error_id in ("E-DATA-EMPTY", "E-DATA-DECODE")
    assert refused(encoded(np.zeros(0), "wav")).message == "a/b.wav: 0 samples"


def _flac_without_frames() -> bytes:
    return encoded(np.zeros(4), "flac")[:42]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(value):
    x = tone()
    x[[5, 9]] = value

    error = refused(encoded(x, subtype="FLOAT"))

    assert (error.error_id, error.message) == ("E-DATA-NONFINITE", "a/b.wav: 2 of 16000 values are not finite")


@pytest.mark.parametrize("rate", [1, 3_999, 192_001, 2**31 - 1])
def test_an_implausible_sample_rate_is_refused(rate):
    content = bytearray(encoded(tone()))
    content[24:28] = struct.pack("<I", rate)

    error = refused(bytes(content))

    assert error.error_id == "E-DATA-RATE"
    assert f"{rate} Hz, expected 4000 to 192000" in error.message


def test_an_hour_of_silence_is_refused_before_it_is_decoded(monkeypatch):
    """90 kB would become 230 MB."""
    content = encoded(np.zeros(3600 * RATE, np.float32), "flac")
    monkeypatch.setattr(soundfile.SoundFile, "read", lambda *a, **k: pytest.fail("it was decoded"))

    error = refused(content)

    assert len(content) < 500_000
    assert (error.error_id, error.message) == ("E-DATA-LONG", "a/b.wav: 3600 s, the limit is 600 s")


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"\0\0\0\x18ftypM4A \0\0" + bytes(99), "a.m4a", "MP4 (.m4a)"),
        (bytes.fromhex("3026b2758e66cf11") + bytes(99), "a.wav", "Windows Media (.wma)"),
        (b"#!AMR\n" + bytes(99), "a.wav", "AMR"),
        (b"\xff\xf1" + bytes(99), "a.mp3", "AAC"),
        (b"anything", "a.wma", ".wma"),
        (encoded(tone(), "aiff"), "a.wav", "AIFF"),
        (encoded(tone(), "au"), "a.wav", "AU"),
    ],
)
def test_unsupported_formats_are_named(content, name, kind):
    error = refused(content, name)

    assert error.error_id == "E-DATA-CODEC"
    assert error.message == f"{name}: {kind} is not supported; convert to WAV or FLAC"


@pytest.mark.parametrize(
    ("x", "true"),
    [
        (np.zeros(900), "silent"),
        (np.full(900, 0.3), "constant"),
        (np.clip(3 * tone(), -1, 1), "clipped"),
        (4 * tone(), "scaled"),
    ],
)
def test_silence_constants_and_clipping_are_detected(x, true):
    clip = decode_clip(encoded(x, subtype="FLOAT"), "a.wav", RATE)

    result = {name for name in ("silent", "constant", "clipped", "scaled") if getattr(clip, name)}
    assert true in result
    assert result <= {true, "clipped"}
    assert np.abs(clip.signal).max() <= 1


@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize("rate", [4_000, 192_000])
def test_a_clip_of_a_few_samples_is_not_empty(n, rate):
    clip = decode_clip(encoded(tone()[:n], rate=rate), "a.wav", RATE)

    assert len(clip.signal) >= 1
    assert np.isfinite(clip.signal).all()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_is_reported(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(tone()))
    path.chmod(0)

    with pytest.raises(DataError, match="permission denied") as caught:
        read_audio_file(path)

    assert caught.value.error_id == "E-DATA-PERM"


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(DataError, match=r"missing\.wav: No such file"):
        read_audio_file(tmp_path / "missing.wav")


@pytest.mark.slow
def test_damaged_files_raise_data_errors_only():
    """With damage at 60 places of every format, the result is a clip or a DataError."""
    rng = np.random.default_rng(1)
    for kind in FORMATS:
        content = encoded(tone(0.3), kind)
        for place in rng.integers(0, len(content), 60).tolist():
            damaged = bytearray(content)
            damaged[place] ^= int(rng.integers(1, 256))
            try:
                clip = decode_clip(bytes(damaged), f"a.{kind}", RATE)
            except DataError:
                continue
            assert np.isfinite(clip.signal).all()


def test_no_suffix_is_both_supported_and_unsupported():
    assert not set(SUFFIXES) & set(UNREAD)
