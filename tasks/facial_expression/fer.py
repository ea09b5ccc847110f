"""FER-2013 [1]_ and the votes of FER+ [2]_: 35,887 grey faces of 48 x 48 pixels from an image search.

People agree with the labels of FER-2013 in about 65 % of the images [1]_. The files name no persons, so
the unit of independence is the image.

References
----------
.. [1] Goodfellow et al. (2013), Challenges in representation learning, arXiv:1307.0414.
.. [2] Barsoum, Zhang, Canton Ferrer and Zhang (2016), Training deep networks for facial expression
   recognition with crowd-sourced label distribution, arXiv:1608.01041.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visiontk.core import AboutData, Inputs, Samples, Strings, Votes, dataset
from visiontk.data import data_dir, fingerprint, read_table, require
from visiontk.data.checks.problems import Problems
from visiontk.data.options import ClassOptions, FileOptions, ImageOptions
from visiontk.data.public.sources import published
from visiontk.data.readers.image_folder import read_image_folder
from visiontk.errors import DataError
from visiontk.messages import printable, refusal

from .blank import with_blank_notes

SIDE = 48
FER2013 = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
"""Classes 0 to 6; the publisher writes Angry, Disgust, Fear, Happy, Sad, Surprise, Neutral."""

FERPLUS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
NO_CLASS = ("unknown", "NF")
"""Votes for "unknown" and for "no face"."""

LEAST, SHARE = 2, 0.5
"""Single votes of FER+ do not count, and a label has more than half of the others."""

PARTS = {"training": "train", "publictest": "valid", "privatetest": "test"}
FILES = ("fer2013.csv", "icml_face_data.csv")
_FOLDERS = {"angry": "anger", "happy": "happiness", "sad": "sadness"}
_AGREE = "People agree with the labels in about 65 % of the images (Goodfellow et al. 2013)."
_NO_PERSONS = "The files name no persons: one person may be in training and test set."


@dataset(AboutData())
def fer2013(*, on_problem: Problems | None = None) -> Samples:
    """FER-2013: 35,887 faces, seven classes, the publisher's split.

    From ``fer2013.csv``, from ``icml_face_data.csv``, or from a folder tree ``train/angry/*`` and
    ``test/angry/*``, which has no validation set.

    References
    ----------
    .. [1] Goodfellow et al. (2013), Challenges in representation learning, arXiv:1307.0414.
    """
    folder = data_dir() / "fer2013"
    if not _table_of(folder) and (folder / "train").is_dir():
        return _tree(folder, on_problem)
    path = _table_of(folder) or require("fer2013", FILES[0], homepage=published("fer2013").homepage)[0]
    rows = _read(path)
    return _samples("fer2013", rows, rows.y, FER2013, np.arange(len(rows.y)), (_AGREE, _NO_PERSONS))


def ferplus() -> Samples:
    """FER+: the images of FER-2013 with the label that most of ten people gave [1]_.

    Single votes count as mistakes and are dropped; a label needs more than half of the votes that remain.
    Images without such a label, or most of whose votes are for "unknown" or "no face", are left out
    and counted. Needs ``fer2013.csv`` (or ``icml_face_data.csv``) in the folder ``fer2013`` as well.

    References
    ----------
    .. [1] Barsoum, Zhang, Canton Ferrer and Zhang (2016), Training deep networks for facial expression
       recognition with crowd-sourced label distribution, arXiv:1608.01041.
    """
    source = published("ferplus")
    (path,) = require("ferplus", "fer2013new.csv", homepage=source.homepage)
    images = _table_of(data_dir() / "fer2013")
    if images is None:
        (images,) = require("fer2013", FILES[0], homepage=published("fer2013").homepage)
    votes, parts = _read_votes(path)
    rows = _read(images)
    if len(rows.y) != len(votes):
        raise DataError(
            f"{printable(str(path))}: {len(votes)} rows of votes, but {printable(images.name)} has "
            f"{len(rows.y)} images.",
            error_id="E-DATA-SHAPE",
            hint="Rows of both files correspond; use the published files unchanged.",
        )
    unlike = np.flatnonzero(parts != rows.parts)
    if len(unlike):
        raise DataError(
            f"{printable(str(path))}: the part of {len(unlike)} rows differs from {printable(images.name)}, "
            f"first in row {unlike[0] + 1}.",
            error_id="E-DATA-SHAPE",
            hint="Rows of both files correspond; use the published files unchanged.",
        )
    winner = majority(votes)
    kept = np.flatnonzero(winner < len(FERPLUS))
    names = ("most votes for unknown", "most votes for no face", "no label with more than half of the votes")
    counts = Counter(winner[winner >= len(FERPLUS)].tolist())
    left_out = [f"{counts[len(FERPLUS) + i]} images left out: {name}" for i, name in enumerate(names)]
    notes = ("Labels by majority of ten votes, single votes dropped.", *left_out, _NO_PERSONS)
    return _samples("ferplus", rows, winner, FERPLUS, kept, notes, votes)


def majority(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Column with more than half of the votes of each row, without single votes; else the number of columns.

    Parameters
    ----------
    votes : ndarray of int64, shape (n, columns)
        Counts.

    References
    ----------
    .. [1] Barsoum et al. (2016), section 3, majority voting.

    Examples
    --------
    >>> majority(np.array([[8, 1, 1], [5, 5, 0], [4, 3, 3], [1, 1, 1]])).tolist()
    [0, 3, 3, 3]
    """
    counted = np.where(votes >= LEAST, votes, 0)
    clear = counted.max(axis=1) > SHARE * counted.sum(axis=1)
    return np.asarray(np.where(clear, counted.argmax(axis=1), votes.shape[1]), dtype=np.int64)


class _Rows:
    """Content of the table of images: x (n, 48, 48, 1), y (n,), parts (n,), and notes."""

    def __init__(self, x: Inputs, y: NDArray[np.int64], parts: Strings, notes: Sequence[str]) -> None:
        self.x, self.y, self.parts, self.notes = x, y, parts, tuple(notes)


def _table_of(folder: Path) -> Path | None:
    return next((folder / name for name in FILES if (folder / name).is_file()), None)


def _tree(folder: Path, on_problem: Problems | None) -> Samples:
    files = FileOptions(leak="warn")
    samples = read_image_folder(str(folder), SIDE, ImageOptions("grey"), files, ClassOptions(), on_problem=on_problem)
    notes = (_AGREE, _NO_PERSONS, *samples.card.notes)
    card = published("fer2013").card(samples.card.fingerprint, mirror=True, notes=notes)
    labels = tuple(_FOLDERS.get(name.casefold(), name) for name in samples.labels)
    return with_blank_notes(replace(samples, labels=labels, card=card))


def _read(path: Path) -> _Rows:
    """Images, classes and parts of every row; every bad row is named at once."""
    table = read_table(path, "emotion", "pixels", "Usage")
    columns = (table.columns[name] for name in ("emotion", "pixels", "Usage"))
    x = np.zeros((len(table), SIDE, SIDE, 1), np.uint8)
    y = np.zeros(len(table), np.int64)
    parts: list[str] = []
    bad: list[str] = []
    for i, (emotion, pixels, usage) in enumerate(zip(*columns, strict=True)):
        part = PARTS.get(usage.strip().casefold(), "")
        parts.append(part)
        emotion = emotion.strip()
        known = emotion.isascii() and emotion.isdigit() and int(emotion[:9]) < len(FER2013)
        grey = _pixels(pixels)
        if not known:
            bad.append(f"line {table.lines[i]}: emotion {printable(emotion[:20])!r}, expected 0 to {len(FER2013) - 1}")
        elif not part:
            bad.append(
                f"line {table.lines[i]}: Usage {printable(usage[:20])!r}, expected Training, PublicTest or PrivateTest"
            )
        elif isinstance(grey, str):
            bad.append(f"line {table.lines[i]}: {grey}")
        else:
            x[i], y[i] = grey.reshape(SIDE, SIDE, 1), int(emotion)
    if bad:
        raise refusal(
            f"{printable(str(path))}: {len(bad)} of {len(table)} rows cannot be read",
            bad,
            "E-FER-ROWS",
            "Download the file again: each row has a class, 2304 grey levels with blanks between them, and a part.",
        )
    return _Rows(x, y, np.array(parts), table.notes)


def _pixels(text: str) -> NDArray[np.int64] | str:
    """Grey levels of one row, or the reason why they are invalid."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            grey = np.fromstring(text, dtype=np.int64, sep=" ")
        except (DeprecationWarning, ValueError):
            return "pixels that are not whole numbers"
    if len(grey) != SIDE * SIDE:
        return f"{len(grey)} pixels, expected {SIDE * SIDE}"
    if grey.min() < 0 or grey.max() > 255:
        return f"grey levels {grey.min()} to {grey.max()}, expected 0 to 255"
    return grey


def _read_votes(path: Path) -> tuple[NDArray[np.int64], Strings]:
    """Votes (n, 10) and parts (n,) of every row."""
    columns = (*FERPLUS, *NO_CLASS)
    table = read_table(path, "Usage", *columns)
    bad: list[str] = []
    rows: list[list[int]] = []
    parts: list[str] = []
    for line, usage, *cells in zip(table.lines, *(table.columns[name] for name in ("Usage", *columns)), strict=True):
        parts.append(PARTS.get(usage.strip().casefold(), ""))
        numbers = [int(cell) if cell.strip().isdecimal() and len(cell) < 4 else -1 for cell in cells]
        rows.append(numbers)
        if min(numbers) < 0 or sum(numbers) == 0:
            bad.append(f"line {line}: votes {printable(' '.join(cells)[:60])!r}, expected ten whole numbers, not all 0")
        elif not parts[-1]:
            bad.append(f"line {line}: Usage {printable(usage[:20])!r}, expected Training, PublicTest or PrivateTest")
    if bad:
        raise refusal(
            f"{printable(str(path))}: {len(bad)} of {len(rows)} rows cannot be read",
            bad,
            "E-FER-ROWS",
            "Download the file again.",
        )
    return np.array(rows), np.array(parts)


def _samples(
    name: str,
    rows: _Rows,
    y: NDArray[np.int64],
    labels: tuple[str, ...],
    kept: NDArray[np.int64],
    notes: Sequence[str],
    votes: NDArray[np.int64] | None = None,
) -> Samples:
    present = sorted(set(y[kept].tolist()))
    missing = [label for i, label in enumerate(labels) if i not in present]
    if len(present) < 2:
        raise DataError(f"{name}: only {len(present)} class; at least two are needed.", error_id="E-LABEL-SINGLE")
    place = {old: new for new, old in enumerate(present)}
    x, parts = rows.x[kept], rows.parts[kept]
    classes = np.array([place[c] for c in y[kept].tolist()], dtype=np.int64)
    card = published(name).card(
        fingerprint(x, classes, parts, "\n".join(labels[i] for i in present)),
        mirror=True,
        notes=(*notes, *rows.notes, *([f"classes without an image: {', '.join(missing)}"] if missing else [])),
    )
    ids = [f"row-{i:05d}" for i in kept.tolist()]
    repeated = None if votes is None else Votes(votes[np.ix_(kept, present)], "majority", least=LEAST, share=SHARE)
    samples = Samples.from_arrays(x, classes, [labels[i] for i in present], card, ids=ids, parts=parts, votes=repeated)
    return with_blank_notes(samples)
