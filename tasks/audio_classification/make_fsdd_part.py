"""Make ``fsdd_part.zip``: a part of the Free Spoken Digit Dataset, from the publisher's files.

Run with the folder that holds ``fsdd``; the same recordings follow from the same files, without any seed::

    VISIONTK_DATA=... python -m visiontk.tasks.audio_classification.make_fsdd_part

The recordings whose number is a multiple of `EVERY` are taken, of every digit and speaker, so that the part is balanced
and spread over the session of each speaker. Their samples are those of the publisher; only the format is FLAC, which
loses nothing, instead of WAV.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path

from visiontk.data import published, require

TARGET = Path(__file__).with_name("fsdd_part.zip")
EVERY = 5
"""Of the 50 recordings of a digit and speaker, every fifth is taken: 0, 5, 10, ..., 45."""


def content(folder: Path) -> bytes:
    """Zip file of the selected recordings in the publisher's folder, with the publisher's names but ``.flac``."""
    import soundfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.glob("*.wav")):
            match = re.fullmatch(r"\d_[a-z]+_(\d+)\.wav", path.name)
            if match is None or int(match[1]) % EVERY:
                continue
            samples, rate = soundfile.read(path, dtype="int16")
            flac = io.BytesIO()
            soundfile.write(flac, samples, rate, format="FLAC", subtype="PCM_16", compression_level=1.0)
            archive.writestr(zipfile.ZipInfo(f"{path.stem}.flac"), flac.getvalue())
    return packed.getvalue()


def main() -> None:
    """Write the file and print its size."""
    first = require("fsdd", "recordings/0_george_0.wav", homepage=published("fsdd").homepage)[0]
    TARGET.write_bytes(content(first.parent))
    with zipfile.ZipFile(TARGET) as archive:
        sys.stdout.write(f"{len(archive.namelist())} recordings, {TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
