"""Published data sets of recordings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

from visiontk.core import AboutData, Card, Samples, dataset, flat
from visiontk.data import data_dir, fingerprint, list_files, published, require
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.audio import SUFFIXES
from visiontk.data.options import AudioOptions, Duration, SampleRate, check_options
from visiontk.data.readers.audio_files import read_clips
from visiontk.data.readers.labelled_files import ReadFiles
from visiontk.errors import DataError

T = TypeVar("T")

_DIGIT = re.compile(r"(\d)_([^_/]+)_(\d+)\.(?:wav|flac)")
_ESC = re.compile(r"([1-5])-(\d+)-([A-Z]\d*)(?:-(\d+))?\.(?:wav|ogg|flac)")
ESC10 = (0, 1, 10, 11, 12, 20, 21, 38, 40, 41)
ESC50 = (
    "dog", "rooster", "pig", "cow", "frog", "cat", "hen", "insects", "sheep", "crow",
    "rain", "sea_waves", "crackling_fire", "crickets", "chirping_birds", "water_drops", "wind", "pouring_water",
    "toilet_flush", "thunderstorm",
    "crying_baby", "sneezing", "clapping", "breathing", "coughing", "footsteps", "laughing", "brushing_teeth",
    "snoring", "drinking_sipping",
    "door_wood_knock", "mouse_click", "keyboard_typing", "door_wood_creaks", "can_opening", "washing_machine",
    "vacuum_cleaner", "clock_alarm", "clock_tick", "glass_breaking",
    "helicopter", "chainsaw", "siren", "car_horn", "engine", "train", "church_bells", "airplane", "fireworks",
    "hand_saw",
)  # fmt: skip


@dataset(AboutData())
def fsdd(
    protocol: Literal["speaker", "official"] = "speaker",
    duration_s: Duration = 1.0,
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """3,000 spoken digits of six speakers at 8 kHz; by default each speaker is left out in turn.

    Parameters
    ----------
    protocol : {"speaker", "official"}
        "speaker": six folds, each with one speaker as the test set, and the speaker is the group. "official":
        recordings 0 to 4 of each digit and speaker are the test set, so training and test set share all voices.
    duration_s : float
        Seconds of every clip: longer ones are cut, shorter ones padded with zeros. 99 % are shorter than 1 s.

    References
    ----------
    .. [1] Jackson et al. (2018), Free Spoken Digit Dataset, Zenodo, doi:10.5281/zenodo.1342401.
    """
    audio = AudioOptions(8_000, duration_s)
    check_options(audio)
    inner = "recordings" if folder_of("fsdd", "recordings").is_dir() else "."
    names, matches = matching("fsdd", inner, _DIGIT)
    speakers = [match[2] for match in matches]
    numbers = [int(match[3]) for match in matches]
    clips = read_clips(folder_of("fsdd", inner), names, audio, on_problem=on_problem)
    by_speaker = protocol == "speaker"
    note = (
        "Training and test set share all six speakers: this split says little about new voices."
        if not by_speaker
        else "Six speakers: a mean over them says little about other accents."
    )
    return Samples(
        ids=np.array([Path(name).stem for name in names], dtype=np.str_),
        y=np.array([int(match[1]) for match in matches], dtype=np.int64),
        labels=tuple(str(digit) for digit in range(10)),
        read=clips.read,
        card=public_card("fsdd", clips, audio, protocol, notes=(note,), grouped_by="speaker" if by_speaker else ""),
        groups=np.array(speakers, dtype=np.str_) if by_speaker else None,
        parts=np.array(speakers if by_speaker else ["test" if i < 5 else "train" for i in numbers], dtype=np.str_),
    )


@dataclass(frozen=True)
class EscOptions:
    """Conversion of the recordings of ESC.

    Parameters
    ----------
    sample_rate : int
        In Hz; the files have 44,100.
    duration_s : float
        Seconds of every clip.
    """

    sample_rate: SampleRate = 22_050
    duration_s: Duration = 5.0


@dataset(AboutData())
@flat()
def esc50(options: EscOptions, *, on_problem: Problems | None = None) -> Samples:
    """2,000 environmental recordings of 5 s in 50 classes; the publisher's five folds.

    References
    ----------
    .. [1] Piczak (2015), ESC: dataset for environmental sound classification, ACM Multimedia.
    """
    return _esc("esc50", options, on_problem)


@dataset(AboutData())
@flat()
def esc10(options: EscOptions, *, on_problem: Problems | None = None) -> Samples:
    """400 environmental recordings of 5 s in ten classes; the publisher's five folds. From ESC-50 or a separate folder.

    References
    ----------
    .. [1] Piczak (2015), ESC: dataset for environmental sound classification, ACM Multimedia.
    """
    return _esc("esc10", options, on_problem)


def _esc(name: str, options: EscOptions, on_problem: Problems | None) -> Samples:
    """ESC-50 or ESC-10; file names are fold-clip-take-class, or fold-clip-take within a folder of the class."""
    audio = AudioOptions(options.sample_rate, options.duration_s)
    check_options(audio)
    where = name if folder_of(name, ".").is_dir() else "esc50"
    files, matches = matching(where, ".", _ESC)
    classes = [
        ESC50[int(match[4])] if match[4] and int(match[4]) < len(ESC50) else _class_folder(file)
        for file, match in zip(files, matches, strict=True)
    ]
    if name == "esc10" and len(set(classes)) > len(ESC10):
        chosen = {ESC50[i] for i in ESC10}
        keep = [i for i, label in enumerate(classes) if label in chosen]
        files, matches, classes = select(files, keep), select(matches, keep), select(classes, keep)
    clips = read_clips(folder_of(where, "."), files, audio, on_problem=on_problem)
    labels = sorted(set(classes))
    return Samples(
        ids=np.array(
            [
                Path(file).stem if match[4] else f"{label}/{Path(file).stem}"
                for file, match, label in zip(files, matches, classes, strict=True)
            ],
            dtype=np.str_,
        ),
        y=np.array([labels.index(label) for label in classes], dtype=np.int64),
        labels=tuple(labels),
        read=clips.read,
        card=public_card(where, clips, audio, name, name=name, grouped_by="recording"),
        # Takes of one recording are similar.
        groups=np.array([f"recording {match[2]}" for match in matches], dtype=np.str_),
        parts=np.array([f"fold {match[1]}" for match in matches], dtype=np.str_),
    )


def select(column: list[T], keep: list[int]) -> list[T]:
    """Entries at these positions."""
    return [column[i] for i in keep]


def _class_folder(file: str) -> str:
    """Such as "Dog bark" of "001 - Dog bark/1-30226-A.ogg"."""
    folder = Path(file).parent.name
    if not folder:
        raise DataError(
            f"esc50: {file} names no class and is not in a class folder.",
            error_id="E-DATA-SHAPE",
            hint="Use the folders as published.",
        )
    return re.sub(r"^\d+ *- *", "", folder)


def folder_of(dataset: str, inner: str) -> Path:
    """Folder of a public dataset."""
    return data_dir() / dataset / inner


def matching(dataset: str, inner: str, pattern: re.Pattern[str]) -> tuple[list[str], list[re.Match[str]]]:
    """Files of the publisher whose name, or end of it, matches the pattern."""
    folder = folder_of(dataset, inner)
    homepage = published(dataset if dataset != "esc10" else "esc50").homepage
    if not folder.is_dir():
        require(dataset, inner if inner != "." else "audio", homepage=homepage)
    names = list_files(str(folder), SUFFIXES, "recordings").files
    matches = [(name, pattern.search(name)) for name in names]
    pairs = [(name, match) for name, match in matches if match and match.end() == len(name)]
    if not pairs:
        raise DataError(
            f"{dataset}: none of {len(names)} files in {folder} is named as published, such as {names[0]}.",
            error_id="E-DATA-MISSING",
            hint=f"Put the publisher's files there as they are; see {homepage}.",
        )
    return [name for name, _ in pairs], [match for _, match in pairs]


def public_card(
    source: str,
    clips: ReadFiles,
    audio: AudioOptions,
    protocol: str,
    *,
    name: str = "",
    notes: tuple[str, ...] = (),
    grouped_by: str = "",
) -> Card:
    """Card of a public dataset."""
    return published("esc50" if source == "esc10" else source).card(
        fingerprint(clips.fingerprint, protocol),
        name=name or source,
        sample_rate=audio.sample_rate,
        grouped_by=grouped_by,
        notes=(*notes, *clips.notes),
    )
