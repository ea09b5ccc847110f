"""Speech Commands, version 2, with 12 or 35 labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from visiontk.core import AboutData, Samples, dataset
from visiontk.data import published, require
from visiontk.data.checks.problems import Problems
from visiontk.data.options import AudioOptions, Duration, check_options
from visiontk.data.readers.audio_files import read_clips
from visiontk.errors import DataError

from .data import folder_of, matching, public_card, select

COMMANDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
_WORD = re.compile(r"([a-z]+)/([0-9a-f]+)_nohash_(\d+)\.wav")
_NOISE_PARTS = (("train", 0.8), ("valid", 0.1), ("test", 0.1))


@dataset(AboutData())
def speech_commands(
    labels: Literal[12, 35] = 12, duration_s: Duration = 1.0, *, on_problem: Problems | None = None
) -> Samples:
    """105,829 spoken words of 2,618 speakers at 16 kHz (version 2); the publisher's split, by speaker.

    Parameters
    ----------
    labels : {12, 35}
        12: ten commands, "unknown" for the other words and "silence", each with the mean number of clips of a
        command. Silence is cut from the publisher's background noises: the first 80 % of each for the training set,
        the next 10 % for the validation set, the rest for the test set. 35: every word.
    duration_s : float
        Seconds of every clip.

    References
    ----------
    .. [1] Warden (2018), Speech Commands: a dataset for limited-vocabulary speech recognition, arXiv:1804.03209.
    """
    audio = AudioOptions(16_000, duration_s)
    check_options(audio)
    homepage = published("speech_commands").homepage
    lists = require("speech_commands", "validation_list.txt", "testing_list.txt", homepage=homepage)
    listed = {
        line.strip(): part
        for part, path in zip(("valid", "test"), lists, strict=True)
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    files, matches = matching("speech_commands", ".", _WORD)
    parts = [listed.get(file, "train") for file in files]
    words = [match[1] for match in matches]
    speakers = [match[2] for match in matches]
    starts = [0.0] * len(files)
    if labels == 12:
        words = [word if word in COMMANDS else "unknown" for word in words]
        keep = _as_many_unknown(words, parts)
        files, words, speakers, parts = (select(column, keep) for column in (files, words, speakers, parts))
        starts = select(starts, keep)
        for file, start, part in _silence(words, parts, duration_s):
            files.append(file)
            words.append("silence")
            speakers.append(f"{Path(file).stem}, {part}")
            parts.append(part)
            starts.append(start)
    clips = read_clips(folder_of("speech_commands", "."), files, audio, starts_s=starts, on_problem=on_problem)
    known = sorted(set(words))
    return Samples(
        ids=np.array(
            [f"{f}@{s:.3f}" if s or w == "silence" else f for f, s, w in zip(files, starts, words, strict=True)]
        ),
        y=np.array([known.index(word) for word in words], dtype=np.int64),
        labels=tuple(known),
        read=clips.read,
        card=public_card("speech_commands", clips, audio, f"{labels} labels", grouped_by="speaker"),
        groups=np.array(speakers, dtype=np.str_),
        parts=np.array(parts, dtype=np.str_),
    )


class _Excerpt(NamedTuple):
    """File, start in seconds and part of the split."""

    file: str
    start: float
    part: str


def _as_many_unknown(words: Sequence[str], parts: Sequence[str]) -> list[int]:
    """Positions of all commands and, in each part, of as many other words as the mean number of one command."""
    rng = np.random.default_rng(0)
    keep = [i for i, word in enumerate(words) if word != "unknown"]
    for part in ("train", "valid", "test"):
        rest = [i for i, word in enumerate(words) if word == "unknown" and parts[i] == part]
        n = _per_command(words, parts, part)
        keep += rng.permutation(rest)[:n].tolist()
    return sorted(keep)


def _per_command(words: Sequence[str], parts: Sequence[str], part: str) -> int:
    known = sum(word in COMMANDS for word, where in zip(words, parts, strict=True) if where == part)
    return -(-known // len(COMMANDS))


def _silence(words: Sequence[str], parts: Sequence[str], duration_s: float) -> list[_Excerpt]:
    """Excerpts of background noise, which do not overlap between parts."""
    import soundfile

    folder = folder_of("speech_commands", "_background_noise_")
    noises = sorted(folder.glob("*.wav"))
    if not noises:
        raise DataError(
            f"speech_commands: no background noise in {folder}.",
            error_id="E-DATA-MISSING",
            hint="Unpack the whole archive, or use `labels: 35`.",
        )
    rng = np.random.default_rng(0)
    excerpts: list[_Excerpt] = []
    for path in noises:
        begin, seconds = 0.0, soundfile.info(path).duration
        for part, share in _NOISE_PARTS:
            n = -(-_per_command(words, parts, part) // len(noises))
            latest = max(begin + share * seconds - duration_s, begin)
            starts = np.sort(rng.uniform(begin, latest, n)).round(4)
            excerpts += [
                _Excerpt(f"_background_noise_/{path.name}", start, part) for start in np.unique(starts).tolist()
            ]
            begin += share * seconds
    return excerpts
