"""The embedded part of the Free Spoken Digit Dataset."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from visiontk.core import AboutData, Samples, dataset
from visiontk.data import fingerprint, published
from visiontk.data.formats.audio import decode_clip
from visiontk.data.readers.audio_files import fixed_length

RATE, DURATION_S = 8_000, 0.75
FOLDS = (("george", "jackson"), ("lucas", "nicolas"), ("theo", "yweweler"))
"""Speakers that are tested together: two of the six, so that a first comparison takes three fits of each learner."""

_WHOLE = published("fsdd")
_ABOUT = AboutData(licence=_WHOLE.licence, citation=_WHOLE.citation, homepage=_WHOLE.homepage)
_NOTES = (
    "A part, so no result compares with published ones: 600 of 3,000 recordings, numbers 0, 5, 10, ..., 45 of each "
    "digit and speaker; two of six speakers are the test set in turn.",
    "Six speakers: a mean over them says little about other accents.",
    "CC BY-SA 4.0: name the authors wherever recordings are played, also in a report; pass on recordings and changed "
    "copies of them under this licence only.",
)


@dataset(_ABOUT)
def fsdd_part() -> Samples:
    """600 of the 3,000 spoken digits of FSDD [1]_, embedded: six speakers, two of whom are left out in turn.

    ``make_fsdd_part.py`` beside this file takes every fifth recording of each digit and speaker from the publisher's
    files. The unit of independence is the speaker. Clips are cut or padded with zeros to 0.75 s.

    References
    ----------
    .. [1] Jackson et al. (2018), Free Spoken Digit Dataset, Zenodo, doi:10.5281/zenodo.1342401.
    """
    with zipfile.ZipFile(Path(__file__).with_name("fsdd_part.zip")) as archive:
        names = archive.namelist()
        clips = [decode_clip(archive.read(name), name, RATE) for name in names]
    n_time = round(DURATION_S * RATE)
    x = np.stack([fixed_length(clip.signal, n_time) for clip in clips])[..., None]
    ids = [Path(name).stem for name in names]
    digits, speakers, _ = zip(*(name.split("_") for name in ids), strict=True)
    y = np.array(digits).astype(np.int64)
    fold_of = {speaker: " and ".join(pair) for pair in FOLDS for speaker in pair}
    cut = sum(len(clip.signal) > n_time for clip in clips)
    card = _ABOUT.embedded(
        "fsdd_part",
        fingerprint(x, y, np.array(speakers)),
        part_of="fsdd",
        grouped_by="speaker",
        sample_rate=RATE,
        notes=(*_NOTES, f"{cut} clips longer than {DURATION_S} s cut, the others padded with zeros."),
    )
    parts = [fold_of[speaker] for speaker in speakers]
    return Samples.from_arrays(x, y, tuple("0123456789"), card, ids=ids, groups=speakers, parts=parts)
